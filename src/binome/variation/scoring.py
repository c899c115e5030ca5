"""`score`: one metric on given maps. It owns checks, batches, seeds and the module's state."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from binome.core import BinomeError, check_params, derive_seed
from binome.explain import as_found, check_targets
from binome.variation.metric import Batch, Scores, registry

BATCH = 256


def score(
    predictor: nn.Module,
    inputs: Any,
    targets: Any,
    maps: Any,
    metric: str = "deletion",
    seed: int = 0,
    *,
    batch_size: int = BATCH,
    **params: Any,
) -> Scores:
    """One value an item for the maps of one explanation.

    Args:
        predictor: any module that returns logits (n, classes).
        inputs, maps: float (n, …) of one shape; tensors or arrays; left as they are.
        targets: (n,) class indices.
        metric: a name of `variation.metrics()`.
        batch_size: most inputs in one forward pass; changes no value.
        params: the metric's own.

    Returns:
        float64 (n,); NaN where the metric is undefined for an item.

    Raises:
        BinomeError: for shapes, values, a metric or a parameter that cannot be used.
    """
    plugin = registry.get(metric)
    check_params("metric", metric, plugin.target, params, frozenset({"batch"}))
    x, given = _tensor(inputs, "inputs"), _tensor(maps, "maps")
    if x.shape != given.shape:
        raise BinomeError(f"maps have shape {tuple(given.shape)}, inputs {tuple(x.shape)}; they must be alike")
    if batch_size < 1:
        raise BinomeError(f"batch_size is {batch_size}; give 1 or more")
    values = np.empty(len(x))
    with as_found(predictor) as device:
        moved, relevance = x.to(device), given.to(device)
        indices = check_targets(predictor, moved, targets)
        for first in range(0, len(x), batch_size):
            rows = slice(first, first + batch_size)
            seeds = tuple(derive_seed(seed, metric, i) for i in range(first, min(first + batch_size, len(x))))
            batch = Batch(predictor, moved[rows], indices[rows], relevance[rows], seeds, batch_size)
            values[rows] = plugin.target(batch, **params).numpy()
    return values


def _tensor(values: Any, name: str) -> torch.Tensor:
    tensor = values.detach() if isinstance(values, torch.Tensor) else torch.from_numpy(np.array(values))
    if not tensor.is_floating_point() or tensor.dim() < 2 or len(tensor) == 0:
        raise BinomeError(
            f"{name} have shape {tuple(tensor.shape)} and type {tensor.dtype}; give floats (n, …), n >= 1"
        )
    if not torch.isfinite(tensor).all():
        raise BinomeError(f"{name} hold NaN or infinite values; mend or drop those items")
    return tensor
