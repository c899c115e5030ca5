"""Whether explanations that score better help people more."""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from binome.analysis.meeting import Meeting
from binome.report.analysis.wording import Words
from binome.report.tables import Cell, Table, table

ALPHA = 0.05


def shown(found: Meeting | None, words: Words) -> dict[str, Any] | None:
    """All that the page says of explanations and people."""
    if found is None:
        return None
    return {
        "said": finding(found, words),
        "outcome": words.say("meeting_outcome", outcome=words.outcome(found.outcome)),
        "zero": words[f"zero_{found.zero}"] if found.zero else "",
        "table": slopes(found, words),
        "over": over(found, words),
        "missing": missing(found, words),
        "reasons": reasons(found, words),
    }


def finding(found: Meeting, words: Words) -> tuple[str, ...]:
    """Which metrics go with better decisions, within methods and between them."""
    known = found.slopes.drop_nulls("estimate")
    if known.is_empty():
        return (words["meeting_empty"],)
    clear = known.filter(pl.col("p_holm") < ALPHA)
    total = words.count(known["metric"].n_unique())
    if clear.is_empty():
        return (words.say("meeting_none", n=total),)
    said = [words.say("meeting_some", k=words.count(clear["metric"].n_unique()), n=total)]
    said += [_said(row, words) for row in clear.iter_rows(named=True)]
    return tuple(said)


def _said(row: dict[str, Any], words: Words) -> str:
    direction = "up" if row["estimate"] > 0 else "down"
    limits = words.limits(math.exp(row["low"]), math.exp(row["high"]), 2)
    return words.say(
        f"meeting_{row['effect']}_{direction}",
        metric=words.quoted(words.metric(row["metric"])),
        odds=f"{words.number(row['odds_ratio'], 2)} {limits}",
    )


def slopes(found: Meeting, words: Words) -> Table | None:
    """Each metric's effects; one that could not be told with its reason."""
    rows: list[list[Cell | str]] = []
    for row in found.slopes.iter_rows(named=True):
        notes = [words.code(row[key]) for key in ("reason", "caution") if row[key]]
        kind = "confirmatory" if row["confirmatory"] else "exploratory"
        rows.append(
            [
                Cell(words.metric(row["metric"]), (words[kind],)),
                Cell(words[f"meeting_{row['effect']}"], tuple(notes)),
                words.number(row["odds_ratio"], 2),
                _limits(row, words),
                words.bare_p(row["p"]),
                words.bare_p(row["p_holm"]),
                words.number(row["unit"]),
                words.count(row["n"]),
                words.count(row["undefined"]),
            ]
        )
    keys = ("metric_head", "effect_head", "odds", "odds_limits", "p", "p_holm", "unit_head", "n", "undefined")
    return table(words["meeting_caption"], [words[key] for key in keys], rows, text=2) if rows else None


def over(found: Meeting, words: Words) -> Table | None:
    """Each explanation against the placebo."""
    rows: list[list[Cell | str]] = [
        [
            Cell(row["explanation"], (words.code(row["reason"]),) if row["reason"] else ()),
            words.number(row["odds_ratio"], 2),
            _limits(row, words),
            words.bare_p(row["p"]),
            words.bare_p(row["p_holm"]),
            words.count(row["n"]),
            words.count(row["n_placebo"]),
        ]
        for row in found.over_placebo.iter_rows(named=True)
    ]
    keys = ("explanation", "odds", "odds_limits", "p", "p_holm", "n", "n_placebo_head")
    return table(words["over_placebo_title"], [words[key] for key in keys], rows) if rows else None


def missing(found: Meeting, words: Words) -> Table | None:
    """How many items and decisions have a score."""
    rows: list[list[Cell | str]] = [
        [
            words.metric(row["metric"]),
            row["explanation"],
            words.say("of_all", n=words.count(row["items_scored"]), total=words.count(row["items"])),
            words.say("of_all", n=words.count(row["trials_scored"]), total=words.count(row["trials"])),
        ]
        for row in found.missing.iter_rows(named=True)
    ]
    keys = ("metric_head", "explanation", "items_scored_head", "trials_scored_head")
    return table(words["missing_title"], [words[key] for key in keys], rows, text=2) if rows else None


def reasons(found: Meeting, words: Words) -> list[str]:
    """Why effects could not be told, each reason once."""
    codes = [
        *found.slopes["reason"].drop_nulls().unique(maintain_order=True),
        *found.over_placebo["reason"].drop_nulls().unique(maintain_order=True),
    ]
    return [words.code(code) for code in dict.fromkeys(codes)]


def _limits(row: dict[str, Any], words: Words) -> str:
    if row["low"] is None or row["high"] is None:
        return words.undefined
    return words.limits(math.exp(min(row["low"], 700.0)), math.exp(min(row["high"], 700.0)), 2)
