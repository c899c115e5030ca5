"""Measures of reliance on advice that was shown: when operators follow it, and when they should."""

from __future__ import annotations

import numpy as np

from binome.analysis.measure import Statistic, combine, measure, ratio
from binome.analysis.sample import Mask, Sample

ALL = ("truth", "advice", "initial", "final")


@measure("rair", needs=ALL, family="reliance", paper="Schemmer et al. 2023")
def rair(sample: Sample) -> Statistic:
    """Relative AI reliance: wrong at first, advised rightly: share that ends right."""
    among = _advised(sample, *ALL) & ~sample.right("initial") & sample.right("advice")
    return ratio(sample.right("final"), among)


@measure("rsr", needs=ALL, family="reliance", paper="Schemmer et al. 2023")
def rsr(sample: Sample) -> Statistic:
    """Relative self-reliance: right at first, advised wrongly: share that ends right."""
    among = _advised(sample, *ALL) & sample.right("initial") & ~sample.right("advice")
    return ratio(sample.right("final"), among)


@measure(
    "overreliance",
    needs={"truth", "advice", "final"},
    family="reliance",
    paper="Buçinca et al. 2021; Vasconcelos et al. 2023",
)
def overreliance(sample: Sample) -> Statistic:
    """Share of wrong advice that is the final decision."""
    among = _advised(sample, "truth", "advice", "final") & ~sample.right("advice")
    return ratio(sample.final == sample.advice, among)


@measure(
    "underreliance",
    needs={"truth", "advice", "final"},
    family="reliance",
    paper="Buçinca et al. 2021; Vasconcelos et al. 2023",
)
def underreliance(sample: Sample) -> Statistic:
    """Share of right advice that is not the final decision."""
    among = _advised(sample, "truth", "advice", "final") & sample.right("advice")
    return ratio(sample.final != sample.advice, among)


@measure(
    "reliance_resolution",
    needs={"truth", "advice", "final"},
    family="reliance",
    paper="Lee & See 2004",
    unit="difference",
)
def reliance_resolution(sample: Sample) -> Statistic:
    """How much more often right advice is followed than wrong advice."""
    known, right = _advised(sample, "truth", "advice", "final"), sample.right("advice")
    followed = sample.final == sample.advice
    return combine(np.subtract, ratio(followed, known & right), ratio(followed, known & ~right))


@measure("agreement", needs={"advice", "final"}, family="reliance", paper="Yin et al. 2019; Zhang et al. 2020")
def agreement(sample: Sample) -> Statistic:
    """Share of final decisions that are the advice shown."""
    return ratio(sample.final == sample.advice, among=_advised(sample, "advice", "final"))


@measure("switch_fraction", needs={"advice", "initial", "final"}, family="reliance", paper="Zhang et al. 2020")
@measure("switch_to_advice", needs={"advice", "initial", "final"}, family="reliance", paper="Zhang et al. 2020")
def switch_to_advice(sample: Sample) -> Statistic:
    """Advised otherwise than the initial decision: share that ends with the advice."""
    return ratio(sample.final == sample.advice, among=_disagreement(sample))


@measure("switch_to_third", needs={"advice", "initial", "final"}, family="reliance", paper="Zhang et al. 2020")
def switch_to_third(sample: Sample) -> Statistic:
    """Advised otherwise than the initial decision: share that ends with neither of the two."""
    third = (sample.final != sample.advice) & (sample.final != sample.initial)
    return ratio(third, among=_disagreement(sample))


def _advised(sample: Sample, *columns: str) -> Mask:
    return sample.known(*columns) & sample.advised


def _disagreement(sample: Sample) -> Mask:
    disagree: Mask = sample.initial != sample.advice
    return disagree & _advised(sample, "advice", "initial", "final")
