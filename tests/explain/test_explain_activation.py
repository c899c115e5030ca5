"""Class activation maps against features and finite differences taken by hand."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from binome import explain
from binome.core import BinomeError

STEP = 1e-6


@pytest.fixture
def parts():
    """A network in two halves: features (n, 5, 4, 4), and logits from them."""
    torch.manual_seed(4)
    front = nn.Sequential(nn.Conv2d(2, 5, 3, padding=1, stride=2), nn.Tanh())
    back = nn.Sequential(nn.Conv2d(5, 6, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(96, 3))
    return front.double().requires_grad_(False), back.double().requires_grad_(False)


@pytest.fixture
def pictures():
    return torch.rand(3, 2, 8, 8, generator=torch.Generator().manual_seed(5), dtype=torch.float64)


TARGETS = [0, 2, 1]


def slopes(back, features, target):
    """The logit's derivative by each feature of one item, by central differences: (5, 4, 4)."""
    moved = torch.eye(features.numel(), dtype=features.dtype).view(-1, *features.shape) * STEP
    with torch.no_grad():
        rise = back(features + moved)[:, target] - back(features - moved)[:, target]
    return (rise / (2 * STEP)).view(features.shape)


def shown(grid):
    """A grid of places on the picture: nearest, divided among two channels."""
    return torch.from_numpy(np.kron(grid.numpy(), np.ones((2, 2)))) / 2


def expected(method, back, features, target):
    gradient = slopes(back, features, target)
    if method == "layer_cam":
        return (gradient.clamp(min=0) * features).sum(0).clamp(min=0)
    if method == "grad_cam":
        return (gradient.mean((1, 2))[:, None, None] * features).sum(0).clamp(min=0)
    weights = []
    for channel, slope in zip(features, gradient, strict=True):
        weight = 0.0
        for g in slope.flatten().tolist():
            below = 2 * g**2 + float(channel.sum()) * g**3
            weight += (g**2 / below if below else 0.0) * max(g, 0.0)
        weights.append(weight)
    return (torch.tensor(weights, dtype=torch.float64)[:, None, None] * features).sum(0).clamp(min=0)


@pytest.mark.parametrize("method", ["grad_cam", "grad_cam_pp", "layer_cam"])
def test_maps_from_finite_differences(method, parts, pictures):
    front, back = parts
    found = explain.attribute(nn.Sequential(front, back), pictures, TARGETS, method, layer="0", upsampling="nearest")
    features = front(pictures)
    for row, target in enumerate(TARGETS):
        wanted = shown(expected(method, back, features[row], target))
        torch.testing.assert_close(found[row], wanted.expand(2, -1, -1), rtol=1e-5, atol=1e-8)


def test_score_cam_masks_with_one_feature_after_another(parts, pictures):
    front, back = parts
    module = nn.Sequential(front, back)
    found = explain.attribute(module, pictures, TARGETS, "score_cam", layer="0", upsampling="nearest")
    features = front(pictures)
    for row, target in enumerate(TARGETS):
        scores = []
        for channel in features[row]:
            wide = F.interpolate(channel[None, None], size=(8, 8), mode="bilinear", align_corners=False)[0, 0]
            mask = (wide - wide.min()) / (wide.max() - wide.min())
            scores.append(float(module((pictures[row] * mask)[None])[0, target]))
        weights = np.exp(scores) / np.exp(scores).sum()
        grid = sum(float(w) * channel for w, channel in zip(weights, features[row], strict=True)).clamp(min=0)
        torch.testing.assert_close(found[row], shown(grid).expand(2, -1, -1), rtol=1e-9, atol=1e-12)


def test_a_feature_that_is_constant_masks_nothing(pictures):
    module = nn.Sequential(nn.Conv2d(2, 3, 1), nn.Flatten(), nn.Linear(192, 2)).double()
    with torch.no_grad():
        module[0].weight[1] = 0  # a constant second feature
        module[0].bias[1] = 50
    found = explain.attribute(module, pictures, [0, 1, 0], "score_cam", layer="0")
    assert float(found.max()) < 5


def test_without_a_name_the_last_layer_with_places_is_taken(parts, pictures):
    module = nn.Sequential(*parts[0], *parts[1])
    named = explain.attribute(module, pictures, TARGETS, "grad_cam", layer="3")
    assert torch.equal(explain.attribute(module, pictures, TARGETS, "grad_cam"), named)


@pytest.mark.parametrize("method", ["grad_cam", "layer_cam"])
def test_a_transformers_patches_are_put_back_on_their_grid(method, vit):
    x, targets = torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(6)), [1, 3]
    found = explain.attribute(vit, x, targets, method, upsampling="nearest")
    for row, target in enumerate(targets):
        tokens = vit._pos_embed(vit.patch_embed(x[row : row + 1]))
        for block in vit.blocks[:-1]:
            tokens = block(tokens)
        last, tokens = vit.blocks[-1], tokens.detach()
        features = last.norm1(tokens).detach().requires_grad_()
        after = tokens + last.attn(features)
        after = after + last.mlp(last.norm2(after))
        vit.head(vit.norm(after)[:, 0])[0, target].backward()
        values, slope = features.detach()[0, 3:], features.grad[0, 3:]  # a class token and two registers first
        weights = slope.mean(0) if method == "grad_cam" else slope.clamp(min=0)
        line = (values * weights).sum(1).clamp(min=0)
        grid = torch.stack([line[4 * r : 4 * r + 4] for r in range(4)])
        wanted = torch.from_numpy(np.kron(grid.numpy(), np.ones((2, 2), np.float32)))
        torch.testing.assert_close(found[row, 0], wanted, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "says"),
    [("nowhere", "no layer 'nowhere'"), ("1.3", "gives (3, 3)"), ("1.2", "gives (3, 96)")],
)
def test_a_layer_that_cannot_be_used_is_refused(parts, pictures, layer, says):
    with pytest.raises(BinomeError) as error:
        explain.attribute(nn.Sequential(*parts), pictures, TARGETS, "grad_cam", layer=layer)
    assert says in str(error.value)


def test_a_table_has_no_places():
    with pytest.raises(BinomeError, match="need pictures"):
        explain.attribute(nn.Linear(4, 2), torch.rand(2, 4), [0, 1], "layer_cam")
    flat = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    with pytest.raises(BinomeError, match="no layer gives features with places"):
        explain.attribute(flat, torch.rand(2, 1, 4, 4), [0, 1], "grad_cam")
