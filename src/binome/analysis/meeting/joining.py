"""Trials beside the scores of the explanations that were shown in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from binome.analysis.outcomes import is_binary, outcome_of
from binome.analysis.resampling import require_columns
from binome.core import BinomeError

MISSING = {
    "metric": pl.String, "explanation": pl.String, "items": pl.Int64, "items_scored": pl.Int64, "trials": pl.Int64,
    "trials_scored": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class Met:
    """Trials by what they showed.

    Attributes:
        shown: `operator, item, explanation, y` of trials with an explanation that is no placebo.
        zero: the same of the trials that explanations are compared with.
        level: what those are: `placebo`; `unexplained` (advice shown, no explanation); None where there are none.
        undefined: trials with an explanation that have no outcome.
    """

    shown: pl.DataFrame
    zero: pl.DataFrame
    level: str | None
    undefined: int


def meet(trials: pl.DataFrame, outcome: str, placebo: Collection[str]) -> Met:
    """Sort the trials by what they showed.

    Args:
        trials: conformed, those that count.

    Raises:
        UnknownNameError: for an outcome that does not exist.
        BinomeError: naming a column that is missing; for an outcome that is not of true and false.
    """
    require_columns(trials, "explanations and people", ["operator", "item", "explanation"])
    values = outcome_of(trials, outcome)
    if not is_binary(values):
        raise BinomeError(f"outcome {outcome!r} must be true or false (1 or 0) in every trial")
    table = trials.select("operator", "item", "explanation", _advised(trials), y=values.cast(pl.Float64))
    table = table.filter(pl.col("operator").is_not_null() & pl.col("item").is_not_null())
    control = pl.col("explanation").is_in(list(placebo))
    shown = table.filter(pl.col("explanation").is_not_null() & ~control)
    placebos = table.filter(control & pl.col("y").is_not_null())
    bare = table.filter(pl.col("explanation").is_null() & pl.col("advised") & pl.col("y").is_not_null())
    level, zero = ("placebo", placebos) if placebos.height else ("unexplained", bare)
    known = shown.filter(pl.col("y").is_not_null())
    names = ("operator", "item", "explanation", "y")
    lost = shown.height - known.height
    return Met(known.select(names), zero.select(names), level if zero.height else None, lost)


def with_scores(met: Met, scores: pl.DataFrame, metric: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The trials whose explanation has a score on a metric, with `value`; and what is missing, by explanation."""
    own = scores.filter(pl.col("metric") == metric).select("item", "explanation", "value")
    joined = met.shown.join(own, on=["item", "explanation"], how="left", maintain_order="left")
    scored = pl.col("value").is_not_null()
    missing = joined.group_by("explanation").agg(
        items=pl.col("item").n_unique(), items_scored=pl.col("item").filter(scored).n_unique(),
        trials=pl.len(), trials_scored=scored.sum(),
    )  # fmt: skip
    table = missing.sort("explanation").select(pl.lit(metric).alias("metric"), pl.all())
    return joined.filter(scored), table.select(*MISSING).cast(pl.Schema(MISSING))


def _advised(trials: pl.DataFrame) -> pl.Expr:
    if "advice" not in trials.columns:
        return pl.lit(False).alias("advised")
    shown = pl.col("advice_shown").fill_null(True) if "advice_shown" in trials.columns else pl.lit(True)
    return (pl.col("advice").is_not_null() & shown).alias("advised")
