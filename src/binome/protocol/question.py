"""Questions: what a questionnaire's file may say of each, what can be answered, which are asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from binome.protocol.schema import Localised, Strict

LONGEST = 5000
"""Characters of a text answer."""
POINTWISE = ("likert", "matrix")
"""Kinds that are answered with one of a few points."""
NUMERIC = ("slider", "number", *POINTWISE)
SLACK = 1e-9
Status = Literal["validated", "published", "project-translation"]


class ChoiceOption(Strict):
    id: str
    label: Localised


class RowSpec(Strict):
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text: Localised


class QuestionSpec(Strict):
    """One item; `labels` are a Likert item's points or a slider's two ends.

    A `matrix` is a Likert item a row, answered under the rows' ids. `options` are those of a choice; of a Likert item
    or a matrix, what may be chosen beside the points (`no_response`), which has no number and gives no score.
    `show_if`: asked only when each question of those ids has one of the values. `correct`: of comprehension questions;
    it never leaves the server.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["slider", "likert", "choice", "text", "number", "matrix"]
    text: Localised
    help: Localised = ""
    required: bool = True
    low: float = 0
    high: float = 100
    step: float = Field(default=1, gt=0)
    labels: list[Localised] = Field(default_factory=list)
    options: list[ChoiceOption] = Field(default_factory=list)
    many: bool = Field(default=False, description="of `choice`: several may be chosen; answered with a list")
    rows: list[RowSpec] = Field(default_factory=list)
    show_if: dict[str, list[str | float]] = Field(default_factory=dict)
    correct: str | float | None = None

    @property
    def ids(self) -> list[str]:
        """Under which it is answered: the rows' of a matrix, its own otherwise."""
        return [row.id for row in self.rows] if self.kind == "matrix" else [self.id]

    @property
    def points(self) -> int:
        """How many steps there are from low to high, both ends counted."""
        return int((self.high - self.low) / self.step + SLACK) + 1

    def takes(self, value: Any) -> bool:
        """Whether a value can be given to it; where several options may be chosen, whether it is one of them."""
        if self.kind == "text":
            return isinstance(value, str) and 0 < len(value) <= LONGEST
        if isinstance(value, str):
            return self.kind in ("choice", *POINTWISE) and value in {option.id for option in self.options}
        if self.kind == "choice" or isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if not self.low <= value <= self.high:
            return False
        steps = (value - self.low) / self.step
        return self.kind not in POINTWISE or abs(steps - round(steps)) < SLACK


class ScaleSpec(Strict):
    """A score: `factor` times (the mean or sum of the items, plus `shift`), `reversed` items mirrored first.

    `trust`: what it measures is trust in the machine, which the analysis then holds against what the machine deserved.
    """

    items: list[str] = Field(min_length=1)
    reversed: list[str] = Field(default_factory=list)
    score: Literal["mean", "sum"] = "mean"
    shift: float = 0
    factor: float = 1
    trust: bool = False


class QuestionnaireSpec(Strict):
    """A questionnaire file. `paste` says where the items stand which Binome may not ship and the researcher pastes."""

    title: Localised
    introduction: Localised = ""
    questions: list[QuestionSpec] = Field(min_length=1)
    scales: dict[str, ScaleSpec] = Field(default_factory=dict)
    citation: str
    licence: str
    status: dict[str, Status]
    paste: str = ""


def asked(questions: Sequence[QuestionSpec], answers: Mapping[str, Any]) -> list[QuestionSpec]:
    """The questions that are asked, given the answers; what was answered to a hidden question shows no other."""
    shown: list[QuestionSpec] = []
    given: dict[str, Any] = {}
    for question in questions:
        if all(_has_one(given.get(name), values) for name, values in question.show_if.items()):
            shown.append(question)
            given |= {name: answers.get(name) for name in question.ids}
    return shown


def _has_one(answer: Any, values: Collection[str | float]) -> bool:
    return any(value in values for value in (answer if isinstance(answer, list) else [answer]))
