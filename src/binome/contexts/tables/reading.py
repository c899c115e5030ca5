"""Reading a table of any size, batch by batch: numbers, words as codes, and what is wrong with which row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow
from pyarrow import csv, parquet

from binome.contexts.tables.columns import Column, Values
from binome.core import BinomeError, did_you_mean

# pyarrow's types name few of its parts.
_arrow: Any = pyarrow
_csv: Any = csv
_parquet: Any = parquet
Floats = npt.NDArray[np.float64]

BLOCK = 16 * 2**20
"""Bytes of a CSV file that are read at once."""
FIRST_ROW = {".csv": 2, ".tsv": 2, ".parquet": 1}
"""The number that a person gives the first row of data: in a text file, that of its line."""
SAMPLE, MOST_VALUES = 10_000, 255
LISTED = 10


@dataclass
class Faults:
    """What is wrong with a file's rows, and which rows are left out for it."""

    path: Path
    skip: bool
    messages: list[str] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)

    def add(self, row: int, column: str, what: str) -> None:
        """A row (from 0) with a value that cannot be used."""
        self.rows.add(row)
        self.messages.append(f"{self.path.name} row {row + FIRST_ROW[self.path.suffix.lower()]}: {column} {what}")

    def tell(self) -> None:
        """Refuse the file when rows are wrong and none may be left out.

        Raises:
            BinomeError: naming the rows.
        """
        if self.messages and not self.skip:
            more = f"\n… and {len(self.messages) - LISTED} more" if len(self.messages) > LISTED else ""
            listing = "\n".join(self.messages[:LISTED])
            raise BinomeError(
                f"{self.path} has {len(self.rows)} rows that cannot be used; mend them, or leave them out with "
                f"--skip-bad (skip_bad=True):\n{listing}{more}"
            )


def header(path: Path) -> list[str]:
    """The names of a file's columns.

    Raises:
        BinomeError: when it cannot be read, or a name is empty or comes twice.
    """
    try:
        if path.suffix.lower() == ".parquet":
            names = list(_parquet.read_schema(path).names)
        else:
            with _csv.open_csv(path, parse_options=_dialect(path)) as reader:
                names = list(reader.schema.names)
    except (OSError, _arrow.ArrowException) as error:
        raise BinomeError(f"{path} cannot be read as a table: {error}") from error
    for name in names:
        if not name.strip():
            raise BinomeError(f"{path} has a column without a name (the {names.index(name) + 1}th); name it")
        if names.count(name) > 1:
            raise BinomeError(f"{path} has two columns named {name!r}; rename or remove one of them")
    return names


def check_columns(path: Path, wanted: Sequence[str], known: Sequence[str]) -> None:
    """Refuse a column that the file has not.

    Raises:
        BinomeError: with the nearest name.
    """
    for name in wanted:
        if name not in known:
            near = did_you_mean(name, known)
            raise BinomeError(f"{path} has no column {name!r}; {near + ' ' if near else ''}it has: {', '.join(known)}")


