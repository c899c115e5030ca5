"""The scale of an estimate: as the caller gives it, or as the truths show it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from binome.contexts.tables.declaring import check_text
from binome.contexts.tables.survey import Found
from binome.core import BinomeError, did_you_mean
from binome.core.stimulus import Number

KEYS = ("low", "high", "step", "unit", "tolerance")
STEPS = 100


def check_scale(said: Any) -> Mapping[str, Any]:
    """What the caller says of the scale.

    Raises:
        BinomeError: naming the key and the mend.
    """
    if not isinstance(said, Mapping):
        raise BinomeError(f"estimate is {said!r}; give some of: {', '.join(KEYS)}, or {{}} to have them inferred")
    for key, value in said.items():
        if key not in KEYS:
            near = did_you_mean(str(key), KEYS)
            raise BinomeError(f"estimate has no key {key!r}; {near + '; ' if near else ''}it takes: {', '.join(KEYS)}")
        if key == "unit":
            check_text(value, "estimate.unit")
        elif isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise BinomeError(f"estimate.{key} is {value!r}; give a number")
    if said.get("step", 1) <= 0:
        raise BinomeError(f"estimate.step is {said['step']!r}; give a number above 0")
    if said.get("tolerance", 0) < 0:
        raise BinomeError(f"estimate.tolerance is {said['tolerance']!r}; give a number, 0 or more")
    if "low" in said and "high" in said and said["low"] >= said["high"]:
        raise BinomeError(f"estimate goes from {said['low']!r} to {said['high']!r}; give a high above the low")
    return said


def scale_of(said: Mapping[str, Any], found: Found, train: npt.NDArray[np.float32], column: str) -> Number:
    """The scale.

    What is not said is inferred. The step is the least 1, 2 or 5 times a power of ten that makes at most 100 of the
    range, 1 at least for whole numbers. The range is that of all truths, widened to whole steps. The tolerance is
    half the standard deviation of the training truths, rounded up to whole steps.
    """
    low, high = float(said.get("low", found.low)), float(said.get("high", found.high))
    if low >= high:
        raise BinomeError(
            f"{column} is {low:g} or less everywhere; give estimate.low and estimate.high, or another target"
        )
    step = float(said["step"]) if "step" in said else _step(high - low, found.whole)
    digits = max(0, 2 - math.floor(math.log10(step)))
    if "low" not in said:
        low = round(math.floor(low / step) * step, digits)
    if "high" not in said:
        high = round(math.ceil(high / step) * step, digits)
    tolerance = float(said["tolerance"]) if "tolerance" in said else _tolerance(train, step, digits)
    return Number(low, high, step, said.get("unit", ""), tolerance)


def _step(span: float, whole: bool) -> float:
    power = math.floor(math.log10(span / STEPS))
    # Rounding, because 5 × 10^-2 and the like are not exact.
    steps = [round(factor * 10.0**power, max(0, -power)) for factor in (1, 2, 5, 10)]
    step = next(step for step in steps if step * STEPS >= span * (1 - 1e-9))
    return max(1.0, step) if whole else step


def _tolerance(train: npt.NDArray[np.float32], step: float, digits: int) -> float:
    return round(math.ceil(float(train.astype(np.float64).std()) / 2 / step - 1e-9) * step, digits)
