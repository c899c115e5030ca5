"""`connect_four`: positions of Connect Four, each with all its best moves, known exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

import numpy as np
import torch

from binome.contexts.context import Shown, Split, SplitName, context
from binome.contexts.games.board import CELLS, COLUMNS, ROWS, Board, centre_out, planes
from binome.contexts.games.picture import picture
from binome.contexts.games.positions import Draw, Positions, positions
from binome.contexts.games.solver import Scores
from binome.core import BinomeError, UnknownNameError, did_you_mean
from binome.core.stimulus import Decision, Task
from binome.core.text import Text

TASK = Task(
    context="connect_four",
    title={"en": "Playing Connect Four", "fr": "Jouer à Puissance 4"},
    question={
        "en": "You play orange, marked with a ring: which column is best?",
        "fr": "Vous jouez les orange, marqués d’un anneau : quelle est la meilleure colonne ?",
    },
    decisions=tuple(
        Decision(str(column), {"en": f"Column {column}", "fr": f"Colonne {column}"}) for column in range(1, COLUMNS + 1)
    ),
)

COUNTS: Mapping[SplitName, int] = {"train": 20_000, "calibration": 1_000, "test": 2_000}
PLIES = (14, 30)
FEWEST, MOST = 4, 38
"""Discs: before and after there is little to draw, or to decide."""

# The held-out positions come first: asking for more to train on leaves them as they are.
ORDER: tuple[SplitName, ...] = ("test", "calibration", "train")
MIRRORED = "m"


def threat(board: Board, scores: Scores) -> Text | None:
    """Where the opponent would win at once; None where it could not."""
    columns = [str(column + 1) for column in board.threats()]
    if not columns:
        return None
    if len(columns) == 1:
        return {
            "en": f"Your opponent threatens to win in column {columns[0]}.",
            "fr": f"Votre adversaire menace de gagner dans la colonne {columns[0]}.",
        }
    first, last = ", ".join(columns[:-1]), columns[-1]
    return {
        "en": f"Your opponent threatens to win in columns {first} and {last}.",
        "fr": f"Votre adversaire menace de gagner dans les colonnes {first} et {last}.",
    }


def outcome(board: Board, scores: Scores) -> Text | None:
    """How the game ends when both sides play their best."""
    value = int(np.sign(scores.max()))
    return {
        1: {
            "en": "If both sides play their best from here, you win.",
            "fr": "Si les deux camps jouent au mieux à partir d’ici, vous gagnez.",
        },
        0: {
            "en": "If both sides play their best from here, the game is a draw.",
            "fr": "Si les deux camps jouent au mieux à partir d’ici, la partie est nulle.",
        },
        -1: {
            "en": "If both sides play their best from here, you lose.",
            "fr": "Si les deux camps jouent au mieux à partir d’ici, vous perdez.",
        },
    }[value]


NOTES: Mapping[str, Callable[[Board, Scores], Text | None]] = {"threat": threat, "outcome": outcome}
"""What only the operator may be told, by the name that a view gives it."""


class ConnectFour:
    """Positions of Connect Four.

    Args:
        splits: the positions of each split.
        mirrored: the split `train` also holds each position's mirror image.
    """

    task = TASK
    name = TASK.context
    input_shape: tuple[int, ...] = (2, ROWS, COLUMNS)
    categories: tuple[int, ...] = ()
    inputs_of: tuple[int, ...] = ()
    # A mirror image has mirrored decisions: a training loop must not take it for an example of the same ones.
    mirrors = False
    skipped: tuple[str, ...] = ()

    def __init__(
        self,
        splits: Mapping[SplitName, Positions],
        *,
        mirrored: bool = True,
        operator_view: Mapping[str, Any] | None = None,
        predictor_view: Mapping[str, Any] | None = None,
    ) -> None:
        self.operator_view, self.predictor_view = dict(operator_view or {}), dict(predictor_view or {})
        self._veiled = _hidden(self.operator_view, "operator_view", ("hide_columns", "note"))
        self._unseen = _hidden(self.predictor_view, "predictor_view", ("hide_columns",))
        self._note = _note(self.operator_view)
        self._positions = {name: _ordered(name, splits[name], mirrored) for name in COUNTS}
        self._splits: dict[SplitName, Split] = {}

    def split(self, name: SplitName) -> Split:
        if name not in self._positions:
            raise UnknownNameError("split", name, self._positions)
        if name not in self._splits:
            items = self._positions[name]
            inputs = planes([board for board, _ in items.values()])
            inputs[..., list(self._unseen)] = 0
            scores = np.stack([scores for _, scores in items.values()])
            accepted = scores == scores.max(1, keepdims=True)
            outward = list(centre_out())
            self._splits[name] = Split(
                tuple(items),
                torch.from_numpy(inputs),
                # `argmax` takes the first that is accepted.
                torch.from_numpy(np.array(outward)[accepted[:, outward].argmax(1)]),
                torch.from_numpy(accepted),
                torch.from_numpy(np.sign(scores.max(1)).astype(np.float32)),
            )
        return self._splits[name]

    def show(self, item: str) -> Shown:
        board, scores = self._items_by_id(item)
        note = None if self._note is None else NOTES[self._note](board, scores)
        return Shown(picture=picture(board, self._veiled), note=note)

    def board(self, item: str) -> Board:
        """The item's position, whole, whatever the views hide."""
        return self._items_by_id(item)[0]

    def scores(self, item: str) -> Scores:
        """The exact score of each of the item's moves, int8 (7,); see `games.solver`."""
        return self._items_by_id(item)[1]

    @cached_property
    def _all(self) -> dict[str, tuple[Board, Scores]]:
        return {item: found for items in self._positions.values() for item, found in items.items()}

    def _items_by_id(self, item: str) -> tuple[Board, Scores]:
        if item not in self._all:
            raise BinomeError(f"{self.name} has no item {item!r}; ids look like {next(iter(self._all))!r}")
        return self._all[item]


