"""The Bayesian route: the same design, its posterior sampled by bambi (PyMC), in the same tables."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl

from binome.analysis.mixed.design import INTERCEPT, Design
from binome.analysis.mixed.family import mean_of, population_of
from binome.analysis.mixed.fit import Fit
from binome.analysis.mixed.tables import (
    Estimated,
    category_table,
    contrast_table,
    fixed_table,
    marginal_profiles,
    marginal_table,
    pair_profiles,
    random_table,
    threshold_table,
)
from binome.analysis.sample import Floats
from binome.core import BinomeError

CHAINS, DRAWS, TUNE = 4, 1000, 1000
TARGET = 0.95
MOST_R_HAT, LEAST_ESS = 1.01, 400
"""Vehtari et al. 2021: R-hat at most 1.01, 100 effective draws a chain at least."""
FAMILIES = {
    "binomial": "bernoulli", "gaussian": "gaussian", "lognormal": "gaussian", "poisson": "poisson",
    "ordinal": "cumulative",
}  # fmt: skip


@dataclass(frozen=True)
class Posterior:
    """Draws of everything that the tables show.

    Attributes:
        thresholds: (draws, j).
        fixed: (draws, k).
        deviations: (draws, random effects).
        residual: (draws,) or None.
        r_hat, effective: the worst of all parameters'.
        divergent: transitions of the sampler that went wrong.
    """

    thresholds: Floats
    fixed: Floats
    deviations: Floats
    residual: Floats | None
    r_hat: float
    effective: float
    divergent: int


def sampled(formula: str, design: Design, seed: int) -> Fit:
    """The posterior of a design, in the tables of `Fit`.

    Estimates are posterior means, errors posterior standard deviations, limits 2.5 and 97.5 % quantiles; z and p are
    null. Priors are bambi's: normal, weakly informative, scaled by the data (Capretto et al. 2022).

    Raises:
        BinomeError: where bambi is not installed.
    """
    if find_spec("bambi") is None:
        raise BinomeError("the Bayesian route needs bambi: pip install 'binome[bayes]'")
    found = _posterior(design, seed)
    middle = _middle(found)
    plain = [fixed_table(design, middle), contrast_table(design, middle)]
    pairs = found.fixed @ pair_profiles(design).T
    fixed, contrasts = (_summed(t, d) for t, d in zip(plain, (found.fixed, pairs), strict=True))
    return Fit(
        formula=formula,
        fixed=fixed,
        random=random_table(design, middle),
        marginal=_marginal(design, found, marginal_table(design, middle)),
        contrasts=contrasts,
        n=len(design.response),
        log_likelihood=None,
        converged=found.r_hat <= MOST_R_HAT and found.effective >= LEAST_ESS and found.divergent == 0,
        singular=False,
        messages=(*design.messages, *_about(found)),
        family=design.family.name,
        link=design.family.link,
        scale=design.family.scale,
        method="Bayes",
        residual=middle.residual,
        thresholds=threshold_table(design, middle),
        categories=category_table(design, middle),
        parameters=found.thresholds.shape[1] + found.fixed.shape[1] + found.deviations.shape[1]
        + int(found.residual is not None),
        dispersion=None,
    )  # fmt: skip


def _posterior(design: Design, seed: int) -> Posterior:
    # Loading bambi takes many seconds: only who asks for a posterior pays for it.
    import arviz
    import bambi
    import pandas

    names = [f"x{i}" for i in range(design.matrix.shape[1])]
    skip = 0 if design.categories else 1
    columns: dict[str, Any] = dict(zip(names[skip:], design.matrix.T[skip:], strict=True))
    whole = design.family.name not in ("gaussian", "lognormal")
    columns["y"] = design.response.astype(np.int64) if whole else design.response
    if design.categories:
        columns["y"] = pandas.Categorical(columns["y"], ordered=True)
    random = []
    for i, effect in enumerate(design.random):
        columns[f"g{i}"], columns[f"v{i}"] = effect.block.codes.astype(str), effect.block.values
        random.append(f"(1|g{i})" if effect.effect == INTERCEPT else f"(0 + v{i}|g{i})")
    text = f"y ~ {' + '.join([*names[skip:], *random])}"
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), _quiet():
        warnings.simplefilter("ignore")
        model = bambi.Model(text, pandas.DataFrame(columns), family=FAMILIES[design.family.name])
        data = model.fit(
            draws=DRAWS, tune=TUNE, chains=CHAINS, cores=1, random_seed=seed, target_accept=TARGET, progressbar=False
        )
        told = [name for name in data.posterior.data_vars if _is_told(str(name))]
        r_hat, effective = arviz.rhat(data, var_names=told), arviz.ess(data, var_names=told)
    draws = {str(name): _flat(data.posterior[name].to_numpy()) for name in told}
    fixed = [*([] if design.categories else [draws["Intercept"]]), *(draws[name] for name in names[skip:])]
    spreads = [draws[_spread_name(draws, i)] for i in range(len(design.random))]
    units = np.array([effect.unit for effect in design.random])
    return Posterior(
        thresholds=draws.get("threshold", np.empty((CHAINS * DRAWS, 0))),
        fixed=np.hstack([np.empty((CHAINS * DRAWS, 0)), *fixed]),
        deviations=np.hstack(spreads) / units,
        residual=draws["sigma"][:, 0] if "sigma" in draws else None,
        r_hat=float(max(r_hat[name].max() for name in told)),
        effective=float(min(effective[name].min() for name in told)),
        divergent=int(data.sample_stats["diverging"].sum()),
    )


def _is_told(name: str) -> bool:
    """Parameters, but not the single levels of random effects."""
    return "|" not in name or name.endswith("_sigma")


def _spread_name(draws: dict[str, Floats], place: int) -> str:
    return next(name for name in draws if name.endswith(f"|g{place}_sigma"))


def _flat(values: Floats) -> Floats:
    return values.reshape(values.shape[0] * values.shape[1], -1).astype(np.float64)


@contextmanager
def _quiet() -> Iterator[None]:
    """Bambi and PyMC tell their progress through logging."""
    loggers = [logging.getLogger(name) for name in ("bambi", "pymc")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _middle(found: Posterior) -> Estimated:
    """Posterior means, and the covariance of thresholds and fixed effects."""
    both = np.hstack([found.thresholds, found.fixed])
    residual = None if found.residual is None else float(found.residual.mean())
    covariance = np.atleast_2d(np.cov(both, rowvar=False))
    return Estimated(
        found.thresholds.mean(axis=0), found.fixed.mean(axis=0), covariance, found.deviations.mean(axis=0), residual
    )


def _summed(table: pl.DataFrame, draws: Floats) -> pl.DataFrame:
    """Limits from the draws, in the rows that have an estimate; no z, no p."""
    low, high = np.full(table.height, np.nan), np.full(table.height, np.nan)
    known = table["estimate"].is_not_null().to_numpy()
    low[known], high[known] = np.quantile(draws[:, ~np.isnan(draws[0])], [0.025, 0.975], axis=0)
    tests = [name for name in ("z", "p", "p_holm") if name in table.columns]
    return table.with_columns(
        pl.Series("low", low, nan_to_null=True),
        pl.Series("high", high, nan_to_null=True),
        *(pl.lit(None, dtype=pl.Float64).alias(name) for name in tests),
    )


def _marginal(design: Design, found: Posterior, table: pl.DataFrame) -> pl.DataFrame:
    """Means and limits of what the draws say on the response's scale."""
    profiles = marginal_profiles(design)
    linear = found.fixed @ profiles.T
    units = np.array([effect.unit for effect in design.random])
    spread = np.sqrt(np.sum((found.deviations * units) ** 2, axis=1))
    residual = found.residual if found.residual is not None else [None] * len(linear)
    mean = np.array([mean_of(design.family, at, ends) for at, ends in zip(linear, found.thresholds, strict=True)])
    population = np.array(
        [
            population_of(design.family, at, ends, float(deviation), None if noise is None else float(noise))
            for at, ends, deviation, noise in zip(linear, found.thresholds, spread, residual, strict=True)
        ]
    )
    low, high = np.quantile(mean, [0.025, 0.975], axis=0)
    columns = {design.family.mean: mean.mean(axis=0), "low": low, "high": high, "population": population.mean(axis=0)}
    return table.with_columns(pl.Series(name, values, nan_to_null=True) for name, values in columns.items())


def _about(found: Posterior) -> list[str]:
    said = [f"R-hat is {found.r_hat:.3f} at most, the effective number of draws {found.effective:.0f} at least."]
    if found.divergent:
        said.append(f"{found.divergent} transitions of the sampler diverged: do not use these figures.")
    if found.r_hat > MOST_R_HAT or found.effective < LEAST_ESS:
        said.append(
            f"The chains did not mix (wanted: R-hat at most {MOST_R_HAT}, {LEAST_ESS} draws): do not use these figures."
        )
    return said
