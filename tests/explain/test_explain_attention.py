"""Attention methods against a transformer whose attention is written out, one block and one item at a time."""

import numpy as np
import pytest
import torch

from binome import explain
from binome.core import BinomeError

PREFIX = 3
"""A class token and two registers."""


def block_by_hand(block, tokens, attention=None):
    """A block's output and attention; with `attention` in the place of its own."""
    n, count, width = tokens.shape
    layer = block.attn
    q, k, v = layer.qkv(block.norm1(tokens)).view(n, count, 3, layer.num_heads, -1).permute(2, 0, 3, 1, 4)
    if attention is None:
        attention = torch.softmax(q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5, -1)
    mixed = (attention @ v).transpose(1, 2).reshape(n, count, width)
    tokens = tokens + layer.proj(mixed)
    return tokens + block.mlp(block.norm2(tokens)), attention


def run(vit, x):
    """Each block's input, output and attention."""
    tokens, found = vit._pos_embed(vit.patch_embed(x)), []
    with torch.no_grad():
        for block in vit.blocks:
            after, attention = block_by_hand(block, tokens)
            found.append((tokens.detach(), after, attention))
            tokens = after
    return found


def on_picture(row):
    """A token row without its prefix, on the picture."""
    return np.kron(row[PREFIX:].view(4, 4).numpy(), np.ones((2, 2), np.float32))


@pytest.fixture
def x():
    return torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(8))


@pytest.mark.parametrize("layer", [0, -1, 1])
def test_raw_attention_is_the_class_tokens_row(vit, x, layer):
    found = explain.attribute(vit, x, [0, 1], "raw_attention", layer=layer, upsampling="nearest")
    for row in range(2):
        attention = run(vit, x[row : row + 1])[layer][2][0]
        heads = [attention[head, 0] for head in range(len(attention))]
        np.testing.assert_allclose(found[row, 0], on_picture(sum(heads) / len(heads)), rtol=1e-4, atol=1e-6)


def test_gradient_attention_is_attention_times_its_own_gradient(vit, x):
    found = explain.attribute(vit, x, [2, 1], "gradient_attention", upsampling="nearest")
    for row, target in enumerate([2, 1]):
        tokens, _, attention = run(vit, x[row : row + 1])[-1]
        leaf = attention.clone().requires_grad_()
        after, _ = block_by_hand(vit.blocks[-1], tokens, leaf)
        vit.head(vit.norm(after)[:, 0])[0, target].backward()
        product = (leaf * leaf.grad).detach()[0].clamp(min=0).mean(0)[0]
        np.testing.assert_allclose(found[row, 0], on_picture(product), rtol=1e-3, atol=1e-7)


def test_legrad_reads_the_target_after_every_block(vit, x):
    found = explain.attribute(vit, x, [2, 1], "legrad", upsampling="nearest")
    for row, target in enumerate([2, 1]):
        total = torch.zeros(PREFIX + 16)
        for block, (tokens, _, attention) in zip(vit.blocks, run(vit, x[row : row + 1]), strict=True):
            leaf = attention.clone().requires_grad_()
            after, _ = block_by_hand(block, tokens, leaf)
            vit.head(vit.norm(after)[:, 0])[0, target].backward()
            total += leaf.grad[0].clamp(min=0).mean((0, 1)) / len(vit.blocks)
        np.testing.assert_allclose(found[row, 0], on_picture(total), rtol=1e-3, atol=1e-8)


@pytest.mark.parametrize(
    "method", ["raw_attention", "attention_rollout", "gradient_rollout", "gradient_attention", "legrad"]
)
def test_fused_attention_changes_nothing_and_comes_back(vit, x, method):
    maps = []
    for fused in (True, False):
        for block in vit.blocks:
            block.attn.fused_attn = fused
        maps.append(explain.attribute(vit, x, [0, 3], method))
        assert all(block.attn.fused_attn is fused for block in vit.blocks)
        assert not any(module._forward_hooks for module in vit.modules())
    torch.testing.assert_close(*maps, rtol=1e-4, atol=1e-7)


def test_a_layer_that_is_not_there_is_refused(vit, x):
    with pytest.raises(BinomeError, match="layers 0 to 2"):
        explain.attribute(vit, x, [0, 1], "raw_attention", layer=3)
