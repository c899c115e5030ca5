"""Conditions in words: every kind of help has its own, in both languages."""

from dataclasses import replace

import pytest

from binome.core.stimulus import ExplanationCard, Rendering
from binome.protocol import ConditionSpec, ExplanationSpec
from binome.report.evidence import Evidence
from binome.report.sections.conditions import conditions
from binome.report.wording import wording

EN, FR = wording("en"), wording("fr")
HELP = [
    ({"advice": "on_request"}, "Decides, or asks for the model’s advice first."),
    ({"advice": "delayed", "delay": 2.5}, "Sees the item alone for 2.5 s, then the model’s advice, and decides."),
    (
        {"advice": "after_initial", "update": "reasoned"},
        "Answers first, then sees the model’s advice and may change; gives a reason for another final answer.",
    ),
    ({"explanation": "alike"}, "No recommended answer; the model’s evidence alone; other items are shown with their "
        "right answers (nearest examples)."),
    ({"delegation": True}, "Decides without help; may let the model decide."),
    ({"handover": 0.9}, "Decides without help; the model decides alone where it is at least 90 % sure."),
    ({"supervision": {"seconds": 5}}, "The model decides; each decision may be vetoed for 5 s."),
    ({"advice": "before", "reliability": 0.8}, "Sees the model’s advice, then decides; is told that the model is "
        "right 80 % of the time."),
    ({"advice": "before", "reliability": "measured", "overview": "model.md"}, "Sees the model’s advice, then decides; "
        "reads about the model as a whole first; is told how often the model is right."),
    ({"seconds": 8, "score": True, "feedback": True}, "Decides without help; has 8 s for a decision; learns the right "
        "answer after each decision; sees the points won so far."),
]  # fmt: skip


@pytest.fixture
def described(evidence: Evidence):
    """The description of one condition, in English and in French."""

    def describe(given: dict[str, object]) -> tuple[str, str]:
        study = evidence.study.model_copy(
            update={
                "conditions": {"one": ConditionSpec.model_validate(given)},
                "explanations": {"alike": ExplanationSpec(method="nearest_examples")},
            }
        )
        card = ExplanationCard("alike", "nearest_examples", "example", False, {}, Rendering("examples"))
        changed = replace(
            evidence,
            study=study,
            stimuli=replace(evidence.stimuli, explanations=(card,)),
            analysis=replace(evidence.analysis, conditions=("one",)),
        )
        return tuple(dict(conditions(changed, words))["one"] for words in (EN, FR))

    return describe


@pytest.mark.parametrize(("given", "said"), HELP)
def test_each_help_is_said(described, given: dict[str, object], said: str) -> None:
    english, french = described(given)
    assert english == said
    assert french != english
    assert french.endswith(".")
