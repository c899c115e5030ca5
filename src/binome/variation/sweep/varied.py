"""What a variation study found: its cells in memory, and the tables that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.core import BinomeError
from binome.variation.sweep.cells import Cells
from binome.variation.sweep.cost import Probes
from binome.variation.sweep.grid import Configuration, Grid
from binome.variation.sweep.plan import Known, placed
from binome.variation.sweep.unit import Job, stored

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """The study itself, or a reference.

    Attributes:
        maps: float32 (configurations, items, pixels), NaN where not computed.
        size: the maps' height and width.
        decisions: int64 (predictors, noise levels, items), −1 where not computed.
        probabilities: float64, alike, of the targets.
    """

    job: Job
    known: Known
    maps: npt.NDArray[np.float32]
    size: tuple[int, int]
    decisions: Ints
    probabilities: Floats

    @property
    def grid(self) -> Grid:
        return self.job.grid

    @property
    def kept(self) -> npt.NDArray[np.bool_]:
        """Bool (predictors, noise levels, items): whether the decision is the first predictor's without noise."""
        return np.asarray(self.decisions == self.job.decided.numpy())

    @cached_property
    def places(self) -> Ints:
        """Configuration of every cell of the full grid, int64 (architectures, trainings, methods, settings, seeds,
        noise levels); −1 where there is none. A method that draws nothing stands at all seeds."""
        grid = self.grid
        architectures = list(dict.fromkeys(one.architecture for one in grid.predictors))
        within = [
            [place for place, one in enumerate(grid.predictors) if one.architecture == name] for name in architectures
        ]
        settings = max(len(method.settings) for method in grid.methods)
        shape = (len(within), max(map(len, within)), len(grid.methods), settings, len(grid.seeds), len(grid.noise))
        found = np.full(shape, -1)
        where = {place: (a, t) for a, places in enumerate(within) for t, place in enumerate(places)}
        for number, one in enumerate(grid.configurations):
            a, t = where[one.predictor]
            seeds = range(len(grid.seeds)) if one.seed is None else [one.seed]
            for seed in seeds:
                if grid.holds(one.predictor, one.setting, seed, one.noise):
                    found[a, t, one.method, one.setting, seed, one.noise] = number
        return found

    def of_method(self, method: int) -> list[int]:
        """Numbers of a method's configurations."""
        return [number for number, one in enumerate(self.grid.configurations) if one.method == method]


@dataclass(frozen=True)
class Varied:
    """The result of `study`.

    Attributes:
        parts: the study under `""`, references under their names.
        agreements: measures of agreement that were asked for.
        same_prediction: whether maps are compared on items alone that all predictors decide alike under all noise.
        resamples, seed: of the intervals.
        probes: what each setting costs an item.
    """

    parts: Mapping[str, Part]
    agreements: tuple[str, ...]
    same_prediction: bool
    resamples: int
    seed: int
    probes: Probes

    @property
    def part(self) -> Part:
        """The study itself."""
        return self.parts[""]

    def included(self, part: Part) -> Ints:
        """Places of the items whose maps are compared."""
        if not self.same_prediction:
            return np.arange(len(part.job.items))
        return np.flatnonzero(part.kept.all((0, 1)))

    @cached_property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Every table of docs/reference/variation-tables.md but `scores`, `maps` and `items`' pictures, by name."""
        from binome.variation.sweep.findings import tables

        return tables(self)

    @property
    def scores(self) -> pl.DataFrame:
        """One row a configuration, item and metric: all the levels in words, whether the prediction was kept, and the
        value; null where undefined."""
        from binome.variation.sweep.findings import scores

        wide = self.tables["configurations"].drop("reference", "forward", "backward")
        found = scores(self).join(wide, on="configuration", how="left", maintain_order="left")
        kept = self.tables["predictions"].filter(pl.col("reference") == "")
        return found.join(kept.select("predictor", "noise", "item", "kept"), on=["predictor", "noise", "item"])

    @property
    def agreement(self) -> pl.DataFrame:
        """How alike maps are that differ in one facet."""
        return self.tables["agreements"]

    @property
    def components(self) -> pl.DataFrame:
        """Variance components of maps, scores and rankings."""
        return self.tables["components"]

    def write(self, folder: Path) -> dict[str, Any]:
        """Write every table as Parquet; returns what a reader has to know beside them, and the numbers of rows."""
        from binome.variation.sweep.findings import maps, scores

        folder.mkdir(parents=True, exist_ok=True)
        everything = {**self.tables, "scores": scores(self), "maps": maps(self)}
        for name, table in everything.items():
            table.write_parquet(folder / f"{name}.parquet")
        height, width = self.part.size
        return {
            "height": height,
            "width": width,
            "resamples": self.resamples,
            "same_prediction": self.same_prediction,
            **{name: table.height for name, table in everything.items()},
        }


def read_part(job: Job, there: Known, cells: Cells) -> Part:
    """What is kept of a job.

    Raises:
        BinomeError: when some of it is missing.
    """
    if not there.complete:
        raise BinomeError("the study is not complete; run it again")
    size = stored(job.inputs[:1])[1]
    decisions, probabilities = _predictions(job, cells)
    return Part(job, there, _maps(job, cells, size[0] * size[1]), size, decisions, probabilities)


def _maps(job: Job, cells: Cells, pixels: int) -> npt.NDArray[np.float32]:
    configurations = list({one.key for one in job.grid.configurations})
    only = pl.col("configuration").is_in(configurations) & pl.col("item").is_in(list(job.keys))
    found = cells.read("maps", only)
    assert found is not None
    table, place = placed(found, job, "configuration", "item")
    maps = np.full((len(job.grid.configurations), len(job.items), pixels), np.nan, np.float32)
    # Whole maps have channels, which are added: a pixel is one feature.
    maps[place] = table["map"].to_numpy().reshape(table.height, -1, pixels).sum(1)
    return maps


def _predictions(job: Job, cells: Cells) -> tuple[Ints, Floats]:
    found = cells.read("predictions", pl.col("item").is_in(list(job.keys)))
    assert found is not None
    table, place = placed(found, job, "predictor", "noise", "item")
    shape = (len(job.grid.predictors), len(job.grid.noise), len(job.items))
    decisions, probabilities = np.full(shape, -1), np.full(shape, np.nan)
    decisions[place] = table["decision"].to_numpy()
    probabilities[place] = table["probability"].fill_null(np.nan).to_numpy()
    return decisions, probabilities


def levels(one: Configuration, grid: Grid) -> dict[str, str | float | int | None]:
    """A configuration's levels in words, by facet."""
    predictor, method = grid.predictors[one.predictor], grid.methods[one.method]
    return {
        "predictor": predictor.name,
        "architecture": predictor.architecture,
        "training": predictor.training,
        "method": method.name,
        "explainer": one.spec.name,
        "setting": one.setting,
        "parameters": method.parameters(one.setting),
        "seed": None if one.seed is None else grid.seeds[one.seed],
        "noise": grid.noise[one.noise],
    }
