"""Measures over the course of the trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from binome.analysis.measure import registry
from binome.report.analysis.figures.panels import grid
from binome.report.figures.canvas import INK, NARROW, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import legend, legend_height
from binome.report.figures.labels import shortened
from binome.report.figures.looks import looks
from binome.report.figures.rows import decimals
from binome.report.wording import Wording

PANEL, HEIGHT, LEFT, TOP, BOTTOM, FOOT = 300.0, 200.0, 34.0, 30.0, 26.0, 20.0
LINES = 6
"""More lines than these hide one another: the others are in the data."""
ROOM = 44
"""Letters that fit below the axis of a narrow drawing."""
ASIDE = 0.14
"""Of the distance between two stretches, how far the conditions' marks stand apart in all."""


def course(table: pl.DataFrame, conditions: Sequence[str], words: Wording, note: str = "") -> Figure | None:
    """A panel a measure, a line a condition, an interval at each stretch of trials; None without two stretches.

    Args:
        table: of `Findings.course`.
    """
    full = table.drop_nulls("value")
    measures = [
        name
        for name in full["measure"].unique(maintain_order=True)
        if full.filter(pl.col("measure") == name)["stretch"].n_unique() > 1
    ]
    names = [name for name in conditions if name in set(full["condition"])][:LINES]
    if not measures or not names:
        return None
    styles = looks(conditions)
    key = [(styles[name].mark, styles[name].colour, shortened(name, 130)) for name in names]
    ticks = _ticks(full)

    def paint(sheet: Sheet) -> None:
        columns, _ = grid(len(measures), sheet.width, PANEL)
        width, head = sheet.width / columns, legend_height(key, sheet.width) if len(key) > 1 else 4.0
        if len(key) > 1:
            legend(sheet, key)
        for k, measure in enumerate(measures):
            x, y = (k % columns) * width, head + (k // columns) * HEIGHT
            sheet.write(x + 2, y + 16, words.measure(measure), color=INK, weight="bold", fontsize=11.5)
            axes = sheet.axes(
                left=x + LEFT,
                right=sheet.width - x - width + 12,
                top=y + TOP,
                bottom=sheet.height - y - HEIGHT + BOTTOM,
            )
            part = full.filter(pl.col("measure") == measure)
            for i, name in enumerate(names):
                shift = ASIDE * (i - (len(names) - 1) / 2)
                _line(axes, part.filter(pl.col("condition") == name).sort("stretch"), shift, styles[name])
            share = str(registry.get(measure).declared["unit"]) == "share"
            if share:
                axes.set_ylim(0, 1)
                axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
            axes.set_xlim(-0.5, max(ticks) + 0.5)
            every = 2 if sheet.narrow and max(map(len, ticks.values())) * len(ticks) > ROOM else 1
            axes.set_xticks(list(ticks)[::every], list(ticks.values())[::every])
            axes.grid(axis="y")
            decimals(axes.yaxis, words, 2 if share else 1)
        sheet.write(2, sheet.height - 6, words["course_axis"], color=SOFT, fontsize=11)

    sizes = [(width, _height(len(measures), key, width)) for width in (WIDE, NARROW)]
    return draw("course", paint, sizes, table, words["course_alt"], note)


def _height(count: int, key: Sequence[tuple[str, str, str]], width: float) -> float:
    head = legend_height(key, width) if len(key) > 1 else 4.0
    return head + FOOT + HEIGHT * grid(count, width, PANEL)[1]


def _ticks(table: pl.DataFrame) -> Mapping[int, str]:
    """The places of each stretch, counted from 1 as people do."""
    ends = table.group_by("stretch").agg(pl.col("first").min(), pl.col("last").max()).sort("stretch")
    return {
        stretch: f"{first + 1}" if first == last else f"{first + 1}–{last + 1}"
        for stretch, first, last in ends.iter_rows()
    }


def _line(axes: Any, part: pl.DataFrame, shift: float, look: Any) -> None:
    places = (part["stretch"] + shift).to_list()
    axes.plot(places, part["value"], color=look.colour, linewidth=1.3, alpha=0.6)
    for place, low, high in zip(places, part["low"], part["high"], strict=True):
        if low is not None and high is not None:
            axes.plot([place, place], [low, high], color=look.colour, linewidth=1.6)
    axes.plot(places, part["value"], look.mark, color=look.colour, markersize=5.5, clip_on=False)
