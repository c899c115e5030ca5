"""All measures, family by family."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from binome.analysis import Analysis
from binome.analysis.findings import Findings
from binome.analysis.measure import registry
from binome.report.analysis.sections.estimates import estimates
from binome.report.analysis.wording import Words
from binome.report.sections.measures import by_condition
from binome.report.tables import Table

ORDER = (
    "performance", "error", "reliance", "weight of advice", "behaviour", "bias", "automation bias", "delegation",
    "supervision", "confidence", "detection", "metacognition",
)  # fmt: skip
OPEN = 2
"""Families that are shown at once; the others open on demand."""


def finding(analysis: Analysis, words: Words) -> tuple[str, ...]:
    """How many measures there are, and how many could not be computed anywhere."""
    names = analysis.measures["measure"].unique()
    nowhere = [name for name in names if analysis.measures.filter(pl.col("measure") == name)["value"].is_null().all()]
    said = words.say(
        "measures_counted",
        measures=words.counted("measures", len(names)),
        conditions=words.counted("conditions", len(analysis.conditions)),
    )
    if not nowhere:
        return (said,)
    return said, words.say("measures_nowhere", n=words.counted("measures", len(nowhere)))


def families(analysis: Analysis, words: Words) -> list[tuple[str, Table]]:
    """A table a family, as `analysis.measures` orders them within."""
    present = analysis.measures["measure"].unique(maintain_order=True).to_list()
    family = {name: str(registry.get(name).declared["family"]) for name in present}
    order = sorted(set(family.values()), key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    primary = None if analysis.primary is None else str(analysis.primary["measure"][0])
    return [
        (
            str(words.words["families"].get(kind, kind)),
            by_condition(
                analysis, words, why=why(analysis), primary=primary,
                names=[name for name in present if family[name] == kind],
                caption=str(words.words["families"].get(kind, kind)),
            ),
        )
        for kind in order
    ]  # fmt: skip


def factors(findings: Findings, words: Words) -> Table | None:
    """Every measure by each factor alone."""
    if findings.factors is None or findings.factors.is_empty():
        return None
    return estimates(findings.factors, ["factor", "level", "measure"], words["factors_title"], words)


def why(analysis: Analysis) -> Callable[[str, str], str]:
    """Nobody was advised in a condition where nobody's answer can be held against an advice."""
    trials = analysis.trials
    shown = pl.lit(False)
    if "advice" in trials.columns:
        shown = pl.col("advice").is_not_null()
        if "advice_shown" in trials.columns:
            shown = shown & pl.col("advice_shown").fill_null(True)
    advised = set(trials.filter(shown)["condition"]) if "condition" in trials.columns else set()

    def said(measure: str, condition: str) -> str:
        needs = registry.get(measure).declared["needs"]
        return "why_no_advice" if "advice" in needs and condition not in advised else "why_no_case"

    return said
