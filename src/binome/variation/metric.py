"""What a metric on explanations is, and the registry that holds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from binome.core.registry import Plugin, Registry

Scores = npt.NDArray[np.float64]
Metric = Callable[..., torch.Tensor]
"""`f(batch: Batch, **params) -> values`: one value an item, NaN where undefined."""

registry: Registry[Metric] = Registry("metric", "binome.metrics")


@dataclass(frozen=True)
class Batch:
    """Items to score, as the harness hands them to a metric.

    Attributes:
        module: in evaluation mode.
        inputs: float (n, …).
        targets: int64 (n,).
        maps: of the inputs' shape, on the same device.
        seeds: one an item, from the caller's seed and the item's position.
        batch_size: most inputs in one forward pass.
    """

    module: nn.Module
    inputs: torch.Tensor
    targets: torch.Tensor
    maps: torch.Tensor
    seeds: tuple[int, ...]
    batch_size: int


def metric(
    name: str, *, family: str, better: Literal["lower", "higher"], forward: str = "0", paper: str, needs: str = ""
) -> Callable[[Metric], Metric]:
    """Register a metric; `forward` counts passes an item in terms of its parameters."""
    declared: dict[str, Any] = {"family": family, "better": better, "forward": forward, "paper": paper, "needs": needs}
    return registry.register(name, **declared)


def metrics() -> dict[str, Plugin[Metric]]:
    """All metrics by name, with what they declare."""
    return {plugin.name: plugin for plugin in registry}
