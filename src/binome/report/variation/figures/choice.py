"""Which method comes first, in how many resamples of the items."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from binome.report.figures.canvas import INK, NARROW, SERIES, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import in_percent
from binome.report.figures.labels import room
from binome.report.variation.wording import Words

ROW, FOOT = 30.0, 46.0


def choice(table: pl.DataFrame, controls: Collection[str], words: Words) -> Figure | None:
    """A bar a method: the share of resamples in which it comes first; placebos are hollow. None without such shares."""
    table = table.drop_nulls("best").sort("best", descending=True, maintain_order=True)
    if table.height < 2:
        return None
    rows = table.to_dicts()

    def paint(sheet: Sheet) -> None:
        names = [row["method"] for row in rows]
        axes = sheet.axes(left=room(names), right=52, top=6, bottom=FOOT)
        axes.set(xlim=(0, 1), ylim=(ROW * len(rows), 0))
        axes.set_yticks([])
        axes.grid(axis="x")
        in_percent(axes.xaxis, words)
        axes.locator_params(axis="x", nbins=4 if sheet.narrow else 5)
        aside = axes.get_yaxis_transform()
        for i, row in enumerate(rows):
            y, placebo = (i + 0.5) * ROW, row["method"] in controls
            colour = SOFT if placebo else SERIES[1]
            face = "none" if placebo else colour
            axes.barh(y, row["best"], 0.56 * ROW, facecolor=face, edgecolor=colour, linewidth=1.2)
            ink = SOFT if placebo else INK
            axes.text(-0.02, y, row["method"], ha="right", va="center", color=ink, transform=aside, fontsize=11.5)
            axes.text(1.02, y, words.percent(row["best"]), va="center", color=ink, transform=aside, fontsize=11.5)
        axes.set_xlabel(words["best_axis"])

    height = ROW * len(rows) + FOOT + 6
    return draw("choice", paint, [(WIDE, height), (NARROW, height)], table, words["best_alt"])
