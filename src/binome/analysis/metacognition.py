"""Metacognition: how much of what the decision rests on confidence still knows, in decisions between two labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from binome.analysis.measure import Statistic, histogram, measure
from binome.analysis.meta_d import MetaD, meta_d
from binome.analysis.sample import Codes, Floats, Mask, Sample

NEEDS = ("truth", "final", "final_confidence")
PAPER = "Maniscalco & Lau 2012; Fleming & Lau 2014"
MOST_LEVELS = 7
"""Distinct confidences that are levels as they are; more are cut at the quartiles of all trials."""


@measure("meta_d_prime", needs=NEEDS, family="metacognition", paper=PAPER, unit="ratio")
def meta_d_prime(sample: Sample) -> Statistic:
    """The d′ of the confidence: what d′ would be if the decisions knew as much as the confidence does."""
    return _fitted(sample, lambda fit: fit.meta_d_prime)


@measure("m_ratio", needs=NEEDS, family="metacognition", paper=PAPER, unit="ratio")
def m_ratio(sample: Sample) -> Statistic:
    """Metacognitive efficiency, meta-d′ / d′: 1 when confidence knows all that the decisions know."""
    return _fitted(sample, lambda fit: fit.m_ratio)


def _fitted(sample: Sample, value: Callable[[MetaD], Floats]) -> Statistic:
    known = sample.known(*NEEDS)
    level, levels = _levels(sample.numbers("final_confidence"), known)
    said = sample.positive("final")
    place = np.where(said, levels + level, levels - 1 - level)
    codes = np.where(sample.positive("truth"), 2 * levels, 0) + place
    return histogram(codes, 4 * levels, known, lambda sums: value(meta_d(*np.split(sums, 2, axis=-1))))


def _levels(confidence: Floats, known: Mask) -> tuple[Codes, int]:
    """The level of each trial, from 0, and how many there are."""
    stated = np.unique(confidence[known])
    cuts = stated[1:] if len(stated) <= MOST_LEVELS else np.unique(np.quantile(confidence[known], [0.25, 0.5, 0.75]))
    level = np.searchsorted(cuts, np.where(known, confidence, 0.0), side="right")
    return level, len(cuts) + 1
