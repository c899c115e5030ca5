"""Measures of estimates: how far they are from the truth, in the task's own unit."""

from __future__ import annotations

import numpy as np

from binome.analysis.measure import Statistic, measure, ratio
from binome.analysis.sample import Sample


@measure("error", needs={"truth", "final"}, family="error", unit="estimate")
def error(sample: Sample) -> Statistic:
    """Mean distance of the final estimates from the truth; 0 is best."""
    return _error(sample, "final")


@measure("error_initial", needs={"truth", "initial"}, family="error", unit="estimate")
def error_initial(sample: Sample) -> Statistic:
    """Mean distance of the initial estimates, before any advice, from the truth."""
    return _error(sample, "initial")


@measure("error_advice", needs={"truth", "advice"}, family="error", unit="estimate")
def error_advice(sample: Sample) -> Statistic:
    """Mean distance of the predictor's estimates from the truth on the items decided, shown or not."""
    return _error(sample, "advice")


def _error(sample: Sample, column: str) -> Statistic:
    return ratio(np.abs(sample.numbers(column) - sample.numbers("truth")), among=sample.known("truth", column))
