"""A measure in each group of trials: its value, its resamples and its jackknife."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.analysis import dictionary
from binome.analysis.bootstrap import Draw, draw_both, draw_operators
from binome.analysis.conform import conform
from binome.analysis.measure import Statistic, registry
from binome.analysis.sample import Floats, Label, Sample
from binome.analysis.summing import Layout, one_by_one, operator_counts, operator_sums, resampled
from binome.analysis.twoway import resampled_two_way
from binome.core import BinomeError, UnknownNameError, did_you_mean

Counts = npt.NDArray[np.int64]


HELP = frozenset({
    "condition", "block", "trial", "position", "sitting", "explanation", "explanation_opened", "advice_shown",
    "advice_requested", "reliability_stated", "delegated", "offered", "seen", "overridden", "vetoed", "decided_by",
    "timed_out",
})  # fmt: skip
"""Columns that tell what help was given, when, and what was made of it: manual trials are compared across them."""

ONE = "all"
"""The condition of trials that have none."""


@dataclass(frozen=True)
class Grouped:
    """Trials that count, by operator and by group.

    Attributes:
        sample: the trials.
        operators: their names, sorted, so that the draws do not depend on the order of rows.
        groups: one row a group, sorted, columns as asked.
        layout: the operator and the group of each trial.
    """

    sample: Sample
    operators: tuple[str, ...]
    groups: pl.DataFrame
    layout: Layout

    @property
    def size(self) -> int:
        """How many groups: one where none was asked for."""
        return self.layout.groups


@dataclass(frozen=True)
class Estimates:
    """One measure in every group.

    Attributes:
        value: (groups,), NaN where undefined.
        draws: (resamples, groups).
        jackknife: (operators, groups): without each operator in turn; None unless it was asked for.
        n, undefined, operators: (groups,), trials that enter, trials that do not, operators with a trial that enters.
    """

    value: Floats
    draws: Floats
    jackknife: Floats | None
    n: Counts
    undefined: Counts
    operators: Counts


def grouped(trials: pl.DataFrame, by: Sequence[str], positive: Label | None = None) -> Grouped:
    """Conform the trials, leave out those that do not count, and number operators and groups.

    Raises:
        BinomeError: naming a column of `by` that the trials lack.
    """
    require_columns(trials, "a grouping", ["operator", *by])
    kept = used(conform(trials)).filter(pl.col("operator").is_not_null())
    operators, operator = _numbered(kept.select("operator"))
    if not by:
        one = np.zeros(kept.height, dtype=np.int64)
        layout = Layout(operator, one, np.zeros(1, dtype=np.int64), operators.height, 1)
        return Grouped(Sample(kept, positive), tuple(operators["operator"]), pl.DataFrame(), layout)
    groups, group = _numbered(kept.select(by))
    others = [name for name in by if name not in HELP and not name.startswith("factor_")]
    family = _numbered(groups.select(others))[1] if others else np.zeros(groups.height, dtype=np.int64)
    layout = Layout(operator, group, family, operators.height, groups.height)
    return Grouped(Sample(kept, positive), tuple(operators["operator"]), groups, layout)


def with_condition(trials: pl.DataFrame, by: str) -> pl.DataFrame:
    """The trials, all of the condition "all" where they were to be grouped by a column that they do not have."""
    if by != "condition" or by in trials.columns:
        return trials
    return trials.with_columns(pl.lit(ONE).alias(by))


def used(trials: pl.DataFrame) -> pl.DataFrame:
    """The trials without practice, attention checks and excluded rows."""
    flags = [name for name in dictionary.LEAVES_OUT if name in trials.columns]
    return trials.filter(~pl.col(name).fill_null(False) for name in flags) if flags else trials


def estimate(
    names: Sequence[str],
    data: Grouped,
    resamples: int,
    seed: int,
    *,
    draw: Draw = "operators",
    jackknife: bool = False,
) -> dict[str, Estimates]:
    """Each measure in every group; all measures and groups share the same draws.

    Raises:
        UnknownNameError: for a measure that does not exist.
        BinomeError: naming a measure and the column that it needs.
    """
    if resamples < 0:
        raise BinomeError(f"resamples must be zero or more, found {resamples}")
    statistics = {name: _statistic(name, data.sample) for name in names}
    sums = {name: operator_sums(statistic, data.layout) for name, statistic in statistics.items()}
    operators, groups = len(data.operators), data.size
    resamples = resamples if operators else 0
    if draw == "operators":
        rows = list(draw_operators(operators, resamples, seed))
        draws = {name: resampled(statistics[name], sums[name], rows, groups) for name in statistics}
    else:
        items, item = _items(data.sample.trials)
        draws = resampled_two_way(statistics, data.layout, item, draw_both(operators, items, resamples, seed))
    everyone = [np.ones((1, operators))]
    return {
        name: _estimates(
            statistic,
            resampled(statistic, sums[name], everyone, groups)[0],
            draws[name],
            resampled(statistic, sums[name], one_by_one(operators, without=True), groups) if jackknife else None,
            data,
        )
        for name, statistic in statistics.items()
    }


def require_columns(trials: pl.DataFrame, what: str, columns: Sequence[str]) -> None:
    """Raise a BinomeError naming `what` and the first column that is missing."""
    for column in columns:
        if column not in trials.columns:
            near = did_you_mean(column, trials.columns)
            listing = ", ".join(trials.columns) or "none"
            lack = f"{what} needs the column {column!r}, which these trials lack"
            raise BinomeError(f"{lack}; {near + ' ' if near else ''}they have: {listing}")


def operator_values(name: str, data: Grouped) -> tuple[Floats, Counts, Counts]:
    """One measure of each operator in each group: value, n and undefined, each (operators, groups)."""
    statistic, operators = _statistic(name, data.sample), len(data.operators)
    value = resampled(statistic, operator_sums(statistic, data.layout), one_by_one(operators), data.size)
    masks = np.column_stack([statistic.counted, np.ones(data.sample.size)])
    n, total = np.moveaxis(operator_counts(masks, data.layout), -1, 0)
    return value.reshape(operators, data.size), n.astype(np.int64), (total - n).astype(np.int64)


def _statistic(name: str, sample: Sample) -> Statistic:
    plugin = registry.get(name)
    require_columns(sample.trials, f"measure {name!r}", sorted(plugin.declared["needs"]))
    try:
        return plugin.target(sample)
    except UnknownNameError:
        raise
    except BinomeError as error:
        raise BinomeError(f"measure {name!r}: {error}") from error


def _estimates(
    statistic: Statistic, value: Floats, draws: Floats, jackknife: Floats | None, data: Grouped
) -> Estimates:
    counted = operator_counts(statistic.counted[:, None].astype(np.float64), data.layout)[..., 0]
    n = counted.sum(axis=0).astype(np.int64)
    trials = np.bincount(data.layout.group, minlength=data.size)
    return Estimates(value, draws, jackknife, n, trials - n, np.count_nonzero(counted, axis=0))


def _items(trials: pl.DataFrame) -> tuple[int, Counts]:
    """How many items there are, and the number of each trial's."""
    require_columns(trials, "drawing items", ["item"])
    lacking = trials["item"].null_count()
    if lacking:
        raise BinomeError(f"drawing items needs the item of every trial, and the column 'item' is empty in {lacking}")
    items, item = _numbered(trials.select("item"))
    return items.height, item


def _numbered(rows: pl.DataFrame) -> tuple[pl.DataFrame, Counts]:
    """The distinct rows, sorted, and the position of each row among them."""
    table = rows.unique().sort(rows.columns)
    joined = rows.join(
        table.with_row_index("_position"), on=rows.columns, how="left", nulls_equal=True, maintain_order="left"
    )
    return table, joined["_position"].cast(pl.Int64).to_numpy()
