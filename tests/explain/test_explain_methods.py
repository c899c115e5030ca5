"""Each method against a closed form, another library or a replica written with plain loops."""

import captum.attr
import numpy as np
import pytest
import torch
from torch import nn

from binome import explain


def test_linear_model_has_one_gradient_explanation(linear, images, targets):
    expected = torch.stack([linear.weight(int(t)) * x for x, t in zip(images, targets, strict=True)])
    for method in ("input_x_gradient", "integrated_gradients"):
        torch.testing.assert_close(explain.attribute(linear, images, targets, method=method), expected)
    assert torch.equal(explain.attribute(linear, images, targets, method="saliency")[0], linear.weight(0))


@pytest.mark.parametrize("baseline", ["zero", "mean", "blur", "uniform", 0.5])
def test_integrated_gradients_is_complete(baseline, images, targets):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(72, 16), nn.Tanh(), nn.Linear(16, 3)).double()
    maps = explain.attribute(net, images, targets, method="integrated_gradients", steps=40, baseline=baseline)
    if baseline in ("zero", 0.5):
        start = 0.0 if baseline == "zero" else 0.5
        assert explain.completeness_gap(net, images, targets, maps, start).max() < 1e-9
    else:
        assert maps.abs().sum() > 0


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
    """R ← R + mean over heads of (∂y/∂A ⊙ A)⁺ · R, the derivative taken by central differences of the forward pass."""
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


def test_shuffled_keeps_the_histogram_and_nothing_else(linear, images, targets):
    maps = explain.attribute(linear, images, targets)
    shuffled = explain.attribute(linear, images, targets, method="shuffled", of=maps)
    assert not torch.equal(maps, shuffled)
    for before, after in zip(maps, shuffled, strict=True):
        columns = [sorted(map(tuple, m.flatten(1).T.tolist())) for m in (before, after)]
        assert columns[0] == columns[1]


def test_other_item_never_gives_an_item_its_own_map(linear, images, targets):
    maps = explain.attribute(linear, images, targets)
    given = explain.attribute(linear, images, targets, method="other_item", of=maps, seed=4, batch_size=2)
    found = [next(j for j in range(5) if torch.equal(maps[j], given[i])) for i in range(5)]
    assert sorted(found) == list(range(5))
    assert all(i != j for i, j in enumerate(found))


def test_random_weights_leaves_the_module_alone(linear, images, targets):
    before = linear.layer.weight.detach().clone()
    maps = explain.attribute(linear, images, targets, method="random_weights")
    assert torch.equal(before, linear.layer.weight)
    assert not torch.allclose(maps, explain.attribute(linear, images, targets))
