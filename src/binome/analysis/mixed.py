"""`glmm`: logistic mixed models with crossed random intercepts, fitted by Laplace's approximation (gpboost)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import norm

from binome.analysis.formula import Formula, parse_formula
from binome.analysis.resampling import used
from binome.core import BinomeError

Floats = npt.NDArray[np.float64]
INTERCEPT = "(intercept)"
MOST_ITERATIONS = 5000
SEPARATED = 15.0
"""A coefficient beyond this on the logit scale is a separated group, not an effect."""
SINGULAR = 1e-3
"""A standard deviation below this is a random effect that the data do not show."""


@dataclass(frozen=True)
class Fit:
    """A fitted mixed model.

    Attributes:
        formula: as given.
        fixed: term, estimate, se, z, p, low, high (95 %, Wald), odds_ratio; on the logit scale.
        random: group, sd.
        marginal: for each level of each categorical term: term, level, logit, probability, low, high; at random
            effects of 0 (a typical operator and item), other terms at their mean over the data.
        contrasts: term, first, second, estimate, se, z, p, p_holm, odds_ratio, low, high; differences of levels.
        n: trials.
        log_likelihood: Laplace's approximation.
        converged, singular: said aloud in `messages` when wrong.
    """

    formula: str
    fixed: pl.DataFrame
    random: pl.DataFrame
    marginal: pl.DataFrame
    contrasts: pl.DataFrame
    n: int
    log_likelihood: float
    converged: bool
    singular: bool
    messages: tuple[str, ...]


@dataclass(frozen=True)
class _Design:
    """Fixed effects: the matrix (n, k), its terms' names, and each categorical column's levels (reference first)."""

    matrix: Floats
    names: tuple[str, ...]
    levels: Mapping[str, tuple[Any, ...]]


def glmm(formula: str, trials: pl.DataFrame, *, reference: Mapping[str, Any] | None = None) -> Fit:
    """Fit a logistic mixed model.

    Args:
        formula: additive fixed terms and random intercepts; `correct` (final = truth) is made where it is lacking.
        trials: from `read_trials`; practice, attention checks and excluded operators are left out.
        reference: by column, the level that others are compared with; the first in sorted order by default.

    Raises:
        BinomeError: for a column that is lacking, a response that is not binary or does not vary, a group or a term
            with a single level.
    """
    # gpboost takes a second to load: only those who fit a model pay for it.
    import gpboost

    parsed = parse_formula(formula)
    table = _table(parsed, trials)
    response = _response(table[parsed.response], parsed.response)
    design = _design(table, parsed.fixed, reference or {})
    groups = _groups(table, parsed.random)
    # One thread: sums in another order would give other last digits.
    model = gpboost.GPModel(
        group_data=groups, likelihood="bernoulli_logit", matrix_inversion_method="cholesky", num_parallel_threads=1
    )
    model.fit(
        y=response,
        X=design.matrix,
        params={"delta_rel_conv": 1e-12, "maxit": MOST_ITERATIONS, "trace": False},
    )
    estimate, error = _coefficients(model)
    variances = np.asarray(model.get_cov_pars(format_pandas=False)).ravel()[: len(parsed.random)]
    deviations = np.sqrt(variances)
    covariance = _covariance(model, response, design.matrix, groups, estimate, variances, error)
    messages = []
    converged = bool(
        np.isfinite(estimate).all() and np.isfinite(error).all() and model._get_num_optim_iter() < MOST_ITERATIONS
    )
    if not converged:
        messages.append("The optimiser did not converge: do not use these figures.")
    separated = [name for name, value in zip(design.names, estimate, strict=True) if abs(value) > SEPARATED]
    if separated:
        messages.append(
            f"{', '.join(separated)}: all answers are alike in this group, so the effect has no finite estimate."
        )
        converged = False
    singular = bool((deviations < SINGULAR).any())
    for name, deviation in zip(parsed.random, deviations, strict=True):
        if deviation < SINGULAR:
            messages.append(f"The data show no variation between levels of {name!r} (singular fit).")
    return Fit(
        formula=formula,
        fixed=_fixed_table(design.names, estimate, error),
        random=pl.DataFrame({"group": list(parsed.random), "sd": deviations}),
        marginal=_marginal(design, estimate, covariance),
        contrasts=_contrasts(design, estimate, covariance),
        n=len(response),
        log_likelihood=-float(model.get_current_neg_log_likelihood()),
        converged=converged,
        singular=singular,
        messages=tuple(messages),
    )


def holm(p: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment (Holm 1979): controls the family-wise error."""
    order = np.argsort(p)
    adjusted = np.empty(len(order))
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, p[index] * (len(p) - rank)))
        adjusted[index] = highest
    return adjusted.tolist()


