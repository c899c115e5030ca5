"""Metrics by methods as one picture, for a publication: the page itself has a table."""

from __future__ import annotations

import polars as pl

from binome.report.figures.canvas import INK, SERIES, SOFT, Figure, Sheet, draw
from binome.report.variation.sections.quality import Heat
from binome.report.variation.wording import Words

ROW, COLUMN, LEFT, HEAD, FOOT = 40.0, 92.0, 190.0, 30.0, 26.0
DEEPEST = 0.42
"""Of the colour, for the first rank: dark text stays readable on it."""


def heat(found: Heat, summary: pl.DataFrame, words: Words) -> Figure:
    """Each cell its value, limits and rank; the deeper, the better the rank; the first in bold."""
    from matplotlib.patches import Rectangle

    width = LEFT + COLUMN * len(found.methods) + 4

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=0, right=0, top=0, bottom=0)
        axes.set(xlim=(0, sheet.width), ylim=(sheet.height, 0))
        axes.axis("off")
        for j, (name, control) in enumerate(found.methods):
            x = LEFT + (j + 0.5) * COLUMN
            axes.text(x, 18, name, ha="center", va="center", weight="bold", color=SOFT if control else INK, fontsize=11)
        y = HEAD
        for family in found.families:
            axes.text(4, y + 13, family.name, va="center", color=SOFT, fontsize=11)
            y += 26
            for line in family.lines:
                axes.text(4, y + 14, line.name, va="center", color=INK, fontsize=11)
                axes.text(4, y + 29, line.better, va="center", color=SOFT, fontsize=9)
                for j, score in enumerate(line.scores):
                    x = LEFT + j * COLUMN
                    if score.heat is not None:
                        alpha = 0.03 + (DEEPEST - 0.03) * score.heat
                        place = Rectangle(
                            (x + 1, y + 1), COLUMN - 2, ROW - 2, facecolor=SERIES[1], alpha=alpha, linewidth=0
                        )
                        axes.add_patch(place)
                    weight = "bold" if score.first else "normal"
                    middle = x + COLUMN / 2
                    axes.text(
                        middle, y + 11, score.text, ha="center", va="center", weight=weight, color=INK, fontsize=10.5
                    )
                    axes.text(middle, y + 22, score.limits, ha="center", va="center", color=INK, fontsize=8)
                    axes.text(middle, y + 32, score.rank, ha="center", va="center", color=INK, fontsize=8)
                y += ROW

    height = HEAD + FOOT + sum(26 + ROW * len(family.lines) for family in found.families)
    return draw("scores", paint, [(max(width, 320.0), height)], summary, words["heat_caption"])
