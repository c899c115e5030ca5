"""What stands in place of an input, or of the part of it that is taken away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import torch
from torch.nn import functional as F

from binome.core import BinomeError

Baseline = Literal["zero", "mean", "blur", "uniform"] | float | torch.Tensor
"""`zero`; `mean` of each item's channels; `blur` (a box of half the picture's shorter side); `uniform`, seeded noise
over each item's own range; a number; or an array that broadcasts to the inputs, or holds one baseline an input."""


def make_baseline(
    baseline: Any,
    inputs: torch.Tensor,
    positions: Sequence[int],
    total: int,
    generator: Callable[[int], torch.Generator],
) -> torch.Tensor:
    """A baseline for each input, of the inputs' shape, made from the unperturbed inputs.

    Args:
        baseline: see `Baseline`.
        inputs: float (n, …).
        positions: of the inputs among the caller's `total` items, for an array with one baseline an item.
        generator: by row of the inputs; asked by `uniform` only.

    Raises:
        BinomeError: for a baseline that does not exist or does not fit.
    """
    if not isinstance(baseline, str):
        return _given(baseline, inputs, positions, total)
    if baseline == "zero":
        return torch.zeros_like(inputs)
    if baseline == "mean":
        axes = tuple(range(2, inputs.dim())) or (1,)
        return inputs.mean(axes, keepdim=True).expand_as(inputs)
    if baseline == "blur" and inputs.dim() == 4:
        side = 2 * (min(inputs.shape[-2:]) // 4) + 1
        return F.avg_pool2d(F.pad(inputs, (side // 2,) * 4, mode="replicate"), side, stride=1)
    if baseline == "uniform":
        drawn = [torch.rand(inputs.shape[1:], generator=generator(row)) for row in range(len(inputs))]
        flat = inputs.flatten(1)
        low, high = (v.view(-1, *(1,) * (inputs.dim() - 1)) for v in (flat.amin(1), flat.amax(1)))
        return low + (high - low) * torch.stack(drawn).to(inputs)
    raise BinomeError(f"baseline is {baseline!r}; give zero, mean, blur (pictures), uniform, a number or an array")


def _given(baseline: Any, inputs: torch.Tensor, positions: Sequence[int], total: int) -> torch.Tensor:
    array = baseline if isinstance(baseline, torch.Tensor) else torch.from_numpy(np.array(baseline, dtype=np.float64))
    array = array.detach().to(inputs)
    if not torch.isfinite(array).all():
        raise BinomeError("the baseline holds NaN or infinite values; mend it")
    one_each = array.dim() == inputs.dim() and len(array) > 1
    if one_each and len(array) != total:
        raise BinomeError(f"the baseline holds {len(array)} items, the inputs {total}; give one for all, or one each")
    try:
        return (array[list(positions)] if one_each else array).expand_as(inputs)
    except RuntimeError as error:
        raise BinomeError(
            f"a baseline of shape {tuple(array.shape)} does not fit inputs of shape {(total, *inputs.shape[1:])}"
        ) from error
