"""What every bias is computed from: trials by group, and one set of draws of operators for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from binome.analysis.measure import Statistic
from binome.analysis.resampling import Counts, Grouped
from binome.analysis.sample import Floats, Mask, Sample
from binome.analysis.summing import operator_counts, operator_sums, summable

NAMELESS = "(none)"
"""The group of trials whose column is empty."""


@dataclass(frozen=True)
class Frame:
    """Trials in groups, with the resamples.

    Attributes:
        data: operators, groups, layout and sample.
        draws: float64 (resamples, operators), how often each operator was drawn.
        placebo: explanations that say nothing, by name; None to tell them by what their names say.
        early: how many advised trials are the first ones.
        attributes: columns whose groups are compared with each other.
    """

    data: Grouped
    draws: Floats
    placebo: frozenset[str] | None
    early: int
    attributes: tuple[str, ...]

    @property
    def sample(self) -> Sample:
        return self.data.sample

    @cached_property
    def labels(self) -> list[str]:
        """The groups' names, in order."""
        column = self.data.groups.to_series(0).to_list()
        return [NAMELESS if label is None else str(label) for label in column]

    def rows(self, group: int) -> Mask:
        """Trials of a group."""
        mine: Mask = self.data.layout.group == group
        return mine

    def has(self, *columns: str) -> bool:
        return set(columns) <= set(self.sample.trials.columns)

    @cached_property
    def own(self) -> Mask:
        """Trials that the operator decided, or could have: a decision that was supervised and let pass is one."""
        if not self.has("vetoed"):
            return self.sample.decided
        return self.sample.decided | self.sample.known("vetoed")

    @cached_property
    def followed(self) -> Mask:
        """Trials that ended with the advice; a mask must ask `known` first."""
        same: Mask = self.sample.final == self.sample.advice
        return same


@dataclass(frozen=True)
class Estimated:
    """A statistic in m places (groups, or one for all).

    Attributes:
        value: (m,), NaN where undefined.
        draws: (resamples, m).
        n, undefined, operators: (m,), trials that enter, that do not, operators with a trial that enters.
    """

    value: Floats
    draws: Floats
    n: Counts
    undefined: Counts
    operators: Counts


def estimated(frame: Frame, statistic: Statistic, data: Grouped | None = None) -> Estimated:
    """A statistic in every group.

    Args:
        data: the same trials in other groups than the frame's.
    """
    data = data or frame.data
    return _estimated(frame, data, operator_sums(statistic, data.layout), statistic.counted, statistic.value)


def pooled(frame: Frame, terms: Floats, counted: Mask, value: Callable[[Floats], Floats]) -> Estimated:
    """A function of the sums in all groups together, in one place.

    Args:
        terms: (trials, k), what each trial adds to the sums of its group.
        counted: (trials,), the trials that enter.
        value: from sums (…, groups, k) to values (…).
    """
    sums = operator_counts(terms, frame.data.layout)
    found = _estimated(frame, frame.data, sums, counted, lambda sums: value(sums)[..., None])
    entering = np.zeros(frame.data.layout.operators, dtype=np.bool_)
    entering[frame.data.layout.operator[counted]] = True
    n = int(counted.sum())
    return Estimated(
        found.value, found.draws, np.array([n]), np.array([len(counted) - n]), np.array([int(entering.sum())])
    )


def _estimated(
    frame: Frame, data: Grouped, sums: object, counted: Mask, value: Callable[[Floats], Floats]
) -> Estimated:
    if not isinstance(sums, np.ndarray):
        raise TypeError("biases take statistics of dense sums")
    operators, groups, k = sums.shape
    flat = sums.reshape(operators, groups * k)
    total = summable(flat, operators)
    entering = operator_counts(counted[:, None].astype(np.float64), data.layout)[..., 0]
    n = entering.sum(axis=0).astype(np.int64)
    trials = np.bincount(data.layout.group, minlength=groups)
    return Estimated(
        value(total(np.ones((1, operators))).reshape(1, groups, k))[0],
        value(total(frame.draws).reshape(len(frame.draws), groups, k)),
        n,
        trials - n,
        np.count_nonzero(entering, axis=0),
    )
