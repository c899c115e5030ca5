"""Labels beside axes: the room they need, and what is cut of them."""

from __future__ import annotations

from collections.abc import Iterable

LETTER = 6.1
"""Points that a letter of a label takes in width."""


def room(labels: Iterable[str], least: float = 60.0, most: float = 128.0) -> float:
    """Points left of the axes for the longest label."""
    return min(max(12 + LETTER * max(map(len, labels), default=0), least), most)


def shortened(text: str, width: float, letter: float = LETTER) -> str:
    """A label cut at its end, with an ellipsis, where it is longer than `width` points; tables hold it whole."""
    most = max(int(width / letter), 2)
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
