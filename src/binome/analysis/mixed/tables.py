"""Tables of a fitted mixed model: coefficients, random effects, marginal means, contrasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import polars as pl
from scipy.special import expit, ndtr, ndtri

from binome.analysis.holm import holm
from binome.analysis.mixed.design import Design, term_of
from binome.analysis.mixed.family import Family, mean_of, population_of
from binome.analysis.sample import Floats

Cells = list[tuple[tuple[str, ...], list[tuple[str, ...]]]]
Z95 = float(ndtri(0.975))
RESIDUAL = {"binomial": np.pi**2 / 3, "ordinal": np.pi**2 / 3}
"""Variance of the logistic distribution: what single trials add on the logit scale (Nakagawa & Schielzeth 2010)."""


@dataclass(frozen=True)
class Estimated:
    """What a fit found, in the order of the design.

    Attributes:
        thresholds: (j,), between ordered categories; empty for other families.
        fixed: (k,).
        covariance: (j + k, j + k) of thresholds and fixed effects.
        deviations: (random effects,).
        residual: standard deviation of single trials on the linear scale; None where the family has none of its own.
    """

    thresholds: Floats
    fixed: Floats
    covariance: Floats
    deviations: Floats
    residual: float | None

    @property
    def fixed_covariance(self) -> Floats:
        place = len(self.thresholds)
        return self.covariance[place:, place:]


def wald(estimate: Floats, se: Floats, family: Family) -> pl.DataFrame:
    """`estimate, se, z, p, low, high` and the family's ratio; null where the estimate or its error is undefined."""
    z = np.divide(estimate, se, out=np.full(len(se), np.nan), where=se > 0)
    columns = {
        "estimate": estimate, "se": se, "z": z, "p": 2 * ndtr(-np.abs(z)), "low": estimate - Z95 * se,
        "high": estimate + Z95 * se,
    }  # fmt: skip
    if family.scale != "difference":
        with np.errstate(over="ignore"):
            ratio = np.exp(estimate)
        columns[family.scale] = np.where(np.isfinite(ratio), ratio, np.nan)
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Float64)).fill_nan(None)


def fixed_table(design: Design, found: Estimated) -> pl.DataFrame:
    """The coefficients in the formula's order, those of separated levels null."""
    numbers = wald(found.fixed, np.sqrt(np.diag(found.fixed_covariance)), design.family)
    table = pl.DataFrame({"term": design.terms}, schema={"term": pl.String}).hstack(numbers)
    lost = [term_of((level,)) for level in design.separated]
    return pl.concat([table, pl.DataFrame({"term": lost}, schema={"term": pl.String})], how="diagonal")


def threshold_table(design: Design, found: Estimated) -> pl.DataFrame:
    """`threshold, estimate, se`, between neighbouring categories."""
    count = len(found.thresholds)
    names = [f"{low}|{high}" for low, high in zip(design.categories, design.categories[1:], strict=False)][:count]
    se = np.sqrt(np.diag(found.covariance)[:count])
    return pl.DataFrame(
        {"threshold": names, "estimate": found.thresholds, "se": se},
        schema={"threshold": pl.String, "estimate": pl.Float64, "se": pl.Float64},
    ).fill_nan(None)


def random_table(design: Design, found: Estimated) -> pl.DataFrame:
    """`group, sd, levels, effect, share`; the share is of the variance at the mean trial, on the linear scale."""
    units = np.array([effect.unit for effect in design.random])
    # The values of a block have a mean square of one: its variance, averaged over trials (Johnson 2014).
    variances = (found.deviations * units) ** 2
    total = variances.sum() + residual_variance(design, found)
    return pl.DataFrame(
        {
            "group": [effect.group for effect in design.random],
            "sd": found.deviations,
            "levels": [effect.block.levels for effect in design.random],
            "effect": [effect.effect for effect in design.random],
            "share": variances / total,
        }
    )


def residual_variance(design: Design, found: Estimated) -> float:
    """What single trials add to the variance of the linear scale."""
    if found.residual is not None:
        return found.residual**2
    if design.family.name == "poisson":
        return float(np.log1p(1 / design.response.mean()))
    return float(RESIDUAL[design.family.name])


def cells(design: Design) -> Cells:
    """Categorical terms and interactions of them, each with its levels."""
    mains: list[tuple[tuple[str, ...], list[tuple[str, ...]]]] = [
        ((name,), [(level,) for level in known]) for name, known in design.levels.items()
    ]
    crossed = [(term, list(product(*(design.levels[name] for name in term)))) for term in design.interactions]
    return mains + crossed


def marginal_table(design: Design, found: Estimated) -> pl.DataFrame:
    """Marginal means, one row a level of each categorical term and a cell of each interaction."""
    named = [(term, cell) for term, known in cells(design) for cell in known]
    profiles = marginal_profiles(design)
    linear = profiles @ found.fixed
    family, ends = design.family, found.thresholds
    mean, low, high = _mean_with_limits(design, found, profiles)
    numbers = {
        family.mean: mean, "low": low, "high": high,
        "population": population_of(family, linear, ends, total_deviation(design, found), found.residual),
    }  # fmt: skip
    if family.linear:
        numbers = {family.linear: linear, **numbers}
    return _named(named).hstack(pl.DataFrame(numbers, schema=dict.fromkeys(numbers, pl.Float64)).fill_nan(None))


