"""Fast forms of agreement measures: all pairs of methods at once, for a stack of maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from binome.variation.features import Floats, Ints, Stack, blocks

BLOCK, SLICE = 32, 256
"""Methods and features in one matrix product. Larger ones get threads of their own, which, within threads, wait for
each other longer than they multiply; and sums in slices of one size do not depend on how many threads there are."""


def feature_agreements(maps: Stack, k: int = 10) -> Floats:
    """|S| / k."""
    return _share(maps, k, _common(maps.apart(maps.leading(k))))


def rank_agreements(maps: Stack, k: int = 10) -> Floats:
    """#{s ∈ S: same rank in both} / k."""
    return _share(maps, k, _same_place(maps.apart(maps.leading(k))))


def sign_agreements(maps: Stack, k: int = 10) -> Floats:
    """#{s ∈ S: same sign in both} / k."""
    return _share(maps, k, _common(maps.apart(_signed(maps, k))))


def signed_rank_agreements(maps: Stack, k: int = 10) -> Floats:
    """#{s ∈ S: same rank and sign in both} / k."""
    return _share(maps, k, _same_place(maps.apart(_signed(maps, k))))


def topk_ious(maps: Stack, k: int = 10) -> Floats:
    """|S| / |T_k(A) ∪ T_k(B)|."""
    shared = feature_agreements(maps, k)
    return shared / (2 - shared)


def spearmans(
    maps: Stack, absolute: bool = True, features: Sequence[int] | Literal["top"] | None = None, k: int = 10
) -> Floats | None:
    """Spearman's correlations; none for chosen features, which are ranked anew."""
    if features is not None:
        return None
    ranks, tied = (maps.size_ranks, maps.unranked) if absolute else (maps.value_ranks, maps.constant)
    return np.where(maps.either(tied), np.nan, _cosines(maps.apart(ranks)))


def pearsons(maps: Stack) -> Floats:
    """Pearson's correlations of signed values."""
    return _cosines(maps.apart(_scaled(maps.values, centred=True)))


def cosines(maps: Stack) -> Floats:
    """Cosines of signed values."""
    return _cosines(maps.apart(_scaled(maps.values)))


def _share(maps: Stack, k: int, counts: npt.NDArray[Any]) -> Floats:
    return np.where(maps.either(maps.unranked), np.nan, counts / k)


def _signed(maps: Stack, k: int) -> Ints:
    """The most important features, as numbers that differ with the feature and with its sign."""
    leading = maps.leading(k)
    signs = np.sign(np.take_along_axis(maps.values, leading, axis=1)).astype(np.int64)
    return 3 * leading + signs + 1


def _common(sets: Ints) -> Floats:
    """How many members each two of the sets (n, methods, k) have in common: (n, methods, methods)."""
    count, methods, k = sets.shape
    members = sets.reshape(count, methods * k)
    order = np.argsort(members, axis=1)
    ordered = np.take_along_axis(members, order, axis=1)
    columns = np.zeros_like(ordered)
    np.cumsum(ordered[:, 1:] != ordered[:, :-1], axis=1, out=columns[:, 1:])
    column_of = np.empty_like(columns)
    np.put_along_axis(column_of, order, columns, axis=1)
    belongs = np.zeros((count, methods, int(columns.max()) + 1))
    np.put_along_axis(belongs, column_of.reshape(sets.shape), 1.0, axis=2)
    return _products(belongs)


def _same_place(lists: Ints) -> Ints:
    """At how many places each two of the lists (n, methods, k) hold the same: (n, methods, methods)."""
    return np.asarray(np.count_nonzero(lists[:, :, None] == lists[:, None], axis=-1), dtype=np.int64)


def _scaled(values: Floats, centred: bool = False) -> Floats:
    """Largest |value| 1: squares of tiny or huge values would leave the range of floating-point numbers."""
    scaled = np.empty_like(values)
    for rows in blocks(values.shape):
        part = values[rows] - values[rows].mean(1, keepdims=True) if centred else values[rows]
        largest = np.abs(part).max(1, keepdims=True)
        np.divide(part, np.where(largest > 0, largest, 1), out=scaled[rows])
    return scaled


def _cosines(rows: Floats) -> Floats:
    """Cosines of all pairs of rows (n, methods, features), for rows that are not 0."""
    products = _products(rows)
    squares = np.diagonal(products, axis1=1, axis2=2)
    with np.errstate(invalid="ignore"):
        cosines: Floats = products / np.sqrt(squares[:, :, None] * squares[:, None])
    return cosines.clip(-1, 1)


def _products(rows: Floats) -> Floats:
    """Products of all pairs of rows: (n, methods, features) gives (n, methods, methods), symmetric."""
    count, methods, _ = rows.shape
    parts = [slice(first, first + BLOCK) for first in range(0, methods, BLOCK)]
    products = np.empty((count, methods, methods))
    for place, down in enumerate(parts):
        for across in parts[place:]:
            found = _sliced_product(rows[:, down], rows[:, across])
            products[:, down, across], products[:, across, down] = found, found.transpose(0, 2, 1)
    return products


def _sliced_product(x: Floats, y: Floats) -> Floats:
    whole = x.shape[2] // SLICE * SLICE
    left, right = (_slices(rows[..., :whole]) for rows in (x, y))
    rest: Floats = x[..., whole:] @ y[..., whole:].transpose(0, 2, 1)
    return np.asarray((left @ right.transpose(0, 1, 3, 2)).sum(1) + rest, dtype=np.float64)


def _slices(rows: Floats) -> Floats:
    """(n, methods, features) as (n, slices, methods, features of a slice)."""
    return rows.reshape(*rows.shape[:2], -1, SLICE).transpose(0, 2, 1, 3)
