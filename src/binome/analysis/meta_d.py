"""meta-d′: the d′ that would give the confidence that was stated, had none of it been lost (Maniscalco & Lau 2012)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtr, ndtri

from binome.analysis.sample import Floats
from binome.core import BinomeError

ITERATIONS = 200
CLOSE = 1e-9
"""A fit has converged when no parameter moves by more."""
LONGEST_STEP = 1.0
HALVINGS = 12
BLOCK = 4096
ROOT = np.sqrt(2 * np.pi)


@dataclass(frozen=True)
class MetaD:
    """Type-1 and type-2 sensitivity; arrays of the leading shape of the counts, NaN where undefined.

    Attributes:
        d_prime, criterion: of the decisions.
        meta_d_prime: of the confidence, in the same unit as d′.
        m_ratio: meta-d′ / d′, the metacognitive efficiency.
    """

    d_prime: Floats
    criterion: Floats
    meta_d_prime: Floats
    m_ratio: Floats


def meta_d(noise: npt.ArrayLike, signal: npt.ArrayLike, *, pad: bool = True) -> MetaD:
    """Fit meta-d′ by maximum likelihood, with equal variances and the relative criterion c/d′ kept.

    Args:
        noise, signal: counts (…, 2K) of trials without and with the signal, by answer and confidence: from the surest
            "no" through the least sure to the surest "yes".
        pad: add 1/(2K) to every count, so that none is zero; d′ is then that of Hautus 1995.

    Undefined without trials of both kinds, with one level of confidence, at d′ = 0, or where the fit does not
    converge. With few trials it is unstable, and the ratio more so.

    Raises:
        BinomeError: when the counts are negative or of unlike or odd lengths, or some are zero without `pad`.
    """
    counts = np.stack(np.broadcast_arrays(np.asarray(noise, np.float64), np.asarray(signal, np.float64)), axis=-2)
    levels = counts.shape[-1] // 2
    if counts.shape[-1] % 2 or not levels or np.shape(noise)[-1:] != np.shape(signal)[-1:]:
        raise BinomeError(
            f"counts need two answers of as many levels each, found {np.shape(noise)}, {np.shape(signal)}"
        )
    if not (counts >= 0).all():
        raise BinomeError("counts must be zero or more")
    if not pad and (counts == 0).any():
        raise BinomeError("a count is zero, where maximum likelihood has no finite criteria; use pad=True")
    both = (counts.sum(axis=-1) > 0).all(axis=-1)
    padded = counts + (1 / (2 * levels) if pad else 0.0)
    # By side (no, yes), levels from the least sure to the surest.
    sides = np.stack([padded[..., levels - 1 :: -1], padded[..., levels:]], axis=-2)
    yes = sides[..., 1, :].sum(axis=-1) / padded.sum(axis=-1)
    false_alarms, hits = np.moveaxis(ndtri(yes), -1, 0)
    d_prime, criterion = np.where(both, hits - false_alarms, np.nan), np.where(both, -(hits + false_alarms) / 2, np.nan)
    meta = np.full(both.shape, np.nan)
    able = both & (d_prime != 0) & (levels > 1)
    if able.any():
        meta[able] = _fit(sides[able], d_prime[able], criterion[able])
    ratio = np.divide(meta, d_prime, out=np.full(both.shape, np.nan), where=able)
    return MetaD(d_prime, criterion, meta, ratio)


def _fit(sides: Floats, d_prime: Floats, criterion: Floats) -> Floats:
    """meta-d′ of counts (m, stimulus, side, level), in blocks."""
    parts = [slice(start, start + BLOCK) for start in range(0, len(sides), BLOCK)]
    return np.concatenate([_maximise(sides[part], d_prime[part], criterion[part]) for part in parts])


def _maximise(sides: Floats, d_prime: Floats, criterion: Floats) -> Floats:
    """Fisher scoring with halved steps. Parameters: meta-d′, then the logarithms of the steps between criteria."""
    levels = sides.shape[-1]
    relative = (criterion / d_prime)[:, None, None]
    # Means of both stimuli, over meta-d′, seen from the criterion toward each side: (m, stimulus, side).
    slopes = np.array([[0.5, -0.5], [-0.5, 0.5]]) + relative * np.array([1.0, -1.0])
    parameters = np.column_stack([d_prime, _first_steps(sides, criterion).reshape(len(sides), -1)])
    fitted = np.full(len(sides), np.nan)
    active = np.arange(len(sides))
    for _ in range(ITERATIONS):
        here, counts, now = parameters[active], sides[active], slopes[active]
        step = _scoring_step(here, counts, now, levels)
        step *= np.minimum(1, LONGEST_STEP / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-300))
        before = _log_likelihood(here, counts, now, levels)
        for _ in range(HALVINGS):
            worse = ~(_log_likelihood(here + step, counts, now, levels) >= before - 1e-9 * np.abs(before))
            if not worse.any():
                break
            step[worse] /= 2
        parameters[active] = here + step
        done = np.abs(step).max(axis=1) < CLOSE
        fitted[active[done]] = parameters[active[done], 0]
        active = active[~done]
        if not len(active):
            break
    return fitted


def _first_steps(sides: Floats, criterion: Floats) -> Floats:
    """Logarithms of the steps between the criteria that the cumulated rates give: (m, side, level − 1)."""
    sure = np.cumsum(sides[..., ::-1], axis=-1)[..., ::-1][..., 1:]
    rates = ndtri(sure / sides.sum(axis=(-1, -2))[..., None, None])
    criteria = -rates.sum(axis=1) / 2 - np.array([-1.0, 1.0])[:, None] * criterion[:, None, None]
    steps: Floats = np.diff(criteria, axis=-1, prepend=0.0)
    return np.asarray(np.log(np.maximum(steps, 1e-4)))


def _cells(parameters: Floats, slopes: Floats, levels: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Means (m, stimulus, side, 1), criteria with 0 and ∞, steps (m, side, levels − 1), areas between criteria."""
    means = (slopes * parameters[:, 0, None, None])[..., None]
    steps = np.exp(parameters[:, 1:].reshape(-1, 2, levels - 1))
    ends = [np.zeros((*steps.shape[:2], 1)), np.cumsum(steps, axis=-1), np.full((*steps.shape[:2], 1), np.inf)]
    criteria = np.concatenate(ends, axis=-1)[:, None]
    # Upper tails, for they are the small ones where criteria are far out.
    areas = -np.diff(ndtr(means - criteria), axis=-1)
    return means, criteria, steps, np.maximum(areas, 1e-300)


