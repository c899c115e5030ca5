"""Each method against a closed form, another library or a replica written with plain loops."""

import captum.attr
import numpy as np
import pytest
import torch
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from binome import explain
from binome.core import BinomeError


def test_linear_model_has_one_gradient_explanation(linear, images, targets):
    expected = torch.stack([linear.weight(int(t)) * x for x, t in zip(images, targets, strict=True)])
    for method in ("input_x_gradient", "integrated_gradients"):
        torch.testing.assert_close(explain.attribute(linear, images, targets, method=method), expected)
    assert torch.equal(explain.attribute(linear, images, targets, method="saliency")[0], linear.weight(0))


@pytest.mark.parametrize(
    ("rule", "theirs"),
    [
        ("gausslegendre", "gausslegendre"),
        ("left", "riemann_left"),
        ("right", "riemann_right"),
        ("midpoint", "riemann_middle"),
    ],
)
def test_integrated_gradients_equals_captum(rule, theirs, images, targets):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(72, 16), nn.ReLU(), nn.Linear(16, 3)).double()
    ours = explain.attribute(net, images, targets, method="integrated_gradients", steps=12, rule=rule)
    expected = captum.attr.IntegratedGradients(net).attribute(images, target=targets, n_steps=12, method=theirs)
    if rule in ("left", "right"):  # Captum's Riemann sums differ in their points; both converge to the integral
        ours = explain.attribute(net, images, targets, method="integrated_gradients", steps=4000, rule=rule)
        expected = captum.attr.IntegratedGradients(net).attribute(images, target=targets, n_steps=4000, method=theirs)
        torch.testing.assert_close(ours, expected, atol=2e-4, rtol=0)
    else:
        torch.testing.assert_close(ours, expected)


def test_occlusion_of_a_linear_model(linear, images, targets):
    """Each pixel gets the mean, over the windows that cover it, of the sum of w · x in the window."""
    ours = explain.attribute(linear, images, targets, method="occlusion", window=3, stride=2)
    places = [0, 2, 3]
    for i, (x, t) in enumerate(zip(images, targets, strict=True)):
        product = (linear.weight(int(t)) * x).sum(0).numpy()
        total, cover = np.zeros((6, 6)), np.zeros((6, 6))
        for top in places:
            for left in places:
                total[top : top + 3, left : left + 3] += product[top : top + 3, left : left + 3].sum()
                cover[top : top + 3, left : left + 3] += 1
        np.testing.assert_allclose(ours[i].sum(0).numpy(), total / cover, atol=1e-12)


@pytest.mark.parametrize(("window", "stride"), [(2, 2), (3, 3), (2, 1), (4, 2)])
def test_occlusion_equals_captum(window, stride, images, targets):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(72, 16), nn.ReLU(), nn.Linear(16, 3)).double()
    ours = explain.attribute(net, images, targets, method="occlusion", window=window, stride=stride, baseline=0.3)
    theirs = captum.attr.Occlusion(net).attribute(
        images, target=targets, sliding_window_shapes=(2, window, window), strides=(2, stride, stride), baselines=0.3
    )
    torch.testing.assert_close(ours.sum(1).float(), theirs[:, 0].float())  # Captum gives every channel the whole drop
    assert torch.equal(ours[:, 0], ours[:, 1])


def test_saliency_equals_captum(images, targets):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(72, 16), nn.Tanh(), nn.Linear(16, 3)).double()
    theirs = captum.attr.Saliency(net).attribute(images.clone().requires_grad_(), target=targets, abs=False)
    torch.testing.assert_close(explain.attribute(net, images, targets, method="saliency"), theirs)


def _attention(vit, x):
    """Attention of each block, (heads, tokens, tokens), by hand from the block's own weights."""
    found, tokens = [], vit._pos_embed(vit.patch_embed(x[None]))
    for block in vit.blocks:
        n, heads = tokens.shape[1], block.attn.num_heads
        qkv = block.attn.qkv(block.norm1(tokens)).view(n, 3, heads, -1)
        per_head = [torch.softmax(qkv[:, 0, h] @ qkv[:, 1, h].T / qkv.shape[-1] ** 0.5, dim=1) for h in range(heads)]
        found.append(torch.stack(per_head))
        tokens = block(tokens)
    return found


