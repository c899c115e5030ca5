"""Answers to questionnaires: one row a time that a scale was filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from binome.analysis.resampling import require_columns
from binome.analysis.trust.scales import SLACK, Scale, mirrored
from binome.core import BinomeError

PLACES = {"condition": pl.String, "block": pl.Int64, "trial": pl.Int64, "attempt": pl.Int64}
"""What tells two times of the same operator apart."""

NOBODY = dict.fromkeys(("operator", "name", "value"), pl.String)
Answers = pl.DataFrame | Sequence[Mapping[str, Any]]


def read_answers(answers: Answers) -> pl.DataFrame:
    """`row, operator, questionnaire, name, value` and the places, from the exported table or its rows.

    A value that is no number (an option beside the points, a text) is missing. `row` counts from 1.

    Raises:
        BinomeError: naming a column that is missing.
    """
    if isinstance(answers, pl.DataFrame):
        answers = answers if answers.width else pl.DataFrame(schema=NOBODY)
    else:
        # Values are numbers, texts and lists in one column: as text they have one type.
        texts = [{name: None if value is None else str(value) for name, value in row.items()} for row in answers]
        answers = pl.DataFrame(texts, infer_schema_length=None) if texts else pl.DataFrame(schema=NOBODY)
    require_columns(answers, "trust", ["operator", "name", "value"])
    table = answers.with_row_index("row", offset=1)
    if "kind" in table.columns:
        table = table.filter(pl.col("kind") == "answer")
    lacking = [name for name in ("questionnaire", *PLACES) if name not in table.columns]
    table = table.with_columns(pl.lit(None).alias(name) for name in lacking)
    return table.select(
        "row",
        pl.col("operator").cast(pl.String),
        pl.col("questionnaire").cast(pl.String),
        *(_place(name, kind) for name, kind in PLACES.items()),
        pl.col("name").cast(pl.String),
        pl.col("value").cast(pl.String).cast(pl.Float64, strict=False).fill_nan(None),
    )


def filled_in(table: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    """One row a time that an operator filled in a scale, in each operator's order.

    Returns:
        `operator`, the places, `occasion` (from 0, within the operator), one float column an item as it was answered,
        `value` (the score, null where an item is missing), `share` (the score on [0, 1]).

    Raises:
        BinomeError: naming row, operator and item of an answer beyond the item's ends, or given twice.
    """
    named = table.filter(pl.col("name").is_in(list(scale.items)))
    if scale.questionnaire is not None:
        named = named.filter(pl.col("questionnaire") == scale.questionnaire)
    _check(named, scale)
    keys = ["operator", *PLACES]
    items = [pl.col("value").filter(pl.col("name") == item).first().alias(item) for item in scale.items]
    rows = named.group_by(keys).agg(items).sort("operator", "trial", "block", "attempt", "condition")
    scores = scale.scored(mirrored(scale, rows)) if rows.height else np.empty(0)
    return rows.with_columns(
        occasion=pl.int_range(pl.len(), dtype=pl.Int64).over("operator"),
        value=pl.Series(scores, dtype=pl.Float64).fill_nan(None),
        share=pl.Series(scale.share(scores), dtype=pl.Float64).fill_nan(None),
    )


def _place(name: str, kind: Any) -> pl.Expr:
    column = pl.col(name).cast(pl.String)
    text = pl.when(column.str.strip_chars() != "").then(column)
    return (text if kind == pl.String else text.cast(pl.Float64, strict=False).cast(kind, strict=False)).alias(name)


def _check(named: pl.DataFrame, scale: Scale) -> None:
    low, high = (pl.col("name").replace_strict(dict(ends), return_dtype=pl.Float64) for ends in (scale.low, scale.high))
    beyond = named.filter(~pl.col("value").is_between(low - SLACK, high + SLACK))
    if beyond.height:
        row = beyond.row(0, named=True)
        ends = f"{scale.low[row['name']]:g} to {scale.high[row['name']]:g}"
        raise BinomeError(
            f"answers, row {row['row']}, column 'value': operator {row['operator']!r} answered {row['value']:g} to "
            f"{row['name']!r}, which goes from {ends} in scale {scale.name!r}"
        )
    again = named.filter(pl.struct("operator", *PLACES, "name").is_duplicated())
    if again.height:
        row = again.row(-1, named=True)
        raise BinomeError(
            f"answers, row {row['row']}: operator {row['operator']!r} answered {row['name']!r} twice at the same "
            f"place; tell the two apart in one of the columns {', '.join(PLACES)}, or name the scale's questionnaire"
        )
