"""What passes through trust: the paths, the effects, and how far they depend on what nobody can check."""

from __future__ import annotations

from typing import Any

import polars as pl

from binome.analysis.trust import Mediation
from binome.report.analysis.figures.forest import Block, forest, forest_height
from binome.report.analysis.wording import Words
from binome.report.figures.canvas import GRID, INK, LINE, NARROW, PAPER, SERIES, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.labels import shortened
from binome.report.figures.rows import Row

LOOKS = {"total": (INK, "D"), "acme": (SERIES[1], "o"), "ade": (SERIES[2], "s")}
HEIGHT, TOP = 150.0, 6.0
SIZE = (340.0, 250.0)


def paths(found: Mediation, words: Words, note: str = "") -> Figure | None:
    """The three boxes and their arrows, each with its estimate; None where the paths could not be estimated."""
    rows = {row["path"]: row for row in found.paths.drop_nulls("value").iter_rows(named=True)}
    if not {"a", "b", "direct"} <= set(rows):
        return None

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=0, right=0, top=TOP, bottom=14 if note else 0)
        axes.set(xlim=(0, sheet.width), ylim=(HEIGHT, 0))
        axes.axis("off")
        half = 64.0 if sheet.narrow else 92.0
        left, middle, right = half + 2, sheet.width / 2, sheet.width - half - 2
        contrast = words.say("minus", first=found.first, second=found.second)
        for x, y, text, soft in (
            (left, 118, contrast, words["path_condition"]),
            (middle, 26, words["path_trust"], words["path_mediator"]),
            (right, 118, words["path_reliance"], words["path_outcome"]),
        ):
            _box(axes, x, y, half, shortened(text, 2 * half - 10), soft)
        arrow = {"arrowstyle": "-|>", "color": SOFT, "lw": 1.4, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", (middle - half + 12, 46), (left + 8, 98), arrowprops=arrow)
        axes.annotate("", (right - 8, 98), (middle + half - 12, 46), arrowprops=arrow)
        axes.annotate("", (right - half, 118), (left + half, 118), arrowprops=arrow)
        room = {"ha": "center", "va": "center", "fontsize": 11, "color": INK, "weight": "bold"}
        plain = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5}
        for x, y, name in (
            ((left + middle) / 2 - half / 2 + 8, 72, "a"),
            ((right + middle) / 2 + half / 2 - 8, 72, "b"),
            (middle, 118, "direct"),
        ):
            axes.text(x, y, words.signed(rows[name]["value"], 2), bbox=plain, **room)

    sizes = [(width, HEIGHT + TOP + (14 if note else 0)) for width in (WIDE, NARROW)]
    return draw("mediation-paths", paint, sizes, found.paths, words["paths_alt"], note)


def _box(axes: Any, x: float, y: float, half: float, text: str, soft: str) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x - half, y - 20), 2 * half, 40, facecolor=PAPER, edgecolor=LINE, linewidth=1.2))
    axes.text(x, y - 5, text, ha="center", va="center", color=INK, weight="bold", fontsize=11)
    axes.text(x, y + 10, soft, ha="center", va="center", color=SOFT, fontsize=10)


def effects(found: Mediation, words: Words, note: str = "") -> Figure | None:
    """Total effect, the part through trust and the part beside it, on their intervals; None where there is none.

    In percentage points where the outcome is a share, else in its own unit.
    """
    rows = {row["effect"]: row for row in found.effects.drop_nulls("value").iter_rows(named=True)}
    present = [name for name in LOOKS if name in rows]
    if not present:
        return None
    share = found.link == "logit"
    factor, digits = (100.0, 1) if share else (1.0, 3)
    listed = []
    for name in present:
        colour, mark = LOOKS[name]
        listed.append(Row.of(words[f"effect_{name}"], rows[name], factor, colour=colour, mark=mark))
    blocks = [Block(words.say("minus", first=found.first, second=found.second), "", tuple(listed))]

    def number(row: Row) -> str:
        if row.low is None or row.high is None:
            return words.signed(row.value, digits)
        limits = f"{words.signed(row.low, digits)}{words['to']}{words.signed(row.high, digits)}"
        return f"{words.signed(row.value, digits)} [{limits}]"

    def paint(sheet: Sheet) -> None:
        ticks = (lambda value: words.signed(value, 0)) if share else (lambda value: words.signed(value, 2))
        forest(sheet, blocks, number, ticks, words["points_axis" if share else "plain_axis"])

    sizes = [(width, forest_height(blocks, width)) for width in (WIDE, NARROW)]
    return draw("mediation-effects", paint, sizes, found.effects, words["effects_alt"], note)


def sensitivity(found: Mediation, words: Words, note: str = "") -> Figure | None:
    """The part through trust against ρ, with its band; None without a curve."""
    table = found.sensitivity.drop_nulls("value")
    if table.height < 2:
        return None
    share = found.link == "logit"
    factor = 100.0 if share else 1.0

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=44, right=12, top=28, bottom=46 + (12 if note else 0))
        band = table.drop_nulls(["low", "high"])
        axes.fill_between(band["rho"], factor * band["low"], factor * band["high"], color=SERIES[1], alpha=0.2, lw=0)
        axes.plot(table["rho"], factor * table["value"], color=SERIES[1], linewidth=2)
        axes.axhline(0, color=SOFT, linewidth=1)
        axes.axvline(0, color=GRID, linewidth=1)
        here = table.filter(pl.col("rho") == 0)
        if here.height:
            axes.plot(0, factor * here["value"][0], "o", color=SERIES[1], markersize=7)
        axes.set_xlim(-0.95, 0.95)
        axes.set_xticks([-0.9, -0.6, -0.3, 0, 0.3, 0.6, 0.9])
        axes.set_xlabel(words["rho_axis"])
        axes.spines["left"].set_visible(True)
        axes.grid(visible=True)
        axes.xaxis.set_major_formatter(lambda value, _: words.signed(value, 1))
        axes.yaxis.set_major_formatter(lambda value, _: words.signed(value, 0 if share else 2))
        sheet.write(2, 16, words["acme_axis" if share else "acme_axis_plain"], color=SOFT, fontsize=11)

    size = (SIZE[0], SIZE[1] + (12 if note else 0))
    return draw("mediation-sensitivity", paint, [size], found.sensitivity, words["sensitivity_alt"], note)
