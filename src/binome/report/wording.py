"""The report's words, and numbers as each language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "words"
LANGUAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
UNDEFINED = "–"


@dataclass(frozen=True)
class Wording:
    """One language."""

    language: str
    words: Mapping[str, Any]

    def __getitem__(self, key: str) -> str:
        return str(self.words[key])

    def say(self, key: str, **values: object) -> str:
        return self[key].format(**values)

    def measure(self, name: str) -> str:
        """A measure's short name, its own where there is none."""
        return str(self.words["measures"].get(name, name.replace("_", " ")))

    def number(self, value: float | None, digits: int = 3) -> str:
        """A number with a decimal comma in French; a dash where undefined."""
        if value is None or value != value:
            return UNDEFINED
        return f"{value:.{digits}f}".replace("-", "−").replace(".", self["point"])

    def interval(self, value: float | None, low: float | None, high: float | None, digits: int = 3) -> str:
        if value is None:
            return UNDEFINED
        if low is None:
            return self.number(value, digits)
        return f"{self.number(value, digits)} [{self.number(low, digits)}{self['to']}{self.number(high, digits)}]"

    def p(self, value: float | None) -> str:
        """A p value with its sign: `= 0.328` or `< 0.001`."""
        if value is None:
            return f"= {UNDEFINED}"
        return f"< {self.number(0.001)}" if value < 0.001 else f"= {self.number(value)}"


@cache
def wording(language: str) -> Wording:
    """The words of a language."""
    return Wording(language, yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8")))
