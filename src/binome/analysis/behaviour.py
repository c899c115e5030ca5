"""Measures of behaviour: delegation, time, confidence."""

from __future__ import annotations

import numpy as np

from binome.analysis.measure import Statistic, combine, measure, ratio
from binome.analysis.sample import Sample


@measure("delegation_rate", needs={"delegated"}, family="behaviour", paper="Fügener et al. 2022")
def delegation_rate(sample: Sample) -> Statistic:
    """Share of decisions left to the predictor."""
    return ratio(sample.flag("delegated"), among=sample.known("delegated"))


@measure("decision_time", needs={"final_seconds"}, family="behaviour", unit="second")
def decision_time(sample: Sample) -> Statistic:
    """Geometric mean of the seconds that a decision took, the initial decision's included where one was asked."""
    seconds = sample.numbers("final_seconds")
    if "initial_seconds" in sample.trials.columns:
        seconds = seconds + np.nan_to_num(sample.numbers("initial_seconds"))
    positive = seconds > 0
    return combine(np.exp, ratio(np.log(seconds, out=np.zeros(sample.size), where=positive), among=positive))


@measure("brier", needs={"truth", "final", "final_confidence"}, family="behaviour", paper="Brier 1950", unit="ratio")
def brier(sample: Sample) -> Statistic:
    """Mean squared distance of the final confidence from being right (1) or wrong (0); 0 is best."""
    right = sample.right("final").astype(np.float64)
    known = sample.known("truth", "final", "final_confidence")
    return ratio((sample.numbers("final_confidence") - right) ** 2, among=known)
