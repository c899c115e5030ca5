"""Columns of a case file, declared as data: names, units, values in words, protected attributes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from binome.contexts.tables.wording import in_words, spoken
from binome.core import BinomeError, UnknownNameError
from binome.core.stimulus import Feature
from binome.core.text import Text

Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Value:
    """A value of a category: `id` is stored, `label` is shown, `code` is how the source writes it, if not as the id."""

    id: str
    label: Text
    code: str = ""

    @property
    def written(self) -> str:
        return self.code or self.id


@dataclass(frozen=True)
class Column:
    """A column of case files.

    Attributes:
        id: stored; views name it.
        label, unit, help: as shown.
        values: those of a category, in the order of their indices; none for a number.
        decimals: of a number, as shown.
        protected: whether it is a protected attribute; splits then tell each item's group.
        bands: where a protected number's groups part: (25, 45) gives `under-25`, `25-45` and `over-45`, (25,)
            gives `under-25` and `from-25`.
        source: what the source calls it; the id, if empty.
    """

    id: str
    label: Text
    unit: Text = ""
    help: Text = ""
    values: tuple[Value, ...] = ()
    decimals: int = 0
    protected: bool = False
    bands: tuple[float, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        if self.protected and not self.values and not self.bands:
            raise BinomeError(f"column {self.id!r} is a protected number without groups; give its bands, e.g. (25, 45)")
        if list(self.bands) != sorted(set(self.bands)):
            raise BinomeError(f"column {self.id!r} has the bands {self.bands}; give them in increasing order")

    @property
    def feature(self) -> Feature:
        """The line of a case file."""
        return Feature(self.id, self.label, self.unit, self.help, self.protected)

    def show(self, value: float) -> Text:
        """A number or the index of a value, in words, with the unit."""
        if self.values:
            return spoken(self.values[int(value)].label)
        return in_words(value, self.decimals, self.unit)

    def groups(self, values: Numbers) -> tuple[str, ...]:
        """By item, the id of its value, or of the band that its number lies in."""
        if self.values:
            names = [value.id for value in self.values]
            return tuple(names[place] for place in values.astype(np.int64).tolist())
        first, last = self.bands[0], self.bands[-1]
        between = [f"{a:g}-{b:g}" for a, b in zip(self.bands, self.bands[1:], strict=False)]
        names = [f"under-{first:g}", *between, f"over-{last:g}" if between else f"from-{last:g}"]
        # A band holds its upper end; the first one between two bounds holds its lower end too.
        places = np.searchsorted(np.asarray(self.bands), values, side="left")
        places[values == first] = 1
        return tuple(names[place] for place in places.tolist())


def chosen(columns: Sequence[Column], features: Iterable[str] | None) -> tuple[Column, ...]:
    """The columns of those ids, in that order; all of them for None.

    Raises:
        BinomeError: for an id that no column has, or that comes twice.
    """
    if features is None:
        return tuple(columns)
    known = {column.id: column for column in columns}
    if isinstance(features, str):
        raise BinomeError(f"features is {features!r}; give a list, e.g. [{features}]")
    wanted = list(features)
    for name in wanted:
        if name not in known:
            raise UnknownNameError("feature", str(name), known)
        if wanted.count(name) > 1:
            raise BinomeError(f"features names {name!r} twice; name it once")
    if not wanted:
        raise BinomeError(f"features is empty; name one at least of: {', '.join(known)}")
    return tuple(known[name] for name in wanted)
