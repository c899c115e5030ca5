"""How long a session takes, roughly: for the progress line, the instructions and the declared duration."""

from __future__ import annotations

from collections.abc import Sequence

from binome.protocol.arrangement import groups_of
from binome.protocol.plan import Step
from binome.protocol.planning import typical
from binome.protocol.protocol import Protocol

SECONDS = {
    "device": 10, "consent": 60, "instructions": 60, "block": 12, "offer": 3, "feedback": 4, "return": 10,
    "debriefing": 30, "done": 0,
}  # fmt: skip
DECISION_SECONDS, QUESTION_SECONDS, TOLD_SECONDS = 8, 8, 4


def estimate_minutes(protocol: Protocol, steps: Sequence[Step]) -> float:
    """Rough duration of steps; of the attempts at the instructions and their questions, only the first of them."""
    attempt = next((step.attempt for step in steps if step.attempt is not None), None)
    return sum(_seconds(protocol, step) for step in steps if step.attempt in (None, attempt)) / 60


def expected_minutes(protocol: Protocol) -> float:
    """Rough duration of a session, of the longest where groups of operators meet different conditions."""
    plans = [typical(protocol, names) for names in groups_of(protocol.study).values()]
    return max(estimate_minutes(protocol, steps) for steps in plans)


def _seconds(protocol: Protocol, step: Step) -> float:
    if step.kind == "decision":
        return _decision_seconds(protocol, step)
    if step.kind == "questionnaire":
        questions = protocol.questionnaires[step.questionnaire or ""].questions
        return QUESTION_SECONDS * sum(max(1, len(question.rows)) for question in questions)
    if step.kind == "break":
        return protocol.study.operators.breaks
    return SECONDS[step.kind]


def _decision_seconds(protocol: Protocol, step: Step) -> float:
    condition = protocol.study.conditions[step.condition or ""]
    if step.stage == "handled":
        return TOLD_SECONDS
    if step.stage == "wait":
        return condition.delay or 0
    if step.stage == "supervised" and condition.supervision is not None:
        return condition.supervision.seconds
    return min(DECISION_SECONDS, condition.seconds or DECISION_SECONDS)
