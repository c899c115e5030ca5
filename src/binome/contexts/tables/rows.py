"""Rows of a file that cannot be used: named, refused together, or left out and listed."""

from __future__ import annotations

from collections.abc import Container

from binome.core import BinomeError

LISTED = 10


class BadRows:
    """What is wrong with the rows of one file.

    Args:
        file: its name, for messages.
        skip: leave bad rows out and list every one of them, instead of refusing the file.
    """

    def __init__(self, file: str, skip: bool) -> None:
        self._file, self._skip = file, skip
        self._found: dict[int, list[str]] = {}
        self._count = 0

    def add(self, row: int, what: str) -> None:
        """One thing that is wrong with a row."""
        if row not in self._found:
            self._count += 1
            # Of a file that is refused, the first ones are enough.
            if not self._skip and len(self._found) >= LISTED:
                return
        self._found.setdefault(row, []).append(what)

    def refuse(self) -> None:
        """Refuse the file when it has bad rows that may not be left out.

        Raises:
            BinomeError: listing the first ones, and how many there are.
        """
        if self._skip or not self._count:
            return
        listing = "\n".join(f"  {line}" for line in self.listing)
        more = f"\n  and {self._count - len(self._found)} more rows" if self._count > len(self._found) else ""
        rows = "1 row" if self._count == 1 else f"{self._count} rows"
        raise BinomeError(
            f"{self._file} has {rows} that cannot be used:\n{listing}{more}\n"
            f"mend the file, or give skip_bad: true to leave such rows out"
        )

    @property
    def rows(self) -> Container[int]:
        return self._found.keys()

    @property
    def listing(self) -> tuple[str, ...]:
        """One line a row, in order."""
        return tuple(f"{self._file} row {row}: {', '.join(what)}" for row, what in sorted(self._found.items()))
