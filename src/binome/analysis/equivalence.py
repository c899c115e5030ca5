"""Two one-sided tests: whether a contrast is smaller than what would matter."""

from __future__ import annotations

import numpy as np
import polars as pl

from binome.analysis.bootstrap import Draw, interval
from binome.analysis.measuring import LEAST_OPERATORS
from binome.analysis.resampling import estimate, grouped
from binome.analysis.sample import Floats, Label
from binome.core import BinomeError, UnknownNameError

SCHEMA = {
    "measure": pl.String, "first": pl.String, "second": pl.String, "value": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "margin": pl.Float64, "p_low": pl.Float64, "p_high": pl.Float64, "p": pl.Float64,
    "equivalent": pl.Boolean, "n_first": pl.Int64, "n_second": pl.Int64, "undefined": pl.Int64,
}  # fmt: skip


def equivalence(
    trials: pl.DataFrame,
    measure: str,
    first: str,
    second: str,
    by: str = "condition",
    *,
    margin: float,
    resamples: int = 2000,
    seed: int = 0,
    alpha: float = 0.05,
    draw: Draw = "operators",
    positive: Label | None = None,
) -> pl.DataFrame:
    """Whether first − second of a measure lies within ±margin (Schuirmann 1987), from the bootstrap of `contrast`.

    Args:
        margin: the smallest difference that would matter, in the measure's unit; chosen before the data are seen.
        alpha: of each one-sided test; the interval has level 1 − 2 alpha.
        draw, positive: as in `measure`.

    Returns:
        One row: `measure, first, second, value, low, high, margin, p_low, p_high, p, equivalent, n_first, n_second,
        undefined`. `p_low` is of "−margin or less", `p_high` of "margin or more": the share of resampled
        differences there, one added to each count; `p` is the larger. `equivalent`: the interval lies within the
        margin. Null where the interval of `contrast` is undefined.

    Raises:
        UnknownNameError: for a measure, or a group of `by`, that does not exist.
        BinomeError: naming a missing column; for a margin that is not above zero, an alpha not between 0 and .5.
    """
    if not (np.isfinite(margin) and margin > 0):
        raise BinomeError(f"margin must be above zero, the smallest difference that would matter; found {margin}")
    if not 0 < alpha < 0.5:
        raise BinomeError(f"alpha must lie between 0 and 0.5, found {alpha}")
    if resamples < 1:
        raise BinomeError(f"an equivalence test needs resamples, found {resamples}")
    data = grouped(trials, [by], positive)
    labels = ["" if label is None else str(label) for label in data.groups[by].to_list()]
    for label in (str(first), str(second)):
        if label not in labels:
            raise UnknownNameError(by, label, labels)
    found = estimate([measure], data, resamples, seed, draw=draw)[measure]
    where = [labels.index(str(label)) for label in (first, second)]
    value = float(found.value[where[0]] - found.value[where[1]])
    draws = found.draws[:, where[0]] - found.draws[:, where[1]]
    low, high = np.nan, np.nan
    if (found.operators[where] >= LEAST_OPERATORS).all():
        low, high = interval(value, draws, None, "percentile", 1 - 2 * alpha)
    known = not np.isnan([value, low]).any()
    p = one_sided(draws, margin) if known else (np.nan, np.nan)
    numbers = [None if np.isnan(number) else number for number in (value, low, high, margin, *p, max(p))]
    within = bool(-margin < low and high < margin) if known else None
    n = [int(count) for count in found.n[where]]
    row = (measure, str(first), str(second), *numbers, within, *n, int(found.undefined[where].sum()))
    return pl.DataFrame([row], schema=SCHEMA, orient="row")


def one_sided(draws: Floats, margin: float) -> tuple[float, float]:
    """Values of p of "−margin or less" and of "margin or more" (Davison & Hinkley 1997)."""
    defined = draws[~np.isnan(draws)]
    tails = np.array([np.count_nonzero(defined <= -margin), np.count_nonzero(defined >= margin)]) + 1
    low, high = tails / (len(defined) + 1)
    return float(low), float(high)
