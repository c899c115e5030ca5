"""What of a grid is there already, and the units of work that are left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.variation.cells import Cells
from binome.variation.sweep import Job, Maps, Unit, exact, metric_key, noise_key

ROWS = 16
"""Most items of a unit: what a killed run may lose."""
ROOM = 512 * 2**20
"""Bytes that the maps of a unit may take."""
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Known:
    """What is there.

    Attributes:
        scores: float64 (configurations, items, metrics), NaN where undefined or missing.
        scored: bool, of the same shape: whether it was computed.
        mapped: bool (configurations, items): whether the map is kept.
        predicted: bool (predictors, noise levels, items).
    """

    scores: npt.NDArray[np.float64]
    scored: Bools
    mapped: Bools
    predicted: Bools

    @property
    def complete(self) -> bool:
        return bool(self.scored.all() and self.mapped.all() and self.predicted.all())


def known(job: Job, cells: Cells) -> Known:
    """Look up every cell of a job."""
    grid = job.grid
    configurations = _places([one.key for one in grid.configurations], "configuration")
    items, metrics = _places(job.keys, "item"), _places([metric_key(job, label) for label in job.metrics], "metric")
    shape = (configurations.height, items.height, metrics.height)
    scores, scored, mapped = np.full(shape, np.nan), np.zeros(shape, bool), np.zeros(shape[:2], bool)
    if (found := cells.read("scores")) is not None:
        here = found.join(configurations, on="configuration").join(items, on="item").join(metrics, on="metric")
        place = tuple(here[f"{name}_place"].to_numpy() for name in ("configuration", "item", "metric"))
        scores[place], scored[place] = here["value"].fill_null(np.nan).to_numpy(), True
    if (found := cells.keys("maps")) is not None:
        here = found.join(configurations, on="configuration").join(items, on="item")
        mapped[here["configuration_place"].to_numpy(), here["item_place"].to_numpy()] = True
    return Known(scores, scored, mapped, _predicted(job, cells, items))


def _predicted(job: Job, cells: Cells, items: pl.DataFrame) -> Bools:
    grid = job.grid
    predicted = np.zeros((len(grid.predictors), len(grid.noise), items.height), bool)
    if (found := cells.keys("predictions")) is not None:
        predictors = _places([one.key for one in grid.predictors], "predictor")
        noise = _places([noise_key(job, level) for level in range(len(grid.noise))], "noise")
        here = found.join(predictors, on="predictor").join(noise, on="noise").join(items, on="item")
        predicted[tuple(here[f"{name}_place"].to_numpy() for name in ("predictor", "noise", "item"))] = True
    return predicted


def units(job: Job, there: Known, cells: Cells) -> list[Unit]:
    """The work that is left, in the order in which it is done: item after item, so that early results are whole."""
    if there.complete:
        return []
    rows = rows_of_a_unit(job)
    found: list[Unit] = []
    for first in range(0, len(job.items), rows):
        chunk = np.arange(first, min(first + rows, len(job.items)))
        for p in range(len(job.grid.predictors)):
            for z in range(len(job.grid.noise)):
                found.extend(_units(job, there, cells, p, z, chunk))
    return found


def rows_of_a_unit(job: Job) -> int:
    """So many items that all their maps fit."""
    most = max(1, len(job.grid.configurations) // (len(job.grid.predictors) * len(job.grid.noise)))
    bytes_of_a_row = 4 * most * job.inputs[0].numel()
    return int(max(1, min(ROWS, ROOM // bytes_of_a_row)))


def _units(job: Job, there: Known, cells: Cells, p: int, z: int, chunk: npt.NDArray[np.int64]) -> Iterator[Unit]:
    """Configurations that lack the same metrics for the same rows are done together."""
    groups: dict[tuple[tuple[int, ...], tuple[str, ...], bool], list[int]] = {}
    labels = tuple(job.metrics)
    for number, one in enumerate(job.grid.configurations):
        if (one.predictor, one.noise) != (p, z):
            continue
        lacking = ~there.scored[number, chunk]
        wanted = lacking.any(1) | ~there.mapped[number, chunk]
        if not wanted.any():
            continue
        chosen = chunk[wanted]
        metrics = tuple(label for label, any_ in zip(labels, lacking.any(0), strict=True) if any_)
        kept = exact(job.inputs) and bool(there.mapped[number, chosen].all())
        groups.setdefault((tuple(map(int, chosen)), metrics, kept), []).append(number)
    for (rows, metrics, kept), numbers in groups.items():
        maps = _kept(job, cells, rows, numbers) if kept else {}
        yield Unit(p, z, rows, tuple(numbers), metrics, maps)
    unseen = chunk[~there.predicted[p, z, chunk]]
    if len(unseen) and not groups:
        yield Unit(p, z, tuple(map(int, unseen)), (), ())


def _kept(job: Job, cells: Cells, rows: tuple[int, ...], numbers: list[int]) -> dict[int, Maps]:
    keys = {job.grid.configurations[number].key: number for number in numbers}
    items = {job.keys[row]: place for place, row in enumerate(rows)}
    only = pl.col("configuration").is_in(list(keys)) & pl.col("item").is_in(list(items))
    found = cells.read("maps", only)
    assert found is not None
    shape = (len(rows), *job.inputs.shape[1:])
    maps = {number: np.empty((len(rows), int(np.prod(shape[1:]))), np.float32) for number in numbers}
    values = found["map"].to_numpy()
    for configuration, item, value in zip(found["configuration"], found["item"], values, strict=True):
        maps[keys[configuration]][items[item]] = value
    return {number: value.reshape(shape) for number, value in maps.items()}


def _places(keys: list[str] | tuple[str, ...], name: str) -> pl.DataFrame:
    return pl.DataFrame({name: list(keys), f"{name}_place": np.arange(len(keys))}, schema_overrides={name: pl.String})
