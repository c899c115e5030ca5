"""Answers as they come: each kind of question, what is hidden, and rubbish."""

from __future__ import annotations

from typing import Any

import pytest

from binome.experiment.answers import answers_fault
from binome.protocol import QuestionSpec

OPTIONS = [{"id": "a", "label": "A"}, {"id": "b", "label": {"en": "B", "fr": "Bé"}}]
BESIDE = [{"id": "no_response", "label": "No response"}]
ROWS = [{"id": "fast", "text": "Fast?"}, {"id": "right", "text": {"en": "Right?", "fr": "Juste ?"}}]
KINDS: dict[str, dict[str, Any]] = {
    "slider": {"low": 0, "high": 100, "step": 5},
    "likert": {"low": 1, "high": 5, "options": BESIDE},
    "choice": {"options": OPTIONS},
    "many": {"options": OPTIONS, "many": True},
    "text": {},
    "number": {"low": -1, "high": 1.5},
    "matrix": {"low": 1, "high": 3, "rows": ROWS, "options": BESIDE},
}


def ask(kind: str, **more: Any) -> QuestionSpec:
    given = {"id": "q", "text": {"en": "What?", "fr": "Quoi ?"}, "kind": "choice" if kind == "many" else kind}
    return QuestionSpec.model_validate({**given, **KINDS[kind], **more})


def fault(questions: list[QuestionSpec], answers: object, language: str = "en") -> str | None:
    return answers_fault(questions, {"answers": answers}, language)


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("slider", 35, True), ("slider", 0, True), ("slider", 100.0, True), ("slider", 101, False),
        ("slider", "35", False),
        ("likert", 1, True), ("likert", 5.0, True), ("likert", 6, False), ("likert", 2.5, False),
        ("likert", "no_response", True), ("likert", "other", False), ("likert", True, False),
        ("choice", "a", True), ("choice", "c", False), ("choice", 1, False), ("choice", ["a"], False),
        ("many", ["a"], True), ("many", ["b", "a"], True), ("many", ["a", "a"], False), ("many", ["a", "c"], False),
        ("many", "a", False), ("many", [], False), ("many", [["a"]], False), ("many", [None], False),
        ("text", "words", True), ("text", "x" * 5000, True), ("text", "x" * 5001, False), ("text", 3, False),
        ("number", 1.25, True), ("number", -1, True), ("number", 1.6, False), ("number", float("nan"), False),
        ("number", {}, False), ("number", False, False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("required", [True, False])
def test_each_kind_takes_what_it_offers(kind: str, value: Any, fits: bool, required: bool) -> None:
    expected = None if fits or (value == [] and not required) else "What?"
    assert fault([ask(kind, required=required)], {"q": value}) == expected


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "matrix"])
@pytest.mark.parametrize("nothing", [{}, {"q": None}, {"q": ""}, {"q": []}])
def test_only_a_required_question_needs_an_answer(kind: str, nothing: dict[str, Any]) -> None:
    assert fault([ask(kind)], nothing, "fr") == "Quoi ?"
    assert fault([ask(kind, required=False)], nothing) is None


def test_a_matrix_is_answered_row_by_row() -> None:
    matrix = [ask("matrix")]
    assert fault(matrix, {"fast": 1, "right": 3}) is None
    assert fault(matrix, {"fast": "no_response", "right": 2}) is None
    assert fault(matrix, {"fast": 1}, "fr") == "Juste ?"
    assert fault(matrix, {"fast": 4, "right": 3}) == "Fast?"
    assert fault(matrix, {"fast": 1.5, "right": 3}) == "Fast?"
    assert fault(matrix, {"fast": 1, "right": 3, "q": 2}) == "q"
    assert fault([ask("matrix", required=False)], {"right": 3}) is None


def test_what_was_not_asked_may_not_be_answered() -> None:
    first = ask("choice", id="first", text="First?")
    second = ask("likert", id="second", text="Second?", show_if={"first": ["a"]})
    third = ask("many", id="third", text="Third?", show_if={"second": [4, 5]})
    fourth = ask("text", id="fourth", text="Fourth?", show_if={"third": ["b"]})
    all_four = [first, second, third, fourth]
    assert fault(all_four, {"first": "b"}) is None
    assert fault(all_four, {"first": "b", "second": None, "third": [], "fourth": ""}) is None
    assert fault(all_four, {"first": "b", "second": 4}) == "Second?"
    assert fault(all_four, {"first": "a"}) == "Second?"
    assert fault(all_four, {"first": "a", "second": 3}) is None
    assert fault(all_four, {"first": "a", "second": "no_response"}) is None
    assert fault(all_four, {"first": "a", "second": 4.0}) == "Third?"
    assert fault(all_four, {"first": "a", "second": 4, "third": ["a"]}) is None
    assert fault(all_four, {"first": "a", "second": 4, "third": ["a", "b"]}) == "Fourth?"
    # The second is hidden: what it was answered shows no third.
    assert fault(all_four, {"first": "b", "third": ["a"]}) == "Third?"


def test_a_row_can_lead_to_a_question() -> None:
    why = ask("text", id="why", text="Why?", show_if={"right": [1]})
    assert fault([ask("matrix"), why], {"fast": 1, "right": 1}) == "Why?"
    assert fault([ask("matrix"), why], {"fast": 1, "right": 2}) is None


@pytest.mark.parametrize("rubbish", [None, [], "words", 3, ["q"]])
def test_answers_that_are_no_mapping(rubbish: object) -> None:
    assert fault([ask("text")], rubbish) == "What?"
    assert answers_fault([ask("text")], {}, "en") == "What?"


def test_unknown_answers_are_named() -> None:
    assert fault([ask("text")], {"q": "words", "x": 1}) == "x"
