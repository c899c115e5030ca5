"""Keys to figures: legends, axes in per cent and in fixed steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from binome.report.figures.canvas import INK, SOFT, Sheet
from binome.report.figures.labels import LETTER
from binome.report.figures.rows import decimals
from binome.report.wording import Wording

LINE_HEIGHT = 19.0
"""Points that a line of a legend takes in height."""


def in_percent(axis: Any, words: Wording) -> None:
    """Tick labels of shares in per cent."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: words.percent(value)))


def unit_steps(axis: Any, words: Wording, step: float = 0.2) -> None:
    """Tick labels by fixed steps: one decimal would make 0.2 or 0.3 of 0.25."""
    from matplotlib.ticker import MultipleLocator

    axis.set_major_locator(MultipleLocator(step))
    decimals(axis, words)


def unit_square(axes: Any, words: Wording, step: float = 0.2) -> None:
    """Two axes from 0 to 1 with a grid, their labels apart where they meet."""
    places = [round(i * step, 6) for i in range(round(1 / step) + 1)]
    axes.set(xlim=(0, 1), ylim=(0, 1), xticks=places, yticks=places)
    axes.spines["left"].set_visible(True)
    axes.grid(visible=True)
    for axis in (axes.xaxis, axes.yaxis):
        decimals(axis, words)
    axes.get_xticklabels()[0].set_ha("left")


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
