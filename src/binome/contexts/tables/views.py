"""Views of case files: what each side is told, declared in the study file.

`operator_view: {hide: [income], note: age}` and `predictor_view: {hide: [sex], noise: 0.5}`: a feature that is hidden
from the predictor is no input of it; a note is told to the operator only, beside the case.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from binome.contexts.tables.columns import Column
from binome.core import BinomeError, UnknownNameError, derive_seed, did_you_mean

KEYS = {"operator_view": ("hide", "note"), "predictor_view": ("hide", "noise")}
MOST_NOISE = 100.0


@dataclass(frozen=True)
class Sides:
    """Who knows what, as places among the columns.

    Attributes:
        lines: what either side has, in order: the task's features.
        shown: what the operator sees in the case.
        inputs: what the predictor has.
        note: what the operator is told beside the case.
        noise: standard deviation of what is added to the predictor's numbers, in training standard deviations.
    """

    lines: tuple[int, ...]
    shown: frozenset[int]
    inputs: tuple[int, ...]
    note: int | None
    noise: float


def read_views(operator_view: Mapping[str, Any], predictor_view: Mapping[str, Any], columns: Sequence[Column]) -> Sides:
    """Check both views against the columns.

    Raises:
        BinomeError: naming the side, the key or feature, and the mend.
    """
    for side, view in (("operator_view", operator_view), ("predictor_view", predictor_view)):
        _check_keys(view, side)
    places = {column.id: place for place, column in enumerate(columns)}
    unseen = _hidden(operator_view, "operator_view", places)
    withheld = _hidden(predictor_view, "predictor_view", places)
    note = None
    if operator_view.get("note") is not None:
        note = _place(operator_view["note"], "operator_view.note", places)
        if note in unseen:
            raise BinomeError(
                f"operator_view both hides {columns[note].id!r} and gives it as a note; "
                f"drop it from operator_view.hide (a note is never shown in the case)"
            )
    # The predictor never has what is told to the operator beside the case.
    inputs = tuple(place for place in range(len(columns)) if place not in withheld and place != note)
    shown = frozenset(range(len(columns))) - unseen - {note}
    if not inputs:
        raise BinomeError("predictor_view.hide leaves the predictor nothing; hide fewer features")
    if not shown and note is None:
        raise BinomeError("operator_view.hide leaves the operator nothing; hide fewer features")
    lines = tuple(sorted(shown | set(inputs)))
    return Sides(lines, shown, inputs, note, _noise(predictor_view))


def draw_noise(item: str, deviation: float, columns: int) -> npt.NDArray[np.float64]:
    """Normal noise for every column, float64 (columns,), drawn once for each item.

    A column's draw does not depend on which others are hidden.
    """
    return np.random.default_rng(derive_seed(0, "noise", item)).normal(0, deviation, columns)


def _check_keys(view: Mapping[str, Any], side: str) -> None:
    for key in view:
        if key not in KEYS[side]:
            near = did_you_mean(str(key), KEYS[side])
            hint = f"{near} " if near else ""
            other = next((name for name, keys in KEYS.items() if name != side and key in keys), None)
            if other is not None:
                hint = f"that is a key of {other}; "
            raise BinomeError(f"{side} has no key {key!r} for a case file; {hint}it takes: {', '.join(KEYS[side])}")


def _hidden(view: Mapping[str, Any], side: str, places: Mapping[str, int]) -> frozenset[int]:
    names = view.get("hide", ())
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise BinomeError(f"{side}.hide is {names!r}; give a list of features, e.g. [{next(iter(places))}]")
    return frozenset(_place(name, f"{side}.hide", places) for name in names)


def _place(name: object, field: str, places: Mapping[str, int]) -> int:
    if not isinstance(name, str):
        raise BinomeError(f"{field} names {name!r}; give the id of a feature, e.g. {next(iter(places))}")
    if name not in places:
        raise UnknownNameError(f"feature in {field}", name, places)
    return places[name]


def _noise(view: Mapping[str, Any]) -> float:
    noise = view.get("noise", 0.0)
    wrong = isinstance(noise, bool) or not isinstance(noise, int | float)
    if wrong or not math.isfinite(noise) or not 0 <= noise <= MOST_NOISE:
        raise BinomeError(f"predictor_view.noise is {noise!r}; give a number from 0 to {MOST_NOISE:g}")
    return float(noise)
