"""What simulated operators answer to questionnaires."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from binome.operators.model import Operator
from binome.protocol import Protocol

Answers = dict[str, Any]


def replies(person: Operator, step: Mapping[str, Any], protocol: Protocol | None = None) -> Answers:
    """Answers to a questionnaire's page: to every question that it asks, given those before.

    Args:
        protocol: says which answers pass screening and comprehension; without it they are drawn like all others.
    """
    wanted = _passing(person, step, protocol) if protocol else {}
    answers: Answers = {}
    for question in step["questions"]:
        if not _is_asked(question, answers):
            continue
        draw = person.generator("question", step["index"], question["id"])
        if question["id"] in wanted:
            answers[question["id"]] = wanted[question["id"]][draw.integers(len(wanted[question["id"]]))]
        elif question["kind"] == "matrix":
            answers |= {row["id"]: _point(question, draw) for row in question["rows"]}
        else:
            answers[question["id"]] = _reply(question, draw)
    return answers


def _is_asked(question: Mapping[str, Any], answers: Answers) -> bool:
    """Whether each question that it hangs on was answered with one of the values that show it."""

    def has_one(answer: Any, values: list[Any]) -> bool:
        return any(value in values for value in (answer if isinstance(answer, list) else [answer]))

    return all(has_one(answers.get(name), values) for name, values in question["show_if"].items())


def _passing(person: Operator, step: Mapping[str, Any], protocol: Protocol) -> dict[str, list[Any]]:
    """By question, the answers that let one go on; one who misunderstands the instructions draws some at first."""
    operators = protocol.study.operators
    if operators.screening and operators.screening.questionnaire == step["id"]:
        return {name: list(values) for name, values in operators.screening.accept.items()}
    if operators.comprehension is None or operators.comprehension.questionnaire != step["id"]:
        return {}
    right = {
        question.id: [question.correct]
        for question in protocol.questionnaires[step["id"]].questions
        if question.correct is not None
    }
    first = not step["retry"]
    if first and person.generator("comprehension").random() < person.parameters.misunderstanding:
        return _wrong(right, step)
    return right


def _wrong(right: Mapping[str, list[Any]], step: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Of each question, the other answers that it has."""
    wrong = {}
    for question in step["questions"]:
        if question["id"] in right:
            ends = ["–"] if question["kind"] == "text" else [question["low"], question["high"]]
            others = [option["id"] for option in question["options"]] or ends
            wrong[question["id"]] = [answer for answer in others if answer not in right[question["id"]]]
    return wrong


def _reply(question: Mapping[str, Any], draw: np.random.Generator) -> Any:
    if question["kind"] == "text":
        return "–" if question["required"] else None
    if question["kind"] != "choice":
        return _point(question, draw)
    options = [option["id"] for option in question["options"]]
    if not question["many"]:
        return options[draw.integers(len(options))]
    chosen = [option for option in options if draw.random() < 0.5]
    return chosen or [options[draw.integers(len(options))]]


def _point(question: Mapping[str, Any], draw: np.random.Generator) -> float:
    """A number on the question's scale, more often near its middle."""
    points = int((question["high"] - question["low"]) / question["step"] + 1e-9)
    place = min(points, max(0, round(points * float(draw.normal(0.5, 0.2)))))
    return float(question["low"] + place * question["step"])
