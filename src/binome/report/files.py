"""Files of a report: written whole or not at all, and cleared when a later report no longer has them."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        fresh.write_text(text, "utf-8", newline="\n")
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def clear(folder: Path, kept: Collection[Path]) -> None:
    """Remove the figures and tables of an earlier report that are not among those `kept`."""
    for path in folder.glob("*"):
        if path.suffix in (".svg", ".csv") and path not in kept:
            path.unlink()
