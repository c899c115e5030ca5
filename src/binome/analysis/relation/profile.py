"""Shares of the four relations: of each operator in each condition, and of all operators in each condition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from binome.analysis.bootstrap import draw_operators, interval
from binome.analysis.measuring import LEAST_OPERATORS
from binome.analysis.relation.coding import EVIDENCE, RELATIONS, Coded
from binome.analysis.resampling import Counts, Grouped
from binome.analysis.sample import Floats
from binome.analysis.summing import Layout


@dataclass(frozen=True)
class Tally:
    """How many trials each operator has of each relation.

    Attributes:
        relations: int64 (operators, groups, 4).
        trials: int64 (operators, groups), those that could not be coded included.
    """

    relations: Counts
    trials: Counts

    @property
    def coded(self) -> Counts:
        """Trials that are evidence for a relation, int64 (operators, groups)."""
        counts: Counts = self.relations.sum(axis=-1)
        return counts


def tally(coded: Coded, layout: Layout) -> Tally:
    """Count relations by operator and group."""
    known, shape = coded.relation >= 0, (layout.operators, layout.groups)
    cells, size = layout.operators * layout.groups, len(RELATIONS)
    places = layout.cell[known] * size + coded.relation[known]
    return Tally(
        np.bincount(places, minlength=cells * size).reshape(*shape, size),
        np.bincount(layout.cell, minlength=cells).reshape(shape),
    )


def profiles(counts: Tally, data: Grouped) -> pl.DataFrame:
    """One row an operator and group with trials: `operator`, the group, `n`, `undefined`, the four shares."""
    operator, group = np.nonzero(counts.trials)
    n = counts.coded[operator, group]
    shares = shares_of(counts.relations[operator, group])
    table = pl.DataFrame({"operator": pl.Series([data.operators[i] for i in operator], dtype=pl.String)})
    return table.hstack(data.groups[group]).with_columns(
        n=pl.Series(n, dtype=pl.Int64),
        undefined=pl.Series(counts.trials[operator, group] - n, dtype=pl.Int64),
        **{name: pl.Series(shares[:, i], dtype=pl.Float64, nan_to_null=True) for i, name in enumerate(RELATIONS)},
    )


def shares(counts: Tally, data: Grouped, draws: Floats) -> pl.DataFrame:
    """One row a group and relation: the group, `relation`, `value`, `low`, `high`, `n`, `undefined`, `operators`.

    Args:
        draws: float64 (resamples, operators), how often each operator was drawn.
    """
    operators, groups, size = counts.relations.shape
    sums = counts.relations.reshape(operators, -1).astype(np.float64)
    found = shares_of(counts.relations.sum(axis=0))
    drawn = shares_of((draws @ sums).reshape(len(draws), groups, size))
    entering, n = np.count_nonzero(counts.coded, axis=0), counts.coded.sum(axis=0)
    undefined = counts.trials.sum(axis=0) - n
    rows = []
    for g in range(groups):
        for r, name in enumerate(RELATIONS):
            limits = limits_of(float(found[g, r]), drawn[:, g, r], int(entering[g]))
            rows.append((name, float(found[g, r]), *limits, int(n[g]), int(undefined[g]), int(entering[g])))
    schema = {
        "relation": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "n": pl.Int64,
        "undefined": pl.Int64, "operators": pl.Int64,
    }  # fmt: skip
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return data.groups[np.repeat(np.arange(groups), size)].hstack(table).with_columns(
        pl.col("value", "low", "high").fill_nan(None)
    )  # fmt: skip


def evidence(coded: Coded, data: Grouped) -> pl.DataFrame:
    """How many trials of each group show what: the group, `evidence`, `relation` (null where it tells none), `n`."""
    groups, size = data.size, len(EVIDENCE)
    n = np.bincount(data.layout.group * size + coded.evidence, minlength=groups * size)
    place = np.flatnonzero(n)
    names, relations = list(EVIDENCE), list(EVIDENCE.values())
    table = pl.DataFrame(
        {
            "evidence": pl.Series([names[i % size] for i in place], dtype=pl.String),
            "relation": pl.Series([relations[i % size] for i in place], dtype=pl.String),
            "n": pl.Series(n[place], dtype=pl.Int64),
        }
    )
    return data.groups[place // size].hstack(table)


def draw(operators: int, resamples: int, seed: int) -> Floats:
    """How often each operator is drawn in each resample, float64 (resamples, operators), as for the measures."""
    return np.concatenate([np.empty((0, operators)), *draw_operators(operators, resamples, seed)])


def shares_of(counts: Floats | Counts) -> Floats:
    """Each last axis divided by its sum, NaN where that is 0."""
    total = counts.sum(axis=-1, keepdims=True)
    shares: Floats = np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
    return shares


def limits_of(value: float, draws: Floats, operators: int) -> tuple[float, float]:
    """Percentile limits; NaN for fewer than two operators."""
    return interval(value, draws, None) if operators >= LEAST_OPERATORS else (np.nan, np.nan)
