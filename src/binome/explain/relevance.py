"""Layer-wise relevance propagation for transformers (AttnLRP)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

from binome.core import BinomeError
from binome.explain.explainer import Call, explainer
from binome.explain.rules import ATTENTIONS, ELEMENTWISE, PRODUCTS, Rules, active, called, out_of_place


@explainer("attn_lrp", family="attention", forward="1", backward="1", paper="Achtibat et al. 2024, arXiv 2402.05602")
def attn_lrp(call: Call, gamma: float = 0.0) -> torch.Tensor:
    """Relevance of each input, handed back layer by layer, as input times a modified gradient.

    The rules of AttnLRP: linear layers by the ε-rule with ε → 0 (or the γ-rule); elementwise functions pass relevance
    on (their slope is f(x) / x); softmax by its Taylor expansion; a product of two activations gives each half;
    normalisation layers count their deviation as constant. Biases keep their share, so relevance sums to the logit
    where there are none.

    Args:
        gamma: how much linear layers and convolutions favour what agrees with their output; 0 for the ε-rule. With
            more than 0, these layers take some five passes each in place of two.
    """
    if gamma < 0:
        raise BinomeError(f"attn_lrp.gamma is {gamma}; give 0 or more")
    table: dict[Any, Callable[..., Any]] = {
        **dict.fromkeys(ELEMENTWISE, _pass_on),
        **dict.fromkeys(PRODUCTS, _halve),
        **dict.fromkeys(ATTENTIONS, _attend),
        **dict.fromkeys(called("layer_norm", "rms_norm"), _normalise),
    }
    if gamma:
        table |= {F.linear: _favouring(gamma), **dict.fromkeys(called("conv2d"), _favouring(gamma))}
    with Rules(table):
        return call.inputs * call.gradient(call.inputs)


def _pass_on(function: Any, values: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
    found: torch.Tensor = _PassedOn.apply(values, out_of_place(function, *args, **kwargs))
    return found


class _PassedOn(torch.autograd.Function):
    """An elementwise function with slope f(x) / x; at 0, its derivative."""

    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, apply: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        found = apply(values)
        ctx.save_for_backward(values, found)
        ctx.compute = apply
        return found

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        values, found = ctx.saved_tensors
        zero = values.abs() < torch.finfo(values.dtype).tiny * 2**20
        slope = found / torch.where(zero, 1.0, values)
        if zero.any():
            with torch.enable_grad():
                leaf = values.detach().requires_grad_(True)
                (tangent,) = torch.autograd.grad(ctx.compute(leaf).sum(), leaf)
            slope = torch.where(zero, tangent, slope)
        return gradients[0] * slope, None


def _halve(function: Any, *args: Any, **kwargs: Any) -> Any:
    """A product of two activations; by a parameter it is linear, and stays as it is."""
    if function.__name__.strip("_") in ("div", "true_divide"):
        # Relevance goes to the numerator alone.
        top, bottom, *rest = args
        return function(top, bottom.detach() if isinstance(bottom, torch.Tensor) else bottom, *rest, **kwargs)
    found = function(*args, **kwargs)
    return _Scaled.apply(found, 0.5) if active(args, kwargs) > 1 else found


class _Scaled(torch.autograd.Function):
    """The same values, a share of the gradient."""

    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, share: float) -> torch.Tensor:
        ctx.share = share
        return values.view_as(values)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return gradients[0] * ctx.share, None


def _attend(
    function: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    **options: Any,
) -> torch.Tensor:
    """Attention spelt out, for the fused kernel has one gradient only."""
    if is_causal or dropout_p or options.get("enable_gqa"):
        raise BinomeError("attn_lrp: causal, dropped or grouped attention is not covered; use another method")
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    similar: torch.Tensor = _Scaled.apply((query * factor) @ key.transpose(-2, -1), 0.5)
    if attn_mask is not None:
        similar = similar.masked_fill(~attn_mask, -math.inf) if attn_mask.dtype == torch.bool else similar + attn_mask
    found: torch.Tensor = _Scaled.apply(similar.softmax(-1) @ value, 0.5)
    return found


def _normalise(
    function: Any,
    values: torch.Tensor,
    shape: list[int],
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    eps: float | None = None,
) -> torch.Tensor:
    """Layer normalisation (root mean square alone, for `rms_norm`) with a constant deviation."""
    axes = tuple(range(-len(shape), 0))
    centred = values - values.mean(axes, keepdim=True) if function.__name__ == "layer_norm" else values
    small = torch.finfo(values.dtype).eps if eps is None else eps
    found = centred * (centred.detach().square().mean(axes, keepdim=True) + small).rsqrt()
    if weight is not None:
        found = found * weight
    return found if bias is None else found + bias


def _favouring(gamma: float) -> Callable[..., torch.Tensor]:
    """Linear layers and convolutions by the γ-rule, for inputs of either sign (Andéol et al. 2022's generalisation)."""

    def rule(
        function: Any,
        values: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None = None,
        *args: Any,
        **kw: Any,
    ) -> torch.Tensor:
        found: torch.Tensor = _Favoured.apply(
            values, weight, bias, gamma, lambda x, w: function(x, w, None, *args, **kw)
        )
        return found

    return rule


class _Favoured(torch.autograd.Function):
    """A linear map whose positive outputs hand more relevance to positive contributions, and negative to negative."""

    @staticmethod
    def forward(
        ctx: Any,
        values: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        gamma: float,
        apply: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    ) -> torch.Tensor:
        found = apply(values, weight)
        if bias is not None:
            found = found + (bias.view(-1, 1, 1) if found.dim() == 4 and weight.dim() == 4 else bias)
        ctx.save_for_backward(values, weight, bias, found)
        ctx.gamma, ctx.compute = gamma, apply
        return found

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        values, weight, bias, found = ctx.saved_tensors
        more, less = weight + ctx.gamma * weight.clamp_min(0), weight + ctx.gamma * weight.clamp_max(0)
        above, below = values.clamp_min(0), values.clamp_max(0)
        handed = torch.zeros_like(values)
        for sign in (1, -1):
            # Contributions x·w of this sign count 1 + γ times: positive x with w of that sign, negative with the other.
            own, other = (more, less) if sign > 0 else (less, more)
            with torch.enable_grad():
                leaves = [above.detach().requires_grad_(True), below.detach().requires_grad_(True)]
                total = ctx.compute(leaves[0], own) + ctx.compute(leaves[1], other)
            whole = total.detach()
            if bias is not None:
                part = bias + ctx.gamma * (bias.clamp_min(0) if sign > 0 else bias.clamp_max(0))
                whole = whole + (part.view(-1, 1, 1) if found.dim() == 4 and weight.dim() == 4 else part)
            chosen = (found * sign > 0) & (whole != 0)
            share = torch.where(chosen, gradients[0] * found / torch.where(chosen, whole, 1.0), 0.0)
            up, down = torch.autograd.grad(total, leaves, share)
            handed += torch.where(values > 0, up, torch.where(values < 0, down, 0.0))
        return handed, None, None, None, None
