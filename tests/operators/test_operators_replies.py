"""Questionnaires answered by simulated operators, on pages as the server sends them."""

from types import SimpleNamespace

import pytest

from binome.core.stimulus import Decision, Task
from binome.operators import Operator, Parameters
from binome.operators.replies import replies

TASK = Task("x", "X", "Which?", (Decision("a", "a"), Decision("b", "b")))
BLANK = {
    "required": True, "low": 0, "high": 100, "step": 1, "options": [], "many": False, "rows": [], "show_if": {},
}  # fmt: skip
CHOICE = [{"id": "yes"}, {"id": "no"}, {"id": "maybe"}]


def question(name, kind, **more):
    return {**BLANK, "id": name, "kind": kind, **more}


def page(*questions, retry="", name="q"):
    return {"index": 3, "id": name, "questions": list(questions), "retry": retry}


def people(count=40, **parameters):
    return [Operator(TASK, number, 99, Parameters(**parameters)) for number in range(count)]


def study(accept=None, correct=None):
    """As much of a protocol as replies look at: `who` screens, `quiz` asks what was understood."""
    questions = [SimpleNamespace(id=name, correct=value) for name, value in (correct or {}).items()]
    who = SimpleNamespace(questionnaire="who", accept=accept or {}) if accept else None
    quiz = SimpleNamespace(questionnaire="quiz") if correct else None
    operators = SimpleNamespace(screening=who, comprehension=quiz)
    return SimpleNamespace(
        study=SimpleNamespace(operators=operators), questionnaires={"quiz": SimpleNamespace(questions=questions)}
    )


def test_each_kind_is_answered_as_it_can_be():
    shown = page(
        question("s", "slider", step=5),
        question("l", "likert", low=1, high=7),
        question("c", "choice", options=CHOICE),
        question("m", "choice", options=CHOICE, many=True),
        question("t", "text"),
        question("o", "text", required=False),
        question("x", "matrix", low=1, high=5, rows=[{"id": "r1"}, {"id": "r2"}]),
    )
    several = set()
    for person in people():
        answers = replies(person, shown)
        assert set(answers) == {"s", "l", "c", "m", "t", "o", "r1", "r2"}
        assert answers["s"] in range(0, 101, 5)
        assert answers["l"] in range(1, 8)
        assert answers["c"] in ("yes", "no", "maybe")
        assert answers["t"]
        assert answers["o"] is None
        assert {answers["r1"], answers["r2"]} <= set(range(1, 6))
        assert len(set(answers["m"])) == len(answers["m"]) >= 1
        several.add(tuple(answers["m"]))
    assert len(several) > 3


def test_hidden_questions_are_left_out():
    shown = page(
        question("c", "choice", options=CHOICE),
        question("why", "text", show_if={"c": ["no", "maybe"]}),
        question("how", "text", show_if={"why": ["–"], "c": ["no"]}),
        question("m", "choice", options=CHOICE, many=True),
        question("n", "number", show_if={"m": ["maybe"]}),
    )
    seen = set()
    for person in people():
        answers = replies(person, shown)
        seen.add(answers["c"])
        assert ("why" in answers) == (answers["c"] != "yes")
        assert ("how" in answers) == (answers["c"] == "no")
        assert ("n" in answers) == ("maybe" in answers["m"])
    assert seen == {"yes", "no", "maybe"}


def test_screening_is_passed_with_every_answer_that_passes():
    shown = page(question("c", "choice", options=CHOICE), question("free", "number"), name="who")
    known = study(accept={"c": ["yes", "maybe"]})
    assert {replies(person, shown, known)["c"] for person in people()} == {"yes", "maybe"}
    assert {replies(person, shown)["c"] for person in people()} == {"yes", "no", "maybe"}


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_comprehension_fails_at_first_for_those_who_misunderstand(share):
    questions = (question("c", "choice", options=CHOICE), question("n", "number", high=9))
    known = study(correct={"c": "no", "n": 3})
    for person in people(misunderstanding=share):
        first = replies(person, page(*questions, name="quiz"), known)
        assert (first == {"c": "no", "n": 3}) == (share == 0)
        assert replies(person, page(*questions, name="quiz", retry="Again."), known) == {"c": "no", "n": 3}
