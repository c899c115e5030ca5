"""Where variation comes from: variance components of maps, of scores and of methods' ranks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from binome.variation.components.decomposition import Decomposition, IncomparableError, decompose
from binome.variation.components.dependability import decision_study, phi
from binome.variation.components.measurement import Design
from binome.variation.components.normalisation import Norm, normalise
from binome.variation.sweep.findings.alike import references
from binome.variation.sweep.findings.quality import method_scores, ranks
from binome.variation.sweep.grid import FACETS
from binome.variation.sweep.unit import Maps
from binome.variation.sweep.varied import Floats, Ints, Part, Varied

NESTED = {"training": ("architecture",), "setting": ("method",), "seed": ("method", "setting")}
TARGET, MOST = 0.8, 30
SCALE: Norm = "zscore"
"""Maps are compared as |channels' sums|, each with mean 0 and deviation 1 over its pixels: so the share of variance
that two maps have in common is their correlation."""


Key = tuple[str, str, str]
"""Reference, what is decomposed, and the method within which."""


@dataclass(frozen=True)
class Sources:
    """Decompositions by (reference, of, method), and the tables made of them."""

    decompositions: Mapping[tuple[str, str, str], Decomposition]
    tables: Mapping[str, pl.DataFrame]


def sources(varied: Varied) -> Sources:
    """Decompose maps (over all methods and within each), every metric's scores, and methods' ranks."""
    found: dict[Key, Decomposition] = {}
    for key, decomposing in _decompositions(varied):
        try:
            one = decomposing()
        except IncomparableError:
            continue  # no component is defined: the tables have no row of it
        if one is not None:
            found[key] = one
    return Sources(
        found,
        {
            "components": _stacked(found, _components, COMPONENTS),
            "dependability": _stacked(found, _dependability, DEPENDABILITY),
            "decisions": _stacked(found, _decisions, DECISIONS),
            "facets": _stacked(found, _facets, FACET_SHARES),
            "item_dependability": _items(found),
        },
    )


def _decompositions(varied: Varied) -> Iterator[tuple[Key, Callable[[], Decomposition | None]]]:
    study = varied.part
    for reference, part, maps in references(varied):
        items = [part.job.items[place] for place in varied.included(part)] if part is study else list(part.job.items)
        methods = {"": explaining(part)}
        methods |= {one.name: [place] for place, one in enumerate(part.grid.methods)}
        for name, chosen in methods.items():
            if name or len(chosen) > 1:
                yield (reference, "maps", name), partial(_of_maps, varied, part, maps, chosen, items)
    labels = list(study.job.metrics)
    for place, label in enumerate(labels):
        yield ("", label, ""), partial(_of_scores, varied, study, place)
    yield ("", "ranks", ""), partial(_of_ranks, varied, study)


def _of_maps(
    varied: Varied,
    part: Part,
    maps: Maps,
    methods: list[int],
    items: list[str],
) -> Decomposition | None:
    places = part.places[:, :, methods]
    if not any(one.seed is not None for one in part.grid.configurations if one.method in methods):
        places = places[:, :, :, :, :1]  # nothing is drawn: there are no seeds to vary
    facets, places = _varying(places)
    if not facets or len(items) < 2:
        return None
    design = _design("pixel", facets)

    def each() -> Iterator[Floats]:
        for item in range(maps.shape[1]):
            values, _ = normalise(np.abs(maps[:, item]), SCALE)
            # A last row of NaN stands for cells that are not in the grid.
            padded = np.concatenate([values, np.full((1, values.shape[1]), np.nan)])
            yield np.moveaxis(padded[places], -1, 0)

    return decompose(each(), design, varied.resamples, varied.seed, items=items)


def _of_scores(varied: Varied, part: Part, metric: int) -> Decomposition | None:
    chosen, values = explaining(part), part.known.scores[:, :, metric]
    if not chosen:
        return None
    facets, places = _varying(part.places[:, :, chosen])
    if not facets or values.shape[1] < 2 or not np.isfinite(values).any():
        return None
    padded = np.concatenate([values, np.full((1, values.shape[1]), np.nan)])
    return decompose(np.moveaxis(padded[places], -1, 0), _design("item", facets), varied.resamples, varied.seed)


def _of_ranks(varied: Varied, part: Part) -> Decomposition | None:
    """Ranks of methods, their scores averaged over settings and seeds, by metric, item, predictor and noise level."""
    chosen = explaining(part)
    if len(chosen) < 2 or not part.job.metrics or len(part.job.items) < 2:
        return None
    scores = method_scores(part, by_condition=True)  # architectures, trainings, methods, noise, items, metrics
    ranked = ranks(part, np.moveaxis(scores, 2, 0)[chosen])  # methods first
    values = np.moveaxis(ranked, (5, 4), (1, 2))  # methods, metrics, items, architectures, trainings, noise
    names = ("metric", "item", "architecture", "training", "noise")
    kept = [axis for axis in range(5) if values.shape[axis + 1] > 1]
    values = values.reshape([values.shape[0], *(values.shape[axis + 1] for axis in kept)])
    if not kept or not np.isfinite(values).any() or "item" not in [names[axis] for axis in kept]:
        return None
    facets = [names[axis] for axis in kept]
    return decompose(values, _design("method", facets), varied.resamples, varied.seed, over="item")


def explaining(part: Part) -> list[int]:
    """Places of the methods that are no controls: a placebo is no way to explain, and would be the largest source."""
    return [place for place, one in enumerate(part.grid.methods) if not one.control]


def _varying(
    places: Ints,
) -> tuple[list[str], Ints]:
    """The facets with several levels, in order, and the places of the configurations along these alone."""
    kept = [axis for axis, count in enumerate(places.shape) if count > 1]
    return [FACETS[axis] for axis in kept], places.reshape([places.shape[axis] for axis in kept])


def _design(object_: str, facets: list[str]) -> Design:
    nested = {
        child: tuple(parent for parent in parents if parent in facets)
        for child, parents in NESTED.items()
        if child in facets
    }
    return Design(object_, tuple(facets), {child: parents for child, parents in nested.items() if parents})


HEAD = {"reference": pl.String, "of": pl.String, "method": pl.String}
COMPONENTS = {
    **HEAD, "term": pl.String, "object": pl.Boolean, **dict.fromkeys(("estimate", "variance", "share", "low", "high"),
    pl.Float64), "levels": pl.String, "estimator": pl.String,
}  # fmt: skip
DEPENDABILITY = {
    **HEAD, **dict.fromkeys(("phi", "phi_low", "phi_high", "generalizability", "generalizability_low",
    "generalizability_high"), pl.Float64), "n": pl.Int64, "undefined": pl.Int64,
}  # fmt: skip
DECISIONS = {
    **HEAD, "facet": pl.String, "levels": pl.Int64, "phi": pl.Float64, "needed": pl.Int64, "limit": pl.Float64,
}  # fmt: skip
FACET_SHARES = {**HEAD, "facet": pl.String, "share": pl.Float64, "low": pl.Float64, "high": pl.Float64}


def _stacked(
    found: Mapping[Key, Decomposition],
    rows_of: Callable[[Decomposition], Iterator[dict[str, Any]]],
    schema: Mapping[str, Any],
) -> pl.DataFrame:
    rows = [
        {"reference": reference, "of": of, "method": method, **row}
        for (reference, of, method), one in found.items()
        for row in rows_of(one)
    ]
    return pl.DataFrame(rows, schema=schema).with_columns(pl.col(pl.Float64).fill_nan(None))


def _components(one: Decomposition) -> Iterator[dict[str, Any]]:
    members = dict(zip(one.design.terms, one.design.members, strict=True))
    used = "anova" if set(one.estimators) == {"anova"} else "reml"
    for row in one.table.iter_rows(named=True):
        factors = members.get(row["term"], frozenset())
        yield {
            "term": row["term"],
            "object": row["term"].split(",")[0].split(":")[0] == one.design.object,
            "estimate": row["estimate"],
            "variance": row["truncated"],
            "share": row["share"],
            "low": row["share_low"],
            "high": row["share_high"],
            "levels": " × ".join(f"{one.levels[name]} {name}" for name in one.design.factors if name in factors),
            "estimator": used,
        }


def _dependability(one: Decomposition) -> Iterator[dict[str, Any]]:
    count = one.per_item.height if one.per_item is not None else one.levels.get("item", one.levels[one.design.object])
    yield {
        "phi": one.phi.value, "phi_low": one.phi.low, "phi_high": one.phi.high, "generalizability": one.e_rho2.value,
        "generalizability_low": one.e_rho2.low, "generalizability_high": one.e_rho2.high, "n": count,
        "undefined": one.undefined,
    }  # fmt: skip


def _decisions(one: Decomposition) -> Iterator[dict[str, Any]]:
    for facet in one.design.facets:
        found = decision_study(one.components, one.design, facet, TARGET)
        at = partial(phi, one.components, one.design)
        for levels in range(1, MOST + 1):
            yield {
                "facet": facet, "levels": levels, "phi": float(at({facet: levels})), "needed": found.levels,
                "limit": found.limit,
            }  # fmt: skip


def _facets(one: Decomposition) -> Iterator[dict[str, Any]]:
    for row in one.facets.iter_rows(named=True):
        yield {key: row[key] for key in ("facet", "share", "low", "high")}


def _items(found: Mapping[Key, Decomposition]) -> pl.DataFrame:
    parts = [
        one.per_item.select("item", pl.lit(method).alias("method"), pl.col("phi").cast(pl.Float64))
        for (reference, of, method), one in found.items()
        if (reference, of) == ("", "maps") and one.per_item is not None
    ]
    schema = {"item": pl.String, "method": pl.String, "phi": pl.Float64}
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)
