"""Means by group with limits from a bootstrap of operators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from binome.analysis.bootstrap import draw_operators, interval
from binome.analysis.measuring import LEAST_OPERATORS
from binome.analysis.sample import Codes, Floats
from binome.analysis.summing import summable


def clustered_means(
    table: pl.DataFrame, value: str, by: Sequence[str], resamples: int, seed: int, *, weight: str | None = None
) -> pl.DataFrame:
    """The mean of `value` in each group; operators are drawn for all groups at once.

    Args:
        table: with a column `operator`; a null value is undefined.
        weight: column of what each row counts, 1 by default: the mean is Σ weight · value / Σ weight.

    Returns:
        `by`, `value, low, high` (95 %), `n` (rows with a value), `operators` (who have one), `undefined` (other
        rows); groups sorted.
    """
    groups, placed = _placed(table, list(by))
    names = sorted(table["operator"].unique().to_list())
    known = placed.filter(pl.col(value).is_not_null())
    operator = known["operator"].replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
    group = known["_group"].to_numpy()
    counts = known[weight].cast(pl.Float64).to_numpy() if weight else np.ones(known.height)
    parts = (counts * known[value].cast(pl.Float64).to_numpy(), counts)
    sums = np.stack([_added(part, operator, group, (len(names), groups.height)) for part in parts], axis=-1)
    found, draws = _resampled(sums, resamples, seed)
    operators = np.count_nonzero(_added(np.ones(len(group)), operator, group, sums.shape[:2]), axis=0)
    limits = [
        interval(float(found[g]), draws[:, g], None) if operators[g] >= LEAST_OPERATORS else (np.nan, np.nan)
        for g in range(groups.height)
    ]
    n = np.bincount(group, minlength=groups.height)
    rows = np.bincount(placed["_group"].to_numpy(), minlength=groups.height)
    low, high = np.array(limits).reshape(-1, 2).T
    numbers = {"value": found, "low": low, "high": high}
    counted = {"n": n, "operators": operators, "undefined": rows - n}
    return groups.drop("_group").hstack(
        [pl.Series(name, column, dtype=pl.Float64).fill_nan(None) for name, column in numbers.items()]
        + [pl.Series(name, column, dtype=pl.Int64) for name, column in counted.items()]
    )


def _placed(table: pl.DataFrame, by: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The groups, numbered, and the table with each row's number."""
    if not by:
        return pl.DataFrame({"_group": [0]}), table.with_columns(_group=pl.lit(0, dtype=pl.Int64))
    groups = table.select(by).unique().sort(by).with_row_index("_group").with_columns(pl.col("_group").cast(pl.Int64))
    return groups, table.join(groups, on=by, how="left", nulls_equal=True, maintain_order="left")


def _added(values: Floats, operator: Codes, group: Codes, shape: tuple[int, ...]) -> Floats:
    cells = operator * shape[1] + group
    return np.bincount(cells, weights=values, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape)


def _resampled(sums: Floats, resamples: int, seed: int) -> tuple[Floats, Floats]:
    """Σ first / Σ second of sums (operators, groups, 2): of all (groups,), and of each resample (resamples, groups)."""
    operators, groups, _ = sums.shape
    total = summable(sums.reshape(operators, groups * 2), float(operators))

    def means(weights: Floats) -> Floats:
        added = total(weights).reshape(len(weights), groups, 2)
        return np.divide(added[..., 0], added[..., 1], out=np.full(added.shape[:2], np.nan), where=added[..., 1] > 0)

    drawn = draw_operators(operators, resamples, seed) if operators else ()
    return means(np.ones((1, operators)))[0], np.concatenate([np.empty((0, groups)), *map(means, drawn)])
