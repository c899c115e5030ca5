"""Arrays that took long to make, kept in the user's cache folder; what is damaged there is made again."""

from __future__ import annotations

import os
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from binome.core import BinomeError

VARIABLE = "XDG_CACHE_HOME"
Arrays = dict[str, npt.NDArray[Any]]


def cache_folder() -> Path:
    """`binome` in the user's cache folder."""
    root = Path(os.environ.get(VARIABLE, ""))
    # The XDG base directory specification has relative paths ignored.
    return (root if root.is_absolute() else Path.home() / ".cache") / "binome"


def recall(name: str) -> Arrays | None:
    """The arrays kept under a name; None where there are none, or none that can be read."""
    try:
        # Opened here: numpy leaves a file open that turns out to be no archive.
        with (cache_folder() / f"{name}.npz").open("rb") as file, np.load(file, allow_pickle=False) as data:
            return {key: data[key] for key in data.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None


def keep(name: str, arrays: Mapping[str, npt.NDArray[Any]], *, compressed: bool = False) -> None:
    """Keep arrays under a name, all or nothing: another run never reads half a file.

    Raises:
        BinomeError: when the folder cannot be written.
    """
    path = cache_folder() / f"{name}.npz"
    save: Any = np.savez_compressed if compressed else np.savez
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".part", delete=False) as file:
            try:
                save(file, **arrays)
                file.close()
                os.replace(file.name, path)
            except BaseException:
                file.close()
                os.unlink(file.name)
                raise
    except OSError as error:
        raise BinomeError(
            f"{path} cannot be written ({error}); set {VARIABLE} to a folder where files may be kept"
        ) from error
