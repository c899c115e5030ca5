"""Scores of explanations as one plain table, from the tables that hold them: item, explanation, metric, value."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from binome.analysis.resampling import require_columns
from binome.core import BinomeError
from binome.core.stimulus import StimulusSet

COLUMNS = {"item": pl.String, "explanation": pl.String, "metric": pl.String, "value": pl.Float64}
KEYS = ["item", "explanation", "metric"]
DEPENDABILITY = "dependability"
"""The metric's name of Φ on one item: how alike its maps are over all configurations of a method (stable)."""


def stimulus_scores(stimuli: StimulusSet) -> pl.DataFrame:
    """The scores that the stimulus set holds, of its items that are no practice, under the ids that trials have."""
    rows = [
        (item.id, explanation, metric, value)
        for item in stimuli.by_role("trial")
        for explanation, values in item.scores.items()
        for metric, value in values.items()
    ]
    return read_scores(pl.DataFrame(rows, schema=COLUMNS, orient="row"))


def grid_scores(
    scores: pl.DataFrame, configurations: pl.DataFrame, dependability: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Scores of a grid of configurations: the mean over those of a method, references and noisy inputs left out.

    Args:
        scores: `configuration, item, metric, value`, as `binome vary` writes them.
        configurations: `configuration, method, reference` and, where inputs were varied, `noise`.
        dependability: `item, method, phi`; becomes the metric "dependability".
    """
    require_columns(scores, "the scores of a grid", ["configuration", "item", "metric", "value"])
    require_columns(configurations, "the scores of a grid", ["configuration", "method", "reference"])
    real = configurations.filter(pl.col("reference") == "")
    if "noise" in real.columns:
        real = real.filter(pl.col("noise").fill_null(0.0) == 0.0)
    joined = scores.join(real.select("configuration", explanation="method"), on="configuration")
    parts = [joined.group_by(KEYS).agg(pl.col("value").fill_nan(None).mean())]
    if dependability is not None:
        require_columns(dependability, "dependability", ["item", "method", "phi"])
        parts.append(dependability.select("item", explanation="method", metric=pl.lit(DEPENDABILITY), value="phi"))
    return read_scores(pl.concat([part.select(*COLUMNS).cast(pl.Schema(COLUMNS)) for part in parts]))


def agreement_scores(agreements: pl.DataFrame) -> pl.DataFrame:
    """How much each explanation agrees with the others, item by item: its mean over the others.

    Args:
        agreements: `a, b, measure, item, value`, as the variation study of the declared explanations writes them.

    Returns:
        The metric is named "agreement: MEASURE".
    """
    require_columns(agreements, "agreements", ["a", "b", "measure", "item", "value"])
    both = pl.concat([agreements.select("item", "measure", "value", explanation=side) for side in ("a", "b")])
    named = both.with_columns(metric=pl.format("agreement: {}", "measure"))
    return read_scores(named.group_by(KEYS).agg(pl.col("value").fill_nan(None).mean()))


def renamed(scores: pl.DataFrame, ids: Mapping[str, str]) -> pl.DataFrame:
    """Scores under other ids of items: what the variation study calls a source, trials call by its opaque id.

    Args:
        ids: by the id that the scores have, the one that the trials have; items that it lacks were not shown, and go.
    """
    return scores.filter(pl.col("item").is_in(list(ids))).with_columns(pl.col("item").replace_strict(dict(ids)))


def read_scores(scores: pl.DataFrame) -> pl.DataFrame:
    """`item, explanation, metric, value`, sorted; a value that is no finite number is null.

    Raises:
        BinomeError: naming a column that is missing, or item, explanation and metric that are there twice.
    """
    require_columns(scores, "scores of explanations", list(COLUMNS))
    if not scores["value"].dtype.is_numeric() and scores["value"].dtype != pl.Null:
        raise BinomeError(f"scores, column 'value': found {scores['value'].dtype}, expected numbers")
    value = pl.col("value").cast(pl.Float64)
    table = scores.select(
        *(pl.col(name).cast(pl.String) for name in KEYS), value=pl.when(value.is_finite()).then(value)
    ).sort(KEYS)
    again = table.filter(pl.struct(KEYS).is_duplicated())
    if again.height:
        row = again.row(0, named=True)
        raise BinomeError(
            f"scores: item {row['item']!r} has several values of {row['metric']!r} for explanation "
            f"{row['explanation']!r}; average them first (`grid_scores` does so over configurations)"
        )
    return table
