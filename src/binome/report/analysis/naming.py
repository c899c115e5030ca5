"""One name for the column that an analysis compares: `condition`, whatever the trials call it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import polars as pl

from binome.analysis import Analysis

Thing = TypeVar("Thing")
OWN = {"measure", "value", "low", "high", "n", "undefined"}
AS_THEY_ARE = ("model", "factorial", "factors", "biases", "rejected", "equivalence", "primary", "contrasts", "left_out")
"""Parts whose columns have names of their own, which a study's column may happen to have too."""


def compared(analysis: Analysis) -> str:
    """The column that was compared."""
    return next((name for name in analysis.measures.columns if name not in OWN), "condition")


def renamed(thing: Thing, by: str) -> Thing:
    """The same tables, however deep in dataclasses, with `condition` in place of `by`."""
    if by == "condition":
        return thing
    same: Thing = _renamed(thing, by)
    return same


def _renamed(thing: Any, by: str) -> Any:
    if isinstance(thing, pl.DataFrame):
        names = {name: re.sub(rf"^{re.escape(by)}(?=$|_first$|_second$)", "condition", name) for name in thing.columns}
        names = {old: new for old, new in names.items() if old != new}
        return thing.drop(set(names.values()) & set(thing.columns)).rename(names)
    if is_dataclass(thing) and not isinstance(thing, type):
        parts = [field.name for field in fields(thing) if field.name not in AS_THEY_ARE]
        return replace(thing, **{name: _renamed(getattr(thing, name), by) for name in parts})
    return thing


def tables(thing: Any, name: str) -> Mapping[str, pl.DataFrame]:
    """Every table in a dataclass, by its place: `relations_shares`."""
    if isinstance(thing, pl.DataFrame):
        return {name: thing}
    if is_dataclass(thing) and not isinstance(thing, type):
        found: dict[str, pl.DataFrame] = {}
        for field in fields(thing):
            found |= tables(getattr(thing, field.name), f"{name}_{field.name}".lstrip("_"))
        return found
    return {}
