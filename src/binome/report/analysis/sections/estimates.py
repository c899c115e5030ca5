"""Sentences about a measure across conditions, and tables of estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from binome.analysis import Analysis
from binome.report.analysis.wording import Words
from binome.report.tables import Cell, Table, table


def rows_of(analysis: Analysis, measure: str) -> list[dict[str, Any]]:
    """The rows of a measure that have a value, in the order of the conditions."""
    part = analysis.measures.filter((pl.col("measure") == measure) & pl.col("value").is_not_null())
    return part.to_dicts()


def percents(row: Mapping[str, Any], words: Words) -> str:
    return words.percents(row["value"], row["low"], row["high"])


def lowest_and_highest(rows: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows of the smallest and the largest value."""
    ordered = sorted(rows, key=lambda row: float(row["value"]))
    return ordered[0], ordered[-1]


def estimates(frame: pl.DataFrame, names: Sequence[str], caption: str, words: Words) -> Table:
    """A table of a frame with `value, low, high` and perhaps `n, undefined`: its own columns before them as text.

    Args:
        names: those columns.
    """
    counts = [name for name in ("n", "operators", "undefined") if name in frame.columns]
    rows: list[list[Cell | str]] = [
        [
            *(_text(name, row[name], words) for name in names),
            words.number(row["value"]),
            words.limits(row["low"], row["high"]) or words.undefined,
            *(words.undefined if row[name] is None else words.count(row[name]) for name in counts),
        ]
        for row in frame.iter_rows(named=True)
    ]
    titles = {"operators": words["operators_head"]}
    head = [
        *(str(words.words["columns"].get(name, name.replace("_", " "))) for name in names),
        words["value"],
        words["limits"],
        *(titles.get(name) or words[name] for name in counts),
    ]
    return table(caption, head, rows, text=len(names))


def _text(name: str, value: Any, words: Words) -> Cell | str:
    if value is None:
        return words["all_groups"]
    if name == "condition":
        return Cell(str(value), condition=str(value))
    if name == "measure":
        return words.measure(str(value))
    if name == "relation":
        return words.relation(str(value))
    if isinstance(value, float):
        return words.number(value, 2)
    return str(value)
