"""Sums over trials: of each operator in each group, and of resampled operators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from binome.analysis.exact import exact_parts, weighted_sums
from binome.analysis.measure import Statistic
from binome.analysis.sample import Codes, Floats, Mask

LARGE = 1 << 24
"""Numbers held at once: 128 MB of them."""


@dataclass(frozen=True)
class Layout:
    """Where each trial belongs.

    Attributes:
        operator, group: int64 (trials,), positions.
        family: int64 (groups,): groups that differ in nothing but the help given have the same number.
        operators, groups: how many there are.
    """

    operator: Codes
    group: Codes
    family: Codes
    operators: int
    groups: int

    @property
    def cell(self) -> Codes:
        """int64 (trials,), numbers of operators in groups."""
        cells: Codes = self.operator * self.groups + self.group
        return cells


def operator_sums(statistic: Statistic, layout: Layout) -> Floats | csr_array:
    """What each operator adds in each group: (operators, groups, m); where large, sparse (operators, groups · m)."""
    cells, k = layout.operators * layout.groups, statistic.terms.shape[1]
    if isinstance(statistic.terms, csr_array):
        trials = np.arange(len(layout.cell))
        within = csr_array((np.ones(len(trials)), (layout.cell, trials)), shape=(cells, len(trials)))
        sparse = csr_array((within @ statistic.terms).reshape((layout.operators, layout.groups * k)))
        if cells * k > LARGE // 4:
            return sparse
        dense: Floats = sparse.toarray().reshape(layout.operators, layout.groups, k)
        return dense
    sums = operator_counts(statistic.terms, layout)
    if statistic.baseline is not None:
        sums = with_baseline(sums, statistic.baseline, layout.family)
    return sums if statistic.each is None else statistic.each(sums)


def operator_counts(terms: Floats, layout: Layout) -> Floats:
    """Sums of terms (trials, k) of each operator in each group: (operators, groups, k)."""
    cells = layout.operators * layout.groups
    columns = [np.bincount(layout.cell, weights=terms[:, j], minlength=cells) for j in range(terms.shape[1])]
    stacked = np.stack(columns, axis=-1) if columns else np.empty((cells, 0))
    return stacked.astype(np.float64).reshape(layout.operators, layout.groups, terms.shape[1])


def with_baseline(sums: Floats, baseline: Mask, family: Codes) -> Floats:
    """Sums (…, groups, k) in which those of `baseline` are each group's whole family's."""
    same = (family[:, None] == np.unique(family)).astype(np.float64)
    whole = np.einsum("...gk,gf->...fk", sums[..., baseline], same)
    pooled = sums.copy()
    pooled[..., baseline] = np.einsum("...fk,gf->...gk", whole, same)
    return pooled


def resampled(statistic: Statistic, sums: Floats | csr_array, rows: Iterable[Floats], groups: int) -> Floats:
    """The statistic in each group, (m, groups), for each row of operators' weights."""
    k = statistic.terms.shape[1] if isinstance(sums, csr_array) else sums.shape[2]
    flat: Floats | csr_array = sums if isinstance(sums, csr_array) else sums.reshape(len(sums), groups * k)
    total, step = summable(flat, flat.shape[0]), max(1, LARGE // 8 // max(flat.shape[1], 1))
    blocks = [np.empty((0, groups))]
    for weights in rows:
        for start in range(0, len(weights), step):
            some = weights[start : start + step]
            blocks.append(statistic.value(total(some).reshape(len(some), groups, k)))
    return np.concatenate(blocks)


def one_by_one(operators: int, *, without: bool = False) -> Iterator[Floats]:
    """Weights that take each operator alone, or leave each out in turn; in blocks (rows in block, operators)."""
    step = max(1, LARGE // 8 // max(operators, 1))
    for start in range(0, operators, step):
        alone = np.arange(start, min(start + step, operators))[:, None] == np.arange(operators)
        yield (~alone if without else alone).astype(np.float64)


def summable(terms: Floats | csr_array, weight: float) -> Callable[[Floats], Floats]:
    """From rows of weights (m, n) to weighted sums (m, k) of terms (n, k)."""
    if isinstance(terms, csr_array):
        return terms.__rmatmul__
    parts = exact_parts(terms, weight)
    return lambda weights: weighted_sums(weights, parts)
