"""Contrasts of measures between two groups: differences, ratios, odds ratios."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, Literal, get_args

import numpy as np
import polars as pl

from binome.analysis.bootstrap import Draw, Interval, interval, p_value
from binome.analysis.measure import registry
from binome.analysis.measuring import LEAST_OPERATORS, check_bootstrap, measure_names
from binome.analysis.resampling import Estimates, estimate, grouped
from binome.analysis.sample import Floats, Label
from binome.core import BinomeError, UnknownNameError

Scale = Literal["difference", "ratio", "odds_ratio"]
UNITS = {"ratio": ("share", "second", "estimate"), "odds_ratio": ("share",)}
"""Units of the measures that a scale is for: ratios need a true zero, odds a share."""

SCHEMA = {
    "measure": pl.String, "first": pl.String, "second": pl.String, "value": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "p": pl.Float64, "n_first": pl.Int64, "n_second": pl.Int64, "undefined": pl.Int64,
}  # fmt: skip


def contrast(
    trials: pl.DataFrame,
    measure: str,
    first: str,
    second: str,
    by: str = "condition",
    resamples: int = 2000,
    seed: int = 0,
    *,
    interval: Interval = "percentile",
    level: float = 0.95,
    scale: Scale = "difference",
    draw: Draw = "operators",
    positive: Label | None = None,
) -> pl.DataFrame:
    """A measure in one group compared with the same in another: by default the difference, first − second.

    Operators are drawn for both groups at once, so that the contrast is paired wherever the same
    operators are in both.

    Args:
        scale: `difference`; `ratio`, first / second, of measures that are zero or more; `odds_ratio`, of shares. A
            ratio with zero below the line, and odds of zero or of certainty, are undefined.
        interval, level, draw, positive: as in `measure`.

    Returns:
        One row: `measure, first, second, value, low, high, p, n_first, n_second, undefined`. `p` is
        two-sided, of "no difference" on every scale: twice the smaller share of resampled differences on either
        side of zero, each count plus one; it cannot be below 2 / (resamples + 1).

    Raises:
        UnknownNameError: for a measure, or a group of `by`, that does not exist.
        BinomeError: naming a missing column; for a measure that has no ratio or no odds.
    """
    pairs = [(str(first), str(second))]
    return contrasts(
        trials, [measure], by, pairs, resamples, seed,
        interval=interval, level=level, scale=scale, draw=draw, positive=positive,
    )  # fmt: skip


def contrasts(
    trials: pl.DataFrame,
    measures: str | Sequence[str],
    by: str = "condition",
    pairs: Sequence[tuple[str, str]] | None = None,
    resamples: int = 2000,
    seed: int = 0,
    *,
    interval: Interval = "percentile",
    level: float = 0.95,
    scale: Scale = "difference",
    draw: Draw = "operators",
    positive: Label | None = None,
) -> pl.DataFrame:
    """`contrast` for several measures and pairs of groups; all pairs of sorted groups by default."""
    check_bootstrap(interval, level, draw)
    names = measure_names(measures)
    _check_scale(scale, names)
    data = grouped(trials, [by], positive)
    labels = ["" if label is None else str(label) for label in data.groups[by].to_list()]
    for label in dict.fromkeys(label for pair in pairs or () for label in pair):
        if label not in labels:
            raise UnknownNameError(by, label, labels)
    found = estimate(names, data, resamples, seed, draw=draw, jackknife=interval == "bca" and resamples > 0)
    rows = [
        _compared(name, found[name], labels, pair, scale, interval, level)
        for name in found
        for pair in (combinations(labels, 2) if pairs is None else pairs)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _compared(
    name: str, found: Estimates, labels: list[str], pair: tuple[str, str], scale: Scale, kind: Interval, level: float
) -> tuple[Any, ...]:
    where, compare = [labels.index(label) for label in pair], SCALES[scale]
    value = float(compare(*found.value[where]))
    draws = found.draws[:, where].T
    low, high = np.nan, np.nan
    if (found.operators[where] >= LEAST_OPERATORS).all():
        jackknife = None if found.jackknife is None else compare(*found.jackknife[:, where].T)
        low, high = interval(value, compare(*draws), jackknife, kind, level)
    p = np.nan if np.isnan([value, low]).any() else p_value(draws[0] - draws[1])
    n, undefined = found.n[where], int(found.undefined[where].sum())
    numbers = (None if np.isnan(number) else number for number in (value, low, high, p))
    return (name, *pair, *numbers, int(n[0]), int(n[1]), undefined)


def _ratio(first: Floats, second: Floats) -> Floats:
    first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    quotient: Floats = np.divide(first, second, out=np.full(first.shape, np.nan), where=second > 0)
    return quotient


def _odds_ratio(first: Floats, second: Floats) -> Floats:
    return _ratio(_odds(first), _odds(second))


def _odds(share: Floats) -> Floats:
    share = np.asarray(share, dtype=np.float64)
    inside = (share > 0) & (share < 1)
    odds: Floats = np.divide(share, 1 - share, out=np.full(share.shape, np.nan), where=inside)
    return odds


SCALES: dict[Scale, Callable[[Floats, Floats], Floats]] = {
    "difference": np.subtract, "ratio": _ratio, "odds_ratio": _odds_ratio
}  # fmt: skip


def _check_scale(scale: str, measures: Sequence[str]) -> None:
    if scale not in get_args(Scale):
        raise UnknownNameError("scale", scale, get_args(Scale))
    for name in measures:
        unit = registry.get(name).declared["unit"]
        if scale in UNITS and unit not in UNITS[scale]:
            raise BinomeError(
                f"scale {scale!r} is for measures in {' or '.join(UNITS[scale])}, and {name!r} is a {unit}; "
                "use scale='difference'"
            )
