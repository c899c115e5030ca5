"""Exact values of Connect Four's moves, by BitBully (Thill, AGPL-3.0): needed only to label positions.

A move's score is the solver's: positive where the mover wins, and the more so the sooner; 0 for a draw; negative where
it loses, and the more so the sooner. Of the ways to win the quickest scores best, of the ways to lose the slowest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache

import numpy as np
import numpy.typing as npt

from binome.contexts.games import scorer
from binome.contexts.games.board import COLUMNS, Board
from binome.contexts.games.scorer import ILLEGAL, Scorer
from binome.core import BinomeError

__all__ = ["ILLEGAL", "Scores", "Solver", "Workers", "shared", "workers"]

Scores = npt.NDArray[np.int8]


class Solver:
    """Scores moves, one position after the other.

    Raises:
        BinomeError: when BitBully or its opening book is not installed.
    """

    def __init__(self) -> None:
        try:
            self._scorer = Scorer()
        except ImportError as error:
            raise BinomeError(
                f"{error.name} is not installed, which Connect Four's exact values need; pip install 'binome[games]'"
            ) from error

    def scores(self, boards: Sequence[Board]) -> Scores:
        """The score of each move, int8 (n, 7), `ILLEGAL` where the column is full.

        Raises:
            BinomeError: for a position whose game is over.
        """
        for board in boards:
            if board.over:
                raise BinomeError(f"{board} has no move to score: its game is over")
        return np.array([self._scorer.scores(b.own, b.other) for b in boards], np.int8).reshape(-1, COLUMNS)


@cache
def shared() -> Solver:
    """One solver for many calls: its book and its table take a while to make, and some memory.

    Raises:
        BinomeError: when BitBully or its opening book is not installed.
    """
    return Solver()


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
            try:
                process.stdin.write("".join(f"{boards[row].own} {boards[row].other}\n" for row in share))
                process.stdin.flush()
            except BrokenPipeError as error:
                raise _ended(process) from error
        for process, share in zip(self._processes, shares, strict=True):
            assert process.stdout is not None
            for row in share:
                line = process.stdout.readline()
                if not line:
                    raise _ended(process)
                table[row] = [int(score) for score in line.split()]
        return table


@contextmanager
def workers(count: int) -> Iterator[Workers]:
    """So many processes, ended on leaving.

    They start from nothing rather than by `multiprocessing`, which would run the caller's script a second time.
    """
    Solver()  # What is not installed is said here, not by a process.
    command = [sys.executable, "-P", scorer.__file__]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with ExitStack() as stack:
        processes = []
        for _ in range(count):
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
            )
            # The last to be done first: killed, then its pipes closed and its end awaited.
            stack.enter_context(process)
            stack.callback(_end, process)
            processes.append(process)
        yield Workers(processes)


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    assert process.stdin is not None
    # What is still on its way to a process that is no more has no reader.
    with suppress(BrokenPipeError):
        process.stdin.close()


def _ended(process: subprocess.Popen[str]) -> BinomeError:
    return BinomeError(f"a process that scores positions ended with status {process.wait()}; try again")
