"""Holm's adjustment of p values for several tests."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl


def holm(p: Iterable[float | None]) -> pl.Series:
    """Step-down adjustment that controls the family-wise error (Holm 1979).

    An undefined p (None or NaN) stays null and is not one of the tests.
    """
    values = np.array([np.nan if value is None else value for value in p], dtype=np.float64)
    adjusted = np.full(values.shape, np.nan)
    order = np.argsort(values, kind="stable")[: np.count_nonzero(~np.isnan(values))]
    adjusted[order] = np.minimum(1, np.maximum.accumulate(values[order] * np.arange(len(order), 0, -1)))
    return pl.Series(adjusted, dtype=pl.Float64).fill_nan(None)
