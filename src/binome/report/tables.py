"""Tables as the page shows them: text, already in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        text: what it says; a dash for an undefined value.
        small: further lines below, in small print.
        note: shown on hover and read aloud, e.g. why a value is undefined.
        condition: draws this condition's mark before the text.
    """

    text: str
    small: tuple[str, ...] = ()
    note: str = ""
    condition: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under a head; the first cell of a row names it.

    Attributes:
        caption: what the table holds, for who cannot see it at a glance.
        text: columns (from 0) that hold words rather than numbers.
    """

    caption: str
    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    text: frozenset[int] = frozenset({0})


def table(caption: str, head: Sequence[Cell | str], rows: Sequence[Sequence[Cell | str]], text: int = 1) -> Table:
    """A table from strings and cells, whose first `text` columns hold words."""
    return Table(caption, _cells(head), tuple(_cells(row) for row in rows), frozenset(range(text)))


def _cells(given: Sequence[Cell | str]) -> tuple[Cell, ...]:
    return tuple(Cell(cell) if isinstance(cell, str) else cell for cell in given)
