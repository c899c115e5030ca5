"""One common factor, by maximum likelihood: of one covariance matrix, and of many at once."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from binome.analysis.sample import Floats

LEAST = 0.005
"""Smallest uniqueness of a standardised item: below it the likelihood has no maximum inside (a Heywood case)."""
STEPS = 300
ENOUGH = 1e-6


def one_factor(covariance: Floats) -> tuple[Floats, Floats]:
    """Loadings and uniquenesses (k,), in the items' units, of k ≥ 3 items.

    The likelihood is minimised over the uniquenesses alone, the loadings being an eigenvector given them
    (Jöreskog 1967).
    """
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    size = len(scale)

    def loss(unique: Floats) -> tuple[float, Floats]:
        root = np.sqrt(unique)
        values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
        rest = np.maximum(values[:-1], 1e-300)
        loadings = root * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0))
        gradient = (loadings**2 + unique - 1) / unique**2
        return float(np.sum(rest - np.log(rest)) - size + 1), gradient

    start = np.clip(0.5 / np.diag(np.linalg.pinv(correlation)), LEAST, 1.0)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(LEAST, 1.0)] * size, tol=1e-12)
    root = np.sqrt(found.x)
    values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
    loadings = root * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0))
    sign = -1.0 if loadings.sum() < 0 else 1.0
    return sign * loadings * scale, found.x * scale**2


def omega(loadings: Floats, unique: Floats) -> Floats:
    """McDonald's ω total of one factor: (Σλ)² / ((Σλ)² + Σψ), over the last axis."""
    common = loadings.sum(axis=-1) ** 2
    return np.asarray(common / (common + unique.sum(axis=-1)))


def resampled_omegas(covariances: Floats, loadings: Floats, unique: Floats) -> Floats:
    """ω of each of many covariance matrices (m, k, k), by EM from a common start; NaN for a constant item."""
    scale = np.sqrt(np.einsum("mii->mi", covariances))
    defined = (scale > 0).all(axis=1)
    found = np.full(len(covariances), np.nan)
    scale, whole = scale[defined], covariances[defined]
    correlation = whole / (scale[:, :, None] * scale[:, None, :])
    size = np.sqrt(loadings**2 + unique)
    load, own = np.tile(loadings / size, (len(scale), 1)), np.tile(np.maximum(unique / size**2, LEAST), (len(scale), 1))
    for _ in range(STEPS):
        ratio = load / own
        beta = ratio / (1 + np.sum(load * ratio, axis=1, keepdims=True))
        crossed = np.einsum("mij,mj->mi", correlation, beta)
        second = 1 - np.sum(beta * load, axis=1) + np.sum(beta * crossed, axis=1)
        after = crossed / second[:, None]
        own = np.clip(1 - after * crossed, LEAST, 1.0)
        moved = np.abs(after - load).max(initial=0.0)
        load = after
        if moved < ENOUGH:
            break
    found[defined] = omega(load * scale, own * scale**2)
    return found
