"""Scales of questionnaires as plain data, and what operators scored on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from binome.analysis.sample import Floats
from binome.core import BinomeError

SCORES = ("mean", "sum")
KNOWN = ("questionnaire", "items", "reversed", "low", "high", "score", "shift", "factor")
SLACK = 1e-9


@dataclass(frozen=True)
class Scale:
    """A score: `factor` times (the mean or sum of the items, plus `shift`), reversed items mirrored first.

    Attributes:
        questionnaire: the one that holds the items; None where their names are enough.
        low, high: by item, the ends of what can be answered.
    """

    name: str
    questionnaire: str | None
    items: tuple[str, ...]
    reversed: frozenset[str]
    low: Mapping[str, float]
    high: Mapping[str, float]
    score: Literal["mean", "sum"] = "mean"
    shift: float = 0.0
    factor: float = 1.0

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest score that there can be."""
        low, high = (self.scored(np.array([[ends[item] for item in self.items]]))[0] for ends in (self.low, self.high))
        return (float(low), float(high)) if low <= high else (float(high), float(low))

    def scored(self, answers: Floats) -> Floats:
        """From answers (n, items), reversed items mirrored, to scores (n,); NaN where an answer is missing."""
        total = answers.sum(axis=1)
        scores: Floats = self.factor * ((total / len(self.items) if self.score == "mean" else total) + self.shift)
        return scores

    def share(self, scores: Floats) -> Floats:
        """Scores on [0, 1]: 0 the lowest and 1 the highest that there can be."""
        low, high = self.ends
        return (scores - low) / (high - low)


def read_scales(scales: Mapping[str, Mapping[str, Any]]) -> list[Scale]:
    """Check scales that are given as plain data.

    Args:
        scales: by the scale's name, `items` (names), `low` and `high` (one number, or one by item), and where they
            differ from the default `questionnaire`, `reversed`, `score` (mean or sum), `shift`, `factor`.

    Raises:
        BinomeError: naming the scale and the field.
    """
    return [_read(name, data) for name, data in scales.items()]


def mirrored(scale: Scale, answers: pl.DataFrame) -> Floats:
    """Answers to a scale's items, (n, items), reversed items mirrored, NaN where missing."""
    columns = [
        answers[item].to_numpy() if item not in scale.reversed else scale.low[item] + scale.high[item] - answers[item]
        for item in scale.items
    ]
    return np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])


def _read(name: str, data: Mapping[str, Any]) -> Scale:
    unknown = [field for field in data if field not in KNOWN]
    if unknown:
        raise BinomeError(f"scale {name!r}: unknown field {unknown[0]!r}; known are {', '.join(KNOWN)}")
    for field in ("items", "low", "high"):
        if field not in data:
            raise BinomeError(f"scale {name!r} lacks the field {field!r}")
    items, reverse = _names(name, "items", data["items"]), _names(name, "reversed", data.get("reversed", ()))
    if not items or len(set(items)) < len(items):
        raise BinomeError(f"scale {name!r}: `items` must name at least one item, each once, found {list(items)}")
    stray = [item for item in reverse if item not in items]
    if stray:
        raise BinomeError(f"scale {name!r}: reversed item {stray[0]!r} is not among its items {', '.join(items)}")
    low, high = (_ends(name, field, data[field], items) for field in ("low", "high"))
    for item in items:
        if not low[item] < high[item]:
            raise BinomeError(f"scale {name!r}: item {item!r} goes from {low[item]:g} to {high[item]:g}: low first")
    score, factor = data.get("score", "mean"), float(data.get("factor", 1.0))
    if score not in SCORES:
        raise BinomeError(f"scale {name!r}: `score` must be mean or sum, found {score!r}")
    if factor == 0:
        raise BinomeError(f"scale {name!r}: `factor` must not be 0, for every score would be the same")
    shift = float(data.get("shift", 0.0))
    return Scale(name, data.get("questionnaire"), items, frozenset(reverse), low, high, score, shift, factor)


def _names(scale: str, field: str, given: Any) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence | frozenset | set):
        raise BinomeError(f"scale {scale!r}: `{field}` must be a list of items' names, found {given!r}")
    return tuple(str(item) for item in given)


def _ends(scale: str, field: str, given: Any, items: tuple[str, ...]) -> dict[str, float]:
    if not isinstance(given, Mapping):
        return dict.fromkeys(items, float(given))
    missing = [item for item in items if item not in given]
    if missing:
        raise BinomeError(f"scale {scale!r}: `{field}` says nothing of item {missing[0]!r}")
    return {item: float(given[item]) for item in items}
