"""A module whose parameters are drawn again, step by step from its output to its input."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from binome.core import BinomeError, derive_seed
from binome.core.kinds import check_count
from binome.explain.controls import redraw

Steps = tuple[tuple[str, ...], ...]


def steps_of(module: nn.Module, inputs: torch.Tensor) -> Steps:
    """Names of all the module's parameters, those used last first.

    The parameters of a part without parts (a layer's weight and bias) are one step; each that belongs to a larger part
    (a class token, position embeddings) is a step of its own. One pass tells when each is used for the last time; what
    it cannot see (a scripted part, an unused parameter) comes at the end, last registered first.

    Args:
        inputs: (n, …), one item or more.

    Raises:
        BinomeError: when the module has no parameters.
    """
    groups: dict[str, list[tuple[str, nn.Parameter]]] = {}
    for name, parameter in module.named_parameters():
        owner = name.rpartition(".")[0]
        leaf = next(module.get_submodule(owner).children(), None) is None
        groups.setdefault(owner if leaf else name, []).append((name, parameter))
    if not groups:
        raise BinomeError("the module has no parameters to randomise; use a metric of another family")
    with torch.no_grad(), _Uses() as uses:
        module(inputs.clone())
    latest = [
        (max(uses.last.get(id(parameter), -1) for _, parameter in group), place, group)
        for place, group in enumerate(groups.values())
    ]
    ordered = sorted(latest, key=lambda entry: entry[:2], reverse=True)
    return tuple(tuple(name for name, _ in group) for _, _, group in ordered)


def cascade(module: nn.Module, steps: Steps, layers: int | None, seed: int) -> Iterator[tuple[int, nn.Module]]:
    """One copy of the module, in which more and more steps are drawn again; at last all of them.

    A parameter's new values hang on the seed and its name: they are the same at all points, however many there are.

    Args:
        layers: how many points to stop at, evenly spread over the steps; None for each.

    Yields:
        How many steps were drawn again, and the copy, always the same object.
    """
    check_count("layers", layers, optional=True)
    drawn, done = copy.deepcopy(module), 0
    for point in points(len(steps), layers):
        for name in (name for step in steps[done:point] for name in step):
            redraw(drawn.get_parameter(name), torch.Generator().manual_seed(derive_seed(seed, "weights", name)))
        done = point
        yield done, drawn


def points(count: int, layers: int | None) -> Sequence[int]:
    """After how many of `count` steps to stop: `layers` times, evenly spread, never twice, the last after all."""
    wanted = count if layers is None else min(layers, count)
    return [-(-count * (place + 1) // wanted) for place in range(wanted)]


class _Uses(TorchFunctionMode):
    """Notes when each parameter is used for the last time while it is active.

    Attributes:
        last: a number that rises with time, by the parameter's `id`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.last: dict[int, int] = {}
        self._calls = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self._calls += 1
        self._note((args, kwargs))
        return func(*args, **(kwargs or {}))

    def _note(self, value: Any) -> None:
        if isinstance(value, nn.Parameter):
            self.last[id(value)] = self._calls
        elif isinstance(value, tuple | list):
            for part in value:
                self._note(part)
        elif isinstance(value, dict):
            self._note(list(value.values()))
