"""DeepLIFT."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

from binome.core import BinomeError
from binome.explain.baseline import Baseline
from binome.explain.explainer import Call, differentiable, explainer
from binome.explain.path import start_of_path
from binome.explain.rules import ATTENTIONS, ELEMENTWISE, POOLINGS, PRODUCTS, Rules, active, called, out_of_place

MIXERS = called("softmax", "log_softmax", "layer_norm", "group_norm", "instance_norm", "rms_norm", "normalize")
STEPS = 1000
"""An activation counts as unchanged below so many of the number type's steps: a secant would be rounding error."""
TOLERANCE = 1e-2


@explainer(
    "deep_lift", family="gradient", forward="2 (1 for one baseline of all items)", backward="1",
    needs="a module of linear layers, elementwise functions and max pooling",
    paper="Shrikumar, Greenside & Kundaje 2017, arXiv 1704.02685",
)  # fmt: skip
def deep_lift(call: Call, baseline: Baseline = "zero") -> torch.Tensor:
    """Differences from a baseline handed back through the module by the Rescale rule.

    Each elementwise function's slope is the secant from the baseline's activation to the item's; of a max pooling,
    the item's maximum carries a rise and the baseline's a fall. Functions are met as they are called, so a layer that
    is used twice, or is no layer, is right as well. A module that multiplies or normalises activations is refused,
    for the rule says nothing of it, and so is any whose attributions do not sum to the difference of the logits.

    Details: `completeness_gap`.

    Args:
        baseline: see `baseline.Baseline`.
    """
    start = start_of_path(call, baseline)
    alike = bool((start == start[:1]).all())
    record = _Recording()
    with torch.no_grad(), Rules(record.table):
        reference = call.logits(start[:1] if alike else start)
    replay = _Replay(record.steps)
    with torch.enable_grad(), Rules(replay.table):
        leaf = call.inputs.detach().requires_grad_(True)
        score = differentiable(call.score(leaf))
        (slope,) = torch.autograd.grad(score.sum(), leaf)
    if replay.steps:
        raise BinomeError("deep_lift: the module computes otherwise for the baseline than for the item; use another")
    maps = (call.inputs - start) * slope
    rise = score.detach() - reference.expand(len(call.inputs), -1).gather(1, call.targets[:, None])[:, 0]
    gap = (maps.flatten(1).sum(1) - rise).abs()
    allowed = TOLERANCE * torch.maximum(rise.abs(), maps.flatten(1).abs().sum(1)) + 1e-6
    if (gap > allowed).any():
        bad = int((gap > allowed).nonzero()[0])
        raise BinomeError(
            f"deep_lift: attributions of item {call.positions[bad]} miss the logit's difference by "
            f"{float(gap[bad]):.3g} of {float(rise[bad]):.3g}; the module has a function that the Rescale rule "
            "does not cover: use another method"
        )
    call.note("completeness_gap", gap)
    return maps


