"""How operators and model worked together, in how many ways, and whether that moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

from binome.analysis import Relations
from binome.report.analysis.wording import Words
from binome.report.tables import Cell, Table, table

NAMED = 4
"""Conditions that a sentence names; more are in the figure."""
RELATIONS = ("autonomy", "mediation", "delegation", "substitution")


def finding(found: Relations, conditions: Sequence[str], words: Words) -> tuple[str, ...]:
    """The most frequent relation of each condition; how many kinds of operators; the clearest drift."""
    top = (
        found.shares.drop_nulls("value")
        .sort("value", descending=True, maintain_order=True)
        .unique("condition", keep="first", maintain_order=True)
    )
    if top.is_empty():
        return (words["relations_empty"],)
    rows = sorted(top.to_dicts(), key=lambda row: conditions.index(row["condition"]))
    counts = Counter(row["relation"] for row in rows)
    first, times = counts.most_common(1)[0]
    counted = words.say(
        "relation_first", relation=words.relation(first), n=words.count(times), total=words.count(len(rows))
    )
    one = words.say("relation_only", relation=words.relation(first))
    parts = [
        words.say(
            "relation_most",
            condition=words.quoted(row["condition"]),
            relation=words.relation(row["relation"]),
            share=words.percents(row["value"], row["low"], row["high"]),
        )
        for row in rows[:NAMED]
    ]
    most = words.say("relations_most", list=words["list_join"].join(parts))
    return (one if len(rows) == 1 else counted, most, *_drift(found.drift, words))


def classes_said(found: Relations, words: Words) -> str:
    """How many kinds of profiles there are, by BIC."""
    if not found.chosen:
        return words["classes_none"]
    return words.say("classes_one" if found.chosen == 1 else "classes_many", n=found.chosen)


def _drift(drift: pl.DataFrame, words: Words) -> list[str]:
    """The move from one relation to the next whose interval leaves zero out, or that there is none."""
    rows = drift.drop_nulls(["value", "low", "high"]).to_dicts()
    if not rows:
        return []
    clear = [row for row in rows if row["low"] > 0 or row["high"] < 0]
    if not clear:
        return [words["drift_none"]]
    row: dict[str, Any] = max(clear, key=lambda each: abs(each["value"]))
    first, second = (row["first"], row["second"]) if row["value"] > 0 else (row["second"], row["first"])
    low, high = (row["low"], row["high"]) if row["value"] > 0 else (-row["high"], -row["low"])
    return [
        words.say(
            "drift_said",
            condition=words.quoted(row["condition"]),
            first=words.relation(first),
            second=words.relation(second),
            share=words.percents(abs(row["value"]), low, high),
        )
    ]


def coding(found: Relations, words: Words) -> list[str]:
    """What the coding could not use, and what could not be computed beside the flow."""
    return [words.code(code) for part, code in found.reasons.items() if part not in ("flow", "between")]


def evidence_table(found: Relations, words: Words) -> Table | None:
    """What trials were coded from."""
    if found.evidence.is_empty():
        return None
    rows: list[list[Cell | str]] = [
        [
            Cell(row["condition"], condition=row["condition"]),
            str(words.words["evidence"].get(row["evidence"], row["evidence"].replace("_", " "))),
            words.relation(row["relation"]) if row["relation"] else words.undefined,
            words.count(row["n"]),
        ]
        for row in found.evidence.filter(pl.col("n") > 0).iter_rows(named=True)
    ]
    head = [words[key] for key in ("condition", "evidence_head", "relation_head", "n")]
    return table(words["evidence_title"], head, rows, text=3)


def class_table(found: Relations, words: Words) -> Table | None:
    """Each number of classes with its BIC and the test against one fewer."""
    if found.classes.is_empty():
        return None
    rows: list[list[Cell | str]] = [
        [
            Cell(words.count(row["classes"]), (words["class_chosen"],) if row["classes"] == found.chosen else ()),
            words.number(row["log_likelihood"], 1),
            words.count(row["parameters"]),
            words.number(row["bic"], 1),
            words.undefined if row["p"] is None else words.bare_p(row["p"]),
        ]
        for row in found.classes.iter_rows(named=True)
    ]
    head = [words[key] for key in ("classes_head", "likelihood_head", "parameters", "bic", "p_fewer")]
    return table(words["classes_caption"], head, rows, text=0)


def flow_table(found: Relations, words: Words) -> Table | None:
    """Every stream of the flow."""
    if found.flow.is_empty():
        return None
    rows: list[list[Cell | str]] = [
        [
            Cell(row["condition"], condition=row["condition"]),
            words.say(
                "from_to", first=words.part(row["unit"], row["step"]),
                second=words.part(row["unit"], row["step"] + 1),
            ),
            words.relation(row["first"]),
            words.relation(row["second"]),
            words.count(row["operators"]),
            words.percents(row["share"], row["low"], row["high"]),
        ]
        for row in found.flow.filter(pl.col("operators") > 0).iter_rows(named=True)
    ]  # fmt: skip
    head = [
        words[key] for key in ("condition", "part_head", "before_head", "after_head", "operators_head", "share_head")
    ]
    return table(words["streams_title"], head, rows, text=4)


def between_table(found: Relations, words: Words) -> Table | None:
    """From one condition to another."""
    if found.between.is_empty():
        return None
    rows: list[list[Cell | str]] = [
        [
            Cell(words.say("from_to", first=row["condition_first"], second=row["condition_second"])),
            words.relation(row["first"]),
            words.relation(row["second"]),
            words.count(row["operators"]),
            words.percents(row["share"], row["low"], row["high"]),
        ]
        for row in found.between.filter(pl.col("operators") > 0).iter_rows(named=True)
    ]
    head = [words[key] for key in ("pair", "before_head", "after_head", "operators_head", "share_head")]
    return table(words["between_title"], head, rows, text=3)
