"""The module while it is explained: left as it was found, and watched for what it returns."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from binome.core import BinomeError
from binome.core.allocator import keep_freed_memory


@dataclass
class Passes:
    """Forward passes seen by `watched`: how many, and of how many inputs in all."""

    count: int = 0
    inputs: int = 0


@contextmanager
def as_found(module: nn.Module) -> Iterator[torch.device]:
    """Evaluation mode and no parameter gradients inside; modes, flags, gradients and random states as found after.

    Yields:
        The device of the module's parameters (the CPU when it has none).

    Raises:
        BinomeError: when it is no module, or lies on several devices.
    """
    if not isinstance(module, nn.Module):
        raise BinomeError(f"the predictor is a {type(module).__name__}; give a torch.nn.Module that returns logits")
    keep_freed_memory()
    device = _device(module)
    modes = {part: part.training for part in module.modules()}
    flags = [(parameter, parameter.requires_grad, parameter.grad) for parameter in module.parameters()]
    with _random_states():
        try:
            module.eval()
            for parameter, _, _ in flags:
                parameter.requires_grad_(False)
            # A caller in inference mode could have no gradients at all.
            with torch.inference_mode(False):
                yield device
        finally:
            for part, training in modes.items():
                part.training = training
            for parameter, needed, gradient in flags:
                parameter.requires_grad_(needed)
                parameter.grad = gradient


@contextmanager
def watched(module: nn.Module, targets: torch.Tensor) -> Iterator[Passes]:
    """Check every output of the module on its way, so that no pass is spent on checking alone.

    Raises:
        BinomeError: inside, as soon as the module returns no logits (n, classes), or too few classes for a target; or
            when it draws random numbers, so that no explanation of it could be had again.
    """
    passes, highest = Passes(), int(targets.max())
    before: list[torch.Tensor] = []

    def remember(_: nn.Module, inputs: tuple[Any, ...]) -> None:
        if not passes.count:
            before[:] = _torch_states(inputs[0].device)

    def check(_: nn.Module, inputs: tuple[Any, ...], logits: Any) -> None:
        if not passes.count and not all(map(torch.equal, before, _torch_states(inputs[0].device))):
            raise BinomeError(
                "the module draws random numbers in evaluation mode (a dropout called as a function, perhaps, without "
                "its `training`); make it deterministic first"
            )
        passes.count += 1
        passes.inputs += len(inputs[0])
        if not isinstance(logits, torch.Tensor) or logits.dim() != 2 or len(logits) != len(inputs[0]):
            found = f"shape {tuple(logits.shape)}" if isinstance(logits, torch.Tensor) else type(logits).__name__
            raise BinomeError(
                f"the module returned {found} for {len(inputs[0])} items; it must return logits (n, classes)"
            )
        if highest >= logits.shape[1]:
            bad = int((targets >= logits.shape[1]).nonzero()[0])
            raise BinomeError(f"target {bad} is {int(targets[bad])}; the module has classes 0 to {logits.shape[1] - 1}")

    start = module.register_forward_pre_hook(remember)
    try:
        with hooked([module], check):
            yield passes
    finally:
        start.remove()


@contextmanager
def hooked(modules: Iterable[nn.Module], hook: Callable[[nn.Module, tuple[Any, ...], Any], Any]) -> Iterator[None]:
    """Call `hook(module, inputs, output)` after each of the modules, until the block ends, whatever happens inside.

    What the hook returns, if anything, takes the output's place.
    """
    handles = [module.register_forward_hook(hook) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def check_targets(targets: Any, count: int) -> torch.Tensor:
    """Targets as int64 (count,) on the CPU; whether the module has these classes, `watched` finds out.

    Raises:
        BinomeError: when they are not one class index an item.
    """
    try:
        indices = np.asarray(targets.detach().cpu() if isinstance(targets, torch.Tensor) else targets)
    except (ValueError, TypeError) as error:
        raise BinomeError(f"targets cannot be read as {count} class indices: {error}") from error
    if indices.shape != (count,) or indices.dtype.kind not in "iu":
        raise BinomeError(f"targets have shape {indices.shape} and type {indices.dtype}; give {count} class indices")
    if indices.min() < 0:
        bad = int((indices < 0).argmax())
        raise BinomeError(f"target {bad} is {int(indices[bad])}; classes count from 0")
    return torch.from_numpy(indices.astype(np.int64))


def working_type(module: nn.Module, inputs: torch.Tensor) -> torch.dtype:
    """The floating-point type to compute in: that of the module's parameters, else of the inputs."""
    types = (parameter.dtype for parameter in module.parameters() if parameter.is_floating_point())
    return next(types, inputs.dtype)


@contextmanager
def _random_states() -> Iterator[None]:
    python, numpy_state, cpu = random.getstate(), np.random.get_state(), torch.random.get_rng_state()
    gpus = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy_state)
        torch.random.set_rng_state(cpu)
        if gpus:
            torch.cuda.set_rng_state_all(gpus)


def _torch_states(device: torch.device) -> list[torch.Tensor]:
    states = [torch.random.get_rng_state()]
    return states if device.type != "cuda" else [*states, torch.cuda.get_rng_state(device)]


def _device(module: nn.Module) -> torch.device:
    """Where the module's parameters and buffers are; the CPU when it has none."""
    devices = sorted({str(value.device) for values in (module.parameters(), module.buffers()) for value in values})
    if len(devices) > 1:
        raise BinomeError(f"the module lies on {' and '.join(devices)}; move it to one device with `.to`")
    return torch.device(devices[0] if devices else "cpu")
