"""Columns of a case file: what each is called, and how its values read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from binome.core.stimulus import Feature
from binome.core.text import Text, say

LANGUAGES = ("en", "fr")
NARROW, SPACE = "\u202f", "\u00a0"
COLON = {"en": ": ", "fr": f"{SPACE}: "}


@dataclass(frozen=True)
class Column:
    """A column as declared.

    Attributes:
        id: its name in files and code.
        label, unit, help: what an operator reads: its name, its unit, what it means.
        values: of a category, each value's words; a value without words reads as it is written.
        category: whether it is one; a number otherwise.
        decimals: of a number, as it is shown.
        protected: whether it is a protected attribute, by which analyses report groups.
        line: whether it is a line of the case file; a protected attribute may be known without being shown or used.
        bands: of a protected number, the limits between its groups.
    """

    id: str
    label: Text
    unit: Text = ""
    help: Text = ""
    values: Mapping[str, Text] = field(default_factory=dict)
    category: bool = False
    decimals: int = 0
    protected: bool = False
    line: bool = True
    bands: tuple[float, ...] = ()

    def feature(self) -> Feature:
        """The line of the case file."""
        return Feature(self.id, self.label, self.unit, self.help, self.protected)

    def words(self, value: float | str) -> Text:
        """A value as an operator reads it, by language, without its unit."""
        if isinstance(value, str):
            return self.values.get(value, value)
        return {language: number(value, self.decimals, language) for language in LANGUAGES}

    def sentence(self, value: float | str, language: str) -> str:
        """The line as one text: what it is, its value and its unit."""
        unit = say(self.unit, language)
        words = say(self.words(value), language) + (f"{SPACE}{unit}" if unit else "")
        return f"{say(self.label, language)}{COLON[language]}{words}"

    def group(self, value: float | str) -> str:
        """The group that a value of a protected attribute belongs to."""
        if isinstance(value, str):
            return value
        if not self.bands:
            return f"{value:.{self.decimals}f}"
        place = int(np.searchsorted(self.bands, value, side="right"))
        if place == 0:
            return f"under {self.bands[0]:g}"
        if place == len(self.bands):
            return f"{self.bands[-1]:g} or more"
        return f"{self.bands[place - 1]:g} to under {self.bands[place]:g}"


@dataclass(frozen=True)
class Values:
    """A column's values, one a row.

    Attributes:
        numbers: float64 (n,); of a category, codes into `names`.
        names: of a category, its values.
    """

    column: Column
    numbers: npt.NDArray[np.float64]
    names: tuple[str, ...] = ()

    def __getitem__(self, row: int) -> float | str:
        value = float(self.numbers[row])
        return self.names[int(value)] if self.column.category else value


def category(column: Column, values: Sequence[str]) -> Values:
    """A category's values from their names, one a row."""
    names, codes = np.unique(np.asarray(values, dtype=str), return_inverse=True)
    return Values(column, codes.astype(np.float64), tuple(str(name) for name in names))


def number(value: float, decimals: int, language: str) -> str:
    """A number as a language writes it."""
    text = f"{value:,.{decimals}f}".replace("-", "−")
    return text if language == "en" else text.replace(",", NARROW).replace(".", ",")
