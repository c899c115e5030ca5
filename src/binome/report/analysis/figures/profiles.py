"""The relation profile of each condition: how much autonomy, mediation, delegation, substitution."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from binome.report.analysis.figures.relations import COLOURS
from binome.report.analysis.wording import Words
from binome.report.figures.canvas import INK, NARROW, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import in_percent
from binome.report.figures.labels import room, shortened

ROW, HEAD, FOOT = 26.0, 26.0, 26.0


def profiles(shares: pl.DataFrame, conditions: Sequence[str], words: Words, note: str = "") -> Figure | None:
    """A bar for each relation and condition with its interval; None where no share is defined.

    Args:
        shares: of `Relations.shares`.
    """
    full = shares.drop_nulls("value")
    names = [name for name in conditions if name in set(full["condition"])]
    if not names:
        return None
    found = {(row["condition"], row["relation"]): row for row in full.iter_rows(named=True)}
    low = 12.0 if note else 0.0
    left, block = room(names, most=120), HEAD + FOOT + ROW * len(names)

    def paint(sheet: Sheet) -> None:
        columns = 2 if sheet.narrow else 4
        width = (sheet.width - left) / columns
        for k, (relation, colour) in enumerate(COLOURS.items()):
            x, y = left + (k % columns) * width, (k // columns) * block
            sheet.write(x, y + 16, words.relation(relation), color=colour, weight="bold", fontsize=11.5)
            axes = sheet.axes(
                left=x, right=sheet.width - x - width + 42, top=y + HEAD, bottom=sheet.height - y - block + FOOT
            )
            axes.set(xlim=(0, 1), ylim=(ROW * len(names), 0), yticks=[], xticks=[0, 1] if sheet.narrow else [0, 0.5, 1])
            axes.grid(axis="x")
            in_percent(axes.xaxis, words)
            ticks = axes.get_xticklabels()
            ticks[0].set_ha("left")
            ticks[-1].set_ha("right")
            for i, name in enumerate(names):
                row, middle = found.get((name, relation)), (i + 0.5) * ROW
                if k % columns == 0:
                    axes.annotate(
                        shortened(name, left - 10), (0, middle), (-8, 0), textcoords="offset points", ha="right",
                        va="center", color=INK, fontsize=11.5, annotation_clip=False,
                    )  # fmt: skip
                value = None if row is None else row["value"]
                axes.annotate(
                    words.percent(value), (1, middle), (6, 0), textcoords="offset points", va="center", color=INK,
                    fontsize=11, annotation_clip=False,
                )  # fmt: skip
                if row is None:
                    continue
                axes.barh(middle, row["value"], 0.6 * ROW, color=colour, alpha=0.45, linewidth=0)
                if row["low"] is not None and row["high"] is not None:
                    axes.plot([row["low"], row["high"]], [middle, middle], color=colour, linewidth=2.2)
                    axes.plot(row["value"], middle, "|", color=colour, markersize=12, markeredgewidth=2)

    return draw(
        "relation-profiles",
        paint,
        [(WIDE, block + low), (NARROW, 2 * block + low)],
        shares,
        words["profiles_alt"],
        note,
    )
