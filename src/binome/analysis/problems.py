"""What is wrong in a table of trials, by row and column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from binome.core import BinomeError

SHOWN = 20


@dataclass(frozen=True)
class BadValue:
    """One value that cannot be used. `row` counts from 1, the header not included; None for a whole column."""

    column: str
    found: str
    expected: str
    row: int | None = None
    hint: str = ""

    def __str__(self) -> str:
        place = f"column {self.column!r}" if self.row is None else f"row {self.row}, column {self.column!r}"
        text = f"{place}: found {self.found}, expected {self.expected}"
        return f"{text} ({self.hint})" if self.hint else text


class TrialsError(BinomeError):
    """Trials cannot be used; carries every problem found, its text the first twenty."""

    def __init__(self, source: str, problems: Iterable[BadValue]) -> None:
        self.source, self.problems = source, tuple(problems)
        lines = [f"{source}: {problem}" for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"{source}: and {len(self.problems) - SHOWN} more")
        super().__init__("\n".join(lines))
