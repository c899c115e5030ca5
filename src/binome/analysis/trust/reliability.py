"""Do a scale's items measure one thing? Cronbach's α and McDonald's ω."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import stats

from binome.analysis.bootstrap import draw_operators, interval
from binome.analysis.sample import Floats
from binome.analysis.summing import summable
from binome.analysis.trust.factor import LEAST, omega, one_factor, resampled_omegas
from binome.analysis.trust.scales import Scale, mirrored

SCHEMA = {
    "scale": pl.String, "items": pl.Int64, "operators": pl.Int64, "undefined": pl.Int64, "alpha": pl.Float64,
    "alpha_low": pl.Float64, "alpha_high": pl.Float64, "omega": pl.Float64, "omega_low": pl.Float64,
    "omega_high": pl.Float64, "reason": pl.String,
}  # fmt: skip
LEAST_OPERATORS = 3


def reliability_row(scale: Scale, filled: pl.DataFrame, resamples: int, seed: int) -> dict[str, object]:
    """α and ω from each operator's first complete answers; `reason` says why one of them is undefined."""
    complete = filled.filter(pl.col("value").is_not_null()).unique("operator", keep="first", maintain_order=True)
    row: dict[str, object] = dict.fromkeys(SCHEMA)
    row |= {
        "scale": scale.name,
        "items": len(scale.items),
        "operators": complete.height,
        "undefined": filled["operator"].n_unique() - complete.height,
    }
    answers = mirrored(scale, complete)
    reason = _why_not(answers)
    if reason is not None:
        return row | {"reason": reason}
    row |= dict(zip(("alpha", "alpha_low", "alpha_high"), cronbach(answers), strict=True))
    if answers.shape[1] < 3:
        return row | {"reason": "two_items"}
    loadings, unique = one_factor(np.cov(answers, rowvar=False))
    if not np.abs(loadings).sum() > 0:
        return row | {"reason": "no_common_factor"}
    value = float(omega(loadings, unique))
    draws = _omegas(answers, loadings, unique, resamples, seed)
    low, high = interval(value, draws, None)
    at_edge = (unique / (loadings**2 + unique)).min() <= LEAST * 1.01
    return row | {
        "omega": value,
        "omega_low": None if np.isnan(low) else low,
        "omega_high": None if np.isnan(high) else high,
        "reason": "heywood" if at_edge else None,
    }


def cronbach(answers: Floats, level: float = 0.95) -> tuple[float, float, float]:
    """Cronbach's α of answers (operators, items) with the limits of Feldt (1965), who takes answers as normal.

    (1 − α) / (1 − α̂) has an F distribution with (n − 1) and (n − 1)(k − 1) degrees of freedom.
    """
    n, k = answers.shape
    own, whole = answers.var(axis=0, ddof=1).sum(), answers.sum(axis=1).var(ddof=1)
    alpha = k / (k - 1) * (1 - own / whole)
    tails = stats.f.ppf([(1 + level) / 2, (1 - level) / 2], n - 1, (n - 1) * (k - 1))
    low, high = 1 - (1 - alpha) * tails
    return float(alpha), float(low), float(high)


def _why_not(answers: Floats) -> str | None:
    if answers.shape[1] < 2:
        return "one_item"
    if len(answers) < LEAST_OPERATORS:
        return "few_operators"
    if (answers == answers[0]).all(axis=0).any():
        return "item_constant"
    return "no_common_factor" if np.ptp(answers.sum(axis=1)) == 0 else None


def _omegas(answers: Floats, loadings: Floats, unique: Floats, resamples: int, seed: int) -> Floats:
    n, k = answers.shape
    centred = answers - answers.mean(axis=0)
    products = centred[:, :, None] * centred[:, None, :]
    total = summable(np.hstack([centred, products.reshape(n, k * k)]), float(n))
    trace = 1e-12 * np.einsum("nii->i", products) / n
    found = [np.empty(0)]
    for weights in draw_operators(n, resamples, seed):
        sums = total(weights) / n
        mean = sums[:, :k]
        covariances = sums[:, k:].reshape(-1, k, k) - mean[:, :, None] * mean[:, None, :]
        # Rounding leaves a trace of variance where all that were drawn gave one answer.
        flat = (np.einsum("mii->mi", covariances) <= trace).any(axis=1)
        covariances[flat] = 0.0
        found.append(resampled_omegas(covariances, loadings, unique))
    return np.concatenate(found)
