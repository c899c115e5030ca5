"""The model that advised: its card in a few facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from binome.report.evidence import Evidence
from binome.report.wording import Wording


def facts(card: Mapping[str, Any], words: Wording) -> list[tuple[str, str]]:
    """Names and values, in the reader's language."""
    training, calibration = card["training"], card["calibration"]
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
        *((words[f"fact_{name}"], _interval(card[key], words)) for name, key in MEASURED),
        (
            words["fact_calibration"],
            words.say(
                "fact_calibration_value",
                before=words.number(calibration["ece_before"]),
                after=words.number(calibration["ece_after"]),
                temperature=words.number(calibration["temperature"], 2),
            ),
        ),
    ]


MEASURED = (("accuracy", "accuracy"), ("balanced", "balanced_accuracy"))


def shown_accuracy(evidence: Evidence) -> float | None:
    """Accuracy of the advice on the items that operators decided on; None where there is no item."""
    items = evidence.stimuli.by_role("trial")
    return sum(item.truth == item.advice for item in items) / len(items) if items else None


def _interval(found: Mapping[str, float | None], words: Wording) -> str:
    return words.interval(found["value"], found["low"], found["high"])


def _count(value: int | None, words: Wording) -> str:
    return words.undefined if value is None else words.count(int(value))
