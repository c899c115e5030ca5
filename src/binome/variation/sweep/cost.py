"""What a study will cost, measured on a few of its own items before it starts."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import torch

from binome.core import BinomeError, digest
from binome.explain import attribute
from binome.variation.metric import Source, registry
from binome.variation.scoring import score_all
from binome.variation.sweep.cells import Cells
from binome.variation.sweep.grid import Method, Trained, told
from binome.variation.sweep.unit import Job, Unit, counted, stored, threads

ITEMS = 4
"""How many items a cost is measured on."""
UNITS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class Passes:
    """What one item costs: forward and backward passes, and seconds."""

    forward: float = 0
    backward: float = 0
    seconds: float = 0

    @property
    def size(self) -> tuple[float, float]:
        """What orders costs: passes, which are the same at every try, before seconds."""
        return self.forward + 2 * self.backward, self.seconds

    def __add__(self, other: Passes) -> Passes:
        return Passes(self.forward + other.forward, self.backward + other.backward, self.seconds + other.seconds)

    def __mul__(self, times: float) -> Passes:
        return Passes(self.forward * times, self.backward * times, self.seconds * times)


@dataclass(frozen=True)
class Probe:
    """A method's setting, tried: whether it draws anything, and what one item costs."""

    draws: bool
    cost: Passes


Probes = Mapping[tuple[str, str], Probe]
"""By architecture and by the key of a method's setting."""


def cost_of(job: Job, number: int, probes: Probes) -> Passes:
    """What a configuration's map costs an item."""
    one = job.grid.configurations[number]
    return probes[job.grid.predictors[one.predictor].architecture, one.spec.key].cost


@dataclass(frozen=True)
class Estimate:
    """What is still to be computed.

    Attributes:
        cells: maps in all, and how many of them lack something.
        missing: of them.
        passes: forward and backward passes, and seconds of one worker.
        workers: how many share the seconds.
        bytes: that the cells will take on disk.
        dearest: methods and metrics with their share of the seconds, the dearest first.
    """

    cells: int
    missing: int
    passes: Passes
    workers: int
    bytes: float
    dearest: tuple[tuple[str, float], ...]

    @property
    def seconds(self) -> float:
        """Of waiting."""
        return self.passes.seconds / self.workers

    @classmethod
    def sum(cls, parts: Sequence[Estimate], cells: int) -> Estimate:
        """Of several parts of a study with so many cells."""
        passes = sum((part.passes for part in parts), Passes())
        shares: dict[str, float] = {}
        for part in parts:
            for name, share in part.dearest:
                weight = part.passes.seconds / max(passes.seconds, 1e-9)
                shares[name] = shares.get(name, 0) + share * weight
        dearest = tuple(sorted(shares.items(), key=_share))
        missing, size = sum(part.missing for part in parts), sum(part.bytes for part in parts)
        return cls(cells, missing, passes, parts[0].workers, size, dearest)

    def as_dict(self) -> dict[str, Any]:
        return {
            "cells": self.cells,
            "missing": self.missing,
            "forward": self.passes.forward,
            "backward": self.passes.backward,
            "seconds": self.seconds,
            "workers": self.workers,
            "bytes": self.bytes,
            "dearest": dict(self.dearest),
        }

    def __str__(self) -> str:
        return (
            f"{self.missing:,} of {self.cells:,} maps to compute or score: {self.passes.forward:,.0f} forward and "
            f"{self.passes.backward:,.0f} backward passes, about {_time_said(self.seconds)} with {self.workers} "
            f"worker{'s' * (self.workers > 1)}, {_size_said(self.bytes)} on disk"
        )


def _time_said(seconds: float) -> str:
    """In the unit in which it is neither 0 nor a long number."""
    if seconds < 100:
        return f"{math.ceil(seconds)} s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:,.1f} h"


def _size_said(size: float) -> str:
    return f"{math.ceil(size / 1e6)} MB" if size < 1e8 else f"{size / 1e9:,.1f} GB"


def read_budget(budget: str | float | None) -> float | None:
    """Seconds, from a number of seconds or a text such as `90m` or `2h`.

    Raises:
        BinomeError: when it is no such thing.
    """
    if budget is None:
        return None
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", str(budget))
    if not found:
        raise BinomeError(f"budget is {budget!r}; give seconds, or a time such as 90m or 2h")
    return float(found[1]) * UNITS[found[2] or "s"]


def check_budget(estimate: Estimate, budget: float | None) -> None:
    """Refuse what would take longer.

    Raises:
        BinomeError: with the estimate, and what takes the most.
    """
    if budget is not None and estimate.seconds > budget:
        most = ", ".join(f"{name} {share:.0%}" for name, share in estimate.dearest[:3])
        raise BinomeError(
            f"over the budget of {_time_said(budget)}: {estimate}. The dearest: {most}. Take fewer items, settings, "
            "seeds or draws, or a `fraction` of the grid"
        )


