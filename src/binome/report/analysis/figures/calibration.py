"""Whether operators' confidence can be taken at its word, by condition."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from binome.report.analysis.figures.panels import drawn, grid, headed
from binome.report.figures.canvas import NARROW, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import unit_square
from binome.report.figures.looks import looks
from binome.report.wording import Wording

PANEL, LEFT, TOP, BOTTOM, HEAD, FOOT = 160.0, 30.0, 24.0, 24.0, 20.0, 22.0


def calibration(table: pl.DataFrame, conditions: Sequence[str], words: Wording, note: str = "") -> Figure | None:
    """Mean confidence against the share right, bin by bin, with intervals; a dot's area is its number of decisions.

    None where no bin has a decision.

    Args:
        table: of `Findings.calibration`.
    """
    full = table.filter((pl.col("n") > 0) & pl.col("value").is_not_null() & pl.col("confidence").is_not_null())
    names = drawn(conditions, full["condition"].to_list())
    if not names:
        return None
    styles, most = looks(conditions), max(full["n"])

    def paint(sheet: Sheet) -> None:
        columns, _ = grid(len(names), sheet.width, PANEL)
        sheet.write(2, 12, words["calibration_y"], color=SOFT, fontsize=11)
        for k, name in enumerate(names):
            x, y = (k % columns) * PANEL, HEAD + (k // columns) * PANEL
            look = styles[name]
            headed(sheet, x + LEFT, y + 14, name, PANEL - LEFT, look.colour)
            axes = sheet.axes(
                left=x + LEFT,
                right=sheet.width - x - PANEL + 10,
                top=y + TOP,
                bottom=sheet.height - y - PANEL + BOTTOM,
            )
            axes.plot([0, 1], [0, 1], color=SOFT, dashes=(5, 4), linewidth=1)
            part = full.filter(pl.col("condition") == name).sort("confidence")
            axes.plot(part["confidence"], part["value"], color=look.colour, linewidth=1.2, alpha=0.5)
            for row in part.iter_rows(named=True):
                if row["low"] is not None and row["high"] is not None:
                    axes.plot([row["confidence"]] * 2, [row["low"], row["high"]], color=look.colour, linewidth=1.5)
            sizes = [10 + 60 * n / most for n in part["n"]]
            axes.scatter(
                part["confidence"], part["value"], s=sizes, color=look.colour, linewidths=0, zorder=3, clip_on=False
            )
            unit_square(axes, words, 0.5)
        sheet.write(2, sheet.height - 6, words["calibration_x"], color=SOFT, fontsize=11)

    sizes = [(width, HEAD + FOOT + PANEL * grid(len(names), width, PANEL)[1]) for width in (WIDE, NARROW)]
    return draw("calibration", paint, sizes, table, words["calibration_alt"], note)
