"""Bayes factors: how much more the data speak for a difference than for none."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from scipy.integrate import quad

from binome.analysis.conform import conform
from binome.analysis.measuring import by_operator
from binome.analysis.mixed import glmm
from binome.analysis.mixed.formula import parse_formula, without_term
from binome.analysis.resampling import require_columns, used
from binome.analysis.sample import Floats, Label
from binome.core import BinomeError, UnknownNameError

SCALE = float(np.sqrt(0.5))
"""Width of the prior of standardised effects: that of Morey & Rouder's BayesFactor, R."""
LEAST = 2


def bayes_factor(
    trials: pl.DataFrame,
    measure: str,
    first: str,
    second: str,
    by: str = "condition",
    *,
    scale: float = SCALE,
    positive: Label | None = None,
) -> pl.DataFrame:
    """The JZS Bayes factor of first − second over the operators' own values (Rouder et al. 2009).

    Paired where operators are in both groups (those in one alone are left out), of two samples where none is.

    Args:
        scale: of the Cauchy prior of the standardised difference under "a difference".
        positive: as in `measure`.

    Returns:
        One row: `measure, first, second, value, t, bf10, log_bf10, paired, n_first, n_second, left_out`. `value` is
        the difference of the means over operators; `bf10` above 1 speaks for a difference, below 1 for none;
        `log_bf10` is its natural logarithm. Counts are of operators with a defined value. Null where fewer than two
        operators are in a group, or all differences are the same.

    Raises:
        UnknownNameError: for a measure, or a group of `by`, that does not exist.
        BinomeError: naming a missing column; for a scale that is not above zero.
    """
    if not (np.isfinite(scale) and scale > 0):
        raise BinomeError(f"scale must be above zero, found {scale}")
    table = by_operator(trials, measure, by, positive=positive).with_columns(pl.col(by).cast(pl.String).fill_null(""))
    known = table[by].unique().sort().to_list()
    for label in (str(first), str(second)):
        if label not in known:
            raise UnknownNameError(by, label, known)
    ones, others = (
        table.filter(pl.col(by) == str(label)).drop_nulls("value").select("operator", "value")
        for label in (first, second)
    )
    both = ones.join(others, on="operator", suffix="_second").sort("operator")
    paired = both.height > 0
    if paired:
        t, value = _paired((both["value"] - both["value_second"]).to_numpy())
        n, degrees, counts = float(both.height), both.height - 1, (both.height, both.height)
    else:
        t, value = _independent(ones["value"].to_numpy(), others["value"].to_numpy())
        counts = (ones.height, others.height)
        n, degrees = ones.height * others.height / max(1, sum(counts)), sum(counts) - 2
    log_bf = log_jzs(t, n, degrees, scale) if np.isfinite(t) else np.nan
    left_out = ones.height + others.height - 2 * both.height if paired else 0
    numbers = {"value": value, "t": t, "bf10": float(np.exp(min(log_bf, 700.0))), "log_bf10": log_bf}
    row = {"measure": measure, "first": str(first), "second": str(second), **numbers, "paired": paired}
    counted = {"n_first": counts[0], "n_second": counts[1], "left_out": left_out}
    return pl.DataFrame({name: [entry] for name, entry in {**row, **counted}.items()}).with_columns(
        pl.col(name).cast(pl.Float64).fill_nan(None) for name in numbers
    )


def _paired(difference: Floats) -> tuple[float, float]:
    if len(difference) < LEAST:
        return np.nan, float(difference.mean())
    mean, deviation = float(difference.mean()), float(difference.std(ddof=1))
    # Differences that are the same but for rounding have no spread to compare the mean with.
    return (mean / deviation * np.sqrt(len(difference)) if deviation > 1e-12 * max(1, abs(mean)) else np.nan), mean