@context("connect_four")
def connect_four(
    operator_view: Mapping[str, Any] | None = None,
    predictor_view: Mapping[str, Any] | None = None,
    positions: Mapping[str, int] | None = None,
    plies: Sequence[int] = PLIES,
    mirrored: bool = True,
    seed: int = 0,
) -> ConnectFour:
    """Connect Four's middle game: 20,000 positions and their mirror images to train, every best column known exactly.

    Args:
        operator_view: `hide_columns`, a list of columns from 1 to 7; `note`, `threat` or `outcome`.
        predictor_view: `hide_columns`.
        positions: how many in each split, where not 20,000 in `train`, 1,000 in `calibration` and 2,000 in `test`.
        plies: the least and the most discs on the board.
        mirrored: whether each training position's mirror image is one too.
        seed: of the games that the positions are taken from.
    """
    counts, (low, high) = _counts(positions), _plies(plies)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise BinomeError(f"connect_four.seed is {seed!r}; give a whole number")
    if not isinstance(mirrored, bool):
        raise BinomeError(f"connect_four.mirrored is {mirrored!r}; give true or false")
    # Views are wrong at once, not after minutes of scoring.
    _hidden(operator_view or {}, "operator_view", ("hide_columns", "note"))
    _hidden(predictor_view or {}, "predictor_view", ("hide_columns",))
    _note(operator_view or {})
    drawn = _draw(Draw(sum(counts.values()), low, high, seed))
    splits: dict[SplitName, Positions] = {}
    start = 0
    for name in ORDER:
        end = start + counts[name]
        splits[name] = Positions(drawn.boards[start:end], drawn.scores[start:end])
        start = end
    return ConnectFour(splits, mirrored=mirrored, operator_view=operator_view, predictor_view=predictor_view)


# `positions` is also what a study file calls how many there are.
_draw = positions


def _ordered(name: SplitName, found: Positions, mirrored: bool) -> dict[str, tuple[Board, Scores]]:
    """By id, each position with its moves' scores; in `train` its mirror image after it."""
    items: dict[str, tuple[Board, Scores]] = {}
    for index, (board, scores) in enumerate(zip(found.boards, found.scores, strict=True)):
        items[f"{name}-{index:05d}"] = board, scores
        image = board.mirrored()
        if name == "train" and mirrored and image != board:
            items[f"{name}-{index:05d}-{MIRRORED}"] = image, scores[::-1]
    return items


def _counts(given: Mapping[str, int] | None) -> dict[SplitName, int]:
    if given is not None and not isinstance(given, Mapping):
        raise BinomeError(f"connect_four.positions is {given!r}; give a number for each split, e.g. {{train: 20000}}")
    for name, count in (given or {}).items():
        if name not in COUNTS:
            near = did_you_mean(name, COUNTS)
            hint = f"{near} " if near else ""
            raise BinomeError(f"connect_four.positions has no split {name!r}; {hint}it takes: {', '.join(COUNTS)}")
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise BinomeError(f"connect_four.positions.{name} is {count!r}; give a whole number from 1")
    return {**COUNTS, **cast(Mapping[SplitName, int], given or {})}


def _plies(given: Sequence[int]) -> tuple[int, int]:
    pair = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else []
    whole = all(isinstance(count, int) and not isinstance(count, bool) for count in pair)
    if len(pair) != 2 or not whole or not FEWEST <= pair[0] <= pair[1] <= MOST:
        raise BinomeError(
            f"connect_four.plies is {given!r}; give the least and the most discs on the board, e.g. "
            f"[{PLIES[0]}, {PLIES[1]}], from {FEWEST} to {MOST} of {CELLS}"
        )
    return pair[0], pair[1]


def _hidden(view: Mapping[str, Any], side: str, known: Sequence[str]) -> tuple[int, ...]:
    """The columns that a view hides, 0 to 6.

    Raises:
        BinomeError: for a key that the side's view does not take, or columns that are not.
    """
    for key in view:
        if key not in known:
            near = did_you_mean(key, known)
            hint = f"{near} " if near else ""
            raise BinomeError(f"{side} of connect_four has no {key!r}; {hint}it takes: {', '.join(known)}")
    given = view.get("hide_columns", [])
    columns: list[Any] = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [None]
    if any(type(column) is not int or column not in range(1, COLUMNS + 1) for column in columns):
        raise BinomeError(f"{side}.hide_columns is {given!r}; give a list of columns from 1 to {COLUMNS}, e.g. [1, 7]")
    return tuple(sorted({column - 1 for column in columns}))


def _note(view: Mapping[str, Any]) -> str | None:
    note = view.get("note")
    if "note" in view and not (isinstance(note, str) and note in NOTES):
        near = did_you_mean(str(note), NOTES)
        hint = f"{near} " if near else ""
        raise BinomeError(f"operator_view.note is {note!r}; {hint}it takes: {', '.join(NOTES)}")
    return note
