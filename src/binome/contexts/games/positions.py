"""Labelled positions: drawn by seeded play, scored exactly, kept in the user's cache."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice

import numpy as np

from binome.contexts.cache import keep, recall
from binome.contexts.games.board import COLUMNS, Board
from binome.contexts.games.solver import ILLEGAL, Scores, Solver, workers
from binome.core import BinomeError, digest
from binome.core.progress import bar

FORMAT = 1
# Starting processes takes some seconds, as many as scoring so many positions.
FEW = 1_000
PROCESSES = 2
CHUNK = 1_000
TRIES = 10_000
TAKEN_BACK = 10


@dataclass(frozen=True)
class Draw:
    """What positions to draw.

    Attributes:
        count: of positions.
        low, high: the least and the most discs on the board.
        seed: of the games that lead to them.
    """

    count: int
    low: int
    high: int
    seed: int


@dataclass(frozen=True)
class Positions:
    """Positions with their moves' exact scores: `scores` is int8 (n, 7), `ILLEGAL` where the column is full."""

    boards: tuple[Board, ...]
    scores: Scores


def positions(draw: Draw) -> Positions:
    """The positions of a draw, from the cache where they are in it.

    Raises:
        BinomeError: when they must be scored and BitBully is not installed, or the cache cannot be written.
    """
    name = f"connect_four-{digest({'format': FORMAT, **asdict(draw)})[:16]}"
    kept = _read(name, draw.count)
    if kept is not None:
        return kept
    made = label(draw)
    sides = np.array([[board.own, board.other] for board in made.boards], np.uint64)
    keep(name, {"boards": sides, "scores": made.scores}, compressed=True)
    return made


def label(draw: Draw) -> Positions:
    """Draw and score positions, anew.

    Positions in which all moves that can be played are equally good are passed over: there is nothing to decide.
    """
    boards: list[Board] = []
    tables: list[Scores] = []
    candidates = games(draw)
    with _scorer(draw.count) as score, bar("scoring positions", total=draw.count) as progress:
        while len(boards) < draw.count:
            chunk = list(islice(candidates, min(CHUNK, draw.count - len(boards))))
            scores = score(chunk)
            useful = np.flatnonzero(scores.max(1) > scores.min(1, initial=127, where=scores != ILLEGAL))
            boards += [chunk[row] for row in useful]
            tables.append(scores[useful])
            progress.advance(len(useful))
    return Positions(tuple(boards), np.concatenate(tables))


def games(draw: Draw) -> Iterator[Board]:
    """Positions from seeded games, without end: of none both it and its mirror image come, nor either twice.

    In each game each side takes some care, drawn anew: so often it plays a sensible move (see `sensible`), else any.
    """
    generator = random.Random(draw.seed)
    seen: set[tuple[int, int]] = set()
    while True:
        target = draw.low + int(generator.random() * (draw.high - draw.low + 1))
        yield _new(target, generator, seen)


def _new(target: int, generator: random.Random, seen: set[tuple[int, int]]) -> Board:
    """A position of so many discs that was not seen, nor its mirror image; it is now."""
    for _ in range(TRIES):
        board = _play(target, generator)
        image = board.mirrored()
        key = min((board.own, board.other), (image.own, image.other))
        if key not in seen:
            seen.add(key)
            return board
    raise BinomeError(
        f"{TRIES:,} games gave no new position of {target} discs after {len(seen):,} positions; "
        f"ask for fewer positions, or more discs in plies"
    )


def sensible(board: Board) -> list[int]:
    """The moves of somebody who looks one move ahead: win, else prevent a win, else offer none."""
    if wins := board.wins():
        return wins
    if threats := board.threats():
        return threats
    legal, gifts = board.legal(), board.gifts()
    return [column for column in legal if column not in gifts] or legal


def _play(target: int, generator: random.Random) -> Board:
    """The position after so many moves of a game that goes on.

    Where one ends before, its sides take some moves back: few games last for thirty, and those are not like the others.
    """
    care = generator.random(), generator.random()
    boards = [Board()]
    while len(boards) <= target or boards[-1].over:
        if boards[-1].over:
            del boards[max(1, len(boards) - 1 - int(generator.random() * TAKEN_BACK)) :]
        board = boards[-1]
        moves = sensible(board) if generator.random() < care[board.discs % 2] else board.legal()
        # The nearer to the centre the likelier, 1 to 4, as people play.
        weights = [COLUMNS // 2 + 1 - abs(column - COLUMNS // 2) for column in moves]
        at = generator.random() * sum(weights)
        while at >= weights[0]:
            at -= weights.pop(0)
        boards.append(board.drop(moves[-len(weights)]))
    return boards[-1]


@contextmanager
def _scorer(count: int) -> Iterator[Callable[[Sequence[Board]], Scores]]:
    if count <= FEW or (os.cpu_count() or 1) < PROCESSES:
        yield Solver().scores
        return
    with workers(PROCESSES) as several:
        yield several.scores


def _read(name: str, count: int) -> Positions | None:
    """What the cache holds; None where there is nothing, or nothing sound: it is made again."""
    data = recall(name)
    if data is None or set(data) != {"boards", "scores"}:
        return None
    sides, scores = data["boards"], data["scores"]
    if sides.shape != (count, 2) or scores.shape != (count, COLUMNS):
        return None
    if sides.dtype != np.uint64 or scores.dtype != np.int8:
        return None
    return Positions(tuple(Board(own, other) for own, other in sides.tolist()), scores)
