"""Automation bias in decisions between two labels: errors that the aid suggests, alone and beside manual trials.

A manual trial is one without advice shown that the operator decided. It is matched when the aid would have said the
same thing there: `advice` is known on every item, shown or not.
"""

from __future__ import annotations

import numpy as np

from binome.analysis.measure import Statistic, combine, measure, of_baseline, ratio
from binome.analysis.sample import Mask, Sample

NEEDS = ("truth", "advice", "final")
PAPER = "Skitka et al. 1999"


@measure("commission", needs=NEEDS, family="automation bias", paper=PAPER)
def commission(sample: Sample) -> Statistic:
    """Share of the aid's false alarms that end as false alarms."""
    return ratio(sample.positive("final"), among=_false_alarm(sample) & sample.advised)


@measure("omission", needs=NEEDS, family="automation bias", paper=PAPER)
def omission(sample: Sample) -> Statistic:
    """Share of what the aid misses that ends missed."""
    return ratio(~sample.positive("final"), among=_miss(sample) & sample.advised)


@measure("commission_over_manual", needs=NEEDS, family="automation bias", paper=PAPER, unit="difference")
def commission_over_manual(sample: Sample) -> Statistic:
    """Commission minus the share of false alarms without advice on trials where the aid would have been as wrong."""
    manual = ratio(sample.positive("final"), among=_false_alarm(sample) & _manual(sample))
    return combine(np.subtract, commission(sample), of_baseline(manual))


@measure("omission_over_manual", needs=NEEDS, family="automation bias", paper=PAPER, unit="difference")
def omission_over_manual(sample: Sample) -> Statistic:
    """Omission minus the share of misses without advice on trials where the aid would have missed as well."""
    manual = ratio(~sample.positive("final"), among=_miss(sample) & _manual(sample))
    return combine(np.subtract, omission(sample), of_baseline(manual))


def _false_alarm(sample: Sample) -> Mask:
    return sample.known(*NEEDS) & ~sample.positive("truth") & sample.positive("advice")


def _miss(sample: Sample) -> Mask:
    return sample.known(*NEEDS) & sample.positive("truth") & ~sample.positive("advice")


def _manual(sample: Sample) -> Mask:
    return sample.decided & ~sample.advised
