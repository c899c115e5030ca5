"""Case files: rows of numbers and categories held in memory, seen through two views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from binome.contexts.context import Shown, Split, SplitName
from binome.contexts.tables.columns import Column, Numbers
from binome.contexts.tables.splitting import Places
from binome.contexts.tables.views import draw_noise, read_views
from binome.contexts.tables.wording import labelled
from binome.core import BinomeError, UnknownNameError
from binome.core.stimulus import Task


@dataclass(frozen=True)
class Cases:
    """All rows before any view.

    Attributes:
        values: by column, (n,): numbers, or indices of the category's values.
        truths: whole numbers (n,), indices of decisions; float32 (n,) for an estimate.
        rows: whole numbers (n,), where each stands in its source, increasing.
        names: the items' own ids; None where they are named by their rows.
    """

    values: tuple[Numbers, ...]
    truths: npt.NDArray[Any]
    rows: npt.NDArray[Any]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Scale:
    """How a column becomes an input: (number - centre) / spread, or the code of each value, 0 for the commonest."""

    centre: float = 0.0
    spread: float = 1.0
    codes: npt.NDArray[np.float32] | None = None

    def apply(self, values: Numbers) -> npt.NDArray[np.float64]:
        if self.codes is not None:
            return np.asarray(self.codes[values.astype(np.int64)], dtype=np.float64)
        return (values.astype(np.float64) - self.centre) / self.spread


class TableContext:
    """A context of case files.

    An item is named `row-…` after its row in the source, unless its source names it. What the inputs are centred and
    scaled by, and the order of a category's codes, come from the training split alone.

    Args:
        task: words and decisions, or the scale of an estimate; its features come from the columns and the views.
        columns: one a column of values.
        cases: all rows.
        splits: the places of each split's rows.
        skipped: rows that were left out, each with the reason.
    """

    mirrors = False

    def __init__(
        self,
        task: Task,
        columns: Sequence[Column],
        cases: Cases,
        splits: Mapping[SplitName, Places],
        *,
        operator_view: Mapping[str, Any] | None = None,
        predictor_view: Mapping[str, Any] | None = None,
        skipped: tuple[str, ...] = (),
    ) -> None:
        self.columns, self.skipped = tuple(columns), skipped
        self.operator_view, self.predictor_view = dict(operator_view or {}), dict(predictor_view or {})
        self._sides = read_views(self.operator_view, self.predictor_view, self.columns)
        self.task = replace(task, features=tuple(self.columns[place].feature for place in self._sides.lines))
        self._cases, self._places = cases, dict(splits)
        self._splits: dict[SplitName, Split] = {}

    @property
    def name(self) -> str:
        return self.task.context

    @property
    def input_shape(self) -> tuple[int, ...]:
        return (len(self._sides.inputs),)

    @property
    def categories(self) -> tuple[int, ...]:
        return tuple(len(self.columns[place].values) for place in self._sides.inputs)

    @property
    def inputs_of(self) -> tuple[int, ...]:
        return tuple(self._sides.lines.index(place) for place in self._sides.inputs)

    def split(self, name: SplitName) -> Split:
        if name not in self._places:
            raise UnknownNameError("split", name, self._places)
        if name not in self._splits:
            places = self._places[name]
            ids = self._ids(places)
            groups = {
                column.id: column.groups(values[places])
                for column, values in zip(self.columns, self._cases.values, strict=True)
                if column.protected
            }
            kind = np.int64 if self.task.number is None else np.float32
            truths = torch.from_numpy(self._cases.truths[places].astype(kind))
            self._splits[name] = Split(ids, torch.from_numpy(self._inputs(places, ids)), truths, groups=groups)
        return self._splits[name]

    def show(self, item: str) -> Shown:
        place, sides = self._place(item), self._sides
        words = {line: self.columns[line].show(self._cases.values[line][place]) for line in sides.shown}
        note = None
        if sides.note is not None:
            column = self.columns[sides.note]
            note = labelled(column.label, column.show(self._cases.values[sides.note][place]))
        return Shown(case=tuple(words.get(line) for line in sides.lines), note=note)

    def _inputs(self, places: Places, ids: Sequence[str]) -> npt.NDArray[np.float32]:
        seen = self._sides.inputs
        inputs = np.empty((len(places), len(seen)), dtype=np.float32)
        for at, place in enumerate(seen):
            inputs[:, at] = self._scales[place].apply(self._cases.values[place][places])
        if self._sides.noise:
            numbers = np.array([not self.columns[place].values for place in seen])
            for row, item in enumerate(ids):
                draw = draw_noise(item, self._sides.noise, len(self.columns))[list(seen)]
                inputs[row, numbers] += draw[numbers].astype(np.float32)
        return inputs

    @cached_property
    def _scales(self) -> tuple[Scale, ...]:
        train = self._places["train"]
        return tuple(
            _scale(column, values[train]) for column, values in zip(self.columns, self._cases.values, strict=True)
        )

    def _ids(self, places: Places) -> tuple[str, ...]:
        names = self._cases.names
        if names is not None:
            return tuple(names[place] for place in places.tolist())
        return tuple(f"row-{row}" for row in self._cases.rows[places].tolist())

    @cached_property
    def _named(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self._cases.names or ())}

    def _place(self, item: str) -> int:
        if self._cases.names is not None:
            if item in self._named:
                return self._named[item]
        else:
            _, _, digits = item.rpartition("-")
            # No row has more digits than an int64 holds.
            row = int(digits) if digits.isdecimal() and len(digits) < 19 else -1
            place = int(np.searchsorted(self._cases.rows, row))
            # Only the spelling that `split` gives: views draw by id, and another one would draw another noise.
            if place < len(self._cases.rows) and self._cases.rows[place] == row and item == f"row-{row}":
                return place
        raise BinomeError(f"{self.name} has no item {item!r}; ids look like {self._ids(self._places['test'][:1])[0]!r}")


def _scale(column: Column, train: Numbers) -> Scale:
    if not column.values:
        exact = train.astype(np.float64)
        # A column that never varies tells nothing; any spread will do, but not what rounding leaves of 0.
        return Scale(float(np.median(exact)), float(exact.std()) if np.ptp(exact) else 1.0)
    counts = np.bincount(train.astype(np.int64), minlength=len(column.values))
    codes = np.empty(len(counts), dtype=np.float32)
    codes[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    return Scale(codes=codes)
