"""`score`: metrics on given maps. It owns checks, batches, seeds and the module's state."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from binome.core import BinomeError, check_params, derive_seed
from binome.explain import as_found, check_batch_size, check_inputs, check_targets, watched, working_type
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
        inputs: float (n, …); tensor, array or list; left as they are.
        targets: (n,) class indices.
        maps: numbers of the inputs' shape; tensor, array or list; left as they are.
        metric: a name of `variation.metrics()`.
        seed: of all that the metric draws.
        batch_size: most inputs in one forward pass; changes no value.
        params: the metric's own.

    Returns:
        float64 (n,); NaN where the metric is undefined for an item.

    Raises:
        BinomeError: for shapes, values, a metric or a parameter that cannot be used.
    """
    found = score_all(predictor, inputs, targets, {"": maps}, {metric: (metric, params)}, seed, batch_size=batch_size)
    return found[metric, ""]


def score_all(
    predictor: nn.Module,
    inputs: Any,
    targets: Any,
    maps: Mapping[str, Any],
    metrics: Mapping[str, tuple[str, Mapping[str, Any]]],
    seed: int = 0,
    *,
    batch_size: int = BATCH,
    advance: Callable[[], None] = lambda: None,
) -> dict[tuple[str, str], Scores]:
    """Every metric on every explanation, by (metric's label, explanation).

    All of it is done for one batch of items before the next, so that passes which do not depend on the
    maps (the prediction itself, the prediction without any evidence) are made once a batch, not once a cell.

    Args:
        maps: by explanation.
        metrics: name and parameters, by label.
        advance: told after each batch, metric and explanation.
    """
    size = check_batch_size(batch_size)
    for name, params in metrics.values():
        check_params("metric", name, registry.get(name).target, params, frozenset({"batch"}))
    x = check_inputs(_numbers(inputs))
    indices = check_targets(targets, len(x))
    given = {name: _maps_like(x, values, name) for name, values in maps.items()}
    scores = {(label, name): np.empty(len(x)) for label in metrics for name in given}
    with as_found(predictor) as device, watched(predictor, indices):
        for first in range(0, len(x), size):
            positions = tuple(range(first, min(first + size, len(x))))
            rows = slice(first, first + size)
            moved = x[rows].to(device, working_type(predictor, x))
            wanted, memory = indices[rows].to(device, copy=True), dict[Hashable, torch.Tensor]()
            for name, values in given.items():
                for label, (metric, params) in metrics.items():
                    seeds = tuple(derive_seed(seed, metric, position) for position in positions)
                    relevance = values[rows].to(device, copy=True)
                    batch = Batch(
                        predictor, moved.clone(), wanted, relevance, positions, len(x), seeds, size, memory
                    )  # fmt: skip
                    found = registry.get(metric).target(batch, **params)
                    if found.shape != (len(positions),):
                        raise BinomeError(f"{metric} gave shape {tuple(found.shape)} for {len(positions)} items")
                    scores[label, name][rows] = found.detach().double().cpu().numpy()
                    advance()
    return scores


def _numbers(values: Any) -> Any:
    """Lists as float arrays: they have no type of their own to hold the caller to."""
    if isinstance(values, torch.Tensor | np.ndarray):
        return values
    try:
        return np.array(values, dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise BinomeError(f"cannot read an array (n, …): {error}") from error


def _maps_like(x: torch.Tensor, values: Any, name: str) -> torch.Tensor:
    array = _numbers(values)
    whole = not torch.is_floating_point(array) if isinstance(array, torch.Tensor) else array.dtype.kind in "iub"
    if whole:  # ranks or counts are maps as good as any
        array = array.double() if isinstance(array, torch.Tensor) else array.astype(np.float64)
    maps = check_inputs(array, f"maps {name}".strip())
    if maps.shape != x.shape:
        raise BinomeError(
            f"{f'maps {name}'.strip()} have shape {tuple(maps.shape)}, inputs {tuple(x.shape)}; they must be alike"
        )
    return maps
