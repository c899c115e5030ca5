"""Random effects of a formula: which rows share a level, and whether the data can tell the effects apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.analysis.mixed.crossed import Block
from binome.analysis.mixed.family import Family
from binome.analysis.mixed.formula import Effect, Formula
from binome.analysis.sample import Floats
from binome.core import BinomeError

INTERCEPT = "(Intercept)"


@dataclass(frozen=True)
class Random:
    """One random effect.

    Attributes:
        group: `operator`, or `operator:session` when nested.
        effect: `(Intercept)`, a numeric column, or `column[level]`.
        block: its rows, values scaled to a mean square of 1.
        unit: what the values were divided by; 1 for an intercept.
    """

    group: str
    effect: str
    block: Block
    unit: float


def random_effects(
    formula: Formula, table: pl.DataFrame, family: Family, present: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[Random, ...], list[str]]:
    """The random effects in the formula's order, and what must be said about them.

    Slopes of a categorical column are those of its levels but the first in `present`, or in sorted order.

    Raises:
        BinomeError: for a group with one level, one level a trial, two groups that are the same, or a slope whose
            column does not vary within its group.
    """
    made: list[Random] = []
    seen: dict[str, npt.NDArray[np.int64]] = {}
    for effect in formula.random:
        group = ":".join(effect.group)
        if group not in seen:
            seen[group] = _codes(effect, table, family)
            _check_new(group, seen)
        made += _effects(effect, table, seen[group], present)
    messages = [
        f"Slopes and intercepts of {group!r} are taken as uncorrelated, as lme4's (x || {group}). This depends on "
        "where a number is zero (centre it), and on the reference of a text column."
        for group in formula.uncorrelated
    ]
    return tuple(made), messages


def _codes(effect: Effect, table: pl.DataFrame, family: Family) -> npt.NDArray[np.int64]:
    group = ":".join(effect.group)
    rank = table.select(pl.struct(effect.group).rank("dense")).to_series() if len(effect.group) > 1 else None
    values = table[effect.group[0]].rank("dense") if rank is None else rank
    codes = (values.cast(pl.Int64) - 1).to_numpy()
    levels = int(codes.max(initial=-1)) + 1
    if levels < 2:
        raise BinomeError(f"(1|{group}) needs two or more of {group!r}, and the trials have one")
    # With counts, an effect of each trial is the usual remedy for overdispersion.
    if levels == table.height and family.name != "poisson":
        raise BinomeError(f"(1|{group}) needs repeated trials of each {group!r}, and every trial has its own")
    return codes


def _check_new(group: str, seen: dict[str, npt.NDArray[np.int64]]) -> None:
    codes = seen[group]
    size = int(codes.max()) + 1
    for other, known in seen.items():
        if other == group or int(known.max()) + 1 != size:
            continue
        if np.unique(codes * size + known).size == size:
            raise BinomeError(
                f"(1|{other}) and (1|{group}) put the same trials together: they cannot be told apart; leave one out"
            )


def _effects(
    effect: Effect, table: pl.DataFrame, codes: npt.NDArray[np.int64], present: Mapping[str, tuple[str, ...]]
) -> list[Random]:
    group, levels = ":".join(effect.group), int(codes.max()) + 1
    if not effect.slope:
        return [Random(group, INTERCEPT, Block(codes, np.ones(len(codes)), levels), 1.0)]
    if len(codes) <= levels:
        raise BinomeError(f"({effect.slope}|{group}) needs repeated trials of each {group!r}")
    values = table[effect.slope]
    if values.dtype.is_numeric():
        found = [(effect.slope, values.cast(pl.Float64).to_numpy())]
    else:
        text = values.cast(pl.String)
        levels_of_it = present.get(effect.slope) or text.unique().sort().to_list()
        found = [
            (f"{effect.slope}[{level}]", (text == level).cast(pl.Float64).to_numpy()) for level in levels_of_it[1:]
        ]
    return [_slope(name, group, column, codes, levels) for name, column in found]


def _slope(name: str, group: str, column: Floats, codes: npt.NDArray[np.int64], levels: int) -> Random:
    low, high = np.full(levels, np.inf), np.full(levels, -np.inf)
    np.minimum.at(low, codes, column)
    np.maximum.at(high, codes, column)
    if np.count_nonzero(high > low) < 2:
        raise BinomeError(
            f"({name}|{group}): {name!r} does not vary within any two levels of {group!r}, so that their slopes cannot "
            f"be told; write (1|{group})"
        )
    unit = float(np.sqrt(np.mean(column**2)))
    return Random(group, name, Block(codes, column / unit, levels), unit)
