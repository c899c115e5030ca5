"""Benjamini and Hochberg's adjustment of p values for several tests."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl


def benjamini_hochberg(p: Iterable[float | None]) -> pl.Series:
    """Step-up adjustment that controls the false discovery rate (Benjamini & Hochberg 1995).

    For tests that are independent or positively dependent. An undefined p (None or NaN) stays null and is not one of
    the tests.
    """
    values = np.array([np.nan if value is None else value for value in p], dtype=np.float64)
    adjusted = np.full(values.shape, np.nan)
    order = np.argsort(values, kind="stable")[: np.count_nonzero(~np.isnan(values))]
    ranks = np.arange(1, len(order) + 1)
    adjusted[order] = np.minimum.accumulate((values[order] * len(order) / ranks)[::-1])[::-1]
    return pl.Series(adjusted, dtype=pl.Float64).fill_nan(None)
