"""`glmm`: logistic mixed models with crossed random intercepts, by Laplace's approximation (gpboost)."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl

from binome.analysis.conform import conform
from binome.analysis.design import Design, make_design
from binome.analysis.fit import Fit, contrast_table, fixed_table, marginal_table
from binome.analysis.formula import parse_formula
from binome.analysis.resampling import used
from binome.analysis.sample import Floats

OPTIMISER = {"delta_rel_conv": 1e-12, "maxit": 5000}
SINGULAR = 0.01
"""A standard deviation below this (logit scale) moves no probability by more than a quarter of a point."""
FLAT = 2e-3
"""Largest step to the maximum, in standard errors, at which the optimiser has arrived (lme4's criterion)."""
STEP = 0.03
"""Step of the numeric derivatives, in standard errors: errors of rounding and of curvature are both below 1e-5."""
FEW_LEVELS = 5


def glmm(formula: str, trials: pl.DataFrame, *, reference: Mapping[str, str] | None = None) -> Fit:
    """Fit a logistic mixed model by maximum likelihood (Laplace's approximation, as lme4's `glmer`).

    Standard errors come from the curvature of the likelihood in fixed effects and variances together.

    Args:
        formula: `response ~ term + term + (1|group) + …`: additive terms (text is categorical, coded against
            a reference level; numbers are linear) and random intercepts. `correct` is final = truth where the
            trials have no such column.
        trials: as `read_trials` gives them; practice, attention checks and excluded rows are left out.
        reference: by column, the level that others are compared with; the first in sorted order by default.

    Raises:
        UnknownNameError: for a reference that is not a level.
        BinomeError: for a formula that is not supported; a missing column; a response that is not binary or does
            not vary; a term or a group with one level; terms that say the same thing twice.
    """
    parsed = parse_formula(formula)
    design = make_design(parsed, used(conform(trials)), reference or {})
    model, warned = _fitted(design)
    estimate = np.asarray(model.get_coef(format_pandas=False), dtype=np.float64)
    deviations = np.sqrt(np.asarray(model.get_cov_pars(format_pandas=False), dtype=np.float64))
    covariance, arrived = _curvature(model, design, estimate, deviations)
    levels = [int(np.unique(column).size) for column in design.groups.T]
    messages = [*design.messages, *warned]
    if not arrived:
        messages.append("The optimiser did not arrive at a maximum: do not use these figures.")
    messages += _about_groups(parsed.random, levels, deviations)
    return Fit(
        formula=formula,
        fixed=fixed_table(design, estimate, covariance),
        random=pl.DataFrame({"group": parsed.random, "sd": deviations, "levels": levels}),
        marginal=marginal_table(design, estimate, covariance, deviations),
        contrasts=contrast_table(design, estimate, covariance),
        n=len(design.response),
        log_likelihood=-float(model.get_current_neg_log_likelihood()),
        converged=arrived,
        singular=bool((deviations < SINGULAR).any()),
        messages=tuple(messages),
    )


def _fitted(design: Design) -> tuple[Any, list[str]]:
    """The fitted gpboost model, and what it warned of while fitting."""
    # Loading gpboost takes a second: only who fits a model pays for it.
    import gpboost

    make_model: Callable[..., Any] = gpboost.GPModel
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(io.StringIO()) as printed:
        warnings.simplefilter("always")
        # The default solver is iterative and halves some standard errors.
        model = make_model(group_data=design.groups, likelihood="bernoulli_logit", matrix_inversion_method="cholesky")
        model.fit(y=design.response, X=design.matrix, params=dict(OPTIMISER))
    said = [line for line in printed.getvalue().splitlines() if "warning" in line.lower()]
    return model, [f"gpboost: {text}" for text in dict.fromkeys([*(str(w.message) for w in caught), *said])]


def _curvature(model: Any, design: Design, estimate: Floats, deviations: Floats) -> tuple[Floats, bool]:
    """Covariance of the fixed effects, and whether the likelihood is at a maximum.

    The Hessian is taken over the fixed effects and the logarithms of the standard deviations that are
    not zero (at zero the likelihood has no curvature in the logarithm).
    """
    free = np.flatnonzero(deviations >= SINGULAR)
    count = len(estimate)

    def loss(point: Floats) -> float:
        variances = deviations**2
        variances[free] = np.exp(2 * point[count:])
        predictor = design.matrix @ point[:count]
        return float(model.neg_log_likelihood(cov_pars=variances, y=design.response, fixed_effects=predictor))

    errors = np.asarray(model.get_coef(std_err=True, format_pandas=False), dtype=np.float64)[1]
    if not (np.isfinite(errors).all() and (errors > 0).all()):
        return np.full((count, count), np.nan), False
    steps = STEP * np.concatenate([errors, np.full(len(free), 0.3)])
    gradient, hessian = derivatives(loss, np.concatenate([estimate, np.log(deviations[free])]), steps)
    eigenvalues = np.linalg.eigvalsh(hessian)
    if not (np.isfinite(eigenvalues).all() and eigenvalues[0] > 0):
        return np.full((count, count), np.nan), False
    inverse = np.linalg.inv(hessian)
    still_to_go = np.abs(inverse @ gradient) / np.sqrt(np.diag(inverse))
    return np.asarray(inverse[:count, :count]), bool((still_to_go < FLAT).all())


def derivatives(function: Callable[[Floats], float], point: Floats, steps: Floats) -> tuple[Floats, Floats]:
    """Gradient and Hessian by central differences; k² + k + 1 evaluations for k parameters."""
    moves = np.diag(steps)
    here = function(point)
    up = np.array([function(point + move) for move in moves])
    down = np.array([function(point - move) for move in moves])
    hessian = np.diag((up - 2 * here + down) / steps**2)
    for i in range(len(point)):
        for j in range(i):
            both = moves[i] + moves[j]
            across = function(point + both) + function(point - both) + 2 * here - up[i] - up[j] - down[i] - down[j]
            hessian[i, j] = hessian[j, i] = across / (2 * steps[i] * steps[j])
    return (up - down) / (2 * steps), hessian


def _about_groups(names: tuple[str, ...], levels: list[int], deviations: Floats) -> list[str]:
    messages = []
    for name, count, deviation in zip(names, levels, deviations, strict=True):
        if deviation < SINGULAR:
            messages.append(f"The data show no variation between {name}s beyond chance: a singular fit.")
        if count < FEW_LEVELS:
            messages.append(f"There are only {count} of {name!r}: the variation between them is hardly known.")
    return messages
