"""Weight of advice: how far a number moves toward the advice. Raw, clipped, and how often it leaves [0, 1].

Both conventions are reported because the choice alone changes a study's mean.
"""

from __future__ import annotations

import numpy as np

from binome.analysis.measure import Statistic, measure, ratio
from binome.analysis.sample import Floats, Mask, Sample

NEEDS = ("advice", "initial", "final")
PAPER = "Yaniv 2004; Logg et al. 2019"


@measure("weight_of_advice", needs=NEEDS, family="weight of advice", paper=PAPER, unit="ratio")
def weight_of_advice(sample: Sample) -> Statistic:
    """Mean of (final − initial) / (advice − initial), as it is; undefined where the two agree at first."""
    return ratio(*_weights(sample))


@measure("weight_of_advice_clipped", needs=NEEDS, family="weight of advice", paper=PAPER, unit="ratio")
def weight_of_advice_clipped(sample: Sample) -> Statistic:
    """The mean weight of advice, each weight first clipped to [0, 1]."""
    weights, defined = _weights(sample)
    return ratio(np.clip(weights, 0, 1), defined)


@measure("weight_of_advice_below", needs=NEEDS, family="weight of advice", paper=PAPER)
def weight_of_advice_below(sample: Sample) -> Statistic:
    """Share of weights of advice below 0: moves away from the advice."""
    weights, defined = _weights(sample)
    return ratio(weights < 0, defined)


@measure("weight_of_advice_above", needs=NEEDS, family="weight of advice", paper=PAPER)
def weight_of_advice_above(sample: Sample) -> Statistic:
    """Share of weights of advice above 1: moves beyond the advice."""
    weights, defined = _weights(sample)
    return ratio(weights > 1, defined)


def _weights(sample: Sample) -> tuple[Floats, Mask]:
    advice, initial, final = (sample.numbers(name) for name in NEEDS)
    defined = sample.known(*NEEDS) & sample.advised & (advice != initial)
    weights = np.zeros(sample.size)
    np.divide(final - initial, advice - initial, out=weights, where=defined)
    return weights, defined
