"""One bias in one place: its estimate with interval and p, or why it cannot be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from binome.analysis.biases.frame import Estimated, Frame
from binome.analysis.bootstrap import interval, p_value
from binome.analysis.measuring import LEAST_OPERATORS
from binome.analysis.sample import Floats, Mask

UNTOUCHED = ("no_advice",)
"""Reasons that hold for conditions that a bias was never meant for: other reasons say more of a study."""


@dataclass(frozen=True)
class Finding:
    """A row of the table of biases; its columns are described in `biases`."""

    bias: str
    group: str | None
    against: str | None
    value: float | None
    low: float | None
    high: float | None
    scale: str
    p: float | None
    n: int
    undefined: int
    identifiable: bool
    reason: str | None
    caveat: str | None
    needs: str


@dataclass(frozen=True)
class Kind:
    """What is the same for all findings of one bias: its code, its scale, the design that it needs."""

    bias: str
    needs: str
    scale: str = "difference"
    against: str | None = None
    caveat: str | None = None


def cannot(kind: Kind, reason: str, group: str | None = None, n: int = 0, undefined: int = 0) -> Finding:
    """A bias that these trials cannot tell."""
    return Finding(
        kind.bias, group, kind.against, None, None, None, kind.scale, None, n, undefined, False, reason, None,
        kind.needs,
    )  # fmt: skip


def found(
    kind: Kind, group: str | None, value: float, draws: Floats, operators: int, n: int, undefined: int, reason: str
) -> Finding:
    """A bias from its value and resamples; one that cannot be told, for `reason`, where the value is undefined."""
    if np.isnan(value):
        return cannot(kind, reason, group, n, undefined)
    enough = operators >= LEAST_OPERATORS
    low, high = interval(value, draws, None) if enough else (np.nan, np.nan)
    caveat, p = kind.caveat, None
    if np.isnan(low):
        if len(draws):
            caveat = "unstable" if enough else "one_operator"
        return Finding(
            kind.bias, group, kind.against, value, None, None, kind.scale, None, n, undefined, True, None, caveat,
            kind.needs,
        )  # fmt: skip
    p = p_value(draws)
    return Finding(
        kind.bias, group, kind.against, value, low, high, kind.scale, p, n, undefined, True, None, caveat, kind.needs
    )


def in_groups(frame: Frame, kind: Kind, values: Estimated, why: Callable[[Mask], str]) -> list[Finding]:
    """A bias in every group; one finding for all where none can tell.

    Args:
        why: from the trials of a group, why the bias is undefined there.
    """
    findings = [
        found(
            kind, label, float(values.value[g]), values.draws[:, g], int(values.operators[g]), int(values.n[g]),
            int(values.undefined[g]), why(frame.rows(g)) if np.isnan(values.value[g]) else "",
        )
        for g, label in enumerate(frame.labels)
    ]  # fmt: skip
    if any(finding.identifiable for finding in findings):
        return findings
    return [cannot(kind, _commonest(findings), None, int(values.n.sum()), int(values.undefined.sum()))]


def _commonest(findings: Sequence[Finding]) -> str:
    reasons = [finding.reason or "too_few_trials" for finding in findings]
    telling = [reason for reason in reasons if reason not in UNTOUCHED]
    return Counter(telling or reasons or ["too_few_trials"]).most_common(1)[0][0]
