"""Units and what is computed from them, against closed forms, brute force, Captum and scikit-learn."""

import itertools
import math

import captum.attr
import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from torch import nn

from binome import explain
from binome.core import BinomeError
from binome.explain.surrogate import ridge

QUARTERS = np.kron(np.array([[0, 1], [2, 3]]), np.ones((3, 3), dtype=int))


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(72, 16), nn.ReLU(), nn.Linear(16, 3)).double()


def brute_force(net, x, target, labels, hidden):
    """Shapley values as the mean, over all orders of the units, of what each adds."""
    units = int(labels.max()) + 1

    def value(present):
        mask = torch.tensor(np.isin(labels, list(present)))
        return float(net(torch.where(mask, x, hidden)[None])[0, target].detach())

    totals = np.zeros(units)
    for order in itertools.permutations(range(units)):
        for place, unit in enumerate(order):
            totals[unit] += value(order[: place + 1]) - value(order[:place])
    return totals / math.factorial(units)


def by_unit(maps, labels):
    return np.array([maps.sum(0).numpy()[labels == unit].sum() for unit in range(int(labels.max()) + 1)])


@pytest.mark.parametrize("method", ["exact_shapley", "kernel_shap"])
def test_shapley_values_by_brute_force(method, net, images, targets):
    """Kernel SHAP asks all coalitions of four units, and is exact then."""
    for kind in ("patch", QUARTERS):
        options = {"units": kind, "size": 3} if isinstance(kind, str) else {"units": kind}
        maps = explain.attribute(net, images, targets, method=method, baseline=0.3, **options)
        for i in range(2):
            expected = brute_force(net, images[i], int(targets[i]), QUARTERS, torch.full_like(images[i], 0.3))
            np.testing.assert_allclose(by_unit(maps[i], QUARTERS), expected, atol=1e-9)


def test_exact_shapley_equals_captum(net, images, targets):
    mask = torch.tensor(QUARTERS)[None, None].expand(1, 2, 6, 6).contiguous()
    theirs = captum.attr.ShapleyValues(net).attribute(images, target=targets, feature_mask=mask)
    ours = explain.attribute(net, images, targets, method="exact_shapley", units=QUARTERS)
    torch.testing.assert_close(ours * 18, theirs.detach().double())  # Captum gives every place the whole unit's value


def test_shapley_values_against_a_background_are_the_mean_over_its_items(net, images, targets):
    flat = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 2)).double()
    x, background = (torch.randn(n, 5, generator=torch.Generator().manual_seed(n), dtype=torch.float64) for n in (3, 4))
    whole = explain.attribute(flat, x, [0, 1, 0], "exact_shapley", baseline="background", background=background)
    each = [explain.attribute(flat, x, [0, 1, 0], "exact_shapley", baseline=row) for row in background]
    torch.testing.assert_close(whole, torch.stack(each).mean(0))


@pytest.mark.parametrize("samples", [120, 200])
def test_kernel_shap_of_a_linear_model_is_exact_with_any_samples(linear, images, targets, samples):
    """A linear model's regression has no error, so drawn coalitions give its closed form."""
    maps = explain.attribute(linear, images, targets, method="kernel_shap", samples=samples, size=1)
    expected = torch.stack([(linear.weight(int(t)) * x).sum(0) for x, t in zip(images, targets, strict=True)])
    torch.testing.assert_close(maps.sum(1), expected, atol=1e-8, rtol=0)


def test_kernel_shap_accounts_for_the_whole_rise_when_it_samples(net, images, targets):
    maps = explain.attribute(net, images, targets, method="kernel_shap", samples=100, size=1)
    assert explain.completeness_gap(net, images, targets, maps).max() < 1e-9


@pytest.mark.parametrize(("method", "samples"), [("kernel_shap", 150), ("lime", 150), ("rise", 60)])
def test_seed_deviation_is_how_much_seeds_differ(method, samples, net, images, targets):
    found = [
        explain.examine(net, images, targets, method=method, samples=samples, seed=seed, **({"output": "logit"}))
        for seed in range(40)
    ]
    empirical = torch.stack([one.maps for one in found]).std(0)
    estimated = torch.stack([one.details["seed_deviation"] for one in found]).square().mean(0).sqrt()
    assert 0.85 < float(estimated.mean() / empirical.mean()) < 1.15


