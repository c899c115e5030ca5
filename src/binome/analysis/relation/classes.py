"""Latent classes of profiles: how many kinds of working together there are, how frequent, and who belongs to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import linear_sum_assignment

from binome.analysis.bootstrap import interval
from binome.analysis.measuring import LEAST_OPERATORS
from binome.analysis.relation.coding import RELATIONS
from binome.analysis.relation.mixture import Mixtures, climb, coefficients, fit, posterior, starts
from binome.analysis.relation.profile import Tally
from binome.analysis.resampling import Counts, Grouped
from binome.analysis.sample import Floats

STARTS = 16
STARTS_AGAIN = 3
"""In each resample: it begins from what was found, and from so many random places beside it."""
NEAR_ENOUGH = 1e-3
"""Gain in log-likelihood of one cycle at which fits to resamples stop: far below what a test or a limit could show."""

CLASSES = {
    "classes": pl.Int64, "log_likelihood": pl.Float64, "parameters": pl.Int64, "bic": pl.Float64, "p": pl.Float64,
}  # fmt: skip
MEMBERS = {"class": pl.Int64, "share": pl.Float64, "low": pl.Float64, "high": pl.Float64}


@dataclass(frozen=True)
class Classes:
    """What `latent_classes` found; the tables are those of `Relations`."""

    classes: pl.DataFrame
    chosen: int
    members: pl.DataFrame
    assigned: pl.DataFrame
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class _Table:
    """Profiles with a coded trial: counts (n, c) of the relations that occur, operator and group of each (n,)."""

    counts: Floats
    relations: Counts
    operator: Counts
    group: Counts


def latent_classes(
    counts: Tally, data: Grouped, draws: Floats, *, most: int, tests: int, refits: int, seed: int
) -> Classes:
    """Fit mixtures of 1 to `most` classes to the profiles of operators in conditions and choose one by BIC.

    Args:
        draws: float64 (resamples, operators): the first `refits` of them give the intervals of the classes' shares.
        tests: samples simulated for each test of k classes against k − 1.
        seed: of random starts and simulated samples.
    """
    table = _table(counts)
    n = len(table.counts)
    if not n:
        empty = pl.DataFrame(schema=CLASSES)
        members = pl.DataFrame(schema=MEMBERS | dict.fromkeys(RELATIONS, pl.Float64))
        return Classes(empty, 0, members, _assigned(table, np.empty((0, 0)), data), {"classes": "nothing_coded"})
    most = min(most, len(np.unique(table.counts / table.counts.sum(axis=1, keepdims=True), axis=0)))
    fits = _fits(table.counts, most, np.random.default_rng((seed, 2)))
    constant, kinds = float(coefficients(table.counts).sum()), table.counts.shape[1]
    likelihood = np.array([found.log_likelihood[0] for found in fits]) + constant
    parameters = np.array([k * (kinds - 1) + k - 1 for k in range(1, most + 1)])
    bic = -2 * likelihood + parameters * np.log(n)
    chosen = int(bic.argmin()) + 1
    p: list[float | None] = [None] * most
    for k in range(max(chosen, 2), min(chosen + 1, most) + 1):
        p[k - 1] = _test(table.counts, fits[k - 2], fits[k - 1], tests, np.random.default_rng((seed, 3, k)))
    sizes = range(1, most + 1)
    classes = pl.DataFrame(dict(zip(CLASSES, (sizes, likelihood, parameters, bic, p), strict=True)), schema=CLASSES)
    weights, profiles = _in_order(fits[chosen - 1], table)
    again = _weights_again(table, weights, profiles, draws[:refits])
    return Classes(
        classes,
        chosen,
        _members(weights, profiles, again, table, len(np.unique(table.operator))),
        _assigned(table, posterior(table.counts, weights, profiles), data),
        {"classes": "too_few_profiles"} if most < 2 else {},
    )


def _table(counts: Tally) -> _Table:
    operator, group = np.nonzero(counts.coded)
    rows = counts.relations[operator, group]
    occurring = np.flatnonzero(rows.sum(axis=0)) if len(rows) else np.arange(len(RELATIONS))
    return _Table(rows[:, occurring].astype(np.float64), occurring, operator, group)


def _fits(counts: Floats, most: int, rng: np.random.Generator) -> list[Mixtures]:
    """The best mixture of 1, 2, … `most` classes."""
    kinds, repeated = np.unique(counts, axis=0, return_counts=True)
    rows, times = kinds[None], repeated[None].astype(np.float64)
    found: list[Mixtures] = []
    for k in range(1, most + 1):
        weights, profiles = starts(rows, k, 1 if k == 1 else STARTS, rng)
        if k > 1:
            wider = _widened(found[-1], rows, STARTS // 2, rng)
            weights, profiles = np.concatenate([weights, wider[0]]), np.concatenate([profiles, wider[1]])
        fitted = fit(rows, times, weights, profiles)
        best = [int(fitted.log_likelihood.argmax())]
        found.append(Mixtures(fitted.weights[best], fitted.profiles[best], fitted.log_likelihood[best]))
    return found


def _widened(smaller: Mixtures, rows: Floats, m: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Starts with one class more: a smaller mixture with a row drawn at random as the new class, m for each table."""
    k = smaller.weights.shape[1] + 1
    new_weights, new = starts(rows, 1, m, rng)
    repeats = len(new) // len(smaller.weights)
    weights = np.repeat(smaller.weights, repeats, axis=0) * (k - 1) / k
    profiles = np.repeat(smaller.profiles, repeats, axis=0)
    return np.concatenate([weights, new_weights / k], axis=1), np.concatenate([profiles, new], axis=1)


