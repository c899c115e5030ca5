"""Restricted likelihoods of variance components, and the steps that climb them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, lapack, solve_triangular
from scipy.optimize import nnls

from binome.variation.components.partition import Partition

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
FLOOR = 1e-9
"""Least error variance, as a share of the values' variance: without any, a covariance has no inverse."""
MOST_STEPS = 100
TOLERANCE = 1e-8
TINY = 1e-13
"""A change of components, in shares of the values' variance, that is rounding."""


@dataclass(frozen=True)
class Point:
    """A restricted likelihood at some components.

    Attributes:
        height: its logarithm, up to a constant.
        information: (terms, terms), twice the expected information: tr(P K_k P K_l).
        target: (terms,); the score is half of target − information @ components.
    """

    height: float
    information: Floats
    target: Floats


class Stage(Protocol):
    """What can be maximised: the likelihood at some components, and the least that each may be."""

    @property
    def least(self) -> Floats: ...

    def at(self, components: Floats) -> Point: ...


@dataclass(frozen=True)
class Maximum:
    """Where the climb ended, and whether it had come to rest there."""

    components: Floats
    information: Floats
    converged: bool
    steps: int


def maximise(stage: Stage, start: Floats) -> Maximum:
    """Fisher scoring under bounds: each step solves the quadratic model exactly, and is halved until it climbs."""
    components = np.maximum(start, stage.least)
    point = stage.at(components)
    for steps in range(1, MOST_STEPS + 1):
        full = solve(point.information, point.target, stage.least) - components
        share, moved, reached = 1.0, components + full, stage.at(components + full)
        while reached.height < point.height - TOLERANCE * (1 + abs(point.height)) and share > TOLERANCE:
            share /= 2
            moved = components + share * full
            reached = stage.at(moved)
        change, components, point = float(np.abs(moved - components).max()), moved, reached
        if share <= TOLERANCE:
            return Maximum(components, point.information, False, steps)
        if change <= TOLERANCE * float(components.max()) + TINY:
            return Maximum(components, point.information, True, steps)
    return Maximum(components, point.information, False, MOST_STEPS)


def solve(information: Floats, target: Floats, least: Floats) -> Floats:
    """The x ≥ least with the least ½ xᵀ F x − tᵀ x."""
    unit = 1 / np.sqrt(np.diag(information))
    lower = cholesky(information * np.outer(unit, unit) + 1e-13 * np.eye(len(unit)), lower=True)
    wanted = solve_triangular(lower, unit * (target - information @ least), lower=True)
    return np.asarray(least + unit * nnls(lower.T, wanted)[0])


@dataclass(frozen=True)
class Table:
    """Values of objects under configurations: float64, about 1 in variance, NaN where missing.

    No row and no column is missing as a whole.
    """

    values: Floats

    @cached_property
    def complete(self) -> bool:
        """Whether every object has every configuration."""
        return not np.isnan(self.values).any()

    @cached_property
    def patterns(self) -> list[tuple[Bools, Bools]]:
        """Each pattern of missing cells: the configurations that are there, the objects that have it."""
        if self.complete:
            return [(np.ones(self.values.shape[1], dtype=np.bool_), np.ones(len(self.values), dtype=np.bool_))]
        masks, which = np.unique(~np.isnan(self.values), axis=0, return_inverse=True)
        return [(mask, which.ravel() == place) for place, mask in enumerate(masks)]

    @cached_property
    def core(self) -> Floats:
        """Of complete values, as few rows as can have the same sums of products about the means."""
        centred = self.values - self.values.mean(0)
        return np.asarray(np.linalg.qr(centred, mode="r")) if len(centred) > centred.shape[1] else centred


