"""What the figures have in common: the colour of each facet, legends, room for labels, axes in per cent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from binome.report.figures.canvas import GRID, INK, LINE, SERIES, SOFT, Sheet
from binome.report.figures.rows import decimals
from binome.report.variation.wording import Words

COLOURS = {
    "common": SERIES[0], "method": SERIES[1], "setting": SERIES[2], "seed": SERIES[4], "training": SERIES[3],
    "architecture": SERIES[5], "noise": SERIES[6], "together": LINE, "level": GRID,
}  # fmt: skip
MARKS = {"method": "o", "setting": "s", "seed": "D", "training": "^", "architecture": "v", "noise": "P"}
REFERENCE_MARKS = {"shuffled": "s", "random_weights": "D"}
LETTER, LINE_HEIGHT = 6.1, 19.0
"""Points that a letter of a label takes in width, and a line of a legend in height."""


def room(labels: Iterable[str], least: float = 60.0, most: float = 128.0) -> float:
    """Points left of the axes for the longest label."""
    return min(max(12 + LETTER * max(map(len, labels), default=0), least), most)


def in_percent(axis: Any, words: Words) -> None:
    """Tick labels of shares in per cent."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: words.percent(value)))


def unit_steps(axis: Any, words: Words, step: float = 0.2) -> None:
    """Tick labels by fixed steps: one decimal would make 0.2 or 0.3 of 0.25."""
    from matplotlib.ticker import MultipleLocator

    axis.set_major_locator(MultipleLocator(step))
    decimals(axis, words)


def legend_lines(entries: Sequence[tuple[str, str, str]], width: float) -> list[list[tuple[str, str, str]]]:
    """Entries (mark, colour, text) in lines that fit a width."""
    lines: list[list[tuple[str, str, str]]] = [[]]
    used = 0.0
    for entry in entries:
        needed = 24 + LETTER * len(entry[2])
        if lines[-1] and used + needed > width:
            lines.append([])
            used = 0.0
        lines[-1].append(entry)
        used += needed
    return lines


def legend(sheet: Sheet, entries: Sequence[tuple[str, str, str]], top: float = 12.0) -> None:
    """A legend across the sheet's top: marks in their colours, texts beside them; `h…` is a hollow mark."""
    # Axes as large as the sheet, so that its marks stand where its texts do.
    axes = sheet.axes(left=0, right=0, top=0, bottom=0)
    axes.set(xlim=(0, sheet.width), ylim=(sheet.height, 0))
    axes.axis("off")
    for i, line in enumerate(legend_lines(entries, sheet.width)):
        x, y = 6.0, top + i * LINE_HEIGHT
        for mark, colour, text in line:
            face = "none" if mark.startswith("h") else colour
            axes.plot(
                x, y, mark[-1], color=colour, markerfacecolor=face, markersize=8, markeredgewidth=1.4, clip_on=False
            )
            axes.text(x + 10, y, text, va="center", color=INK if colour != SOFT else SOFT, fontsize=11)
            x += 24 + LETTER * len(text)


def legend_height(entries: Sequence[tuple[str, str, str]], width: float) -> float:
    """Points that the legend takes at the top of a sheet of that width."""
    return 10 + LINE_HEIGHT * len(legend_lines(entries, width))
