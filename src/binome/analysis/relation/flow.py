"""How relations move: from block to block or half to half within a condition, and between conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import polars as pl

from binome.analysis.bootstrap import p_value
from binome.analysis.relation.coding import RELATIONS, Coded
from binome.analysis.relation.profile import Tally, limits_of
from binome.analysis.resampling import Counts, Grouped
from binome.analysis.sample import Codes, Floats

SIZE = len(RELATIONS)
DRIFTS = tuple(pairwise(RELATIONS))
"""Each a step towards leaving more to the model."""

MOVED = {
    "first": pl.String, "second": pl.String, "operators": pl.Int64, "of": pl.Int64, "share": pl.Float64,
    "low": pl.Float64, "high": pl.Float64,
}  # fmt: skip
DRIFTED = {
    "first": pl.String, "second": pl.String, "moved": pl.Int64, "back": pl.Int64, "operators": pl.Int64,
    "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "p": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Flow:
    """What `flow` found; the tables are those of `Relations`."""

    flow: pl.DataFrame
    drift: pl.DataFrame
    between: pl.DataFrame
    reasons: Mapping[str, str]


def flow(coded: Coded, counts: Tally, data: Grouped, draws: Floats) -> Flow:
    """Transitions of each operator's dominant relation, the one that more of the trials show than any other.

    Args:
        draws: float64 (resamples, operators), how often each operator was drawn.
    """
    reasons: dict[str, str] = {}
    part, blocks = parts(data)
    steps, drifts = [], []
    for g in range(data.size):
        chain = _dominant_by_part(coded, data, part, g)
        last = _last(chain)
        label = data.groups[[g]]
        for s in range(chain.shape[1] - 1):
            rows = _transitions(chain[:, s], chain[:, s + 1], draws)
            before = {"step": pl.lit(s, pl.Int64), "unit": pl.lit("block" if blocks[g] else "half")}
            steps.append(_labelled(rows, MOVED, label, before))
        drifts.append(_labelled(_drifts(chain[:, 0], last, draws), DRIFTED, label, {}))
    dominant = _dominant(counts.relations)
    between = [
        _labelled(
            _transitions(dominant[:, a], dominant[:, b], draws),
            MOVED,
            data.groups[[a]].rename(lambda name: f"{name}_first").hstack(
                data.groups[[b]].rename(lambda name: f"{name}_second")
            ),
            {},
        )
        for a, b in combinations(range(data.size), 2)
    ]  # fmt: skip
    by, text = data.groups, {"step": pl.lit(0, pl.Int64), "unit": pl.lit("half")}
    empty = _labelled([], MOVED, by[[0]], text)
    none = by[[0]].rename(lambda name: f"{name}_first").hstack(by[[0]].rename(lambda name: f"{name}_second"))
    found = pl.concat([empty, *steps])
    met = pl.concat([_labelled([], MOVED, none, {}), *between])
    if not found.height:
        reasons["flow"] = "no_order" if (part < 0).all() else "too_few_to_follow"
    if not met.height:
        reasons["between"] = "one_group"
    return Flow(found, pl.concat(drifts), met, reasons)


def parts(data: Grouped) -> tuple[Codes, list[bool]]:
    """The part of each trial within its operator and group, from 0, −1 where its place is unknown; and if blocks.

    Parts are blocks in a group where some operator has several of them, else the two halves of the trials by
    `position` (or `trial`); the middle one of an odd number is in the first.
    """
    trials, cell = data.sample.trials, data.layout.cell
    clock = next((name for name in ("position", "trial") if name in trials.columns), None)
    frame = pl.DataFrame(
        {
            "cell": cell,
            "group": data.layout.group,
            "time": trials[clock] if clock else pl.Series([None] * len(cell), dtype=pl.Int64),
            "block": trials["block"] if "block" in trials.columns else pl.Series([None] * len(cell), dtype=pl.Int64),
        }
    )
    frame = frame.with_columns(begun=pl.col("time").min().over("cell", "block") if clock else _number_of_block(frame))
    place = pl.col("time").rank("ordinal").over("cell") - 1
    frame = frame.with_columns(
        block=pl.when(pl.col("block").is_not_null()).then(pl.col("begun").rank("dense").over("cell") - 1),
        half=(place.cast(pl.Int64) * 2 > pl.col("time").count().over("cell").cast(pl.Int64) - 1).cast(pl.Int64),
    )
    several = frame.group_by("group").agg(pl.col("block").max().fill_null(0) > 0).sort("group")["block"].to_list()
    blocks = pl.Series(several, dtype=pl.Boolean).gather(frame["group"])
    part = frame.select(part=pl.when(blocks).then(pl.col("block").cast(pl.Int64)).otherwise("half"))["part"]
    return part.fill_null(-1).to_numpy(), several


def _number_of_block(frame: pl.DataFrame) -> pl.Expr:
    """What blocks are ordered by where nothing tells when they began: their numbers, or their names."""
    numbers = frame["block"].cast(pl.Float64, strict=False)
    return pl.col("block") if numbers.null_count() > frame["block"].null_count() else pl.lit(numbers)


def _dominant_by_part(coded: Coded, data: Grouped, part: Codes, group: int) -> Counts:
    """The dominant relation of each operator in each part of a group, (operators, parts); −1 where there is none."""
    rows = (data.layout.group == group) & (part >= 0)
    size, operators = int(part[rows].max(initial=0)) + 1, len(data.operators)
    rows &= coded.relation >= 0
    place = (data.layout.operator[rows] * size + part[rows]) * SIZE + coded.relation[rows]
    counts = np.bincount(place, minlength=operators * size * SIZE)
    return _dominant(counts.reshape(operators, size, SIZE))


def _dominant(counts: Counts) -> Counts:
    """The position of the largest count, −1 where there is none or a tie; (…) of (…, 4)."""
    largest = counts.max(axis=-1, keepdims=True)
    alone = (counts == largest).sum(axis=-1) == 1
    return np.where(alone & (largest[..., 0] > 0), counts.argmax(axis=-1), -1)


def _last(chain: Counts) -> Counts:
    """Each operator's relation in the last part where there is one, the first part apart; −1 without."""
    later = chain[:, 1:]
    if not later.shape[1]:
        return np.full(len(chain), -1)
    place = later.shape[1] - 1 - (later[:, ::-1] >= 0).argmax(axis=1)
    return np.asarray(later[np.arange(len(later)), place])