def _log_likelihood(parameters: Floats, counts: Floats, slopes: Floats, levels: int) -> Floats:
    means, _, _, areas = _cells(parameters, slopes, levels)
    total: Floats = np.sum(counts * (np.log(areas) - log_ndtr(means)), axis=(1, 2, 3))
    return total


def _scoring_step(parameters: Floats, counts: Floats, slopes: Floats, levels: int) -> Floats:
    means, criteria, steps, areas = _cells(parameters, slopes, levels)
    density = np.exp(-((criteria - means) ** 2) / 2) / ROOT
    of_mean = -np.diff(density, axis=-1) / areas - np.exp(-(means**2) / 2 - log_ndtr(means)) / ROOT
    # (m, stimulus, side, level, criterion): a cell grows with its upper criterion and shrinks with its lower one.
    upper, lower = np.eye(levels, levels - 1), np.eye(levels, levels - 1, -1)
    of_criteria = (upper * density[..., 1:, None] - lower * density[..., :-1, None]) / areas[..., None]
    of_steps = np.cumsum(of_criteria[..., ::-1], axis=-1)[..., ::-1] * steps[:, None, :, None, :]
    gradient = np.zeros((*areas.shape, 1 + 2 * (levels - 1)))
    gradient[..., 0] = of_mean * slopes[..., None]
    gradient[:, :, 0, :, 1:levels] = of_steps[:, :, 0]
    gradient[:, :, 1, :, levels:] = of_steps[:, :, 1]
    expected = areas / ndtr(means) * counts.sum(axis=-1, keepdims=True)
    score = np.einsum("mtsl,mtslp->mp", counts, gradient)
    information = np.einsum("mtsl,mtslp,mtslq->mpq", expected, gradient, gradient)
    ridge = 1e-10 * np.trace(information, axis1=1, axis2=2)[:, None, None] * np.eye(score.shape[1])
    return np.asarray(np.linalg.solve(information + ridge, score[..., None])[..., 0])
