"""What each decision step may show, and what may be answered to it."""

from __future__ import annotations

from collections.abc import Sequence

from binome.protocol import ConditionSpec, Step, handed_over

TIMED = ("initial", "final", "single", "open")
"""Stages at which the operator decides, and may have little time to."""


def shows_advice(condition: ConditionSpec, step: Step) -> bool:
    """Whether the advice may be on the page: after the decision before it, or with an only one that it precedes."""
    if step.kind != "decision" or step.item is None:
        return False
    advised = step.stage == "single" and condition.advice == "before"
    return advised or step.stage in ("final", "supervised", "handled")


def shows_evidence(condition: ConditionSpec, step: Step) -> bool:
    """Whether the explanation is on the page without the advice."""
    if condition.explanation is None or step.kind != "decision" or step.item is None:
        return False
    return step.stage == "single" and condition.advice == "none"


def shows_explanation(condition: ConditionSpec, step: Step) -> bool:
    with_advice = condition.explanation is not None and shows_advice(condition, step)
    return with_advice or shows_evidence(condition, step)


def asks_confidence(step: Step) -> bool:
    """Whether the stage has a decision of the operator's own, of which they may be asked how sure they are."""
    return step.stage in TIMED and step.attention is None


def most_seconds(condition: ConditionSpec, step: Step) -> float | None:
    """The most time for an answer; an attention check has all the time."""
    return condition.seconds if step.stage in TIMED and step.item is not None else None


def most_delegated(condition: ConditionSpec, steps: Sequence[Step], cursor: int) -> int:
    """How many items may be handed over at a step, that one included; none where handing over is not offered."""
    step, spec = steps[cursor], condition.delegation
    if spec is None or step.item is None:
        return 0
    before = step.kind == "offer" and spec.when != "after"
    after = step.kind == "decision" and step.stage in ("open", "single", "final") and spec.when != "before"
    return len(handed_over(steps, cursor, spec.most)) if before or after else 0
