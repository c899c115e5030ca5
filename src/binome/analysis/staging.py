"""Tables with one row a stage: the rows of the first and of the last answer to an item, put together as one trial."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from binome.core import BinomeError

PARTS = ("column", "initial", "final")
CARRIED = {"final": "initial", "final_confidence": "initial_confidence", "final_seconds": "initial_seconds"}
"""What the row of the first answer says, and what it is of the whole trial."""
TRIAL = ("study", "operator", "condition", "block", "item")
PLACES = ("trial", "position")
"""What names a trial of an operator in tables without items."""


def join_stages(raw: pl.DataFrame, stages: Mapping[str, str], source: str) -> pl.DataFrame:
    """One row a trial: the rows of the stage `final`, with the answer of the stage `initial` beside it.

    Rows of other stages are left out. Advice, truth and whatever else the last row lacks is taken from the first.

    Args:
        raw: with our names, and `_row`.
        stages: `column`, which tells the stages apart, and what it holds in rows of the `initial` and of the `final`
            answer.

    Raises:
        BinomeError: for parts that are missing; where a trial has several first answers, naming row and column; where
            no trial has both.
    """
    lost = next((part for part in PARTS if part not in stages), None)
    if lost is not None or len(stages) > len(PARTS):
        raise BinomeError(
            f"the mapping's stages need {', '.join(PARTS)}, such as {{column: phase, initial: before, final: after}}; "
            f"found {dict(stages)}"
        )
    column = stages["column"]
    for name in (column, "operator", "final"):
        if name not in raw.columns:
            listing = ", ".join(other for other in raw.columns if other != "_row")
            raise BinomeError(f"{source} has no column {name!r}, which stages need; it has: {listing}")
    said = raw[column].cast(pl.String)
    for part in ("initial", "final"):
        if not (said == stages[part]).any():
            found = ", ".join(repr(value) for value in said.drop_nulls().unique().sort().to_list()[:10])
            raise BinomeError(f"{source}, column {column!r}: no row of the stage {stages[part]!r}; it holds {found}")
    key = [name for name in TRIAL if name in raw.columns]
    if "item" not in key:
        key += [name for name in PLACES if name in raw.columns][:1]
    first, last = (raw.filter(said == stages[part]) for part in ("initial", "final"))
    twice = first.filter(first.select(key).is_duplicated())
    if twice.height:
        trial = ", ".join(f"{name} {twice[name][0]!r}" for name in key)
        raise BinomeError(
            f"{source}: row {twice['_row'][1]}, column {column!r}: another row of the stage {stages['initial']!r} for "
            f"{trial} (first in row {twice['_row'][0]}); keep the column that tells them apart: item, block, trial"
        )
    if last.join(first, on=key, how="semi", nulls_equal=True).is_empty():
        raise BinomeError(
            f"{source}: no row of the stage {stages['final']!r} has one of the stage {stages['initial']!r} with "
            f"the same {', '.join(key)}; what names the trial must be the same in both: item, trial"
        )
    own = [name for name in CARRIED if name in raw.columns]
    given = [CARRIED[name] for name in own if CARRIED[name] in raw.columns]
    others = [name for name in raw.columns if name not in {*key, *own, *given, column, "_row"}]
    before = first.select(
        *key, *(pl.col(name).alias(CARRIED[name]) for name in own), *(pl.col(name).alias(f"_{name}") for name in others)
    )
    joined = last.drop(given, column).join(before, on=key, how="left", nulls_equal=True, maintain_order="left")
    filled = (pl.coalesce(name, f"_{name}").alias(name) for name in others)
    return joined.with_columns(filled).drop(f"_{name}" for name in others)
