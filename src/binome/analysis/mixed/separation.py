"""Levels and cells of categorical terms in which the likelihood is highest at infinity."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import polars as pl

from binome.analysis.mixed.family import Family, without_estimate
from binome.analysis.sample import Floats
from binome.core import BinomeError


def separated_levels(
    table: pl.DataFrame, response: Floats, levels: Mapping[str, tuple[str, ...]], family: Family, categories: int
) -> tuple[tuple[str, str], ...]:
    """Levels in which every response is the same extreme. Their likelihood is 1 at infinity, whatever the other terms.

    Raises:
        BinomeError: when it is the reference, or leaves fewer than two levels.
    """
    found = []
    for name, known in levels.items():
        constant = [level for (level,) in _constant(table, response, (name,), family, categories)]
        if known[0] in constant or len(known) - len(constant) < 2:
            level = known[0] if known[0] in constant else sorted(constant)[0]
            raise BinomeError(
                f"the response is the same in every trial with {name} {level!r}: compared with it, nothing has "
                "a finite estimate; choose another reference, or leave that level out"
            )
        found += [(name, level) for level in known if level in constant]
    return tuple(found)


def check_cells(
    table: pl.DataFrame,
    response: Floats,
    term: tuple[str, ...],
    present: Mapping[str, tuple[str, ...]],
    family: Family,
    categories: int,
) -> None:
    """Refuse an interaction with a cell that has no trial, or no finite estimate.

    Raises:
        BinomeError: naming the cell.
    """
    filled = set(table.select(pl.col(name).cast(pl.String) for name in term).unique().rows())
    said = " * ".join(term)
    for cell in product(*(present[name] for name in term)):
        if cell not in filled:
            raise BinomeError(
                f"no trial has {_cell(term, cell)}: {said} cannot be estimated; leave the interaction out"
            )
    for cell in sorted(_constant(table, response, term, family, categories)):
        raise BinomeError(
            f"the response is the same in every trial with {_cell(term, cell)}: {said} has no finite "
            "estimate; leave the interaction out, or join levels"
        )


def _cell(term: tuple[str, ...], cell: tuple[str, ...]) -> str:
    return " and ".join(f"{name} {level!r}" for name, level in zip(term, cell, strict=True))


def _constant(
    table: pl.DataFrame, response: Floats, term: tuple[str, ...], family: Family, categories: int
) -> list[tuple[str, ...]]:
    extremes = without_estimate(family, categories)
    if not extremes:
        return []
    cells = table.select(pl.col(name).cast(pl.String) for name in term).with_columns(_y=pl.Series(response))
    ends = cells.group_by(term).agg(low=pl.col("_y").min(), high=pl.col("_y").max())
    same = ends.filter((pl.col("low") == pl.col("high")) & pl.col("low").is_in(list(extremes)))
    return same.select(term).rows()
