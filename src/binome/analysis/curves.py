"""Curves of an analysis: confidence against accuracy, and measures over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from binome.analysis.measuring import measure
from binome.analysis.resampling import used

BINS = 10
"""Equal bins of confidence, closed below: [0, .1), …, [.9, 1]."""
STRETCHES = 8
"""So many stretches of successive trials, of as equal a length as can be."""


def calibration(trials: pl.DataFrame, by: str = "condition", **bootstrap: Any) -> pl.DataFrame | None:
    """How often operators are right when they are so sure, by bin of the final confidence.

    Args:
        bootstrap: of `measure`.

    Returns:
        `by`, `bin` (from 0), `from`, `to` (the bin's edges), `confidence` (its mean), and `value, low, high, n,
        undefined` of accuracy; bins without a trial are no row. None where no trial has a confidence and a truth.
    """
    if not {"final_confidence", "truth", "final"} <= set(trials.columns):
        return None
    sure = pl.col("final_confidence")
    rows = used(trials).filter(sure.is_not_null() & pl.col("truth").is_not_null())
    if rows.is_empty():
        return None
    rows = rows.with_columns(bin=(sure * BINS).floor().clip(0, BINS - 1).cast(pl.Int64))
    means = rows.group_by(by, "bin").agg(confidence=sure.mean())
    found = measure(rows, ["accuracy"], by=[by, "bin"], **bootstrap).join(means, on=[by, "bin"], how="left")
    edges = {"from": pl.col("bin") / BINS, "to": (pl.col("bin") + 1) / BINS}
    return found.with_columns(**edges).select(
        by, "bin", "from", "to", "confidence", "value", "low", "high", "n", "undefined"
    ).sort(by, "bin")  # fmt: skip


def course(
    trials: pl.DataFrame, measures: Sequence[str], by: str = "condition", **bootstrap: Any
) -> pl.DataFrame | None:
    """Measures over the operators' trials, by stretch of `position`.

    Returns:
        `measure`, `by`, `stretch` (from 0), `first`, `last` (positions), `value, low, high, n, undefined`. None where
        no trial has a position, or all have the same.
    """
    if "position" not in trials.columns or not measures:
        return None
    rows = used(trials).filter(pl.col("position").is_not_null())
    places = rows["position"].unique().sort()
    if len(places) < 2:
        return None
    count = min(STRETCHES, len(places))
    of = pl.DataFrame({"position": places, "stretch": [place * count // len(places) for place in range(len(places))]})
    ends = of.group_by("stretch").agg(first=pl.col("position").min(), last=pl.col("position").max())
    found = measure(rows.join(of, on="position", how="left"), list(measures), by=[by, "stretch"], **bootstrap)
    found = found.join(ends, on="stretch", how="left", maintain_order="left")
    return found.select("measure", by, "stretch", "first", "last", "value", "low", "high", "n", "undefined")
