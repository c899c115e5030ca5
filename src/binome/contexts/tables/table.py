"""A table as a context: each row is a case to decide on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from binome.contexts.context import Shown, Split, SplitName
from binome.contexts.splitting import Masks
from binome.contexts.tables.columns import LANGUAGES, Values
from binome.contexts.tables.views import check_views, hidden, noted
from binome.core import BinomeError, UnknownNameError, derive_seed
from binome.core.stimulus import Decision, Number, Task
from binome.core.text import Text


class TableContext:
    """A context of case files.

    Inputs are centred (see `Split`): with 0 as the baseline an explanation compares a case with the typical one.

    Args:
        name, title, question: the task's words.
        values: the columns in the order in which they are shown.
        truths: int64 (n,), indices into `decisions`; float32 (n,) for estimates.
        masks: which rows belong to which split.
        decisions: the possible answers; none for an estimate.
        number: the scale of an estimate.
        ids: one a row; made from the split and the row's place in it without them.
        skipped: rows that were left out, each with the reason.
    """

    mirrors = False

    def __init__(
        self,
        name: str,
        title: Text,
        question: Text,
        values: Sequence[Values],
        truths: npt.NDArray[Any],
        masks: Masks,
        *,
        decisions: Sequence[Decision] = (),
        number: Number | None = None,
        ids: Sequence[str] = (),
        operator_view: Mapping[str, Any] | None = None,
        predictor_view: Mapping[str, Any] | None = None,
        skipped: tuple[str, ...] = (),
    ) -> None:
        self.skipped = skipped
        self.operator_view, self.predictor_view = dict(operator_view or {}), dict(predictor_view or {})
        self._lines = [each for each in values if each.column.line]
        self._protected = [each for each in values if each.column.protected]
        lines = [each.column.id for each in self._lines]
        check_views({"operator_view": self.operator_view, "predictor_view": self.predictor_view}, lines)
        features = tuple(each.column.feature() for each in self._lines)
        self.task = Task(name, title, question, tuple(decisions), number, features)
        self._truths, self._masks = truths, masks
        self._rows, self._names = self._places(ids)
        self._splits: dict[SplitName, Split] = {}

    @property
    def name(self) -> str:
        return self.task.context

    @cached_property
    def inputs_of(self) -> tuple[int, ...]:
        """The lines that the predictor sees: neither those hidden from it nor the operator's side note."""
        unseen = {*hidden(self.predictor_view), noted(self.operator_view)}
        return tuple(place for place, each in enumerate(self._lines) if each.column.id not in unseen)

    @property
    def input_shape(self) -> tuple[int, ...]:
        return (len(self.inputs_of),)

    @cached_property
    def categories(self) -> tuple[int, ...]:
        return tuple(len(self._lines[place].names) for place in self.inputs_of)

    def split(self, name: SplitName) -> Split:
        if name not in self._masks:
            raise UnknownNameError("split", name, self._masks)
        if name not in self._splits:
            rows = np.flatnonzero(self._masks[name]).tolist()
            ids = tuple(self._names[row] for row in rows)
            columns = [self._seen(place, rows, ids) for place in self.inputs_of]
            inputs = np.stack(columns, 1).astype(np.float32)
            groups = {each.column.id: tuple(each.column.group(each[row]) for row in rows) for each in self._protected}
            truths = torch.from_numpy(np.ascontiguousarray(self._truths[rows]))
            self._splits[name] = Split(ids, torch.from_numpy(inputs), truths, groups=groups)
        return self._splits[name]

    def show(self, item: str) -> Shown:
        row = self._rows.get(item)
        if row is None:
            example = next(iter(self._rows))
            raise BinomeError(f"{self.name} has no item {item!r}; ids look like {example!r}")
        told = noted(self.operator_view)
        unseen = {*hidden(self.operator_view), told}
        case = tuple(None if each.column.id in unseen else each.column.words(each[row]) for each in self._lines)
        return Shown(case=case, note=self._note(told, row))

    def _note(self, told: str | None, row: int) -> Text | None:
        if told is None:
            return None
        each = next(each for each in self._lines if each.column.id == told)
        return {language: each.column.sentence(each[row], language) for language in LANGUAGES}

    def _seen(self, place: int, rows: Sequence[int], ids: Sequence[str]) -> npt.NDArray[np.float64]:
        """A line as the predictor sees it."""
        each, train = self._lines[place], self._masks["train"]
        if each.column.category:
            counts = np.bincount(each.numbers[train].astype(np.int64), minlength=len(each.names))
            rank = np.empty(len(counts))
            rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
            return np.asarray(rank[each.numbers[rows].astype(np.int64)])
        spread = float(each.numbers[train].std()) or 1.0
        seen = (each.numbers[rows] - np.median(each.numbers[train])) / spread
        deviation = self.predictor_view.get("noise", 0.0)
        if deviation:
            draws = [
                np.random.default_rng(derive_seed(0, "noise", each.column.id, item)).standard_normal() for item in ids
            ]
            seen = seen + deviation * np.array(draws)
        return np.asarray(seen)

    def _places(self, given: Sequence[str]) -> tuple[dict[str, int], list[str]]:
        """By id, the row; and by row, the id."""
        names = [""] * len(self._truths)
        for split, mask in self._masks.items():
            for place, row in enumerate(np.flatnonzero(mask).tolist()):
                names[row] = given[row] if given else f"{split}-{place:05d}"
        rows = {name: row for row, name in enumerate(names) if name}
        return rows, names
