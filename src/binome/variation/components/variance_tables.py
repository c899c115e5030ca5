"""Tables of variance components and of what they say, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.variation.components.dependability import facet_shares
from binome.variation.components.measurement import Design

Floats = npt.NDArray[np.float64]
TEXT = {"term": pl.String, "pooled": pl.String}
MOST_UNDEFINED = 0.05
"""Share of resamples without a value beyond which an interval would describe the lucky ones only."""


@dataclass(frozen=True)
class Coefficient:
    """A number with its interval; NaN where undefined."""

    value: float
    low: float
    high: float


def term_table(design: Design, components: Floats, draws: Floats, level: float) -> pl.DataFrame:
    """One row a term of the design, pooled ones too; columns as `Decomposition.table` says."""
    low, high = _limits(draws, level)
    share_low, share_high = _limits(_shares(draws), level)
    columns = {
        "estimate": components,
        "truncated": np.maximum(components, 0),
        "low": low,
        "high": high,
        "share": _shares(components),
        "share_low": share_low,
        "share_high": share_high,
    }
    rows = pl.DataFrame({"term": list(design.terms), **columns}).with_columns(pl.col(*columns).fill_nan(None))
    names = pl.DataFrame({"term": [design.name(one) for one in design.sources]})
    pooled = pl.DataFrame({"term": list(design.pooled), "pooled": list(design.pooled.values())}, schema_overrides=TEXT)
    return names.join(rows, on="term", how="left", maintain_order="left").join(
        pooled, on="term", how="left", maintain_order="left"
    )


def facet_table(
    design: Design, levels: Mapping[str, int], components: Floats, draws: Floats, level: float
) -> pl.DataFrame:
    """One row a facet; columns as `Decomposition.facets` says."""
    share = facet_shares(components, design)
    low, high = _limits(facet_shares(draws, design), level)
    columns = {"share": share, "low": low, "high": high, "stability": 1 - share}
    names = {"facet": list(design.facets), "levels": [levels[name] for name in design.facets]}
    return pl.DataFrame({**names, **columns}).with_columns(pl.col(*columns).fill_nan(None))


def _shares(components: Floats) -> Floats:
    """Of the truncated components, in their sum; (…, terms)."""
    truncated = np.maximum(components, 0)
    whole = truncated.sum(-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, truncated / whole, np.nan)


def coefficient(value: Floats, draws: Floats, level: float) -> Coefficient:
    """A value () and the limits of its draws (resamples,)."""
    low, high = _limits(draws[:, None], level)
    return Coefficient(float(value), float(low[0]), float(high[0]))


def _limits(draws: Floats, level: float) -> tuple[Floats, Floats]:
    """Percentile limits (columns,) of draws (resamples, columns); NaN where too many are undefined."""
    found = np.full((2, draws.shape[1]), np.nan)
    for column, values in enumerate(draws.T):
        defined = values[~np.isnan(values)]
        if len(defined) and 1 - len(defined) / len(values) <= MOST_UNDEFINED:
            found[:, column] = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return found[0], found[1]