def _transitions(first: Counts, second: Counts, draws: Floats) -> list[dict[str, Any]]:
    """Operators who go from one relation to another, as a share of all who have one before and after."""
    both = (first >= 0) & (second >= 0)
    moves = np.where(both, first * SIZE + second, -1)
    of, drawn = int(both.sum()), draws @ both.astype(np.float64)
    rows = []
    for move in np.unique(moves[both]):
        mine = moves == move
        share = float(mine.sum() / of)
        low, high = limits_of(share, _over(draws @ mine.astype(np.float64), drawn), of)
        pair = {"first": RELATIONS[move // SIZE], "second": RELATIONS[move % SIZE]}
        rows.append({**pair, "operators": int(mine.sum()), "of": of, "share": share, "low": low, "high": high})
    return rows


def _drifts(first: Counts, last: Counts, draws: Floats) -> list[dict[str, Any]]:
    """From the first part to the last: operators who move towards leaving more to the model, less those who return."""
    both = (first >= 0) & (last >= 0)
    of, drawn = int(both.sum()), draws @ both.astype(np.float64)
    rows = []
    for here, there in DRIFTS:
        a, b = RELATIONS.index(here), RELATIONS.index(there)
        away, back = both & (first == a) & (last == b), both & (first == b) & (last == a)
        net = away.astype(np.float64) - back
        again = _over(draws @ net, drawn)
        value = float(net.sum() / of) if of else np.nan
        low, high = limits_of(value, again, of)
        rows.append(
            {
                "first": here, "second": there, "moved": int(away.sum()), "back": int(back.sum()), "operators": of,
                "value": value, "low": low, "high": high, "p": np.nan if np.isnan(low) else p_value(again),
            }
        )  # fmt: skip
    return rows


def _over(above: Floats, below: Floats) -> Floats:
    quotient: Floats = np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0)
    return quotient


def _labelled(
    rows: list[dict[str, Any]], schema: Mapping[str, Any], label: pl.DataFrame, before: Mapping[str, pl.Expr]
) -> pl.DataFrame:
    """Rows as a table, after the columns of `label` (one row) and of `before`."""
    table = pl.DataFrame(rows, schema=dict(schema))
    table = table.with_columns(pl.col(name).fill_nan(None) for name, kind in schema.items() if kind == pl.Float64)
    label = label[np.zeros(table.height, dtype=np.int64)] if table.height else label.clear()
    return label.with_columns(**before).hstack(table) if table.height else _headed(label, before).hstack(table)


def _headed(label: pl.DataFrame, before: Mapping[str, pl.Expr]) -> pl.DataFrame:
    return label.select(pl.all(), *(value.alias(name) for name, value in before.items())).clear()
