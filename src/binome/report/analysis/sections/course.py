"""Whether anything changed while the trials went on."""

from __future__ import annotations

from typing import Any

import polars as pl

from binome.report.analysis.wording import Words
from binome.report.sections.answer import scale


def finding(table: pl.DataFrame, words: Words) -> tuple[str, ...]:
    """For each measure, the condition in which first and last stretch are furthest apart."""
    said, clear = [], []
    for measure in table["measure"].unique(maintain_order=True):
        changes = _changes(table.filter(pl.col("measure") == measure).drop_nulls("value"))
        if changes:
            pair = max(changes, key=lambda each: abs(float(each[1]["value"]) - float(each[0]["value"])))
            said.append(_said(measure, pair, words))
            clear += [words.measure(measure)] if _apart(*pair) else []
    if not said:
        return (words["course_empty"],)
    whole = words.say("course_some", list=words.listed(clear)) if clear else words["course_none"]
    return whole, *said


def _changes(part: pl.DataFrame) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    pairs = []
    for _, own in part.sort("stretch").group_by("condition", maintain_order=True):
        if own.height > 1:
            pairs.append((own.row(0, named=True), own.row(-1, named=True)))
    return pairs


def _said(measure: str, pair: tuple[dict[str, Any], dict[str, Any]], words: Words) -> str:
    first, last = pair
    shown = scale(measure)
    unit = "percent" if shown.unit == "points" else shown.unit
    ends = [
        words.say(unit, number=words.number(shown.factor * row["value"], 0 if unit == "percent" else shown.digits))
        for row in pair
    ]
    return words.say(
        "course_apart" if _apart(first, last) else "course_near",
        measure=words.measure(measure),
        condition=words.quoted(first["condition"]),
        first=ends[0],
        last=ends[1],
    )


def _apart(first: dict[str, Any], last: dict[str, Any]) -> bool:
    """Whether the two intervals have nothing in common."""
    if None in (first["low"], first["high"], last["low"], last["high"]):
        return False
    return bool(first["low"] > last["high"] or last["low"] > first["high"])
