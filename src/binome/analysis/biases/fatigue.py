"""Fatigue: how accuracy and reliance change with the trials behind an operator, within a condition."""

from __future__ import annotations

from binome.analysis.biases.finding import Finding, Kind, cannot, in_groups
from binome.analysis.biases.frame import Frame, estimated
from binome.analysis.biases.slope import within_slope
from binome.analysis.sample import Mask

ACCURACY = Kind("fatigue_accuracy", "random_order", "difference_per_ten_trials", caveat="learning_and_fatigue")
RELIANCE = Kind("fatigue_reliance", "random_order", "difference_per_ten_trials", caveat="learning_and_fatigue")
TRIALS = 10


def fatigue(frame: Frame) -> list[Finding]:
    """Slopes on the position, per ten trials, with an intercept for each operator in each group."""
    sample, findings = frame.sample, []
    for kind, columns in ((ACCURACY, ("truth", "final")), (RELIANCE, ("advice", "final"))):
        reason = "no_order" if frame.has(*columns) else "no_advice" if kind is RELIANCE else "lacks_column"
        if not frame.has("position", *columns):
            findings.append(cannot(kind, reason, undefined=sample.size))
            continue
        among = frame.own & sample.known("position", *columns)
        if kind is RELIANCE:
            among &= sample.advised
        answer = frame.followed if kind is RELIANCE else sample.right("final")
        reason = "no_advice" if kind is RELIANCE else "too_few_trials"

        def why(rows: Mask, among: Mask = among, reason: str = reason) -> str:
            return "too_few_trials" if (rows & among).any() else reason

        values = estimated(frame, within_slope(sample.numbers("position") / TRIALS, answer, among))
        findings += in_groups(frame, kind, values, why)
    return findings