def batches(path: Path, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Some columns of a file as Arrow arrays of text, batch by batch; null where a field is empty.

    Raises:
        BinomeError: when the file cannot be read.
    """
    text = _arrow.string()
    try:
        if path.suffix.lower() == ".parquet":
            for batch in _parquet.ParquetFile(path).iter_batches(columns=list(columns), batch_size=65_536):
                yield {name: batch.column(name).cast(text) for name in columns}
            return
        convert = _csv.ConvertOptions(
            include_columns=list(columns), column_types=dict.fromkeys(columns, text), strings_can_be_null=True,
            null_values=[""], quoted_strings_can_be_null=True,
        )  # fmt: skip
        read = _csv.ReadOptions(block_size=BLOCK)
        with _csv.open_csv(path, read_options=read, parse_options=_dialect(path), convert_options=convert) as reader:
            for batch in reader:
                yield {name: batch.column(name) for name in columns}
    except (OSError, _arrow.ArrowException) as error:
        raise BinomeError(f"{path} cannot be read: {error}") from error


def infer(path: Path, names: Sequence[str]) -> dict[str, bool]:
    """Whether each column is a category, from the first rows: text is, and so are numbers of two values."""
    first: dict[str, list[str]] = {name: [] for name in names}
    for batch in batches(path, names):
        for name, values in batch.items():
            first[name] += [value for value in values.to_pylist() if value is not None]
        if max(map(len, first.values())) >= SAMPLE:
            break
    return {
        name: len(set(values)) <= 2 or any(_number(value) is None for value in values[:SAMPLE])
        for name, values in first.items()
    }


def read(
    path: Path, columns: Sequence[Column], plain: Sequence[str], faults: Faults
) -> tuple[list[Values], dict[str, list[str]]]:
    """Columns as values, and some more as plain text, of all rows; those at fault hold a 0 or an empty text.

    Args:
        columns: what is to be read as numbers or categories.
        plain: names of columns whose text is kept: an id, a split.
        faults: told of every value that is missing or no number.
    """
    numbers: dict[str, list[Floats]] = {column.id: [] for column in columns}
    codes: dict[str, dict[str, int]] = {column.id: {} for column in columns if column.category}
    texts: dict[str, list[str]] = {name: [] for name in plain}
    row = 0
    for batch in batches(path, [*(column.id for column in columns), *plain]):
        for column in columns:
            given = batch[column.id]
            found = (
                _encode(given, codes[column.id], row, column.id, faults)
                if column.category
                else _numbers(given, row, column.id, faults)
            )
            numbers[column.id].append(found)
        for name in plain:
            for place, value in enumerate(batch[name].to_pylist()):
                if value is None:
                    faults.add(row + place, name, "is empty")
                texts[name].append(value or "")
        row += len(next(iter(batch.values())))
    values = []
    for column in columns:
        joined = np.concatenate(numbers[column.id]) if numbers[column.id] else np.empty(0)
        values.append(_sorted(column, joined, codes[column.id]) if column.category else Values(column, joined))
    return values, texts


def _sorted(column: Column, found: Floats, codes: Mapping[str, int]) -> Values:
    """Codes in the order of the names, whatever the order of the rows."""
    names = sorted(codes)
    place = np.empty(len(names))
    for new, name in enumerate(names):
        place[codes[name]] = new
    return Values(column, place[found.astype(np.int64)] if len(found) else found, tuple(names))


def _encode(given: Any, codes: dict[str, int], row: int, name: str, faults: Faults) -> Floats:
    encoded = given.dictionary_encode()
    # Each batch has a dictionary of its own; few entries, so the loop is short however many rows there are.
    names = [value.strip() for value in encoded.dictionary.to_pylist()]
    own = np.array([codes.setdefault(value, len(codes)) if value else -1 for value in names] or [-1], dtype=np.float64)
    if len(codes) > MOST_VALUES:
        raise BinomeError(
            f"{faults.path} column {name!r} has more than {MOST_VALUES} values as a category; "
            f"leave it out, or declare it as a number"
        )
    found: Floats = own[encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)]
    empty = encoded.indices.is_null().to_numpy(zero_copy_only=False) | (found < 0)
    for place in np.flatnonzero(empty):
        faults.add(row + int(place), name, "is empty")
    return np.where(empty, 0.0, found)


def _numbers(given: Any, row: int, name: str, faults: Faults) -> Floats:
    try:
        found: Floats = given.cast(_arrow.float64()).to_numpy(zero_copy_only=False)
        if np.isfinite(found).all():
            return found
    except _arrow.ArrowException:
        pass  # some value is no number: which one, the loop below tells
    found = np.zeros(len(given))
    for place, value in enumerate(given.to_pylist()):
        number = None if value is None else _number(value)
        if number is None:
            what = "is empty" if value is None or not value.strip() else f"is {value!r}, which is no number"
            faults.add(row + place, name, what)
        elif not math.isfinite(number):
            faults.add(row + place, name, f"is {value}, which is not finite")
        else:
            found[place] = number
    return found


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _dialect(path: Path) -> Any:
    """Comma, semicolon or tab: whichever the first line has most of."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = file.readline()
    return _csv.ParseOptions(delimiter=max(",;\t", key=first.count), newlines_in_values=True)
