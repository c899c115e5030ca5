"""How good the explanations are: a table of metrics and methods with ranks, and sentences about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from binome.report.tables import Cell, Table, table
from binome.report.variation.findings import Findings
from binome.report.variation.wording import Words

ALIKE, UNLIKE = 0.7, 0.3
"""Kendall's W from which, up to which, orders are called alike and unlike."""


@dataclass(frozen=True)
class Score:
    """One cell: `heat` is the rank as a share, 1 for the first and 0 for the last, None where undefined."""

    text: str
    limits: str
    rank: str
    heat: float | None
    first: bool
    undefined: str


@dataclass(frozen=True)
class Line:
    """One metric."""

    name: str
    better: str
    meaning: str
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Family:
    """Metrics of one kind, with what the kind asks."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Heat:
    """The table: a column a method, with whether it is a placebo."""

    methods: tuple[tuple[str, bool], ...]
    families: tuple[Family, ...]


def heat(findings: Findings, words: Words) -> Heat | None:
    """All metrics by family; None where nothing was scored."""
    found = {(row["method"], row["metric"]): row for row in findings.summary.iter_rows(named=True)}
    metrics = [row for row in findings.metrics.iter_rows(named=True) if any(m == row["metric"] for _, m in found)]
    methods = [name for name in findings.methods if any(method == name for method, _ in found)]
    if not metrics or not methods:
        return None
    families = dict.fromkeys(row["family"] for row in metrics)
    return Heat(
        tuple((name, name in findings.controls) for name in methods),
        tuple(
            Family(
                words.family(family),
                tuple(_line(row, methods, found, words) for row in metrics if row["family"] == family),
            )
            for family in families
        ),
    )


def _line(metric: Mapping[str, Any], methods: list[str], found: Mapping[Any, dict[str, Any]], words: Words) -> Line:
    rows = [found.get((name, metric["metric"])) for name in methods]
    ranks = [row["rank"] for row in rows if row is not None and row["rank"] is not None]
    largest = max((abs(row["value"]) for row in rows if row is not None and row["value"] is not None), default=0.0)
    digits = 3 if largest < 10 else 1 if largest < 1000 else 0
    return Line(
        words.labelled(metric["metric"]),
        words[f"better_{metric['better']}"],
        words.metric_meaning(metric["metric"]),
        tuple(_score(row, ranks, digits, words) for row in rows),
    )


def _score(row: dict[str, Any] | None, ranks: list[float], digits: int, words: Words) -> Score:
    if row is None or row["value"] is None:
        return Score(words.undefined, "", "", None, False, words["why_score_undefined"])
    lost = words.say("undefined_count", n=words.count(row["undefined"])) if row["undefined"] else ""
    limits = words.limits(row["low"], row["high"], digits)
    if row["rank"] is None:
        return Score(words.number(row["value"], digits), limits, "", None, False, lost)
    # Ranks are means over items, so that the best of the table may have 1.8.
    span = len(ranks) - 1
    share = 1 - (row["rank"] - 1) / span if span else 1.0
    rank = words.say("rank_said", rank=words.number(row["rank"], 1))
    first = len(ranks) > 1 and row["rank"] == min(ranks)
    return Score(words.number(row["value"], digits), limits, rank, min(max(share, 0.0), 1.0), first, lost)


def finding(findings: Findings, words: Words) -> tuple[str, ...]:
    """Who ranks first, whether metrics agree on it, whether it is more than chance."""
    if findings.metrics.is_empty() or findings.summary.is_empty():
        return (words["quality_missing"],)
    ranked = findings.summary.drop_nulls("rank")
    if ranked.is_empty():
        return (words["quality_undefined"],)
    if len(findings.methods) < 2:
        return (words.say("quality_single", method=words.quoted(findings.methods[0])),)
    return (*_firsts(ranked, findings, words), *_order(findings, words), *_apart(findings, words))


def _firsts(ranked: pl.DataFrame, findings: Findings, words: Words) -> list[str]:
    total = ranked["metric"].n_unique()
    best = ranked.filter(pl.col("rank") == pl.col("rank").min().over("metric"))
    counts = {name: best.filter(pl.col("method") == name).height for name in findings.methods}
    most = max(counts.values())
    names = [name for name, count in counts.items() if count == most]
    values = {"names": words.listed([words.quoted(name) for name in names]), "total": words.counted("metrics", total)}
    if len(names) > 1:
        said = [words.say("firsts_tied", **values, n=most)]
    else:
        said = [words.say("firsts_all" if most == total else "firsts_some", **values, n=most)]
    beaten = [row["metric"] for row in best.iter_rows(named=True) if row["method"] in findings.controls]
    if beaten:
        said.append(words.say("firsts_placebo", metrics=words.listed([words.labelled(name) for name in beaten])))
    return said


def _order(findings: Findings, words: Words) -> list[str]:
    rows = findings.ranking.filter(pl.col("scope") == "metrics").drop_nulls("w").to_dicts()
    if not rows:
        return []
    row = rows[0]
    low, high = (row["w"] if row[end] is None else row[end] for end in ("low", "high"))
    key = "order_alike" if low >= ALIKE else "order_unlike" if high <= UNLIKE else "order_partly"
    return [words.say(key, w=words.interval(row["w"], row["low"], row["high"], 2))]


def _apart(findings: Findings, words: Words) -> list[str]:
    """Whether the first on average differs from the others."""
    rows = findings.differences.filter(pl.col("metric") == "all").drop_nulls("rank").sort("rank", "method").to_dicts()
    if len(rows) < 2:
        return []
    first = rows[0]
    near = [row["method"] for row in rows[1:] if set(row["group"] or "") & set(first["group"] or "")]
    values = {"first": words.quoted(first["method"]), "rank": words.number(first["rank"], 2)}
    if not near:
        return [words.say("apart", **values)]
    return [words.say("not_apart", **values, others=words.listed([words.quoted(name) for name in near]))]


def scores_worth(findings: Findings, words: Words) -> Table | None:
    """How far scores and ranks themselves can be depended on."""
    table_ = findings.dependability.filter(
        (pl.col("of") != "maps") & (pl.col("method") == "") & (pl.col("reference") == "")
    )
    rows: list[list[Cell | str]] = [
        [
            words["of_ranks"] if row["of"] == "ranks" else words.labelled(row["of"]),
            words.interval(row["phi"], row["phi_low"], row["phi_high"], 2),
            words.interval(row["generalizability"], row["generalizability_low"], row["generalizability_high"], 2),
            words.count(row["n"]),
            words.count(row["undefined"]),
        ]
        for row in table_.iter_rows(named=True)
    ]
    head = [words["metric_head"], "Φ", "Eρ²", words["items_head"], words["undefined"]]
    return table(words["worth_caption"], head, rows) if rows else None


def by_setting(findings: Findings, words: Words) -> Table | None:
    """Means by method and setting, a column a metric."""
    found = {(row["method"], row["setting"], row["metric"]): row for row in findings.settings.iter_rows(named=True)}
    metrics = [name for name in findings.metrics["metric"] if any(known == name for *_, known in found)]
    keys = list(
        dict.fromkeys(
            (row["method"], row["setting"], row["parameters"]) for row in findings.settings.iter_rows(named=True)
        )
    )
    if not metrics:
        return None
    rows: list[list[Cell | str]] = [
        [
            Cell(method, (parameters or words["default_setting"],)),
            *(words.number((found.get((method, setting, metric)) or {}).get("value")) for metric in metrics),
        ]
        for method, setting, parameters in keys
    ]
    return table(words["settings_caption"], [words["explanation"], *map(words.labelled, metrics)], rows)
