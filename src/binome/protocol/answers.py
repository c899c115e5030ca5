"""What an answer is worth and how it is said: the id of a decision, or a number on the task's scale."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from binome.core.stimulus import Answer, Number, Stimulus, Task
from binome.core.text import say
from binome.protocol.catalogue import number as written

SLACK = 1e-6
"""Share of the tolerance by which an estimate may exceed it, so that rounding on one machine decides nothing."""


def is_right(task: Task, answer: Answer, truth: Answer) -> bool:
    """Whether an answer counts as right: the same decision, or an estimate no further off than the task tolerates."""
    if task.number is None:
        return answer == truth
    return abs(float(answer) - float(truth)) <= task.number.tolerance * (1 + SLACK)


def advised_rightly(task: Task, item: Stimulus) -> bool:
    """Whether the predictor's answer on an item counts as right."""
    return is_right(task, item.advice, item.truth)


def say_answer(task: Task, answer: Answer, language: str) -> str:
    """An answer in words: the decision's label, or the number with the decimals of the scale's step and its unit."""
    if task.number is None:
        return next(
            (say(decision.label, language) for decision in task.decisions if decision.id == answer), str(answer)
        )
    return say_number(task.number, float(answer), language)


def say_number(scale: Number, value: float, language: str) -> str:
    """A number in the scale's unit, as the language writes it: 1,250.5 points, or 1 250,5 points in French."""
    return with_unit(written(value, language, decimals(scale.step), grouped=True), say(scale.unit, language))


def say_tolerance(scale: Number, language: str) -> str:
    """The tolerance in words; it may be finer than the scale's step."""
    digits = max(decimals(scale.step), decimals(scale.tolerance))
    return with_unit(written(scale.tolerance, language, digits, grouped=True), say(scale.unit, language))


def with_unit(value: str, unit: str) -> str:
    """A value and its unit, never parted at the end of a line."""
    return f"{value}\u00a0{unit}" if unit else value


def decimals(step: float) -> int:
    """Decimals that steps of this size need: none for 1, two for 0.25."""
    exponent = Decimal(repr(step)).normalize().as_tuple().exponent
    return max(0, -int(exponent))


def on_scale(scale: Number, value: float) -> float:
    """The nearest number that the scale offers."""
    most = math.floor((scale.high - scale.low) / scale.step * (1 + 1e-9))
    place = min(most, max(0, round((value - scale.low) / scale.step)))
    return round(scale.low + place * scale.step, 10)


def is_on_scale(scale: Number, value: Any) -> bool:
    """Whether a value is a finite number between the scale's ends; between two steps counts too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and scale.low <= value <= scale.high


def attention_answers(task: Task) -> tuple[Answer, ...]:
    """What an attention check may ask for: any decision, or the numbers at the scale's tenths, without its ends."""
    if task.number is None:
        return tuple(decision.id for decision in task.decisions)
    low, width = task.number.low, task.number.high - task.number.low
    return tuple(dict.fromkeys(on_scale(task.number, low + width * tenth / 10) for tenth in range(1, 10)))
