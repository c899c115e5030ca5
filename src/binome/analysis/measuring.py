"""Tables of measures: by group and by operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import polars as pl

from binome.analysis.bootstrap import Draw, Interval, interval
from binome.analysis.resampling import Estimates, Grouped, estimate, grouped, operator_values
from binome.analysis.sample import Floats, Label
from binome.core import BinomeError, UnknownNameError

LEAST_OPERATORS = 2
"""One operator resampled is always the same operator: an interval of no width that means nothing."""


def measure(
    trials: pl.DataFrame,
    measures: str | Sequence[str],
    by: str | Sequence[str] = (),
    resamples: int = 2000,
    seed: int = 0,
    *,
    interval: Interval = "percentile",
    level: float = 0.95,
    draw: Draw = "operators",
    positive: Label | None = None,
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
        draw: `operators`, or `operators_and_items` (both drawn, independently: the pigeonhole bootstrap of
            Owen 2007), to speak of other items too; percentile intervals only.
        positive: for measures of two labels, the one that says that what is looked for is there; the later of the
            two in sorted order otherwise.

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
    names, columns = measure_names(measures), _names(by)
    check_bootstrap(interval, level, draw)
    data = grouped(trials, columns, positive)
    found = estimate(names, data, resamples, seed, draw=draw, jackknife=interval == "bca" and resamples > 0)
    return pl.concat([_table(name, found[name], data, interval, level) for name in names])


def by_operator(
    trials: pl.DataFrame,
    measures: str | Sequence[str],
    by: str | Sequence[str] = (),
    *,
    positive: Label | None = None,
) -> pl.DataFrame:
    """Measures of each operator in each group: `measure, operator, <by…>, value, n, undefined`.

    An operator without a trial in a group has no row there. Arguments and errors as `measure`.
    """
    columns = _names(by)
    data = grouped(trials, columns, positive)
    groups = data.size
    index = {"operator": np.repeat(np.arange(len(data.operators)), groups)}
    frames = []
    for name in measure_names(measures):
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


def measure_names(given: str | Sequence[str]) -> list[str]:
    """The names asked for, each once.

    Raises:
        BinomeError: when there is none.
    """
    names = _names(given)
    if not names:
        raise BinomeError("name at least one measure; analysis.measures() lists them")
    return names


def check_bootstrap(kind: str, level: float, draw: str) -> None:
    """Refuse options of the bootstrap that do not exist, or that do not go together."""
    for what, name, known in (("interval", kind, get_args(Interval)), ("draw", draw, get_args(Draw))):
        if name not in known:
            raise UnknownNameError(what, name, known)
    if not 0 < level < 1:
        raise BinomeError(f"level must lie between 0 and 1, found {level}")
    if kind == "bca" and draw != "operators":
        raise BinomeError("interval 'bca' is for draws of operators alone; with draws of items, use 'percentile'")


def _table(name: str, found: Estimates, data: Grouped, kind: Interval, level: float) -> pl.DataFrame:
    jackknife = found.jackknife
    limits: list[Any] = [
        interval(float(found.value[g]), found.draws[:, g], None if jackknife is None else jackknife[:, g], kind, level)
        if found.operators[g] >= LEAST_OPERATORS
        else (np.nan, np.nan)
        for g in range(data.size)
    ]
    columns = {
        "measure": pl.Series([name] * data.size, dtype=pl.String),
        **{column.name: column for column in data.groups.get_columns()},
        "value": _nullable(found.value),
        "low": _nullable(np.array([low for low, _ in limits])),
        "high": _nullable(np.array([high for _, high in limits])),
        "n": pl.Series(found.n),
        "undefined": pl.Series(found.undefined),
    }
    return pl.DataFrame(columns)


def _nullable(values: Floats) -> pl.Series:
    return pl.Series(np.asarray(values, dtype=np.float64), nan_to_null=True)


def _names(given: str | Sequence[str] | None) -> list[str]:
    if given is None:
        return []
    return [given] if isinstance(given, str) else list(dict.fromkeys(given))
