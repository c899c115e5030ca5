"""The primary contrast: one difference on its interval, against zero."""

from __future__ import annotations

import polars as pl

from binome.report.figures.canvas import INK, LINE, NARROW, SERIES, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.labels import shortened
from binome.report.figures.rows import Row, interval
from binome.report.wording import Wording


def primary(table: pl.DataFrame, scale: float, unit: str, words: Wording, note: str = "") -> Figure | None:
    """The one row of `analysis.contrast` as a strip; None where it has no interval.

    Args:
        scale, unit: what values are multiplied by to be shown, and the axis's words.
    """
    row = table.to_dicts()[0]
    if row["value"] is None or row["low"] is None:
        return None
    value, low, high = (scale * row[name] for name in ("value", "low", "high"))
    # Zero in the middle: neither side looks larger than it is.
    reach = 1.35 * max(abs(low), abs(high), 1e-9)

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=16, right=16, top=26, bottom=42 + (14 if note else 0))
        axes.set(xlim=(-reach, reach), ylim=(0, 1), yticks=[])
        axes.locator_params(axis="x", nbins=5 if sheet.narrow else 7)
        axes.plot([0, 0], [0, 1], color=INK, linewidth=1)
        axes.axvspan(low, high, color=LINE, alpha=0.35, linewidth=0)
        interval(axes, 0.5, Row("", value, low, high, SERIES[1], "D"), 9)
        axes.xaxis.set_major_formatter(lambda tick, _: words.signed(tick, _digits(reach)))
        axes.set_xlabel(unit)
        for side, x, name in (("left", -reach, row["second"]), ("right", reach, row["first"])):
            text = words.say(f"higher_{side}", name=shortened(name, 0.5 * sheet.width - 104, 5.5))
            axes.annotate(text, (x, 1), (0, 8), textcoords="offset points", ha=side, color=SOFT, fontsize=11)

    height = 112.0 + (14 if note else 0)
    return draw("primary", paint, [(WIDE, height), (NARROW, height)], table, words["primary_alt"], note)


def _digits(reach: float) -> int:
    return 0 if reach >= 5 else 1 if reach >= 0.5 else 2
