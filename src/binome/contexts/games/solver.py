"""Exact values of Connect Four's moves, by BitBully (Thill, AGPL-3.0): needed only to label positions.

A move's score is the solver's: positive where the mover wins, and the more so the sooner; 0 for a draw; negative where
it loses, and the more so the sooner. Of the ways to win the quickest scores best, of the ways to lose the slowest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from binome.contexts.games.board import COLUMNS, STRIDE, Board
from binome.core import BinomeError

ILLEGAL = -128
"""The score of a full column."""

Scores = npt.NDArray[np.int8]


class Solver:
    """Scores moves, one position after the other.

    Raises:
        BinomeError: when BitBully or its opening book is not installed.
    """

    def __init__(self) -> None:
        try:
            self._bitbully: Any = import_module("bitbully")
            # The opening book, without which the first moves of a game take minutes.
            import_module("bitbully_databases")
        except ImportError as error:
            raise BinomeError(
                f"{error.name} is not installed, which Connect Four's exact values need; pip install 'binome[games]'"
            ) from error
        self._agent: Any = self._bitbully.BitBully()

    def scores(self, boards: Sequence[Board]) -> Scores:
        """The score of each move, int8 (n, 7), `ILLEGAL` where the column is full.

        Raises:
            BinomeError: for a position whose game is over.
        """
        table = np.full((len(boards), COLUMNS), ILLEGAL, np.int8)
        for row, board in zip(table, boards, strict=True):
            if board.over:
                raise BinomeError(f"{board} has no move to score: its game is over")
            for column, score in self._agent.score_all_moves(self._theirs(board)).items():
                row[column] = score
        return table

    def _theirs(self, board: Board) -> Any:
        """BitBully's board: the first player's discs are 1, and it tells whose turn it is by their number."""
        first, second = (board.own, board.other) if board.discs % 2 == 0 else (board.other, board.own)
        columns = [
            [
                (first >> bit & 1) + 2 * (second >> bit & 1)
                for bit in range(STRIDE * column, STRIDE * column + STRIDE - 1)
            ]
            for column in range(COLUMNS)
        ]
        return self._bitbully.Board(columns)


class Workers:
    """Processes that score moves at the same time: BitBully holds Python's lock, so threads would take turns."""

    def __init__(self, processes: list[subprocess.Popen[str]]) -> None:
        self._processes = processes

    def scores(self, boards: Sequence[Board]) -> Scores:
        """As `Solver.scores`; at most 1,000 positions a process, so that no pipe fills up.

        Raises:
            BinomeError: when a process ends before its work.
        """
        table = np.empty((len(boards), COLUMNS), np.int8)
        shares = [range(first, len(boards), len(self._processes)) for first in range(len(self._processes))]
        for process, share in zip(self._processes, shares, strict=True):
            assert process.stdin is not None
            process.stdin.write("".join(f"{boards[row].own} {boards[row].other}\n" for row in share))
            process.stdin.flush()
        for process, share in zip(self._processes, shares, strict=True):
            assert process.stdout is not None
            for row in share:
                line = process.stdout.readline()
                if not line:
                    raise BinomeError(f"a process that scores positions ended with status {process.wait()}; try again")
                table[row] = [int(score) for score in line.split()]
        return table


@contextmanager
def workers(count: int) -> Iterator[Workers]:
    """So many processes, ended on leaving.

    They start from nothing rather than by `multiprocessing`, which would run the caller's script a second time.
    """
    Solver()  # What is not installed is said here, not by a process.
    command = [sys.executable, "-c", "from binome.contexts.games.solver import serve; serve()"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with ExitStack() as stack:
        processes = []
        for _ in range(count):
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
            )
            # The last to be done first: killed, then its pipes closed and its end awaited.
            stack.enter_context(process)
            stack.callback(process.kill)
            processes.append(process)
        yield Workers(processes)


def serve() -> None:
    """Score the positions that standard input gives, a line each, until it ends."""
    solver = Solver()
    for line in sys.stdin:
        own, other = (int(discs) for discs in line.split())
        scores = solver.scores([Board(own, other)])[0]
        sys.stdout.write(" ".join(str(score) for score in scores.tolist()) + "\n")
        sys.stdout.flush()
