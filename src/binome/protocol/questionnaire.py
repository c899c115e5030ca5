"""Questionnaires: their items in each language, how they are scored, where they come from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from binome.core import StudyError, Text
from binome.protocol.question import QuestionnaireSpec, QuestionSpec, ScaleSpec
from binome.protocol.questionnaire_checks import file_problems
from binome.protocol.reading import read_yaml
from binome.protocol.validation import validate

SHIPPED = Path(__file__).parent / "questionnaires"


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
        """Each scale's score; None when an item is missing, for a mean of fewer items is another measure.

        Missing is what was left out, not asked, or answered with an option beside the points.
        """
        return {name: self._scale(scale, answers) for name, scale in self.spec.scales.items()}

    def _scale(self, scale: ScaleSpec, answers: Mapping[str, Any]) -> float | None:
        ends = {name: question.low + question.high for question in self.spec.questions for name in question.ids}
        values = []
        for item in scale.items:
            value = answers.get(item)
            if not isinstance(value, int | float) or isinstance(value, bool):
                return None
            values.append(ends[item] - value if item in scale.reversed else float(value))
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
    """Read and check a questionnaire file.

    Args:
        languages: in which it will be shown: all its texts must exist in each; without any, its items may be missing.

    Raises:
        StudyError: with every problem, its line and field.
    """
    source = read_yaml(path)
    spec, problems = validate(source, QuestionnaireSpec)
    problems = [*source.doubles, *problems]
    if spec is not None:
        problems += file_problems(source, spec, languages)
    if problems or spec is None:
        raise StudyError(problems)
    return Questionnaire(path.stem, spec)
