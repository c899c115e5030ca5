"""Measures of confidence: whether operators know when they are right."""

from __future__ import annotations

import numpy as np

from binome.analysis.measure import Statistic, histogram, measure
from binome.analysis.sample import Floats, Sample

NEEDS = ("truth", "final", "final_confidence")
EDGES = np.arange(1, 11) / 10
"""Upper edges of the calibration bins; each bin holds its upper edge, the first one 0 too (Guo et al. 2017)."""


@measure("confidence_auroc", needs=NEEDS, family="confidence", paper="Fleming & Lau 2014")
def confidence_auroc(sample: Sample) -> Statistic:
    """Probability that a right decision was made with more confidence than a wrong one, ties half: type-2 ROC area."""
    known, right = sample.known(*NEEDS), sample.right("final")
    levels, codes = np.unique(np.where(known, sample.numbers("final_confidence"), 0.0), return_inverse=True)
    return histogram(codes + len(levels) * right, 2 * len(levels), known, _area)


@measure("confidence_ece", needs=NEEDS, family="confidence", paper="Guo et al. 2017", unit="ratio")
def confidence_ece(sample: Sample) -> Statistic:
    """Expected calibration error: distance of confidence from the share that is right, by tenths of confidence."""
    known = sample.known(*NEEDS)
    confidence = np.where(known, sample.numbers("final_confidence"), 0.0)
    over = (confidence - sample.right("final")) * known
    bins = np.searchsorted(EDGES, confidence, side="left")[:, None] == np.arange(len(EDGES))
    return Statistic(np.column_stack([bins * over[:, None], known.astype(np.float64)]), _error, known)


def _area(sums: Floats) -> Floats:
    wrong, right = np.split(sums, 2, axis=-1)
    below = np.cumsum(wrong, axis=-1) - wrong / 2
    pairs = wrong.sum(axis=-1) * right.sum(axis=-1)
    wins = np.sum(right * below, axis=-1)
    area: Floats = np.divide(wins, pairs, out=np.full(pairs.shape, np.nan), where=pairs > 0)
    return area


def _error(sums: Floats) -> Floats:
    n, distance = sums[..., -1], np.abs(sums[..., :-1]).sum(axis=-1)
    error: Floats = np.divide(distance, n, out=np.full(n.shape, np.nan), where=n > 0)
    return error
