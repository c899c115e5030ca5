import copy

import numpy as np
import pytest
import torch
from scipy.stats import entropy, spearmanr
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from binome import explain, variation
from binome.core import BinomeError, derive_seed
from binome.testing import check_metric
from binome.variation.scoring import score_all

METHOD = "input_x_gradient"


def small_net(outputs=3):
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(32, 8), nn.Tanh(), nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, outputs))


@pytest.fixture
def net():
    return small_net().double()


@pytest.fixture
def data():
    x = torch.rand(4, 2, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return x, torch.tensor([0, 1, 2, 0])


@pytest.fixture
def maps(net, data):
    return explain.attribute(net, *data, METHOD)


def drawn_again(net, parts, seed=0):
    """A copy with some parts' parameters from a normal distribution of their own mean and deviation."""
    changed = copy.deepcopy(net)
    for part in parts:
        for kind in ("weight", "bias"):
            values = getattr(changed[part], kind).data
            generator = torch.Generator().manual_seed(derive_seed(seed, "weights", f"{part}.{kind}"))
            noise = torch.randn(values.shape, generator=generator).double()
            mean = values.mean().item()
            deviation = max(np.std(values.numpy()), abs(mean) / 10, 0.02)
            values.copy_(mean + noise * deviation)
    return changed


def rank_correlation(a, b):
    return spearmanr(a.sum(0).abs().flatten(), b.sum(0).abs().flatten()).statistic


@pytest.mark.parametrize("seed", [0, 5])
def test_mprt_one_layer_and_one_item_at_a_time(net, data, maps, seed):
    x, targets = data
    modules = [drawn_again(net, parts, seed) for parts in ([5], [5, 3], [5, 3, 1])]
    expected = [
        np.mean([rank_correlation(maps[i], explain.attribute(m, x[[i]], targets[[i]], METHOD)[0]) for m in modules])
        for i in range(4)
    ]
    for layers in (None, 3, 5):
        found = variation.score(net, x, targets, maps, "mprt", method=METHOD, layers=layers, weights_seed=seed)
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    last = variation.score(net, x, targets, maps, "mprt", method=METHOD, layers=1, weights_seed=seed)
    whole = explain.attribute(modules[-1], x, targets, METHOD)
    np.testing.assert_allclose(last, [rank_correlation(maps[i], whole[i]) for i in range(4)], rtol=1e-5)


def test_pearson_and_ssim(net, data, maps):
    x, targets = data
    found = {
        name: variation.score(net, x, targets, maps, "mprt", method=METHOD, layers=1, similarity=name)
        for name in ("pearson", "ssim")
    }
    whole = explain.attribute(drawn_again(net, [1, 3, 5]), x, targets, METHOD)
    for i in range(4):
        a, b = maps[i].sum(0), whole[i].sum(0)
        assert found["pearson"][i] == pytest.approx(np.corrcoef(a.flatten(), b.flatten())[0, 1], rel=1e-5)
        by_peak = variation.agreement(a[None] / a.abs().max(), b[None] / b.abs().max(), "ssim")
        assert found["ssim"][i] == pytest.approx(by_peak[0], rel=1e-5)


@pytest.mark.parametrize("metric", ["mprt", "smooth_mprt"])
@pytest.mark.parametrize("similarity", ["spearman", "pearson", "ssim"])
def test_a_method_that_ignores_the_module_is_as_similar_as_can_be(net, data, metric, similarity):
    x, targets = data
    maps = explain.attribute(net, x, targets, "edges")
    found = variation.score(net, x, targets, maps, metric, method="edges", similarity=similarity)
    np.testing.assert_allclose(found, 1)


def test_a_method_that_ignores_the_module_rises_by_nothing(net, data):
    x, targets = data
    maps = explain.attribute(net, x, targets, "edges")
    assert variation.score(net, x, targets, maps, "efficient_mprt", method="edges").tolist() == [0] * 4
    np.testing.assert_allclose(variation.score(net, x, targets, maps, "random_logit", method="edges"), 1)


def test_smooth_mprt_one_copy_at_a_time(net, data, maps):
    x, targets = data
    modules = [drawn_again(net, [5, 3]), drawn_again(net, [5, 3, 1])]

    def smooth(module, i):
        total = torch.zeros_like(x[i])
        for sample in range(4):
            generator = torch.Generator().manual_seed(derive_seed(derive_seed(2, i), "smooth", sample))
            noise = torch.randn(x[i].shape, generator=generator).double() * 0.2 * (x[i].max() - x[i].min())
            total += explain.attribute(module, (x[i] + noise)[None], targets[[i]], METHOD)[0] / 4
        return total

    expected = [np.mean([rank_correlation(smooth(net, i), smooth(m, i)) for m in modules]) for i in range(4)]
    for batch_size in (256, 9, 1):
        found = variation.score(
            net, x, targets, maps, "smooth_mprt", 2,
            method=METHOD, layers=2, samples=4, noise=0.2, batch_size=batch_size,
        )  # fmt: skip
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("bins", [5, 100])
def test_efficient_mprt_against_numpy_and_scipy(net, data, maps, bins):
    x, targets = data
    found = variation.score(net, x, targets, maps, "efficient_mprt", method=METHOD, bins=bins)
    whole = explain.attribute(drawn_again(net, [1, 3, 5]), x, targets, METHOD)

    def complexity(values):
        return entropy(np.histogram(values.sum(0).flatten().numpy(), bins=bins)[0])

    expected = [(complexity(whole[i]) - complexity(maps[i])) / complexity(maps[i]) for i in range(4)]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_random_logit_explains_another_class(net, data, maps):
    x, targets = data
    keys = [str(i) for i in range(4)]
    found = variation.score(net, x, targets, maps, "random_logit", 1, method=METHOD, keys=keys)
    drawn = []
    for i, target in enumerate(targets.tolist()):
        generator = torch.Generator().manual_seed(derive_seed(derive_seed(1, keys[i]), "other class"))
        other = (target + int(torch.randint(1, 3, (), generator=generator))) % 3
        drawn.append((other - target) % 3)
        assert found[i] == pytest.approx(
            rank_correlation(maps[i], explain.attribute(net, x[[i]], [other], METHOD)[0]), rel=1e-6
        )
    assert set(drawn) == {1, 2}


def test_another_class_of_an_estimate_does_not_exist(data):
    x, _ = data
    net = small_net(outputs=1).double()
    found = variation.score(net, x, [0] * 4, torch.rand_like(x), "random_logit", method=METHOD)
    assert np.isnan(found).all()


@pytest.mark.parametrize("metric", ["mprt", "efficient_mprt", "random_logit"])
def test_constant_maps_are_undefined(net, data, maps, metric):
    changed = maps.clone()
    changed[1], changed[2] = 0, 0.5
    found = variation.score(net, *data, changed, metric, method=METHOD)
    assert np.isnan(found).tolist() == [False, True, True, False]


def test_constant_maps_of_a_randomised_module_are_left_out(net, data, maps):
    x, targets = data

    def sometimes(module, inputs, targets):
        maps = explain.attribute(module, inputs, targets, METHOD)
        return torch.zeros_like(maps) if not torch.equal(module[1].weight, net[1].weight) else maps

    found = variation.score(net, x, targets, maps, "mprt", method=sometimes, layers=None)
    expected = [
        np.mean([
            rank_correlation(maps[i], explain.attribute(drawn_again(net, parts), x, targets, METHOD)[i])
            for parts in ([5], [5, 3])
        ])
        for i in range(4)
    ]  # fmt: skip
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert np.isnan(variation.score(net, x, targets, maps, "mprt", method=sometimes, layers=1)).all()
    assert np.isnan(variation.score(net, x, targets, maps, "efficient_mprt", method=sometimes)).all()


def test_the_wholly_randomised_module_explains_once_for_both_tests(net, data, maps):
    seen = []
    net.register_forward_hook(lambda _, given, __: seen.append(len(given[0])))  # copied with the module

    def cost(*names):
        seen.clear()
        score_all(
            net, *data, {"a": maps, "b": maps}, {name: (name, {}) for name in names},
            sources={name: variation.Source(METHOD) for name in ("a", "b")},
        )  # fmt: skip
        return sum(seen)

    assert cost("mprt") == 1 + 2 * 3 * 4  # three layers; one input to see their order
    assert cost("efficient_mprt") == 1 + 2 * 4
    assert cost("mprt", "efficient_mprt") == cost("efficient_mprt", "mprt") == cost("mprt")
    assert cost("random_logit") == 4 + 2 * 4
    assert cost("smooth_mprt") == 1 + 2 * 4 * 4 * 10


def test_a_transformer_stays_as_it_was():
    torch.manual_seed(0)
    vit = VisionTransformer(img_size=8, patch_size=4, in_chans=1, num_classes=3, embed_dim=8, depth=1, num_heads=2)
    x = torch.rand(2, 1, 8, 8)
    maps = explain.attribute(vit, x, [0, 1], "attention_rollout")
    before = copy.deepcopy(vit.state_dict())
    found = variation.score(vit, x, [0, 1], maps, "mprt", method="attention_rollout")
    assert np.isfinite(found).all()
    assert all(torch.equal(value, before[name]) for name, value in vit.state_dict().items())


@pytest.mark.parametrize(
    ("metric", "params", "says"),
    [
        ("mprt", {"layers": 0}, "layers"),
        ("mprt", {"similarity": "cosine"}, "similarity is 'cosine'"),
        ("smooth_mprt", {"samples": 0}, "samples"),
        ("smooth_mprt", {"noise": 0}, "noise is 0"),
        ("efficient_mprt", {"bins": 0}, "bins"),
        ("random_logit", {"similarity": "near"}, "similarity is 'near'"),
    ],
)
def test_bad_parameters_are_refused(net, data, maps, metric, params, says):
    with pytest.raises(BinomeError, match=says):
        variation.score(net, *data, maps, metric, method=METHOD, **params)


@pytest.mark.parametrize(
    ("metric", "params"),
    [("mprt", {}), ("smooth_mprt", {"samples": 3, "layers": 2}), ("efficient_mprt", {}), ("random_logit", {})],
)
def test_the_checks_of_metrics(metric, params):
    x = torch.rand(6, 2, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    check_metric(metric, small_net(outputs=4).double(), x, **params)
