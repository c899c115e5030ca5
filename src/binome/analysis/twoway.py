"""Sums over trials of resampled operators and items: a trial counts as often as both were drawn, multiplied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from scipy.sparse import coo_array, csr_array

from binome.analysis import summing
from binome.analysis.exact import exact_parts
from binome.analysis.measure import Statistic
from binome.analysis.sample import Codes, Floats
from binome.analysis.summing import Layout, with_baseline
from binome.core import BinomeError

DENSE = 1 / 8
"""Share of entries that are not zero from which a matrix is multiplied faster with the others in it."""

Summed = Callable[[Floats, Floats], Floats]
"""From rows of operators' (m, operators) and items' weights (m, items) to sums (m, groups, k)."""


def resampled_two_way(
    statistics: Mapping[str, Statistic], layout: Layout, item: Codes, rows: Iterable[tuple[Floats, Floats]]
) -> dict[str, Floats]:
    """Each statistic in each group, (m, groups), for each row of operators' and of items' weights.

    Args:
        item: int64 (trials,), positions.

    Raises:
        BinomeError: for a measure that compares within operators.
    """
    for name, statistic in statistics.items():
        if statistic.each is not None:
            raise BinomeError(f"measure {name!r} compares within operators: draw operators only, draw='operators'")
    items = int(item.max(initial=-1)) + 1
    summed = {name: _summed(statistic, layout, item, items) for name, statistic in statistics.items()}
    blocks: dict[str, list[Floats]] = {name: [np.empty((0, layout.groups))] for name in statistics}
    for of_operators, of_items in rows:
        for name, statistic in statistics.items():
            sums, step = summed[name]
            for start in range(0, len(of_operators), step):
                some = slice(start, start + step)
                found = sums(of_operators[some], of_items[some])
                if statistic.baseline is not None:
                    found = with_baseline(found, statistic.baseline, layout.family)
                blocks[name].append(statistic.value(found))
    return {name: np.concatenate(parts) for name, parts in blocks.items()}


def _summed(statistic: Statistic, layout: Layout, item: Codes, items: int) -> tuple[Summed, int]:
    """How to sum, and how many rows at once."""
    wide, k = items * layout.groups * statistic.terms.shape[1], statistic.terms.shape[1]
    if wide > summing.LARGE // 8:
        return _by_trial(statistic, layout, item), max(1, summing.LARGE // 8 // max(len(item), layout.groups * k))
    return _by_cell(statistic, layout, item, items), max(1, summing.LARGE // 8 // max(wide, 1))


def _by_cell(statistic: Statistic, layout: Layout, item: Codes, items: int) -> Summed:
    """Operators first, for they are summed over the same way in every item and group; then items."""
    k, places = statistic.terms.shape[1], layout.operator * items + item
    bound = float(layout.operators * items * np.bincount(places).max(initial=1))
    column = (item * layout.groups + layout.group) * k
    matrices = []
    for part in _parts(statistic.terms, bound):
        entries = coo_array(part)
        where = (layout.operator[entries.row], column[entries.row] + entries.col)
        matrix = csr_array((entries.data, where), shape=(layout.operators, items * layout.groups * k))
        dense = matrix.nnz > DENSE * matrix.shape[0] * matrix.shape[1]
        matrices.append(matrix.toarray() if dense else matrix)

    def sums(of_operators: Floats, of_items: Floats) -> Floats:
        over_operators: Floats = of_operators @ matrices[0]
        for matrix in matrices[1:]:
            over_operators = over_operators + of_operators @ matrix
        cells = over_operators.reshape(len(of_items), items, layout.groups * k)
        total: Floats = np.matmul(of_items[:, None, :], cells)[:, 0].reshape(-1, layout.groups, k)
        return total

    return sums


def _by_trial(statistic: Statistic, layout: Layout, item: Codes) -> Summed:
    """Trial by trial, for statistics of so many sums that those of every item do not fit into memory."""
    members = [np.flatnonzero(layout.group == group) for group in range(layout.groups)]
    terms = [csr_array(statistic.terms[trials]) for trials in members]

    def sums(of_operators: Floats, of_items: Floats) -> Floats:
        weights = (of_operators[:, layout.operator[trials]] * of_items[:, item[trials]] for trials in members)
        return np.stack([each @ term for each, term in zip(weights, terms, strict=True)], axis=1)

    return sums


def _parts(terms: Floats | csr_array, weight: float) -> list[Floats | csr_array]:
    """Sparse terms are counts, which are exact as they are."""
    return [terms] if isinstance(terms, csr_array) else [*exact_parts(terms, weight)]
