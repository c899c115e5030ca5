"""One unit of a grid's work: a few items under one predictor and one noise level, explained and scored in every way.

All that a unit needs travels with it, and its batches are the same wherever it runs: so a study's numbers do not
depend on how many processes or machines shared it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from torch import nn

from binome.core import Spec, derive_seed
from binome.explain import attribute, recorded
from binome.variation.metric import Source
from binome.variation.scoring import score_all
from binome.variation.sweep.grid import Grid, told

EXACT = 4096
"""Maps of at most so many values are kept whole; of larger ones, the channels' sums averaged over patches."""
SIDE = 28
"""Patches along the longer side of such a map."""
Maps = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Job:
    """What all units of a study share; sent once to each worker.

    Attributes:
        inputs: float (n, …), without noise; targets int64 (n,): what is explained.
        decided: int64 (n,), what the first predictor decides on them.
        items: their ids; keys: what their cells are kept under.
        metrics: name and parameters, by label.
        noise_scale: what a noise level is multiplied with, broadcast to an input; None for 1.
        limits: what noisy inputs are clipped to.
        threads: of PyTorch on the CPU, the same everywhere, because sums depend on it in their last bits.
    """

    grid: Grid
    inputs: torch.Tensor
    targets: torch.Tensor
    decided: torch.Tensor
    items: tuple[str, ...]
    keys: tuple[str, ...]
    metrics: Mapping[str, tuple[str, Mapping[str, Any]]]
    seed: int
    masks: torch.Tensor | None = None
    background: torch.Tensor | None = None
    noise_scale: torch.Tensor | None = None
    limits: tuple[float, float] | None = None
    threads: int = 1

    def noisy(self, rows: tuple[int, ...], level: int) -> torch.Tensor:
        """The rows' inputs at a noise level; the draw hangs on the item's id and the level."""
        x, sd = self.inputs[list(rows)], self.grid.noise[level]
        if not sd:
            return x.clone()
        drawn = [
            torch.randn(x.shape[1:], generator=torch.Generator().manual_seed(self._noise_seed(row, sd))) for row in rows
        ]
        noisy = x + sd * torch.stack(drawn).to(x) * (1 if self.noise_scale is None else self.noise_scale.to(x))
        return noisy if self.limits is None else noisy.clamp(*self.limits)

    def source(self, number: int) -> Source:
        """How a configuration's maps are made."""
        one = self.grid.configurations[number]
        seed = self.grid.seeds[0 if one.seed is None else one.seed]
        return Source(one.spec.name, one.spec.params, seed, self.background)

    def _noise_seed(self, row: int, sd: float) -> int:
        return derive_seed(self.seed, "noise", repr(sd), self.items[row])


@dataclass(frozen=True)
class Unit:
    """Cells to compute: rows × configurations of one predictor and noise level, and their scores by some metrics.

    Attributes:
        kept: maps that are there already, whole, by configuration.
    """

    predictor: int
    noise: int
    rows: tuple[int, ...]
    configurations: tuple[int, ...]
    metrics: tuple[str, ...]
    kept: Mapping[int, Maps] = field(default_factory=dict)

    @property
    def cells(self) -> int:
        return len(self.rows) * len(self.configurations)


@dataclass(frozen=True)
class Outcome:
    """What a unit found: rows of the tables of `Cells`, the time it took and its passes."""

    unit: Unit
    tables: Mapping[str, pl.DataFrame]
    seconds: float
    forward: int
    backward: int


@dataclass
class Counted:
    """Inputs that went through a module: all of them, and those whose gradient could be asked for."""

    forward: int = 0
    backward: int = 0


@contextmanager
def counted(module: nn.Module) -> Iterator[Counted]:
    """Count a module's passes."""
    count = Counted()

    def see(_: nn.Module, inputs: tuple[Any, ...]) -> None:
        count.forward += len(inputs[0])
        count.backward += len(inputs[0]) * torch.is_grad_enabled()

    handle = module.register_forward_pre_hook(see)
    try:
        yield count
    finally:
        handle.remove()


