"""Means over items with bootstrap intervals, for metrics and agreements of explanations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.core import derive_seed

RESAMPLES = 2000


def item_means(table: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Mean over items in each group, with a 95 % percentile interval from resampled items.

    All groups of as many items draw the same items, so that groups can be compared.

    Args:
        table: `item`, `value` (null where undefined) and the columns of `by`.

    Returns:
        The columns of `by`, then `value, low, high, n, undefined`; groups in order of appearance. `value` is null
        where no item has one, the limits where fewer than two have.
    """
    rows = []
    for key, part in table.group_by(by, maintain_order=True):
        values = part.sort("item")["value"].fill_nan(None).drop_nulls().to_numpy()
        low, high = interval(values)
        mean = float(values.mean()) if len(values) else None
        rows.append((*key, mean, low, high, len(values), part.height - len(values)))
    schema = {name: table.schema[name] for name in by} | {
        "value": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(), "n": pl.Int64(), "undefined": pl.Int64(),
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row")


def interval(values: npt.NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Limits of the mean of `values` (n,); None for fewer than two."""
    if len(values) < 2:
        return None, None
    generator = np.random.default_rng(derive_seed(0, "report", "items"))
    drawn = generator.integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)
