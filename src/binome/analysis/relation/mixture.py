"""Mixtures of multinomials by expectation-maximisation, many fits at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from binome.analysis.sample import Floats

LEAST_SHARE = 1e-12
"""Shares are not let below this, so that an impossible relation has a finite logarithm."""
MOST_CYCLES = 1000
BEGINNING = 4
"""Cycles after which all but the most likely of several starts are given up."""
CONVERGED = 1e-8
CHUNK = 1 << 16
"""Numbers worked on at once: few enough for the processor's own memory."""
LONGEST = 64.0
"""The longest leap, in steps."""


@dataclass(frozen=True)
class Mixtures:
    """m fitted mixtures of k classes over c categories.

    Attributes:
        weights: float64 (m, k), the classes' shares.
        profiles: float64 (m, k, c), each class's shares of the categories.
        log_likelihood: float64 (m,), without the multinomial coefficients.
    """

    weights: Floats
    profiles: Floats
    log_likelihood: Floats

    def take(self, which: int) -> tuple[Floats, Floats]:
        """Weights (k,) and profiles (k, c) of one of them."""
        return self.weights[which], self.profiles[which]


def fit(
    counts: Floats,
    times: Floats,
    weights: Floats,
    profiles: Floats,
    converged: float = CONVERGED,
    most: int = MOST_CYCLES,
) -> Mixtures:
    """Climb from m starts until each has converged (Dempster, Laird & Rubin 1977).

    Two steps of expectation-maximisation, a leap along their direction where it does not lose likelihood, and a third
    step (SQUAREM: Varadhan & Roland 2008).

    Args:
        counts: (m, n, c) or (1, n, c), how often each of n profiles shows each category.
        times: (m, n) or (1, n), how often each profile is there.
        weights, profiles: the starts, (m, k) and (m, k, c).
        converged: gain in log-likelihood of one cycle below which a fit has converged.
        most: cycles at most.
    """
    m, across = len(weights), np.ascontiguousarray(np.swapaxes(counts, 1, 2))
    step = max(1, CHUNK // (counts.shape[1] * weights.shape[1]))
    parts = [
        _climbed(
            across if len(across) == 1 else across[start : start + step],
            times if len(times) == 1 else times[start : start + step],
            weights[start : start + step], profiles[start : start + step], converged, most,
        )
        for start in range(0, m, step)
    ]  # fmt: skip
    return Mixtures(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def climb(counts: Floats, times: Floats, weights: Floats, profiles: Floats, converged: float = CONVERGED) -> Mixtures:
    """The best fit of each of b tables from several starts; all begin, only the most likely goes on.

    Args:
        counts: (b, n, c); times: (b, n) or (1, n).
        weights, profiles: the starts, table by table, (b·s, k) and (b·s, k, c).
    """
    b, s = len(counts), len(weights) // len(counts)
    repeated = counts if b == 1 else np.repeat(counts, s, axis=0)
    often = times if len(times) == 1 else np.repeat(times, s, axis=0)
    begun = fit(repeated, often, weights, profiles, converged, BEGINNING)
    place = begun.log_likelihood.reshape(b, s).argmax(axis=1) + s * np.arange(b)
    return fit(counts, times, begun.weights[place], begun.profiles[place], converged)


def _climbed(
    counts: Floats, times: Floats, weights: Floats, profiles: Floats, converged: float, most: int
) -> tuple[Floats, Floats, Floats]:
    """As `fit`, of counts (m, c, n): weights, profiles and log-likelihoods."""
    m = len(weights)
    weights, profiles, reached = weights.copy(), _bounded(profiles), np.full(m, -np.inf)
    active, some, often = np.arange(m), counts, times
    for _ in range(most):
        before = reached[active]
        reached[active], weights[active], profiles[active] = _cycle(some, often, weights[active], profiles[active])
        with np.errstate(invalid="ignore"):
            moving = ~(reached[active] - before <= converged)
        if moving.all():
            continue
        active = active[moving]
        if not len(active):
            break
        some, often = _kept(some, moving), _kept(often, moving)
    whole, _ = _shared(_log_joint(counts, weights, profiles))
    return weights, profiles, np.sum(times * whole, axis=-1)


def _cycle(counts: Floats, times: Floats, weights: Floats, profiles: Floats) -> tuple[Floats, Floats, Floats]:
    """A likelihood that has been reached, and weights and profiles that are at least as likely."""
    _, weights_1, profiles_1 = _step(counts, times, weights, profiles)
    reached, weights_2, profiles_2 = _step(counts, times, weights_1, profiles_1)
    move, turn = weights_1 - weights, weights_2 - 2 * weights_1 + weights
    moves, turns = profiles_1 - profiles, profiles_2 - 2 * profiles_1 + profiles
    far = (move**2).sum(axis=1) + (moves**2).sum(axis=(1, 2))
    bend = (turn**2).sum(axis=1) + (turns**2).sum(axis=(1, 2))
    length = np.sqrt(np.divide(far, bend, out=np.ones_like(far), where=bend > 0))
    length = np.clip(length, 1.0, LONGEST)
    a, b = length[:, None], length[:, None, None]
    leapt, leapt_profiles = weights + 2 * a * move + a**2 * turn, profiles + 2 * b * moves + b**2 * turns
    gained, weights_3, profiles_3 = _step(counts, times, _bounded(leapt), _bounded(leapt_profiles))
    better = gained >= reached
    return (
        np.where(better, gained, reached),
        np.where(better[:, None], weights_3, weights_2),
        np.where(better[:, None, None], profiles_3, profiles_2),
    )


def _step(counts: Floats, times: Floats, weights: Floats, profiles: Floats) -> tuple[Floats, Floats, Floats]:
    """The log-likelihood (m,), and weights and profiles after one step of expectation-maximisation."""
    whole, held = _shared(_log_joint(counts, weights, profiles))
    held *= times[:, None]
    some = np.broadcast_to(counts, (len(weights), *counts.shape[1:]))
    total = times.sum(axis=-1)[:, None]
    # Sums without BLAS: the same to the last bit whatever the number of threads.
    profiles = np.einsum("mkn,mcn->mkc", held, some)
    return np.sum(times * whole, axis=-1), held.sum(axis=-1) / total, _bounded(profiles)


def _kept(array: Floats, which: npt.NDArray[np.bool_]) -> Floats:
    """Those of m tables that are wanted; the one that all share stays."""
    return array if len(array) == 1 and len(which) > 1 else array[which]


def posterior(counts: Floats, weights: Floats, profiles: Floats) -> Floats:
    """Probability of each class for each profile: from (n, c), (k,) and (k, c) to (n, k)."""
    _, held = _shared(_log_joint(counts.T[None], weights[None], profiles[None]))
    return np.asarray(held[0].T)


def coefficients(counts: Floats) -> Floats:
    """Logs of the multinomial coefficients, (…, n) for counts (…, n, c)."""
    return np.asarray(gammaln(counts.sum(axis=-1) + 1) - gammaln(counts + 1).sum(axis=-1))


def starts(counts: Floats, k: int, m: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Random starts, m for each of b tables (b, n, c): weights (b·m, k) and, as profiles (b·m, k, c), blurred rows."""
    b, n, c = counts.shape
    row = rng.integers(0, n, (b, m, k))
    drawn = counts[np.arange(b)[:, None, None], row] + 0.5
    blurred = 0.8 * drawn / drawn.sum(axis=-1, keepdims=True) + 0.2 * rng.dirichlet(np.ones(c), (b, m, k))
    return np.full((b * m, k), 1 / k), blurred.reshape(b * m, k, c)


def _log_joint(counts: Floats, weights: Floats, profiles: Floats) -> Floats:
    """Log of weight times likelihood, (m, k, n) of counts (m, c, n), without the multinomial coefficients."""
    logs = np.log(profiles)
    joint = np.log(np.maximum(weights, LEAST_SHARE))[:, :, None] + counts[:, None, 0] * logs[:, :, 0, None]
    for category in range(1, counts.shape[1]):
        joint += counts[:, None, category] * logs[:, :, category, None]
    return np.asarray(joint)


def _shared(joint: Floats) -> tuple[Floats, Floats]:
    """Log of the sum over classes (m, n), and each class's part of it (m, k, n); overwrites `joint` (m, k, n)."""
    largest = joint.max(axis=1)
    joint -= largest[:, None]
    np.exp(joint, out=joint)
    total = joint.sum(axis=1)
    joint /= total[:, None]
    return largest + np.log(total), joint


def _bounded(profiles: Floats) -> Floats:
    total = profiles.sum(axis=-1, keepdims=True)
    even = np.full(profiles.shape, 1 / profiles.shape[-1])
    shares = np.maximum(np.divide(profiles, total, out=even, where=total > 0), LEAST_SHARE)
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))
