"""Other rules of differentiation: inside, the module computes what it always does, and is differentiated differently.

Functions are replaced as they are called, so a module that calls `relu` twice, or as a function, is treated like one
that holds it as a layer: nothing hangs on how the module is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

Rule = Callable[..., Any]
"""`rule(function, values, *args, **kwargs)`, called in place of `function(values, *args, **kwargs)`."""


class Rules(TorchFunctionMode):
    """Replaces functions by rules while it is active.

    Attributes:
        met: the replaced functions that were called, in order.
    """

    def __init__(self, table: Mapping[Any, Rule]) -> None:
        super().__init__()
        self.table = table
        self.met: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        rule = self.table.get(func)
        if rule is None:
            return func(*args, **(kwargs or {}))
        self.met.append(func.__name__)
        kwargs = dict(kwargs or {})
        values, *rest = (kwargs.pop("input"), *args) if "input" in kwargs else args
        if not _writes(func, rest, kwargs):
            return rule(func, values, *rest, **kwargs)
        # The rule gets a copy, and its result is written where the function would have written: the module may never
        # look at what the function returns.
        return values.copy_(rule(func, values.clone(), *rest, **kwargs))


def called(*names: str) -> list[Any]:
    """All functions of PyTorch of those names: of `torch`, `torch.nn.functional` and tensors, in place or not."""
    found = dict[Any, None]()
    for name in names:
        for place in (F, torch, torch.Tensor, torch._C._nn):
            for spelling in (name, f"{name}_", f"__{name}__"):
                if hasattr(place, spelling):
                    found[getattr(place, spelling)] = None
    return list(found)


ELEMENTWISE = called(
    "relu", "relu6", "leaky_relu", "elu", "celu", "selu", "gelu", "silu", "mish", "sigmoid", "tanh", "softplus",
    "hardtanh", "hardswish", "hardsigmoid", "logsigmoid", "softsign", "rrelu", "threshold",
)  # fmt: skip
"""Functions of one value at a time, in the inputs' shape."""
RECTIFIERS = called("relu")
PRODUCTS = called("mul", "multiply", "matmul", "bmm", "baddbmm", "einsum", "div", "true_divide")
ATTENTIONS = called("scaled_dot_product_attention")
POOLINGS = called("max_pool2d", "max_pool2d_with_indices", "max_pool1d", "max_pool1d_with_indices")


def out_of_place(function: Any, *args: Any, **kwargs: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    """An elementwise function with its options as a function of its first argument, which it does not write into."""

    def apply(values: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = function(values.clone(), *args, **kwargs)
        return found

    return apply


def active(args: Any, kwargs: Any) -> int:
    """How many of a call's tensors are computed from the input, and so are no parameters."""
    return sum(value.requires_grad for value in _tensors((*args, *kwargs.values())))


def _tensors(values: Any) -> Iterator[torch.Tensor]:
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)


def _writes(function: Any, rest: Any, kwargs: Any) -> bool:
    """Whether a function writes into its first argument."""
    name = function.__name__
    if name.endswith("_") and not name.endswith("__"):
        return True
    if "inplace" in kwargs:
        return bool(kwargs["inplace"])
    code = getattr(function, "__code__", None)
    names = code.co_varnames[1 : code.co_argcount] if code else ()
    return any(name == "inplace" and value for name, value in zip(names, rest, strict=False))
