"""Read a table of any origin: CSV, Parquet, or JSON as jsPsych and JATOS write it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from binome.analysis import dictionary
from binome.core import BinomeError

LISTS = ("trials", "data")
"""Where an object holds its rows, if the file is no list."""
FOREIGN = frozenset({".xlsx", ".xls", ".ods", ".sav", ".dta", ".rds", ".rdata", ".mat", ".gz", ".zip"})
"""Files that others keep tables in, and that are not read."""
NOT_UTF8 = "it is not UTF-8; save it as such (in a spreadsheet: CSV UTF-8)"
DECIMAL_COMMA = rf"^([+-]?\d+(,\d+)?|{'|'.join(dictionary.NOT_A_NUMBER)})?$"


def read_table(path: Path) -> tuple[pl.DataFrame, bool]:
    """The table as it is in the file, and whether all its columns are text (CSV and JSON).

    CSV: UTF-8, separated by comma, semicolon or tab; a decimal comma is understood where no comma separates. JSON: a
    list of rows, lists of such lists, one of either a line, or an object that holds one under `trials` or `data`;
    fields within a row's objects are named with a point (`response.sure`).

    Raises:
        BinomeError: when the file cannot be read.
    """
    kind = path.suffix.lower()
    if kind in FOREIGN:
        raise BinomeError(f"{path}: files of the kind {kind} are not read; save it as CSV (UTF-8), Parquet or JSON")
    try:
        if kind == ".parquet":
            return pl.read_parquet(path), False
        if kind in (".json", ".jsonl", ".ndjson"):
            return _json(path), True
        return _csv(path), True
    except UnicodeDecodeError as error:
        raise BinomeError(f"{path} cannot be read as a table: {NOT_UTF8}") from error
    except (OSError, PolarsError, json.JSONDecodeError) as error:
        raise BinomeError(f"{path} cannot be read as a table: {error}") from error


def _csv(path: Path) -> pl.DataFrame:
    with path.open(encoding="utf-8-sig") as file:
        header = file.readline()
    separator = max(",;\t", key=header.count)
    _require_single(next(csv.reader([header], delimiter=separator), []), path)
    try:
        table = pl.read_csv(path, infer_schema=False, separator=separator)
    except PolarsError as error:
        raise BinomeError(f"{path} cannot be read as a table: {_fault(path, separator) or error}") from error
    names = [name.strip() for name in table.columns]
    if len(set(names)) == len(names):
        table.columns = names
    if separator == ",":
        return table
    comma = [
        name
        for name in table.columns
        if table[name].str.contains(",", literal=True).any() and table[name].str.contains(DECIMAL_COMMA).all()
    ]
    return table.with_columns(pl.col(comma).str.replace(",", ".", literal=True)) if comma else table


def _require_single(names: list[str], path: Path) -> None:
    known = [name.strip() for name in names if name.strip() in dictionary.COLUMNS]
    twice = next((name for name in known if known.count(name) > 1), None)
    if twice is not None:
        raise BinomeError(
            f"{path} has the column {twice!r} twice, and which one counts is not said; rename one of them"
        )


def _fault(path: Path, separator: str) -> str:
    """What is wrong with a CSV file that cannot be read, by line; nothing where it looks right."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, delimiter=separator, strict=True)
            fields = len(next(lines, []))
            for row in lines:
                if len(row) > fields:
                    return f"line {lines.line_num} has {len(row)} fields, and the header has {fields}"
    except UnicodeDecodeError:
        return NOT_UTF8
    except csv.Error as error:
        return f"up to line {lines.line_num}: {error} (is a quotation mark opened and not closed?)"
    return ""


def _json(path: Path) -> pl.DataFrame:
    text = path.read_text("utf-8-sig")
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        found = [json.loads(line) for line in lines]
    rows = [dict(_fields(row)) for row in _rows(found, path)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pl.DataFrame({name: pl.Series([row.get(name) for row in rows], dtype=pl.String) for name in names})


def _rows(found: Any, path: Path) -> Iterator[dict[str, Any]]:
    if isinstance(found, list):
        for part in found:
            yield from _rows(part, path)
    elif isinstance(found, dict):
        inner = next((found[name] for name in LISTS if _is_table(found.get(name))), None)
        if inner is None:
            yield found
        else:
            yield from _rows(inner, path)
    else:
        raise BinomeError(f"{path} cannot be read as a table: found {found!r} where a row was expected")


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict | list)


def _fields(row: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from _fields(value, f"{prefix}{name}.")
        elif value is None or isinstance(value, str):
            yield prefix + name, value
        else:
            yield prefix + name, json.dumps(value, ensure_ascii=False)
