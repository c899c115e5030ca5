"""Variance components of balanced, complete designs: mean squares and what they are expected to be."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import helmert

from binome.core import BinomeError
from binome.core.blas import one_thread
from binome.variation.components.measurement import Design

Floats = npt.NDArray[np.float64]


def anova(values: Any, design: Design) -> Floats:
    """ANOVA estimators of the variance components of a random-effects design, one observation a cell.

    Each mean square is set equal to its expectation, the sum over the terms that hold the term's factors of the
    component times the number of cells a level of it has (Cornfield & Tukey 1956; Brennan 2001, chapter 3).

    Args:
        values: (objects, *facet levels), or (batch, objects, *facet levels), each of the batch for itself, one in
            memory at a time beside `values`. Numbers of any kind, computed in float64.

    Returns:
        float64 (terms,) or (batch, terms), in the order of `design.terms`; raw: an estimate may be negative.

    Raises:
        BinomeError: for missing or infinite values, another number of axes, or a factor with one level.
    """
    array = values if isinstance(values, np.ndarray) else np.asarray(values)
    if array.ndim == len(design.factors) + 1:
        if not len(array):
            raise BinomeError(f"values have shape {array.shape}: the batch is empty; give one or more")
        return np.stack([contrasts(one, design).components for one in array])
    return contrasts(array, design).components


@dataclass(frozen=True)
class Contrasts:
    """A design's values, turned facet by facet into orthonormal contrasts, whose squares add up to sums of squares.

    Attributes:
        design: the design.
        mean: (contrasts,), the objects' average.
        deviations: (objects, contrasts), from the average.
        by_deviation, by_mean: (contrasts, terms), what a contrast's sum of squares, within objects' deviations and in
            the average, adds to each component.
    """

    design: Design
    mean: Floats
    deviations: Floats
    by_deviation: Floats
    by_mean: Floats

    @property
    def components(self) -> Floats:
        """(terms,)."""
        squares = np.einsum("nc,nc->c", self.deviations, self.deviations)
        return np.asarray(squares @ self.by_deviation + len(self.deviations) * self.mean**2 @ self.by_mean)

    def resampled(self, counts: Floats) -> Floats:
        """Components (resamples, terms) when object i is there counts[:, i] times; counts add up to the objects.

        Objects drawn with replacement vary less than the objects do, by (n − 1) / n, and their average more than it
        should. Sums of squares are corrected for both, so that resampled components centre on the estimates
        (Brennan 2001, chapter 6; Brennan 2007).
        """
        n = len(self.deviations)
        moved = counts @ self.deviations / n
        squares = (counts @ self.deviations**2 - n * moved**2) * (n / (n - 1))
        means = n * (self.mean + moved) ** 2 - squares / n
        return np.asarray(squares @ self.by_deviation + means @ self.by_mean)


def contrasts(values: Any, design: Design) -> Contrasts:
    """Values (objects, *facet levels) as contrasts; raises as `anova` does."""
    array = np.array(values, dtype=np.float64)
    levels = design.levels(array.shape)
    if design.pooled:
        raise BinomeError(f"terms are pooled ({', '.join(design.pooled)}): that is for missing cells; use reml")
    if not np.isfinite(array).all():
        missing = np.count_nonzero(~np.isfinite(array))
        raise BinomeError(f"{missing} of {array.size} values are missing or infinite; use reml, or leave them out")
    # Far from zero the squares of what varies would drown in those of the mean; equal values are to vary by 0 exactly.
    array -= array.flat[0]
    array -= array.mean()
    with one_thread():
        for axis in range(1, array.ndim):
            turn = helmert(array.shape[axis], full=True)
            array = np.moveaxis(np.tensordot(array, turn, axes=(axis, 1)), -1, axis)
    flat = array.reshape(len(array), -1)
    mean = flat.mean(0)
    solved = _from_squares(design, levels)
    of_deviations, of_means = _terms_of_contrasts(design, array.shape[1:])
    return Contrasts(design, mean, flat - mean, of_deviations @ solved, of_means @ solved)


def _from_squares(design: Design, levels: dict[str, int]) -> Floats:
    """(terms, terms): sums of squares (…, terms) times this are components."""
    cells = prod(levels.values())
    sources = design.sources
    expected = np.array([
        [cells / prod(levels[name] for name in other) if one <= other else 0.0 for other in sources] for one in sources
    ])  # fmt: skip
    freedom = np.array([
        prod(levels[name] - (name in design.leaves(one)) for name in one) for one in sources
    ])  # fmt: skip
    return np.asarray(np.linalg.inv(expected).T / freedom[:, None])


def _terms_of_contrasts(design: Design, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """0/1 (contrasts, terms): the term to which each contrast belongs, in objects' deviations and in their average.

    Along a facet the first contrast is the mean, the others differences; a difference between the levels of a nested
    facet belongs to its parents' term as well, whether or not these differ.
    """
    places = {one: place for place, one in enumerate(design.sources)}
    differ = np.indices(shape).reshape(len(shape), -1).T > 0
    found = np.zeros((2, len(differ), len(places)))
    for pattern in np.unique(differ, axis=0):
        facets = [name for name, there in zip(design.facets, pattern, strict=True) if there]
        closed = frozenset(facets).union(*(design.parents(name) for name in facets))
        rows = (differ == pattern).all(1)
        found[0][rows, places[closed | {design.object}]] = 1
        if closed:
            found[1][rows, places[closed]] = 1
    return found[0], found[1]
