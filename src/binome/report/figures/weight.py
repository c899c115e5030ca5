"""How far advice moved the estimates."""

from __future__ import annotations

import polars as pl

from binome.analysis import Analysis
from binome.report.figures.canvas import SOFT, Figure, Sheet, draw
from binome.report.figures.labels import room
from binome.report.figures.looks import looks
from binome.report.figures.rows import Row, decimals, listed
from binome.report.wording import Wording

WIDTH, ROW, FOOT = 340.0, 30.0, 46.0


def weight(analysis: Analysis, words: Wording, note: str = "") -> Figure | None:
    """Mean weight of advice by condition with its interval; None where it is defined in none."""
    data = analysis.measures.filter(pl.col("measure") == "weight_of_advice")
    found = [row for row in data.iter_rows(named=True) if row["value"] is not None]
    if not found:
        return None
    styles = looks(analysis.conditions)
    names = [row["condition"] for row in found]
    rows = [
        Row.of(name, row, colour=styles[name].colour, mark=styles[name].mark)
        for name, row in zip(names, found, strict=True)
    ]
    ends = [end for row in rows for end in (row.value, row.low, row.high) if end is not None]
    height = ROW * len(rows) + FOOT + 8
    left = room(names, least=86)

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=left, right=48, top=8, bottom=FOOT)
        listed(axes, rows, ROW, words.number, words.undefined, left)
        axes.set_xlim(min(0.0, *ends), max(1.0, *ends))
        axes.locator_params(axis="x", nbins=5)
        decimals(axes.xaxis, words)
        sheet.write(2, height - 16, words["weight_axis"], color=SOFT, fontsize=11)

    return draw("weight-of-advice", paint, [(WIDTH, height)], data, words["weight_alt"], note)
