"""The consensus explanation: what several methods agree on, with how far each pixel can be depended on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import torch

from binome.core import BinomeError, derive_seed
from binome.explain.controls import source_maps
from binome.explain.explainer import Call, explainer

Sign = Literal["auto", "absolute", "signed"]
METHODS = ("saliency", "input_x_gradient", "integrated_gradients", "smooth_grad", "feature_ablation")
TRIM = 0.2


@explainer(
    "consensus", family="consensus", forward="sum of `of` × seeds", backward="sum of `of` × seeds",
    paper="Binome's own, after Yuen 1974, doi 10.1093/biomet/61.1.165, and Brennan & Kane 1977",
)  # fmt: skip
def consensus(
    call: Call, of: Sequence[Any] = METHODS, seeds: int = 1, veil: float | None = 0.8, sign: Sign = "auto"
) -> torch.Tensor:
    """A robust average of several methods' maps, each divided by its mean size, with undependable pixels set to 0.

    A pixel's value is its channels' sum. Seeds of one method are averaged first; over methods it is the 20 % trimmed
    mean, so that from five methods on the extremes do not count. A map of zeros has no size and is left out. How far a
    pixel can be depended on is (m − M)² / ((m − M)² + e²), with m its average, M that of the whole map, and e the
    standard error of m over methods (Yuen's, of winsorised values): Brennan and Kane's index for the question whether
    the pixel weighed more, or less, than most.

    Details: `dependability`, of the maps' shape, NaN where fewer than two maps are left or all agree that the pixel
    is like the average; `used`, how many methods' maps an item had.

    Args:
        of: methods by name, as `{method: …, parameter: …}`, or as maps that were made already; a list among them holds
            the same method with several seeds.
        seeds: with how many seeds each method in `of` that is named is run.
        veil: dependability below which a pixel is set to 0; None to keep all.
        sign: `absolute`, the size of a pixel's value; `signed`, with its sign; `auto`, signed for case files alone.
    """
    if isinstance(of, str | torch.Tensor) or len(of) < 2:
        raise BinomeError("a consensus is one of several: give two methods or more in `of`")
    if sign not in ("auto", "absolute", "signed"):
        raise BinomeError(f"sign is {sign!r}; give auto, absolute or signed")
    if veil is not None and not 0 <= veil <= 1:
        raise BinomeError(f"veil is {veil!r}; give a share from 0 to 1, or null")
    signed = sign == "signed" or (sign == "auto" and call.inputs.dim() == 2)
    found = torch.stack([_of_method(call, source, seeds, signed) for source in of])
    average, dependability, used = _agreed(found)
    if veil is not None:
        average = average.where(dependability >= veil, 0)  # undefined is not dependable either
    call.note("dependability", _as_inputs(dependability, call.inputs))
    call.note("used", used.to(call.inputs.dtype))
    channels = call.inputs.shape[1] if call.inputs.dim() > 2 else 1
    return _as_inputs(average / channels, call.inputs).to(call.inputs.dtype)


def _of_method(call: Call, source: Any, seeds: int, signed: bool) -> torch.Tensor:
    """A method's average over its seeds, float64 (n, pixels); zeros where it has no size."""
    if isinstance(source, list | tuple):
        maps = [source_maps(call, one, None) for one in source]
    elif isinstance(source, str | Mapping):
        given = {"method": source} if isinstance(source, str) else dict(source)
        name = given.pop("method", None)
        if not isinstance(name, str):
            raise BinomeError(f"`of` holds {source!r}; name its method, e.g. {{method: saliency}}")
        calls = [call, *(replace(call, seed=derive_seed(call.seed, "consensus", s)) for s in range(1, seeds))]
        maps = [source_maps(one, name, given) for one in calls]
    else:
        maps = [source_maps(call, source, None)]
    values = [(one.double().sum(1) if one.dim() > 2 else one.double()).flatten(1) for one in maps]
    sized = torch.stack([value if signed else value.abs() for value in values])
    size = sized.abs().mean(2, keepdim=True)
    scaled = torch.where(size > 0, sized / size, torch.nan)
    return scaled.nanmean(0).nan_to_num(0)


def _agreed(found: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Averages and dependabilities (n, pixels) of methods' maps (methods, n, pixels), and how many each item had."""
    average = torch.zeros(found.shape[1:], dtype=found.dtype, device=found.device)
    dependability = torch.full_like(average, torch.nan)
    there = (found != 0).any(2)
    for row in range(found.shape[1]):
        maps = found[there[:, row], row].sort(0).values
        count = len(maps)
        if not count:
            continue
        cut = int(TRIM * count)
        average[row] = maps[cut : count - cut].mean(0)
        if count < 2:
            continue
        kept = count - 2 * cut
        winsorised = maps.clamp(maps[cut], maps[count - cut - 1])
        error = winsorised.var(0) * (count - 1) / (kept * (kept - 1))
        apart = (average[row] - average[row].mean()).square()
        dependability[row] = apart / (apart + error)  # 0 / 0 is NaN: nobody can tell
    return average, dependability, there.sum(0)


def _as_inputs(values: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
    """Pixels' values (n, pixels), the same in every channel."""
    if inputs.dim() == 2:
        return values
    return values.view(len(inputs), 1, *inputs.shape[2:]).expand_as(inputs).contiguous()
