"""A fitted mixed model."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import polars as pl

from binome.analysis.mixed.family import Scale


@dataclass(frozen=True)
class Fit:
    """A fitted mixed model. An effect without a finite estimate is null in every table.

    Attributes:
        formula: as given.
        fixed: `term, estimate, se, z, p, low, high` and `odds_ratio` or `ratio`, as `scale` says: on the scale of the
            linear predictor, 95 % Wald limits.
        random: `group, sd, levels, effect, share`; on that scale. `effect` is `(Intercept)` or a slope's column,
            `share` that of the variance at the mean trial (of an intercept, the intraclass correlation).
        marginal: for each level of each categorical term, and each cell of their interactions: `term, level`, the
            linear predictor (`logit` or `log`; none for gaussian), what a typical operator and item give (random
            effects of zero: `probability`, `mean`, `median` for lognormal, `mean_category` from 1 on), with 95 %
            limits `low, high`, and `population`, its mean over the distribution of random effects (for lognormal
            the mean of the response). Other categorical terms are averaged over their levels with equal weights,
            numeric terms held at their mean.
        contrasts: `term, first, second, estimate, se, z, p, p_holm, low, high` and the ratio for all pairs of levels
            (or cells), first − second, on the linear scale; Holm over the pairs of a term.
        n: trials that the likelihood uses.
        log_likelihood: Laplace's approximation; by `REML` the restricted one. For lognormal, of the logarithm.
        converged: the optimiser stopped at a maximum: flat in every direction, curved downward.
        singular: some random effect has no variance that the data show.
        messages: what a reader must know.
        family: binomial, gaussian, lognormal, poisson or ordinal.
        link: logit, log or identity.
        scale: what exp(estimate) is: `odds_ratio` or `ratio`, a column of the tables; `difference` where the
            estimates speak for themselves.
        method: how it was fitted: `Laplace`, `REML`, `ML` or `Bayes`.
        residual: standard deviation of single trials on the linear scale, of gaussian and lognormal models.
        thresholds: `threshold, estimate, se` between ordered categories; no row for other families.
        categories: `term, level, category, probability, low, high` of ordered categories, for a typical operator and
            item; no row for other families.
        parameters: how many were estimated.
        dispersion: of counts, Pearson's χ² over its degrees of freedom; 1 is what a Poisson distribution says.
    """

    formula: str
    fixed: pl.DataFrame
    random: pl.DataFrame
    marginal: pl.DataFrame
    contrasts: pl.DataFrame
    n: int
    log_likelihood: float | None
    converged: bool
    singular: bool
    messages: tuple[str, ...]
    family: str
    link: str
    scale: Scale
    method: str
    residual: float | None
    thresholds: pl.DataFrame
    categories: pl.DataFrame
    parameters: int
    dispersion: float | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}


def _plain(value: Any) -> Any:
    if isinstance(value, pl.DataFrame):
        return value.to_dicts()
    return list(value) if isinstance(value, tuple) else value
