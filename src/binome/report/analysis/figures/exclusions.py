"""The same measures with and without the exclusions, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from binome.analysis.measure import registry
from binome.report.analysis.figures.panels import drawn
from binome.report.figures.canvas import INK, NARROW, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import legend, legend_height
from binome.report.figures.labels import room
from binome.report.figures.looks import looks
from binome.report.figures.rows import Row, decimals, interval, listed
from binome.report.wording import Wording

ROW, TITLE, AXIS = 30.0, 30.0, 26.0
MOST = 6
"""Measures that are drawn; the table has all."""
SHARES = ("share", "difference")


def exclusions(
    measures: pl.DataFrame, all_rows: pl.DataFrame, conditions: Sequence[str], words: Wording, note: str = ""
) -> Figure | None:
    """By measure and condition, filled as declared and hollow with the excluded rows; None without such measures.

    Args:
        measures, all_rows: of `measure`, without and with excluded rows.
    """
    data = pl.concat(
        [
            table.with_columns(excluded=pl.lit(kept)).select(
                "measure", "condition", "excluded", "value", "low", "high", "n", "undefined"
            )
            for table, kept in ((measures, "left out"), (all_rows, "kept in"))
        ]
    )
    full = measures.drop_nulls("value")
    shown = [
        name
        for name in full["measure"].unique(maintain_order=True)
        if str(registry.get(name).declared["unit"]) in SHARES
    ][:MOST]
    if not shown:
        return None
    styles = looks(conditions)
    kept = {(row["measure"], row["condition"]): row for row in full.iter_rows(named=True)}
    whole = {(row["measure"], row["condition"]): row for row in all_rows.iter_rows(named=True)}
    names = {name: drawn(conditions, [c for m, c in kept if m == name]) for name in shown}
    left = room((c for found in names.values() for c in found), most=110)
    panel = TITLE + AXIS + ROW * max(map(len, names.values()))
    key = [("o", INK, words["exclusions_kept"]), ("ho", INK, words["exclusions_all"])]

    def paint(sheet: Sheet) -> None:
        columns = 1 if sheet.narrow else 2
        width, head = sheet.width / columns, legend_height(key, sheet.width)
        legend(sheet, key)
        for k, name in enumerate(shown):
            x, y = (k % columns) * width, head + (k // columns) * panel
            rows = [Row.of(c, kept[name, c], colour=styles[c].colour, mark=styles[c].mark) for c in names[name]]
            axes = sheet.axes(
                left=x + left, right=sheet.width - x - width + 48, top=y + TITLE,
                bottom=sheet.height - y - TITLE - ROW * len(rows),
            )  # fmt: skip
            listed(axes, rows, ROW, words.number, words.undefined, left)
            for i, c in enumerate(names[name]):
                if (name, c) in whole:
                    other = Row.of(c, whole[name, c], colour=SOFT, mark=styles[c].mark, hollow=True)
                    interval(axes, (i + 0.8) * ROW, other, 5.5)
            axes.locator_params(axis="x", nbins=4)
            axes.margins(x=0.08)
            decimals(axes.xaxis, words, 2)
            sheet.write(x + 2, y + 18, words.measure(name), color=INK, weight="bold", fontsize=11.5)

    sizes = [
        (width, legend_height(key, width) + panel * -(-len(shown) // columns))
        for width, columns in ((WIDE, 2), (NARROW, 1))
    ]
    return draw("exclusions", paint, sizes, data, words["exclusions_alt"], note)
