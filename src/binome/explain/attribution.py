"""`attribute` and its like: the one way in. It owns checks, batches, memory, seeds and the module's state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

from binome.core import BinomeError, derive_seed
from binome.core.kinds import is_whole
from binome.core.progress import Bar, bar
from binome.core.registry import Plugin
from binome.explain.case_base import CaseBase
from binome.explain.explainer import Call, Explainer, find, gives
from binome.explain.path import start_of_path
from binome.explain.room import Room, out_of_memory, read_memory, suitable_batch
from binome.explain.state import as_found, check_targets, watched, working_type

Array = TypeVar("Array", torch.Tensor, "np.ndarray[Any, Any]")


@dataclass(frozen=True)
class Explained:
    """Maps, and what the method has to say of them.

    Attributes:
        maps: of the inputs' shape, kind, type and device.
        details: by name, float tensors on the CPU, (n,) or of the maps' shape; which ones depends on the method:
            `completeness_gap` of path methods and DeepLIFT, `seed_deviation` of sampled ones, `fit` of LIME.
    """

    maps: Any
    details: Mapping[str, torch.Tensor]


def attribute(
    predictor: nn.Module,
    inputs: Array,
    targets: Any,
    method: Any = "integrated_gradients",
    seed: int = 0,
    *,
    background: Any = None,
    batch_size: int | None = None,
    memory: int | str | None = None,
    progress: str | None = None,
    keys: Sequence[int | str] | None = None,
    **params: Any,
) -> Array:
    """Explain why a module gave each item's target its logit.

    Args:
        predictor: any module that returns logits (n, classes).
        inputs: float (n, …), tensor or array; left as they are. They are computed with in the module's own
            floating-point type.
        targets: (n,) class indices.
        method: name of an explainer (`explain.methods()`), a class of Captum's, or a function
            `f(module, inputs, targets, **params) -> maps`.
        seed: of all that the method draws; the same seed gives the same maps, whatever the batch size.
        background: float (m, …), reference items for the methods that need some, e.g. training items.
        batch_size: most items, or perturbed copies of them, in one pass; by default what suits the device.
        memory: what is done here may take of it, in bytes or as `2GiB`, and the batches adapt to that: all tensors, and
            on Linux the growth of the whole process.
        progress: label of a progress bar.
        keys: what the draws of each item hang on, such as its id, so that an item has the same map whichever others
            are explained with it; by default its place among the inputs.
        params: the method's own.

    Returns:
        Maps of the inputs' shape, kind, type and device; signed where the method is.

    Raises:
        BinomeError: for inputs, targets, a method or a parameter that cannot be used, saying which and why.
    """
    options = _Options(seed, background, batch_size, memory, progress, keys)
    maps: Array = _explain(find(method, params), predictor, inputs, targets, options, params, None)
    return maps


def examine(
    predictor: nn.Module,
    inputs: Any,
    targets: Any,
    method: Any = "integrated_gradients",
    seed: int = 0,
    *,
    background: Any = None,
    batch_size: int | None = None,
    memory: int | str | None = None,
    progress: str | None = None,
    keys: Sequence[int | str] | None = None,
    **params: Any,
) -> Explained:
    """As `attribute`, with what the method has to say of its maps; that may cost a few passes more.

    Args, Raises: as for `attribute`.
    """
    details: dict[str, list[torch.Tensor]] = {}
    options = _Options(seed, background, batch_size, memory, progress, keys)
    maps = _explain(find(method, params), predictor, inputs, targets, options, params, details)
    return Explained(maps, {name: torch.cat(parts).cpu() for name, parts in details.items()})


def by_example(
    predictor: nn.Module,
    inputs: Any,
    targets: Any,
    base: CaseBase,
    method: str = "nearest_examples",
    seed: int = 0,
    *,
    batch_size: int | None = None,
    memory: int | str | None = None,
    progress: str | None = None,
    keys: Sequence[int | str] | None = None,
    **params: Any,
) -> Sequence[tuple[Any, ...]]:
    """Explain each item by others: examples (`Cited`) or counterfactuals (`Changed`), whichever the method gives.

    Args:
        base: items with known answers, of the inputs' shape.
        predictor, inputs, targets, seed, batch_size, memory, progress, keys, params: as for `attribute`.

    Returns:
        A tuple an item, the best first; it may be empty.

    Raises:
        BinomeError: as `attribute` does; for a method that gives maps.
    """
    plugin = find(method, params)
    if gives(plugin) == "maps":
        raise BinomeError(f"{plugin.name} gives maps; call explain.attribute")
    x = check_inputs(inputs)
    known = check_like(base.inputs, x, "case base")
    indices = check_targets(targets, len(x))
    with as_found(predictor) as device, watched(predictor, indices):
        call = _call(predictor, x, indices, _Options(seed, None, batch_size, memory, progress, keys), device)
        own = replace(base, inputs=known).to(device, call.inputs.dtype)
        with call.room.watching(), bar(progress, len(x)) as counter:
            while (found := _part(plugin, call, {"base": own, **params}, counter)) is None:
                call.room.halve()
    listed: Sequence[tuple[Any, ...]] = found
    return listed


def completeness_gap(
    predictor: nn.Module,
    inputs: Any,
    targets: Any,
    maps: Any,
    baseline: Any = "zero",
    seed: int = 0,
    *,
    batch_size: int | None = None,
) -> torch.Tensor:
    """|Σ φ − (f(x) − f(x₀))| an item, f the target's logit, in its unit: 0 when attributions account for all of it.

    Args:
        inputs, targets, maps, seed: as given to, and made by, `attribute`.
        baseline: x₀, as given to `integrated_gradients`.

    Returns:
        float64 (n,), on the CPU.
    """
    x = check_inputs(inputs)
    given = maps.detach().cpu() if isinstance(maps, torch.Tensor) else torch.from_numpy(np.array(maps))
    if given.shape != x.shape:
        raise BinomeError(f"maps have shape {tuple(given.shape)}, inputs {tuple(x.shape)}; they must be alike")
    indices = check_targets(targets, len(x))
    with as_found(predictor) as device, watched(predictor, indices):
        call = _call(predictor, x, indices, _Options(seed, None, batch_size, None, None, None), device)
        rises = [part.answer(part.inputs) - part.answer(start_of_path(part, baseline)) for part in call.split()]
        gap: torch.Tensor = (given.double().flatten(1).sum(1) - torch.cat(rises).double().cpu()).abs()
    return gap


def check_inputs(inputs: Any, name: str = "inputs") -> torch.Tensor:
    """Inputs (n, …) as a detached tensor, which may share the caller's memory.

    Raises:
        BinomeError: when they are not finite floating-point numbers of at least one item.
    """
    if isinstance(inputs, torch.Tensor):
        x = inputs.detach()
    else:
        try:
            x = torch.from_numpy(np.array(inputs))
        except (ValueError, TypeError) as error:
            raise BinomeError(f"{name} cannot be read as an array (n, …): {error}") from error
    if not x.is_floating_point():
        raise BinomeError(f"{name} are {x.dtype}; give floating-point numbers")
    if x.dim() < 2 or x.numel() == 0:
        raise BinomeError(f"{name} have shape {tuple(x.shape)}; give (n, …) with at least one item")
    if not _finite(x):
        bad = (~torch.isfinite(x.flatten(1))).any(1).nonzero()[0].item()
        raise BinomeError(f"item {bad} of the {name} holds NaN or infinite values; mend or drop it")
    return x


def check_like(values: Any, x: torch.Tensor, name: str) -> torch.Tensor:
    """Items as `check_inputs` wants them, of the inputs' shape."""
    given = check_inputs(values, name)
    if given.shape[1:] != x.shape[1:]:
        raise BinomeError(f"the {name}'s items have shape {tuple(given.shape[1:])}, the inputs' {tuple(x.shape[1:])}")
    return given


