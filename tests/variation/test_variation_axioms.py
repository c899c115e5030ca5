import numpy as np
import pytest
import torch
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from binome import explain, variation
from binome.core import BinomeError
from binome.variation import Source
from binome.variation.scoring import score_all


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(32, 12), nn.Softplus(), nn.Linear(12, 3)).double()


@pytest.fixture
def x():
    return 0.2 + torch.rand(4, 2, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


TARGETS = torch.tensor([0, 1, 2, 0])


def axiom(net, x, metric, method, params=None, seed=0, **settings):
    maps = explain.attribute(net, x, TARGETS[: len(x)], method, seed, **(params or {}))
    source = Source(method, params or {}, seed)
    return variation.score(net, x, TARGETS[: len(x)], maps, metric=metric, method=source, **settings)


@pytest.mark.parametrize(("baseline", "start"), [("zero", 0.0), (0.3, 0.3), ("mean", None)])
def test_completeness_of_a_linear_model_by_hand(x, baseline, start):
    torch.manual_seed(0)
    net, maps = nn.Sequential(nn.Flatten(), nn.Linear(32, 3)).double(), torch.randn(4, 2, 4, 4).double()
    found = variation.score(net, x, TARGETS, maps, metric="completeness_gap", baseline=baseline)
    for i, target in enumerate(TARGETS.tolist()):
        stood = x[i].mean((1, 2), keepdim=True) if start is None else start
        rise = (net[1].weight[target].detach() * (x[i] - stood).flatten()).sum()
        assert found[i] == pytest.approx(abs(float(maps[i].sum() - rise)))
    assert variation.label("completeness_gap", baseline="mean") == "completeness_gap (mean)"


def test_completeness_is_what_explain_says_and_shrinks_with_the_steps(net, x):
    gaps = []
    for steps in (1, 4, 16):
        maps = explain.attribute(net, x, TARGETS, "integrated_gradients", steps=steps, rule="midpoint")
        found = variation.score(net, x, TARGETS, maps, metric="completeness_gap")
        np.testing.assert_allclose(found, explain.completeness_gap(net, x, TARGETS, maps).numpy(), atol=1e-12)
        gaps.append(found.mean())
    assert gaps[0] > gaps[1] > gaps[2]


def test_completeness_shares_its_passes_with_deletion(net, x):
    seen = []
    net.register_forward_hook(lambda _, given, __: seen.append(len(given[0])))
    metrics = {"gap": ("completeness_gap", {}), "deletion": ("deletion", {"steps": 4})}
    score_all(net, x, TARGETS, {"": torch.randn(4, 2, 4, 4).double()}, metrics)
    assert sum(seen) == 4 * 5


@pytest.mark.parametrize("baseline", ["uniform", "road", None, True])
def test_baselines_that_cannot_be_had_again_are_refused(net, x, baseline):
    with pytest.raises(BinomeError, match="baseline is"):
        variation.score(net, x, TARGETS, x, metric="completeness_gap", baseline=baseline)


def test_gradients_do_not_shift_with_the_input_and_products_do(net, x):
    np.testing.assert_allclose(axiom(net, x, "input_shift_invariance", "saliency"), 0, atol=1e-12)
    found = axiom(net, x, "input_shift_invariance", "input_x_gradient", shift=0.5)
    gradient = explain.attribute(net, x, TARGETS, "input_x_gradient") / x
    # (x + c) g less x g is c g.
    expected = [float((0.5 * g).norm() / (g * v).norm()) for g, v in zip(gradient, x, strict=True)]
    np.testing.assert_allclose(found, expected)


def test_draws_stay_the_same_where_maps_are_made_again(net, x):
    found = axiom(net, x, "input_shift_invariance", "smooth_grad", {"samples": 4}, seed=3)
    np.testing.assert_allclose(found, 0, atol=1e-10)


def test_path_methods_with_a_fixed_baseline_shift_and_those_with_a_mean_do_not(net, x):
    method = "integrated_gradients"
    assert (axiom(net, x, "input_shift_invariance", method) > 0.01).all()
    np.testing.assert_allclose(axiom(net, x, "input_shift_invariance", method, {"baseline": "mean"}), 0, atol=1e-12)


def test_linearity_of_signed_gradients_and_not_of_absolute_ones(net, x):
    np.testing.assert_allclose(axiom(net, x, "linearity", "input_x_gradient"), 0, atol=1e-12)
    np.testing.assert_allclose(axiom(net, x, "linearity", "integrated_gradients"), 0, atol=1e-12)

    def absolute(module, inputs, targets):
        leaf = inputs.requires_grad_(True)
        return torch.autograd.grad(module(leaf).gather(1, targets[:, None]).sum(), leaf)[0].abs()

    found = axiom(net, x, "linearity", absolute)
    for i, target in enumerate(TARGETS.tolist()):
        leaf = x[i : i + 1].clone().requires_grad_(True)
        a, b = (torch.autograd.grad(net(leaf)[0, k], leaf)[0].abs() for k in (target, (target + 1) % 3))
        both = torch.autograd.grad(net(leaf)[0, [target, (target + 1) % 3]].sum(), leaf)[0].abs()
        assert found[i] == pytest.approx(float((both - a - b).norm() / (a.norm() + b.norm())))


def test_symmetry_of_gradients_and_of_a_map_that_prefers_a_side(net, x):
    np.testing.assert_allclose(axiom(net, x, "symmetry", "input_x_gradient"), 0, atol=1e-12)
    sides = torch.tensor([1.0, 1.0, -1.0, -1.0]).double()

    def one_sided(module, inputs, targets):
        return sides.expand_as(inputs).clone()

    def left(module, inputs, targets):
        return (sides > 0).double().expand_as(inputs).clone()

    maps = torch.ones_like(x)
    opposite = variation.score(net, x, TARGETS, maps, metric="symmetry", method=one_sided)
    np.testing.assert_allclose(opposite, 1)
    np.testing.assert_allclose(variation.score(net, x, TARGETS, maps, metric="symmetry", method=left), np.sqrt(0.5))


@pytest.mark.parametrize("metric", ["input_shift_invariance", "linearity", "symmetry"])
@pytest.mark.parametrize("method", ["attention_rollout", "grad_cam", "attn_lrp"])
def test_methods_that_look_inside_the_module_find_it_and_it_is_left_as_it_was(metric, method):
    torch.manual_seed(0)
    transformer = VisionTransformer(
        img_size=8, patch_size=2, in_chans=2, num_classes=3, embed_dim=16, depth=2, num_heads=2
    )
    pictures = torch.rand(4, 2, 8, 8)
    before = transformer.eval()(pictures)
    found = axiom(transformer, pictures, metric, method)
    assert np.isfinite(found).all()
    if method == "attention_rollout" and metric == "input_shift_invariance":
        np.testing.assert_allclose(found, 0, atol=1e-4)
    assert torch.equal(transformer(pictures), before)
    assert not transformer._forward_hooks
    assert not transformer._forward_pre_hooks


@pytest.mark.parametrize("metric", ["input_shift_invariance", "linearity", "symmetry"])
def test_maps_of_nothing_are_undefined(x, metric):
    def nothing(module, inputs, targets):
        return torch.zeros_like(inputs)

    net = nn.Sequential(nn.Flatten(), nn.Linear(32, 3)).double()
    found = variation.score(net, x, TARGETS, torch.zeros_like(x), metric=metric, method=nothing)
    assert np.isnan(found).all()


def test_the_module_is_put_back_when_a_method_fails(net, x):
    def fails(module, inputs, targets):
        raise RuntimeError("no")

    for metric in ("input_shift_invariance", "linearity", "symmetry"):
        with pytest.raises(RuntimeError, match="no"):
            variation.score(net, x, TARGETS, x, metric=metric, method=fails)
    assert not net._forward_hooks
    assert not net._forward_pre_hooks


def test_symmetry_refuses_case_files():
    with pytest.raises(BinomeError, match="symmetry mirrors pictures"):
        variation.score(
            nn.Linear(5, 2), torch.rand(3, 5), [0, 1, 0], torch.randn(3, 5), metric="symmetry", method="saliency"
        )
