"""`attribute`: the one way in. It owns checks, batches, seeds and the module's state; explainers only explain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeVar

import numpy as np
import torch
from torch import nn

from binome.core import BinomeError, check_params
from binome.core.progress import bar
from binome.explain.explainer import Call, registry

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
        inputs: float (n, …), tensor or array; left as they are.
        targets: (n,) class indices.
        method: name of an explainer (`explain.methods()`).
        seed: of all that the method draws; the same seed gives the same maps, whatever the batch size.
        batch_size: most items, or perturbed copies of them, in one forward pass.
        progress: label of a progress bar.
        params: the method's own.

    Returns:
        Maps of the inputs' shape, kind and dtype; signed where the method is.

    Raises:
        BinomeError: for inputs, targets, a method or a parameter that cannot be used, saying which and why.
    """
    plugin = registry.get(method)
    check_params("explainer", method, plugin.target, params, frozenset({"call"}))
    batch_size = _positive(batch_size, "batch_size")
    x = torch.from_numpy(np.array(inputs)) if isinstance(inputs, np.ndarray) else inputs
    if not isinstance(x, torch.Tensor) or not x.is_floating_point():
        raise BinomeError(f"inputs are {getattr(x, 'dtype', type(x).__name__)}; give floating-point numbers")
    if x.dim() < 2 or len(x) == 0:
        raise BinomeError(f"inputs have shape {tuple(x.shape)}; give (n, …) with at least one item")
    if not torch.isfinite(x).all():
        bad = (~torch.isfinite(x.flatten(1))).any(1).nonzero()[0].item()
        raise BinomeError(f"input {bad} holds NaN or infinite values; mend or drop it")
    with as_found(predictor) as device:
        moved = x.detach().to(device)
        indices = check_targets(predictor, moved, targets)
        maps = torch.empty_like(moved)
        # A control that gives one item another's map must see all items at once; the others go in batches.
        size = len(x) if method == "other_item" else batch_size
        with bar(progress or method, len(x)) if progress else _silent() as counter:
            for first in range(0, len(x), size):
                rows = slice(first, first + size)
                positions = tuple(range(first, min(first + size, len(x))))
                call = Call(predictor, moved[rows], indices[rows], positions, seed, batch_size)
                maps[rows] = plugin.target(call, **params).detach()
                if counter is not None:
                    counter.advance(len(positions))
    if not torch.isfinite(maps).all():
        raise BinomeError(
            f"{method} gave NaN or infinite values for this module; its activations overflow or divide by zero"
        )
    maps = maps.to(x.device)
    return maps.numpy() if isinstance(inputs, np.ndarray) else maps


def completeness_gap(
    predictor: nn.Module, inputs: torch.Tensor, targets: Any, maps: torch.Tensor, baseline: torch.Tensor | float = 0.0
) -> torch.Tensor:
    """|Σ φ − (f(x) − f(x₀))| an item, float64 (n,): 0 for an attribution method that is complete."""
    with as_found(predictor) as device, torch.no_grad():
        x = inputs.detach().to(device)
        start = torch.as_tensor(baseline, dtype=x.dtype, device=device).expand_as(x)
        index = check_targets(predictor, x, targets)[:, None]
        rise = (predictor(x).gather(1, index) - predictor(start).gather(1, index))[:, 0].double()
        gap: torch.Tensor = (maps.to(device).double().flatten(1).sum(1) - rise).abs().cpu()
        return gap


def reduce(
    maps: Any, channels: Literal["sum", "mean"] = "sum", sign: Literal["absolute", "positive", "signed"] = "absolute"
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Maps (n, channels, height, width) as (n, height, width) float32: the channels' sum, then the sign rule.

    Signed channels are added before the sign is dropped: a pixel whose channels cancel speaks neither way.
    """
    array = np.asarray(maps, dtype=np.float32)
    if array.ndim != 4:
        raise BinomeError(f"maps have shape {array.shape}; give (n, channels, height, width)")
    flat = array.sum(1) if channels == "sum" else array.mean(1)
    if sign == "absolute":
        return np.asarray(np.abs(flat))
    return np.asarray(np.clip(flat, 0, None)) if sign == "positive" else np.asarray(flat)


def check_targets(predictor: nn.Module, inputs: torch.Tensor, targets: Any) -> torch.Tensor:
    """Targets as int64 on the inputs' device.

    Raises:
        BinomeError: when they are not one valid class an item, or the module does not return logits (n, classes).
    """
    indices = torch.as_tensor(np.asarray(targets.cpu() if isinstance(targets, torch.Tensor) else targets))
    if indices.shape != (len(inputs),) or indices.is_floating_point() or indices.dtype == torch.bool:
        raise BinomeError(
            f"targets have shape {tuple(indices.shape)} and type {indices.dtype}; give {len(inputs)} class indices"
        )
    with torch.no_grad():
        logits = predictor(inputs[:1])
    if not isinstance(logits, torch.Tensor) or logits.dim() != 2 or len(logits) != 1:
        found = tuple(logits.shape) if isinstance(logits, torch.Tensor) else type(logits).__name__
        raise BinomeError(f"the module returned {found} for one item; it must return logits (n, classes)")
    classes = logits.shape[1]
    if ((indices < 0) | (indices >= classes)).any():
        bad = int(((indices < 0) | (indices >= classes)).nonzero()[0])
        raise BinomeError(f"target {bad} is {int(indices[bad])}; the module has classes 0 to {classes - 1}")
    return indices.long().to(inputs.device)


@contextmanager
def as_found(module: nn.Module) -> Iterator[torch.device]:
    """Evaluation mode and no parameter gradients inside; modes, flags, gradients and random state as found after.

    Yields:
        The device of the module's parameters (the CPU when it has none).
    """
    modes = {part: part.training for part in module.modules()}
    flags = [(parameter, parameter.requires_grad, parameter.grad) for parameter in module.parameters()]
    state = torch.random.get_rng_state()
    module.eval()
    for parameter, _, _ in flags:
        parameter.requires_grad_(False)
    try:
        yield flags[0][0].device if flags else torch.device("cpu")
    finally:
        for part, training in modes.items():
            part.training = training
        for parameter, needed, gradient in flags:
            parameter.requires_grad_(needed)
            parameter.grad = gradient
        torch.random.set_rng_state(state)


@contextmanager
def _silent() -> Iterator[None]:
    yield None


def _positive(value: int, name: str) -> int:
    if value < 1:
        raise BinomeError(f"{name} is {value}; give 1 or more")
    return value
