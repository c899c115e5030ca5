"""The participant-cluster bootstrap: whole operators are drawn with replacement (and items, if asked), never trials.

A resample is a row of counts, how often each operator was drawn, so that all sums of all resamples
are one matrix product with the sums of each operator.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from binome.analysis.sample import Floats
from binome.core import BinomeError

Interval = Literal["percentile", "bca"]
Draw = Literal["operators", "operators_and_items"]
BLOCK = 1 << 22
MOST_UNDEFINED = 0.05
"""Share of resamples without a value beyond which an interval would describe the lucky ones only."""


def draw_operators(operators: int, resamples: int, seed: int | tuple[int, int]) -> Iterator[Floats]:
    """How often each operator is drawn, in blocks of float64 (resamples in block, operators).

    The draws are those of `numpy.random.default_rng(seed).integers(0, operators, (resamples, operators))`.
    """
    if np.min(seed) < 0:
        raise BinomeError(f"the seed must be zero or more, found {seed}")
    rng = np.random.default_rng(seed)
    block = max(1, BLOCK // max(operators, 1))
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        drawn = rng.integers(0, operators, (rows, operators))
        flat = drawn + operators * np.arange(rows)[:, None]
        yield np.bincount(flat.ravel(), minlength=rows * operators).reshape(rows, operators).astype(np.float64)


def draw_both(operators: int, items: int, resamples: int, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """How often each operator and each item is drawn, independently: the pigeonhole bootstrap (Owen 2007).

    The operators are those of `draw_operators`; the items those of `draw_operators(items, resamples, (seed, 1))`.
    In blocks of float64 (resamples in block, operators) and (resamples in block, items).
    """
    of_items = np.concatenate(list(draw_operators(items, resamples, (seed, 1))) or [np.empty((0, items))])
    start = 0
    for of_operators in draw_operators(operators, resamples, seed):
        yield of_operators, of_items[start : start + len(of_operators)]
        start += len(of_operators)


def interval(
    value: float, draws: Floats, jackknife: Floats | None, kind: Interval = "percentile", level: float = 0.95
) -> tuple[float, float]:
    """Limits of a bootstrap interval; NaN where they are undefined.

    Args:
        value: the statistic of the sample.
        draws: (resamples,), its resampled values, NaN where undefined.
        jackknife: (operators,), its values without each operator in turn; needed for BCa.

    Percentile limits are linear quantiles. BCa: Efron 1987, ties in the bias correction counted half,
    acceleration from the jackknife.
    """
    defined = draws[~np.isnan(draws)]
    if np.isnan(value) or not len(draws) or 1 - len(defined) / len(draws) > MOST_UNDEFINED:
        return np.nan, np.nan
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if kind == "bca":
        if jackknife is None:
            raise TypeError("a BCa interval needs the jackknife")
        tails = _bca_tails(value, defined, jackknife, tails)
        if np.isnan(tails).any():
            return np.nan, np.nan
    low, high = np.quantile(defined, tails)
    return float(low), float(high)


def p_value(draws: Floats) -> float:
    """Two-sided bootstrap p of "no difference": twice the smaller tail beyond zero, at most 1.

    Tails are (count + 1) / (draws + 1) (Davison & Hinkley 1997). It is what the percentile interval says,
    read the other way; it cannot be below 2 / (draws + 1).
    """
    defined = draws[~np.isnan(draws)]
    if not len(draws) or 1 - len(defined) / len(draws) > MOST_UNDEFINED:
        return float("nan")
    tail = min(np.count_nonzero(defined <= 0), np.count_nonzero(defined >= 0)) + 1
    return min(1.0, 2 * tail / (len(defined) + 1))


def _bca_tails(value: float, draws: Floats, jackknife: Floats, tails: Floats) -> Floats:
    below = (np.count_nonzero(draws < value) + np.count_nonzero(draws <= value)) / (2 * len(draws))
    bias = ndtri(below)
    distance = jackknife.mean() - jackknife
    spread = np.sum(distance**2)
    acceleration = np.sum(distance**3) / (6 * spread**1.5) if spread > 0 else 0.0
    if not np.isfinite(bias) or np.isnan(acceleration) or np.isnan(spread):
        return np.full(2, np.nan)
    z = bias + ndtri(tails)
    return np.asarray(ndtr(bias + z / (1 - acceleration * z)))
