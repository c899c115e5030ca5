"""What a measure is, and the registry that holds them.

A measure is one decorated function from a `Sample` to a `Statistic`: sums over trials and a function
of these sums. The harness does the rest: groups, resampling of operators, intervals, contrasts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from binome.analysis.sample import Floats, Mask, Sample
from binome.core.registry import Registry


@dataclass(frozen=True)
class Statistic:
    """A function of sums over trials.

    Attributes:
        terms: float64 (trials, k), what each trial adds to each of k sums.
        value: from sums (…, k) to values (…), NaN where undefined; vectorised over leading axes.
        counted: bool (trials,), the trials that enter; the others are the measure's undefined units.
    """

    terms: Floats
    value: Callable[[Floats], Floats]
    counted: Mask


Measure = Callable[[Sample], Statistic]
registry: Registry[Measure] = Registry("measure", "binome.measures")


def measure(
    name: str, *, needs: Collection[str], family: str, paper: str = "", unit: str = "share"
) -> Callable[[Measure], Measure]:
    """Register a measure.

    Args:
        needs: columns without which it cannot be computed.
        family: the group it is listed in, e.g. `reliance`.
        paper: where it is defined.
        unit: `share`, `difference`, `second`, `ratio` or `estimate` (that of the decisions).
    """
    return registry.register(name, needs=frozenset(needs), family=family, paper=paper, unit=unit)


def measures() -> list[str]:
    """Names of all measures, those of installed plug-ins included."""
    return registry.names()


def ratio(numerator: npt.NDArray[np.float64] | Mask, among: Mask) -> Statistic:
    """The mean of `numerator` over the trials of `among`: a share when it is true or false."""
    numerators = np.where(among, numerator, 0.0)
    return Statistic(np.column_stack([numerators, among.astype(np.float64)]), _quotient, among)


def combine(function: Callable[..., Floats], *parts: Statistic) -> Statistic:
    """A function of several statistics, computed anew from the sums of every resample.

    Args:
        function: takes as many arrays (…) as there are parts and returns one of the same shape.
    """
    ends = np.cumsum([part.terms.shape[1] for part in parts])
    slices = [slice(end - part.terms.shape[1], end) for end, part in zip(ends, parts, strict=True)]

    def value(sums: Floats) -> Floats:
        values = (part.value(sums[..., where]) for part, where in zip(parts, slices, strict=True))
        return np.asarray(function(*values))

    counted = np.logical_or.reduce([part.counted for part in parts])
    return Statistic(np.hstack([part.terms for part in parts]), value, counted)


def _quotient(sums: Floats) -> Floats:
    total = sums[..., 1]
    quotient: Floats = np.divide(sums[..., 0], total, out=np.full(total.shape, np.nan), where=total > 0)
    return quotient
