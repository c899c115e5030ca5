"""Regressions of a few columns, fitted to many resamples at once."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.special import expit, log_ndtr, ndtr

from binome.analysis.sample import Floats

Link = Literal["identity", "logit", "probit"]
STEPS = 40
ENOUGH = 1e-9
FAR = 30.0
"""A linear predictor beyond this is a probability of 0 or 1: there is no finite estimate."""


def coefficients(matrix: Floats, response: Floats, weights: Floats, link: Link) -> Floats:
    """Maximum likelihood estimates (m, k), NaN where there is no finite one.

    Args:
        matrix: (n, k).
        response: (n,), shares where the link is not the identity.
        weights: (m, n), one row a resample: how often each row was drawn times how many trials it stands for.
    """
    products = matrix[:, :, None] * matrix[:, None, :]
    if link == "identity":
        return _solved(_summed(weights, products), _summed(weights, matrix * response[:, None]))
    if len(weights) > 1:
        # From the first row's estimate the others are a few steps away.
        start = coefficients(matrix, response, weights[:1], link)
        found = np.tile(np.nan_to_num(start), (len(weights), 1))
    else:
        found = np.zeros((len(weights), matrix.shape[1]))
    running = np.arange(len(weights))
    for _ in range(STEPS):
        if not len(running):
            break
        score, information = _pieces(found[running] @ matrix.T, response, link)
        step = _solved(_summed(weights[running] * information, products), _summed(weights[running] * score, matrix))
        found[running] += step
        lost = np.abs(found[running] @ matrix.T).max(axis=1) > FAR
        found[running[lost]] = np.nan
        still = (np.abs(step).max(axis=1) > ENOUGH) & ~lost & np.isfinite(step).all(axis=1)
        running = running[still]
    found[running] = np.nan
    return found


def residual_deviation(matrix: Floats, response: Floats, weights: Floats, found: Floats) -> Floats:
    """Standard deviation of what a linear regression leaves, (m,); degrees of freedom are taken off."""
    residual = response - found @ matrix.T
    free = weights.sum(axis=1) - matrix.shape[1]
    squares = np.sum(weights * residual**2, axis=1)
    variance: Floats = np.divide(squares, free, out=np.full(len(free), np.nan), where=free > 0)
    return np.sqrt(variance)


def _pieces(predictor: Floats, response: Floats, link: Link) -> tuple[Floats, Floats]:
    """The score and the expected information of each row."""
    if link == "logit":
        share = expit(predictor)
        return np.asarray(response - share), np.asarray(share * (1 - share))
    # φ/Φ and φ/(1 − Φ) by logarithms, which do not vanish in the tails.
    log_density = -(predictor**2) / 2 - np.log(2 * np.pi) / 2
    upper, lower = np.exp(log_density - log_ndtr(predictor)), np.exp(log_density - log_ndtr(-predictor))
    return response * upper - (1 - response) * lower, upper * lower


def shares(predictor: Floats, link: Link) -> Floats:
    """The inverse of the link."""
    if link == "identity":
        return predictor
    return np.asarray(expit(predictor) if link == "logit" else ndtr(predictor))


def _summed(weights: Floats, terms: Floats) -> Floats:
    # Column by column and without BLAS, whose sums depend on the number of threads.
    columns = np.ascontiguousarray(terms.reshape(len(terms), -1).T)
    sums = np.stack([np.einsum("mn,n->m", weights, column) for column in columns], axis=-1)
    return sums.reshape(len(weights), *terms.shape[1:])


def _solved(left: Floats, right: Floats) -> Floats:
    """Solutions (m, k), NaN where the columns say the same thing twice."""
    found = np.full(right.shape, np.nan)
    scale = np.sqrt(np.einsum("mii->mi", left))
    usable = np.isfinite(left).all(axis=(1, 2)) & (scale > 0).all(axis=1)
    scaled = left[usable] / (scale[usable][:, :, None] * scale[usable][:, None, :])
    sound = np.linalg.eigvalsh(scaled)[:, 0] > 1e-10 if len(scaled) else np.zeros(0, dtype=np.bool_)
    rows = np.flatnonzero(usable)[sound]
    solved = np.linalg.solve(scaled[sound], (right[rows] / scale[rows])[..., None])[..., 0]
    found[rows] = solved / scale[rows]
    return found
