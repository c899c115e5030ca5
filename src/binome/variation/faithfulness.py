"""Faithfulness: does the prediction change when what the map calls important is taken away?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import torch

from binome.core import BinomeError
from binome.explain import make_baseline
from binome.variation.metric import Batch, metric

Imputer = Literal["zero", "mean", "blur"] | float
Order = Literal["morf", "lerf"]
Output = Literal["probability", "logit"]


@metric(
    "deletion",
    family="faithfulness",
    better="lower",
    forward="steps + 1",
    paper="Petsiuk, Das & Saenko 2018, arXiv 1806.07421",
    labelled_by=("imputer",),
)
def deletion(
    batch: Batch, steps: int = 20, imputer: Imputer = "zero", order: Order = "morf", output: Output = "probability"
) -> torch.Tensor:
    """Area under the target's curve as pixels are taken away, the most important first.

    Args:
        steps: points of the curve after its first; fewer where the item has fewer pixels.
        imputer: what stands in place of a pixel: `zero`, `mean` of the item's channels, `blur`, or a number.
        order: `morf`, the most relevant first, or `lerf`, the least.
        output: the target's softmax `probability` or its `logit`.
    """
    return _area(batch, steps, order, output, start=_intact(batch), end=_emptied(batch, imputer))


@metric(
    "insertion",
    family="faithfulness",
    better="higher",
    forward="steps + 1",
    paper="Petsiuk, Das & Saenko 2018, arXiv 1806.07421",
    labelled_by=("imputer",),
)
def insertion(
    batch: Batch, steps: int = 20, imputer: Imputer = "zero", order: Order = "morf", output: Output = "probability"
) -> torch.Tensor:
    """Area under the target's curve as pixels are put back, the most important first; parameters as for `deletion`."""
    return _area(batch, steps, order, output, start=_emptied(batch, imputer), end=_intact(batch))


@metric(
    "srg",
    family="faithfulness",
    better="higher",
    forward="2 steps",
    paper="Blücher, Vielhaben & Strodthoff 2024, arXiv 2401.06654",
    labelled_by=("imputer",),
)
def srg(batch: Batch, steps: int = 20, imputer: Imputer = "zero", output: Output = "probability") -> torch.Tensor:
    """Symmetric relevance gain: deletion with the least important first, minus the most important first.

    The difference cancels much of what the imputer alone does.
    """
    least = deletion(batch, steps, imputer, "lerf", output)
    return least - deletion(batch, steps, imputer, "morf", output)


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


@dataclass(frozen=True)
class _End:
    """One end of a curve: the inputs there, and the module's logits on them."""

    inputs: torch.Tensor
    logits: torch.Tensor


def _intact(batch: Batch) -> _End:
    return _End(batch.inputs, batch.once("intact", lambda: batch.logits(batch.inputs)))


def _emptied(batch: Batch, imputer: Imputer) -> _End:
    """All evidence removed: the imputation is made from the intact inputs, never from perturbed ones."""
    if imputer not in ("zero", "mean", "blur") and not isinstance(imputer, int | float):
        raise BinomeError(f"imputer is {imputer!r}; give zero, mean, blur (pictures) or a number")
    inputs = make_baseline(imputer, batch.inputs, (), 0, lambda row: torch.Generator())
    return _End(inputs, batch.once(("emptied", imputer), lambda: batch.logits(inputs)))


def _area(batch: Batch, steps: int, order: Order, output: Output, *, start: _End, end: _End) -> torch.Tensor:
    """Trapezoid over the share of pixels actually changed from `start` to `end`; NaN for a constant map."""
    if output not in get_args(Output):
        raise BinomeError(f"output is {output!r}; give {' or '.join(get_args(Output))}")
    values = importance(batch.maps)
    pixels = values.shape[1]
    counts = fractions(pixels, steps)
    pictures = batch.inputs.dim() == 4
    shape = (len(values), 1, *batch.inputs.shape[2:]) if pictures else batch.inputs.shape
    ranks = removal_ranks(values, order).view(shape)
    between, rows = counts[1:-1], max(1, batch.batch_size // len(values))
    curve = [_read(start.logits, batch.targets, output)]
    for first in range(0, len(between), rows):
        cut = torch.tensor(between[first : first + rows], device=ranks.device)
        changed = ranks < cut.view(-1, *(1,) * ranks.dim())
        mixed = torch.where(changed, end.inputs, start.inputs).flatten(0, 1)
        curve.append(_read(batch.logits(mixed), batch.targets, output))
    curve.append(_read(end.logits, batch.targets, output))
    share = torch.tensor(counts, dtype=torch.float64, device=values.device) / pixels
    area = torch.trapezoid(torch.cat(curve), share, dim=0)
    return area.masked_fill(values.amax(1) == values.amin(1), float("nan"))


def _read(logits: torch.Tensor, targets: torch.Tensor, output: Output) -> torch.Tensor:
    """The targets' outputs, float64 (copies, n), from the logits of whole copies of the batch."""
    outputs = torch.softmax(logits, 1) if output == "probability" else logits
    copies = len(logits) // len(targets)
    chosen: torch.Tensor = outputs.gather(1, targets.repeat(copies)[:, None])[:, 0]
    return chosen.view(copies, -1)
