"""How alike maps are that differ in one thing only, beside maps that have nothing to say."""

from __future__ import annotations

import polars as pl

from binome.report.figures.canvas import INK, LINE, NARROW, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.rows import Row, decimals, interval, ruled
from binome.report.variation.figures.keys import COLOURS, REFERENCE_MARKS, legend, legend_height, room
from binome.report.variation.findings import FACETS
from binome.report.variation.wording import Words

ROW, FOOT = 34.0, 44.0
ROWS_ORDER = ("noise", "setting", "seed", "training", "architecture", "method")


def alike(agreements: pl.DataFrame, measure: str, words: Words) -> Figure | None:
    """A row a facet (for settings a row a method), a dot a pair of levels on its interval; the references are hollow.

    None where nothing is defined.
    """
    table = agreements.filter(pl.col("measure") == measure).drop_nulls("value")
    table = table.with_columns(row=_row_names())
    own = table.filter(pl.col("reference") == "")
    keys = [(facet, row) for facet in ROWS_ORDER for row in _rows_of(own, facet)]
    if not keys:
        return None
    labels = [row or words.facet(facet) for facet, row in keys]
    labels = [f"{words.facet('setting')}: {row}" if facet == "setting" else label for (facet, row), label in zip(keys, labels, strict=True)]
    present = [name for name in REFERENCE_MARKS if name in set(table["reference"])]
    key = [("o", INK, words["pair_of_levels"])]
    key += [(f"h{REFERENCE_MARKS[name]}", SOFT, words.reference(name)) for name in present]
    low = min(0.0, float(table["value"].min() or 0.0))  # type: ignore[arg-type]

    def paint(sheet: Sheet) -> None:
        legend(sheet, key)
        axes = sheet.axes(left=room(labels, most=150), right=62, top=legend_height(key, sheet.width), bottom=FOOT)
        ruled(axes, ROW, len(keys))
        axes.set_xlim(low - (0.05 if low < 0 else 0), 1)
        axes.locator_params(axis="x", nbins=5)
        decimals(axes.xaxis, words)
        axes.set_xlabel(words["alike_axis"])
        aside = axes.get_yaxis_transform()
        for i, ((facet, row), label) in enumerate(zip(keys, labels, strict=True)):
            here = table.filter((pl.col("facet") == facet) & (pl.col("row") == row))
            y = i * ROW
            axes.axhline(y + ROW / 2, color=LINE, linewidth=0.5, dashes=(1, 3), zorder=0)
            for reference in present:
                for value in here.filter(pl.col("reference") == reference)["value"]:
                    mark = REFERENCE_MARKS[reference]
                    interval(axes, y + ROW - 9, Row("", value, None, None, SOFT, mark, hollow=True), 4.5)
            pairs = here.filter(pl.col("reference") == "")
            for pair in pairs.iter_rows(named=True):
                interval(axes, y + ROW / 2 - 3, Row.of("", pair, colour=COLOURS[facet]), 6)
            axes.text(-0.02, y + ROW / 2, label, ha="right", va="center", color=INK, transform=aside, fontsize=11)
            axes.text(1.03, y + ROW / 2, _range(pairs, words), va="center", color=INK, transform=aside, fontsize=11)

    sizes = [(width, legend_height(key, width) + ROW * len(keys) + FOOT) for width in (WIDE, NARROW)]
    name = f"alike-{measure.replace('_', '-')}"
    return draw(name, paint, sizes, table, words.say("alike_alt", measure=words.agreement(measure)))


def _row_names() -> pl.Expr:
    """Settings have a row a method; every other facet has one."""
    setting = pl.col("a").str.split(": ").list.first()
    return pl.when(pl.col("facet") == "setting").then(setting).otherwise(pl.lit(""))


def _rows_of(table: pl.DataFrame, facet: str) -> list[str]:
    if facet not in FACETS:
        return []
    return table.filter(pl.col("facet") == facet)["row"].unique(maintain_order=True).to_list()


def _range(pairs: pl.DataFrame, words: Words) -> str:
    low, high = (words.number(value, 2) for value in (pairs["value"].min(), pairs["value"].max()))  # type: ignore[arg-type]
    return low if low == high else f"{low}–{high}"
