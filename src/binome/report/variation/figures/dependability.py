"""How far one map can be depended on, over all methods and within each."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from binome.report.figures.canvas import INK, LINE, NARROW, SERIES, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import legend, legend_height, unit_steps
from binome.report.figures.labels import room
from binome.report.figures.rows import Row, interval, ruled
from binome.report.variation.figures.keys import REFERENCE_MARKS
from binome.report.variation.wording import Words

ROW, FOOT, GOAL = 38.0, 44.0, 0.8


def dependability(table: pl.DataFrame, methods: Sequence[str], words: Words) -> Figure | None:
    """Φ with its interval, Eρ² above it, those of the references below; None where no Φ is defined."""
    table = table.filter((pl.col("of") == "maps") & pl.col("method").is_in(["", *methods])).drop_nulls("phi")
    own = {row["method"]: row for row in table.filter(pl.col("reference") == "").iter_rows(named=True)}
    names = [name for name in ("", *methods) if name in own]
    if not names:
        return None
    others = [row for row in table.filter(pl.col("reference") != "").iter_rows(named=True) if row["method"] in own]
    present = [name for name in REFERENCE_MARKS if any(row["reference"] == name for row in others)]
    key = [("o", SERIES[1], "Φ"), ("h^", SERIES[4], "Eρ²")]
    key += [(f"h{REFERENCE_MARKS[name]}", SOFT, f"Φ, {words.reference(name)}") for name in present]
    labels = [name or words["all_methods"] for name in names]

    def paint(sheet: Sheet) -> None:
        legend(sheet, key)
        axes = sheet.axes(left=room(labels), right=46, top=legend_height(key, sheet.width), bottom=FOOT)
        ruled(axes, ROW, len(names))
        axes.set_xlim(0, 1)
        unit_steps(axes.xaxis, words)
        axes.set_xlabel(words["phi_axis"])
        axes.plot([GOAL, GOAL], [0, ROW * len(names)], color=SOFT, dashes=(5, 3), linewidth=1.1)
        aside = axes.get_yaxis_transform()
        for i, (name, label) in enumerate(zip(names, labels, strict=True)):
            row, top = own[name], i * ROW
            if i == 1:
                axes.plot([-0.4, 1.15], [top, top], color=LINE, linewidth=0.8, transform=aside, clip_on=False)
            general = Row("", row["generalizability"], None, None, SERIES[4], "^", hollow=True)
            interval(axes, top + 9, general, 6)
            interval(axes, top + 19, Row("", row["phi"], row["phi_low"], row["phi_high"]))
            for other in (other for other in others if other["method"] == name):
                mark = REFERENCE_MARKS[other["reference"]]
                interval(axes, top + 30, Row("", other["phi"], None, None, SOFT, mark, hollow=True), 5)
            axes.text(-0.02, top + 19, label, ha="right", va="center", color=INK, transform=aside, fontsize=11.5)
            number = words.number(row["phi"], 2)
            axes.text(1.03, top + 19, number, va="center", color=INK, transform=aside, fontsize=11.5)

    sizes = [(width, legend_height(key, width) + ROW * len(names) + FOOT) for width in (WIDE, NARROW)]
    return draw("dependability", paint, sizes, table, words["phi_alt"])