def _finite(values: torch.Tensor) -> bool:
    # The sum tells in a fraction of the time; it may also overflow, so that the values have the last word.
    return bool(torch.isfinite(values.sum())) or bool(torch.isfinite(values).all())


def check_keys(keys: Sequence[int | str] | None, count: int) -> tuple[int | str, ...]:
    """One key an item; their places when nobody gave any.

    Raises:
        BinomeError: when there are more or fewer keys than items.
    """
    found = tuple(range(count) if keys is None else keys)
    if len(found) != count:
        raise BinomeError(f"{len(found)} keys for {count} items; give one each")
    return found


def check_batch_size(batch_size: int) -> int:
    """The batch size, when it is at least 1."""
    if not is_whole(batch_size) or batch_size < 1:
        raise BinomeError(f"batch_size is {batch_size!r}; give 1 or more")
    return batch_size


@dataclass(frozen=True)
class _Options:
    seed: int
    background: Any
    batch_size: int | None
    memory: int | str | None
    progress: str | None
    keys: Sequence[int | str] | None


def _explain(
    plugin: Plugin[Explainer],
    predictor: nn.Module,
    inputs: Any,
    targets: Any,
    options: _Options,
    params: Mapping[str, Any],
    details: dict[str, list[torch.Tensor]] | None,
) -> Any:
    if (what := gives(plugin)) != "maps":
        raise BinomeError(f"{plugin.name} gives {what}, not maps; call explain.by_example")
    x = check_inputs(inputs)
    indices = check_targets(targets, len(x))
    with as_found(predictor) as device, watched(predictor, indices) as passes:
        call = _call(predictor, x, indices, options, device)
        with call.room.watching(), bar(options.progress, len(x)) as counter:
            maps = torch.empty_like(call.inputs)
            first = 0
            while first < len(x):
                rows = len(x) if plugin.declared.get("whole") else call.room.rows("items")
                part = call.take(slice(first, first + rows), None if details is None else {})
                found = _part(plugin, part, params, counter)
                if found is None:  # memory ran out: again, in smaller pieces
                    call.room.halve()
                    continue
                if found.shape != part.inputs.shape:
                    shapes = f"{tuple(found.shape)} for inputs {tuple(part.inputs.shape)}"
                    raise BinomeError(f"{plugin.name} made maps of shape {shapes}")
                maps[first : first + len(part.inputs)] = found
                for name, values in (part.details or {}).items():
                    assert details is not None
                    details.setdefault(name, []).extend(values)
                first += len(part.inputs)
        if not passes.count:
            predictor(call.inputs[:1].clone())  # only now do we learn whether it has the targets' classes
    if not _finite(maps):
        raise BinomeError(
            f"{plugin.name} gave NaN or infinite values for this module; its activations overflow or divide by zero"
        )
    maps = maps.to(x.device, x.dtype)
    return maps if isinstance(inputs, torch.Tensor) else maps.numpy()


def _part(plugin: Plugin[Explainer], part: Call, params: Mapping[str, Any], counter: Bar) -> Any:
    """What the method gives for one part; None when memory ran out."""
    # For plug-ins that draw from PyTorch's global generator all the same.
    torch.manual_seed(derive_seed(part.seed, plugin.name, part.keys[0]))
    count = len(part.inputs)
    try:
        with part.room.learning("items", count), part.room.reporting(counter, count):
            found = plugin.target(part, **params)
            return found.detach() if isinstance(found, torch.Tensor) else found
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        return None


def _call(
    predictor: nn.Module, x: torch.Tensor, indices: torch.Tensor, options: _Options, device: torch.device
) -> Call:
    kind = working_type(predictor, x)
    background = None
    if options.background is not None:
        background = check_like(options.background, x, "background").to(device, kind)
    size = suitable_batch(x, device) if options.batch_size is None else check_batch_size(options.batch_size)
    room = Room(size, read_memory(options.memory))
    moved = x.to(device, kind)
    positions = tuple(range(len(x)))
    keys = check_keys(options.keys, len(x))
    wanted = indices.to(device, copy=True)
    return Call(predictor, moved, wanted, positions, keys, options.seed, len(x), room, background)
