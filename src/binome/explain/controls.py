"""Controls: maps that look like explanations and explain nothing of the item.

A picture alone persuades; a study that shows one needs another that holds no information.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from binome.core import BinomeError, derive_seed
from binome.explain.explainer import Call, explainer, find


@explainer("shuffled", family="control", forward="as `of`", backward="as `of`", control=True, paper="Binome's own")
def shuffled(call: Call, of: Any = "integrated_gradients", of_params: Mapping[str, Any] | None = None) -> torch.Tensor:
    """Another map's values at random places: same histogram, no content. All channels of a pixel move together.

    Args:
        of: the maps to shuffle, one for each input; or the method that makes them (with `of_params`).
    """
    maps = source_maps(call, of, of_params)
    # Channels move together in pictures (n, channels, …); in a table every feature moves for itself.
    places = maps.flatten(2) if maps.dim() > 2 else maps[:, None]
    moved = [row[:, torch.randperm(row.shape[1], generator=call.generator(i))] for i, row in enumerate(places)]
    return torch.stack(moved).view_as(maps)


@explainer(
    "other_item",
    family="control",
    forward="as `of`",
    backward="as `of`",
    needs="two items or more",
    control=True,
    whole=True,
    paper="Binome's own",
)
def other_item(
    call: Call, of: Any = "integrated_gradients", of_params: Mapping[str, Any] | None = None
) -> torch.Tensor:
    """The map of another item of the call: a real explanation, of something else.

    Items are given away in a random cycle, so no item ever keeps its own map.
    """
    if len(call.inputs) < 2:
        raise BinomeError("other_item needs at least two items: one has no other")
    maps = source_maps(call, of, of_params)
    cycle = torch.randperm(len(maps), generator=torch.Generator().manual_seed(derive_seed(call.seed, "cycle")))
    given = torch.empty_like(maps)
    given[cycle] = maps[cycle.roll(1)]
    return given


@explainer(
    "random_weights",
    family="control",
    forward="as `of`",
    backward="as `of`",
    control=True,
    remakes=True,
    paper="Adebayo et al. 2018, arXiv 1810.03292",
)
def random_weights(
    call: Call, of: str = "integrated_gradients", of_params: Mapping[str, Any] | None = None
) -> torch.Tensor:
    """The same method on a copy of the module whose parameters, embeddings included, were all drawn again.

    Each comes from a normal distribution of its own mean and deviation (at least a tenth of the mean, and 0.02),
    so that activations keep their scale: a scale of ones drawn around zero would silence the whole network.
    """
    if not isinstance(of, str):
        raise BinomeError("random_weights makes its maps itself: `of` names a method")
    return source_maps(replace(call, module=redrawn(call.module, call.seed)), of, of_params)


@explainer("centre_blob", family="control", forward="0", control=True, paper="Binome's own")
def centre_blob(call: Call, width: float = 0.25) -> torch.Tensor:
    """A Gaussian in the middle, of standard deviation `width` times the side: what a guess at "the object" gives."""
    if call.inputs.dim() != 4:
        raise BinomeError(f"centre_blob needs pictures (n, channels, height, width), found {tuple(call.inputs.shape)}")
    if width <= 0:
        raise BinomeError(f"centre_blob.width is {width}; give more than 0, in units of the picture's side")
    channels, height, breadth = call.inputs.shape[1:]
    y = (torch.arange(height) - (height - 1) / 2) / height
    x = (torch.arange(breadth) - (breadth - 1) / 2) / breadth
    blob = torch.exp(-(y[:, None] ** 2 + x[None] ** 2) / (2 * width**2)) / channels
    return blob.to(call.inputs).expand_as(call.inputs).contiguous()


@explainer("edges", family="control", forward="0", control=True, paper="Adebayo et al. 2018, arXiv 1810.03292")
def edges(call: Call) -> torch.Tensor:
    """Length of the picture's own Sobel gradient, on the mean of its channels: looks like it saw the object."""
    if call.inputs.dim() != 4:
        raise BinomeError(f"edges needs pictures (n, channels, height, width), found {tuple(call.inputs.shape)}")
    across = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]).to(call.inputs) / 8
    grey = F.pad(call.inputs.mean(1, keepdim=True), (1, 1, 1, 1), mode="replicate")
    slopes: torch.Tensor = F.conv2d(grey, torch.stack([across, across.T])[:, None])
    length = slopes.square().sum(1, keepdim=True).sqrt()
    return (length / call.inputs.shape[1]).expand_as(call.inputs).contiguous()


def redrawn(module: nn.Module, seed: int) -> nn.Module:
    """A copy of a module that never learnt: each of its parameters is drawn again, as `random_weights` says."""
    drawn = copy.deepcopy(module)
    generator = torch.Generator().manual_seed(derive_seed(seed, "weights"))
    for parameter in drawn.parameters():
        redraw(parameter, generator)
    return drawn


def redraw(parameter: nn.Parameter, generator: torch.Generator) -> None:
    """Draw a parameter's values again, in place, as `random_weights` says."""
    mean = float(parameter.detach().float().mean())
    deviation = float(parameter.detach().float().std(unbiased=False))
    noise = torch.randn(parameter.shape, generator=generator)
    parameter.data = (mean + noise * max(deviation, abs(mean) / 10, 0.02)).to(parameter)


def source_maps(call: Call, of: Any, params: Mapping[str, Any] | None) -> torch.Tensor:
    """The maps that a control starts from: the call's part of given ones, or made here.

    Raises:
        BinomeError: when `of` names no explanation, or holds not exactly one map of the inputs' shape an input.
    """
    if isinstance(of, str):
        if find(of).declared.get("control"):
            raise BinomeError(f"`of` names {of!r}, a control itself; name an explanation")
        return torch.cat([part.explain(of, params) for part in call.split()])
    if params:
        raise BinomeError("`of_params` goes with a method's name; `of` holds maps already")
    given: torch.Tensor = of.detach() if isinstance(of, torch.Tensor) else torch.from_numpy(np.array(of))
    wanted = (call.total, *call.inputs.shape[1:])
    if given.shape != wanted:
        raise BinomeError(f"`of` holds maps of shape {tuple(given.shape)}, expected one for each input: {wanted}")
    chosen: torch.Tensor = given[list(call.positions)].to(call.inputs)
    return chosen
