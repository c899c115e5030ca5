"""Biases that are measures already: automation, anchoring, confirmation, aversion after an error."""

from __future__ import annotations

from collections.abc import Callable

from binome.analysis.biases.finding import Finding, Kind, cannot, in_groups
from binome.analysis.biases.frame import Frame, estimated
from binome.analysis.dictionary import DECISIONS
from binome.analysis.measure import registry
from binome.analysis.sample import Mask, Sample

LACKING = {"initial": "no_initial", "advice": "no_advice", "position": "no_order"}
"""Why a bias cannot be told without a column; any other is just said to be lacking."""


def measured(frame: Frame) -> list[Finding]:
    """Commission and omission over the manual rate, anchoring, confirmation, aversion after an error."""
    return [
        *_one(frame, Kind("commission", "two_labels_and_manual", against="manual"), "commission_over_manual", _aided),
        *_one(frame, Kind("omission", "two_labels_and_manual", against="manual"), "omission_over_manual", _aided),
        *_one(frame, Kind("anchoring", "both_orders", against="advice_after"), "anchoring", _anchored),
        *_one(frame, Kind("confirmation", "initial_answer", caveat="initial_knows"), "confirmation", _confirmed),
        *_one(frame, Kind("aversion_after_error", "feedback"), "aversion_after_error", _informed),
    ]


def _one(frame: Frame, kind: Kind, name: str, why: Callable[[Sample, Mask], str]) -> list[Finding]:
    sample, plugin = frame.sample, registry.get(name)
    lacking = sorted(plugin.declared["needs"] - set(sample.trials.columns))
    reason = LACKING.get(lacking[0], "lacks_column") if lacking else _barred(frame, kind)
    if reason is not None:
        return [cannot(kind, reason, undefined=sample.size)]
    return in_groups(frame, kind, estimated(frame, plugin.target(sample)), lambda rows: why(sample, rows))


def _barred(frame: Frame, kind: Kind) -> str | None:
    """What rules a bias out of the whole study although its columns are there."""
    if kind.bias in ("commission", "omission") and not two_labels(frame.sample):
        return "not_two_labels"
    if kind.bias == "aversion_after_error" and not frame.has("feedback"):
        return "feedback_unknown"
    return None


def two_labels(sample: Sample) -> bool:
    """Whether all decisions are among two labels."""
    columns = [sample.trials[name] for name in DECISIONS if name in sample.trials.columns]
    return len({label for column in columns for label in column.drop_nulls().unique()}) <= 2


def _aided(sample: Sample, rows: Mask) -> str:
    advised = rows & sample.advised & sample.known("truth", "final")
    if not advised.any():
        return "no_advice"
    wrong = sample.known("advice", "truth") & ~sample.right("advice")
    if not (advised & wrong).any():
        return "no_wrong_advice"
    manual = sample.decided & ~sample.advised & sample.known("final")
    return "too_few_trials" if (manual & wrong).any() else "no_manual_trials"


def _anchored(sample: Sample, rows: Mask) -> str:
    advised = rows & sample.advised & sample.decided & sample.known("final")
    if not advised.any():
        return "no_advice"
    return "no_advice_after" if (advised & ~sample.known("initial")).any() else "no_advice_first"


def _confirmed(sample: Sample, rows: Mask) -> str:
    if not (rows & sample.advised).any():
        return "no_advice"
    known = rows & sample.advised & sample.known("truth", "initial", "final")
    if not known.any():
        return "no_initial"
    return one_sided(sample, known) or "no_disagreement"


def _informed(sample: Sample, rows: Mask) -> str:
    known = rows & sample.advised & sample.known("truth", "final")
    if not known.any():
        return "no_advice"
    if not (known & sample.flag("feedback")).any():
        return "no_feedback"
    return one_sided(sample, known) or "too_few_trials"


def one_sided(sample: Sample, known: Mask) -> str | None:
    """Whether advice was always right, or always wrong, among trials in which it and the truth are known."""
    right = sample.right("advice")
    if not (known & ~right).any():
        return "no_wrong_advice"
    return None if (known & right).any() else "no_right_advice"
