"""How much explanations vary, and why."""

from __future__ import annotations

from typing import Any

import polars as pl

from binome.report.tables import Cell, Table, table
from binome.report.variation.figures.dependability import GOAL
from binome.report.variation.findings import FACETS, REFERENCES, Findings
from binome.report.variation.wording import Words


def findings_said(findings: Findings, words: Words) -> tuple[str, ...]:
    """The main source of variation, and what one map is worth; a reason where nothing can be said."""
    if not findings.included and findings.same_prediction:
        return (words["variance_no_items"],)
    if not findings.facets_varied:
        return (words["variance_nothing_varied"],)
    said = [*_sources(findings, words), *_worth(findings, words)]
    return tuple(said) or (words["variance_undefined"],)


def _sources(findings: Findings, words: Words) -> list[str]:
    own = (pl.col("of") == "maps") & (pl.col("method") == findings.overall) & (pl.col("reference") == "")
    rows = (
        findings.facets.filter(own).drop_nulls("share").sort("share", descending=True, maintain_order=True).to_dicts()
    )
    if not rows:
        return []
    names = [words.facet_said(row["facet"]) for row in rows[:2]]
    shares = [words.percents(row["share"], row["low"], row["high"]) for row in rows[:2]]
    if len(rows) == 1:
        return [words.say("source_only", facet=names[0], share=shares[0])]
    key = "source_clear" if _above(rows[0], rows[1]) else "source_unclear"
    return [words.say(key, facet=names[0], share=shares[0], second=names[1], second_share=shares[1])]


def _above(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether two intervals leave no doubt about which value is larger."""
    return first["low"] is not None and second["high"] is not None and first["low"] > second["high"]


def _worth(findings: Findings, words: Words) -> list[str]:
    row = _phi(findings, "")
    if row is None:
        return []
    phi = words.interval(row["phi"], row["phi_low"], row["phi_high"], 2)
    said = [
        words.say(f"phi_{verdict(row['phi'], row['phi_low'], row['phi_high'])}", phi=phi, goal=words.number(GOAL, 1))
    ]
    others = {name: _phi(findings, name) for name in REFERENCES}
    texts = [
        words.say("phi_reference", reference=words.words["references_for"][name], phi=words.number(other["phi"], 2))
        for name, other in others.items()
        if other is not None
    ]
    return [*said, words.say("phi_references", list=words.listed(texts))] if texts else said


def _phi(findings: Findings, reference: str) -> dict[str, Any] | None:
    mine = (pl.col("of") == "maps") & (pl.col("method") == findings.overall) & (pl.col("reference") == reference)
    rows = findings.dependability.filter(mine).drop_nulls("phi").to_dicts()
    return rows[0] if rows else None


def verdict(phi: float, low: float | None, high: float | None) -> str:
    """`enough`, `little`, or `unsure` where the interval holds the goal."""
    least, most = (phi if end is None else end for end in (low, high))
    return "enough" if least >= GOAL else "little" if most < GOAL else "unsure"


def within(findings: Findings, words: Words) -> Table | None:
    """Shares of the facets within each method, with Φ and Eρ²."""
    facets = findings.meant(findings.facets).filter((pl.col("of") == "maps") & (pl.col("reference") == ""))
    shares = {(row["method"], row["facet"]): row for row in facets.iter_rows(named=True)}
    known = findings.dependability.filter((pl.col("of") == "maps") & (pl.col("reference") == ""))
    worth = {row["method"]: row for row in known.iter_rows(named=True)}
    names = [name for name in ("", *findings.methods) if name in worth]
    varied = [name for name in FACETS if any((method, name) in shares for method in names)]
    if not names:
        return None
    rows: list[list[Cell | str]] = []
    for name in names:
        own = worth[name]
        rows.append(
            [
                name or words["all_methods"],
                *(_share(shares.get((name, facet)), words) for facet in varied),
                Cell(words.number(own["phi"], 2), _small(words.limits(own["phi_low"], own["phi_high"], 2))),
                Cell(
                    words.number(own["generalizability"], 2),
                    _small(words.limits(own["generalizability_low"], own["generalizability_high"], 2)),
                ),
                words.count(own["n"]),
            ]
        )
    head = [words["explanation"], *map(words.facet, varied), "Φ", "Eρ²", words["items_head"]]
    return table(words["within_caption"], head, rows)


def _share(row: dict[str, Any] | None, words: Words) -> Cell:
    if row is None:
        return Cell(words.undefined, note=words["why_not_varied"])
    if row["share"] is None:
        return Cell(words.undefined, note=words["why_variance_undefined"])
    limits = "" if row["low"] is None or row["high"] is None else words.limits(100 * row["low"], 100 * row["high"], 0)
    return Cell(words.percent(row["share"]), _small(limits))


def _small(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def needed(findings: Findings, words: Words) -> Table | None:
    """How many levels of each facet must be averaged, over all methods and within each."""
    own = findings.meant(findings.decisions).filter((pl.col("of") == "maps") & (pl.col("reference") == ""))
    own = own.drop_nulls("phi")
    rows = own.group_by("method", "facet", maintain_order=True).first()
    found = {(row["method"], row["facet"]): row for row in rows.iter_rows(named=True)}
    names = [name for name in ("", *findings.methods) if any(method == name for method, _ in found)]
    varied = [facet for facet in FACETS if any(known == facet for _, known in found)]
    if not found:
        return None
    cells: list[list[Cell | str]] = [
        [name or words["all_methods"], *(_enough(found.get((name, facet)), facet, words) for facet in varied)]
        for name in names
    ]
    return table(words["needed_caption"], [words["explanation"], *map(words.facet, varied)], cells)


def _enough(row: dict[str, Any] | None, facet: str, words: Words) -> Cell:
    if row is None:
        return Cell(words.undefined, note=words["why_not_varied"])
    if row["needed"] is not None:
        return Cell(words.levels(facet, row["needed"]))
    limit = "" if row["limit"] is None else words.say("at_most", phi=words.number(row["limit"], 2))
    return Cell(words["no_number"], _small(limit))


def advice(findings: Findings, words: Words) -> tuple[str, ...]:
    """What the decision study says, one sentence over all methods."""
    own = findings.meant(findings.decisions).filter(
        (pl.col("of") == "maps")
        & (pl.col("reference") == "")
        & (pl.col("method") == findings.overall)
        & (pl.col("levels") == 1)
    )
    enough = own.drop_nulls("needed").sort("needed").to_dicts()
    if enough:
        row = enough[0]
        goal = words.number(GOAL, 1)
        return (words.say("advice_enough", levels=words.levels(row["facet"], row["needed"]), goal=goal),)
    most = own.drop_nulls("limit").sort("limit", descending=True).to_dicts()
    if not most:
        return ()
    row = most[0]
    limit, facet = words.number(row["limit"], 2), words.words["levels_endless"][row["facet"]]
    return (words.say("advice_never", facet=facet, limit=limit, goal=words.number(GOAL, 1)),)
