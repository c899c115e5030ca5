"""Latent classes: kinds of operators, each with its share and its relation profile."""

from __future__ import annotations

import polars as pl

from binome.report.analysis.figures.relations import COLOURS
from binome.report.analysis.wording import Words
from binome.report.figures.canvas import INK, NARROW, PAPER, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import in_percent, legend, legend_height

ROW, BAR, FOOT = 56.0, 24.0, 30.0
LEAST = 0.09
"""A narrower part has no room for its number."""


def classes(members: pl.DataFrame, words: Words, note: str = "") -> Figure | None:
    """A bar a class, of its four relations; over it its share of the profiles with an interval. None without a class.

    Args:
        members: of `Relations.members`.
    """
    full = members.drop_nulls("share")
    if full.is_empty():
        return None
    rows = full.to_dicts()
    low = 12.0 if note else 0.0
    key = [("s", colour, words.relation(name)) for name, colour in COLOURS.items()]

    def paint(sheet: Sheet) -> None:
        head = legend_height(key, sheet.width)
        legend(sheet, key)
        axes = sheet.axes(left=4, right=4, top=head, bottom=FOOT + low)
        axes.set(xlim=(0, 1), ylim=(ROW * len(rows), 0), yticks=[])
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        in_percent(axes.xaxis, words)
        ticks = axes.get_xticklabels()
        ticks[0].set_ha("left")
        ticks[-1].set_ha("right")
        for i, row in enumerate(rows):
            text = words.say("class_of", n=i + 1, share=words.percents(row["share"], row["low"], row["high"]))
            axes.text(0, i * ROW + 16, text, va="center", color=INK, weight="bold", fontsize=11.5)
            start = 0.0
            for name, colour in COLOURS.items():
                share = row[name] or 0.0
                axes.barh(i * ROW + 38, share, BAR, left=start, color=colour, edgecolor=PAPER, linewidth=1)
                if share >= LEAST * (1.6 if sheet.narrow else 1):
                    middle = start + share / 2
                    axes.text(middle, i * ROW + 38, words.percent(share), ha="center", va="center", color=PAPER,
                              fontsize=11, weight="bold")  # fmt: skip
                start += share

    sizes = [(width, legend_height(key, width) + FOOT + low + ROW * len(rows)) for width in (WIDE, NARROW)]
    return draw("relation-classes", paint, sizes, members, words["classes_alt"], note)