def _table(formula: Formula, trials: pl.DataFrame) -> pl.DataFrame:
    table = used(trials)
    if formula.response == "correct" and "correct" not in table.columns and {"final", "truth"} <= set(table.columns):
        table = table.with_columns(correct=pl.col("final") == pl.col("truth"))
    columns = [formula.response, *formula.fixed, *formula.random]
    for column in columns:
        if column not in table.columns:
            raise BinomeError(f"the model needs the column {column!r}, which the trials lack")
    table = table.select(columns).drop_nulls()
    if table.is_empty():
        raise BinomeError("no trial has all the columns that the model needs")
    return table


def _response(values: pl.Series, name: str) -> Floats:
    numbers = values.cast(pl.Float64, strict=False).to_numpy()
    found = set(np.unique(numbers).tolist())
    if not found <= {0.0, 1.0}:
        raise BinomeError(f"{name!r} must be true or false (1 or 0) in every row")
    if len(found) < 2:
        raise BinomeError(
            f"{name!r} is {'true' if found == {1.0} else 'false'} in every row: there is nothing to model"
        )
    return numbers


def _design(table: pl.DataFrame, terms: Sequence[str], reference: Mapping[str, Any]) -> _Design:
    columns, names, levels = [np.ones(table.height)], [INTERCEPT], {}
    for term in terms:
        values = table[term]
        if values.dtype.is_numeric():
            columns.append(values.cast(pl.Float64).to_numpy())
            names.append(term)
            continue
        found = sorted(values.unique().to_list())
        base = reference.get(term, found[0])
        if base not in found or len(found) < 2:
            raise BinomeError(
                f"the term {term!r} has the levels {found}; the model needs two or more, the reference ({base!r}) among them"
            )
        ordered = (base, *(level for level in found if level != base))
        levels[term] = ordered
        for level in ordered[1:]:
            columns.append((values == level).cast(pl.Float64).to_numpy())
            names.append(f"{term}[{level}]")
    matrix = np.column_stack(columns)
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        raise BinomeError("the fixed terms say the same thing twice (their matrix is singular); leave one out")
    return _Design(matrix, tuple(names), levels)


def _groups(table: pl.DataFrame, names: Sequence[str]) -> Any:
    for name in names:
        if table[name].n_unique() < 2:
            raise BinomeError(f"the group {name!r} has a single level; a random effect needs several")
    return np.column_stack([table[name].cast(pl.String).to_physical().rank("dense").to_numpy() for name in names])


def _coefficients(model: Any) -> tuple[Floats, Floats]:
    raw = np.asarray(model.get_coef(std_err=True, format_pandas=False), dtype=np.float64)
    return raw[0], raw[1]


