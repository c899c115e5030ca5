"""Binome's own texts: one file a language in `languages/`; adding a language is adding a file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "languages"
LANGUAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def text(key: str, language: str, **values: Any) -> str:
    """The text of a key, its {placeholders} filled.

    Raises:
        KeyError: for a key that no catalogue has; a test keeps all catalogues alike.
    """
    return _catalogue(language if language in LANGUAGES else "en")[key].format(**values)


def number(value: float, language: str, digits: int = 0, *, grouped: bool = False) -> str:
    """A number as the language writes it: a decimal comma in French.

    Args:
        grouped: thousands apart, with a comma in English and a narrow no-break space in French, as browsers do.
    """
    written = f"{value:,.{digits}f}" if grouped else f"{value:.{digits}f}"
    if not written.strip("-0.,"):
        written = written.lstrip("-")
    return written.translate({ord(","): "\u202f", ord("."): ","}) if language == "fr" else written


@cache
def _catalogue(language: str) -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8"))
    return loaded
