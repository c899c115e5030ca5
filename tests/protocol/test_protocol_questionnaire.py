"""Questionnaires: scores against values worked by hand, files checked, every shipped one complete."""

from collections.abc import Callable
from pathlib import Path

import pytest

from binome import protocol
from binome.core import StudyError
from binome.protocol.questionnaire import available, read_questionnaire

SHIPPED = available(Path("nowhere"))


def shipped(name: str) -> protocol.Questionnaire:
    return read_questionnaire(SHIPPED[name], ["en", "fr"])


def test_what_ships() -> None:
    assert protocol.shipped() == sorted(SHIPPED)
    assert set(SHIPPED) == {
        "demographics", "raw_tlx", "sus", "xai_trust", "explanation_satisfaction",
        "trust_now", "model_correct_of_ten", "who_decided",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_shipped_questionnaires_say_where_they_come_from(name: str) -> None:
    spec = shipped(name).spec
    assert spec.citation
    assert spec.licence
    assert set(spec.status) == {"en", "fr"}


def test_french_of_published_instruments_is_flagged() -> None:
    for name in ("raw_tlx", "sus", "xai_trust", "explanation_satisfaction"):
        assert shipped(name).spec.status["fr"] == "project-translation"


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ([5, 1] * 5, 100),
        ([1, 5] * 5, 0),
        ([3] * 10, 50),
        # (3 + 2 + 4 + 1 + 2 + 3 + 1 + 4 + 3 + 0) * 2.5, by Brooke's own recipe
        ([4, 3, 5, 4, 3, 2, 2, 1, 4, 5], 57.5),
    ],
)
def test_sus(answers: list[int], score: float) -> None:
    given = {f"sus_{i}": answer for i, answer in enumerate(answers, 1)}
    assert shipped("sus").score(given) == {"sus": score}


def test_raw_tlx_is_the_mean_of_six() -> None:
    ids = ("mental", "physical", "temporal", "performance", "effort", "frustration")
    answers = dict(zip(ids, (70, 10, 35, 20, 65, 40), strict=True))
    assert shipped("raw_tlx").score(answers) == {"raw_tlx": 40}
    assert [(q.low, q.high, q.step, len(q.labels)) for q in shipped("raw_tlx").questions] == [(0, 100, 5, 2)] * 6


def test_xai_trust_reverses_the_sixth_item() -> None:
    questions = [question.id for question in shipped("xai_trust").questions]
    assert len(questions) == 8
    answers = dict.fromkeys(questions, 4)
    assert shipped("xai_trust").score(answers | {questions[5]: 2}) == {"xai_trust": 4}
    assert shipped("xai_trust").score(answers | {questions[5]: 4}) == {"xai_trust": 3.75}


@pytest.mark.parametrize("nothing", [None, "", "4", True])
def test_a_missing_answer_gives_no_score_never_zero(nothing: object) -> None:
    answers = {f"sus_{i}": 3 for i in range(1, 11)} | {"sus_4": nothing}
    assert shipped("sus").score(answers) == {"sus": None}
    assert shipped("sus").score({}) == {"sus": None}


def test_demographics_force_nothing_and_have_no_score() -> None:
    assert not any(question.required for question in shipped("demographics").questions)
    assert shipped("demographics").score({"age": "25-34"}) == {}


OWN = """\
title: {en: Mine, fr: Le mien}
citation: me
licence: CC0-1.0
status: {en: published, fr: project-translation}
questions:
  - {id: one, kind: likert, low: 1, high: 3, text: {en: "A?", fr: "A ?"}, labels: [x, y, z]}
  - {id: two, kind: choice, text: "B?", options: [{id: a, label: A}, {id: b, label: B}]}
scales:
  mine: {items: [one], reversed: [one]}
"""


def test_a_studys_own_questionnaire_goes_before_the_shipped(write_study: Callable[..., Path]) -> None:
    folder = write_study()
    (folder / "questionnaires").mkdir()
    (folder / "questionnaires" / "sus.yaml").write_text(OWN, "utf-8")
    own = protocol.load(folder).questionnaires["sus"]
    assert own.score({"one": 1}) == {"mine": 3}


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ("items: [one]", "items: [won]", 9, "scales.mine.items"),
        ("[x, y, z]", "[x, y, z, zz]", 6, "questions.0.labels"),
        ("{id: b, label: B}", "", 7, "questions.1.options"),
        ("id: two", "id: one", 5, "questions"),
        ("kind: choice", "kind: chose", 7, "questions.1.kind"),
        ("licence: CC0-1.0\n", "", 1, "licence"),
        (', fr: "A ?"', "", 6, "questions.0.text"),
        (", fr: Le mien", "", 1, "title"),
    ],
)
def test_broken_questionnaires_are_refused(tmp_path: Path, old: str, new: str, line: int, field: str) -> None:
    assert old in OWN
    path = tmp_path / "own.yaml"
    path.write_text(OWN.replace(old, new), "utf-8")
    with pytest.raises(StudyError) as refused:
        read_questionnaire(path, ["en", "fr"])
    assert [(problem.line, problem.field) for problem in refused.value.problems] == [(line, field)]
