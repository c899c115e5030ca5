"""To the maximum of a likelihood: quasi-Newton, then Newton; standard deviations that vanish are set to zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from binome.analysis.sample import Floats

Climbed = Callable[[Floats], tuple[float, Floats]]
"""From a point to the log-likelihood and its gradient."""
LOWEST, HIGHEST = float(np.log(1e-4)), float(np.log(1e3))
SMALL = np.log(0.1)
"""A standard deviation below this (of the linear predictor) is tried at zero."""
SINGULAR = 0.01
"""A standard deviation below this (logit scale) moves no probability by more than a quarter of a point."""
FLAT = 2e-3
"""Largest step to the maximum, in standard errors, at which the optimiser has arrived (lme4's criterion)."""
ENOUGH = 1e-6
STEP = 1e-3
POLISHES = 8


@dataclass(frozen=True)
class Peak:
    """Where the likelihood is highest.

    Attributes:
        point: (k,); the logarithm of a standard deviation of zero is −∞.
        value: the log-likelihood.
        covariance: (k, k), the inverse of minus the Hessian over what is free; zero for what is not; NaN where the
            likelihood is not curved downward.
        arrived: flat in every direction, curved downward.
    """

    point: Floats
    value: float
    covariance: Floats
    arrived: bool


def climb(function: Climbed, start: Floats, deviations: int) -> Peak:
    """The maximum of a log-likelihood whose last `deviations` coordinates are logarithms of standard deviations."""
    is_deviation = np.arange(len(start)) >= len(start) - deviations
    free = np.ones(len(start), dtype=np.bool_)
    point = _ascended(function, start, free, is_deviation)
    while True:
        small = np.flatnonzero(free & is_deviation & (point < SMALL))
        lost = next((i for i in small[np.argsort(point[small])] if _vanishes(function, point, int(i))), None)
        if lost is None:
            break
        free[lost] = False
        point = _ascended(function, _without(point, int(lost)), free, is_deviation)
    return _polished(function, point, free)


def _without(point: Floats, place: int) -> Floats:
    changed = point.copy()
    changed[place] = -np.inf
    return changed


def _vanishes(function: Climbed, point: Floats, place: int) -> bool:
    here, gone = function(point)[0], function(_without(point, place))[0]
    return bool(np.exp(point[place]) < SINGULAR or gone >= here) and gone >= here - 1e-3


def _ascended(
    function: Climbed, start: Floats, free: npt.NDArray[np.bool_], is_deviation: npt.NDArray[np.bool_]
) -> Floats:
    point = start.copy()
    if not free.any():
        return point

    def loss(part: Floats) -> tuple[float, Floats]:
        value, gradient = function(_filled(start, free, part))
        return -value, -gradient[free]

    limits: list[tuple[float | None, float | None]] = [
        (LOWEST, HIGHEST) if spread else (None, None) for spread in is_deviation[free]
    ]
    found = minimize(
        loss, point[free], jac=True, method="L-BFGS-B", bounds=limits,
        options={"maxiter": 1000, "maxfun": 5000, "ftol": 1e-13, "gtol": 1e-6, "maxcor": 30},
    )  # fmt: skip
    return _filled(start, free, np.asarray(found.x))


def _filled(point: Floats, free: npt.NDArray[np.bool_], part: Floats) -> Floats:
    whole = point.copy()
    whole[free] = part
    return whole


def _polished(function: Climbed, point: Floats, free: npt.NDArray[np.bool_]) -> Peak:
    """Newton's steps, as long as they lead upward."""
    value, gradient = function(point)
    covariance = np.zeros((len(point), len(point)))
    for attempt in range(POLISHES):
        hessian = _curvature_at(function, point, free)
        eigenvalues = np.linalg.eigvalsh(hessian) if np.isfinite(hessian).all() else np.array([np.nan])
        if len(eigenvalues) and not eigenvalues[0] > 0:
            return Peak(point, value, np.full_like(covariance, np.nan), False)
        inverse = np.linalg.inv(hessian)
        covariance[np.ix_(free, free)] = inverse
        step = inverse @ gradient[free]
        to_go = np.max(np.abs(step) / np.sqrt(np.diag(inverse)), initial=0.0)
        if to_go < ENOUGH or attempt == POLISHES - 1:
            return Peak(point, value, covariance, bool(to_go < FLAT))
        next_point = _filled(point, free, point[free] + step)
        next_value, next_gradient = function(next_point)
        if not next_value >= value:
            return Peak(point, value, covariance, bool(to_go < FLAT))
        point, value, gradient = next_point, next_value, next_gradient
    raise AssertionError


def _curvature_at(function: Climbed, point: Floats, free: npt.NDArray[np.bool_]) -> Floats:
    return curvature(lambda part: function(_filled(point, free, part))[1][free], point[free])


def curvature(gradient: Callable[[Floats], Floats], point: Floats) -> Floats:
    """Minus the Hessian, by central differences of the gradient; 2 k evaluations for k coordinates."""
    moves = np.diag(np.full(len(point), STEP))
    rows = [(gradient(point - move) - gradient(point + move)) / (2 * STEP) for move in moves]
    hessian = np.array(rows).reshape(len(point), len(point))
    return (hessian + hessian.T) / 2