class _Recording:
    """What goes into each function at the baseline, in the order of the calls."""

    def __init__(self) -> None:
        self.steps: list[torch.Tensor] = []
        self.table: dict[Any, Callable[..., Any]] = dict.fromkeys([*ELEMENTWISE, *POOLINGS], self._record)

    def _record(self, function: Any, values: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        self.steps.append(values.clone())  # a function in place would change it
        return function(values, *args, **kwargs)


class _Replay:
    """The same functions at the items, differentiated against what was recorded."""

    def __init__(self, steps: list[torch.Tensor]) -> None:
        self.steps = list(steps)
        self.table: dict[Any, Callable[..., Any]] = {
            **dict.fromkeys(ELEMENTWISE, self._rescale),
            **dict.fromkeys(POOLINGS, self._pool),
            **dict.fromkeys([*PRODUCTS, *ATTENTIONS, *MIXERS], _refuse),
        }

    def _rescale(self, function: Any, values: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        found: torch.Tensor = _Rescaled.apply(values, self._next(), out_of_place(function, *args, **kwargs))
        return found

    def _pool(self, function: Any, values: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        if kwargs.pop("return_indices", False):
            raise BinomeError("deep_lift: a max pooling whose places are used again is not covered; use another method")
        pool = F.max_pool2d if "2d" in function.__name__ else F.max_pool1d

        def apply(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            places = pool(values - _order(values), *args, return_indices=True, **kwargs)[1]
            return pool(values, *args, **kwargs), places

        pooled: torch.Tensor = _Pooled.apply(values, self._next(), apply)
        return pooled

    def _next(self) -> torch.Tensor:
        if not self.steps:
            raise BinomeError("deep_lift: the module computes otherwise for the item than for the baseline")
        return self.steps.pop(0)


def _refuse(function: Any, values: Any, *args: Any, **kwargs: Any) -> Any:
    """Products of two activations, and functions that mix many; either may be applied to constants."""
    mixes = function in MIXERS
    if active((values, *args), kwargs) > (0 if mixes else 1):
        raise BinomeError(
            f"deep_lift is not defined for a module that {'calls' if mixes else 'multiplies activations by'} "
            f"{function.__name__}; use integrated_gradients, or another method"
        )
    return function(values, *args, **kwargs)


def _order(values: torch.Tensor) -> torch.Tensor:
    """Next to nothing, growing from place to place within any window of up to 8 × 8.

    Where several places share the maximum, as all do where a baseline is even, rounding would choose among them, and
    otherwise in another batch.
    """
    sides = [torch.arange(side, device=values.device) % 8 for side in values.shape[2:]]
    ranks: Any = sum(8**axis * ranks for axis, ranks in enumerate(torch.meshgrid(*sides, indexing="ij")))
    most = values.abs().amax(tuple(range(1, values.dim())), keepdim=True)
    order: torch.Tensor = ranks * most * torch.finfo(values.dtype).eps * 10
    return order


class _Rescaled(torch.autograd.Function):
    """An elementwise function whose slope is the secant from the reference."""

    @staticmethod
    def forward(
        ctx: Any, values: torch.Tensor, reference: torch.Tensor, apply: Callable[[torch.Tensor], torch.Tensor]
    ) -> torch.Tensor:
        found = apply(values)
        ctx.save_for_backward(values, reference, found)
        ctx.compute = apply
        return found

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        values, reference, found = ctx.saved_tensors
        change = values - reference
        close = change.abs() <= torch.finfo(values.dtype).eps * STEPS * (values.abs() + reference.abs())
        rise = found - ctx.compute(reference)
        if not close.any():  # as nearly always: a derivative would be made for nothing
            return gradients[0] * rise.div_(change), None, None
        with torch.enable_grad():
            leaf = values.detach().requires_grad_(True)
            (tangent,) = torch.autograd.grad(ctx.compute(leaf).sum(), leaf)
        secant = rise / torch.where(close, 1.0, change)
        return gradients[0] * torch.where(close, tangent, secant), None, None


class _Pooled(torch.autograd.Function):
    """Max pooling: a rise is carried by the item's maximum, a fall by the baseline's."""

    @staticmethod
    def forward(
        ctx: Any,
        values: torch.Tensor,
        reference: torch.Tensor,
        apply: Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]],
    ) -> torch.Tensor:
        found, places = apply(values)
        before, others = apply(reference)
        shape = found.shape
        rise = found - before.expand(shape)
        carrier = torch.where(rise >= 0, places, others.expand(shape))
        ctx.save_for_backward(values, reference, carrier, rise)
        return found

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        values, reference, carrier, rise = ctx.saved_tensors
        change = (values - reference).flatten(2)
        flat = carrier.flatten(2)
        moved = change.gather(2, flat)
        still = moved == 0  # then the maximum did not move either
        slope = torch.where(still, 1.0, rise.flatten(2) / torch.where(still, 1.0, moved))
        handed = torch.zeros_like(change).scatter_add_(2, flat, gradients[0].flatten(2) * slope)
        return handed.view_as(values), None, None
