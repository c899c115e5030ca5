"""The measures by condition, and accuracy compared pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from binome.analysis import Analysis
from binome.report.evidence import Evidence
from binome.report.sections.answer import scale
from binome.report.tables import Cell, Table, table
from binome.report.wording import Wording


def measures(evidence: Evidence, words: Wording) -> Table:
    """One row a measure, one column a condition."""
    primary = evidence.study.analysis.primary
    return by_condition(
        evidence.analysis,
        words,
        why=lambda name, condition: _why(name, evidence, condition),
        primary=None if primary is None else primary.measure,
    )


def by_condition(
    analysis: Analysis,
    words: Wording,
    *,
    why: Callable[[str, str], str],
    primary: str | None,
    names: Sequence[str] = (),
    caption: str = "",
) -> Table:
    """One row a measure, one column a condition.

    Args:
        why: from a measure and a condition to the words that say why it has no decision to speak of there.
        primary: the measure of the declared contrast.
        names, caption: the measures to show, and what they are together; all of them otherwise.
    """
    found = {(row["measure"], row["condition"]): row for row in analysis.measures.iter_rows(named=True)}
    rows = []
    for name in names or analysis.measures["measure"].unique(maintain_order=True):
        small = [words.meaning(name)] if words.meaning(name) else []
        if primary == name:
            small.append(words["primary_row"])
        cells = [_cell(found.get((name, condition)), why(name, condition), words) for condition in analysis.conditions]
        rows.append([Cell(words.measure(name), tuple(small)), *cells])
    head = [Cell(words["measure"]), *(Cell(name, condition=name) for name in analysis.conditions)]
    return table(caption or words["measures_caption"], head, rows)


def contrasts(analysis: Analysis, words: Wording) -> Table:
    """Accuracy, all pairs of conditions."""
    shown = scale("accuracy")
    rows = [
        [
            Cell(words.say("minus", first=row["first"], second=row["second"])),
            Cell(words.undefined if row["value"] is None else shown.said(row["value"], words)),
            Cell(_limits(row, words) or words.undefined),
            Cell(words.bare_p(row["p"])),
            Cell(words.bare_p(row["p_holm"])),
        ]
        for row in analysis.contrasts.iter_rows(named=True)
    ]
    head = [words[key] for key in ("pair", "difference", "limits", "p", "p_holm")]
    return table(words["contrasts_title"], head, rows)


def _cell(row: Mapping[str, Any] | None, empty: str, words: Wording) -> Cell:
    if row is None:
        return Cell(words.undefined, note=words["why_absent"])
    if row["value"] is None:
        why = "why_undefined" if row["n"] else empty
        return Cell(words.undefined, (words[f"{why}_short"],), words[why])
    limits = words.limits(row["low"], row["high"])
    small = [limits] if limits else []
    small.append(words.say("n_of", n=words.count(row["n"])))
    if row["undefined"]:
        small.append(words.say("not_counted", n=words.count(row["undefined"])))
    return Cell(words.number(row["value"]), tuple(small), "" if limits else words["why_no_interval"])


def _why(measure: str, evidence: Evidence, condition: str) -> str:
    """Why a measure would have no decision to speak of in a condition."""
    if measure == "balanced_accuracy" and evidence.stimuli.task.number is not None:
        return "why_no_classes"
    spec = evidence.study.conditions.get(condition)
    return "why_no_advice" if spec is not None and spec.advice == "none" else "why_no_case"


def _limits(row: Mapping[str, Any], words: Wording) -> str:
    shown = scale("accuracy")
    if row["low"] is None:
        return ""
    low, high = (words.signed(shown.factor * row[end], shown.digits) for end in ("low", "high"))
    return f"[{low}{words['to']}{high}]"
