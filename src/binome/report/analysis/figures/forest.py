"""Forest plots: estimates under headings, each on its interval beside a line at zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from binome.report.figures.canvas import GRID, INK, PAPER, SOFT, WIDE, Sheet
from binome.report.figures.labels import LETTER, shortened
from binome.report.figures.rows import Row, interval

ROW, HEADING, NARROW_ROW, AXIS = 25.0, 32.0, 42.0, 46.0
LEFT, RIGHT = 172.0, 132.0
"""Points that a wide drawing keeps for names and for numbers."""

PLAIN = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.5}
"""Behind texts, so that no line runs through them."""


@dataclass(frozen=True)
class Block:
    """Estimates of one kind; `aside` says in small print what they are counted in."""

    heading: str
    aside: str
    rows: tuple[Row, ...]


def forest_height(blocks: Sequence[Block], width: float, top: float = 0.0) -> float:
    """Points that the drawing takes at a width."""
    row = ROW if width >= WIDE else NARROW_ROW
    return top + AXIS + sum(HEADING + row * len(block.rows) for block in blocks)


def forest(
    sheet: Sheet,
    blocks: Sequence[Block],
    number: Callable[[Row], str],
    tick: Callable[[float], str],
    label: str,
    *,
    top: float = 0.0,
    bottom: float = 0.0,
    places: Sequence[Sequence[float]] = (),
) -> None:
    """Draw blocks between `top` and `bottom` points from the sheet's edges, on one axis around zero.

    Args:
        number, tick: what stands beside a row, and below the axis at a place.
        places: of the ticks, in sets from many to few, of which the first that has room is taken; even by default.
    """
    left, right = (12.0, 12.0) if sheet.narrow else (LEFT, RIGHT)
    row_height = NARROW_ROW if sheet.narrow else ROW
    total = sum(HEADING + row_height * len(block.rows) for block in blocks)
    axes = sheet.axes(left=left, right=right, top=top, bottom=bottom + AXIS)
    reach = 1.08 * max(
        (
            abs(end)
            for block in blocks
            for row in block.rows
            for end in (row.low, row.value, row.high)
            if end is not None
        ),
        default=1.0,
    )
    reach = reach or 1.0
    axes.set(xlim=(-reach, reach), ylim=(total, 0), yticks=[])
    if places:
        shown = [[place for place in some if abs(place) <= reach] for some in places]
        axes.set_xticks(next((some for some in shown if len(some) <= (5 if sheet.narrow else 9)), shown[-1]))
    else:
        axes.locator_params(axis="x", nbins=5 if sheet.narrow else 7)
    axes.xaxis.set_major_formatter(lambda value, _: tick(value))
    axes.grid(axis="x")
    axes.plot([0, 0], [0, total], color=SOFT, linewidth=1)
    axes.set_xlabel(label)
    y = 0.0
    for block in blocks:
        _heading(sheet, axes, top + y, block)
        y += HEADING
        for row in block.rows:
            middle = y + (30.0 if sheet.narrow else row_height / 2)
            _names(sheet, axes, top + y, row, number(row), left)
            interval(axes, middle, row, 7.0)
            y += row_height


def _heading(sheet: Sheet, axes: Any, y: float, block: Block) -> None:
    if y:
        axes.figure.add_artist(_rule(sheet, y + 3))
    sheet.write(
        2, y + 20, shortened(block.heading, sheet.width - 4), color=INK, weight="bold", fontsize=11.5, bbox=PLAIN
    )
    used = 14 + 7.0 * len(block.heading)
    if block.aside and used + LETTER * len(block.aside) < sheet.width:
        sheet.write(sheet.width, y + 20, block.aside, color=SOFT, fontsize=10.5, ha="right", bbox=PLAIN)


def _rule(sheet: Sheet, y: float) -> Any:
    from matplotlib.lines import Line2D

    height = 1 - y / sheet.height
    return Line2D([0, 1], [height, height], color=GRID, linewidth=1, transform=sheet.canvas.transFigure)


def _names(sheet: Sheet, axes: Any, y: float, row: Row, text: str, left: float) -> None:
    if sheet.narrow:
        sheet.write(
            2, y + 16, shortened(row.label, sheet.width - LETTER * len(text) - 12), color=INK, fontsize=11, bbox=PLAIN
        )
        sheet.write(sheet.width, y + 16, text, color=INK, fontsize=11, ha="right", bbox=PLAIN)
        return
    middle = y + ROW / 2
    sheet.write(left - 10, middle, shortened(row.label, left - 12), color=INK, fontsize=11, ha="right", va="center")
    sheet.write(sheet.width, middle, text, color=INK, fontsize=11, ha="right", va="center")