@dataclass(frozen=True)
class Objects:
    """The terms with the object: rows of a table independent of each other, configurations' means fixed effects.

    Attributes:
        table: (objects, configurations).
        partition: of the configurations by each term; the last term is the error.
    """

    table: Table
    partition: Partition

    @property
    def least(self) -> Floats:
        """Nothing but the error must be there."""
        return np.append(np.zeros(len(self.partition.labels) - 1), FLOOR)

    def at(self, components: Floats) -> Point:
        """The likelihood at some components."""
        covariance = self.partition.covariance(components)
        if self.table.complete:
            inverse, logarithm = _inverse(covariance)
            weighed, free = self.table.core @ inverse, len(self.table.values) - 1
            height = -(free * logarithm + float((weighed * self.table.core).sum())) / 2
            information = free * self.partition.products(inverse, inverse)
            return Point(height, information, self.partition.squares(weighed).sum(0))
        means = self.means(covariance)
        information, sandwiches = self.crossings(covariance, means.covariance)
        height = -(means.logarithm + means.distance) / 2
        twice = [means.covariance @ one for one in sandwiches]
        crossed = np.array([[float((one * other.T).sum()) for other in twice] for one in twice])
        return Point(height, information + crossed, self.partition.squares(means.weighed).sum(0))

    def means(self, covariance: Floats) -> Means:
        """Generalized least squares estimates of the configurations' means, given the covariance of an object."""
        inner, sums, logarithm = np.zeros_like(covariance), np.zeros(len(covariance)), 0.0
        filled = np.nan_to_num(self.table.values)
        for mask, rows in self.table.patterns:
            inverse, height = _inverse_within(covariance, mask)
            count = np.count_nonzero(rows)
            inner += count * inverse
            sums += inverse @ filled[rows].sum(0)
            logarithm += count * height
        outer, height = _inverse(inner)
        values, weighed, distance = outer @ sums, np.zeros_like(filled), 0.0
        for mask, rows in self.table.patterns:
            apart = np.where(mask, filled[rows] - values, 0)
            weighed[rows] = apart @ _inverse_within(covariance, mask)[0]
            distance += float((weighed[rows] * apart).sum())
        return Means(values, outer, weighed, logarithm + height, distance)

    def crossings(self, covariance: Floats, outer: Floats) -> tuple[Floats, Floats]:
        """Information (terms, terms) less what crosses objects, and Σ_i W_i K_k W_i, (terms, configurations²).

        W_i is the inverse covariance of object i, 0 where it has no value; `outer` the covariance of the means.
        """
        terms, size = self.partition.labels.shape
        information, sandwiches = np.zeros((terms, terms)), np.zeros((terms, size, size))
        for mask, rows in self.table.patterns:
            inverse, count = _inverse_within(covariance, mask)[0], np.count_nonzero(rows)
            around = self.partition.products(inverse @ outer @ inverse, inverse)
            information += count * (self.partition.products(inverse, inverse) - 2 * around)
            sandwiches += count * self.partition.sandwiches(inverse)
        return information, sandwiches


@dataclass(frozen=True)
class Means:
    """Configurations' means.

    Attributes:
        values: (configurations,).
        covariance: of the means as estimates, (configurations, configurations).
        weighed: (objects, configurations), each object's distance from the means times its inverse covariance.
        logarithm: of the determinants of all objects' covariances and of the means' inverse covariance, added up.
        distance: the objects' squared distances from the means in units of their covariance, added up.
    """

    values: Floats
    covariance: Floats
    weighed: Floats
    logarithm: float
    distance: float


@dataclass(frozen=True)
class Averages:
    """The terms without the object: one row of configurations' means, around one mean of all.

    Attributes:
        values: (configurations,).
        noise: their covariance as estimates, (configurations, configurations).
        partition: of the configurations by each term.
    """

    values: Floats
    noise: Floats
    partition: Partition

    @property
    def least(self) -> Floats:
        """Nothing must be there: the means are noisy already."""
        return np.zeros(len(self.partition.labels))

    def at(self, components: Floats) -> Point:
        """The likelihood at some components."""
        inverse, projected, logarithm = self.projection(components)
        height = -(logarithm + float(np.log(inverse.sum())) + float(self.values @ projected @ self.values)) / 2
        target = self.partition.squares((projected @ self.values)[None])[0]
        expected = self.partition.traces(projected @ self.noise @ projected)
        return Point(height, self.partition.products(projected, projected), target - expected)

    def projection(self, components: Floats) -> tuple[Floats, Floats, float]:
        """The inverse covariance, the same less what the mean takes up, and the covariance's log determinant."""
        inverse, logarithm = _inverse(self.noise + self.partition.covariance(components))
        sums = inverse.sum(0)
        return inverse, inverse - np.outer(sums, sums) / sums.sum(), logarithm


def _inverse(matrix: Floats) -> tuple[Floats, float]:
    """Inverse and log determinant of a positive definite matrix."""
    factor = cholesky(matrix, lower=True)
    inverse = lapack.dpotri(factor, lower=1)[0]
    return np.tril(inverse) + np.tril(inverse, -1).T, 2 * float(np.log(np.diag(factor)).sum())


def _inverse_within(matrix: Floats, mask: Bools) -> tuple[Floats, float]:
    """As `_inverse`, of the rows and columns in the mask; 0 in the others."""
    part, logarithm = _inverse(matrix[np.ix_(mask, mask)])
    inverse = np.zeros_like(matrix)
    inverse[np.ix_(mask, mask)] = part
    return inverse, logarithm
