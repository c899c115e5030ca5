"""A CSV, TSV or Parquet file as a stream of batches of texts, so that a file larger than the memory can be read."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from binome.contexts.tables.rows import LISTED
from binome.core import BinomeError, UnknownNameError

BATCH = 50_000
"""Rows held at once."""

NESTED = (pl.List, pl.Array, pl.Struct, pl.Object, pl.Binary)


class LongRowsError(BinomeError):
    """Rows of a CSV file have more fields than its header."""


@dataclass(frozen=True)
class Batch:
    """Some rows in a row: their texts, stripped, null where there is none, and what the first one is called."""

    texts: pl.DataFrame
    first: int


class Source:
    """A file of rows.

    Rows are called as a spreadsheet would: in a CSV the header is row 1; in a Parquet file the first row is row 1.

    Args:
        path: a `.csv`, `.tsv` or `.parquet` file. A CSV is parted by commas, or by semicolons where its header has more
            of these; numbers may then have a decimal comma.

    Attributes:
        too_long: by row, what is wrong with those that `leave_long_rows_out` found.

    Raises:
        BinomeError: when the file cannot be read, or its header cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.too_long: dict[int, str] = {}
        self.is_parquet = path.suffix.lower() == ".parquet"
        if not path.is_file():
            raise BinomeError(f"there is no file {path}; name a CSV or Parquet file that exists")
        self.separator = "" if self.is_parquet else _separator(path)
        self.names = self._header()

    @property
    def decimal_comma(self) -> bool:
        return self.separator == ";"

    @property
    def first_row(self) -> int:
        return 1 if self.is_parquet else 2

    def leave_long_rows_out(self) -> None:
        """From now on, read the first fields alone of rows that have more than the header; they are in `too_long`."""
        self.too_long = self._long_rows()

    def _long_rows(self) -> dict[int, str]:
        found = {}
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            for row, fields in enumerate(csv.reader(file, delimiter=self.separator), start=1):
                if len(fields) > len(self.names):
                    found[row] = f"{len(fields)} fields, the header has {len(self.names)}"
        return found

    def batches(self, columns: Sequence[str]) -> Iterator[Batch]:
        """The rows in order, `BATCH` at a time, of those columns only.

        Raises:
            LongRowsError: where rows have more fields than the header, naming them.
            BinomeError: when the file is damaged.
        """
        row = self.first_row
        # Polars finds rows that are too long only where it reads all columns.
        whole = pl.QueryOptFlags(projection_pushdown=self.is_parquet)
        scan = self._scan(columns)
        try:
            for texts in scan.collect_batches(chunk_size=BATCH, lazy=True, engine="streaming", optimizations=whole):
                yield Batch(texts, row)
                row += texts.height
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._damaged(error) from error

    def _scan(self, columns: Sequence[str]) -> pl.LazyFrame:
        if self.is_parquet:
            scan = pl.scan_parquet(self.path, glob=False)
        else:
            scan = pl.scan_csv(
                self.path, separator=self.separator, infer_schema=False, glob=False,
                truncate_ragged_lines=bool(self.too_long),
            )  # fmt: skip
        texts = [pl.col(name).cast(pl.String).str.strip_chars() for name in columns]
        return scan.select(
            pl.when(text != "").then(text).alias(name) for text, name in zip(texts, columns, strict=True)
        )

    def _header(self) -> tuple[str, ...]:
        if self.is_parquet:
            try:
                return tuple(pl.scan_parquet(self.path, glob=False).collect_schema())
            except (pl.exceptions.PolarsError, OSError) as error:
                raise BinomeError(
                    f"{self.path} is no Parquet file that can be read ({error}); write it again"
                ) from error
        names = _first_record(self.path, self.separator)
        if not any(name.strip() for name in names):
            raise BinomeError(f"{self.path} has no header; put the columns' names in its first row")
        for place, name in enumerate(names):
            if name in names[:place]:
                raise BinomeError(
                    f"{self.path} row 1: columns {names.index(name) + 1} and {place + 1} are both named {name!r}; "
                    f"rename one"
                )
        return tuple(names)

    def check(self, column: str, field: str) -> None:
        """Refuse a column that the file does not have, or whose cells are no texts or numbers.

        Raises:
            BinomeError: naming the field, and the nearest column.
        """
        if column not in self.names:
            raise UnknownNameError(f"column of {self.path.name} in {field}", column, self.names)
        if not column.strip():
            raise BinomeError(f"{self.path} row 1: column {self.names.index(column) + 1} has no name; name it")
        if self.is_parquet:
            kind = pl.scan_parquet(self.path, glob=False).collect_schema()[column]
            if isinstance(kind, NESTED):
                raise BinomeError(f"{self.path}: column {column!r} holds {kind}; leave it out of the features")

    def _damaged(self, error: Exception) -> BinomeError:
        long_rows = self._long_rows() if not self.is_parquet and "more fields" in str(error) else {}
        if long_rows:
            rows = [f"row {row} has {what}" for row, what in list(long_rows.items())[:LISTED]]
            more = f" and {len(long_rows) - LISTED} more" if len(long_rows) > LISTED else ""
            return LongRowsError(
                f"{self.path}: {'; '.join(rows)}{more}; quote fields that hold a {self.separator!r}, or give "
                f"skip_bad: true to leave such rows out"
            )
        if "utf-8" in str(error).lower():
            return BinomeError(f"{self.path} is not UTF-8 text; save it as CSV in UTF-8")
        return BinomeError(f"{self.path} cannot be read ({error}); write it again")


def _separator(path: Path) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    header = _first_line(path)
    # What stands between quotes parts nothing.
    outside = "".join(header.split('"')[::2])
    return ";" if outside.count(";") > outside.count(",") else ","


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return file.readline()
    except UnicodeDecodeError as error:
        raise BinomeError(f"{path} is not UTF-8 text; save it as CSV in UTF-8") from error
    except OSError as error:
        raise BinomeError(f"{path} cannot be read ({error})") from error


def _first_record(path: Path, separator: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file, delimiter=separator), [])
