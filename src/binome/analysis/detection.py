"""Signal detection: how well two states are told apart, and which answer is leaned to."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from binome.analysis.measure import Statistic, combine, measure, ratio
from binome.analysis.sample import Floats, Mask, Sample

NEEDS = ("truth", "final")


@measure("d_prime", needs=NEEDS, family="detection", paper="Hautus 1995", unit="ratio")
def d_prime(sample: Sample) -> Statistic:
    """How far apart the two states are for who decides, in standard deviations: z(hit rate) − z(false alarm rate)."""
    return combine(np.subtract, *_rates(sample))


@measure("criterion", needs=NEEDS, family="detection", paper="Hautus 1995", unit="ratio")
def criterion(sample: Sample) -> Statistic:
    """Above 0, leaning to the negative answer; below, to the positive: −½ (z(hit rate) + z(false alarm rate))."""
    return combine(_middle, *_rates(sample))


def _middle(hits: Floats, false_alarms: Floats) -> Floats:
    return np.asarray(-(hits + false_alarms) / 2)


def _rates(sample: Sample) -> tuple[Statistic, Statistic]:
    """The two rates as z, each (count + ½) / (n + 1): all cells are corrected, not only empty ones."""
    known, there = sample.known(*NEEDS), sample.positive("truth")
    said = sample.positive("final").astype(np.float64)
    return _z(said, known & there), _z(said, known & ~there)


def _z(said: Floats, among: Mask) -> Statistic:
    rate = ratio(said, among)

    def value(sums: Floats) -> Floats:
        count, n = sums[..., 0], sums[..., 1]
        return np.where(n > 0, ndtri((count + 0.5) / (n + 1)), np.nan)

    return Statistic(rate.terms, value, among)
