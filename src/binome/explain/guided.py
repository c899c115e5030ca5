"""Guided backpropagation."""

from __future__ import annotations

from typing import Any

import torch

from binome.core import BinomeError
from binome.explain.explainer import Call, explainer
from binome.explain.rules import RECTIFIERS, Rules


@explainer(
    "guided_backprop", family="gradient", forward="1", backward="1", needs="a module with ReLU",
    paper="Springenberg et al. 2015, arXiv 1412.6806",
)  # fmt: skip
def guided_backprop(call: Call) -> torch.Tensor:
    """Gradient of the target's logit, from which each ReLU drops what is negative on its way back."""
    rules = Rules(dict.fromkeys(RECTIFIERS, _guide))
    with rules:
        gradient = call.gradient(call.inputs)
    if not rules.met:
        raise BinomeError("guided_backprop is defined for ReLU, and this module has none; use another method")
    return gradient


def _guide(function: Any, values: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
    guided: torch.Tensor = _Guided.apply(values)
    return guided


class _Guided(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(values)
        return values.clamp_min(0)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> torch.Tensor:
        (values,) = ctx.saved_tensors
        guided: torch.Tensor = gradients[0].clamp_min(0) * (values > 0)
        return guided