def _independent(one: Floats, other: Floats) -> tuple[float, float]:
    if min(len(one), len(other)) == 0:
        return np.nan, np.nan
    value = float(one.mean() - other.mean())
    if min(len(one), len(other)) < LEAST:
        return np.nan, value
    squares = ((one - one.mean()) ** 2).sum() + ((other - other.mean()) ** 2).sum()
    error = np.sqrt(squares / (len(one) + len(other) - 2) * (1 / len(one) + 1 / len(other)))
    return (value / float(error) if error > 1e-12 * max(1, abs(value)) else np.nan), value


def log_jzs(t: float, n: float, degrees: int, scale: float = SCALE) -> float:
    """Natural logarithm of BF10 of a t statistic (Rouder et al. 2009).

    Args:
        n: observations; of two samples n₁n₂ / (n₁ + n₂).
    """
    power = -(degrees + 1) / 2
    none = power * np.log1p(t**2 / degrees)

    def log_density(log_g: float) -> float:
        g = np.exp(log_g)
        wide = 1 + n * g * scale**2
        data = -np.log(wide) / 2 + power * np.log1p(t**2 / (wide * degrees))
        # The prior of g is inverse χ² with one degree of freedom; the last term is dg = g d(log g).
        return float(data - np.log(2 * np.pi) / 2 - 1.5 * log_g - 1 / (2 * g) + log_g)

    grid = np.linspace(-12, 60, 2000)
    highest = max(log_density(point) for point in grid)
    parts = [
        quad(lambda at: np.exp(log_density(at) - highest), low, high, epsabs=0, epsrel=1e-10, limit=200)[0]
        for low, high in ((-12, -2), (-2, 4), (4, 16), (16, 60))
    ]
    return float(np.log(sum(parts)) + highest - none)


def bayes_factor_term(
    formula: str,
    term: str,
    trials: pl.DataFrame,
    *,
    family: str | None = None,
    reference: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """The Bayes factor of a fixed term of a mixed model, approximated by BIC (Wagenmakers 2007).

    Both models are fitted to the same trials by maximum likelihood.

    Args:
        term: `condition`, or `condition:expertise`; a term whose interactions are in the model cannot be taken out.

    Returns:
        One row: `term, bf10, log_bf10, log_likelihood, log_likelihood_without, parameters, parameters_without, n,
        converged`. `bf10` above 1 speaks for the term. `n`, in BIC, counts trials.

    Raises:
        BinomeError: for a term that the formula lacks, or that its interactions need; when the model leaves out
            levels without a finite estimate; and as `glmm`.
    """
    parsed = parse_formula(formula)
    shorter = without_term(parsed, term)
    kept = used(conform(trials))
    needed = [name for name in parsed.columns if name != "correct" or name in kept.columns]
    require_columns(kept, "the model", needed)
    complete = kept.filter(
        ~(pl.col(name).is_null() | (pl.col(name).is_nan() if kept[name].dtype.is_float() else False)) for name in needed
    )
    whole = glmm(formula, complete, family=family, reference=reference, restricted=False)
    names = {name for part in parse_formula(shorter).fixed for name in part}
    less = {name: level for name, level in (reference or {}).items() if name in names}
    reduced = glmm(shorter, complete, family=family, reference=less, restricted=False)
    if whole.n != reduced.n or whole.log_likelihood is None or reduced.log_likelihood is None:
        raise BinomeError(f"{term!r} has a level without a finite estimate: leave its trials out to compare the models")
    bics = [fit.parameters * np.log(fit.n) - 2 * float(fit.log_likelihood or 0) for fit in (whole, reduced)]
    log_bf = (bics[1] - bics[0]) / 2
    return pl.DataFrame(
        {
            "term": [term], "bf10": [float(np.exp(min(log_bf, 700.0)))], "log_bf10": [float(log_bf)],
            "log_likelihood": [whole.log_likelihood], "log_likelihood_without": [reduced.log_likelihood],
            "parameters": [whole.parameters], "parameters_without": [reduced.parameters], "n": [whole.n],
            "converged": [whole.converged and reduced.converged],
        }
    )  # fmt: skip
