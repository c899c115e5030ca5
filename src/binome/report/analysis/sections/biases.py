"""Which biases show, which do not, and which this study cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from binome.report.analysis.wording import Words
from binome.report.tables import Cell, Table, table

SAID = 8
"""Sentences of single estimates; more are in the table."""
PER_BIAS = 2


@dataclass(frozen=True)
class Unknown:
    """A bias that cannot be told: why, and what design would tell it."""

    title: str
    why: str
    needs: str


def finding(found: pl.DataFrame, words: Words) -> tuple[str, ...]:
    """How many biases could be looked at, and in how many an estimate leaves zero out."""
    known = found.filter(pl.col("identifiable"))["bias"].n_unique()
    if not known:
        return (words["biases_nothing"],)
    clear = _clear(found)
    names = [words.bias(name) for name in clear["bias"].unique(maintain_order=True)]
    if not names:
        return (words.say("biases_none", n=words.count(known)),)
    counted = words.say("biases_some", k=words.count(len(names)), n=words.count(known))
    return counted, words.say("biases_named", list=words["list_join"].join(names))


def sentences(found: pl.DataFrame, words: Words) -> list[str]:
    """The estimates whose interval leaves zero out, one sentence each; few of each bias."""
    clear = _clear(found)
    chosen = clear.filter(pl.int_range(pl.len()).over("bias") < PER_BIAS).head(SAID)
    return [said(row, words) for row in chosen.iter_rows(named=True)]


def said(row: Mapping[str, Any], words: Words) -> str:
    """What one estimate says, and its interval."""
    group = words["all_groups"] if row["group"] is None else words.quoted(words.levels(row["group"]))
    text = words.bias_said(
        row["bias"], group, words.against(row["against"] or ""), row["value"],
        lambda value: _number(value, row["scale"], words),
    )  # fmt: skip
    limits = _limits(row, words)
    text = f"{text[:1].upper()}{text[1:]}"
    return f"{text.removesuffix('.')} {words.say('interval_said', limits=limits)}" if limits else text


def unknown(found: pl.DataFrame, words: Words) -> list[Unknown]:
    """Biases of which no estimate could be made, each once."""
    known = set(found.filter(pl.col("identifiable"))["bias"])
    lost = found.filter(~pl.col("bias").is_in(list(known))).unique("bias", keep="first", maintain_order=True)
    return [
        Unknown(
            words.bias(row["bias"]),
            words.code(row["reason"]) if row["reason"] else "",
            words.need(row["needs"]) if row["needs"] else "",
        )
        for row in lost.iter_rows(named=True)
    ]


def bias_table(found: pl.DataFrame, words: Words) -> Table | None:
    """Every row of the identifiable biases."""
    full = found.filter(pl.col("identifiable"))
    if full.is_empty():
        return None
    rows: list[list[Cell | str]] = []
    before = None
    for row in full.iter_rows(named=True):
        notes = [words.scale(row["scale"])] if row["bias"] != before and row["scale"] else []
        caveat = row.get("caveat")
        own = [words.caveat(caveat)] if caveat else []
        group = row["group"] or words["all_groups"]
        rows.append(
            [
                Cell(words.bias(row["bias"]), tuple(notes)),
                Cell(words.bias_group(row["against"], group), tuple(own)),
                _number(row["value"], row["scale"], words),
                _limits(row, words) or words.undefined,
                words.count(row["n"] or 0),
                words.count(row["undefined"] or 0),
            ]
        )
        before = row["bias"]
    head = [words[key] for key in ("bias_head", "group_head", "value", "limits", "n", "undefined")]
    return table(words["biases_caption"], head, rows, text=2)


def _clear(found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(pl.col("identifiable") & ((pl.col("low") > 0) | (pl.col("high") < 0)))


def _points(scale: str | None) -> bool:
    return (scale or "").startswith("difference")


def _number(value: float | None, scale: str | None, words: Words) -> str:
    if value is None:
        return words.undefined
    return words.say("points", number=words.signed(100 * value, 1)) if _points(scale) else words.signed(value, 3)


def _limits(row: Mapping[str, Any], words: Words) -> str:
    if row["low"] is None or row["high"] is None:
        return ""
    factor, digits = (100, 1) if _points(row["scale"]) else (1, 3)
    low, high = (words.signed(factor * row[end], digits) for end in ("low", "high"))
    return f"[{low}{words['to']}{high}]"
