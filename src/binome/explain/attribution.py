"""`attribute`: the one way in. It owns checks, batches, seeds and the module's state; explainers only explain."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

from binome.core import BinomeError, check_params, derive_seed
from binome.core.progress import bar
from binome.explain.explainer import Call, registry
from binome.explain.gradient import start_of_path
from binome.explain.state import as_found, check_targets, watched, working_type

Array = TypeVar("Array", torch.Tensor, "np.ndarray[Any, Any]")
BATCH = 256


def attribute(
    predictor: nn.Module,
    inputs: Array,
    targets: Any,
    method: str = "integrated_gradients",
    seed: int = 0,
    *,
    batch_size: int = BATCH,
    progress: str | None = None,
    **params: Any,
) -> Array:
    """Explain why a module gave each item's target its logit.

    Args:
        predictor: any module that returns logits (n, classes).
        inputs: float (n, …), tensor or array; left as they are. They are computed with in the module's own
            floating-point type.
        targets: (n,) class indices.
        method: name of an explainer (`explain.methods()`).
        seed: of all that the method draws; the same seed gives the same maps, whatever the batch size.
        batch_size: most items, or perturbed copies of them, in one forward pass.
        progress: label of a progress bar.
        params: the method's own.

    Returns:
        Maps of the inputs' shape, kind, type and device; signed where the method is.

    Raises:
        BinomeError: for inputs, targets, a method or a parameter that cannot be used, saying which and why.
    """
    plugin = registry.get(method)
    check_params("explainer", method, plugin.target, params, frozenset({"call"}))
    size = check_batch_size(batch_size)
    x = check_inputs(inputs)
    indices = check_targets(targets, len(x))
    with as_found(predictor) as device, watched(predictor, indices) as passes:
        call = _call(predictor, x, indices, seed, size, device)
        maps = torch.empty_like(call.inputs)
        with bar(progress, len(x)) as counter:
            for part in call.split(len(x) if plugin.declared.get("whole") else size):
                # For plug-ins that draw from PyTorch's global generator all the same.
                torch.manual_seed(derive_seed(seed, method, part.positions[0]))
                found = plugin.target(part, **params).detach()
                if found.shape != part.inputs.shape:
                    raise BinomeError(
                        f"{method} made maps of shape {tuple(found.shape)} for inputs {tuple(part.inputs.shape)}"
                    )
                maps[part.positions[0] : part.positions[-1] + 1] = found
                counter.advance(len(part.positions))
        if not passes.count:
            predictor(call.inputs[:1].clone())  # only now do we learn whether it has the targets' classes
    if not torch.isfinite(maps).all():
        raise BinomeError(
            f"{method} gave NaN or infinite values for this module; its activations overflow or divide by zero"
        )
    maps = maps.to(x.device, x.dtype)
    return maps if isinstance(inputs, torch.Tensor) else maps.numpy()


def completeness_gap(
    predictor: nn.Module,
    inputs: Any,
    targets: Any,
    maps: Any,
    baseline: Any = "zero",
    seed: int = 0,
    *,
    batch_size: int = BATCH,
) -> torch.Tensor:
    """|Σ φ − (f(x) − f(x₀))| an item, f the target's logit, in its unit: 0 when attributions account for all of it.

    Args:
        inputs, targets, maps, seed: as given to, and made by, `attribute`.
        baseline: x₀, as given to `integrated_gradients`.

    Returns:
        float64 (n,), on the CPU.
    """
    size = check_batch_size(batch_size)
    x = check_inputs(inputs)
    given = maps.detach().cpu() if isinstance(maps, torch.Tensor) else torch.from_numpy(np.array(maps))
    if given.shape != x.shape:
        raise BinomeError(f"maps have shape {tuple(given.shape)}, inputs {tuple(x.shape)}; they must be alike")
    indices = check_targets(targets, len(x))
    with as_found(predictor) as device, watched(predictor, indices), torch.no_grad():
        call = _call(predictor, x, indices, seed, size, device)
        rises = [part.score(part.inputs) - part.score(start_of_path(part, baseline)) for part in call.split(size)]
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
    if not torch.isfinite(x).all():
        bad = (~torch.isfinite(x.flatten(1))).any(1).nonzero()[0].item()
        raise BinomeError(f"item {bad} of the {name} holds NaN or infinite values; mend or drop it")
    return x


def check_batch_size(batch_size: int) -> int:
    """The batch size, when it is at least 1."""
    if batch_size < 1:
        raise BinomeError(f"batch_size is {batch_size}; give 1 or more")
    return batch_size


def _call(
    predictor: nn.Module, x: torch.Tensor, indices: torch.Tensor, seed: int, size: int, device: torch.device
) -> Call:
    moved = x.to(device, working_type(predictor, x))
    return Call(predictor, moved, indices.to(device, copy=True), tuple(range(len(x))), seed, size, len(x))
