"""Explanations from the attention of timm's Vision Transformers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from binome.core import BinomeError
from binome.explain.explainer import Call, differentiable, explainer
from binome.explain.state import hooked
from binome.explain.transformer import (
    Upsampling,
    attention_maps,
    check_recorded,
    find_transformer,
    on_patches,
    reading,
)

if TYPE_CHECKING:
    from timm.models.vision_transformer import VisionTransformer

NEEDS = "a timm Vision Transformer"


@explainer(
    "raw_attention", family="attention", forward="1", needs=NEEDS, paper="Dosovitskiy et al. 2021, arXiv 2010.11929"
)
def raw_attention(call: Call, layer: int = -1, upsampling: Upsampling = "bilinear") -> torch.Tensor:
    """Attention that one layer's class token (or mean patch, where the head reads those) pays, averaged over heads.

    It does not depend on the target.

    Args:
        layer: counted from 0, or from the last as −1.
        upsampling: from patches to pixels.
    """
    transformer = find_transformer(call.module)
    with attention_maps(transformer) as maps, torch.no_grad():
        call.logits(call.inputs)
    check_recorded(maps)
    row = _through(reading(transformer, maps[0]), _layer(maps, layer).mean(1))
    return on_patches(call, transformer, row, upsampling)


@explainer(
    "attention_rollout", family="attention", forward="1", needs=NEEDS, paper="Abnar & Zuidema 2020, arXiv 2005.00928"
)
def attention_rollout(call: Call, upsampling: Upsampling = "bilinear") -> torch.Tensor:
    """How much of each patch reaches the class token through all layers: ∏ (Ā + I) / 2, Ā averaged over heads.

    It does not depend on the target.
    """
    transformer = find_transformer(call.module)
    with attention_maps(transformer) as maps, torch.no_grad():
        call.logits(call.inputs)
    check_recorded(maps)
    # Only the rows that the head reads are wanted: from the last layer back, that takes no product of matrices.
    flow = reading(transformer, maps[0])
    for attention in reversed(maps):
        flow = (_through(flow, attention.mean(1)) + flow) / 2
    return on_patches(call, transformer, flow, upsampling)


@explainer(
    "gradient_rollout", family="attention", forward="1", backward="1", needs=NEEDS,
    paper="Chefer, Gur & Wolf 2021, arXiv 2103.15679",
)  # fmt: skip
def gradient_rollout(call: Call, upsampling: Upsampling = "bilinear") -> torch.Tensor:
    """Rollout of the attention that speaks for the target: R ← R + Ā R with Ā = mean over heads of (∇A ⊙ A)⁺."""
    transformer = find_transformer(call.module)
    maps, gradients = _with_gradients(call, transformer)
    read = reading(transformer, maps[0])
    flow = read
    for attention, gradient in zip(reversed(maps), reversed(gradients), strict=True):
        flow = flow + _through(flow, (attention * gradient).clamp_min(0).mean(1))
    return on_patches(call, transformer, flow - read, upsampling)


@explainer(
    "gradient_attention", family="attention", forward="1", backward="1", needs=NEEDS,
    paper="Chefer, Gur & Wolf 2021, arXiv 2012.09838 (its Grad-CAM of attention)",
)  # fmt: skip
def gradient_attention(call: Call, layer: int = -1, upsampling: Upsampling = "bilinear") -> torch.Tensor:
    """One layer's attention times its gradient, positive parts averaged over heads, where the head reads.

    Args: as for `raw_attention`.
    """
    transformer = find_transformer(call.module)
    maps, gradients = _with_gradients(call, transformer)
    product = (_layer(maps, layer) * _layer(gradients, layer)).clamp_min(0).mean(1)
    return on_patches(call, transformer, _through(reading(transformer, maps[0]), product), upsampling)


@explainer(
    "legrad", family="attention", forward="1", backward="1 of heads and last halves of blocks", needs=NEEDS,
    paper="Bousselham et al. 2024, arXiv 2404.03214",
)  # fmt: skip
def legrad(call: Call, upsampling: Upsampling = "bilinear") -> torch.Tensor:
    """Each layer's attention by its own gradient: what more attention there would do for the target read at that layer.

    The head reads each block's tokens as if they were the last; positive parts of the gradient with respect to that
    block's attention are averaged over heads and rows, then over blocks. The paper's rescaling to [0, 1] is left out.
    """
    transformer = find_transformer(call.module)
    with _block_outputs(transformer) as tokens, attention_maps(transformer) as maps, torch.enable_grad():
        # Gradients stop at the maps: nothing before the first block is differentiated.
        call.logits(call.inputs.detach().requires_grad_(True))
        check_recorded(maps)
        if len(maps) != len(tokens):
            raise BinomeError(f"legrad: {len(maps)} attention layers in {len(tokens)} blocks; one each is expected")
        total = torch.zeros_like(reading(transformer, maps[0]))
        for place in range(len(maps)):
            logits: Any = transformer.forward_head(transformer.norm(tokens[place]))
            score = differentiable(logits.gather(1, call.targets[:, None]).sum())
            (gradient,) = torch.autograd.grad(score, maps[place], retain_graph=True)
            total += gradient.clamp_min(0).mean((1, 2)) / len(maps)
    return on_patches(call, transformer, total, upsampling)


def _with_gradients(call: Call, transformer: VisionTransformer) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Each layer's attention, and the gradient of the target's logit with respect to it."""
    with attention_maps(transformer) as maps, torch.enable_grad():
        score = differentiable(call.score(call.inputs.detach().requires_grad_(True)))
        check_recorded(maps)
        gradients = list(torch.autograd.grad(score.sum(), maps))
    return [attention.detach() for attention in maps], gradients


@contextmanager
def _block_outputs(transformer: VisionTransformer) -> Iterator[list[torch.Tensor]]:
    found: list[torch.Tensor] = []

    def record(module: nn.Module, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        found.append(output)

    with hooked(transformer.blocks, record):
        yield found


def _through(row: torch.Tensor, attention: torch.Tensor) -> torch.Tensor:
    """Rows (n, tokens) times matrices (n, tokens, tokens)."""
    return torch.einsum("nt,nts->ns", row, attention)


def _layer(maps: list[torch.Tensor], layer: int) -> torch.Tensor:
    if not -len(maps) <= layer < len(maps):
        raise BinomeError(f"layer is {layer}; the transformer has layers 0 to {len(maps) - 1}")
    return maps[layer]
