"""Is trust where it should be? Trust against what the advice and the team achieved, and whether reliance tells."""

from __future__ import annotations

from typing import Any

import polars as pl

from binome.analysis.measuring import measure
from binome.analysis.sample import right
from binome.analysis.trust.clustered import clustered_means

LEVEL = "trust_level"
SLACK = 1e-9
RIGHT = {"advice": ("truth", "advice"), "team": ("truth", "final")}
CALIBRATION = {
    "scale": pl.String, LEVEL: pl.Int64, "from": pl.Float64, "to": pl.Float64, "trust": pl.Float64,
    "target": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "n": pl.Int64,
    "operators": pl.Int64, "undefined": pl.Int64,
}  # fmt: skip


def with_levels(rated: pl.DataFrame, levels: int) -> pl.DataFrame:
    """Adds the level of trust from 0: equal parts of [0, 1], closed above, 0 in the first."""
    level = (pl.col("share") * levels - SLACK).ceil().cast(pl.Int64) - 1
    return rated.with_columns(level.clip(0, levels - 1).alias(LEVEL))


def calibration_table(scale: str, rated: pl.DataFrame, levels: int, resamples: int, seed: int) -> pl.DataFrame:
    """By level of trust: the mean trust, and the share of right advice and of right final decisions."""
    tables = []
    trust = clustered_means(rated, "share", [LEVEL], 0, seed).select(LEVEL, trust="value")
    for target, column in targets(rated).items():
        found = clustered_means(rated.with_columns(column.alias("_right")), "_right", [LEVEL], resamples, seed)
        tables.append(found.join(trust, on=LEVEL, how="left", maintain_order="left").with_columns(
            pl.lit(scale).alias("scale"), pl.lit(target).alias("target"),
            (pl.col(LEVEL) / levels).alias("from"), ((pl.col(LEVEL) + 1) / levels).alias("to"),
        ))  # fmt: skip
    return pl.concat([pl.DataFrame(schema=CALIBRATION), *(table.select(*CALIBRATION) for table in tables)])


def gap_table(scale: str, rated: pl.DataFrame, by: str, resamples: int, seed: int) -> pl.DataFrame:
    """Trust minus the share of right advice, and of right final decisions, by `by`: above 0 is too much trust."""
    tables = []
    for target, column in targets(rated).items():
        distance = rated.with_columns(_gap=pl.col("share") - column.cast(pl.Float64))
        found = clustered_means(distance, "_gap", [by], resamples, seed)
        tables.append(found.select(pl.lit(scale).alias("scale"), pl.lit(target).alias("target"), pl.all()))
    return pl.concat(tables)


def resolution_table(scale: str | None, trials: pl.DataFrame, by: list[str], bootstrap: dict[str, Any]) -> pl.DataFrame:
    """P(F = A | A = Y) − P(F = A | A ≠ Y) in each group of `by`."""
    found = measure(trials, "reliance_resolution", by=by, **bootstrap).drop("measure")
    return found.select(pl.lit(scale, dtype=pl.String).alias("scale"), pl.all())


def can_resolve(trials: pl.DataFrame) -> bool:
    """Whether the trials tell what the advice was, whether it was right, and whether it was followed."""
    return {"truth", "advice", "final"} <= set(trials.columns)


def targets(rated: pl.DataFrame) -> dict[str, pl.Series]:
    """What trust is held against, as far as the trials tell it: whether advice and final decision were right."""
    present = {name: columns for name, columns in RIGHT.items() if set(columns) <= set(rated.columns)}
    return {name: right(rated, column) for name, (_, column) in present.items()}
