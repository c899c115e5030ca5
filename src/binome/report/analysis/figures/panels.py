"""Small figures side by side: a panel a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from binome.report.figures.canvas import INK, Sheet
from binome.report.figures.labels import shortened

MOST = 12
"""More conditions than these are in a figure's data only."""


def grid(count: int, width: float, panel: float) -> tuple[int, int]:
    """Columns and rows of `count` panels at least `panel` points wide."""
    columns = max(1, min(count, int(width // panel)))
    return columns, -(-count // columns)


def headed(sheet: Sheet, x: float, y: float, name: str, width: float, colour: str = INK, **style: Any) -> None:
    """A panel's name over it."""
    sheet.write(x, y, shortened(name, width), color=colour, weight="bold", fontsize=11.5, **style)


def drawn(conditions: Sequence[str], found: Sequence[str]) -> list[str]:
    """The conditions that have something to draw, in their order, as many as a figure holds."""
    return [name for name in conditions if name in set(found)][:MOST]
