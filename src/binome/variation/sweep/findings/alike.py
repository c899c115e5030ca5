"""How alike maps are that differ in one facet alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.variation.sweep.findings.resampling import counts, undefined, with_limits
from binome.variation.sweep.grid import FACETS
from binome.variation.sweep.varied import Floats, Ints, Part, Varied
from binome.variation.tensor import agreement_tensor

SCHEMA = {
    "reference": pl.String, "facet": pl.String, "a": pl.String, "b": pl.String, "measure": pl.String,
    "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "n": pl.Int64, "undefined": pl.Int64,
}  # fmt: skip
CHUNK = 2**27
"""Values of agreement that are held at one time."""
Pairs = dict[tuple[str, str, str], list[tuple[int, int]]]


def agreements(varied: Varied) -> pl.DataFrame:
    """One row a facet, pair of levels and measure, of the study and of each reference."""
    rows = []
    for reference, part, maps in references(varied):
        pairs = _pairs(part)
        if not pairs or not varied.agreements or not maps.shape[1]:
            continue
        drawn = counts(maps.shape[1], varied.resamples, varied.seed)
        for (facet, a, b), found in zip(pairs, _mean_over_pairs(varied, maps, pairs), strict=True):
            for place, measure in enumerate(varied.agreements):
                values = found[place]
                value, low, high = with_limits(values, drawn)
                rows.append(
                    {
                        "reference": reference, "facet": facet, "a": a, "b": b, "measure": measure,
                        "value": float(value), "low": float(low), "high": float(high), "n": maps.shape[1],
                        "undefined": int(undefined(values)),
                    }
                )  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA).with_columns(pl.col("value", "low", "high").fill_nan(None))


def references(varied: Varied) -> Iterator[tuple[str, Part, npt.NDArray[np.float32]]]:
    """The study, itself with its maps' pixels moved about, and predictors that never learnt; with the maps (…, items,
    pixels) of the items that are compared."""
    study = varied.part
    included = varied.included(study)
    yield "", study, study.maps[:, included]
    yield "shuffled", study, _shuffled(study.maps[:, included], varied.seed)
    for name, part in varied.parts.items():
        if name:  # no prediction to keep: they never learnt any
            yield name, part, part.maps


def _shuffled(maps: npt.NDArray[np.float32], seed: int) -> npt.NDArray[np.float32]:
    generator = np.random.default_rng(seed)
    return np.asarray(generator.permuted(maps, axis=-1))


def _pairs(part: Part) -> Pairs:
    """Configurations that differ in one facet, by facet and levels."""
    places, grid = part.places, part.grid
    architectures = list(dict.fromkeys(one.architecture for one in grid.predictors))
    found: Pairs = {}
    for axis, facet in enumerate(FACETS):
        lined = np.moveaxis(places, axis, -1)
        for others in np.ndindex(lined.shape[:-1]):
            line: Ints = lined[others]
            for i, j in combinations(range(len(line)), 2):
                first, second = int(line[i]), int(line[j])
                if min(first, second) < 0 or first == second:
                    continue
                a, b = (
                    _level(part, facet, number, place, architectures) for number, place in ((first, i), (second, j))
                )
                found.setdefault((facet, a, b), []).append((first, second))
    return {key: sorted(set(pairs)) for key, pairs in found.items()}


def _level(part: Part, facet: str, number: int, place: int, architectures: list[str]) -> str:
    one, grid = part.grid.configurations[number], part.grid
    predictor, method = grid.predictors[one.predictor], grid.methods[one.method]
    if facet == "architecture":
        return architectures[place]
    if facet == "training":
        several = f"{predictor.architecture} " if len(architectures) > 1 else ""
        return f"{several}{predictor.training}"
    if facet == "method":
        return method.name
    if facet == "setting":
        return f"{method.name}: {method.parameters(one.setting)}"
    return str(grid.seeds[place]) if facet == "seed" else f"{grid.noise[place]:g}"


def _mean_over_pairs(varied: Varied, maps: npt.NDArray[np.float32], pairs: Pairs) -> list[Floats]:
    """By key of the pairs, the mean over its pairs, float64 (measures, items); NaN where no pair is defined."""
    configurations, items = maps.shape[:2]
    pictures = maps.reshape(configurations, items, *(varied.part.size if varied.part.size[0] > 1 else (-1,)))
    found = [np.full((len(varied.agreements), items), np.nan) for _ in pairs]
    step = max(1, CHUNK // (configurations**2 * len(varied.agreements)))
    index = [tuple(np.array(part).T) for part in pairs.values()]
    for first in range(0, items, step):
        part = slice(first, min(first + step, items))
        values = agreement_tensor(pictures[:, part], list(varied.agreements), k=_top(maps.shape[-1])).values
        for place, (a, b) in enumerate(index):
            here = values[:, a, b]
            there = np.isfinite(here)
            with np.errstate(invalid="ignore"):
                found[place][:, part] = np.where(there, here, 0).sum(1) / np.where(there.any(1), there.sum(1), np.nan)
    return found


def _top(pixels: int) -> int:
    """How many pixels count as the most important: a tenth."""
    return max(1, round(pixels / 10))
