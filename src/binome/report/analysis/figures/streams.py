"""From which relation to which operators went: streams between the columns of successive blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from binome.report.analysis.figures.panels import drawn, headed
from binome.report.analysis.figures.relations import COLOURS
from binome.report.analysis.wording import Words
from binome.report.figures.canvas import NARROW, PAPER, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import legend
from binome.report.figures.looks import looks
from binome.report.figures.plane import apart

HEIGHT, TOP, BOTTOM, BESIDE = 178.0, 26.0, 28.0, 42.0
NODE, GAP = 9.0, 0.03
"""Points that a column is wide, and the share of all operators that stands between two of its relations."""


def streams(flow: pl.DataFrame, conditions: Sequence[str], words: Words, note: str = "") -> Figure | None:
    """A panel a condition. A column is a block, its parts the operators by their main relation; a stream goes from
    where operators were to where they went. None where nobody can be followed.

    Args:
        flow: of `Relations.flow`.
    """
    full = flow.filter(pl.col("operators") > 0)
    names = drawn(conditions, full["condition"].to_list())
    if not names:
        return None
    styles = looks(conditions)
    key_height = 24.0

    def paint(sheet: Sheet) -> None:
        columns = 1 if sheet.narrow or len(names) == 1 else 2
        width = sheet.width / columns
        _key(sheet, words)
        top = key_height * (2 if sheet.narrow else 1)
        for k, name in enumerate(names):
            x, y = (k % columns) * width, top + (k // columns) * HEIGHT
            headed(sheet, x + 2, y + 16, name, width - 10, styles[name].colour)
            axes = sheet.axes(
                left=x + BESIDE,
                right=sheet.width - x - width + BESIDE + (14 if columns > 1 and k % 2 == 0 else 0),
                top=y + TOP,
                bottom=sheet.height - y - HEIGHT + BOTTOM,
            )
            _panel(axes, full.filter(pl.col("condition") == name), words)

    def height(width: float) -> float:
        columns = 1 if width < WIDE or len(names) == 1 else 2
        return key_height * (2 if width < WIDE else 1) + HEIGHT * -(-len(names) // columns) + (12 if note else 0)

    sizes = [(width, height(width)) for width in (WIDE, NARROW)]
    return draw("relation-flow", paint, sizes, flow, words["streams_alt"], note)


def _key(sheet: Sheet, words: Words) -> None:
    legend(sheet, [("s", colour, words.relation(name)) for name, colour in COLOURS.items()])


def _panel(axes: Any, part: pl.DataFrame, words: Words) -> None:
    steps = sorted(part["step"].unique())
    axes.set(xlim=(0, len(steps)), ylim=(1, 0))
    axes.axis("off")
    inside = axes.get_window_extent().width * 72 / axes.figure.dpi
    half = NODE / 2 / inside * len(steps)
    for i, step in enumerate(steps):
        rows = part.filter(pl.col("step") == step)
        unit, total = rows["unit"][0], int(rows["operators"].sum())
        scale = (1 - GAP * (len(COLOURS) - 1)) / total
        starts, ends = _column(rows, "first", scale), _column(rows, "second", scale)
        cursor, landing = (
            {name: top for name, (top, _) in starts.items()},
            {name: top for name, (top, _) in ends.items()},
        )
        for first in COLOURS:
            for second in COLOURS:
                found = rows.filter((pl.col("first") == first) & (pl.col("second") == second))
                thick = scale * int(found["operators"].sum())
                if thick:
                    _stream(axes, i + half, i + 1 - half, cursor[first], landing[second], thick, COLOURS[first])
                    cursor[first] += thick
                    landing[second] += thick
        if i == 0:
            _nodes(axes, 0.0, half, starts, total, scale, words, "left")
            axes.annotate(words.part(unit, step), (0, 1), (0, -16), textcoords="offset points", ha="center", color=SOFT,
                          fontsize=10.5, annotation_clip=False)  # fmt: skip
        side = "right" if i == len(steps) - 1 else "none"
        _nodes(axes, i + 1.0, half, ends, total, scale, words, side)
        axes.annotate(
            words.part(unit, step + 1), (i + 1, 1), (0, -16), textcoords="offset points", ha="center", color=SOFT,
            fontsize=10.5, annotation_clip=False,
        )  # fmt: skip


def _column(rows: pl.DataFrame, end: str, scale: float) -> dict[str, tuple[float, float]]:
    """Top and height of each relation in a column, as shares of the axes."""
    found, top = {}, 0.0
    for name in COLOURS:
        thick = scale * int(rows.filter(pl.col(end) == name)["operators"].sum())
        found[name] = (top, thick)
        top += thick + (GAP if thick else 0)
    return found


def _nodes(
    axes: Any,
    x: float,
    half: float,
    column: Mapping[str, tuple[float, float]],
    total: int,
    scale: float,
    words: Words,
    side: str,
) -> None:
    from matplotlib.patches import Rectangle

    shown = {name: place for name, place in column.items() if place[1] > 0}
    for name, (top, thick) in shown.items():
        axes.add_patch(Rectangle((x - half, top), 2 * half, thick, facecolor=COLOURS[name], linewidth=0, clip_on=False))
    if side == "none":
        return
    heights = apart([top + thick / 2 for top, thick in shown.values()], 0.1)
    for (name, (_, thick)), height in zip(shown.items(), heights, strict=True):
        sign = -1 if side == "left" else 1
        axes.annotate(
            words.percent(thick / scale / total), (x + sign * half, height), (5 * sign, 0), textcoords="offset points",
            ha="right" if side == "left" else "left", va="center", color=COLOURS[name], weight="bold", fontsize=11,
            annotation_clip=False,
        )  # fmt: skip


def _stream(axes: Any, left: float, right: float, start: float, end: float, thick: float, colour: str) -> None:
    """A band of one thickness that leaves and arrives level."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    middle = (left + right) / 2
    points = [
        (left, start), (middle, start), (middle, end), (right, end),
        (right, end + thick), (middle, end + thick), (middle, start + thick), (left, start + thick), (left, start),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(points, codes), facecolor=colour, alpha=0.38, edgecolor=PAPER, linewidth=0.6))