def test_rollout_replica(vit):
    x = torch.rand(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    maps = explain.attribute(vit, x, [0, 1, 2], method="attention_rollout", upsampling="nearest")
    for i in range(3):
        with torch.no_grad():
            flow = np.eye(19)
            for attention in _attention(vit, x[i]):
                flow = (attention.mean(0).numpy() + np.eye(19)) / 2 @ flow
        expected = flow[0, 3:].reshape(4, 4).repeat(2, 0).repeat(2, 1)
        np.testing.assert_allclose(maps[i, 0].numpy(), expected, atol=1e-6)


def test_gradient_rollout_replica(vit):
    """R ← R + mean over heads of (∂y/∂A ⊙ A)⁺ · R, from autograd's own gradients of the attention maps."""
    vit = vit.double()
    x = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    maps = explain.attribute(vit, x, [2], method="gradient_rollout", upsampling="nearest")
    for block in vit.blocks:
        block.attn.fused_attn = False
    recorded, gradients = [], []

    def keep(module, inputs, output):
        output.retain_grad()
        recorded.append(output)

    hooks = [block.attn.attn_drop.register_forward_hook(keep) for block in vit.blocks]
    vit(x)[0, 2].backward()
    for hook in hooks:
        hook.remove()
    relevance = np.eye(19)
    for attention in recorded:
        product = (attention.grad * attention).detach()[0].numpy()
        gradients.append(np.abs(product).sum())
        step = np.zeros((19, 19))
        for head in product:
            step += np.where(head > 0, head, 0) / len(product)
        relevance = relevance + step @ relevance
    expected = (relevance - np.eye(19))[0, 3:].reshape(4, 4).repeat(2, 0).repeat(2, 1)
    assert min(gradients) > 0
    np.testing.assert_allclose(maps[0, 0].numpy(), expected, atol=1e-10)


def test_gradient_rollout_depends_on_the_target_and_rollout_does_not(vit):
    x = torch.rand(1, 1, 8, 8)
    a, b = (explain.attribute(vit, x, [t], method="gradient_rollout") for t in (0, 1))
    assert not torch.allclose(a, b)
    a, b = (explain.attribute(vit, x, [t], method="attention_rollout") for t in (0, 1))
    assert torch.equal(a, b)


def test_pooled_transformers_are_read_at_their_patches():
    """Without class token the head reads the mean of the patches: so does the rollout, on a grid that is no square."""
    torch.manual_seed(0)
    vit = VisionTransformer(
        img_size=(4, 8), patch_size=2, in_chans=3, num_classes=2, embed_dim=8, depth=2, num_heads=2,
        class_token=False, global_pool="avg",
    ).eval()  # fmt: skip
    x = torch.rand(1, 3, 4, 8)
    maps = explain.attribute(vit, x, [0], method="attention_rollout", upsampling="nearest")
    with torch.no_grad():
        flow = np.eye(8)
        for attention in _attention(vit, x[0]):
            flow = (attention.mean(0).numpy() + np.eye(8)) / 2 @ flow
    expected = flow.mean(0).reshape(2, 4).repeat(2, 0).repeat(2, 1)
    np.testing.assert_allclose(maps[0].sum(0).numpy(), expected, atol=1e-6)


def test_a_transformer_of_dynamic_size_keeps_its_grid():
    torch.manual_seed(0)
    vit = VisionTransformer(
        img_size=8, patch_size=2, in_chans=1, num_classes=2, embed_dim=8, depth=1, num_heads=2, dynamic_img_size=True
    ).eval()
    maps = explain.attribute(vit, torch.rand(1, 1, 12, 6), [0], method="attention_rollout", upsampling="nearest")
    blocks = maps[0, 0].unfold(0, 2, 2).unfold(1, 2, 2).flatten(2)
    assert blocks.shape == (6, 3, 4)
    assert torch.equal(blocks.amax(2), blocks.amin(2))
    assert len(blocks.unique()) > 6


def test_attention_upsampling_has_two_names(vit):
    with pytest.raises(BinomeError, match="bilinear or nearest"):
        explain.attribute(vit, torch.rand(1, 1, 8, 8), [0], method="attention_rollout", upsampling="cubic")


@pytest.mark.parametrize("baseline", [0.0, 0.3])
def test_feature_ablation_equals_captum(baseline, images, targets):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(72, 16), nn.ReLU(), nn.Linear(16, 3)).double()
    ablation = captum.attr.FeatureAblation(net)
    pixels = torch.arange(36).view(1, 1, 6, 6).expand(1, 2, 6, 6)
    theirs = ablation.attribute(images, target=targets, baselines=baseline, feature_mask=pixels)
    ours = explain.attribute(net, images, targets, method="feature_ablation", baseline=baseline)
    torch.testing.assert_close(ours.sum(1).float(), theirs[:, 0].float())  # Captum gives every channel the whole drop
    flat = images.flatten(1)
    theirs = ablation.attribute(flat, target=targets, baselines=baseline)
    ours = explain.attribute(net, flat, targets, method="feature_ablation", baseline=baseline)
    torch.testing.assert_close(ours.float(), theirs.float())
