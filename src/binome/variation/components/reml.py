"""Variance components of designs with missing cells: restricted maximum likelihood, in two stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from binome.core import BinomeError
from binome.core.blas import one_thread
from binome.variation.components.likelihood import Averages, Maximum, Objects, Stage, Table, maximise, solve
from binome.variation.components.measurement import Design
from binome.variation.components.partition import Partition

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
ALIKE = 1e-8
"""A term of whose information the others leave no more than this share cannot be told from them."""


@dataclass(frozen=True)
class Reml:
    """Variance components of one design with missing cells, and how they were come by.

    Attributes:
        components: (terms,) of `design`, none negative; NaN where not identified.
        design: the design asked for, without the terms that no observed cell tells from another. These are `pooled`:
            the component of the other is the sum of both. In a fraction of a factorial, the highest interactions are.
        unidentified: terms that the observed cells do not determine for another reason: without a component.
        converged: whether both stages came to rest. Do not use components that did not.
        steps: of both stages.
        objects, configurations: how many have a value.
        missing: cells of the array without a value.
    """

    components: Floats
    design: Design
    unidentified: tuple[str, ...]
    converged: bool
    steps: int
    objects: int
    configurations: int
    missing: int
    _fit: _Fit

    def resampled(self, counts: Floats) -> Floats:
        """Components (resamples, terms) when object i is there counts[:, i] times: one more step from the solution.

        A step of scoring is linear in the objects' squares, so that all resamples cost a few matrix products (one-step
        bootstrap, Shao & Tu 1995). Where no cell is missing it is exact. What drawing objects with replacement does to
        variances is corrected as by `Contrasts.resampled`.
        """
        with one_thread():
            return self._fit.resampled(counts)


def reml(values: Any, design: Design) -> Reml:
    """Non-negative REML estimates of the variance components of a random-effects design where cells are missing.

    First the terms with the object: given the configurations' means (fixed effects) objects are independent, with
    covariance Σ_k σ²_k Z_k Z_kᵀ over configurations (Patterson & Thompson 1971). Then the terms without it, from the
    generalized least squares estimates of those means and their covariance. Both by Fisher scoring under
    non-negativity. Without missing cells and negative estimates this is what `anova` gives.

    A pattern of missing cells costs some multiples of configurations³ a step, once for all objects that share it:
    missing configurations are cheap, cells missing here and there among thousands of objects are not.

    Args:
        values: (objects, *facet levels), NaN where missing, in any pattern.

    Raises:
        BinomeError: for infinite values, another number of axes, a factor with fewer than two observed levels, or
            no configuration that two objects share.
    """
    array = np.array(values, dtype=np.float64)
    design.levels(array.shape)
    design = Design(design.object, design.facets, design.nested)
    if np.isinf(array).any():
        raise BinomeError("values hold infinite numbers; mend them, or make them NaN where missing")
    there = ~np.isnan(array)
    _check_observed(there, design)
    rows = there.reshape(len(array), -1)
    used, seen = np.flatnonzero(rows.any(1)), np.flatnonzero(rows.any(0))
    array -= array[there][0]  # equal values are to vary by 0 exactly
    scale = float(np.nanstd(array)) or 1.0
    flat = (array.reshape(len(array), -1)[np.ix_(used, seen)] - np.nanmean(array)) / scale
    cells = np.stack(np.unravel_index(seen, array.shape[1:]), axis=1)
    with one_thread():
        fit = _fit(flat, design, cells, scale, used)
    lost = {name for name, value in zip(fit.design.terms, fit.components, strict=True) if np.isnan(value)}
    return Reml(
        components=fit.components,
        design=fit.design,
        unidentified=tuple(name for name in fit.design.terms if name in lost),
        converged=fit.within.maximum.converged and fit.between.maximum.converged,
        steps=fit.within.maximum.steps + fit.between.maximum.steps,
        objects=len(used),
        configurations=len(seen),
        missing=int(array.size - np.count_nonzero(there)),
        _fit=fit,
    )


def determined(values: Floats) -> bool:
    """Whether some configuration of values (objects, …) has two objects with a value, so that they can be compared."""
    return bool((np.count_nonzero(~np.isnan(values), axis=0) > 1).any())


@dataclass(frozen=True)
class _Terms:
    """Which of a stage's terms can be estimated.

    Attributes:
        kept: those that are.
        pooled: of the others, to the kept one that is the same.
        lost: those, kept or not, that only sums with others are known of.
    """

    kept: tuple[int, ...]
    pooled: dict[int, int]
    lost: frozenset[int]


@dataclass(frozen=True)
class _Solved:
    """A stage at its maximum; `names` of the components, and those of the terms that are `lost`."""

    maximum: Maximum
    names: tuple[str, ...]
    lost: frozenset[str]
    pooled: dict[str, str]


@dataclass(frozen=True)
class _Fit:
    """Both stages, in units of `scale`, and the objects that have values."""

    design: Design
    objects: Objects
    averages: Averages
    within: _Solved
    between: _Solved
    scale: float
    used: Ints

    @property
    def components(self) -> Floats:
        """(terms,) of the design."""
        found = self._placed(self.within.maximum.components[None], self.between.maximum.components[None])
        return np.asarray(found[0])

    def resampled(self, counts: Floats) -> Floats:
        """(resamples, terms)."""
        stage, partition, n = self.objects, self.objects.partition, len(self.used)
        means = stage.means(partition.covariance(self.within.maximum.components))
        drawn = counts[:, self.used]
        sandwiches = stage.crossings(partition.covariance(self.within.maximum.components), means.covariance)[1]
        moved = drawn @ means.weighed @ means.covariance
        lost = np.stack([np.einsum("bc,bc->b", moved @ one, moved) for one in sandwiches], axis=1)
        targets = (drawn @ partition.squares(means.weighed) - lost) * (n / (n - 1))
        within = _solutions(self.within.maximum, targets, stage)

        projected = self.averages.projection(self.between.maximum.components)[1]
        half = projected @ means.covariance
        noise = np.stack([self.averages.partition.traces(half @ one @ half.T) for one in sandwiches])
        targets = self.averages.partition.squares((means.values + moved) @ projected)
        # The means' own noise once, and once more as drawing objects with replacement adds it.
        targets -= within @ noise * (1 + (n - 1) / n)
        return self._placed(within, _solutions(self.between.maximum, targets, self.averages))

    def _placed(self, within: Floats, between: Floats) -> Floats:
        found = np.full((len(within), len(self.design.terms)), np.nan)
        for solved, values, least in (
            (self.within, within, self.objects.least),
            (self.between, between, self.averages.least),
        ):
            for name, column, floor in zip(solved.names, values.T, least, strict=True):
                if name not in solved.lost:
                    found[:, self.design.terms.index(name)] = np.where(column > floor * (1 + 1e-6), column, 0)
        return found * self.scale**2


def _check_observed(there: Bools, design: Design) -> None:
    for axis, name in enumerate(design.factors):
        levels = np.count_nonzero(there.any(tuple(one for one in range(there.ndim) if one != axis)))
        if levels < 2:
            raise BinomeError(
                f"{name!r} has {levels} of its {there.shape[axis]} levels observed; leave it out, or observe two"
            )
    if not (np.count_nonzero(there, axis=0) > 1).any():
        raise BinomeError(f"no two levels of {design.object!r} share a configuration; nothing can be compared")


def _fit(values: Floats, design: Design, cells: Ints, scale: float, used: Ints) -> _Fit:
    axes = {name: axis for axis, name in enumerate(design.facets)}
    related = [one for one in design.sources if design.object in one]
    others = [one for one in design.sources if design.object not in one]

    def partition(sources: list[frozenset[str]]) -> Partition:
        return Partition.of([sorted(axes[name] for name in one if name in axes) for one in sources], cells)

    objects = Objects(Table(values), partition(related))
    terms = _identified(objects)
    objects = Objects(objects.table, objects.partition.only(terms.kept))
    within = _solved(objects, terms, [design.name(one) for one in related], 1.0)
    means = objects.means(objects.partition.covariance(within.maximum.components))
    averages = Averages(means.values, means.covariance, partition(others))
    terms = _identified(averages)
    averages = Averages(means.values, means.covariance, averages.partition.only(terms.kept))
    between = _solved(averages, terms, [design.name(one) for one in others], float(means.values.var()))
    design = Design(design.object, design.facets, design.nested, {**within.pooled, **between.pooled})
    return _Fit(design, objects, averages, within, between, scale, used)


def _solved(stage: Objects | Averages, terms: _Terms, names: list[str], size: float) -> _Solved:
    """Maximise from equal components that add up to `size`."""
    maximum = maximise(stage, np.full(len(terms.kept), size / len(terms.kept)))
    return _Solved(
        maximum,
        tuple(names[term] for term in terms.kept),
        frozenset(names[term] for term in terms.lost),
        {names[term]: names[other] for term, other in terms.pooled.items()},
    )


def _identified(stage: Objects | Averages) -> _Terms:
    """Keep each term, from the highest down, that adds information to those kept."""
    count = len(stage.partition.labels)
    information = stage.at(np.full(count, 1 / count)).information
    size = np.sqrt(np.diag(information))
    kept: list[int] = []
    pooled: dict[int, int] = {}
    lost: set[int] = set()
    for term in reversed(range(count)):
        if size[term] <= ALIKE * size.max():
            lost.add(term)
            continue
        inner = information[np.ix_(kept, kept)] / np.outer(size[kept], size[kept])
        crossed = information[kept, term] / (size[kept] * size[term])
        weights = np.linalg.solve(inner, crossed)
        if 1 - crossed @ weights > ALIKE:
            kept.append(term)
            continue
        involved = [one for one, weight in zip(kept, weights, strict=True) if abs(weight) > ALIKE**0.5]
        if len(involved) == 1 and abs(size[term] / size[involved[0]] - 1) < ALIKE:
            pooled[term] = involved[0]
        else:
            lost.update(involved, [term])
    return _Terms(tuple(sorted(kept)), pooled, frozenset(lost))


def _solutions(maximum: Maximum, targets: Floats, stage: Stage) -> Floats:
    return np.stack([solve(maximum.information, one, stage.least) for one in targets])
