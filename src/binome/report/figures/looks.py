"""How a condition looks in every figure and table: one colour, one mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from binome.report.figures.canvas import SERIES

MARKS = ("o", "s", "D", "^", "v", "P", "X", "*")
PATHS = (
    "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11z",
    "M3 3h10v10H3z",
    "M8 1.5l6.5 6.5L8 14.5 1.5 8z",
    "M8 2.5l6.3 11H1.7z",
    "M8 13.5l6.3-11H1.7z",
    "M6 2h4v4h4v4h-4v4H6v-4H2V6h4z",
    "M4.6 2L8 5.4 11.4 2 14 4.6 10.6 8l3.4 3.4-2.6 2.6L8 10.6 4.6 14 2 11.4 5.4 8 2 4.6z",
    "M8 1.2l2 4.7 5 .4-3.8 3.3 1.2 4.9L8 11.9l-4.4 2.6 1.2-4.9L1 6.3l5-.4z",
)
"""The marks as SVG paths in a box of 16 × 16, for the page."""


@dataclass(frozen=True)
class Look:
    """A colour (`series` is its number in the style sheet), a matplotlib mark and the same mark as a path."""

    series: int
    colour: str
    mark: str
    path: str


def looks(conditions: Sequence[str]) -> dict[str, Look]:
    """A look for each condition, by its place; after eight, colours come round again with other marks."""
    return {name: _look(i % len(SERIES), (i + i // len(SERIES)) % len(MARKS)) for i, name in enumerate(conditions)}


def _look(series: int, mark: int) -> Look:
    return Look(series, SERIES[series], MARKS[mark], PATHS[mark])
