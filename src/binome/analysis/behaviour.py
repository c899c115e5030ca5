"""Measures of behaviour: time and stated confidence."""

from __future__ import annotations

import numpy as np

from binome.analysis.measure import Statistic, combine, measure, ratio
from binome.analysis.sample import Sample


@measure("decision_time", needs={"final_seconds"}, family="behaviour", unit="second")
def decision_time(sample: Sample) -> Statistic:
    """Geometric mean of the seconds to a decision, those to the initial one and to asking for advice included."""
    seconds = sample.numbers("final_seconds")
    if "initial_seconds" in sample.trials.columns:
        seconds = seconds + np.nan_to_num(sample.numbers("initial_seconds"))
    if {"alone_seconds", "advice_requested"} <= set(sample.trials.columns):
        alone = np.nan_to_num(sample.numbers("alone_seconds"))
        seconds = seconds + np.where(sample.flag("advice_requested"), alone, 0.0)
    positive = seconds > 0
    return combine(np.exp, ratio(np.log(seconds, out=np.zeros(sample.size), where=positive), among=positive))


@measure("brier", needs={"truth", "final", "final_confidence"}, family="behaviour", paper="Brier 1950", unit="ratio")
def brier(sample: Sample) -> Statistic:
    """Mean squared distance of the final confidence from being right (1) or wrong (0); 0 is best."""
    right = sample.right("final").astype(np.float64)
    known = sample.known("truth", "final", "final_confidence")
    return ratio((sample.numbers("final_confidence") - right) ** 2, among=known)
