"""Measures of supervision and of advice on request: what operators let pass, stop, ask for, and run out of time on."""

from __future__ import annotations

from binome.analysis.measure import Statistic, measure, ratio
from binome.analysis.sample import Mask, Sample

NEEDS = ("truth", "advice", "vetoed")


@measure("advice_requested", needs={"advice_requested"}, family="supervision")
def advice_requested(sample: Sample) -> Statistic:
    """Of decisions in which the advice could be asked for, the share in which it was."""
    return ratio(sample.flag("advice_requested"), among=sample.known("advice_requested"))


@measure("veto_rate", needs={"vetoed"}, family="supervision")
def veto_rate(sample: Sample) -> Statistic:
    """Share of the model's supervised decisions that were vetoed."""
    return ratio(sample.flag("vetoed"), among=sample.known("vetoed"))


@measure("missed_vetoes", needs=NEEDS, family="supervision", paper="Skitka et al. 1999")
def missed_vetoes(sample: Sample) -> Statistic:
    """Share of the model's wrong supervised decisions that were let pass: omission under supervision."""
    return ratio(~sample.flag("vetoed"), among=_supervised(sample) & ~sample.right("advice"))


@measure("needless_vetoes", needs=NEEDS, family="supervision")
def needless_vetoes(sample: Sample) -> Statistic:
    """Share of the model's right supervised decisions that were vetoed."""
    return ratio(sample.flag("vetoed"), among=_supervised(sample) & sample.right("advice"))


@measure("timed_out", needs={"timed_out"}, family="supervision")
def timed_out(sample: Sample) -> Statistic:
    """Share of trials that ended because the time ran out."""
    return ratio(sample.flag("timed_out"), among=sample.known("timed_out"))


def _supervised(sample: Sample) -> Mask:
    return sample.known(*NEEDS)
