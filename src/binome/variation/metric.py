"""What a metric on explanations is, and the registry that holds them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from binome.core import check_params
from binome.core.registry import Plugin, Registry

Scores = npt.NDArray[np.float64]
Metric = Callable[..., torch.Tensor]
"""`f(batch: Batch, **params) -> values`: one value an item, NaN where undefined."""

registry: Registry[Metric] = Registry("metric", "binome.metrics")


@dataclass(frozen=True)
class Batch:
    """Items to score, as the harness hands them to a metric.

    Attributes:
        module: in evaluation mode, with parameters that need no gradient.
        inputs: float (n, …); the metric's own copy.
        targets: int64 (n,), on the inputs' device.
        maps: of the inputs' shape, on the same device; the metric's own copy.
        positions: of the items in the caller's inputs.
        total: items of the caller, of which this batch is a part.
        seeds: one an item, from the caller's seed and the item's position.
        batch_size: most inputs in one forward pass.
        memory: what `once` keeps; shared by all metrics and explanations of these items.
    """

    module: nn.Module
    inputs: torch.Tensor
    targets: torch.Tensor
    maps: torch.Tensor
    positions: tuple[int, ...]
    total: int
    seeds: tuple[int, ...]
    batch_size: int
    memory: dict[Hashable, torch.Tensor] = field(default_factory=dict)

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        """The module's logits (n, classes), float64, without gradients."""
        with torch.no_grad():
            # A copy, because a module that starts with an in-place layer would write into what it is given.
            logits: torch.Tensor = self.module(inputs.clone())
        return logits.double()

    def once(self, key: Hashable, compute: Callable[[], torch.Tensor]) -> torch.Tensor:
        """What does not depend on the maps is computed once for all of them; `key` says what it is."""
        if key not in self.memory:
            self.memory[key] = compute()
        return self.memory[key]


def metric(
    name: str,
    *,
    family: str,
    better: Literal["lower", "higher"],
    forward: str = "0",
    paper: str,
    needs: str = "",
    labelled_by: Sequence[str] = (),
) -> Callable[[Metric], Metric]:
    """Register a metric.

    Args:
        better: whether a lower or a higher value is better.
        forward: passes an item in terms of its parameters.
        needs: what it needs beside inputs and maps, in words.
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


def label(name: str, **params: Any) -> str:
    """The metric's name for a table or a figure: `deletion (zero)`, where its imputer is part of what it measures.

    Raises:
        BinomeError: for a metric or parameter that does not exist.
    """
    plugin = registry.get(name)
    check_params("metric", name, plugin.target, params, frozenset({"batch"}))
    defaults = {p.name: p.default for p in inspect.signature(plugin.target).parameters.values()}
    parts = [str({**defaults, **params}[part]) for part in plugin.declared.get("labelled_by", ())]
    return f"{name} ({', '.join(parts)})" if parts else name