def probe(
    method: Method,
    setting: int,
    predictor: Trained,
    inputs: torch.Tensor,
    targets: torch.Tensor,
    seeds: Sequence[int],
    background: torch.Tensor | None,
    salt: str,
    cells: Cells,
    job_threads: int = 1,
) -> Probe:
    """Try a setting on a few items, with two seeds; what was found is kept among the cells.

    A method whose maps are the same under two seeds draws nothing. Maps of zeros tell nothing: it is then run with
    every seed.
    """
    spec = method.settings[setting]
    key = digest({"spec": spec.as_dict(), "predictor": predictor.key, "shape": list(inputs.shape[1:]), "salt": salt})
    known = cells.read("probes", pl.col("key") == key)
    if known is not None and known.height:
        row = known.row(0, named=True)
        return Probe(row["draws"], Passes(row["forward"], row["backward"], row["seconds"]))
    x, wanted = inputs[:ITEMS], targets[:ITEMS]
    first, second = (seeds[0], seeds[1]) if len(seeds) > 1 else (seeds[0], seeds[0] + 1)
    with threads(job_threads), counted(predictor.module) as passes, told(method, setting):
        options: dict[str, Any] = {"background": background, **spec.params}
        attribute(predictor.module, x[:1], wanted[:1], spec.name, first, **options)  # what is done once, once
        before = (passes.forward, passes.backward)
        start = time.perf_counter()
        one = attribute(predictor.module, x, wanted, spec.name, first, **options)
        seconds = time.perf_counter() - start
        cost = Passes(passes.forward - before[0], passes.backward - before[1], seconds) * (1 / len(x))
        other = attribute(predictor.module, x, wanted, spec.name, second, **options)
    draws = not torch.equal(one, other) or not bool(one.any())
    row = {"key": key, "draws": draws, "forward": cost.forward, "backward": cost.backward, "seconds": cost.seconds}
    cells.add("probes", pl.DataFrame([row]))
    return Probe(draws, cost)


def estimate(job: Job, units: Sequence[Unit], probes: Probes, cells: int, workers: int) -> Estimate:
    """The cost of units of work.

    Args:
        cells: maps of the whole grid.
    """
    if not units:
        return Estimate(cells, 0, Passes(), workers, 0, ())
    explaining, scoring = dict[str, Passes](), dict[str, Passes]()
    cheapest = min((one.cost for one in probes.values()), key=lambda one: one.size)
    tried: dict[tuple[str, ...], tuple[Passes, Passes, Passes]] = {}
    missing = 0
    for unit in units:
        missing += unit.cells
        if unit.metrics not in tried:
            tried[unit.metrics] = _try_metrics(job, unit.metrics, probes)
        shared, own, again = tried[unit.metrics]
        scoring["metrics"] = scoring.get("metrics", Passes()) + shared * len(unit.rows) + own * unit.cells
        for number in unit.configurations:
            cost = cost_of(job, number, probes)
            name = job.grid.methods[job.grid.configurations[number].method].name
            if number not in unit.kept:
                explaining[name] = explaining.get(name, Passes()) + cost * len(unit.rows)
            dearer = cost.seconds / max(cheapest.seconds, 1e-9)
            scoring["metrics that explain again"] = scoring.get("metrics that explain again", Passes()) + again * (
                dearer * len(unit.rows)
            )
    parts = {**explaining, **scoring}
    total = sum(parts.values(), Passes())
    dearest = sorted(((name, part.seconds / max(total.seconds, 1e-9)) for name, part in parts.items()), key=_share)
    fresh = sum(len(unit.rows) * (len(unit.configurations) - len(unit.kept)) for unit in units)
    values = stored(job.inputs[:1])[0].shape[1]
    size = 4.0 * values * fresh + 12.0 * sum(unit.cells * len(unit.metrics) for unit in units)
    return Estimate(cells, missing, total, workers, size, tuple(dearest))


def _share(part: tuple[str, float]) -> float:
    return -part[1]


def _try_metrics(job: Job, labels: Sequence[str], probes: Probes) -> tuple[Passes, Passes, Passes]:
    """What metrics cost an item: shared by all its maps, for each map, and for each map of the cheapest method where
    maps have to be made again."""
    again = [label for label in labels if registry.get(job.metrics[label][0]).declared.get("needs") == "method"]
    plain = [label for label in labels if label not in again]
    number = min(range(len(job.grid.configurations)), key=lambda place: cost_of(job, place, probes).size)
    one, two = _time(job, plain, number, 1), _time(job, plain, number, 2)
    own = Passes(two.forward - one.forward, two.backward - one.backward, max(two.seconds - one.seconds, 0))
    shared = Passes(one.forward - own.forward, one.backward - own.backward, max(one.seconds - own.seconds, 0))
    return shared, own, _time(job, again, number, 1)


def _time(job: Job, labels: Sequence[str], number: int, maps: int) -> Passes:
    if not labels:
        return Passes()
    module, rows = job.grid.predictors[0].module, min(ITEMS, len(job.items))
    x, targets = job.inputs[:rows], job.targets[:rows]
    source: Source = job.source(number)
    names = [str(place) for place in range(maps)]
    options: dict[str, Any] = {"background": job.background, **source.params}
    with threads(job.threads), counted(module) as passes:
        made = attribute(module, x, targets, source.method, source.seed, **options)
        before, start = (passes.forward, passes.backward), time.perf_counter()
        score_all(
            module, x, targets, dict.fromkeys(names, made), {label: job.metrics[label] for label in labels}, job.seed,
            sources=dict.fromkeys(names, source), masks=None if job.masks is None else job.masks[:rows],
        )  # fmt: skip
        seconds = time.perf_counter() - start
    return Passes(passes.forward - before[0], passes.backward - before[1], seconds) * (1 / rows)
