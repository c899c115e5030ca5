"""Scores positions by BitBully, here or as a process of its own.

It imports nothing of Binome, so that the process starts at once and stays small.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

ROWS, COLUMNS, STRIDE = 6, 7, 7
ILLEGAL = -128
"""The score of a full column."""


class Scorer:
    """BitBully with its opening book, without which the first moves of a game take minutes.

    Raises:
        ImportError: when BitBully or its book is not installed.
    """

    def __init__(self) -> None:
        self._bitbully: Any = import_module("bitbully")
        import_module("bitbully_databases")
        self._agent: Any = self._bitbully.BitBully()

    def scores(self, own: int, other: int) -> list[int]:
        """The score of each column, for discs as `Board` holds them, in a game that is not over."""
        # The first player's discs are 1; BitBully tells whose turn it is by their number.
        even = (own | other).bit_count() % 2 == 0
        first, second = (own, other) if even else (other, own)
        board = self._bitbully.Board(
            [
                [(first >> bit & 1) + 2 * (second >> bit & 1) for bit in range(STRIDE * column, STRIDE * column + ROWS)]
                for column in range(COLUMNS)
            ]
        )
        scores: dict[int, int] = self._agent.score_all_moves(board)
        return [scores.get(column, ILLEGAL) for column in range(COLUMNS)]


def main() -> None:
    """Score the positions that standard input gives, a line each, until it ends."""
    scorer = Scorer()
    for line in sys.stdin:
        own, other = (int(discs) for discs in line.split())
        sys.stdout.write(" ".join(str(score) for score in scorer.scores(own, other)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
