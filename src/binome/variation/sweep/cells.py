"""What a study has computed so far: append-only tables of cells, each kept under what made it.

A table is a folder of Parquet parts. A part is written beside its place and moved there whole, so that whoever
is killed loses the part in hand and nothing else; a cell that was written twice is the same cell.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from binome.core import BinomeError

MANY, LARGE = 32, 64 * 2**20
"""So many parts are merged into one, but for those of more bytes: they are well as they are."""
KEYS = {
    "maps": ("configuration", "item"),
    "scores": ("configuration", "item", "metric"),
    "predictions": ("predictor", "noise", "item"),
    "decisions": ("predictor", "input"),
    "probes": ("key",),
}


class Cells:
    """The cells of studies, in one folder that any of them may share.

    Args:
        folder: made when it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for table in KEYS:
            (folder / table).mkdir(parents=True, exist_ok=True)

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Nobody else writes here meanwhile.

        Raises:
            BinomeError: when another process does.
        """
        with (self.folder / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BinomeError(f"another process is working on {self.folder}; wait until it ends") from error
            for table in KEYS:
                for left in (self.folder / table).glob(".*.part"):
                    left.unlink()
                self._merge(table)
            yield
            for table in KEYS:
                self._merge(table)

    def read(self, table: str, only: pl.Expr | None = None) -> pl.DataFrame | None:
        """The cells of a table, each once; None when there is none.

        Args:
            only: which of them.
        """
        parts = self._parts(table)
        if not parts:
            return None
        found = []
        for part in parts:
            scan = pl.scan_parquet(part)
            scan = scan if only is None else scan.filter(only)
            found.append(scan.collect())
        # A cell that was written twice holds the same values.
        return pl.concat(found).unique(KEYS[table], keep="first", maintain_order=True)

    def keys(self, table: str) -> pl.DataFrame | None:
        """What the cells of a table are kept under."""
        parts = self._parts(table)
        if not parts:
            return None
        return pl.concat([pl.read_parquet(part, columns=list(KEYS[table])) for part in parts]).unique()

    def add(self, table: str, rows: pl.DataFrame) -> None:
        """Keep more cells: on disk when this returns."""
        if rows.height:
            self._write(table, rows)
            if len(self._parts(table)) > 2 * MANY:
                self._merge(table)

    def _parts(self, table: str) -> list[Path]:
        return sorted((self.folder / table).glob("*.parquet"))

    def _write(self, table: str, rows: pl.DataFrame) -> None:
        name = secrets.token_hex(8)
        fresh = self.folder / table / f".{name}.part"
        with fresh.open("wb") as file:
            rows.write_parquet(file)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self.folder / table / f"{name}.parquet")

    def _merge(self, table: str) -> None:
        small = [part for part in self._parts(table) if part.stat().st_size < LARGE]
        if len(small) <= MANY:
            return
        rows = pl.concat([pl.read_parquet(part) for part in small])
        self._write(table, rows.unique(KEYS[table], keep="first", maintain_order=True))
        for part in small:
            part.unlink()
