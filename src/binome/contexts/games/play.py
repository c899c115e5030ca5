"""Whole games of Connect Four between two policies, with what each move cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from binome.contexts.games.board import COLUMNS, Board, planes
from binome.contexts.games.solver import ILLEGAL, shared
from binome.core import BinomeError

Floats = npt.NDArray[np.float32]
Policy = Callable[[Floats], npt.ArrayLike]
"""From positions float32 (n, 2, 6, 7), seen from the side to move, to a probability for each column (n, 7)."""


@dataclass(frozen=True)
class Game:
    """A game that was played.

    Attributes:
        moves: columns, 0 to 6, the first side's and the second's by turns.
        positions: one more than there are moves: before the first, and after each.
    """

    moves: tuple[int, ...]
    positions: tuple[Board, ...]

    @property
    def winner(self) -> int | None:
        """0 when the first side won, 1 when the second did, None for a draw."""
        return (len(self.moves) + 1) % 2 if self.positions[-1].lost else None


@dataclass(frozen=True)
class Regret:
    """What moves cost, by exact values.

    Attributes:
        value: int64 (moves,), how much worse the game's end is than it could have been: 0, 1 from a win to a draw or
            from a draw to a loss, 2 from a win to a loss.
        score: int64 (moves,), the same in the solver's points, which also count a later win or an earlier loss.
    """

    value: npt.NDArray[np.int64]
    score: npt.NDArray[np.int64]


def play(first: Policy, second: Policy, seed: int = 0, *, start: Board | None = None, greedy: bool = False) -> Game:
    """Play a game to its end.

    Each move is drawn from the policy's probabilities, after full columns are left out.

    Args:
        start: from where; the empty board by default.
        greedy: play the most probable column instead of drawing one.

    Raises:
        BinomeError: for probabilities of another shape, negative, not finite, or 0 for all columns that can be played.
    """
    generator = np.random.default_rng(seed)
    positions, moves = [start or Board()], list[int]()
    while not positions[-1].over:
        board = positions[-1]
        chances = _chances((first, second)[len(moves) % 2], board)
        column = int(chances.argmax()) if greedy else int(generator.choice(COLUMNS, p=chances))
        moves.append(column)
        positions.append(board.drop(column))
    return Game(tuple(moves), tuple(positions))


def regret(game: Game) -> Regret:
    """What each move cost the side that made it, by the solver.

    Raises:
        BinomeError: when BitBully is not installed.
    """
    scores = shared().scores(game.positions[:-1]).astype(np.int64)
    best, chosen = scores.max(1), scores[np.arange(len(game.moves)), list(game.moves)]
    return Regret(np.sign(best) - np.sign(chosen), best - chosen)


def random_policy(inputs: Floats) -> Floats:
    """Every column that can be played with the same probability."""
    open_columns = 1 - inputs[:, :, 0].sum(1)
    return np.asarray(open_columns / np.maximum(open_columns.sum(1, keepdims=True), 1), np.float32)


def optimal_policy() -> Policy:
    """The best columns by the solver, each with the same probability.

    Raises:
        BinomeError: when BitBully is not installed.
    """
    solver = shared()

    def best(inputs: Floats) -> Floats:
        scores = solver.scores([Board.of(position) for position in inputs])
        chosen = (scores == scores.max(1, keepdims=True)) & (scores != ILLEGAL)
        return np.asarray(chosen / chosen.sum(1, keepdims=True), np.float32)

    return best


def _chances(policy: Policy, board: Board) -> npt.NDArray[np.float64]:
    given = np.asarray(policy(planes([board])), np.float64)
    if given.shape != (1, COLUMNS):
        raise BinomeError(
            f"a policy gave probabilities of shape {given.shape} for one position, expected (1, {COLUMNS})"
        )
    if not np.isfinite(given).all() or (given < 0).any():
        raise BinomeError(f"a policy gave the probabilities {given[0].tolist()}; none may be negative or not finite")
    chances = np.zeros(COLUMNS)
    chances[board.legal()] = given[0, board.legal()]
    if chances.sum() == 0:
        columns = ", ".join(str(column) for column in board.legal())
        raise BinomeError(f"a policy gave probability 0 to all columns that can be played ({columns})")
    return np.asarray(chances / chances.sum())
