"""Correlations over subsets of pixels: does what a map gives to a subset go with what its removal takes away?

Subsets do not depend on the maps: each is removed and passed once, for all explanations. Pixels go whole and count by
the signed sum of their channels, so that the sign of a map matters and its scale does not. Undefined (NaN): a constant
map; a map that gives the same to all subsets; an item whose output answers to no removal by more than rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from binome.core import BinomeError
from binome.variation.metric import Batch, metric
from binome.variation.quality.faithfulness import Output, check_output, constant, importance, read
from binome.variation.quality.imputation import Imputation, Imputer, by_pixel, impute, intact_logits

BHATT = "Bhatt, Weller & Moura 2020, arXiv 2005.00631"
Choose = Callable[[int, int], torch.Tensor]
"""Units of a draw's subset, int64, by row and draw."""


@metric(
    "faithfulness_correlation",
    family="faithfulness",
    better="higher",
    forward="draws + 1",
    paper=BHATT,
    labelled_by=("imputer",),
)
def faithfulness_correlation(
    batch: Batch,
    draws: int = 100,
    size: float = 0.1,
    imputer: Imputer = "zero",
    output: Output = "logit",
    donors: Any = None,
) -> torch.Tensor:
    """Pearson's correlation of Σ_S φ and f(x) − f(x without S), over random subsets S of one size.

    Args:
        draws: subsets of each item, the same for all explanations.
        size: of a subset: a whole number of pixels, or a share of them below 1.
        imputer: what stands in place of a removed pixel; see `imputation.Imputer`.
        output: the target's `logit` or its softmax `probability`.
        donors: float (m, …), other items, for the imputer `mixing`.
    """
    return _random(batch, draws, size, impute(batch, imputer, donors), output)


@metric(
    "sensitivity_n",
    family="faithfulness",
    better="higher",
    forward="draws × sizes + 1",
    paper="Ancona et al. 2018, arXiv 1711.06104",
    labelled_by=("imputer",),
)
def sensitivity_n(
    batch: Batch,
    draws: int = 50,
    sizes: Sequence[float] = (0.01, 0.1, 0.3, 0.8),
    imputer: Imputer = "zero",
    output: Output = "logit",
    donors: Any = None,
) -> torch.Tensor:
    """`faithfulness_correlation`, mean over sizes of the subsets; undefined where it is for one of them.

    Args:
        sizes: whole numbers of pixels, or shares below 1; the paper goes from one pixel to 80%.
        draws, imputer, output, donors: as for `faithfulness_correlation`.
    """
    if not len(sizes):
        raise BinomeError("sizes are empty; give one or more")
    imputation = impute(batch, imputer, donors)
    return torch.stack([_random(batch, draws, size, imputation, output) for size in sizes]).mean(0)


@metric(
    "mufidelity",
    family="faithfulness",
    better="higher",
    forward="draws + 1",
    paper=f"{BHATT}; on a grid, Fel et al. 2022, arXiv 2206.04394",
    labelled_by=("imputer",),
)
def mufidelity(
    batch: Batch,
    draws: int = 100,
    grid: int = 9,
    size: float = 0.2,
    imputer: Imputer = "zero",
    output: Output = "logit",
    donors: Any = None,
) -> torch.Tensor:
    """Spearman's correlation of Σ_S φ and f(x) − f(x without S), over random subsets S of a grid's cells.

    Cells are large enough for a removal to be seen; ties get average ranks.

    Args:
        grid: cells along each side of a picture, at most its pixels; a case file's values are cells as they are.
        size: of a subset: a whole number of cells, or a share of them below 1.
        draws, imputer, output, donors: as for `faithfulness_correlation`.
    """
    cells = _cells(batch, grid)
    count = _count(size, cells.count, "cells")
    choose = _drawn(batch, cells.count, count, "cells")
    seen = _seen(batch, ("cells", grid, count), cells, draws, choose, impute(batch, imputer, donors), output)
    return seen.correlation(batch.place, ranked=True)


@metric(
    "faithfulness_estimate",
    family="faithfulness",
    better="higher",
    forward="grid² + 1",
    paper="Alvarez-Melis & Jaakkola 2018, arXiv 1806.07538",
    labelled_by=("imputer",),
)
def faithfulness_estimate(
    batch: Batch, grid: int = 7, imputer: Imputer = "zero", output: Output = "logit", donors: Any = None
) -> torch.Tensor:
    """Pearson's correlation of what the map gives to each of a grid's cells and what is lost when it goes alone.

    Args:
        grid, imputer, output, donors: as for `mufidelity`.
    """
    cells = _cells(batch, grid)

    def choose(row: int, draw: int) -> torch.Tensor:
        return torch.tensor([draw])

    seen = _seen(batch, ("each", grid), cells, cells.count, choose, impute(batch, imputer, donors), output)
    return seen.correlation(batch.place)


@dataclass(frozen=True)
class _Units:
    """A partition of the pixels.

    Attributes:
        labels: int64 (pixels,), the unit of each; None where each is its own.
        count: how many units there are.
    """

    labels: torch.Tensor | None
    count: int

    def sums(self, values: torch.Tensor) -> torch.Tensor:
        """Sums by unit, (…, units), of values (…, pixels)."""
        if self.labels is None:
            return values
        zeros = torch.zeros(*values.shape[:-1], self.count, dtype=values.dtype, device=values.device)
        return zeros.index_add_(-1, self.labels, values)

    def pixels(self, chosen: torch.Tensor) -> torch.Tensor:
        """Bool (…, pixels) from units that are chosen, bool (…, units)."""
        return chosen if self.labels is None else chosen[..., self.labels]


