"""Tables of measures: by group, by operator, and contrasts between groups."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, get_args

import numpy as np
import polars as pl

from binome.analysis.bootstrap import Interval, interval, p_value
from binome.analysis.resampling import Estimates, Grouped, estimate, grouped, operator_values
from binome.analysis.sample import Floats
from binome.core import BinomeError, UnknownNameError

LEAST_OPERATORS = 2
"""One operator resampled is always the same operator: an interval of no width that means nothing."""

CONTRAST_SCHEMA = {
    "measure": pl.String, "first": pl.String, "second": pl.String, "value": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "p": pl.Float64, "n_first": pl.Int64, "n_second": pl.Int64, "undefined": pl.Int64,
}  # fmt: skip


def measure(
    trials: pl.DataFrame,
    measures: str | Sequence[str],
    by: str | Sequence[str] = (),
    resamples: int = 2000,
    seed: int = 0,
    *,
    interval: Interval = "percentile",
    level: float = 0.95,
) -> pl.DataFrame:
    """Measures in each group of trials, with intervals from a participant-cluster bootstrap.

    Practice, attention checks and excluded rows are left out. Whole operators are drawn, the same
    draws for every measure and group, so that pairs within operators are kept.

    Args:
        trials: as `read_trials` gives them.
        measures: one name or several; `analysis.measures()` lists them.
        by: one column or several; none for all trials together. A missing value is a group of its own.
        resamples: 0 for no intervals.
        interval: `percentile`, or `bca` (bias-corrected and accelerated, Efron 1987).
        level: confidence level of the interval.

    Returns:
        One row a measure and group, measures in the order asked, groups sorted: `measure`, the columns
        of `by`, `value`, `low`, `high`, `n` (trials that enter the denominator), `undefined` (the
        group's other trials). An undefined value is null. The interval is null too where fewer than two
        operators have a trial that enters, or where more than 5 % of resamples are undefined.

    Raises:
        UnknownNameError: for a measure that does not exist.
        BinomeError: naming the measure and the column that it needs, or a column of `by` that is missing;
            when no measure is named.
        TrialsError: naming row and column of a value that cannot be used.
    """
    names, columns = _measure_names(measures), _names(by)
    _check_interval(interval, level)
    data = grouped(trials, columns)
    found = estimate(names, data, resamples, seed)
    return pl.concat([_table(name, found[name], data, interval, level) for name in names])


def by_operator(trials: pl.DataFrame, measures: str | Sequence[str], by: str | Sequence[str] = ()) -> pl.DataFrame:
    """Measures of each operator in each group: `measure, operator, <by…>, value, n, undefined`.

    An operator without a trial in a group has no row there. Errors as `measure`.
    """
    columns = _names(by)
    data = grouped(trials, columns)
    groups = data.size
    index = {"operator": np.repeat(np.arange(len(data.operators)), groups)}
    frames = []
    for name in _measure_names(measures):
        value, n, undefined = operator_values(name, data)
        frame = pl.DataFrame(
            {
                "measure": pl.repeat(name, value.size, eager=True, dtype=pl.String),
                "operator": pl.Series([data.operators[i] for i in index["operator"]], dtype=pl.String),
            }
        )
        if columns:
            frame = frame.hstack(data.groups[np.tile(np.arange(groups), len(data.operators))])
        frame = frame.with_columns(
            value=_nullable(value.ravel()), n=pl.Series(n.ravel()), undefined=pl.Series(undefined.ravel())
        )
        frames.append(frame.filter(pl.col("n") + pl.col("undefined") > 0))
    return pl.concat(frames)


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
) -> pl.DataFrame:
    """The difference of a measure between two groups, first − second.

    Operators are drawn for both groups at once, so that the difference is paired wherever the same
    operators are in both.

    Returns:
        One row: `measure, first, second, value, low, high, p, n_first, n_second, undefined`. `p` is
        two-sided: twice the smaller share of resampled differences on either side of zero, each count
        plus one; it cannot be below 2 / (resamples + 1).

    Raises:
        UnknownNameError: for a measure, or a group of `by`, that does not exist.
        BinomeError: naming a missing column.
    """
    pairs = [(str(first), str(second))]
    return contrasts(trials, [measure], by, pairs, resamples, seed, interval=interval, level=level)


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
) -> pl.DataFrame:
    """`contrast` for several measures and pairs of groups; all pairs of sorted groups by default."""
    _check_interval(interval, level)
    data = grouped(trials, [by])
    labels = ["" if label is None else str(label) for label in data.groups[by].to_list()]
    for label in dict.fromkeys(label for pair in pairs or () for label in pair):
        if label not in labels:
            raise UnknownNameError(by, label, labels)
    found = estimate(_measure_names(measures), data, resamples, seed)
    rows = [
        _difference(name, found[name], labels, pair, interval, level)
        for name in found
        for pair in (combinations(labels, 2) if pairs is None else pairs)
    ]
    return pl.DataFrame(rows, schema=CONTRAST_SCHEMA, orient="row")


def _table(name: str, found: Estimates, data: Grouped, kind: Interval, level: float) -> pl.DataFrame:
    groups = data.groups if data.groups.width else pl.DataFrame({"_": [0]})
    limits = [_limits(found, [g], np.array([1.0]), kind, level) for g in range(groups.height)]
    table = groups.with_columns(
        measure=pl.lit(name),
        value=_nullable(found.value),
        low=_nullable(np.array([low for low, _ in limits])),
        high=_nullable(np.array([high for _, high in limits])),
        n=pl.Series(found.n),
        undefined=pl.Series(found.undefined),
    )
    return table.select("measure", *data.groups.columns, "value", "low", "high", "n", "undefined")


def _difference(
    name: str, found: Estimates, labels: list[str], pair: tuple[str, str], kind: Interval, level: float
) -> tuple[Any, ...]:
    where, signs = [labels.index(label) for label in pair], np.array([1.0, -1.0])
    low, high = _limits(found, where, signs, kind, level)
    value = float(found.value[where] @ signs)
    comparable = not np.isnan([value, low]).any()
    p = p_value(found.draws[:, where] @ signs) if comparable else np.nan
    n, undefined = found.n[where], int(found.undefined[where].sum())
    numbers = (None if np.isnan(number) else number for number in (value, low, high, p))
    return (name, *pair, *numbers, int(n[0]), int(n[1]), undefined)


def _limits(found: Estimates, where: list[int], signs: Floats, kind: Interval, level: float) -> tuple[float, float]:
    if (found.operators[where] < LEAST_OPERATORS).any():
        return np.nan, np.nan
    value, draws, jackknife = (part[..., where] @ signs for part in (found.value, found.draws, found.jackknife))
    return interval(float(value), draws, jackknife, kind, level)


def _nullable(values: Floats) -> pl.Series:
    return pl.Series(values, dtype=pl.Float64).fill_nan(None)


def _names(given: str | Sequence[str] | None) -> list[str]:
    if given is None:
        return []
    return [given] if isinstance(given, str) else list(dict.fromkeys(given))


def _measure_names(given: str | Sequence[str]) -> list[str]:
    names = _names(given)
    if not names:
        raise BinomeError("name at least one measure; analysis.measures() lists them")
    return names


def _check_interval(kind: str, level: float) -> None:
    if kind not in get_args(Interval):
        raise UnknownNameError("interval", kind, get_args(Interval))
    if not 0 < level < 1:
        raise BinomeError(f"level must lie between 0 and 1, found {level}")
