"""`study`: a grid of explanations, computed once, kept cell by cell, and resumed where it stopped."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
import torch
from torch import nn

from binome.core import BinomeError, Spec, digest
from binome.core.progress import bar
from binome.explain import as_found, check_inputs, check_targets, working_type
from binome.explain.controls import redrawn
from binome.variation.metric import full_params, label
from binome.variation.sweep.cells import Cells
from binome.variation.sweep.cost import Estimate, Probes, check_budget, estimate, probe, read_budget
from binome.variation.sweep.grid import Grid, Trained, content, read_methods
from binome.variation.sweep.levels import check_counts, check_list, noise_of, predictors_of, seeds_of
from binome.variation.sweep.plan import Known, known, units
from binome.variation.sweep.unit import Job
from binome.variation.sweep.varied import Varied, read_part
from binome.variation.sweep.workers import workers as workers_of

OnEstimate = Callable[[Estimate], None]


@dataclass(frozen=True)
class Options:
    """How a study is run; nothing here changes its numbers.

    Attributes:
        workers: processes of this machine.
        on: address of a Ray cluster, instead.
        budget: longest time that it may be estimated to take: seconds, or a text such as `90m`.
        progress: whether to show a bar.
        on_estimate: told what is left to do before it starts; what it raises ends the study there. Without it and a
            budget nothing is estimated, which saves the passes that metrics are tried with.
    """

    workers: int = 1
    on: str | None = None
    budget: str | float | None = None
    progress: bool = False
    on_estimate: OnEstimate | None = None


def study(
    predictors: nn.Module | Mapping[str, nn.Module] | Sequence[nn.Module | Trained],
    inputs: Any,
    targets: Any = None,
    *,
    methods: Mapping[str, Any],
    items: Sequence[str] | None = None,
    seeds: int | Sequence[int] = 1,
    noise: Sequence[float] = (0.0,),
    metrics: Sequence[str | Spec] = ("deletion", "insertion"),
    agreements: Sequence[str] = ("spearman", "feature_agreement"),
    fraction: int = 1,
    masks: Any = None,
    background: Any = None,
    noise_scale: Any = None,
    limits: tuple[float, float] | None = None,
    same_prediction: bool = True,
    references: int = 8,
    resamples: int = 1000,
    seed: int = 0,
    folder: str | Path | None = None,
    options: Options | None = None,
    **run: Any,
) -> Varied:
    """How much explanations vary, and where that comes from.

    Every method, with every setting and seed, explains every item under every predictor and noise level; each map is
    scored by every metric. Cells are kept in `folder` under all that made them: another study that shares some finds
    them, one more method or item costs itself alone, and a run that is killed loses the batch in hand.

    Args:
        predictors: a module, modules by name, a list of trainings of one architecture, or `Trained` ones, where
            architectures differ as well as seeds.
        inputs: float (n, …).
        targets: (n,) class indices; by default what the first predictor decides.
        methods: by name, as `{"ig": {"method": "integrated_gradients", "settings": [{"steps": 8}, {"steps": 32}]}}`.
        items: ids, by default the items' places; draws hang on them.
        seeds: of the explainers, or how many; methods that draw nothing are run once.
        noise: standard deviations of normal noise on the inputs; 0 for none.
        metrics: names, or specs of kind `metric` with parameters.
        agreements: names of measures.
        fraction: one in so many cells of the full grid, chosen so that it stays balanced; a prime number.
        masks: bool (n, height, width), for localisation.
        background: float (m, …), for the methods that need some.
        noise_scale: what noise is multiplied with, broadcast to an input: 0 for what must not change.
        limits: what noisy inputs are clipped to.
        same_prediction: whether maps are compared on those items alone that all predictors decide alike under all
            noise.
        references: on how many items predictors with random weights are explained too; 0 for none.
        resamples: of the items, for intervals.
        seed: of noise, metrics and resampling.
        folder: where cells are kept; nowhere by default.
        options, run: how it is run, as `Options` or by its attributes' names.

    Raises:
        BinomeError: for anything that cannot be used; when the estimate is over the budget.
    """
    how = replace(options or Options(), **run)
    levels, noise, used = predictors_of(predictors), noise_of(noise), seeds_of(seeds)
    check_counts(fraction, references, resamples)
    check_list("metrics", metrics)
    check_list("agreements", agreements)
    x = check_inputs(inputs).cpu()
    ids = _ids(items, len(x))
    scored = {
        label(one.name, **one.params): (one.name, full_params(one.name, one.params)) for one in map(_spec, metrics)
    }
    marked = None if masks is None else torch.as_tensor(masks)
    extra = {"background": background, "noise_scale": noise_scale}
    given = {name: None if value is None else torch.as_tensor(value) for name, value in extra.items()}
    with _cells(folder) as cells:
        decided = _decisions(levels[0], x, cells)
        wanted = decided if targets is None else check_targets(targets, len(x))
        grid, probes = _grid(levels, methods, x, wanted, used, noise, fraction, seed, limits, given, cells)
        job = Job(
            grid, x, wanted, decided, ids, _item_keys(ids, x, wanted, marked), scored, seed, marked,
            given["background"], given["noise_scale"], limits,
        )  # fmt: skip
        parts = {"": job}
        if references:
            parts["random_weights"] = _random(job, references)
        with cells.owned():
            there = _work(parts, probes, cells, how)
        found = {name: read_part(one, there[name], cells) for name, one in parts.items()}
        return Varied(found, tuple(agreements), same_prediction, resamples, seed, probes)


def _work(parts: Mapping[str, Job], probes: Probes, cells: Cells, how: Options) -> dict[str, Known]:
    """Compute what is missing of every part, and tell what is there."""
    there = {name: known(job, cells) for name, job in parts.items()}
    left = {name: units(job, there[name], cells) for name, job in parts.items()}
    total = sum(len(job.grid.configurations) * len(job.items) for job in parts.values())
    sharing = workers_of(how.workers, how.on)
    cells_left = sum(unit.cells for unit in chain(*left.values()))
    budget = read_budget(how.budget)
    if not cells_left:
        return there
    if how.on_estimate is not None or budget is not None:
        costs = [estimate(job, left[name], probes, total, how.workers) for name, job in parts.items() if left[name]]
        cost = Estimate.sum(costs, total)
        if how.on_estimate is not None:
            how.on_estimate(cost)
        check_budget(cost, budget)
    with bar("explaining and scoring" if how.progress else None, cells_left) as counter:
        for outcome in sharing.outcomes(parts, [(name, unit) for name in parts for unit in left[name]]):
            for table, rows in outcome.tables.items():
                cells.add(table, rows)
            counter.advance(outcome.unit.cells)
    return {name: known(job, cells) for name, job in parts.items()}


def _random(job: Job, items: int) -> Job:
    """The same grid on a few items, by predictors that never learnt."""
    untaught = tuple(
        replace(level, module=redrawn(level.module, place)) for place, level in enumerate(job.grid.predictors)
    )
    rows = slice(0, items)
    return replace(
        job,
        grid=replace(job.grid, predictors=untaught),
        inputs=job.inputs[rows],
        targets=job.targets[rows],
        decided=job.decided[rows],
        items=job.items[rows],
        keys=job.keys[rows],
        metrics={},
        masks=None if job.masks is None else job.masks[rows],
    )


def _grid(
    levels: tuple[Trained, ...],
    methods: Mapping[str, Any],
    x: torch.Tensor,
    targets: torch.Tensor,
    used: tuple[int, ...],
    noise: tuple[float, ...],
    fraction: int,
    seed: int,
    limits: tuple[float, float] | None,
    given: Mapping[str, torch.Tensor | None],
    cells: Cells,
) -> tuple[Grid, Probes]:
    known_methods = read_methods(methods)
    background = content(given["background"])
    families = {level.architecture: level for level in reversed(levels)}
    probes = {
        (name, spec.key): probe(method, place, level, x, targets, used, given["background"], background, cells)
        for name, level in families.items()
        for method in known_methods
        for place, spec in enumerate(method.settings)
    }
    noisy = digest({"seed": seed, "scale": content(given["noise_scale"]), "limits": limits})
    # Noise on the inputs of a linear model changes no gradient: what draws nothing for one network may for another.
    draws = {key: any(probes[name, key].draws for name in families) for _, key in probes}
    salt = f"{background}+{noisy}"
    return Grid(levels, known_methods, used, noise, draws, fraction, salt), probes


def _spec(metric: str | Spec) -> Spec:
    return Spec("metric", metric) if isinstance(metric, str) else metric


def _decisions(predictor: Trained, x: torch.Tensor, cells: Cells) -> torch.Tensor:
    """What a predictor decides, int64 (n,); asked once, and kept among the cells."""
    inputs = [content(row) for row in x]
    known_rows = cells.read("decisions", pl.col("predictor") == predictor.key)
    found = {} if known_rows is None else dict(known_rows.select("input", "decision").iter_rows())
    missing = [row for row, key in enumerate(inputs) if key not in found]
    if missing:
        with as_found(predictor.module) as device, torch.no_grad():
            moved = x[missing].to(device, working_type(predictor.module, x))
            parts = torch.chunk(moved, -(-len(moved) // 256))
            decided = torch.cat([predictor.module(part.clone()).argmax(1) for part in parts]).tolist()
        keys = [inputs[row] for row in missing]
        fresh = {"predictor": [predictor.key] * len(keys), "input": keys, "decision": decided}
        cells.add("decisions", pl.DataFrame(fresh))
        found |= dict(zip(keys, decided, strict=True))
    return torch.tensor([found[key] for key in inputs])


def _ids(items: Sequence[str] | None, count: int) -> tuple[str, ...]:
    ids = tuple(map(str, range(count) if items is None else items))
    if len(ids) != count or len(set(ids)) != count:
        raise BinomeError(f"{len(ids)} ids ({len(set(ids))} different) for {count} items; give one each")
    return ids


def _item_keys(
    ids: Sequence[str], x: torch.Tensor, targets: torch.Tensor, masks: torch.Tensor | None
) -> tuple[str, ...]:
    """What an item's cells are kept under: its id, all that it holds, and what is asked about it."""
    return tuple(
        digest([id_, content(x[row]), int(targets[row]), content(None if masks is None else masks[row])])[:32]
        for row, id_ in enumerate(ids)
    )


@contextmanager
def _cells(folder: str | Path | None) -> Iterator[Cells]:
    if folder is not None:
        yield Cells(Path(folder))
        return
    with tempfile.TemporaryDirectory(prefix="binome-") as made:
        yield Cells(Path(made))
