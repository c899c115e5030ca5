"""How trust goes over repeated measures."""

from __future__ import annotations

import polars as pl

from binome.analysis.trust.clustered import clustered_means

STEP = "step"


def steps(filled: pl.DataFrame, by: str) -> pl.DataFrame:
    """Scores with their step, from 0, twice over.

    Within each level of `by`; and with a null level, within the whole session.
    """
    scored = filled.filter(pl.col("value").is_not_null()).sort("operator", "occasion")
    count = pl.int_range(pl.len(), dtype=pl.Int64)
    within = scored.filter(pl.col(by).is_not_null()).with_columns(count.over("operator", by).alias(STEP))
    session = scored.with_columns(count.over("operator").alias(STEP), pl.lit(None, dtype=scored.schema[by]).alias(by))
    return pl.concat([session, within])


def trajectory_table(scale: str, stepped: pl.DataFrame, by: str, resamples: int, seed: int) -> pl.DataFrame:
    """The mean score at each step."""
    found = clustered_means(stepped, "value", [by, STEP], resamples, seed)
    return found.select(pl.lit(scale).alias("scale"), pl.all())


def slope_table(scale: str, stepped: pl.DataFrame, by: str, resamples: int, seed: int) -> pl.DataFrame:
    """The change from one step to the next, within operators.

    The pooled least-squares slope with an intercept for each operator: Σ Sxy / Σ Sxx.
    """
    place, score = pl.col(STEP).cast(pl.Float64), pl.col("value")
    own = stepped.group_by("operator", by).agg(
        weight=((place - place.mean()) ** 2).sum(), shared=((place - place.mean()) * (score - score.mean())).sum()
    )
    slopes = own.with_columns(_slope=pl.when(pl.col("weight") > 0).then(pl.col("shared") / pl.col("weight")))
    found = clustered_means(slopes.sort("operator", by), "_slope", [by], resamples, seed, weight="weight")
    return found.drop("n").select(pl.lit(scale).alias("scale"), pl.all())
