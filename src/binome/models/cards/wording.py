"""Words and numbers of the pages, by language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from binome.core import UnknownNameError

LANGUAGES = ("en", "fr")


class Wording:
    """One language's words; `words["key"]`, or `words.say("key", n=3)` where a value is to be put in.

    Raises:
        UnknownNameError: for a language without words.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise UnknownNameError("language", language, LANGUAGES)
        self.language, self._words = language, _read(language)

    def __getitem__(self, key: str) -> str:
        return self._words[key]

    def get(self, key: str, otherwise: str) -> str:
        return self._words.get(key, otherwise)

    def say(self, key: str, **values: Any) -> str:
        return self._words[key].format(**values)

    def number(self, value: float | None, decimals: int = 2) -> str:
        """With the language's decimal sign; a dash where undefined."""
        if value is None:
            return "–"
        text = f"{value:,.{decimals}f}".replace("-", "−")
        # French: comma, and a narrow no-break space between thousands.
        return text if self.language == "en" else text.replace(",", "\u202f").replace(".", ",")

    def count(self, value: int | None) -> str:
        return self.number(value, 0)

    def percent(self, value: float | None, decimals: int = 1) -> str:
        return "–" if value is None else f"{self.number(100 * value, decimals)}\u00a0%"

    def interval(self, figure: Mapping[str, float | None], decimals: int = 1) -> str:
        """A share with its limits, in per cent."""
        limits = [self.percent(figure[end], decimals) for end in ("low", "high")]
        value = self.percent(figure["value"], decimals)
        return value if figure["low"] is None else f"{value} [{limits[0]}, {limits[1]}]"

    def limits(self, figure: Mapping[str, float | None], decimals: int = 3, unit: str = "") -> str:
        """A number with its limits."""
        value = self.number(figure["value"], decimals) + (
            f"\u00a0{unit}" if unit and figure["value"] is not None else ""
        )
        if figure["low"] is None:
            return value
        return f"{value} [{self.number(figure['low'], decimals)}, {self.number(figure['high'], decimals)}]"


@cache
def _read(language: str) -> dict[str, str]:
    path = Path(__file__).parent / "words" / f"{language}.yaml"
    words: dict[str, str] = yaml.safe_load(path.read_text("utf-8"))
    return words