def category_table(design: Design, found: Estimated) -> pl.DataFrame:
    """`term, level, category, probability, low, high`: of ordered categories, a typical operator and item."""
    named = [(term, cell) for term, known in cells(design) for cell in known] if design.categories else []
    profiles = _profiles(design, named)
    shares, gradients = _categories(found, profiles)
    se = np.sqrt(np.einsum("icj,jk,ick->ic", gradients, found.covariance, gradients))
    count = len(design.categories)
    names = _named([cell for cell in named for _ in range(count)])
    numbers = {"probability": shares.ravel(), **_between(shares.ravel(), se.ravel())}
    table = names.with_columns(category=pl.Series(list(design.categories) * len(named), dtype=pl.String))
    return table.hstack(pl.DataFrame(numbers, schema=dict.fromkeys(numbers, pl.Float64)).fill_nan(None))


def contrast_table(design: Design, found: Estimated) -> pl.DataFrame:
    """All pairs of levels of each categorical term and of cells of each interaction, later − earlier."""
    names = ("term", "first", "second")
    tables = [_pairs(design, term, known, found) for term, known in cells(design)]
    empty = pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    nothing = wald(np.empty(0), np.empty(0), design.family).with_columns(p_holm=pl.col("p"))
    table = pl.concat([empty.hstack(nothing), *tables])
    order = ["estimate", "se", "z", "p", "p_holm", "low", "high"]
    return table.select(*names, *order, *(name for name in table.columns if name not in (*names, *order)))


def _pairs(design: Design, term: tuple[str, ...], known: Sequence[tuple[str, ...]], found: Estimated) -> pl.DataFrame:
    places = list(combinations(range(len(known)), 2))
    difference = _differences(design, term, known)
    se = np.sqrt(np.einsum("ij,jk,ik->i", difference, found.fixed_covariance, difference))
    table = wald(difference @ found.fixed, se, design.family)
    names = pl.DataFrame(
        {
            "term": [_joined(term)] * len(places),
            "first": [_joined(known[later]) for _, later in places],
            "second": [_joined(known[earlier]) for earlier, _ in places],
        }
    )
    return names.hstack(table.with_columns(p_holm=holm(table["p"])))


def marginal_profiles(design: Design) -> Floats:
    """The rows (m, k) of the marginal table."""
    return _profiles(design, [(term, cell) for term, known in cells(design) for cell in known])


def pair_profiles(design: Design) -> Floats:
    """The rows (m, k) of the table of contrasts."""
    parts = [_differences(design, term, known) for term, known in cells(design)]
    return np.vstack([np.empty((0, len(design.columns))), *parts])


def _differences(design: Design, term: tuple[str, ...], known: Sequence[tuple[str, ...]]) -> Floats:
    rows = _profiles(design, [(term, cell) for cell in known])
    return np.array([rows[later] - rows[earlier] for earlier, later in combinations(range(len(known)), 2)])


def _profiles(design: Design, named: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> Floats:
    rows = [design.profile(_chosen(term, cell)) for term, cell in named]
    return np.array(rows).reshape(len(rows), len(design.columns))


def _chosen(term: tuple[str, ...], cell: tuple[str, ...]) -> Mapping[str, str]:
    return dict(zip(term, cell, strict=True))


def _named(named: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> pl.DataFrame:
    columns = {"term": [_joined(term) for term, _ in named], "level": [_joined(cell) for _, cell in named]}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _joined(names: tuple[str, ...]) -> str:
    return ":".join(names)


def total_deviation(design: Design, found: Estimated) -> float:
    """Standard deviation of all random effects together at the mean trial."""
    units = np.array([effect.unit for effect in design.random])
    return float(np.sqrt(np.sum((found.deviations * units) ** 2)))


def _mean_with_limits(design: Design, found: Estimated, profiles: Floats) -> tuple[Floats, Floats, Floats]:
    """On the response's scale: through the link, or for ordered categories by the delta method."""
    family, linear = design.family, profiles @ found.fixed
    mean = mean_of(family, linear, found.thresholds)
    if family.name == "ordinal":
        shares, gradients = _categories(found, profiles)
        slope = np.einsum("c,icj->ij", np.arange(1.0, shares.shape[1] + 1), gradients)
        se = np.sqrt(np.einsum("ij,jk,ik->i", slope, found.covariance, slope))
        return mean, np.maximum(1, mean - Z95 * se), np.minimum(shares.shape[1], mean + Z95 * se)
    se = np.sqrt(np.einsum("ij,jk,ik->i", profiles, found.fixed_covariance, profiles))
    low, high = (mean_of(family, linear + end * se, found.thresholds) for end in (-Z95, Z95))
    return mean, low, high


def _categories(found: Estimated, profiles: Floats) -> tuple[Floats, Floats]:
    """Shares (rows, categories), and their derivatives (rows, categories, thresholds and fixed effects)."""
    below = expit(found.thresholds - (profiles @ found.fixed)[:, None])
    rows, count = below.shape
    dense = below * (1 - below)
    upward = np.zeros((rows, count + 2, count + profiles.shape[1]))
    upward[:, np.arange(1, count + 1), np.arange(count)] = dense
    upward[:, 1:-1, count:] = -dense[..., None] * profiles[:, None]
    cumulative = np.column_stack([np.zeros(rows), below, np.ones(rows)])
    return np.diff(cumulative, axis=1), np.diff(upward, axis=1)


def _between(share: Floats, se: Floats) -> dict[str, Floats]:
    """Limits of a share, on the logit scale so that they stay between 0 and 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logit, width = np.log(share) - np.log1p(-share), Z95 * se / (share * (1 - share))
        return {"low": expit(logit - width), "high": expit(logit + width)}
