"""A measure in each group of trials: its value, its resamples and its jackknife."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.analysis import dictionary
from binome.analysis.bootstrap import draw_operators
from binome.analysis.conform import conform
from binome.analysis.measure import Statistic, registry
from binome.analysis.sample import Floats, Sample
from binome.core import BinomeError, did_you_mean

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Grouped:
    """Trials that count, by operator and by group.

    Attributes:
        sample: the trials.
        operators: their names, sorted, so that the draws do not depend on the order of rows.
        groups: one row a group, sorted, columns as asked.
        operator, group: int64 (trials,), positions in the two.
    """

    sample: Sample
    operators: tuple[str, ...]
    groups: pl.DataFrame
    operator: Counts
    group: Counts

    @property
    def size(self) -> int:
        """How many groups: one where none was asked for."""
        return self.groups.height if self.groups.width else 1


@dataclass(frozen=True)
class Estimates:
    """One measure in every group.

    Attributes:
        value: (groups,), NaN where undefined.
        draws: (resamples, groups).
        jackknife: (operators, groups): without each operator in turn.
        n, undefined, operators: (groups,), trials that enter, trials that do not, operators with a trial that enters.
    """

    value: Floats
    draws: Floats
    jackknife: Floats
    n: Counts
    undefined: Counts
    operators: Counts


def grouped(trials: pl.DataFrame, by: Sequence[str]) -> Grouped:
    """Conform the trials, leave out those that do not count, and number operators and groups.

    Raises:
        BinomeError: naming a column of `by` that the trials lack.
    """
    require_columns(trials, "a grouping", ["operator", *by])
    kept = used(conform(trials))
    operators = kept["operator"].drop_nulls().unique().sort()
    kept = kept.filter(pl.col("operator").is_not_null())
    operator = _positions(kept.select("operator"), pl.DataFrame({"operator": operators}))
    groups = kept.select(by).unique().sort(by) if by else pl.DataFrame()
    group = _positions(kept.select(by), groups) if by else np.zeros(kept.height, dtype=np.int64)
    return Grouped(Sample(kept), tuple(operators.to_list()), groups, operator, group)


def used(trials: pl.DataFrame) -> pl.DataFrame:
    """The trials without practice, attention checks and excluded rows."""
    flags = [name for name in dictionary.LEAVES_OUT if name in trials.columns]
    return trials.filter(~pl.col(name).fill_null(False) for name in flags) if flags else trials


def estimate(names: Sequence[str], data: Grouped, resamples: int, seed: int) -> dict[str, Estimates]:
    """Each measure in every group; all measures and groups share the same draws of operators.

    Raises:
        UnknownNameError: for a measure that does not exist.
        BinomeError: naming a measure and the column that it needs.
    """
    if resamples < 0:
        raise BinomeError(f"resamples must be zero or more, found {resamples}")
    statistics = {name: _statistic(name, data.sample) for name in names}
    sums = {name: _operator_sums(statistic.terms, data) for name, statistic in statistics.items()}
    blocks: dict[str, list[Floats]] = {name: [] for name in statistics}
    for weights in draw_operators(len(data.operators), resamples if data.operators else 0, seed):
        for name, statistic in statistics.items():
            of_operators = sums[name]
            resampled = (weights @ of_operators.reshape(len(of_operators), -1)).reshape(-1, *of_operators.shape[1:])
            blocks[name].append(statistic.value(resampled))
    return {name: _estimates(statistics[name], sums[name], blocks[name], data) for name in statistics}


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
    statistic = _statistic(name, data.sample)
    n, total = (_operator_sums(mask[:, None], data)[..., 0] for mask in (statistic.counted, np.ones(data.sample.size)))
    return statistic.value(_operator_sums(statistic.terms, data)), n.astype(np.int64), (total - n).astype(np.int64)


def _statistic(name: str, sample: Sample) -> Statistic:
    plugin = registry.get(name)
    require_columns(sample.trials, f"measure {name!r}", sorted(plugin.declared["needs"]))
    try:
        return plugin.target(sample)
    except BinomeError as error:
        raise BinomeError(f"measure {name!r}: {error}") from error


def _operator_sums(terms: npt.NDArray[np.generic], data: Grouped) -> Floats:
    """Sums over the trials of each operator in each group: (operators, groups, k)."""
    groups = data.size
    cell = data.operator * groups + data.group
    cells = len(data.operators) * groups
    columns = [np.bincount(cell, weights=terms[:, k], minlength=cells) for k in range(terms.shape[1])]
    return np.stack(columns, axis=-1).astype(np.float64).reshape(len(data.operators), groups, terms.shape[1])


def _estimates(statistic: Statistic, sums: Floats, blocks: list[Floats], data: Grouped) -> Estimates:
    total = sums.sum(axis=0)
    counted = _operator_sums(statistic.counted[:, None].astype(np.float64), data)[..., 0]
    trials = np.bincount(data.group, minlength=sums.shape[1])
    n = counted.sum(axis=0).astype(np.int64)
    return Estimates(
        value=statistic.value(total),
        draws=np.concatenate(blocks) if blocks else np.empty((0, sums.shape[1])),
        jackknife=statistic.value(total - sums),
        n=n,
        undefined=trials - n,
        operators=np.count_nonzero(counted, axis=0),
    )


def _positions(rows: pl.DataFrame, table: pl.DataFrame) -> Counts:
    numbered = table.with_row_index("_position")
    joined = rows.join(numbered, on=table.columns, how="left", nulls_equal=True, maintain_order="left")
    return joined["_position"].cast(pl.Int64).to_numpy()
