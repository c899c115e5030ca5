"""What variance components say: how far an observation can be depended on, and how many must be averaged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from binome.core import BinomeError, UnknownNameError
from binome.variation.components.measurement import Design

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def phi(components: Any, design: Design, n: Mapping[str, int] | None = None, fixed: Collection[str] = ()) -> Floats:
    """Dependability Φ (Brennan & Kane 1977): the object's share of the variance, every other term being error.

    σ²(τ) / (σ²(τ) + σ²(Δ)), for the average over n levels of each facet (Brennan 2001, chapter 4). A term's component
    is divided by the product of the numbers of its facets; a nested facet's term holds its parents.

    Args:
        components: (…, terms) in the order of `design.terms`; negative ones count as 0.
        n: levels averaged of each facet, of each level of its parents; 1 where not named.
        fixed: facets that are not sampled: this method, not any. The object's interaction with them is part of what is
            to be known, averaged over their n levels, and what they have in common for all objects is no error.

    Returns:
        float64 (…); NaN where no term varies or a component is NaN.
    """
    universe, _, absolute = _variances(components, design, n, fixed)
    return _ratio(universe, absolute)


def e_rho2(components: Any, design: Design, n: Mapping[str, int] | None = None, fixed: Collection[str] = ()) -> Floats:
    """Generalizability Eρ² (Cronbach et al. 1972): as `phi`, with only what reorders the objects as error.

    σ²(τ) / (σ²(τ) + σ²(δ)): terms without the object move all objects alike and do not count.
    """
    universe, relative, _ = _variances(components, design, n, fixed)
    return _ratio(universe, relative)


@dataclass(frozen=True)
class DecisionStudy:
    """How many levels of a facet must be averaged.

    Attributes:
        facet, target: as asked.
        levels: the least number with Φ ≥ target; None where no number up to `most` has it, or Φ is undefined.
        phi: Φ at `levels`, or at `most`.
        limit: what Φ comes near as the number grows without end.
        most: the largest number allowed.
    """

    facet: str
    target: float
    levels: int | None
    phi: float
    limit: float
    most: int


def decision_study(
    components: Any,
    design: Design,
    facet: str,
    target: float = 0.8,
    most: int = 1000,
    n: Mapping[str, int] | None = None,
    fixed: Collection[str] = (),
) -> DecisionStudy:
    """The least number of levels of a facet to average for Φ ≥ target.

    Args:
        components: (terms,), as for `phi`.
        n: levels averaged of the other facets; 1 where not named.
        fixed: as for `phi`.

    Raises:
        BinomeError: for a target outside ]0, 1[, a fixed facet, or one that is not of the design.
    """
    values = np.asarray(components, dtype=np.float64)
    if values.ndim != 1:
        raise BinomeError(f"components have shape {values.shape}; a decision study takes those of one study: (terms,)")
    if facet not in design.facets:
        raise UnknownNameError("facet", facet, design.facets)
    if facet in fixed:
        raise BinomeError(f"{facet!r} is fixed: averaging over it is no sampling; give another, or free it")
    if not 0 < target < 1:
        raise BinomeError(f"target is {target}; give a number between 0 and 1")
    if most < 1:
        raise BinomeError(f"most is {most}; give 1 or more")

    def at(levels: int) -> float:
        return float(phi(values, design, {**(n or {}), facet: levels}, fixed))

    universe, _, error = (float(part) for part in _variances(values, design, {**(n or {}), facet: 1}, fixed))
    without = np.where([facet in members for members in design.members], 0.0, values)
    steady = float(_variances(without, design, n, fixed)[2])
    limit = 0.0 if universe == 0 < error else float(_ratio(universe, steady))
    levels = _least(universe, steady, error - steady, target, most)
    # The closed form may round to the wrong side of a whole number.
    while levels is not None and at(levels) < target:
        levels = levels + 1 if levels < most else None
    while levels is not None and levels > 1 and at(levels - 1) >= target:
        levels -= 1
    return DecisionStudy(facet, target, levels, at(levels if levels is not None else most), limit, most)


def facet_shares(components: Any, design: Design) -> Floats:
    """Of each facet, the share of the variance in the objects' order in which it takes part.

    The variance of all terms with the object is the whole; a facet's share is that of the terms with the object and
    itself. Terms with two facets count for both, so that shares add up to more than 1. One less the share is the
    facet's *stability*: the correlation of two observations that differ in that facet alone (and in what lies within).

    Returns:
        float64 (…, facets); NaN where no term with the object varies or a component is NaN.
    """
    values = _truncated(components, design)
    related = np.array([design.object in members for members in design.members])
    whole = values[..., related].sum(-1)
    parts = [
        values[..., related & np.array([facet in members for members in design.members])].sum(-1)
        for facet in design.facets
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([np.where(whole > 0, part / whole, np.nan) for part in parts], axis=-1)


def _least(universe: float, steady: float, shrinking: float, target: float, most: int) -> int | None:
    """Least k with universe / (universe + steady + shrinking / k) ≥ target, to within rounding."""
    room = universe * (1 - target) / target - steady
    if np.isnan(room) or universe <= 0 or (room <= 0 and shrinking > 0) or room < 0:
        return None
    needed = shrinking / room if shrinking > 0 else 0.0
    return max(1, ceil(needed * (1 - 1e-12))) if needed <= most * (1 + 1e-12) else None


def _variances(
    components: Any, design: Design, n: Mapping[str, int] | None, fixed: Collection[str]
) -> tuple[Floats, Floats, Floats]:
    """Universe score variance, relative and absolute error variance, each (…)."""
    values = _truncated(components, design)
    for name in (*(n or {}), *fixed):
        if name not in design.facets:
            raise UnknownNameError("facet", name, design.facets)
    for name, levels in (n or {}).items():
        if levels < 1:
            raise BinomeError(f"n of {name!r} is {levels}; give 1 or more")
    divisor = [np.prod([float((n or {}).get(name, 1)) for name in members]) for members in design.members]
    values = values / np.array(divisor)
    sampled = np.array([bool(members - {design.object} - set(fixed)) for members in design.members])
    related = np.array([design.object in members for members in design.members])
    return values[..., related & ~sampled].sum(-1), values[..., related & sampled].sum(-1), values[..., sampled].sum(-1)


def _truncated(components: Any, design: Design) -> Floats:
    values = np.asarray(components, dtype=np.float64)
    if values.ndim < 1 or values.shape[-1] != len(design.terms):
        raise BinomeError(f"components have shape {values.shape}; give {len(design.terms)}, one a term of the design")
    return np.maximum(values, 0)


def _ratio(universe: Any, error: Any) -> Floats:
    whole = np.asarray(universe + error)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, universe / whole, np.nan)
