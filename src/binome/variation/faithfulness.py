"""Faithfulness: does the prediction change when what the map calls important is taken away?"""

from __future__ import annotations

from typing import Literal

import torch
from torch.nn import functional as F

from binome.core import BinomeError
from binome.variation.metric import Batch, metric

Imputer = Literal["zero", "mean", "blur"]
Order = Literal["morf", "lerf"]
Output = Literal["probability", "logit"]


@metric(
    "deletion",
    family="faithfulness",
    better="lower",
    forward="steps + 1",
    paper="Petsiuk, Das & Saenko 2018, arXiv 1806.07421",
)
def deletion(
    batch: Batch, steps: int = 20, imputer: Imputer = "zero", order: Order = "morf", output: Output = "probability"
) -> torch.Tensor:
    """Area under the target's curve as pixels are taken away, the most important first."""
    return _area(batch, steps, imputer, order, output, start=batch.inputs, end=impute(batch.inputs, imputer))


@metric(
    "insertion",
    family="faithfulness",
    better="higher",
    forward="steps + 1",
    paper="Petsiuk, Das & Saenko 2018, arXiv 1806.07421",
)
def insertion(
    batch: Batch, steps: int = 20, imputer: Imputer = "zero", order: Order = "morf", output: Output = "probability"
) -> torch.Tensor:
    """Area under the target's curve as pixels are put back, the most important first."""
    return _area(batch, steps, imputer, order, output, start=impute(batch.inputs, imputer), end=batch.inputs)


@metric(
    "srg",
    family="faithfulness",
    better="higher",
    forward="2 (steps + 1)",
    paper="Blücher, Vielhaben & Strodthoff 2024, arXiv 2401.06654",
)
def srg(batch: Batch, steps: int = 20, imputer: Imputer = "zero", output: Output = "probability") -> torch.Tensor:
    """Symmetric relevance gain: deletion with the least important first, minus the most important first.

    The difference cancels much of what the imputer alone does.
    """
    least = deletion(batch, steps, imputer, "lerf", output)
    return least - deletion(batch, steps, imputer, "morf", output)


def impute(inputs: torch.Tensor, imputer: Imputer) -> torch.Tensor:
    """What stands in place of removed pixels, made from the unperturbed inputs."""
    if imputer == "zero":
        return torch.zeros_like(inputs)
    if imputer == "mean":
        axes = tuple(range(2, inputs.dim())) or (1,)
        return inputs.mean(axes, keepdim=True).expand_as(inputs)
    if imputer == "blur" and inputs.dim() == 4:
        side = 2 * (min(inputs.shape[-2:]) // 4) + 1
        return F.avg_pool2d(F.pad(inputs, (side // 2,) * 4, mode="replicate"), side, stride=1)
    raise BinomeError(f"imputer is {imputer!r}; give zero, mean or blur (pictures)")


def importance(maps: torch.Tensor) -> torch.Tensor:
    """Maps (n, …) as one signed value a pixel, (n, pixels): channels are summed, so a pixel goes whole."""
    return maps.sum(1).flatten(1) if maps.dim() == 4 else maps.flatten(1)


def removal_ranks(values: torch.Tensor, order: Order) -> torch.Tensor:
    """Place of each pixel in the order of removal, int64 (n, pixels); ties go in reading order."""
    if order not in ("morf", "lerf"):
        raise BinomeError(f"order is {order!r}; give morf (most important first) or lerf")
    sequence = values.argsort(dim=1, descending=order == "morf", stable=True)
    return sequence.argsort(dim=1, stable=True)


def fractions(pixels: int, steps: int) -> list[int]:
    """How many pixels are changed at each point of the curve, both ends included; no point twice."""
    if steps < 1:
        raise BinomeError(f"steps is {steps}; give 1 or more")
    return sorted({round(pixels * step / steps) for step in range(steps + 1)})


def _area(
    batch: Batch, steps: int, imputer: Imputer, order: Order, output: Output, *, start: torch.Tensor, end: torch.Tensor
) -> torch.Tensor:
    """Trapezoid over the share of pixels actually changed from `start` to `end`; NaN for a constant map."""
    if output not in ("probability", "logit"):
        raise BinomeError(f"output is {output!r}; give probability or logit")
    values = importance(batch.maps)
    ranks = removal_ranks(values, order)
    pixels = values.shape[1]
    counts = fractions(pixels, steps)
    shape = (len(values), 1, *batch.inputs.shape[2:]) if batch.inputs.dim() == 4 else batch.inputs.shape
    ranks = ranks.view(shape)
    curve = torch.empty(len(counts), len(values), dtype=torch.float64)
    rows = max(1, batch.batch_size // len(values))
    with torch.no_grad():
        for first in range(0, len(counts), rows):
            cut = torch.tensor(counts[first : first + rows], device=ranks.device)
            changed = ranks < cut.view(-1, *(1,) * ranks.dim())
            mixed = torch.where(changed, end, start).flatten(0, 1)
            curve[first : first + rows] = _read(batch, mixed, len(cut), output).cpu()
    share = torch.tensor(counts, dtype=torch.float64) / pixels
    area = torch.trapezoid(curve, share, dim=0)
    constant = (values.amax(1) == values.amin(1)).cpu()
    return area.masked_fill(constant, float("nan"))


def _read(batch: Batch, inputs: torch.Tensor, copies: int, output: Output) -> torch.Tensor:
    logits = batch.module(inputs).double()
    outputs = torch.softmax(logits, 1) if output == "probability" else logits
    chosen: torch.Tensor = outputs.gather(1, batch.targets.repeat(copies)[:, None])[:, 0]
    return chosen.view(copies, -1)
