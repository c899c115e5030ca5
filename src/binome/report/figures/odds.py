"""The mixed model's odds ratios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from binome.analysis import Fit
from binome.report.figures.canvas import INK, NARROW, PAPER, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.labels import shortened
from binome.report.figures.looks import looks
from binome.report.figures.rows import Row, interval, ruled
from binome.report.wording import Wording

ROW, HEAD, FOOT = 46.0, 26.0, 54.0
TICKS = (0.05, 0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10, 20)

FURTHEST = np.log(22.0)
"""The axis ends there: odds that are nearly zero or certain have limits that would leave no room for the others."""


def level(term: str) -> str:
    """The level that a term of the model stands for: `condition[advised]` is `advised`."""
    return term.partition("[")[2].rstrip("]") or term


def odds(fit: Fit, conditions: Sequence[str], words: Wording, note: str = "") -> Figure | None:
    """Odds ratios of all terms but the intercept, on a logarithmic axis; None where none has an interval."""
    table = fit.fixed.filter(~pl.col("term").str.to_lowercase().str.contains("intercept")).drop_nulls("low")
    if table.is_empty():
        return None
    table = table.with_columns(low=pl.col("low").exp(), high=pl.col("high").exp()).select(
        "term", "odds_ratio", "low", "high", "p"
    )
    styles = looks(conditions)
    rows = []
    for term, ratio, low, high, _ in table.iter_rows():
        look = styles.get(level(term)) or styles[conditions[0]]
        rows.append(Row(level(term), ratio, low, high, look.colour, look.mark))
    ends = np.log(table.select("low", "high").to_numpy())
    reach = min(1.15 * max(float(np.abs(ends).max()), np.log(1.3)), FURTHEST)

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=10, right=10, top=HEAD, bottom=FOOT)
        ruled(axes, ROW, len(rows))
        axes.set_xscale("log")
        axes.set_xlim(np.exp(-reach), np.exp(reach))
        shown = [tick for tick in TICKS if abs(np.log(tick)) <= reach]
        shown = [tick for tick in shown if not sheet.narrow or tick not in (0.67, 1.5) or len(shown) < 6]
        axes.set_xticks(shown, [words.number(tick, 0 if tick == int(tick) else 2) for tick in shown])
        axes.minorticks_off()
        axes.plot([1, 1], [0, ROW * len(rows)], color=SOFT, linewidth=1)
        same = words.say("odds_one", reference=shortened(conditions[0], 140))
        axes.annotate(same, (1, 0), (0, 8), textcoords="offset points", ha="center", color=SOFT, fontsize=11)
        axes.set_xlabel(words["odds_axis"])
        aside = axes.get_yaxis_transform()
        for i, row in enumerate(rows):
            y = i * ROW + 12
            plain = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5}
            axes.text(
                0,
                y,
                shortened(row.label, 0.5 * sheet.width),
                va="center",
                weight="bold",
                color=INK,
                transform=aside,
                bbox=plain,
            )
            text = words.ratio(row.value, row.low, row.high)
            axes.text(1, y, text, va="center", ha="right", transform=aside, fontsize=11.5, bbox=plain)
            interval(axes, i * ROW + 32, _within(row, np.exp(reach)))

    height = HEAD + FOOT + ROW * len(rows)
    return draw("odds", paint, [(WIDE, height), (NARROW, height)], table, words["odds_alt"], note)


def _within(row: Row, most: float) -> Row:
    """Cut to an axis from 1 / `most` to `most`."""
    value, low, high = (
        None if end is None else min(max(end, 1 / most), most) for end in (row.value, row.low, row.high)
    )
    return replace(row, value=value, low=low, high=high)
