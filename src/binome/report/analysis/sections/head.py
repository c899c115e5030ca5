"""What was asked first, what was found, and whether it hangs on who was left out."""

from __future__ import annotations

import math
from dataclasses import dataclass

from binome.analysis.findings import Findings
from binome.report.analysis.sections.missing import Missing, reason
from binome.report.analysis.wording import Words
from binome.report.sections.answer import Answer, answered, scale
from binome.report.tables import Cell, Table, table

WEAK, LARGEST = math.log(3), math.log(1000)
"""Below a factor of 3 a Bayes factor is hardly worth a mention (Jeffreys 1961); above 1,000 its size says no more."""


@dataclass(frozen=True)
class Equivalence:
    """Whether the difference lies within the margin, and by which numbers."""

    verdict: str
    table: Table


@dataclass(frozen=True)
class Head:
    """`unanswered` says why a declared contrast could not be computed; `checks` are sentences around the answer."""

    who: str
    answer: Answer
    unanswered: Missing | None
    checks: tuple[str, ...]
    equivalence: Equivalence | None


def head(findings: Findings, words: Words) -> Head:
    """The confirmatory part of the analysis, or that there is none."""
    analysis = findings.analysis
    parts = [
        words.counted("operators_only", analysis.operator_count),
        words.counted("trials", analysis.trials.height),
        words.counted("conditions", len(analysis.conditions)),
    ]
    if "item" in analysis.trials.columns:
        parts.insert(2, words.counted("items", analysis.trials["item"].drop_nulls().n_unique()))
    if analysis.primary is None:
        declared = bool(analysis.primary_reason)
        verdict = words["primary_not_computed"] if declared else words["verdict_missing"]
        why = reason(analysis.primary_reason, words) if declared else None
        return Head(" · ".join(parts), Answer("", verdict, ()), why, (), None)
    row = analysis.primary.row(0, named=True)
    found = answered(analysis, row["measure"], [row["first"], row["second"]], words)
    checks = (*_without(findings, words), *_bayes(findings, words))
    return Head(" · ".join(parts), found, None, checks, _equivalence(findings, words))


def _without(findings: Findings, words: Words) -> list[str]:
    """The primary contrast with the excluded rows kept in."""
    other = findings.with_excluded
    if other is None or other.primary is None or findings.analysis.primary is None:
        return []
    row, mine = other.primary.row(0, named=True), findings.analysis.primary.row(0, named=True)
    shown = scale(row["measure"])
    if row["value"] is None or row["low"] is None or mine["low"] is None:
        return []
    limits = f"[{words.signed(shown.factor * row['low'], shown.digits)}{words['to']}"
    limits += f"{words.signed(shown.factor * row['high'], shown.digits)}]"
    same = _side(row) == _side(mine)
    key = "primary_all_same" if same else "primary_all_other"
    return [words.say(key, difference=shown.said(row["value"], words), limits=limits)]


def _bayes(findings: Findings, words: Words) -> list[str]:
    """What the Bayes factor says, in the direction in which it is above 1."""
    found = findings.bayes_factor
    if found is None or found["bf10"][0] is None:
        return []
    row = found.row(0, named=True)
    times = words.number(math.exp(min(abs(row["log_bf10"]), LARGEST)), 1)
    key = "bayes_weak" if abs(row["log_bf10"]) < WEAK else "bayes_difference" if row["log_bf10"] > 0 else "bayes_none"
    return [words.say(key, times=times)]


def _side(row: dict[str, float]) -> int:
    return 1 if row["low"] > 0 else -1 if row["high"] < 0 else 0


def _equivalence(findings: Findings, words: Words) -> Equivalence | None:
    """The difference held against the declared margin."""
    found = findings.equivalence
    if found is None or found.is_empty() or found["equivalent"][0] is None:
        return None
    row = found.row(0, named=True)
    shown = scale(row["measure"])
    low, high = (words.signed(shown.factor * row[end], shown.digits) for end in ("low", "high"))
    cells: list[Cell | str] = [
        words.measure(row["measure"]),
        shown.said(row["value"], words),
        f"[{low}{words['to']}{high}]",
        words.say(shown.unit, number=f"±{words.number(shown.factor * row['margin'], shown.digits)}"),
        words.bare_p(row["p"]),
    ]
    head = [words[key] for key in ("measure", "difference", "equivalence_limits", "margin", "p")]
    verdict = words.words["mixed"]["equivalent" if row["equivalent"] else "not_equivalent"]
    return Equivalence(str(verdict), table(words["equivalence_title"], head, [cells]))
