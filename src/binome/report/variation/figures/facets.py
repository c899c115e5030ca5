"""How much of the variation hangs on each choice, with the levels of the references beside it."""

from __future__ import annotations

import polars as pl

from binome.report.figures.canvas import NARROW, SERIES, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import in_percent, legend, legend_height
from binome.report.figures.labels import room
from binome.report.figures.rows import Row, interval, listed
from binome.report.variation.figures.keys import REFERENCE_MARKS
from binome.report.variation.findings import FACETS
from binome.report.variation.wording import Words

ROW, FOOT = 34.0, 44.0


def facets(table: pl.DataFrame, overall: str, words: Words) -> Figure | None:
    """Shares of maps by facet with intervals, over all methods; the references' are hollow. None without a share.

    Args:
        overall: the rows to draw: `""`, or the study's only method.
    """
    table = table.filter((pl.col("of") == "maps") & (pl.col("method") == overall)).drop_nulls("share")
    own = {row["facet"]: row for row in table.filter(pl.col("reference") == "").iter_rows(named=True)}
    names = sorted((name for name in FACETS if name in own), key=lambda name: -own[name]["share"])
    if not names:
        return None
    rows = [Row(words.facet(name), own[name]["share"], own[name]["low"], own[name]["high"]) for name in names]
    others = [row for row in table.filter(pl.col("reference") != "").iter_rows(named=True) if row["facet"] in own]
    present = [name for name in REFERENCE_MARKS if any(row["reference"] == name for row in others)]
    key = [("o", SERIES[1], words["this_study"])]
    key += [(f"h{REFERENCE_MARKS[name]}", SOFT, words.reference(name)) for name in present]

    def paint(sheet: Sheet) -> None:
        legend(sheet, key)
        left = room(row.label for row in rows)
        axes = sheet.axes(left=left, right=52, top=legend_height(key, sheet.width), bottom=FOOT)
        for row in others:
            y = (names.index(row["facet"]) + 0.76) * ROW
            mark = REFERENCE_MARKS[row["reference"]]
            interval(axes, y, Row("", row["share"], None, None, SOFT, mark, hollow=True), 5.5)
        listed(axes, rows, ROW, words.percent, words.undefined)
        axes.set_xlim(0, 1)
        axes.locator_params(axis="x", nbins=4 if sheet.narrow else 5)
        in_percent(axes.xaxis, words)
        axes.set_xlabel(words["facets_axis"] if not sheet.narrow else words["facets_axis_short"])

    sizes = [(width, legend_height(key, width) + ROW * len(rows) + FOOT) for width in (WIDE, NARROW)]
    return draw("facets", paint, sizes, table, words["facets_alt"])
