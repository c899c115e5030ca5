"""Infidelity: does a map foretell how the prediction answers to a drawn perturbation?

The perturbed inputs do not depend on the maps: they are drawn and passed once, and every explanation's answer is
computed while they are in memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch

from binome.core import BinomeError
from binome.variation.metric import Batch, metric
from binome.variation.quality.faithfulness import Output, check_output, read
from binome.variation.quality.imputation import Imputation, Imputer, by_pixel, impute, intact_logits

Perturbation = Literal["noise", "noisy_baseline", "square"]
Unit = Literal["slope", "share"]
ACROSS = 7
"""Squares along a picture's shorter side, where nobody said how large one is."""
TOGETHER = 16
"""Draws that are projected on the maps at once."""


@metric(
    "infidelity",
    family="faithfulness",
    better="lower",
    forward="draws + 1",
    paper="Yeh et al. 2019, arXiv 1901.09392",
    labelled_by=("perturbation", "imputer"),
)
def infidelity(
    batch: Batch,
    draws: int = 64,
    perturbation: Perturbation = "noise",
    scale: float = 0.2,
    imputer: Imputer = "zero",
    side: int | None = None,
    unit: Unit = "slope",
    scaled: bool = False,
    output: Output = "logit",
    donors: Any = None,
) -> torch.Tensor:
    """Mean of (Iᵀφ − (f(x) − f(x − I)))² over drawn perturbations I of the whole input, in the output's unit, squared.

    Scale and sign of a map matter, unless it is `scaled`; a constant map is a map like any other. Undefined (NaN): an
    item that no draw changes (constant pixels get no noise; black pixels on black), and with `scaled` a map to which
    every draw is orthogonal, such as an empty one.

    Args:
        draws: perturbations of each item, the same for all explanations.
        perturbation: `noise`, I = ε normal on every value; `noisy_baseline`, I = x − (x₀ + ε), x₀ with every pixel
            imputed; `square`, I = x − x₀ in a square drawn anywhere within the picture, 0 outside it.
        scale: standard deviation of ε, as a share of the item's own range (largest less smallest value).
        imputer: where x₀ comes from; `noise` has none, whatever the label says. See `imputation.Imputer`.
        side: of the square, in pixels; by default a seventh of the picture's shorter side.
        unit: `slope`, a map's value is per unit of the input, and multiplied by I, as the paper defines it; `share`,
            it is a part of the output by itself (integrated gradients, Shapley values), and counts whole where pixels
            are removed, as in the authors' code. Only for `square`.
        scaled: each item's map is first multiplied by the β that suits it best, E[Iᵀφ Δf] / E[(Iᵀφ)²].
        output: the target's `logit` or its softmax `probability`.
        donors: float (m, …), other items, for the imputer `mixing`.
    """
    check_output(output)
    _check(batch, draws, perturbation, scale, side, unit)
    imputation = None if perturbation == "noise" else impute(batch, imputer, donors)
    key = None if imputation is None else imputation.key
    name = ("infidelity", perturbation, draws, scale, side, unit, output, key)
    told = batch.once(name, lambda: _tell(batch, imputation, draws, perturbation, scale, side, unit, output))
    foretold = told.foretold[batch.place]
    if scaled:
        # 0 / 0 is NaN by itself.
        foretold = foretold * ((foretold * told.drops).sum(0) / (foretold**2).sum(0))
    return ((foretold - told.drops) ** 2).mean(0).masked_fill(~told.changed, float("nan"))


@dataclass(frozen=True)
class _Told:
    """What maps foretell and what happens.

    Attributes:
        foretold: Iᵀφ, float64 (explanations, draws, n).
        drops: f(x) − f(x − I), float64 (draws, n).
        changed: bool (n,), whether any draw changed the item.
    """

    foretold: torch.Tensor
    drops: torch.Tensor
    changed: torch.Tensor


