"""The model that advised: its card in a few facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from binome.core import say
from binome.core.stimulus import Task
from binome.protocol import advised_rightly
from binome.report.evidence import Evidence
from binome.report.wording import Wording


def facts(card: Mapping[str, Any], task: Task, words: Wording) -> list[tuple[str, str]]:
    """Names and values, in the reader's language: of what the card holds, which hangs on the kind of task."""
    training, calibration = card["training"], card.get("calibration") or {}
    measured = [(words[f"fact_{name}"], _interval(card[key], words)) for name, key in MEASURED if key in card]
    if task.number is not None:
        unit = say(task.number.unit, words.language)
        measured = [
            (words["fact_error"], f"{_interval(card['error'], words)} {unit}".strip()),
            (words["fact_within"], _interval(card["accuracy"], words)),
        ]
    return [
        (words["fact_architecture"], str(card["architecture"])),
        (words["fact_parameters"], _count(card["parameters"], words)),
        (
            words["fact_training"],
            words.say(
                "fact_training_value",
                items=_count(training.get("train_items"), words),
                epochs=_count(training.get("epochs"), words),
                seconds=words.number(training.get("seconds"), 0),
            ),
        ),
        *measured,
        *([(words["fact_calibration"], _calibration(calibration, words))] if "ece_after" in calibration else []),
    ]


def _calibration(found: Mapping[str, Any], words: Wording) -> str:
    return words.say(
        "fact_calibration_value",
        before=words.number(found.get("ece_before")),
        after=words.number(found["ece_after"]),
        temperature=words.number(found.get("temperature"), 2),
    )


MEASURED = (("accuracy", "accuracy"), ("balanced", "balanced_accuracy"))


def shown_accuracy(evidence: Evidence) -> float | None:
    """Accuracy of the advice on the items that operators decided on; None where there is no item."""
    items = evidence.stimuli.by_role("trial")
    return sum(advised_rightly(evidence.stimuli.task, item) for item in items) / len(items) if items else None


def _interval(found: Mapping[str, float | None], words: Wording) -> str:
    return words.interval(found["value"], found["low"], found["high"])


def _count(value: int | None, words: Wording) -> str:
    return words.undefined if value is None else words.count(int(value))
