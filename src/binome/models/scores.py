"""How good a predictor's answers are: pure functions on arrays, and their intervals by resampling items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

CELLS = 4_000_000
"""Numbers held at once while resampling, so that memory stays below some hundred megabytes."""
LIMITS = (0.025, 0.975)


def macro_f1(confusion: npt.NDArray[Any]) -> Floats:
    """Mean over the classes of 2 TP / (2 TP + FP + FN), from confusion counts (…, truths, decisions).

    NaN when some class has neither an item nor a decision.
    """
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    wholes = confusion.sum(-1) + confusion.sum(-2)
    with np.errstate(invalid="ignore"):
        return np.asarray((2 * hits / wholes).mean(-1))


def auroc(scores: Floats, positive: Bools, weights: npt.NDArray[Any] | None = None) -> Floats:
    """Area under the ROC curve: how often a positive item scores higher than a negative one, ties counting half.

    Args:
        scores: (n,).
        positive: (n,).
        weights: (…, n), how often each item counts; once without them.

    Returns:
        (…,); NaN where all items are positive, or none is (Hanley & McNeil 1982, doi 10.1148/radiology.143.1.7063747).
    """
    order = np.argsort(scores, kind="stable")
    weight = np.ones(len(scores)) if weights is None else np.asarray(weights)[..., order]
    starts = np.flatnonzero(np.diff(scores[order], prepend=np.nan) != 0)
    ups = np.add.reduceat(weight * positive[order], starts, axis=-1).astype(float)
    downs = np.add.reduceat(weight * ~positive[order], starts, axis=-1).astype(float)
    below = np.cumsum(downs, axis=-1) - downs / 2
    with np.errstate(invalid="ignore"):
        return np.asarray((ups * below).sum(-1) / (ups.sum(-1) * downs.sum(-1)))


def brier(probabilities: Floats, truths: Counts) -> Floats:
    """Each item's squared distance between its probabilities (n, c) and the truth's 0s and 1s: 0 to 2 (Brier 1950)."""
    return np.asarray(((probabilities - np.eye(probabilities.shape[1])[truths]) ** 2).sum(1))


def wilson(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a proportion (Wilson 1927); NaN when n is 0."""
    if n == 0:
        return float("nan"), float("nan")
    z = float(norm.ppf(0.5 + level / 2))
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


Figure = dict[str, float | None]
"""`value`, `low` and `high`: a number with its 95 % interval; None where undefined."""


def share(right: Bools) -> Figure:
    """A share, with Wilson's interval."""
    hits, n = int(right.sum()), len(right)
    low, high = wilson(hits, n)
    return {"value": hits / n if n else None, "low": finite(low), "high": finite(high)}


def mean(values: Floats, resamples: int, generator: np.random.Generator) -> Figure:
    """A mean over items, with a percentile bootstrap interval."""
    return resampled(lambda weights: weights @ values / len(values), len(values), resamples, generator)


def from_confusion(
    statistic: Callable[[npt.NDArray[Any]], Floats],
    confusion: Counts,
    resamples: int,
    generator: np.random.Generator,
    *,
    within: bool = False,
) -> Figure:
    """A statistic of confusion counts; resampled items fall into its cells as they did.

    Args:
        within: redraw items within each true class, so that its size stays.
    """
    if (confusion.sum(1) == 0).any() or not resamples:
        return {"value": finite(float(statistic(confusion))), "low": None, "high": None}
    if within:
        rows = [generator.multinomial(row.sum(), row / row.sum(), resamples) for row in confusion]
        draws = statistic(np.stack(rows, 1))
    else:
        cells = generator.multinomial(confusion.sum(), (confusion / confusion.sum()).ravel(), resamples)
        draws = statistic(cells.reshape(resamples, *confusion.shape))
    return _figure(float(statistic(confusion)), draws)


def resampled(
    statistic: Callable[[npt.NDArray[Any]], Floats], n: int, resamples: int, generator: np.random.Generator
) -> Figure:
    """A statistic of item weights (…, n), with a percentile bootstrap interval over resampled items."""
    value = float(statistic(np.ones((1, n)))[0])
    draws = [np.empty(0)]
    rows = max(1, CELLS // max(1, n))
    for first in range(0, resamples, rows):
        drawn = generator.integers(0, n, (min(rows, resamples - first), n))
        offsets = drawn + n * np.arange(len(drawn))[:, None]
        counts = np.bincount(offsets.ravel(), minlength=drawn.size).reshape(drawn.shape)
        draws.append(statistic(counts.astype(float)))
    return _figure(value, np.concatenate(draws))


def recall(confusion: npt.NDArray[Any]) -> Floats:
    """Mean over the classes of the share of their items that are decided rightly, from confusion counts."""
    with np.errstate(invalid="ignore"):
        return np.asarray((np.diagonal(confusion, axis1=-2, axis2=-1) / confusion.sum(-1)).mean(-1))


def finite(value: float) -> float | None:
    """The number; None where it is undefined."""
    return float(value) if np.isfinite(value) else None


def _figure(value: float, draws: Floats) -> Figure:
    known = draws[np.isfinite(draws)]
    if not np.isfinite(value) or not len(known):
        return {"value": finite(value), "low": None, "high": None}
    low, high = np.quantile(known, LIMITS)
    return {"value": value, "low": float(low), "high": float(high)}