def _tell(
    batch: Batch,
    imputation: Imputation | None,
    draws: int,
    perturbation: Perturbation,
    scale: float,
    side: int | None,
    unit: Unit,
    output: Output,
) -> _Told:
    inputs, maps = batch.inputs, batch.everyone.flatten(2)
    foretold = torch.zeros(len(maps), draws, len(inputs), dtype=torch.float64, device=inputs.device)
    changed = torch.zeros(len(inputs), dtype=torch.bool, device=inputs.device)
    if perturbation == "square":
        assert imputation is not None
        draw = _squares(batch, imputation, _side(batch, side), unit)
    else:
        draw = _noise(batch, imputation, scale)

    def make(part: range) -> torch.Tensor:
        perturbed, weights = draw(part)
        flat = weights.flatten(2)
        changed.logical_or_((perturbed != inputs).flatten(2).any(2).any(0))
        foretold[:, part.start : part.stop] = _projected(maps, flat)
        return perturbed

    after = read(batch.passes(draws, make), batch.targets, output)
    before = read(intact_logits(batch)[None], batch.targets, output)
    return _Told(foretold, before - after, changed)


Draw = Callable[[range], tuple[torch.Tensor, torch.Tensor]]
"""Perturbed inputs of a range of draws, and what the maps are multiplied by, both (len(range), n, …)."""


def _noise(batch: Batch, imputation: Imputation | None, scale: float) -> Draw:
    inputs = batch.inputs
    flat = inputs.flatten(1)
    spread = (scale * (flat.amax(1) - flat.amin(1))).view(-1, *(1,) * (inputs.dim() - 1))

    def draw(part: range) -> tuple[torch.Tensor, torch.Tensor]:
        rows = range(len(inputs))
        shape = inputs.shape[1:]
        drawn = [
            torch.stack([torch.randn(shape, generator=batch.generator(row, "infidelity", place)) for row in rows])
            for place in part
        ]
        noise = torch.stack(drawn).to(inputs).mul_(spread)
        if imputation is None:
            return inputs - noise, noise
        perturbed = imputation.emptied + noise
        return perturbed, inputs - perturbed

    return draw


def _squares(batch: Batch, imputation: Imputation, side: int, unit: Unit) -> Draw:
    inputs = batch.inputs
    height, width = inputs.shape[2:]

    def draw(part: range) -> tuple[torch.Tensor, torch.Tensor]:
        removed = torch.zeros(len(part), len(inputs), height, width, dtype=torch.bool)
        for copy, place in enumerate(part):
            for row in range(len(inputs)):
                generator = batch.generator(row, "infidelity", "square", place)
                top, left = (int(torch.randint(most - side + 1, (), generator=generator)) for most in (height, width))
                removed[copy, row, top : top + side, left : left + side] = True
        gone = by_pixel(removed.flatten(2).to(inputs.device), inputs)
        perturbed = imputation.without(gone)
        if unit == "share":
            return perturbed, gone.expand_as(perturbed).to(inputs)
        return perturbed, inputs - perturbed

    return draw


def _projected(maps: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Products of maps (explanations, n, values) with weights (draws, n, values), float64 (explanations, draws, n).

    Item by item and a few draws at a time, in float64, which would be too much of everything at once.
    """
    found = []
    for row in range(maps.shape[1]):
        own = maps[:, row].double()
        found.append(torch.cat([own @ part[:, row].double().T for part in torch.split(weights, TOGETHER)], 1))
    return torch.stack(found, 2)


def _side(batch: Batch, side: int | None) -> int:
    shorter = min(batch.inputs.shape[2:])
    return max(1, round(shorter / ACROSS)) if side is None else side


def _check(batch: Batch, draws: int, perturbation: Perturbation, scale: float, side: int | None, unit: Unit) -> None:
    if draws < 1:
        raise BinomeError(f"draws is {draws}; give 1 or more")
    if perturbation not in get_args(Perturbation):
        raise BinomeError(f"perturbation is {perturbation!r}; give {', '.join(get_args(Perturbation))}")
    if not 0 < scale < math.inf:
        raise BinomeError(f"scale is {scale}; give more than 0, as a share of the item's range")
    if unit not in get_args(Unit):
        raise BinomeError(f"unit is {unit!r}; give {' or '.join(get_args(Unit))}")
    if perturbation != "square":
        if unit == "share":
            raise BinomeError("unit share counts removed pixels, and noise removes none; set perturbation: square")
        return
    if batch.inputs.dim() != 4:
        raise BinomeError(f"squares are of pictures; these inputs have shape {tuple(batch.inputs.shape)}")
    most = min(batch.inputs.shape[2:])
    if side is not None and not 1 <= side <= most:
        raise BinomeError(f"side is {side}; give 1 to {most}, the picture's shorter side")
