"""What a metric on explanations is, and the registry that holds them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from binome.core import BinomeError, derive_seed
from binome.core.kinds import check_call
from binome.core.registry import Plugin, Registry
from binome.explain import attribute

Scores = npt.NDArray[np.float64]
Metric = Callable[..., torch.Tensor]
"""`f(batch: Batch, **params) -> values`: one value an item, NaN where undefined."""
Needs = Literal["", "method", "masks"]
T = TypeVar("T")

registry: Registry[Metric] = Registry("metric", "binome.metrics")


@dataclass(frozen=True)
class Source:
    """How maps were made, for the metrics that have to make them again, of other inputs or by another module.

    Attributes:
        method, params, seed, background: as given to `explain.attribute`.
    """

    method: Any
    params: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    background: Any = None


@dataclass(frozen=True)
class Batch:
    """Items to score, as the harness hands them to a metric.

    Attributes:
        module: in evaluation mode, with parameters that need no gradient.
        inputs: float (n, …); the metric's own copy.
        targets: int64 (n,), on the inputs' device.
        everyone: maps of all explanations that are scored together, (explanations, n, …), on the same device.
        place: which of the explanations is asked for.
        keys: what the draws of each item hang on.
        seeds: one an item, from the caller's seed and the item's key.
        batch_size: most inputs in one forward pass.
        source: how the maps were made; None where the caller did not say.
        masks: bool (n, height, width), or (n, features) for case files: what should matter; None without any.
        memory: what `once` keeps; shared by all metrics and explanations of these items.
    """

    module: nn.Module
    inputs: torch.Tensor
    targets: torch.Tensor
    everyone: torch.Tensor
    place: int
    keys: tuple[int | str, ...]
    seeds: tuple[int, ...]
    batch_size: int
    source: Source | None = None
    masks: torch.Tensor | None = None
    memory: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def maps(self) -> torch.Tensor:
        """The maps asked for, of the inputs' shape."""
        return self.everyone[self.place]

    def logits(self, inputs: torch.Tensor, module: nn.Module | None = None) -> torch.Tensor:
        """The module's logits (n, classes), float64, without gradients, in one pass."""
        with torch.no_grad():
            # A copy, because a module that starts with an in-place layer would write into what it is given.
            logits: torch.Tensor = (module or self.module)(inputs.clone())
        return logits.double()

    def passes(self, copies: int, make: Callable[[range], torch.Tensor]) -> torch.Tensor:
        """Logits of perturbed copies of every item, as many at a time as one pass may have.

        Args:
            copies: how many of each item.
            make: returns the copies of a range, (len(range), n, …).

        Returns:
            float64 (copies, n, classes).
        """
        rows, parts = max(1, self.batch_size // len(self.inputs)), []
        for first in range(0, copies, rows):
            part = range(first, min(first + rows, copies))
            logits = self.logits(make(part).flatten(0, 1))
            parts.append(logits.view(len(part), len(self.inputs), -1))
        return torch.cat(parts)

    def explain(self, inputs: torch.Tensor, module: nn.Module | None = None) -> torch.Tensor:
        """Maps of other versions of the items, or by another module, made as these were, with the same draws.

        What an explainer draws stays the same, so that a difference comes from the inputs or the module alone.

        Args:
            inputs: (copies · n, …), row after row of the first copy first.

        Returns:
            Maps of the inputs' shape.

        Raises:
            BinomeError: when nobody said how the maps were made, or they cannot be made again.
        """
        if self.source is None:
            raise BinomeError("these maps cannot be made again: give `method`, the name of what made them")
        copies = len(inputs) // len(self.inputs)
        source = self.source
        return attribute(
            module or self.module,
            inputs,
            self.targets.repeat(copies),
            source.method,
            source.seed,
            background=source.background,
            keys=self.keys * copies,
            **source.params,
        )

    def generator(self, row: int, *path: str | int) -> torch.Generator:
        """A CPU generator for one row, the same whichever items are beside it; `path` begins with what it is for."""
        return torch.Generator().manual_seed(derive_seed(self.seeds[row], *path))

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """What does not depend on the explanation asked for is computed once for all of them; `key` says what it is.

        What depends on the maps can be computed of `everyone` at once, and looked up by `place`.
        """
        if key not in self.memory:
            self.memory[key] = compute()
        found: T = self.memory[key]
        return found


def metric(
    name: str,
    *,
    family: str = "other",
    better: Literal["lower", "higher"],
    forward: str = "0",
    paper: str = "",
    needs: Needs = "",
    labelled_by: Sequence[str] = (),
) -> Callable[[Metric], Metric]:
    """Register a metric.

    Args:
        better: whether a lower or a higher value is better.
        forward: passes an item in terms of its parameters.
        needs: what it needs beside inputs and maps: the `method` that made the maps, or `masks`.
        labelled_by: parameters without which the metric's name says too little, e.g. its imputer.
    """
    declared: dict[str, Any] = {
        "family": family, "better": better, "forward": forward, "paper": paper, "needs": needs,
        "labelled_by": list(labelled_by),
    }  # fmt: skip
    return registry.register(name, **declared)


def metrics() -> dict[str, Plugin[Metric]]:
    """All metrics by name, with what they declare."""
    return {plugin.name: plugin for plugin in registry}


def full_params(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of a metric, defaults included.

    Raises:
        BinomeError: for a metric or parameter that does not exist.
    """
    plugin = registry.get(name)
    check_call("metric", name, plugin.target, params, frozenset({"batch"}))
    parameters = inspect.signature(plugin.target).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty} | dict(params)


def label(name: str, **params: Any) -> str:
    """The metric's name for a table or a figure: `deletion (zero)`, where its imputer is part of what it measures.

    Raises:
        BinomeError: for a metric or parameter that does not exist.
    """
    values = full_params(name, params)
    parts = [str(values[part]) for part in registry.get(name).declared.get("labelled_by", ())]
    return f"{name} ({', '.join(parts)})" if parts else name
