"""Controls: maps that look like explanations and explain nothing of the item.

A picture alone persuades; a study that shows one needs another that holds no information.
"""

from __future__ import annotations

import copy
from typing import Any

import torch

from binome.core import BinomeError, derive_seed
from binome.explain.explainer import Call, explainer, registry
from binome.explain.gradient import item_generator


@explainer("shuffled", family="control", forward="as `of`", backward="as `of`", control=True, paper="Binome's own")
def shuffled(call: Call, of: Any = "integrated_gradients", of_params: dict[str, Any] | None = None) -> torch.Tensor:
    """Another map's values at random places: same histogram, no content. All channels move together.

    Args:
        of: the maps to shuffle, or the method that makes them (with `of_params`).
    """
    maps = source_maps(call, of, of_params)
    moved = [
        row.flatten(1)[:, torch.randperm(row[0].numel(), generator=item_generator(call, i))]
        for i, row in enumerate(maps)
    ]
    return torch.stack(moved).view_as(maps)


@explainer(
    "other_item",
    family="control",
    forward="as `of`",
    backward="as `of`",
    needs="two items or more",
    control=True,
    paper="Binome's own",
)
def other_item(call: Call, of: Any = "integrated_gradients", of_params: dict[str, Any] | None = None) -> torch.Tensor:
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
    paper="Adebayo et al. 2018, arXiv 1810.03292",
)
def random_weights(
    call: Call, of: str = "integrated_gradients", of_params: dict[str, Any] | None = None
) -> torch.Tensor:
    """The same method on a copy of the module whose parameters, embeddings included, were all drawn again."""
    drawn = copy.deepcopy(call.module)
    generator = torch.Generator().manual_seed(derive_seed(call.seed, "weights"))
    for parameter in drawn.parameters():
        spread = parameter.detach().float().std(unbiased=False).clamp_min(0.02).item()
        parameter.data = (torch.randn(parameter.shape, generator=generator) * spread).to(parameter)
    other = Call(drawn, call.inputs, call.targets, call.positions, call.seed, call.batch_size)
    return source_maps(other, of, of_params)


@explainer("centre_blob", family="control", forward="0", control=True, paper="Binome's own")
def centre_blob(call: Call, width: float = 0.25) -> torch.Tensor:
    """A Gaussian in the middle, of standard deviation `width` times the side: what a guess at "the object" gives."""
    if call.inputs.dim() != 4:
        raise BinomeError(f"centre_blob needs pictures (n, channels, height, width), found {tuple(call.inputs.shape)}")
    channels, height, breadth = call.inputs.shape[1:]
    y = (torch.arange(height) - (height - 1) / 2) / height
    x = (torch.arange(breadth) - (breadth - 1) / 2) / breadth
    blob = torch.exp(-(y[:, None] ** 2 + x[None] ** 2) / (2 * width**2)) / channels
    return blob.to(call.inputs).expand_as(call.inputs).contiguous()


def source_maps(call: Call, of: Any, params: dict[str, Any] | None) -> torch.Tensor:
    """The maps that a control starts from: the call's part of given ones, or made here."""
    if isinstance(of, str):
        return registry.get(of).target(call, **(params or {}))
    given = torch.as_tensor(of).to(call.inputs)
    wanted = (max(call.positions) + 1, *call.inputs.shape[1:])
    if given.shape[1:] != wanted[1:] or len(given) < wanted[0]:
        raise BinomeError(f"`of` holds maps of shape {tuple(given.shape)}, expected one for each input: {wanted}")
    return given[list(call.positions)]
