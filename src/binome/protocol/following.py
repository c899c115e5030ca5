"""`following`: what comes after an answer. A plan is gone through once, forwards: answers only skip steps of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from binome.protocol.plan import Step
from binome.protocol.protocol import Protocol

Reason = Literal["screening", "comprehension"]
"""Why a session ended before its time, by a rule of the study."""


@dataclass(frozen=True)
class Following:
    """The step to show next; or, with `excluded`, why there is none."""

    cursor: int
    excluded: Reason | None = None


def following(protocol: Protocol, steps: Sequence[Step], cursor: int, data: Mapping[str, Any]) -> Following:
    """What comes after the step at `cursor` was completed with `data`, which has been found acceptable."""
    step, following = steps[cursor], cursor + 1
    if step.purpose == "screening":
        fits = is_accepted(protocol, data["answers"])
        return Following(following) if fits else Following(cursor, "screening")
    if step.purpose == "comprehension":
        return _after_comprehension(protocol, steps, cursor, data)
    if data.get("delegated"):
        covered = handed_over(steps, cursor, int(data.get("count", 1)))
        # Feedback belongs to an item that was seen, and to it alone.
        shown = step.kind == "decision" and len(covered) == 1
        last = max(i for i, other in enumerate(steps) if other.trial == covered[-1])
        feedback = shown and steps[last].kind == "feedback"
        return Following(last if feedback else last + 1)
    if step.stage == "open" and not data.get("requested"):
        following += 1
    return Following(following)


def handed_over(steps: Sequence[Step], cursor: int, count: int) -> list[int]:
    """The trials that the model gets when `count` are handed over at a step: that one, and the next of its block.

    Attention checks do not count, and trials that the model decides anyway do not either; fewer where the block ends,
    or where questions come that the study wants answered there.
    """
    here = steps[cursor]
    found: dict[int, None] = {}
    for step in steps[cursor:]:
        elsewhere = (step.block, step.practice, step.condition) != (here.block, here.practice, here.condition)
        if elsewhere or step.kind == "questionnaire":
            break
        if step.trial is not None and step.item is not None and step.stage != "handled":
            if len(found) == count and step.trial not in found:
                break
            found[step.trial] = None
    return list(found)


def is_accepted(protocol: Protocol, answers: Mapping[str, Any]) -> bool:
    """Whether answers to the screening questionnaire let one take part."""
    screening = protocol.study.operators.screening
    accepted = screening.accept if screening else {}
    return all(answers.get(question) in values for question, values in accepted.items())


def is_understood(protocol: Protocol, questionnaire: str, answers: Mapping[str, Any]) -> bool:
    """Whether every comprehension question was answered rightly."""
    questions = protocol.questionnaires[questionnaire].questions
    return all(answers.get(q.id) == q.correct for q in questions if q.correct is not None)


def _after_comprehension(protocol: Protocol, steps: Sequence[Step], cursor: int, data: Mapping[str, Any]) -> Following:
    step, asked = steps[cursor], protocol.study.operators.comprehension
    if not is_understood(protocol, step.questionnaire or "", data["answers"]):
        last = asked is None or step.attempt == asked.attempts
        failed = last and asked is not None and asked.otherwise == "exclude"
        return Following(cursor, "comprehension") if failed else Following(cursor + 1)
    following = cursor + 1
    while steps[following].attempt is not None:
        following += 1
    return Following(following)
