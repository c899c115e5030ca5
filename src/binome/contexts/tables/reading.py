"""The second reading of a file: its rows become arrays, batch by batch, and the ones that cannot be used are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.contexts.context import SplitName
from binome.contexts.tables.columns import Column, Numbers
from binome.contexts.tables.rows import BadRows
from binome.contexts.tables.source import Batch, Source
from binome.contexts.tables.survey import Found, as_numbers
from binome.contexts.tables.table import Cases
from binome.core import did_you_mean

EXACT = 2**24
"""The first whole number from which float32 no longer tells neighbours apart."""
SPLITS: tuple[SplitName, ...] = ("train", "calibration", "test")


@dataclass(frozen=True)
class Target:
    """The column to decide on: its decisions' ids, or the range of the estimate where that is known beforehand."""

    column: str
    decisions: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass
class Reader:
    """Reads the rows of a source.

    Attributes:
        taken: bool (rows,), which rows to use.
        ids, split: columns with the items' ids and splits, if there are such.
        bad: takes down the rows that cannot be used.
    """

    source: Source
    features: Sequence[Column]
    target: Target
    found: Mapping[str, Found]
    taken: npt.NDArray[np.bool_]
    ids: str | None
    split: str | None
    bad: BadRows
    _first: dict[str, int] = field(default_factory=dict)

    def read(self) -> tuple[Cases, npt.NDArray[np.uint8]]:
        """The usable rows, and the place in `SPLITS` of each row's split (0 without a column of splits).

        Arrays are made once, at their full size, so that what is held is what is kept and one batch.

        Raises:
            BinomeError: when rows cannot be used and may not be left out.
        """
        room = int(self.taken.sum())
        values: list[Numbers] = [np.empty(room, dtype=self._type(column)) for column in self.features]
        truths: Numbers = np.empty(room, dtype=np.uint8 if self.target.decisions else np.float32)
        splits = np.zeros(room, dtype=np.uint8)
        rows = np.empty(room, dtype=np.min_scalar_type(len(self.taken) + self.source.first_row))
        names: list[str] = []
        at, offset = 0, 0
        for batch in self.source.batches(self.columns):
            taken = self.taken[offset : offset + batch.texts.height]
            offset += batch.texts.height
            arrays, usable = self._parse(batch, taken)
            span = slice(at, at + int(usable.sum()))
            for array, parsed in zip([*values, truths, splits], arrays, strict=True):
                array[span] = parsed[usable]
            rows[span] = batch.first + np.flatnonzero(usable)
            if self.ids is not None:
                names += batch.texts[self.ids].filter(pl.Series(usable)).to_list()
            at = span.stop
        self.bad.refuse()
        cases = Cases(
            tuple(array[:at] for array in values), truths[:at], rows[:at], None if self.ids is None else tuple(names)
        )
        return cases, splits[:at]

    @property
    def columns(self) -> list[str]:
        extra = [name for name in (self.ids, self.split) if name is not None]
        return list(dict.fromkeys([*(column.id for column in self.features), self.target.column, *extra]))

    def _type(self, column: Column) -> type[Any]:
        if column.values:
            return np.uint8
        found = self.found[column.id]
        # Float32 where it holds the numbers as they are written.
        return np.float32 if found.size * 10.0**found.decimals < EXACT else np.float64

    def _parse(self, batch: Batch, taken: npt.NDArray[np.bool_]) -> tuple[list[Numbers], npt.NDArray[np.bool_]]:
        """Each column's numbers or indices, and which rows can be used."""
        texts = batch.texts
        blank = texts.select(pl.all_horizontal(pl.all().is_null())).to_series().to_numpy()
        usable, checked = taken & ~blank, taken & ~blank
        for place in np.flatnonzero(taken & blank).tolist():
            self.bad.add(batch.first + place, "the row is empty")
        for row, what in self.source.too_long.items():
            place = row - batch.first
            if 0 <= place < texts.height and checked[place]:
                self.bad.add(row, what)
                usable[place] = checked[place] = False
        arrays: list[Numbers] = []
        for column in self.features:
            codes = [value.id for value in column.values]
            arrays.append(self._column(batch, column.id, codes, None, checked, usable))
        low_high = (self.target.low, self.target.high)
        arrays.append(self._column(batch, self.target.column, list(self.target.decisions), low_high, checked, usable))
        splits = np.zeros(texts.height, dtype=np.uint8)
        if self.split is not None:
            splits = self._column(batch, self.split, list(SPLITS), None, checked, usable)
        arrays.append(splits)
        if self.ids is not None:
            self._check_ids(self.ids, batch, checked, usable)
        return arrays, usable

    def _column(
        self,
        batch: Batch,
        name: str,
        codes: Sequence[str],
        range_: tuple[float | None, float | None] | None,
        checked: npt.NDArray[np.bool_],
        usable: npt.NDArray[np.bool_],
    ) -> Numbers:
        """Indices of codes, or numbers where there are none; rows that have neither are taken down."""
        texts = batch.texts[name]
        if codes:
            found = texts.replace_strict(list(codes), list(range(len(codes))), default=None, return_dtype=pl.Int16)
            wrong = found.is_null().to_numpy()
            array: Numbers = found.fill_null(0).to_numpy()
        else:
            array = as_numbers(texts, self.source.decimal_comma).fill_null(np.nan).to_numpy()
            wrong = ~np.isfinite(array)
            low, high = range_ or (None, None)
            wrong |= (array < low if low is not None else False) | (array > high if high is not None else False)
        for place in np.flatnonzero(wrong & checked).tolist():
            self.bad.add(batch.first + place, _reason(name, texts[place], array[place], codes, range_))
        usable &= ~wrong
        return array

    def _check_ids(self, ids: str, batch: Batch, checked: npt.NDArray[np.bool_], usable: npt.NDArray[np.bool_]) -> None:
        texts = batch.texts[ids].to_list()
        for place in np.flatnonzero(checked).tolist():
            name, row = texts[place], batch.first + place
            if name is None:
                self.bad.add(row, f"{ids} is empty")
                usable[place] = False
            elif self._first.setdefault(name, row) != row:
                self.bad.add(row, f"{ids} is {name!r}, as in row {self._first[name]}")
                usable[place] = False


def _reason(
    name: str, text: str | None, number: float, codes: Sequence[str], range_: tuple[float | None, float | None] | None
) -> str:
    if text is None:
        return f"{name} is empty"
    if codes:
        listing = ", ".join(codes[:10]) + (", …" if len(codes) > 10 else "")
        near = did_you_mean(text, codes)
        return f"{name} is {text!r}, expected one of {listing}{f' ({near})' if near else ''}"
    if range_ is not None and np.isfinite(number):
        low, high = range_
        scale = " ".join(part for part in (
            f"{low:g} or more" if low is not None else "", f"{high:g} or less" if high is not None else "",
        ) if part)  # fmt: skip
        return f"{name} is {text}, the scale of the estimate has {scale}"
    return f"{name} is {text!r}, which is no {'finite ' if text.lower().lstrip('+-') in INFINITE else ''}number"


INFINITE = ("nan", "inf", "infinity")
