"""`score`: metrics on given maps. It owns checks, batches, seeds and the module's state."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from binome.core import BinomeError, derive_seed
from binome.core.kinds import check_call
from binome.core.registry import Plugin
from binome.explain import (
    as_found,
    check_batch_size,
    check_inputs,
    check_keys,
    check_targets,
    suitable_batch,
    watched,
    working_type,
)
from binome.variation.metric import Batch, Metric, Scores, Source, registry


def score(
    predictor: nn.Module,
    inputs: Any,
    targets: Any,
    maps: Any,
    metric: str = "deletion",
    seed: int = 0,
    *,
    method: Any = None,
    masks: Any = None,
    keys: Sequence[int | str] | None = None,
    batch_size: int | None = None,
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
        method: what made the maps, for the metrics that make them again: a `Source`, or what `explain.attribute` takes
            as `method`, where that was called with its defaults.
        masks: bool (n, height, width), (n, 1, height, width) or (n, features): what should matter, for localisation.
        keys: what the draws of each item hang on, such as its id; by default its place among the inputs.
        batch_size: most inputs in one forward pass, by default what suits the device; changes no value.
        params: the metric's own.

    Returns:
        float64 (n,); NaN where the metric is undefined for an item.

    Raises:
        BinomeError: for shapes, values, a metric or a parameter that cannot be used; for a metric that needs `method`
            or `masks`, without them.
    """
    sources = {} if method is None else {"": method if isinstance(method, Source) else Source(method)}
    found = score_all(
        predictor, inputs, targets, {"": maps}, {metric: (metric, params)}, seed,
        sources=sources, masks=masks, keys=keys, batch_size=batch_size,
    )  # fmt: skip
    return found[metric, ""]


def score_all(
    predictor: nn.Module,
    inputs: Any,
    targets: Any,
    maps: Mapping[str, Any],
    metrics: Mapping[str, tuple[str, Mapping[str, Any]]],
    seed: int = 0,
    *,
    sources: Mapping[str, Source] | None = None,
    masks: Any = None,
    keys: Sequence[int | str] | None = None,
    batch_size: int | None = None,
    advance: Callable[[int], None] = lambda items: None,
) -> dict[tuple[str, str], Scores]:
    """Every metric on every explanation, by (metric's label, explanation).

    All of it is done for one batch of items before the next, so that passes which do not depend on the
    maps (the prediction itself, the prediction without any evidence) are made once a batch, not once a cell.

    Args:
        maps: by explanation.
        metrics: name and parameters, by label.
        sources: how the maps were made, by explanation; a metric that needs to know is undefined for the others.
        advance: told after each batch, metric and explanation of how many items.
    """
    known, plugins = sources or {}, {label: registry.get(name) for label, (name, _) in metrics.items()}
    for name, params in metrics.values():
        check_call("metric", name, registry.get(name).target, params, frozenset({"batch"}))
    x = check_inputs(_numbers(inputs))
    indices, names = check_targets(targets, len(x)), check_keys(keys, len(x))
    given = {name: _maps_like(x, values, name) for name, values in maps.items()}
    where = None if masks is None else _masks_like(x, masks)
    for plugin in plugins.values():
        _check_needs(plugin, bool(known) or not maps, where is not None)
    scores = {(label, name): np.full(len(x), np.nan) for label in metrics for name in given}
    with as_found(predictor) as device, watched(predictor, indices):
        size = suitable_batch(x, device) if batch_size is None else check_batch_size(batch_size)
        for first in range(0, len(x) if given else 0, size):
            rows = slice(first, first + size)
            moved = x[rows].to(device, working_type(predictor, x))
            wanted, memory = indices[rows].to(device, copy=True), dict[Hashable, Any]()
            everyone = torch.stack([values[rows].to(device) for values in given.values()])
            seeds = tuple(derive_seed(seed, key) for key in names[rows])
            marked = None if where is None else where[rows].to(device)
            for place, name in enumerate(given):
                for label, (_, params) in metrics.items():
                    plugin, source = plugins[label], known.get(name)
                    if source is not None or plugin.declared.get("needs") != "method":
                        batch = Batch(
                            predictor, moved.clone(), wanted, everyone, place, names[rows], seeds, size, source, marked,
                            memory,
                        )  # fmt: skip
                        scores[label, name][rows] = _values(plugin, batch, params)
                    advance(len(moved))
    return scores


def _values(plugin: Plugin[Metric], batch: Batch, params: Mapping[str, Any]) -> Scores:
    found = plugin.target(batch, **params)
    if found.shape != (len(batch.inputs),):
        raise BinomeError(f"{plugin.name} gave shape {tuple(found.shape)} for {len(batch.inputs)} items")
    values: Scores = found.detach().double().cpu().numpy()
    return values


def _check_needs(plugin: Plugin[Metric], has_method: bool, has_masks: bool) -> None:
    needs = plugin.declared.get("needs")
    if needs == "masks" and not has_masks:
        raise BinomeError(f"{plugin.name} needs `masks`: bool (n, height, width), what should matter of each item")
    if needs == "method" and not has_method:
        raise BinomeError(f"{plugin.name} makes maps again: give `method`, the name or the `Source` of what made them")


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


def _masks_like(x: torch.Tensor, masks: Any) -> torch.Tensor:
    """Masks as bool (n, *places), a place being a pixel with all its channels, or a line of a case file."""
    array = masks.detach().cpu() if isinstance(masks, torch.Tensor) else torch.from_numpy(np.array(masks))
    if array.dtype != torch.bool:
        raise BinomeError(f"masks are {array.dtype}; give booleans, true where something should matter")
    # As `importance` sums them: channels of pictures only.
    wanted = (len(x), *(x.shape[2:] if x.dim() == 4 else x.shape[1:]))
    if array.dim() == len(wanted) + 1 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != wanted:
        raise BinomeError(f"masks have shape {tuple(array.shape)}; give {wanted}")
    return array
