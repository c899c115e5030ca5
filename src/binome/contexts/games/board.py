"""Connect Four's rules, on two integers of bits.

Bit `7 * column + row` stands for a cell, with row 0 at the bottom; the seventh bit of each column stays empty, so that
shifted bits never run from one column into the next. The rules are those of PettingZoo's `connect_four_v3`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from binome.core import BinomeError

ROWS, COLUMNS = 6, 7
CELLS = ROWS * COLUMNS
STRIDE = ROWS + 1
FOUR = 4

Planes = npt.NDArray[np.float32]

# Up, across, and the two diagonals.
DIRECTIONS = (1, STRIDE, STRIDE + 1, STRIDE - 1)
COLUMN = (1 << ROWS) - 1
BOTTOM = sum(1 << STRIDE * column for column in range(COLUMNS))
EVERYWHERE = BOTTOM * COLUMN
# By row from the top and column, the bit of each cell: how a picture of the board is laid out.
BITS = np.array([[STRIDE * column + ROWS - 1 - row for column in range(COLUMNS)] for row in range(ROWS)], np.uint64)


@dataclass(frozen=True, slots=True)
class Board:
    """A position: the discs of the side to move (`own`) and of its opponent (`other`)."""

    own: int = 0
    other: int = 0

    @classmethod
    def after(cls, moves: Sequence[int]) -> Board:
        """The position after these columns, 0 to 6, from the empty board.

        Raises:
            BinomeError: for a move that the rules do not allow.
        """
        board = cls()
        for count, column in enumerate(moves, start=1):
            if board.over or not 0 <= column < COLUMNS or not board.allows(column):
                allowed = "none, the game is over" if board.over else ", ".join(str(c) for c in board.legal())
                raise BinomeError(
                    f"move {count} of a game is column {column}; the columns that can be played: {allowed}"
                )
            board = board.drop(column)
        return board

    @classmethod
    def of(cls, planes: Planes) -> Board:
        """The position that planes (2, 6, 7) show."""
        own, other = (sum(1 << int(bit) for bit in BITS[plane > 0]) for plane in planes)
        return cls(own, other)

    @property
    def taken(self) -> int:
        return self.own | self.other

    @property
    def discs(self) -> int:
        return self.taken.bit_count()

    @property
    def lost(self) -> bool:
        """Whether the opponent of the side to move has four in a row: it has just won."""
        return connected(self.other)

    @property
    def full(self) -> bool:
        return self.discs == CELLS

    @property
    def over(self) -> bool:
        return self.lost or self.full

    def allows(self, column: int) -> bool:
        """Whether the column has an empty cell."""
        return not self.taken >> (STRIDE * column + ROWS - 1) & 1

    def legal(self) -> list[int]:
        """Columns with an empty cell, from left to right."""
        return [column for column in range(COLUMNS) if self.allows(column)]

    def drop(self, column: int) -> Board:
        """The position after a move in a column with an empty cell: the other side is to move."""
        return Board(self.other, self.own | self.playable & COLUMN << STRIDE * column)

    @property
    def playable(self) -> int:
        """The lowest empty cell of each column: adding a column's lowest bit carries up to it."""
        return (self.taken + BOTTOM) & EVERYWHERE

    def wins(self) -> list[int]:
        """Columns in which the side to move gets four in a row at once."""
        return columns_of(completing(self.own) & self.playable)

    def threats(self) -> list[int]:
        """Columns in which the opponent would get four in a row at once, were it its turn."""
        return columns_of(completing(self.other) & self.playable)

    def gifts(self) -> list[int]:
        """Columns in which a move lets the opponent get four in a row at once in the cell above."""
        return columns_of(completing(self.other) >> 1 & self.playable)

    def mirrored(self) -> Board:
        """The position with left and right exchanged."""
        return Board(_mirrored(self.own), _mirrored(self.other))


def connected(discs: int) -> bool:
    """Whether these discs hold four in a row."""
    for step in DIRECTIONS:
        pairs = discs & discs >> step
        if pairs & pairs >> 2 * step:
            return True
    return False


def completing(discs: int) -> int:
    """The cells, taken or not, whose disc would complete four in a row with three of these."""
    cells = 0
    for step in DIRECTIONS:
        pairs = discs & discs >> step
        # The fourth below or above three; then within, with two on one side and one on the other.
        cells |= (pairs & discs >> 2 * step) >> step | (pairs & discs << step) << 2 * step
        cells |= pairs << 2 * step & discs >> step | pairs >> step & discs << step
    return cells & EVERYWHERE


def columns_of(cells: int) -> list[int]:
    """Columns that hold any of these cells, from left to right."""
    return [column for column in range(COLUMNS) if cells >> STRIDE * column & COLUMN]


def planes(boards: Sequence[Board]) -> Planes:
    """Positions as float32 (n, 2, 6, 7): 1 for a disc of the side to move, then of its opponent; row 0 at the top."""
    sides = np.array([[board.own, board.other] for board in boards], np.uint64).reshape(-1, 2, 1, 1)
    return (sides >> BITS & np.uint64(1)).astype(np.float32)


def centre_out() -> Iterator[int]:
    """Columns from the centre to the sides, the left of two first."""
    return iter(sorted(range(COLUMNS), key=lambda column: (abs(column - COLUMNS // 2), column)))


def _mirrored(discs: int) -> int:
    column = (1 << STRIDE) - 1
    return sum((discs >> STRIDE * c & column) << STRIDE * (COLUMNS - 1 - c) for c in range(COLUMNS))
