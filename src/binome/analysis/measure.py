"""What a measure is, and the registry that holds them.

A measure is one decorated function from a `Sample` to a `Statistic`: sums over trials and a function
of these sums. The harness does the rest: groups, resampling of operators, intervals, contrasts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from binome.analysis.sample import Codes, Floats, Mask, Sample
from binome.core.registry import Registry


@dataclass(frozen=True)
class Statistic:
    """A function of sums over trials.

    Attributes:
        terms: float64 (trials, k), what each trial adds to each of k sums; sparse where k is large.
        value: from sums (…, k) to values (…), NaN where undefined; vectorised over leading axes.
        counted: bool (trials,), the trials that enter; the others are the measure's undefined units.
        baseline: bool (k,), sums that are not the group's alone but of all trials that differ from it in nothing but
            the help given: the condition, the explanation, the place in the session. None for no such sum.
        each: from the sums of one operator (…, k) to what that operator adds to the sums that `value` gets
            (…, m): for what is compared within operators. None where operators add their sums as they are.
    """

    terms: Floats | csr_array
    value: Callable[[Floats], Floats]
    counted: Mask
    baseline: Mask | None = None
    each: Callable[[Floats], Floats] | None = None


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


def histogram(codes: Codes, size: int, among: Mask, value: Callable[[Floats], Floats]) -> Statistic:
    """A function of how many of the trials of `among` have each code from 0 to size − 1."""
    rows = np.flatnonzero(among)
    terms = csr_array((np.ones(len(rows)), (rows, codes[rows])), shape=(len(among), size))
    return Statistic(terms, value, among)


def of_baseline(statistic: Statistic) -> Statistic:
    """The same, of all trials that differ from a group's in nothing but the help; they do not count as the group's."""
    everything = np.ones(statistic.terms.shape[1], dtype=np.bool_)
    return replace(statistic, baseline=everything, counted=np.zeros_like(statistic.counted))


def combine(function: Callable[..., Floats], *parts: Statistic) -> Statistic:
    """A function of several statistics, computed anew from the sums of every resample.

    Args:
        function: takes as many arrays (…) as there are parts and returns one of the same shape.
        parts: none sparse, none with `each`.
    """
    terms = [_dense(part) for part in parts]
    ends = np.cumsum([columns.shape[1] for columns in terms])
    slices = [slice(end - columns.shape[1], end) for end, columns in zip(ends, terms, strict=True)]

    def value(sums: Floats) -> Floats:
        values = (part.value(sums[..., where]) for part, where in zip(parts, slices, strict=True))
        return np.asarray(function(*values))

    counted = np.logical_or.reduce([part.counted for part in parts])
    baseline = np.hstack([_baseline(part) for part in parts])
    return Statistic(np.hstack(terms), value, counted, baseline if baseline.any() else None)


def _dense(part: Statistic) -> Floats:
    if part.each is not None or isinstance(part.terms, csr_array):
        raise TypeError("combine takes statistics of dense sums over all operators")
    return part.terms


def _baseline(part: Statistic) -> Mask:
    return np.zeros(part.terms.shape[1], dtype=np.bool_) if part.baseline is None else part.baseline


def _quotient(sums: Floats) -> Floats:
    total = sums[..., 1]
    quotient: Floats = np.divide(sums[..., 0], total, out=np.full(total.shape, np.nan), where=total > 0)
    return quotient
