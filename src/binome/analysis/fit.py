"""A fitted mixed model: its tables, its marginal means and its contrasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit, ndtr, ndtri

from binome.analysis.design import INTERCEPT, Design, term_of
from binome.analysis.holm import holm
from binome.analysis.sample import Floats

Z95 = float(ndtri(0.975))


@dataclass(frozen=True)
class Fit:
    """A fitted logistic mixed model. An effect without a finite estimate is null in every table.

    Attributes:
        formula: as given.
        fixed: `term, estimate, se, z, p, low, high, odds_ratio`; logit scale, 95 % Wald limits.
        random: `group, sd, levels`; logit scale.
        marginal: `term, level, logit, probability, low, high, population` for each level of each categorical
            term. `probability` is that of a typical operator and item (random effects of zero), with 95 %
            limits; `population` averages it over the distribution of random effects. Other categorical
            terms are averaged over their levels with equal weights, numeric terms held at their mean.
        contrasts: `term, first, second, estimate, se, z, p, p_holm, low, high, odds_ratio` for all pairs of levels,
            first − second, logit scale; Holm over the pairs of a term.
        n: trials that the likelihood uses.
        log_likelihood: Laplace's approximation.
        converged: the optimiser stopped at a maximum: flat in every direction, curved downward.
        singular: some random effect has no variance that the data show.
        messages: what a reader must know, the optimiser's own warnings included.
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

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "formula": self.formula,
            "fixed": self.fixed.to_dicts(),
            "random": self.random.to_dicts(),
            "marginal": self.marginal.to_dicts(),
            "contrasts": self.contrasts.to_dicts(),
            "n": self.n,
            "log_likelihood": self.log_likelihood,
            "converged": self.converged,
            "singular": self.singular,
            "messages": list(self.messages),
        }


def wald(estimate: Floats, se: Floats) -> pl.DataFrame:
    """`estimate, se, z, p, low, high, odds_ratio`, null where the estimate or its error is undefined."""
    z = np.divide(estimate, se, out=np.full(len(se), np.nan), where=se > 0)
    columns = {
        "estimate": estimate, "se": se, "z": z, "p": 2 * ndtr(-np.abs(z)), "low": estimate - Z95 * se,
        "high": estimate + Z95 * se, "odds_ratio": np.exp(estimate),
    }  # fmt: skip
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Float64)).fill_nan(None)


def fixed_table(design: Design, estimate: Floats, covariance: Floats) -> pl.DataFrame:
    """The coefficients in the formula's order, separated levels null."""
    table = pl.DataFrame({"term": design.terms}).hstack(wald(estimate, np.sqrt(np.diag(covariance))))
    lost = [term_of(*level) for level in design.separated]
    return pl.concat([table, pl.DataFrame({"term": lost}, schema={"term": pl.String})], how="diagonal")


def marginal_table(design: Design, estimate: Floats, covariance: Floats, deviations: Floats) -> pl.DataFrame:
    """Marginal means, one row a level of each categorical term."""
    rows = [(name, level, _profile(design, name, level)) for name, known in design.levels.items() for level in known]
    profiles = np.array([profile for _, _, profile in rows]).reshape(-1, len(design.terms))
    logit = profiles @ estimate
    se = np.sqrt(np.einsum("ij,jk,ik->i", profiles, covariance, profiles))
    numbers = {
        "logit": logit, "probability": expit(logit), "low": expit(logit - Z95 * se), "high": expit(logit + Z95 * se),
        "population": population_mean(logit, deviations),
    }  # fmt: skip
    names = pl.DataFrame(
        {"term": [name for name, _, _ in rows], "level": [level for _, level, _ in rows]},
        schema={"term": pl.String, "level": pl.String},
    )
    return names.hstack(pl.DataFrame(numbers, schema=dict.fromkeys(numbers, pl.Float64)).fill_nan(None))


def population_mean(logit: Floats, deviations: Floats) -> Floats:
    """Mean of the probability over independent normal random effects (Gauss–Hermite, 61 nodes)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    total = np.sqrt(np.sum(np.square(deviations)))
    return np.asarray(expit(logit[:, None] + total * nodes) @ (weights / weights.sum()))


def contrast_table(design: Design, estimate: Floats, covariance: Floats) -> pl.DataFrame:
    """All pairs of levels of each categorical term, later − earlier."""
    tables = [_pairs(design, name, known, estimate, covariance) for name, known in design.levels.items()]
    if not tables:
        empty = pl.DataFrame(schema=dict.fromkeys(("term", "first", "second"), pl.String))
        nothing = wald(np.empty(0), np.empty(0))
        return empty.hstack(nothing).with_columns(p_holm=pl.col("p"))
    return pl.concat(tables)


def _pairs(design: Design, name: str, known: Sequence[str], estimate: Floats, covariance: Floats) -> pl.DataFrame:
    pairs = [(later, earlier) for earlier, later in combinations(known, 2)]
    difference = np.array([_profile(design, name, a) - _profile(design, name, b) for a, b in pairs])
    se = np.sqrt(np.einsum("ij,jk,ik->i", difference, covariance, difference))
    table = wald(difference @ estimate, se)
    names = pl.DataFrame({"term": [name] * len(pairs), "first": [a for a, _ in pairs], "second": [b for _, b in pairs]})
    table = names.hstack(table).with_columns(p_holm=holm(table["p"]))
    return table.select(*names.columns, "estimate", "se", "z", "p", "p_holm", "low", "high", "odds_ratio")


def _profile(design: Design, name: str, level: str) -> Floats:
    """The row of the design for one level, other terms at their means; NaN where it has no finite estimate."""
    if (name, level) in design.separated:
        return np.full(len(design.terms), np.nan)
    row: Floats = design.matrix.mean(axis=0)
    row[design.terms.index(INTERCEPT)] = 1.0
    for other, known in design.levels.items():
        present = [known_level for known_level in known if (other, known_level) not in design.separated]
        for known_level in present[1:]:
            share = 1.0 / len(present) if other != name else float(known_level == level)
            row[design.terms.index(term_of(other, known_level))] = share
    return row