def _covariance(
    model: Any, response: Floats, matrix: Floats, groups: Any, estimate: Floats, variances: Floats, error: Floats
) -> Floats:
    """Covariance of the fixed effects, from the curvature of the Laplace likelihood at fixed variances.

    Central differences of the likelihood; scaled so that its diagonal is the reported standard errors' squares.
    """
    k = len(estimate)
    steps = 0.05 * error

    def loss(shift: Floats) -> float:
        return float(
            model.neg_log_likelihood(cov_pars=variances, y=response, fixed_effects=matrix @ (estimate + shift))
        )

    hessian = np.empty((k, k))
    base = loss(np.zeros(k))
    single = {(i, sign): loss(sign * steps[i] * np.eye(k)[i]) for i in range(k) for sign in (1, -1)}
    for i in range(k):
        hessian[i, i] = (single[i, 1] - 2 * base + single[i, -1]) / steps[i] ** 2
        for j in range(i):
            both = steps[i] * np.eye(k)[i] + steps[j] * np.eye(k)[j]
            joint = loss(both) + loss(-both) - single[i, 1] - single[i, -1] - single[j, 1] - single[j, -1] + 2 * base
            hessian[i, j] = hessian[j, i] = joint / (2 * steps[i] * steps[j])
    covariance = np.linalg.inv(hessian)
    scale = error / np.sqrt(np.diag(covariance))
    return np.asarray(covariance * np.outer(scale, scale))


def _fixed_table(names: Sequence[str], estimate: Floats, error: Floats) -> pl.DataFrame:
    z = estimate / error
    q = norm.ppf(0.975)
    return pl.DataFrame(
        {
            "term": list(names), "estimate": estimate, "se": error, "z": z, "p": 2 * norm.sf(np.abs(z)),
            "low": estimate - q * error, "high": estimate + q * error, "odds_ratio": np.exp(estimate),
        }
    )  # fmt: skip


def _level_rows(design: _Design) -> dict[tuple[str, Any], Floats]:
    """For each level of each categorical term, the row of the design at that level and the others' means."""
    rows = {}
    for term, levels in design.levels.items():
        places = {level: design.names.index(f"{term}[{level}]") for level in levels[1:]}
        for level in levels:
            row = design.matrix.mean(0)
            row[list(places.values())] = 0
            if level in places:
                row[places[level]] = 1
            rows[term, level] = row
    return rows


def _marginal(design: _Design, estimate: Floats, covariance: Floats) -> pl.DataFrame:
    rows = []
    q = norm.ppf(0.975)
    for (term, level), x in _level_rows(design).items():
        logit, se = float(x @ estimate), float(np.sqrt(x @ covariance @ x))
        low, centre, high = (1 / (1 + np.exp(-v)) for v in (logit - q * se, logit, logit + q * se))
        rows.append(
            {"term": term, "level": str(level), "logit": logit, "probability": centre, "low": low, "high": high}
        )
    schema = {"term": pl.String, "level": pl.String} | dict.fromkeys(
        ("logit", "probability", "low", "high"), pl.Float64
    )
    return pl.DataFrame(rows, schema=schema)


def _contrasts(design: _Design, estimate: Floats, covariance: Floats) -> pl.DataFrame:
    rows = []
    at = _level_rows(design)
    q = norm.ppf(0.975)
    for term, levels in design.levels.items():
        pairs = list(combinations(levels, 2))
        found = []
        for second, first in pairs:
            x = at[term, first] - at[term, second]
            value, se = float(x @ estimate), float(np.sqrt(x @ covariance @ x))
            found.append((first, second, value, se, 2 * float(norm.sf(abs(value / se)))))
        for (first, second, value, se, p), adjusted in zip(found, holm([row[-1] for row in found]), strict=True):
            rows.append(
                {
                    "term": term, "first": str(first), "second": str(second), "estimate": value, "se": se, "z": value / se,
                    "p": p, "p_holm": adjusted, "odds_ratio": float(np.exp(value)), "low": value - q * se, "high": value + q * se,
                }
            )  # fmt: skip
    numbers = ("estimate", "se", "z", "p", "p_holm", "odds_ratio", "low", "high")
    schema = dict.fromkeys(("term", "first", "second"), pl.String) | dict.fromkeys(numbers, pl.Float64)
    return pl.DataFrame(rows, schema=schema)
