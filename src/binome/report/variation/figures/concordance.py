"""Do metrics, and items, put the methods into the same order?"""

from __future__ import annotations

import polars as pl

from binome.report.figures.canvas import NARROW, SERIES, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import unit_steps
from binome.report.figures.labels import room
from binome.report.figures.rows import Row, listed
from binome.report.variation.wording import Words

ROW, FOOT = 30.0, 44.0


def concordance(ranking: pl.DataFrame, words: Words) -> Figure | None:
    """Kendall's W between metrics, then between items by metric, with intervals; None where none is defined."""
    table = ranking.drop_nulls("w")
    rows = [
        Row(words["w_metrics"], row["w"], row["low"], row["high"], SERIES[2], "s")
        if row["scope"] == "metrics"
        else Row(words.labelled(row["scope"]), row["w"], row["low"], row["high"], SERIES[1])
        for row in table.iter_rows(named=True)
    ]
    if not rows:
        return None

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=room((row.label for row in rows), most=176), right=46, top=6, bottom=FOOT)
        listed(axes, rows, ROW, lambda value: words.number(value, 2), words.undefined)
        axes.set_xlim(0, 1)
        unit_steps(axes.xaxis, words, 0.5 if sheet.narrow else 0.2)
        sheet.write(sheet.width - 46, sheet.height - 8, words["w_axis"], color=SOFT, fontsize=11, ha="right")

    height = ROW * len(rows) + FOOT + 6
    return draw("concordance", paint, [(WIDE, height), (NARROW, height)], table, words["w_alt"])
