"""The first reading of a file: how many rows it has, and what each column holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from binome.contexts.tables.source import LongRowsError, Source

MOST_VALUES = 255
"""Most values of a category: more is a text, not a category; and boosted trees bin by a byte."""
MOSTLY = 0.9
"""A column is one of numbers when at least this share of its cells are: the others are then mistakes."""


@dataclass
class Found:
    """What a column holds.

    Attributes:
        filled, numbers: how many cells are not empty, and how many of these are numbers.
        whole: whether all the numbers are written without decimals.
        values: its different texts, at most `MOST_VALUES` + 1 of them.
        decimals: the most that a number is written with.
        low, high: of its finite numbers; NaN where there are none.
    """

    filled: int = 0
    numbers: int = 0
    values: set[str] = field(default_factory=set)
    decimals: int = 0
    low: float = math.nan
    high: float = math.nan

    @property
    def is_number(self) -> bool:
        return self.filled > 0 and self.numbers >= MOSTLY * self.filled

    @property
    def whole(self) -> bool:
        return self.decimals == 0

    @property
    def size(self) -> float:
        """The greatest absolute number; 0 where there are none."""
        return 0.0 if math.isnan(self.low) else max(abs(self.low), abs(self.high))

    def see(self, texts: pl.Series, decimal_comma: bool) -> None:
        """Take a batch into account."""
        filled = texts.drop_nulls()
        numbers = as_numbers(filled, decimal_comma)
        self.filled += len(filled)
        self.numbers += len(numbers) - numbers.null_count()
        if len(self.values) <= MOST_VALUES:
            self.values.update(filled.unique().head(MOST_VALUES + 1 + len(self.values)).to_list())
        finite = numbers.filter(numbers.is_finite().fill_null(False))
        if len(finite):
            least, most = float(finite.to_numpy().min()), float(finite.to_numpy().max())
            self.low = least if math.isnan(self.low) else min(self.low, least)
            self.high = most if math.isnan(self.high) else max(self.high, most)
            written = filled.filter(numbers.is_finite().fill_null(False))
            after = written.str.extract(r"[.,](\d+)(?:[eE].*)?$").drop_nulls().str.len_chars().to_numpy()
            tiny = 6 if written.str.contains(r"[eE]-").any() else 0
            self.decimals = max(self.decimals, tiny, int(after.max(initial=0)))


def survey(source: Source, columns: Sequence[str], *, skip_bad: bool) -> tuple[int, dict[str, Found]]:
    """How many rows there are, and what each of those columns holds.

    Args:
        skip_bad: have the source leave out rows that are too long, instead of refusing the file.
    """
    try:
        return _survey(source, columns)
    except LongRowsError:
        if not skip_bad:
            raise
    source.leave_long_rows_out()
    return _survey(source, columns)


def _survey(source: Source, columns: Sequence[str]) -> tuple[int, dict[str, Found]]:
    found = {name: Found() for name in columns}
    rows = 0
    for batch in source.batches(columns):
        rows += batch.texts.height
        for name, column in found.items():
            column.see(batch.texts[name], source.decimal_comma)
    return rows, found


def as_numbers(texts: pl.Series, decimal_comma: bool) -> pl.Series:
    """Float64, null where a text is no number."""
    if decimal_comma:
        texts = texts.str.replace(",", ".", literal=True)
    return texts.cast(pl.Float64, strict=False)


def shown_decimals(found: Found) -> int:
    """How many decimals to show: those that are written, but no more than tell numbers of that size apart."""
    digits = 3 - math.floor(math.log10(found.size)) if found.size else 0
    return max(0, min(found.decimals, max(4, digits)))