@contextmanager
def threads(count: int) -> Iterator[None]:
    """So many threads of PyTorch inside."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def run(job: Job, unit: Unit) -> Outcome:
    """Compute a unit.

    Raises:
        BinomeError: as `attribute` and `score` do, naming the method and its parameters.
    """
    start = time.perf_counter()
    module = job.grid.predictors[unit.predictor].module
    keys = tuple(job.items[row] for row in unit.rows)
    with threads(job.threads), counted(module) as passes:
        inputs, targets = job.noisy(unit.rows, unit.noise), job.targets[list(unit.rows)]
        maps: dict[str, torch.Tensor] = {}
        for number in unit.configurations:
            found = unit.kept.get(number)
            made = _explain(job, number, module, inputs, targets, keys) if found is None else torch.from_numpy(found)
            maps[str(number)] = made
        scores = score_all(
            module, inputs, targets, maps, {label: job.metrics[label] for label in unit.metrics}, job.seed,
            sources={str(number): job.source(number) for number in unit.configurations},
            masks=None if job.masks is None else job.masks[list(unit.rows)], keys=keys,
        )  # fmt: skip
        fresh = [number for number in unit.configurations if number not in unit.kept]
        tables = {"predictions": _predictions(job, unit, module, inputs, targets)}
        tables["maps"] = _maps_table(job, unit.rows, {number: maps[str(number)] for number in fresh})
    if scores:
        tables["scores"] = _scores_table(job, unit, scores)
    return Outcome(unit, tables, time.perf_counter() - start, passes.forward, passes.backward)


def _explain(
    job: Job, number: int, module: nn.Module, inputs: torch.Tensor, targets: torch.Tensor, keys: tuple[str, ...]
) -> torch.Tensor:
    source, one = job.source(number), job.grid.configurations[number]
    with told(job.grid.methods[one.method], one.setting):
        maps = attribute(
            module, inputs, targets, source.method, source.seed, background=job.background, keys=keys, **source.params
        )
    return maps.detach().cpu().float()  # what is scored is what is kept


def _predictions(job: Job, unit: Unit, module: nn.Module, inputs: torch.Tensor, targets: torch.Tensor) -> pl.DataFrame:
    """What the predictor says of the (noisy) inputs: its decision and the target's probability.

    An estimate, the only output of its module, has the target as its decision always and no probability.
    """
    training = module.training
    module.eval()
    with torch.no_grad():
        device = next((p.device for p in module.parameters()), torch.device("cpu"))
        logits = module(inputs.to(device).clone()).double().cpu()
    module.train(training)
    chance = logits.softmax(1).gather(1, targets[:, None])[:, 0]
    return pl.DataFrame(
        {
            "predictor": [job.grid.predictors[unit.predictor].key] * len(unit.rows),
            "noise": [noise_key(job, unit.noise)] * len(unit.rows),
            "item": [job.keys[row] for row in unit.rows],
            "decision": logits.argmax(1).numpy(),
            "probability": chance.numpy() if logits.shape[1] > 1 else np.full(len(chance), np.nan),
        }
    ).with_columns(pl.col("probability").fill_nan(None))


def noise_key(job: Job, level: int) -> str:
    """What a noise level's predictions are kept under."""
    sd = job.grid.noise[level]
    return Spec("noise", repr(sd), {"salt": job.grid.salt if sd else ""}).key[:32]


def stored(maps: torch.Tensor) -> tuple[Maps, tuple[int, int]]:
    """Maps (n, …) as they are kept, float32 (n, values), with the height and width that they stand for."""
    if maps[0].numel() <= EXACT:
        spatial = maps.shape[2:] if maps.dim() == 4 else (1, maps[0].numel())
        return maps.flatten(1).numpy(), (int(spatial[0]), int(spatial[1]))
    summed = maps.sum(1, keepdim=True) if maps.dim() == 4 else maps.flatten(1)[:, None, None]
    height, width = summed.shape[2:]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    pooled = torch.nn.functional.adaptive_avg_pool2d(summed, size)
    return pooled.flatten(1).numpy(), size


def exact(inputs: torch.Tensor) -> bool:
    """Whether maps of such inputs are kept whole."""
    return inputs[0].numel() <= EXACT


def _maps_table(job: Job, rows: tuple[int, ...], maps: Mapping[int, torch.Tensor]) -> pl.DataFrame:
    if not maps:
        return pl.DataFrame()
    values = {number: stored(found)[0] for number, found in maps.items()}
    width = next(iter(values.values())).shape[1]
    return pl.DataFrame(
        {
            "configuration": [job.grid.configurations[number].key for number in values for _ in rows],
            "item": [job.keys[row] for row in rows] * len(values),
            "map": np.concatenate(list(values.values())),
        },
        schema_overrides={"map": pl.Array(pl.Float32, width)},
    )


def _scores_table(job: Job, unit: Unit, scores: Mapping[tuple[str, str], npt.NDArray[np.float64]]) -> pl.DataFrame:
    items = [job.keys[row] for row in unit.rows]
    parts = [
        pl.DataFrame(
            {
                "configuration": [job.grid.configurations[int(number)].key] * len(items),
                "item": items,
                "metric": [metric_key(job, label)] * len(items),
                "value": values,
            }
        )
        for (label, number), values in scores.items()
    ]
    return pl.concat(parts).with_columns(pl.col("value").fill_nan(None))


def metric_key(job: Job, label: str) -> str:
    """What a metric's scores are kept under: its name, all its parameters, and the seed of what it draws."""
    name, params = job.metrics[label]
    told = {key: recorded(value) for key, value in params.items()}
    return Spec("metric", name, {"params": told, "seed": job.seed}).key[:32]
