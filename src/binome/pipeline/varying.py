"""The variation grid of a study: its predictors are trained, its cells computed, its tables written, its page made."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from binome.core import Spec, Text, derive_seed
from binome.protocol import GridMetricSpec, GridSpec, Protocol

if TYPE_CHECKING:
    import torch

    from binome.contexts import Context
    from binome.variation import Estimate, Varied

CELLS = "cells"
"""Folder beside the artefacts, which any grid of the study shares."""
PAGE = 1
"""Raised when the page's code changes what it says."""


@dataclass(frozen=True)
class Sweep:
    """How a grid is run; nothing here changes its numbers.

    Attributes:
        budget: longest time that it may be estimated to take, e.g. `90m`.
        workers: processes; None for as many as there are processors.
        on: address of a Ray cluster.
        on_estimate: told what is left to do before it starts.
        estimate_only: ends after the estimate.
    """

    budget: str | None = None
    workers: int | None = None
    on: str | None = None
    on_estimate: Callable[[Estimate], None] = lambda estimate: None
    estimate_only: bool = False


class CostTold(Exception):  # noqa: N818 - it ends what was asked to end here, and is no error
    """The grid's cost was told, and nothing more was asked for."""


def vary(
    protocol: Protocol,
    grid: GridSpec,
    context: Context,
    predictors: Sequence[tuple[str, int, Any]],
    items: Sequence[int],
    cells: Path,
    sweep: Sweep,
) -> Varied:
    """Compute what the grid lacks.

    Args:
        predictors: architecture, seed and predictor, the study's own first.
        items: places in the test split.
        cells: where cells are kept.
    """
    from binome import variation

    split = context.split("test")
    inputs, ids = split.inputs[list(items)], [split.ids[place] for place in items]
    cases = bool(context.categories)
    options = variation.Options(
        workers=sweep.workers or variation.suitable_workers(),
        on=sweep.on,
        budget=sweep.budget,
        progress=True,
        on_estimate=_ending(sweep.on_estimate) if sweep.estimate_only else sweep.on_estimate,
    )
    return variation.study(
        [variation.Trained(module, architecture, seed) for architecture, seed, module in predictors],
        inputs,
        methods={
            name: {"method": one.method, **one.params, "settings": one.settings} for name, one in grid.methods.items()
        },
        items=ids,
        seeds=grid.seeds,
        noise=grid.noise,
        metrics=metrics(grid, context),
        agreements=grid.agreements,
        fraction=grid.fraction,
        masks=masks(context, ids),
        background=_background(context, protocol.study.variation.seed),
        noise_scale=_noise_scale(context),
        # Pictures and boards are between 0 and 1.
        limits=None if cases else (0.0, 1.0),
        same_prediction=grid.same_prediction,
        references=min(grid.references, len(items)),
        resamples=grid.resamples,
        seed=grid.seed,
        folder=cells,
        options=options,
    )


def _ending(tell: Callable[[Estimate], None]) -> Callable[[Estimate], None]:
    def tell_and_end(found: Estimate) -> None:
        tell(found)
        raise CostTold

    return tell_and_end


def metrics(grid: GridSpec, context: Context) -> list[str | Spec]:
    """The grid's metrics; of an estimate they read the estimate itself, for it has no probability."""
    specs = [Spec("metric", one, {}) if isinstance(one, str) else _spec(one) for one in grid.metrics]
    return [of_estimate(one) for one in specs] if context.task.number is not None else list(specs)


def of_estimate(metric: Spec) -> Spec:
    """A metric of an estimate: it reads the output as it is, where it reads one."""
    from inspect import signature

    from binome import variation

    reads = "output" in signature(variation.metrics()[metric.name].target).parameters
    return Spec("metric", metric.name, {"output": "logit", **metric.params}) if reads else metric


def write(varied: Varied, folder: Path, context: Context, items: Sequence[int], study: str) -> Mapping[str, Any]:
    """Write the study's tables (docs/reference/variation-tables.md); returns what the manifest keeps of them.

    Args:
        study: the study's folder, as its commands name it.
    """
    import polars as pl

    summary = varied.write(folder)
    split, task = context.split("test"), context.task
    names = [decision.id for decision in task.decisions]
    table = pl.read_parquet(folder / "items.parquet")

    def said(places: Sequence[int]) -> list[Any]:
        return [names[place] for place in places] if names else list(places)

    chosen = split.truths[list(items)].tolist()
    table = table.with_columns(
        pl.Series("truth", said(chosen) if names else chosen).cast(pl.String),
        pl.Series("target", said(table["target"].to_list())).cast(pl.String),
        pl.Series("picture", [_picture(context, item) for item in table["item"]], dtype=pl.Binary),
    )
    table.write_parquet(folder / "items.parquet")
    predictions = pl.read_parquet(folder / "predictions.parquet")
    decisions = said(predictions["decision"].to_list())
    predictions.with_columns(pl.Series("decision", decisions).cast(pl.String)).write_parquet(
        folder / "predictions.parquet"
    )
    return {**summary, "commands": [f"binome vary {study}"]}


def _picture(context: Context, item: str) -> bytes | None:
    shown = context.show(item).picture
    if shown is None:
        return None
    buffer = io.BytesIO()
    shown.save(buffer, "PNG")
    return buffer.getvalue()


def _spec(metric: GridMetricSpec) -> Spec:
    return Spec("metric", metric.metric, metric.params)


def _background(context: Context, seed: int) -> torch.Tensor:
    import torch

    from binome.pipeline.recipes import GRID

    train = context.split("train").inputs
    generator = torch.Generator().manual_seed(derive_seed(seed, "grid", "background"))
    return train[torch.randperm(len(train), generator=generator)[: GRID["background"]]]


def _noise_scale(context: Context) -> torch.Tensor | None:
    """In case files the numbers alone may change, each in its own standard deviation; no category is noisy."""
    import torch

    if not context.categories:
        return None
    return torch.tensor([0.0 if values else 1.0 for values in context.categories])


def masks(context: Context, items: Sequence[str]) -> torch.Tensor | None:
    """What decides each item, where the context knows."""
    masks: Callable[[Sequence[str]], torch.Tensor] | None = getattr(context, "masks", None)
    return None if masks is None else masks(items)


def items_of(grid: GridSpec, selection: Mapping[str, Sequence[int]]) -> list[int]:
    """Places of the grid's items: what operators are shown first, so that both halves of a study can be joined."""
    return list(dict.fromkeys([*selection["trial"], *selection["sample"]]))[: grid.items]


def publish(results: Path, artefact: Path, title: Text) -> None:
    """Write the grid's page, unless the one that is there was made from it."""
    stamp = results / ".variation-made-from"
    made = f"{artefact.name} {PAGE} {(results / 'report.html').exists()}"
    if stamp.exists() and stamp.read_text("utf-8") == made and (results / "variation.html").exists():
        return
    from binome import report

    results.mkdir(exist_ok=True)
    report.publish_variation(results, report.read_findings(artefact), title=title)
    stamp.write_text(made, "utf-8")
