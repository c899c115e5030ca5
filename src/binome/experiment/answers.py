"""What is wrong with the answers to a questionnaire, as they came from the browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from binome.core.text import say
from binome.protocol import QuestionSpec, asked


def answers_fault(questions: Sequence[QuestionSpec], data: Mapping[str, Any], language: str) -> str | None:
    """The first question whose answer is not acceptable, or the first answer to what was not asked.

    A question that is not asked may only come without an answer; a required one needs an answer when it is asked.

    Args:
        data: of the event that completes the questionnaire, with `answers` by the id of the question or matrix row.

    Returns:
        The question's text in the language, or the id that is not among the questions; None when all is well.
    """
    answers = data.get("answers")
    given: Mapping[str, Any] = answers if isinstance(answers, dict) else {}
    shown = {question.id for question in asked(questions, given)}
    known: set[str] = set()
    for question in questions:
        for name, text in _items(question):
            known.add(name)
            value = given.get(name)
            fits = _is_empty(value) if question.id not in shown else _is_acceptable(question, value)
            if not fits:
                return say(text, language)
    return next((name for name in given if name not in known), None)


def _items(question: QuestionSpec) -> Iterator[tuple[str, Any]]:
    """What is answered of a question, with its text: each row of a matrix, or the question itself."""
    if question.kind == "matrix":
        yield from ((row.id, row.text) for row in question.rows)
    else:
        yield question.id, question.text


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value == []


def _is_acceptable(question: QuestionSpec, value: Any) -> bool:
    if _is_empty(value):
        return not question.required
    if not question.many:
        return question.takes(value)
    # One that is no list, or holds what cannot be compared, is found by `takes`, so that doubles come last.
    return isinstance(value, list) and all(map(question.takes, value)) and len(set(value)) == len(value)