def test_lime_regression_equals_scikit_learn():
    generator = np.random.default_rng(0)
    z, values, weights = generator.integers(0, 2, (40, 6)), generator.normal(size=40), generator.random(40)
    ours, _, fit = ridge(*(torch.tensor(a, dtype=torch.float64) for a in (z, values, weights)), 0.7)
    model = Ridge(alpha=0.7).fit(z, values, sample_weight=weights)
    np.testing.assert_allclose(ours, model.coef_)
    # scikit-learn's coefficient of determination is centred on the weighted mean as well
    np.testing.assert_allclose(float(fit), model.score(z, values, sample_weight=weights))


def test_lime_of_a_linear_model_without_penalty_is_its_closed_form(linear, images, targets):
    maps = explain.attribute(linear, images, targets, method="lime", samples=120, size=1, penalty=0)
    expected = torch.stack([(linear.weight(int(t)) * x).sum(0) for x, t in zip(images, targets, strict=True)])
    torch.testing.assert_close(maps.sum(1), expected, atol=1e-8, rtol=0)


def test_rise_is_the_mean_of_the_masks_by_their_scores(net, images, targets):
    """The masks, taken back out of what the module was shown of a picture of ones."""
    seen = []
    hook = net.register_forward_hook(lambda module, inputs, output: seen.append((inputs[0], output.softmax(1))))
    ones = torch.ones(1, 2, 6, 6, dtype=torch.float64)
    maps = explain.attribute(net, ones, [1], method="rise", samples=25, cells=3, keep=0.4, seed=3)
    hook.remove()
    masks, scores = torch.cat([x[:, 0] for x, _ in seen]), torch.cat([p[:, 1] for _, p in seen])
    assert masks.shape == (25, 6, 6)
    assert 0 <= float(masks.min()) < float(masks.max()) <= 1
    torch.testing.assert_close(maps[0].sum(0), (scores[:, None, None] * masks).sum(0) / 25 / 0.4)


def test_superpixels_follow_the_picture():
    picture = torch.zeros(1, 3, 16, 16)
    picture[:, :, :, 8:] = 1
    net = nn.Sequential(nn.Flatten(), nn.Linear(768, 2))
    maps = explain.attribute(net, picture, [0], method="feature_ablation", units="superpixel", size=8, baseline=0.5)
    values = maps[0].sum(0)
    left, right = values[:, :8].unique(), values[:, 8:].unique()
    assert not set(left.tolist()) & set(right.tolist())


@pytest.mark.parametrize(
    ("method", "params", "says"),
    [
        ("exact_shapley", {"size": 1}, "16 units at most, found 36"),
        ("kernel_shap", {"samples": 20, "size": 1}, "samples is 20 for 36 units"),
        ("lime", {"samples": 20, "size": 1}, "samples is 20 for 36 units"),
        ("lime", {"width": 0}, "width is 0"),
        ("lime", {"units": "pixels"}, "give place, patch, superpixel"),
        ("lime", {"units": QUARTERS[1:]}, "units have shape"),
        ("lime", {"units": QUARTERS / 2}, "whole numbers"),
        ("lime", {"size": 7}, "do not fit a picture of 6 × 6"),
        ("lime", {"baseline": "background"}, "give `background`"),
        ("lime", {"output": "odds"}, "logit or probability"),
        ("rise", {"cells": 9}, "cells <= 6"),
    ],
)
def test_what_cannot_be_is_refused(net, images, targets, method, params, says):
    with pytest.raises(BinomeError, match=says):
        explain.attribute(net, images, targets, method=method, **params)


def test_an_estimate_has_no_probability(images):
    net = nn.Sequential(nn.Flatten(), nn.Linear(72, 1)).double()
    with pytest.raises(BinomeError, match="has no probability"):
        explain.attribute(net, images, [0] * 5, method="rise")
