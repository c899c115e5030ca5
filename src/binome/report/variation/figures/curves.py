"""The decision study: how dependable an average of maps is, by how many are averaged."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from binome.report.figures.canvas import INK, NARROW, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import legend, legend_height
from binome.report.figures.rows import decimals
from binome.report.variation.figures.keys import COLOURS, MARKS
from binome.report.variation.findings import FACETS
from binome.report.variation.wording import Words

PANEL, TITLE, AXIS, GOAL = 168.0, 26.0, 40.0, 0.8
MARKED = (1, 5, 10, 20, 30)


def curves(table: pl.DataFrame, methods: Sequence[str], words: Words) -> Figure | None:
    """Φ by the number of levels averaged, a line a facet, a panel over all methods and one for each; None without Φ."""
    table = table.filter((pl.col("of") == "maps") & (pl.col("reference") == "")).drop_nulls("phi")
    names = [name for name in ("", *methods) if name in set(table["method"])]
    if not names:
        return None
    present = [facet for facet in FACETS if facet in set(table["facet"])]
    key = [(MARKS[facet], COLOURS[facet], words.facet(facet)) for facet in present]

    def paint(sheet: Sheet) -> None:
        legend(sheet, key)
        head, columns = legend_height(key, sheet.width), 1 if sheet.narrow else 2
        width = sheet.width / columns
        for k, name in enumerate(names):
            x, y = (k % columns) * width, head + (k // columns) * PANEL
            axes = sheet.axes(
                left=x + 36, right=sheet.width - x - width + 14, top=y + TITLE, bottom=sheet.height - y - PANEL + AXIS
            )
            axes.set(xlim=(0.4, 30.6), ylim=(0, 1))
            axes.set_xticks(MARKED)
            axes.set_yticks([0, 0.4, GOAL, 1])
            axes.grid(axis="y")
            decimals(axes.yaxis, words)
            axes.axhline(GOAL, color=SOFT, dashes=(5, 3), linewidth=1)
            sheet.write(x + 4, y + 14, name or words["all_methods"], color=INK, weight="bold", fontsize=11.5)
            if k >= len(names) - columns:
                axes.set_xlabel(words["curves_axis"])
            own = table.filter(pl.col("method") == name)
            for facet in present:
                line = own.filter(pl.col("facet") == facet).sort("levels")
                places = [i for i, levels in enumerate(line["levels"]) if levels in MARKED]
                axes.plot(
                    line["levels"], line["phi"], color=COLOURS[facet], linewidth=1.8, marker=MARKS[facet],
                    markevery=places, markersize=5, clip_on=False,
                )  # fmt: skip

    sizes = [
        (width, legend_height(key, width) + PANEL * -(-len(names) // columns))
        for width, columns in ((WIDE, 2), (NARROW, 1))
    ]
    return draw("decision-study", paint, sizes, table, words["curves_alt"])
