"""The primary question and its answer in words, made from the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from binome.analysis import Analysis

# The registry knows each measure's unit, which decides how a difference is said.
from binome.analysis.measure import registry
from binome.report.evidence import Evidence
from binome.report.wording import Wording


@dataclass(frozen=True)
class Scale:
    """How a measure's differences are shown: times `factor`, with `digits`, named by the words of `unit`."""

    unit: str
    factor: float
    digits: int

    def said(self, value: float, words: Wording) -> str:
        return words.say(self.unit, number=words.signed(self.factor * value, self.digits))


SCALES = {
    "share": Scale("points", 100, 1), "difference": Scale("points", 100, 1), "second": Scale("seconds", 1, 2),
    "ratio": Scale("plain", 1, 3),
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """`question` is empty where none was declared; `detail` holds sentences."""

    question: str
    verdict: str
    detail: tuple[str, ...]


def scale(measure: str) -> Scale:
    """How differences of a measure are shown."""
    # A plug-in may count in a unit of its own: shown as it is.
    return SCALES.get(str(registry.get(measure).declared["unit"]), SCALES["ratio"])


def answer(evidence: Evidence, words: Wording) -> Answer:
    """The declared primary contrast as sentences."""
    spec = evidence.study.analysis.primary
    if spec is None:
        return Answer("", words["verdict_missing"], ())
    return answered(evidence.analysis, spec.measure, spec.contrast, words)


def answered(analysis: Analysis, measure: str, contrast: Sequence[str], words: Wording) -> Answer:
    """The primary contrast of an analysis as sentences.

    Args:
        measure, contrast: as declared: the two conditions, of which the second is taken from the first.
    """
    name = words.measure(measure)
    plain = name if name.isupper() else name[0].lower() + name[1:]
    first, second = (words.say("quote", name=condition) for condition in contrast)
    names = {"measure": plain if words.language == "en" else name, "measure_first": name, "first": first}
    names["second"] = second
    question = words.say("question", **names)
    table = analysis.primary
    if table is None:
        return Answer(question, words.say("verdict_undefined", **names), (analysis.primary_reason,))
    row = table.to_dicts()[0]
    if row["value"] is None or row["low"] is None:
        return Answer(question, words.say("verdict_undefined", **names), (words["detail_undefined"],))
    if row["low"] <= 0 <= row["high"]:
        verdict, end = "verdict_none", "detail_zero"
    else:
        verdict, end = "verdict_up" if row["value"] > 0 else "verdict_down", "detail_beyond"
    detail = [*_values(analysis, measure, contrast, words), _difference(row, words), words[end]]
    return Answer(question, words.say(verdict, **names), tuple(detail))


def _values(analysis: Analysis, measure: str, contrast: Sequence[str], words: Wording) -> list[str]:
    """Both conditions' own values, where the analysis has them."""
    own = analysis.measures.filter(pl.col("measure") == measure)
    found = dict(zip(own["condition"], own["value"], strict=True))
    values = [found.get(condition) for condition in contrast]
    shown = scale(measure)
    unit = "percent" if shown.unit == "points" else shown.unit
    numbers = [words.number(shown.factor * value, shown.digits) for value in values if value is not None]
    texts = [words.say(unit, number=number) for number in numbers]
    if len(texts) < len(values):
        return []
    first, second = (words.say("quote", name=condition) for condition in contrast)
    return [words.say("detail_values", first=first, second=second, first_value=texts[0], second_value=texts[1])]


def _difference(row: dict[str, Any], words: Wording) -> str:
    shown = scale(row["measure"])
    low, high = (words.signed(shown.factor * row[end], shown.digits) for end in ("low", "high"))
    return words.say(
        "detail_difference",
        difference=shown.said(row["value"], words),
        limits=f"[{low}{words['to']}{high}]",
        p=words.p(row["p"]).replace(" ", "\u00a0"),
    )