@dataclass(frozen=True)
class _Seen:
    """What maps give to subsets, and what their removal takes away.

    Attributes:
        sums: Σ_S φ, float64 (explanations, draws, n).
        drops: f(x) − f(x without S), float64 (draws, n).
        silent: bool (explanations, n), where nothing correlates.
    """

    sums: torch.Tensor
    drops: torch.Tensor
    silent: torch.Tensor

    def correlation(self, place: int, ranked: bool = False) -> torch.Tensor:
        """Over the draws, (n,)."""
        a, b = self.sums[place].T, self.drops.T
        if ranked:
            a, b = average_ranks(a), average_ranks(b)
        return _pearson(a, b).masked_fill(self.silent[place], float("nan"))


def average_ranks(values: torch.Tensor) -> torch.Tensor:
    """Ranks from 1 by row, float64; equal values share the mean of their places."""
    values = values.contiguous()
    ordered = values.sort(dim=1).values
    below = torch.searchsorted(ordered, values)
    return (below + torch.searchsorted(ordered, values, right=True) + 1).double() / 2


def _random(batch: Batch, draws: int, size: float, imputation: Imputation, output: Output) -> torch.Tensor:
    pixels = importance(batch.maps).shape[1]
    count = _count(size, pixels, "pixels")
    choose = _drawn(batch, pixels, count, "pixels")
    seen = _seen(batch, ("pixels", count), _Units(None, pixels), draws, choose, imputation, output)
    return seen.correlation(batch.place)


def _seen(
    batch: Batch, name: Hashable, units: _Units, draws: int, choose: Choose, imputation: Imputation, output: Output
) -> _Seen:
    check_output(output)
    if draws < 2:
        raise BinomeError(f"draws is {draws}; give 2 or more, for a correlation")
    key = ("subsets", name, draws, imputation.key, output)
    return batch.once(key, lambda: _removed(batch, units, draws, choose, imputation, output))


def _removed(batch: Batch, units: _Units, draws: int, choose: Choose, imputation: Imputation, output: Output) -> _Seen:
    """Every subset removed once; sums of all explanations while it is at hand."""
    inputs = batch.inputs
    values = torch.stack([importance(maps).double() for maps in batch.everyone])
    shares = units.sums(values)
    sums = torch.empty(len(values), draws, len(inputs), dtype=torch.float64, device=inputs.device)

    def make(part: range) -> torch.Tensor:
        chosen = torch.zeros(len(part), len(inputs), units.count, dtype=torch.bool, device=inputs.device)
        for copy, draw in enumerate(part):
            for row in range(len(inputs)):
                subset = choose(row, draw).to(inputs.device)
                chosen[copy, row, subset] = True
                sums[:, draw, row] = shares[:, row].index_select(1, subset).sum(1)
        return imputation.without(by_pixel(units.pixels(chosen), inputs))

    after = read(batch.passes(draws, make), batch.targets, output)
    before = read(intact_logits(batch)[None], batch.targets, output)
    drops = before - after
    # Sums and logits that are equal in exact arithmetic differ by rounding, which correlates with nothing.
    rounding = 8 * torch.finfo(inputs.dtype).eps * torch.maximum(before.abs()[0], after.abs().amax(0))
    still = drops.amax(0) - drops.amin(0) <= rounding
    alike = sums.amax(1) - sums.amin(1) <= 1e-12 * values.abs().sum(-1)
    return _Seen(sums, drops, constant(values) | alike | still)


def _drawn(batch: Batch, units: int, count: int, name: str) -> Choose:
    """Random subsets of `count` units, without replacement."""

    def choose(row: int, draw: int) -> torch.Tensor:
        return torch.randperm(units, generator=batch.generator(row, "subset", name, count, draw))[:count]

    return choose


def _cells(batch: Batch, grid: int) -> _Units:
    """The cells of a grid over a picture, as even as whole pixels allow."""
    if grid < 1:
        raise BinomeError(f"grid is {grid}; give 1 or more cells a side")
    if batch.inputs.dim() != 4:
        return _Units(None, batch.inputs[0].numel())
    shape = batch.inputs.shape[2:]
    down, across = (torch.arange(length, device=batch.inputs.device) * min(grid, length) // length for length in shape)
    wide = min(grid, shape[1])
    return _Units((down[:, None] * wide + across).flatten(), min(grid, shape[0]) * wide)


def _count(size: float, units: int, name: str) -> int:
    """How many units a subset has."""
    whole = isinstance(size, int) and not isinstance(size, bool)
    count = size if whole else max(1, round(size * units)) if 0 < size < 1 else 0
    if not 1 <= count < units:
        raise BinomeError(f"size is {size!r}; give 1 to {units - 1} of the {units} {name}, or a share of them below 1")
    return int(count)


def _pearson(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """By row, (n,) from (n, draws)."""
    a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
    # Scaled to 1 first, for squares of huge or tiny values; 0 / 0 is NaN by itself.
    a, b = a / a.abs().amax(1, keepdim=True), b / b.abs().amax(1, keepdim=True)
    return (a * b).sum(1) / ((a**2).sum(1) * (b**2).sum(1)).sqrt()
