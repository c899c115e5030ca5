"""The predictor's answers to all test items, as a table: what selection and stimuli are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from binome.contexts import Context
    from binome.models import Predictor

GROUP = "group_"


def answer_table(predictor: Predictor, context: Context) -> pl.DataFrame:
    """One row a test item: item, truth, advice, confidence, right, eligible, difficulty, and `group_…` columns.

    An item is eligible for trials when exactly one decision is right, so that its truth is one. `difficulty` is the
    predictor's (`models.difficulty`).
    """
    from binome import models

    test, task = context.split("test"), context.task
    answers = predictor.predict(test.inputs)
    names = [decision.id for decision in task.decisions]

    def words(values: Any) -> list[Any]:
        return [names[i] for i in values.tolist()] if names else [round(float(v), 6) for v in values.tolist()]

    eligible = [True] * len(test) if test.accepted is None else (test.accepted.sum(1) == 1).tolist()
    return pl.DataFrame(
        {
            "item": list(test.ids),
            "truth": words(test.truths),
            "advice": words(on_scale(answers.decisions, context)),
            "confidence": answers.confidence.double().numpy(),
            "right": test.right(on_scale(answers.decisions, context), task.number).numpy(),
            "eligible": eligible,
            "difficulty": models.difficulty(predictor, test, task.number),
            **{f"{GROUP}{name}": list(values) for name, values in test.groups.items()},
        }
    )


def on_scale(decisions: Any, context: Context) -> Any:
    """Estimates as they can be said: on the task's scale, in its steps; decisions as they are."""
    number = context.task.number
    if number is None:
        return decisions
    steps = ((decisions.double() - number.low) / number.step).round()
    return (number.low + number.step * steps).clamp(number.low, number.high)
