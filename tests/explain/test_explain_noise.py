"""What draws noise or references, on functions whose answer is known."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from binome import explain
from binome.core import BinomeError


class Squares(nn.Module):
    """logits = Σ a x², one a for each class: gradients 2 a x, path integrals a (x² − b²)."""

    def __init__(self):
        super().__init__()
        self.register_buffer("a", torch.tensor([[1.0, -2.0, 0.5], [3.0, 1.0, -1.0]], dtype=torch.float64))

    def forward(self, inputs):
        return inputs.square() @ self.a.T


X = torch.tensor([[0.2, 1.0, -1.0], [2.0, -0.5, 0.0]], dtype=torch.float64)
TARGETS = [0, 1]
A = Squares().a[TARGETS]


def test_smooth_grad_is_the_gradient_with_noise_of_the_stated_size():
    samples, noise = 4000, 0.1
    maps = explain.attribute(Squares(), X, TARGETS, "smooth_grad", samples=samples, noise=noise)
    spread = noise * (X.max(1).values - X.min(1).values)[:, None]
    error = (maps - 2 * A * X) / (2 * A.abs() * spread / math.sqrt(samples))
    assert float(error.abs().max()) < 4.5  # standard deviations, of six values
    assert float(error.abs().max()) > 0.05


def test_var_grad_is_the_variance_of_the_noisy_gradients():
    samples, noise = 4000, 0.1
    maps = explain.attribute(Squares(), X, TARGETS, "var_grad", samples=samples, noise=noise)
    spread = noise * (X.max(1).values - X.min(1).values)[:, None]
    ratio = maps / (2 * A * spread).square()
    assert float((ratio - 1).abs().max()) < 5 * math.sqrt(2 / samples)


def test_the_variance_is_that_of_the_same_samples_one_by_one():
    """Two samples tell their mean and their difference; a third adds one value: no sample is known otherwise."""
    two = [explain.attribute(Squares(), X, TARGETS, name, samples=2, noise=0.2) for name in ("smooth_grad", "var_grad")]
    three = [
        explain.attribute(Squares(), X, TARGETS, name, samples=3, noise=0.2) for name in ("smooth_grad", "var_grad")
    ]
    third = 3 * three[0] - 2 * two[0]
    half = (two[1] / 2).sqrt()
    values = torch.stack([two[0] + half, two[0] - half, third])
    torch.testing.assert_close(values.var(0), three[1])


def test_expected_gradients_of_one_reference_are_its_path_integral():
    reference = torch.tensor([[0.5, -0.5, 1.0]], dtype=torch.float64)
    maps = explain.attribute(Squares(), X, TARGETS, "expected_gradients", background=reference, samples=2000)
    torch.testing.assert_close(maps, A * (X.square() - reference.square()), rtol=0, atol=2e-3)


def test_expected_gradients_average_over_the_background_within_their_stated_deviation():
    background = torch.randn(7, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    exact = A * (X.square() - background.square().mean(0))
    found = explain.examine(Squares(), X, TARGETS, "expected_gradients", background=background, samples=3000)
    error = (found.maps - exact) / found.details["seed_deviation"]
    assert float(error.abs().max()) < 4.5
    runs = [
        explain.examine(Squares(), X, TARGETS, "expected_gradients", seed, background=background, samples=50)
        for seed in range(60)
    ]
    stated = torch.stack([run.details["seed_deviation"] for run in runs]).square().mean(0).sqrt()
    ratio = torch.stack([run.maps for run in runs]).std(0) / stated
    # Places are stratified, so seeds differ a little less than single samples say.
    assert 0.6 < float(ratio.min()) <= float(ratio.max()) < 1.3


def test_expected_gradients_of_a_linear_module_are_its_distance_from_the_references_drawn(linear, images, targets):
    one = images[:1]
    maps = explain.attribute(linear, images, targets, "expected_gradients", background=one, samples=2)
    for row, target in enumerate(targets.tolist()):
        torch.testing.assert_close(maps[row], linear.weight(target) * (images[row] - one[0]))


def test_ablation_against_a_background_by_a_loop(images, targets):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(72, 8), nn.Tanh(), nn.Linear(8, 3)).double().requires_grad_(False)
    background = images.flip(0)[:3] * 0.5
    found = explain.attribute(
        net, images, targets, "feature_ablation", units="patch", size=3, baseline="background", background=background
    )
    for row, target in enumerate(targets.tolist()):
        for top, left in ((0, 0), (0, 3), (3, 0), (3, 3)):
            falls = []
            for other in background:
                changed = images[row].clone()
                changed[:, top : top + 3, left : left + 3] = other[:, top : top + 3, left : left + 3]
                falls.append(float((net(images[row][None]) - net(changed[None]))[0, target]))
            share = found[row, :, top : top + 3, left : left + 3]
            np.testing.assert_allclose(share, np.mean(falls) / 18, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("method", "params", "says"),
    [
        ("smooth_grad", {"samples": 1}, "2 or more"),
        ("var_grad", {"noise": 0.0}, "more than 0"),
        ("expected_gradients", {"samples": 1}, "2 or more"),
        ("expected_gradients", {}, "give `background`"),
    ],
)
def test_what_cannot_be_is_refused(method, params, says):
    with pytest.raises(BinomeError, match=says):
        explain.attribute(Squares(), X, TARGETS, method, **params)
