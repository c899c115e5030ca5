"""Questionnaires: their items in each language, how they are scored, where they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from binome.core import Problem, StudyError, Text
from binome.protocol.reading import Path_, Source, read_yaml
from binome.protocol.schema import Localised, Strict
from binome.protocol.validation import validate

SHIPPED = Path(__file__).parent / "questionnaires"
Status = Literal["validated", "published", "project-translation"]


class ChoiceOption(Strict):
    id: str
    label: Localised


class RowSpec(Strict):
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text: Localised


class QuestionSpec(Strict):
    """One item; `labels` are a Likert item's points or a slider's two ends.

    A `matrix` is a Likert item a row, answered under the rows' ids. `show_if`: asked only when the question of that id
    has one of the values. `correct`: of comprehension questions; it never leaves the server.
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


class ScaleSpec(Strict):
    """A score: `factor` times (the mean or sum of the items, plus `shift`), `reversed` items mirrored first."""

    items: list[str] = Field(min_length=1)
    reversed: list[str] = Field(default_factory=list)
    score: Literal["mean", "sum"] = "mean"
    shift: float = 0
    factor: float = 1


class QuestionnaireSpec(Strict):
    title: Localised
    introduction: Localised = ""
    questions: list[QuestionSpec] = Field(min_length=1)
    scales: dict[str, ScaleSpec] = Field(default_factory=dict)
    citation: str
    licence: str
    status: dict[str, Status]


@dataclass(frozen=True)
class Questionnaire:
    """A questionnaire, ready to show and to score."""

    id: str
    spec: QuestionnaireSpec

    @property
    def title(self) -> Text:
        return self.spec.title

    @property
    def introduction(self) -> Text:
        return self.spec.introduction

    @property
    def questions(self) -> list[QuestionSpec]:
        return self.spec.questions

    def score(self, answers: Mapping[str, Any]) -> dict[str, float | None]:
        """Each scale's score; None when an item is missing, for a mean of fewer items is another measure."""
        return {name: self._scale(scale, answers) for name, scale in self.spec.scales.items()}

    def _scale(self, scale: ScaleSpec, answers: Mapping[str, Any]) -> float | None:
        ranges = {question.id: (question.low, question.high) for question in self.spec.questions}
        values = []
        for item in scale.items:
            value = answers.get(item)
            if not isinstance(value, int | float) or isinstance(value, bool):
                return None
            low, high = ranges[item]
            values.append(low + high - value if item in scale.reversed else float(value))
        total = sum(values)
        return scale.factor * ((total / len(values) if scale.score == "mean" else total) + scale.shift)


def shipped() -> list[str]:
    """Ids of the questionnaires that come with Binome."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def available(folder: Path) -> dict[str, Path]:
    """Files by id: the shipped ones, and those of a study folder (`questionnaires/NAME.yaml`), which go first."""
    own = sorted((folder / "questionnaires").glob("*.yaml"))
    return {path.stem: path for path in [*SHIPPED.glob("*.yaml"), *own]}


def read_questionnaire(path: Path, languages: Collection[str] = ()) -> Questionnaire:
    """Read and check a questionnaire file, whose texts must exist in all `languages`.

    Raises:
        StudyError: with every problem, its line and field.
    """
    source = read_yaml(path)
    spec, problems = validate(source, QuestionnaireSpec)
    problems = [*source.doubles, *problems]
    if spec is not None:
        problems += [*_structure(source, spec), *_missing_texts(source, languages)]
    if problems or spec is None:
        raise StudyError(problems)
    return Questionnaire(path.stem, spec)


def _missing_texts(source: Source, languages: Collection[str]) -> list[Problem]:
    """Texts given by language that lack one of `languages`."""

    def visit(data: Any, path: Path_) -> Iterator[Problem]:
        children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
        for key, value in children:
            here = (*path, key)
            if key in ("title", "introduction", "text", "help", "label") or path[-1:] == ("labels",):
                for code in languages if isinstance(value, dict) else ():
                    if code not in value:
                        yield source.problem(here, f"no text in {code!r}", f"{code}: …")
            else:
                yield from visit(value, here)

    return list(visit(source.data, ()))


def _structure(source: Source, spec: QuestionnaireSpec) -> list[Problem]:
    known = [question.id for question in spec.questions]
    problems: list[Problem] = []
    for name, scale in spec.scales.items():
        for key, items in (("items", scale.items), ("reversed", scale.reversed)):
            problems += [
                source.problem(("scales", name, key), repr(item), f"one of {', '.join(known)}")
                for item in items
                if item not in known
            ]
    for i, question in enumerate(spec.questions):
        points = int((question.high - question.low) / question.step) + 1
        if question.kind == "likert" and len(question.labels) not in (2, points):
            problems.append(
                source.problem(
                    ("questions", i, "labels"), f"{len(question.labels)} labels", f"{points} labels, or 2 for the ends"
                )
            )
        if question.kind == "choice" and len(question.options) < 2:
            problems.append(
                source.problem(("questions", i, "options"), f"{len(question.options)} options", "two or more")
            )
    if len(set(known)) != len(known):
        problems.append(source.problem(("questions",), "two questions of one id", "each id once"))
    return problems
