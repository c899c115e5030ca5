"""Parts that several figures are made of: rows of estimates with their intervals, and matrices of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from binome.report.figures.canvas import INK, LINE, PAPER, SERIES, SOFT
from binome.report.figures.labels import shortened
from binome.report.wording import Wording

DEEP = 0.72
"""Above this share of the colour, light text is easier to read on it than dark."""


@dataclass(frozen=True)
class Row:
    """One estimate: `value`, `low` and `high` may each be None."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    colour: str = SERIES[1]
    mark: str = "o"
    hollow: bool = False

    @classmethod
    def of(cls, label: str, row: Mapping[str, Any], factor: float = 1.0, **look: Any) -> Row:
        """From a table's row, its numbers times `factor`."""
        value, low, high = (None if row[end] is None else factor * row[end] for end in ("value", "low", "high"))
        return cls(label, value, low, high, **look)


def ruled(axes: Any, height: float, rows: int) -> None:
    """An axis counted in points from the top, `height` points a row, without ticks."""
    axes.set_ylim(rows * height, 0)
    axes.set_yticks([])
    axes.grid(axis="x")


def interval(axes: Any, y: float, row: Row, size: float = 8.0) -> None:
    """The mark of an estimate on its interval; nothing where it is undefined."""
    if row.value is None:
        return
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [y, y], color=row.colour, linewidth=2.2)
    face = PAPER if row.hollow else row.colour
    axes.plot(
        row.value, y, row.mark, color=row.colour, markerfacecolor=face, markeredgewidth=1.6, markersize=size,
        clip_on=False,
    )  # fmt: skip


def listed(
    axes: Any,
    rows: Sequence[Row],
    height: float,
    number: Callable[[float], str],
    undefined: str,
    room: float | None = None,
) -> None:
    """Rows of one line: the name left of the axes, the estimate in figures right of them.

    Args:
        room: points left of the axes, which longer names are cut to; None where they are known to fit.
    """
    ruled(axes, height, len(rows))
    aside = axes.get_yaxis_transform()
    for i, row in enumerate(rows):
        y = (i + 0.5) * height
        axes.axhline(y, color=LINE, linewidth=0.5, dashes=(1, 3), zorder=0)
        interval(axes, y, row, 7.0)
        soft = SOFT if row.hollow else INK
        label = row.label if room is None else shortened(row.label, room - 8)
        axes.text(-0.03, y, label, ha="right", va="center", color=soft, transform=aside, fontsize=11.5)
        value = undefined if row.value is None else number(row.value)
        axes.text(1.03, y, value, ha="left", va="center", color=soft, transform=aside, fontsize=11.5)


def decimals(axis: Any, words: Wording, digits: int = 1) -> None:
    """Tick labels as the language writes numbers."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value, digits)))


def matrix(axes: Any, values: npt.NDArray[np.float64], text: Callable[[float], str], size: float) -> None:
    """Cells from faint (0) to full (1), each with its number; an undefined cell is empty.

    One colour, more or less of it: any colour vision keeps the order, and so does grey.
    """
    from matplotlib.patches import Rectangle

    for (i, j), value in np.ndenumerate(values):
        if np.isnan(value):
            continue
        shade = float(np.clip(value, 0.05, 1))
        axes.add_patch(Rectangle((j + 0.02, i + 0.02), 0.96, 0.96, facecolor=SERIES[1], alpha=shade, linewidth=0))
        ink = PAPER if shade > DEEP else INK
        axes.text(j + 0.5, i + 0.5, text(value), ha="center", va="center", color=ink, fontsize=size)
    axes.set(xlim=(0, values.shape[1]), ylim=(values.shape[0], 0))
    for spine in axes.spines.values():
        spine.set_visible(False)
