"""Log-likelihoods of single responses and their derivatives in the linear predictor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, log_expit

from binome.analysis.sample import Floats


@dataclass(frozen=True)
class Curve:
    """Sum of log-likelihoods; per row the first derivative, minus the second, and the latter's derivative."""

    value: float
    slope: Floats
    weight: Floats
    weight_slope: Floats


Kernel = Callable[[Floats, Floats, Floats], Curve]
"""From the response (n,), the linear predictor (n,) and the thresholds (none but for ordered categories)."""


def bernoulli(response: Floats, predictor: Floats, thresholds: Floats) -> Curve:
    """Logistic: P(1) = 1 / (1 + e^−η)."""
    share = expit(predictor)
    weight = share * (1 - share)
    value = float(log_expit(np.where(response > 0, predictor, -predictor)).sum())
    return Curve(value, response - share, weight, weight * (1 - 2 * share))


def poisson(response: Floats, predictor: Floats, thresholds: Floats) -> Curve:
    """Counts with mean e^η."""
    mean = np.exp(np.minimum(predictor, 700))
    value = float((response * predictor - mean - gammaln(response + 1)).sum())
    return Curve(value, response - mean, mean, mean)


def cumulative(response: Floats, predictor: Floats, thresholds: Floats) -> Curve:
    """Ordered categories 0, 1, …: P(Y ≤ j) = 1 / (1 + e^(η − τ_j)) (McCullagh 1980).

    With a, b the distances to the thresholds above and below, P = F(a) (1 − F(b)) (1 − e^(b − a)): only the first
    two parts depend on η.
    """
    above, below, gap = _distances(response, predictor, thresholds)
    value = log_expit(above) + log_expit(-below) + np.log(-np.expm1(-gap))
    high, low = expit(above), expit(below)
    dense_high, dense_low = high * (1 - high), low * (1 - low)
    third = dense_high * (1 - 2 * high) + dense_low * (1 - 2 * low)
    return Curve(float(value.sum()), low - (1 - high), dense_high + dense_low, -third)


def threshold_gradient(
    response: Floats, predictor: Floats, thresholds: Floats, leverage: Floats, carried: Floats
) -> Floats:
    """Derivative of Laplace's log-likelihood in each threshold.

    Args:
        leverage: (n,), diagonal of Z S M⁻¹ S Z'.
        carried: (n,), how the log determinant follows the first derivatives, through the modes.
    """
    above, below, gap = _distances(response, predictor, thresholds)
    high, low = expit(above), expit(below)
    dense_high, dense_low = high * (1 - high), low * (1 - low)
    apart = 1 / np.expm1(gap)
    up = 1 - high + apart - (leverage * dense_high * (1 - 2 * high) + carried * dense_high) / 2
    down = -low - apart - (leverage * dense_low * (1 - 2 * low) + carried * dense_low) / 2
    category, count = response.astype(np.int64), len(thresholds)
    total = np.bincount(category, up, count + 1)[:count]
    return np.asarray(total + np.bincount(category, down, count + 1)[1:])


def _distances(response: Floats, predictor: Floats, thresholds: Floats) -> tuple[Floats, Floats, Floats]:
    ends = np.concatenate([[-np.inf], thresholds, [np.inf]])
    category = response.astype(np.int64)
    return ends[category + 1] - predictor, ends[category] - predictor, ends[category + 1] - ends[category]
