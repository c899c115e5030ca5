"""Any method over noisy copies of the input: what stays, and what varies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from binome.core import BinomeError
from binome.explain.explainer import Call, explainer

PAPER = "Smilkov et al. 2017, arXiv 1706.03825"


@explainer(
    "smooth_grad", family="gradient", forward="samples × `of`", backward="samples × `of`", remakes=True, paper=PAPER
)
def smooth_grad(
    call: Call, samples: int = 16, noise: float = 0.15, of: str = "saliency", of_params: Mapping[str, Any] | None = None
) -> torch.Tensor:
    """The mean of a method's maps over copies of the input with normal noise.

    Details: `seed_deviation` (of the maps' shape), the standard error of that mean over the samples.

    Args:
        samples: noisy copies of each item.
        noise: their standard deviation, as a share of the item's own range (largest less smallest value); an
            item that is constant gets none.
        of: the method that explains each copy, with its parameters `of_params`.
    """
    mean, variance = _moments(call, "smooth_grad", samples, noise, of, of_params)
    if call.detailed:
        call.note("seed_deviation", (variance / samples).sqrt())
    return mean


@explainer(
    "var_grad", family="gradient", forward="samples × `of`", backward="samples × `of`", remakes=True,
    paper="Adebayo et al. 2018, arXiv 1810.03307",
)  # fmt: skip
def var_grad(
    call: Call, samples: int = 16, noise: float = 0.15, of: str = "saliency", of_params: Mapping[str, Any] | None = None
) -> torch.Tensor:
    """The variance (divisor samples − 1) of a method's maps over copies of the input with normal noise.

    Args: as for `smooth_grad`.
    """
    return _moments(call, "var_grad", samples, noise, of, of_params)[1]


def _moments(
    call: Call, who: str, samples: int, noise: float, of: str, params: Mapping[str, Any] | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and variance over the samples, by Welford's update, which loses nothing to large means."""
    if samples < 2:
        raise BinomeError(f"{who}.samples is {samples}; give 2 or more")
    if not noise > 0:
        raise BinomeError(f"{who}.noise is {noise}; give more than 0")
    flat = call.inputs.flatten(1)
    spread = (noise * (flat.amax(1) - flat.amin(1))).view(-1, *(1,) * (call.inputs.dim() - 1))

    def noisy(part: range) -> torch.Tensor:
        return call.inputs + spread * torch.stack([call.noise("noise", draw) for draw in part])

    mean, squares, count = torch.zeros_like(call.inputs), torch.zeros_like(call.inputs), 0
    for part, copies in call.copies(samples, noisy):
        for found in copies.explain(of, params).view(len(part), *call.inputs.shape):
            count += 1
            step = found - mean
            mean += step / count
            squares += step * (found - mean)
    return mean, squares / (count - 1)
