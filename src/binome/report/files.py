"""Files of a report: named by language, written whole or not at all, cleared when a later report lacks them."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path


def page_file(name: str, language: str) -> str:
    """The file of a page: `NAME.html` in English, `NAME.fr.html` in French."""
    return f"{name}.html" if language == "en" else f"{name}.{language}.html"


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
