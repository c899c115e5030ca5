"""The Vision Transformer in a module: its attention, and from its tokens back to the picture."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, get_args

import torch
from torch import nn
from torch.nn import functional as F

from binome.core import BinomeError
from binome.explain.explainer import Call
from binome.explain.state import hooked

if TYPE_CHECKING:
    from timm.models.vision_transformer import VisionTransformer

Upsampling = Literal["bilinear", "nearest"]


def transformers_in(module: nn.Module) -> list[VisionTransformer]:
    """The timm Vision Transformers among a module's parts."""
    # Where timm was never imported there is none: its import takes several times as long as PyTorch's.
    timm = sys.modules.get("timm.models.vision_transformer")
    if timm is None:
        return []
    return [part for part in module.modules() if isinstance(part, timm.VisionTransformer)]


def find_transformer(module: nn.Module) -> VisionTransformer:
    """The timm Vision Transformer in a module.

    Raises:
        BinomeError: when there is none, or not exactly one.
    """
    found = transformers_in(module)
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
    from timm.layers.attention import Attention

    maps: list[torch.Tensor] = []
    layers = [part for part in transformer.blocks.modules() if isinstance(part, Attention)]
    if not layers:
        raise BinomeError("the transformer's blocks hold no timm Attention layer; choose another method")
    fused = [layer.fused_attn for layer in layers]

    def record(module: nn.Module, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        maps.append(output)

    # Dropout is the first module to see the weights, and is there (with rate 0) in every layer.
    for layer in layers:
        layer.fused_attn = False  # type: ignore[misc]
    try:
        with hooked([layer.attn_drop for layer in layers], record):
            yield maps
    finally:
        for layer, was in zip(layers, fused, strict=True):
            layer.fused_attn = was  # type: ignore[misc]


def check_recorded(found: list[torch.Tensor]) -> None:
    """Refuse a module whose answer does not come from its transformer.

    Raises:
        BinomeError: when nothing was recorded.
    """
    if not found:
        raise BinomeError("the module's answer never went through its transformer's attention; use another method")


def reading(transformer: VisionTransformer, like: torch.Tensor) -> torch.Tensor:
    """How much of each token the head reads, (n, tokens): all of the class token, or an equal part of each patch."""
    weights = like.new_zeros(len(like), like.shape[-1])
    if transformer.global_pool == "token" and transformer.has_class_token:
        weights[:, 0] = 1
    else:
        prefix = int(transformer.num_prefix_tokens)
        weights[:, prefix:] = 1 / (weights.shape[1] - prefix)
    return weights


def grid_of(transformer: VisionTransformer, tokens: int, height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the patches.

    Raises:
        BinomeError: when so many tokens fill no grid.
    """
    patches = tokens - int(transformer.num_prefix_tokens)
    rows, columns = transformer.patch_embed.grid_size
    if rows * columns != patches:  # a transformer of dynamic size was given another than its own
        rows, columns = transformer.patch_embed.dynamic_feat_size((height, width))
    if rows * columns != patches:
        raise BinomeError(f"{patches} patches do not fill a grid of {rows} × {columns}; use another method")
    return rows, columns


def on_patches(
    call: Call, transformer: VisionTransformer, tokens: torch.Tensor, upsampling: Upsampling
) -> torch.Tensor:
    """Scores of all tokens (n, tokens) as maps of the inputs' shape; prefix tokens are left out."""
    rows, columns = grid_of(transformer, tokens.shape[1], *call.inputs.shape[2:])
    patches = tokens[:, int(transformer.num_prefix_tokens) :].detach()
    return spread(call, patches.reshape(len(patches), 1, rows, columns), upsampling)


def spread(call: Call, grid: torch.Tensor, upsampling: Upsampling) -> torch.Tensor:
    """Scores (n, 1, rows, columns) as maps of the inputs' shape: a sum over channels gives the score back."""
    if upsampling not in get_args(Upsampling):
        raise BinomeError(f"upsampling is {upsampling!r}; give {' or '.join(get_args(Upsampling))}")
    channels = call.inputs.shape[1]
    options: dict[str, Any] = {"align_corners": False} if upsampling == "bilinear" else {}
    maps = F.interpolate(grid, size=call.inputs.shape[2:], mode=upsampling, **options)
    return (maps / channels).expand(-1, channels, -1, -1).contiguous()