def _test(counts: Floats, smaller: Mixtures, larger: Mixtures, tests: int, rng: np.random.Generator) -> float | None:
    """Bootstrap p of "one class fewer will do": how often samples of the smaller mixture gain as much by the larger.

    McLachlan 1987; one added to the count and to the number of samples.
    """
    if not tests:
        return None
    gain = max(0.0, float(larger.log_likelihood[0] - smaller.log_likelihood[0]))
    n, k = len(counts), smaller.weights.shape[1]
    member = rng.choice(k, size=(tests, n), p=smaller.weights[0] / smaller.weights[0].sum())
    size = counts.sum(axis=1).astype(np.int64)
    drawn = rng.multinomial(np.broadcast_to(size, (tests, n)), smaller.profiles[0][member]).astype(np.float64)
    once = np.ones((1, n))
    weights, profiles = _with_found(smaller, drawn, k, rng)
    narrow = climb(drawn, once, weights, profiles, NEAR_ENOUGH)
    wide = climb(drawn, once, *_widened(narrow, drawn, STARTS_AGAIN, rng), NEAR_ENOUGH)
    gains = np.maximum(0.0, wide.log_likelihood - narrow.log_likelihood)
    return float((1 + np.count_nonzero(gains >= gain)) / (tests + 1))


def _with_found(found: Mixtures, drawn: Floats, k: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """For each table: the mixture that it was drawn from, and one random start beside it."""
    tables, kinds = len(drawn), drawn.shape[2]
    weights, profiles = starts(drawn, k, 1, rng)
    own_weights, own = np.repeat(found.weights, tables, axis=0), np.repeat(found.profiles, tables, axis=0)
    return (
        np.stack([own_weights, weights], axis=1).reshape(-1, k),
        np.stack([own, profiles], axis=1).reshape(-1, k, kinds),
    )


def _in_order(found: Mixtures, table: _Table) -> tuple[Floats, Floats]:
    """Weights and profiles, from the class that leaves least to the model to the one that leaves most."""
    weights, profiles = found.take(0)
    order = np.argsort(profiles @ table.relations, kind="stable")
    return weights[order], profiles[order]


def _weights_again(table: _Table, weights: Floats, profiles: Floats, draws: Floats) -> Floats:
    """The classes' shares in resamples of operators, (resamples, k); each class is the one that it is most like.

    NaN where no operator that was drawn has a coded decision.
    """
    k = len(weights)
    if k == 1 or not len(draws):
        return np.ones((len(draws), k))
    kinds, kind = np.unique(table.counts, axis=0, return_inverse=True)
    of_kind = np.zeros((draws.shape[1], len(kinds)))
    np.add.at(of_kind, (table.operator, kind), 1.0)
    often = draws @ of_kind
    some = np.flatnonzero(often.sum(axis=1))  # a resample of operators without any coded decision tells nothing
    matched = np.full((len(draws), k), np.nan)
    if not len(some):
        return matched
    m = len(some)
    begun = np.broadcast_to(weights, (m, k)), np.broadcast_to(profiles, (m, *profiles.shape))
    again = fit(kinds[None], often[some], *begun, NEAR_ENOUGH)
    for i in range(m):
        far = np.abs(profiles[:, None] - again.profiles[i][None]).sum(axis=-1)
        mine, theirs = linear_sum_assignment(far)
        matched[some[i], mine] = again.weights[i, theirs]
    return matched


def _members(weights: Floats, profiles: Floats, again: Floats, table: _Table, operators: int) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for k, (share, profile) in enumerate(zip(weights, profiles, strict=True)):
        enough = operators >= LEAST_OPERATORS
        low, high = interval(float(share), again[:, k], None) if enough else (np.nan, np.nan)
        shares = dict.fromkeys(RELATIONS, 0.0)
        shares |= {RELATIONS[r]: float(value) for r, value in zip(table.relations, profile, strict=True)}
        rows.append({"class": k + 1, "share": float(share), "low": low, "high": high, **shares})
    schema = MEMBERS | dict.fromkeys(RELATIONS, pl.Float64)
    return pl.DataFrame(rows, schema=schema).with_columns(pl.col("low", "high").fill_nan(None))


def _assigned(table: _Table, probability: Floats, data: Grouped) -> pl.DataFrame:
    """One row an operator, group and class: the probability that this operator, in this group, is of this class."""
    n, k = probability.shape
    row = np.repeat(np.arange(n), k)
    names = pl.DataFrame({"operator": pl.Series([data.operators[i] for i in table.operator[row]], dtype=pl.String)})
    return names.hstack(data.groups[table.group[row]]).with_columns(
        pl.Series("class", np.tile(np.arange(1, k + 1), n), dtype=pl.Int64),
        pl.Series("probability", probability.ravel(), dtype=pl.Float64),
    )
