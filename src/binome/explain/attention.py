"""Explanations from the attention of timm's Vision Transformers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, get_args

import torch
from timm.layers.attention import Attention
from timm.models.vision_transformer import VisionTransformer
from torch import nn
from torch.nn import functional as F

from binome.core import BinomeError
from binome.explain.explainer import Call, explainer

Upsampling = Literal["bilinear", "nearest"]


@explainer(
    "attention_rollout", family="attention", forward="1", needs="a timm Vision Transformer",
    paper="Abnar & Zuidema 2020, arXiv 2005.00928",
)  # fmt: skip
def attention_rollout(call: Call, upsampling: Upsampling = "bilinear") -> torch.Tensor:
    """How much of each patch reaches the class token through all layers: ∏ (Ā + I) / 2, Ā averaged over heads.

    It does not depend on the target.
    """
    transformer = find_transformer(call.module)
    with attention_maps(transformer) as maps, torch.no_grad():
        call.logits(call.inputs)
    _check_recorded(maps)
    flow = _identity(maps[0])
    for attention in maps:
        flow = (attention.mean(1) + _identity(attention)) / 2 @ flow
    return _spread(call, transformer, _reading(transformer, flow), upsampling)


@explainer(
    "gradient_rollout", family="attention", forward="1", backward="1", needs="a timm Vision Transformer",
    paper="Chefer, Gur & Wolf 2021, arXiv 2103.15679",
)  # fmt: skip
def gradient_rollout(call: Call, upsampling: Upsampling = "bilinear") -> torch.Tensor:
    """Rollout of the attention that speaks for the target: R ← R + Ā R with Ā = mean over heads of (∇A ⊙ A)⁺."""
    transformer = find_transformer(call.module)
    with attention_maps(transformer) as maps, torch.enable_grad():
        score = call.score(call.inputs.detach().requires_grad_(True)).sum()
        _check_recorded(maps)
        gradients = torch.autograd.grad(score, maps)
    relevance = _identity(maps[0])
    for attention, gradient in zip(maps, gradients, strict=True):
        relevance = relevance + (attention * gradient).clamp_min(0).mean(1).detach() @ relevance
    return _spread(call, transformer, _reading(transformer, relevance - _identity(maps[0])), upsampling)


def find_transformer(module: nn.Module) -> VisionTransformer:
    """The timm Vision Transformer in a module.

    Raises:
        BinomeError: when there is none, or not exactly one.
    """
    found = [part for part in module.modules() if isinstance(part, VisionTransformer)]
    if len(found) != 1:
        raise BinomeError(
            f"attention methods need one timm VisionTransformer in the module, found {len(found)}; use another method"
        )
    return found[0]


@contextmanager
def attention_maps(transformer: VisionTransformer) -> Iterator[list[torch.Tensor]]:
    """Record each layer's attention after softmax, (n, heads, tokens, tokens), in the order of the layers.

    timm fuses attention into one kernel that never shows its maps: it is switched off meanwhile, and
    every hook and switch is put back, whatever happens inside.
    """
    maps: list[torch.Tensor] = []
    layers = [part for part in transformer.blocks.modules() if isinstance(part, Attention)]
    if not layers:
        raise BinomeError("the transformer's blocks hold no timm Attention layer; choose another method")
    fused = [layer.fused_attn for layer in layers]

    def record(module: nn.Module, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        maps.append(output)

    # Dropout is the first module to see the weights, and is there (with rate 0) in every layer.
    hooks = [layer.attn_drop.register_forward_hook(record) for layer in layers]
    for layer in layers:
        layer.fused_attn = False  # type: ignore[misc]
    try:
        yield maps
    finally:
        for hook in hooks:
            hook.remove()
        for layer, was in zip(layers, fused, strict=True):
            layer.fused_attn = was  # type: ignore[misc]


def _check_recorded(maps: list[torch.Tensor]) -> None:
    if not maps:
        raise BinomeError("the module's answer never went through its transformer's attention; use another method")


def _identity(attention: torch.Tensor) -> torch.Tensor:
    tokens = attention.shape[-1]
    return torch.eye(tokens, dtype=attention.dtype, device=attention.device).expand(len(attention), tokens, tokens)


def _reading(transformer: VisionTransformer, flow: torch.Tensor) -> torch.Tensor:
    """What the head reads: the class token's row, or the mean of the patches' rows when they are pooled."""
    prefix = int(transformer.num_prefix_tokens)
    pooled = transformer.global_pool != "token" or not transformer.has_class_token
    row = flow[:, prefix:].mean(1) if pooled else flow[:, 0]
    return row[:, prefix:]


def _spread(call: Call, transformer: VisionTransformer, patches: torch.Tensor, upsampling: Upsampling) -> torch.Tensor:
    """Token scores (n, patches) as maps of the inputs' shape: a sum over channels gives the score back."""
    if upsampling not in get_args(Upsampling):
        raise BinomeError(f"upsampling is {upsampling!r}; give {' or '.join(get_args(Upsampling))}")
    channels, height, width = call.inputs.shape[1:]
    rows, columns = transformer.patch_embed.grid_size
    if rows * columns != patches.shape[1]:  # a transformer of dynamic size was given another than its own
        rows, columns = transformer.patch_embed.dynamic_feat_size((height, width))
    if rows * columns != patches.shape[1]:
        raise BinomeError(f"{patches.shape[1]} patches do not fill a grid of {rows} × {columns}; use another method")
    grid = patches.detach().reshape(len(patches), 1, rows, columns)
    options: dict[str, Any] = {"align_corners": False} if upsampling == "bilinear" else {}
    maps = F.interpolate(grid, size=(height, width), mode=upsampling, **options)
    return (maps / channels).expand(-1, channels, -1, -1).contiguous()
