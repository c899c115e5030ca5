"""Reliance by whether the model was wrong or right."""

from __future__ import annotations

import polars as pl

from binome.analysis import Analysis
from binome.report.figures.canvas import INK, SOFT, Figure, Sheet, draw
from binome.report.figures.keys import unit_steps
from binome.report.figures.labels import room
from binome.report.figures.looks import looks
from binome.report.figures.plane import both
from binome.report.figures.rows import Row, listed
from binome.report.wording import Wording

WIDTH, ROW, PANEL, FOOT = 340.0, 30.0, 62.0, 24.0


def reliance(analysis: Analysis, words: Wording, note: str = "") -> Figure | None:
    """Over-reliance above, under-reliance below; None where no advice was shown."""
    found = both(analysis, "overreliance", "underreliance")
    if not found:
        return None
    styles = looks(analysis.conditions)
    block = PANEL + ROW * len(found)
    height = 2 * block + FOOT
    left = room((name for name, *_ in found), least=86)
    panels = [
        (
            words[f"{kind}_panel"],
            [Row.of(name, pair[i], colour=styles[name].colour, mark=styles[name].mark) for name, *pair in found],
        )
        for i, kind in ((0, "over"), (1, "under"))
    ]
    highest = max(row.high or row.value or 0 for _, rows in panels for row in rows)

    def paint(sheet: Sheet) -> None:
        for k, (title, rows) in enumerate(panels):
            top = k * block + 34
            axes = sheet.axes(left=left, right=48, top=top, bottom=height - top - ROW * len(rows))
            listed(axes, rows, ROW, words.number, words.undefined, left)
            axes.set_xlim(0, 1 if highest > 0.6 else 0.6 if highest > 0.4 else 0.4)
            unit_steps(axes.xaxis, words)
            sheet.write(2, k * block + 22, title, color=INK, fontsize=11.5, weight="bold")
        sheet.write(2, height - FOOT + 12, words["reliance_axis"], color=SOFT, fontsize=11)

    data = analysis.measures.filter(pl.col("measure").is_in(["overreliance", "underreliance"]))
    return draw("reliance", paint, [(WIDTH, height)], data, words["reliance_alt"], note)
