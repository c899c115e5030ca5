"""Capture by the explanation: whether answers follow advice the more, the more its explanation was looked at.

Operators choose when and how long to look, so that these are associations within operators, not effects.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np

from binome.analysis.biases.finding import Finding, Kind, cannot, in_groups
from binome.analysis.biases.frame import Frame, estimated
from binome.analysis.biases.slope import within_slope
from binome.analysis.sample import Floats, Mask
from binome.core import BinomeError

OPENED = Kind("capture_opened", "optional_explanation", caveat="opening_is_chosen")
SECONDS = Kind("capture_seconds", "optional_explanation", "difference_per_doubling", caveat="seconds_are_chosen")
POINTER = Kind("capture_pointer", "pointer_tracking", "difference_per_share", caveat="seconds_are_chosen")
EXPLAINING = ("map", "explanation")
"""Parts of the page, as `hover` names them, that show the explanation."""


def capture(frame: Frame) -> list[Finding]:
    """Slopes of following on: explanation opened, doublings of its seconds, share of the pointer's time on it.

    Where initial decisions were asked for, of trials whose advice differed from them: elsewhere there was nothing to
    be drawn to.
    """
    if not frame.has("advice", "final"):
        return [cannot(kind, "no_advice", undefined=frame.sample.size) for kind in (OPENED, SECONDS, POINTER)]
    return [
        *_one(frame, OPENED, "explanation_opened", "opening_unknown", "no_opening_variation", _opened),
        *_one(frame, SECONDS, "explanation_seconds", "opening_unknown", "no_seconds_variation", _doublings),
        *_one(frame, POINTER, "hover", "hover_unknown", "hover_unknown", _pointer),
    ]


def _one(
    frame: Frame, kind: Kind, column: str, unknown: str, constant: str, dose: Callable[[Frame], Floats]
) -> list[Finding]:
    sample = frame.sample
    if not frame.has(column):
        return [cannot(kind, unknown, undefined=sample.size)]
    x = dose(frame)
    among = sample.advised & frame.own & sample.known("final") & np.isfinite(x)
    if frame.has("initial"):
        among &= ~(sample.known("initial") & (sample.initial == sample.advice))

    def why(rows: Mask) -> str:
        if not (rows & sample.advised).any():
            return "no_advice"
        return constant if (rows & among).any() else unknown

    return in_groups(frame, kind, estimated(frame, within_slope(x, frame.followed, among)), why)


def _opened(frame: Frame) -> Floats:
    return np.where(frame.sample.known("explanation_opened"), frame.sample.flag("explanation_opened"), np.nan)


def _doublings(frame: Frame) -> Floats:
    seconds = frame.sample.numbers("explanation_seconds")
    return np.log2(seconds, out=np.full(seconds.shape, np.nan), where=seconds > 0)


def _pointer(frame: Frame) -> Floats:
    """The explanation's share of the pointer's time, in trials that showed one."""
    trials = frame.sample.trials
    pairs = zip(trials["operator"].to_list(), trials["hover"].to_list(), strict=True)
    shares = [np.nan if text is None else _share(operator, text) for operator, text in pairs]
    explained = frame.sample.known("explanation") if frame.has("explanation") else True
    return np.where(explained, np.array(shares, dtype=np.float64), np.nan)


def _share(operator: str, text: object) -> float:
    """The explanation's share of one trial's seconds; NaN where the pointer was nowhere."""
    try:
        seconds = {str(part): float(time) for part, time in json.loads(str(text)).items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise BinomeError(
            f"column 'hover', operator {operator!r}: found {text!r}, expected seconds by part of the page as JSON, "
            'such as {"map": 1.5, "advice": 0.5}'
        ) from error
    total = sum(seconds.values())
    return sum(seconds.get(part, 0.0) for part in EXPLAINING) / total if total > 0 else float("nan")
