"""Measures of performance: how often each side and the team are right."""

from __future__ import annotations

import numpy as np

from binome.analysis.measure import Statistic, combine, measure, ratio
from binome.analysis.sample import Floats, Sample


@measure("accuracy", needs={"truth", "final"}, family="performance")
def accuracy(sample: Sample) -> Statistic:
    """Share of final decisions that are right."""
    return ratio(sample.right("final"), among=sample.known("truth", "final"))


@measure("accuracy_initial", needs={"truth", "initial"}, family="performance")
def accuracy_initial(sample: Sample) -> Statistic:
    """Share of initial decisions, before any advice, that are right."""
    return ratio(sample.right("initial"), among=sample.known("truth", "initial"))


@measure("accuracy_advice", needs={"truth", "advice"}, family="performance")
def accuracy_advice(sample: Sample) -> Statistic:
    """Share of the predictor's decisions that are right on the items decided, shown or not."""
    return ratio(sample.right("advice"), among=sample.known("truth", "advice"))


@measure("balanced_accuracy", needs={"truth", "final"}, family="performance")
def balanced_accuracy(sample: Sample) -> Statistic:
    """Mean over the classes of the share of final decisions that are right; undefined without some class.

    Estimates have no classes: undefined.
    """
    known = sample.known("truth", "final") & (not sample.estimates)
    right = sample.right("final")
    classes = np.unique(sample.truth[known])
    if not len(classes):
        return ratio(right, among=known)
    recalls = [ratio(right, among=known & (sample.truth == label)) for label in classes]
    return combine(lambda *values: np.mean(values, axis=0), *recalls)


@measure("gain_over_human", needs={"truth", "initial", "final"}, family="performance", unit="difference")
def gain_over_human(sample: Sample) -> Statistic:
    """Accuracy of the final minus that of the initial decisions, on the same trials."""
    known = sample.known("truth", "initial", "final")
    team, human = ratio(sample.right("final"), among=known), ratio(sample.right("initial"), among=known)
    return combine(np.subtract, team, human)


@measure("gain_over_ai", needs={"truth", "advice", "final"}, family="performance", unit="difference")
def gain_over_ai(sample: Sample) -> Statistic:
    """Accuracy of the final decisions minus that of the predictor, on the same trials, shown or not."""
    known = sample.known("truth", "advice", "final")
    team, machine = ratio(sample.right("final"), among=known), ratio(sample.right("advice"), among=known)
    return combine(np.subtract, team, machine)


@measure(
    "complementarity",
    needs={"truth", "advice", "initial", "final"},
    family="performance",
    paper="Bansal et al. 2021; Hemmer et al. 2024; Steyvers et al. 2022",
    unit="difference",
)
def complementarity(sample: Sample) -> Statistic:
    """Accuracy of the team minus that of the better of the two alone, on the trials with shown advice."""
    known = sample.known("truth", "advice", "initial", "final") & sample.advised
    answers = ("final", "initial", "advice")
    return combine(_above_better, *(ratio(sample.right(answer), among=known) for answer in answers))


def _above_better(team: Floats, human: Floats, machine: Floats) -> Floats:
    return np.asarray(team - np.maximum(human, machine))
