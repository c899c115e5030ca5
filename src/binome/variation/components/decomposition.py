"""`decompose`: where the variance of maps, scores or ranks comes from, with intervals over items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.core import BinomeError
from binome.variation.components.anova import Contrasts, contrasts
from binome.variation.components.dependability import e_rho2, phi
from binome.variation.components.measurement import Design
from binome.variation.components.reml import Reml, determined, reml
from binome.variation.components.variance_tables import Coefficient, coefficient, facet_table, term_table

Floats = npt.NDArray[np.float64]
Estimator = Literal["anova", "reml"]
BLOCK = 1 << 22


class IncomparableError(BinomeError):
    """No two objects have a value in the same configuration, so that no component is defined."""


@dataclass(frozen=True)
class Decomposition:
    """Variance components of a design, and what they say of a single observation.

    Attributes:
        design: as it could be estimated: without facets that have one level (`left_out`), terms that no observed cell
            tells from another `pooled`.
        levels: of the object and of each facet of the design.
        table: one row a term: term, estimate, truncated (negative estimates as 0), low, high (of the estimate), share
            (of the truncated estimates' sum), share_low, share_high, pooled (the term in which it is counted).
        facets: one row a facet: facet, levels, share, low, high, stability; see `facet_shares`.
        phi, e_rho2: Φ and Eρ² of one observation, not averaged over anything.
        components: (terms,) of the design, raw; for `phi`, `e_rho2`, `decision_study` with other numbers.
        draws: (resamples, terms), the same resampled.
        per_item: where each item was decomposed for itself: item, estimator, each term (raw), phi, e_rho2, missing,
            converged; null where undefined.
        estimators: how many decompositions each estimator made.
        cells, missing: how many values there should be, and how many there are not.
        undefined: items without components: nothing to compare, or cells that do not determine the common terms.
        left_out: facets with one level, which carry no variance. What they would add is in the other terms.
        unidentified: terms that the observed cells do not determine; null in the table, and Φ with them.
        unconverged: decompositions whose likelihood did not come to rest. Items' are not averaged; one alone is shown,
            and should not be used.
    """

    design: Design
    levels: Mapping[str, int]
    table: pl.DataFrame
    facets: pl.DataFrame
    phi: Coefficient
    e_rho2: Coefficient
    components: Floats
    draws: Floats
    per_item: pl.DataFrame | None
    estimators: Mapping[str, int]
    cells: int
    missing: int
    undefined: int
    left_out: tuple[str, ...]
    unidentified: tuple[str, ...]
    unconverged: int


def decompose(
    values: Any,
    design: Design,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    *,
    over: str | None = None,
    items: Sequence[str] | None = None,
) -> Decomposition:
    """Variance components with bootstrap intervals, by ANOVA where all cells are there and by REML elsewhere.

    Two situations. An array (objects, *facet levels) is one decomposition, whose objects are drawn with replacement:
    metric values, with items as objects. Anything with one axis more in front, or an iterable of such arrays, is a
    decomposition an item, averaged over items, which are drawn with replacement: maps, with pixels as objects. Only one
    item is in memory at a time.

    Args:
        values: numbers, NaN where missing.
        resamples: how many bootstrap samples; 0 for no intervals.
        seed: of the bootstrap; the same seed gives the same numbers.
        level: of the intervals, which are percentiles.
        over: in the first situation, what is drawn instead of the object: a facet crossed with all others, such as
            item where the method is the object.
        items: ids, in order, where each is decomposed for itself; numbers from 0 otherwise.

    Raises:
        BinomeError: for infinite values, no value at all, an object with one level, no facet with two, or arguments
            out of range.
    """
    if resamples < 0 or not 0 < level < 1:
        raise BinomeError(f"resamples is {resamples}, level {level}; give 0 or more, and a number between 0 and 1")
    rng = np.random.default_rng(seed)
    if isinstance(values, np.ndarray) and values.ndim == len(design.factors):
        if items is not None:
            raise BinomeError("items are given for one array of objects; give one more axis in front, or no items")
        return _of_objects(values, design, over, resamples, rng, level)
    if over is not None:
        raise BinomeError(f"over is {over!r}, but items are decomposed one by one and drawn whole; leave it out")
    return _of_items(_each(values, design), items, resamples, rng, level)


@dataclass(frozen=True)
class _Fit:
    """One decomposition; `order` places the terms of `source` among those of the design."""

    design: Design
    levels: dict[str, int]
    left_out: tuple[str, ...]
    source: Contrasts | Reml
    order: list[int]

    @property
    def components(self) -> Floats:
        return self.source.components[self.order]

    @property
    def converged(self) -> bool:
        return not isinstance(self.source, Reml) or self.source.converged

    @property
    def estimator(self) -> Estimator:
        return "reml" if isinstance(self.source, Reml) else "anova"


@dataclass(frozen=True)
class _Item:
    """What is kept of one item; no design where there is nothing to compare."""

    cells: int
    missing: int
    design: Design | None = None
    levels: Mapping[str, int] | None = None
    left_out: tuple[str, ...] = ()
    components: Floats | None = None
    estimator: Estimator | None = None
    converged: bool | None = None

    @property
    def lacks(self) -> tuple[Any, ...]:
        """What could not be estimated. Components can be averaged over items that lack the same."""
        if self.design is None or self.components is None:
            return ()
        return self.left_out, tuple(self.design.pooled.items()), tuple(np.flatnonzero(np.isnan(self.components)))


def _of_objects(
    values: npt.NDArray[Any], design: Design, over: str | None, resamples: int, rng: np.random.Generator, level: float
) -> Decomposition:
    array = _checked(values, design)
    turned = design.turned(over or design.object)
    axes = [design.factors.index(name) for name in turned.factors]
    fit = _fit(array.transpose(axes), turned, design)
    if fit is None:
        raise IncomparableError(
            f"nothing to compare in values of shape {array.shape}: give two of {turned.object!r} with a value in the "
            f"same configuration, and a facet of two levels"
        )
    drawn = np.full((resamples, len(fit.order)), np.nan)
    objects, done = fit.levels[turned.object], 0
    for counts in _draws(objects, resamples, rng):
        drawn[done : done + len(counts)] = fit.source.resampled(counts)[:, fit.order]
        done += len(counts)
    return _decomposition(
        fit.design,
        fit.levels,
        fit.components,
        drawn,
        level,
        estimators={fit.estimator: 1},
        cells=array.size,
        missing=int(np.isnan(array).sum()),
        undefined=array.shape[axes[0]] - objects,
        left_out=fit.left_out,
        unconverged=int(not fit.converged),
    )


def _of_items(
    arrays: Iterator[tuple[Floats, Design]],
    names: Sequence[str] | None,
    resamples: int,
    rng: np.random.Generator,
    level: float,
) -> Decomposition:
    found = [_item(array, design) for array, design in arrays]
    if names is not None and (len(names) != len(found) or len(set(names)) != len(names)):
        raise BinomeError(f"{len(names)} ids ({len(set(names))} different) for {len(found)} items; give one each")
    fitted = [one for one in found if one.design is not None]
    if not fitted:
        raise IncomparableError(
            f"nothing to compare in any of {len(found)} items: give two objects with a value in the same "
            f"configuration, and a facet of two levels"
        )
    counted = Counter(one.lacks for one in fitted)
    common = max(counted, key=lambda lacks: (counted[lacks], -sum(map(len, lacks))))
    like = [one for one in fitted if one.lacks == common]
    design = like[0].design
    assert design is not None
    kept = np.array([one.components for one in like if one.converged]).reshape(-1, len(design.terms))
    components = kept.mean(0) if len(kept) else np.full(len(design.terms), np.nan)
    # One item says nothing of how items differ.
    drawn = [counts @ kept / len(kept) for counts in _draws(len(kept), resamples if len(kept) > 1 else 0, rng)]
    return _decomposition(
        design,
        {name: max(one.levels[name] for one in like if one.levels) for name in design.factors},
        components,
        np.concatenate(drawn) if drawn else np.full((resamples, len(design.terms)), np.nan),
        level,
        estimators=dict(sorted(Counter(one.estimator for one in fitted if one.estimator).items())),
        cells=sum(one.cells for one in found),
        missing=sum(one.missing for one in found),
        undefined=len(found) - len(like),
        left_out=like[0].left_out,
        unconverged=len(like) - len(kept),
        per_item=_item_table(found, common, design, names),
    )


def _each(values: Any, design: Design) -> Iterator[tuple[Floats, Design]]:
    if isinstance(values, np.ndarray) and values.ndim != len(design.factors) + 1:
        axes = ", ".join(design.factors)
        raise BinomeError(f"values have shape {values.shape}; give the axes {axes}, and items in front if there are")
    if not isinstance(values, Iterable):
        raise BinomeError(f"values are a {type(values).__name__}; give an array, or an array for each item")
    for one in values:
        yield _checked(one, design), design


def _checked(values: Any, design: Design) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != len(design.factors):
        raise BinomeError(f"values have shape {array.shape}; give the axes {', '.join(design.factors)}")
    if np.isinf(array).any():
        raise BinomeError("values hold infinite numbers; mend them, or make them NaN where missing")
    return array


def _item(array: Floats, design: Design) -> _Item:
    missing = int(np.isnan(array).sum())
    fit = _fit(array, design, design)
    if fit is None:
        return _Item(array.size, missing)
    return _Item(
        array.size, missing, fit.design, fit.levels, fit.left_out, fit.components, fit.estimator, fit.converged
    )  # fmt: skip


def _fit(array: Floats, turned: Design, asked: Design) -> _Fit | None:
    """Decompose values whose axes are those of `turned`; terms are named as in `asked`. None: nothing to compare."""
    gaps = bool(np.isnan(array).any())
    for axis in range(array.ndim if gaps else 0):
        array = array.compress(~np.isnan(array).all(tuple(one for one in range(array.ndim) if one != axis)), axis)
    single = [name for name, count in zip(turned.factors, array.shape, strict=True) if count == 1]
    if {asked.object, turned.object} & set(single) or len(single) >= len(turned.facets) or not determined(array):
        return None
    array = array.squeeze(tuple(turned.factors.index(name) for name in single))
    reduced, named = turned.without(single), asked.without(single)
    source = reml(array, reduced) if np.isnan(array).any() else contrasts(array, reduced)
    sets = {source.design.name(one): one for one in source.design.sources}
    pooled = {named.name(sets[term]): named.name(sets[other]) for term, other in source.design.pooled.items()}
    named = replace(named, pooled=pooled)
    return _Fit(
        named,
        {name: array.shape[reduced.factors.index(name)] for name in named.factors},
        tuple(name for name in asked.facets if name in single),
        source,
        [source.design.members.index(one) for one in named.members],
    )


def _draws(count: int, resamples: int, rng: np.random.Generator) -> Iterator[Floats]:
    """How often each of `count` is drawn, float64 (resamples in block, count), some millions of numbers at a time."""
    block = max(1, BLOCK // max(count, 1))
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        drawn = rng.integers(0, count, (rows, count)) + count * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * count).reshape(rows, count).astype(np.float64)


def _decomposition(
    design: Design, levels: Mapping[str, int], components: Floats, draws: Floats, level: float, *,
    estimators: Mapping[str, int], cells: int, missing: int, undefined: int, left_out: tuple[str, ...],
    unconverged: int, per_item: pl.DataFrame | None = None,
) -> Decomposition:  # fmt: skip
    return Decomposition(
        design=design,
        levels=levels,
        table=term_table(design, components, draws, level),
        facets=facet_table(design, levels, components, draws, level),
        phi=coefficient(phi(components, design), phi(draws, design), level),
        e_rho2=coefficient(e_rho2(components, design), e_rho2(draws, design), level),
        components=components,
        draws=draws,
        per_item=per_item,
        estimators=estimators,
        cells=cells,
        missing=missing,
        undefined=undefined,
        left_out=left_out,
        unidentified=tuple(design.terms[term] for term in np.flatnonzero(np.isnan(components))),
        unconverged=unconverged,
    )


def _item_table(
    found: Sequence[_Item], common: tuple[Any, ...], design: Design, names: Sequence[str] | None
) -> pl.DataFrame:
    """One row an item, null where it lacks more or other than is common."""
    alike = [one.design is not None and one.lacks == common for one in found]
    components = np.array([
        one.components if same and one.components is not None else np.full(len(design.terms), np.nan)
        for one, same in zip(found, alike, strict=True)
    ])  # fmt: skip
    numbers = {
        **dict(zip(design.terms, components.T, strict=True)),
        "phi": phi(components, design),
        "e_rho2": e_rho2(components, design),
    }
    return pl.DataFrame({
        "item": list(names) if names is not None else list(range(len(found))),
        "estimator": pl.Series([one.estimator for one in found], dtype=pl.String),
        **numbers,
        "missing": [one.missing for one in found],
        "converged": pl.Series([one.converged for one in found], dtype=pl.Boolean),
    }).with_columns(pl.col(*numbers).fill_nan(None))  # fmt: skip
