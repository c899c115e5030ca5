"""What of a grid is there already, and the units of work that are left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.variation.sweep.cells import Cells
from binome.variation.sweep.unit import Job, Maps, Unit, exact, metric_key, noise_key

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
    grid, count = job.grid, len(job.items)
    shape = (len(grid.configurations), count, len(job.metrics))
    scores, scored, mapped = np.full(shape, np.nan), np.zeros(shape, bool), np.zeros(shape[:2], bool)
    if (found := cells.read("scores")) is not None:
        here, place = placed(found, job, "configuration", "item", "metric")
        scores[place], scored[place] = here["value"].fill_null(np.nan).to_numpy(), True
    if (found := cells.keys("maps")) is not None:
        mapped[placed(found, job, "configuration", "item")[1]] = True
    predicted = np.zeros((len(grid.predictors), len(grid.noise), count), bool)
    if (found := cells.keys("predictions")) is not None:
        predicted[placed(found, job, "predictor", "noise", "item")[1]] = True
    return Known(scores, scored, mapped, predicted)


def placed(table: pl.DataFrame, job: Job, *columns: str) -> tuple[pl.DataFrame, tuple[npt.NDArray[np.int64], ...]]:
    """The rows of a table of cells that belong to a job, and where in the job each stands, a place for each column.

    Two predictors with the same weights have the same cells, which then stand twice.
    """
    grid = job.grid
    keys = {
        "configuration": [one.key for one in grid.configurations],
        "item": list(job.keys),
        "metric": [metric_key(job, label) for label in job.metrics],
        "predictor": [one.key for one in grid.predictors],
        "noise": [noise_key(job, level) for level in range(len(grid.noise))],
    }
    for column in columns:
        places = pl.DataFrame(
            {column: keys[column], f"{column}_place": np.arange(len(keys[column]))},
            schema_overrides={column: pl.String},
        )
        table = table.join(places, on=column, maintain_order="left")
    return table, tuple(table[f"{column}_place"].to_numpy() for column in columns)


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
    configurations = {job.grid.configurations[number].key for number in numbers}
    items = {job.keys[row]: place for place, row in enumerate(rows)}
    only = pl.col("configuration").is_in(list(configurations)) & pl.col("item").is_in(list(items))
    found = cells.read("maps", only)
    assert found is not None
    table, (places, columns) = placed(found, job, "configuration", "item")
    shape = (len(rows), *job.inputs.shape[1:])
    maps = {number: np.empty((len(rows), int(np.prod(shape[1:]))), np.float32) for number in numbers}
    where = {row: place for place, row in enumerate(rows)}
    for number, row, value in zip(places.tolist(), columns.tolist(), table["map"].to_numpy(), strict=True):
        if number in maps:
            maps[number][where[row]] = value
    return {number: value.reshape(shape) for number, value in maps.items()}
