"""Whether explanations that score better help more: odds ratios of each metric, and of explanations over placebo."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from binome.analysis.meeting import Meeting
from binome.report.analysis.figures.forest import Block, forest, forest_height
from binome.report.analysis.wording import Words
from binome.report.figures.canvas import INK, NARROW, SERIES, WIDE, Figure, Sheet, draw
from binome.report.figures.odds import TICKS
from binome.report.figures.rows import Row

LOOKS = {"within": (SERIES[1], "o"), "between": (SERIES[2], "s")}
PLACES = [[math.log(tick) for tick in TICKS], [math.log(tick) for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10)]]
MOST = 12
"""Metrics that are drawn; the table has all."""


def meeting(found: Meeting, words: Words, note: str = "") -> Figure | None:
    """A block a metric, with the effect within methods and between them, on a logarithmic axis of odds ratios.

    The explanations over placebo follow. None where nothing could be estimated.
    """
    slopes, over = found.slopes.drop_nulls("estimate"), found.over_placebo.drop_nulls("estimate")
    metrics = slopes["metric"].unique(maintain_order=True).to_list()[:MOST]
    blocks = [_metric(name, slopes.filter(pl.col("metric") == name), words) for name in metrics]
    if over.height:
        rows = tuple(_row(row["explanation"], row, INK, "D") for row in over.iter_rows(named=True))
        blocks.append(Block(words["over_placebo_title"], words["over_placebo_aside"], rows))
    if not blocks:
        return None

    def number(row: Row) -> str:
        value, low, high = (None if end is None else _ratio(end) for end in (row.value, row.low, row.high))
        return words.ratio(value, low, high)

    def tick(place: float) -> str:
        ratio = round(_ratio(place), 2)
        return words.number(ratio, 0 if ratio == int(ratio) else 2)

    def paint(sheet: Sheet) -> None:
        forest(sheet, blocks, number, tick, words["odds_axis"], places=PLACES)

    sizes = [(width, forest_height(blocks, width)) for width in (WIDE, NARROW)]
    return draw("explanations-meet-people", paint, sizes, found.slopes, words["meeting_alt"], note)


def _metric(name: str, part: pl.DataFrame, words: Words) -> Block:
    rows = [_row(words[f"meeting_{row['effect']}"], row, *LOOKS[row["effect"]]) for row in part.iter_rows(named=True)]
    return Block(words.metric(name), words["meeting_aside"], tuple(rows))


def _row(label: str, row: Mapping[str, Any], colour: str, mark: str) -> Row:
    return Row(label, row["estimate"], row["low"], row["high"], colour, mark)


def _ratio(log_odds: float) -> float:
    return math.exp(min(log_odds, 700.0))
