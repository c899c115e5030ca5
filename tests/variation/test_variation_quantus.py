"""Quantus 0.6 as an oracle: equal values where it follows its paper, and a test of every place where it does not.

Pictures have one channel, so that its features are our pixels. docs/reference/quantus.md tells the same in words.
"""

import warnings

import numpy as np
import pytest
import skimage.metrics
import torch
from torch import nn

from binome import explain, variation
from binome.core import BinomeError, derive_seed
from binome.explain.controls import redraw
from binome.variation.quality import imputation
from binome.variation.quality.cascade import cascade, steps_of

ITEMS, PIXELS, STEPS = 4, 64, 16


@pytest.fixture(scope="module")
def quantus():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import quantus
    return quantus


@pytest.fixture
def net():
    return network(1)


@pytest.fixture
def data():
    """Pictures without a black pixel, decisions, maps with both signs."""
    generator = torch.Generator().manual_seed(1)
    x = 0.2 + torch.rand(ITEMS, 1, 8, 8, generator=generator)
    return x, torch.tensor([0, 1, 2, 0]), torch.randn(ITEMS, 1, 8, 8, generator=generator)


@pytest.fixture
def masks():
    found = torch.zeros(ITEMS, 1, 8, 8, dtype=torch.bool)
    found[0, :, 2:5, 1:6] = found[1, :, :4] = found[2, :, 6:, 6:] = found[3, :, ::2] = True
    return found


@pytest.fixture
def theirs(quantus):
    """Runs a metric of Quantus, on copies, without what it prints and warns."""

    def run(name, net, x, targets, maps, masks=None, explainer=None, softmax=None, batch_size=64, **params):
        called = {} if masks is None else {"s_batch": masks.numpy().copy()}
        if softmax is not None:
            called["softmax"] = softmax
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = getattr(quantus, name)(disable_warnings=True, display_progressbar=False, **params)(
                model=net, x_batch=x.numpy().copy(), y_batch=targets.numpy(), batch_size=batch_size,
                a_batch=None if maps is None else maps.numpy().copy(),
                explain_func=None if explainer is None else for_quantus(explainer), **called,
            )  # fmt: skip
        return found if isinstance(found, dict) else np.asarray(found)

    return run


def network(channels, padding=1, outputs=3):
    torch.manual_seed(0)
    side = 6 + 2 * padding
    return nn.Sequential(
        nn.Conv2d(channels, 3, 3, padding=padding), nn.ReLU(), nn.Flatten(), nn.Linear(3 * side**2, 8), nn.Tanh(),
        nn.Linear(8, outputs),
    ).eval()  # fmt: skip


def linear(weights):
    net = nn.Sequential(nn.Flatten(), nn.Linear(PIXELS, len(weights), bias=False))
    with torch.no_grad():
        net[1].weight.copy_(weights)
    return net.eval()


def for_quantus(method):
    def explainer(model, inputs, targets, **_):
        return explain.attribute(model, torch.as_tensor(inputs), torch.as_tensor(targets), method).numpy()

    return explainer


def bent(module, inputs, targets):
    """Maps in closed form, without a zero where inputs are positive."""
    return torch.sin(3 * inputs) + inputs.flip(-1) ** 2


def passed(net, run):
    """What `run` returns, and every input that went through the module meanwhile."""
    seen = []
    handle = net.register_forward_pre_hook(lambda _, given: seen.append(given[0].clone()))
    try:
        return run(), torch.cat(seen)
    finally:
        handle.remove()


def probabilities(net, x, targets):
    with torch.no_grad():
        return net(x).double().softmax(1)[range(len(x)), targets].numpy()


# Faithfulness


def test_pixel_flippings_curve_is_that_of_deletion_without_its_first_point(net, data, theirs):
    x, targets, maps = data
    settings = {"features_in_step": PIXELS // STEPS, "perturb_baseline": 0.0}
    start = probabilities(net, x, targets)[:, None]
    for sign, metric in [(1, "deletion"), (-1, "insertion")]:  # insertion is deletion of the least, read backwards
        curve = theirs("PixelFlipping", net, x, targets, sign * maps, **settings)
        expected = np.trapezoid(np.hstack([start, curve]), dx=1 / STEPS, axis=1)
        found = variation.score(net, x, targets, maps, metric=metric, steps=STEPS)
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_pixel_flippings_area_counts_steps_and_leaves_out_the_first_half_step(net, data, theirs, monkeypatch):
    # NumPy 2.4 has no `trapz`, without which Quantus 0.6 has no area.
    monkeypatch.setattr(np, "trapz", np.trapezoid, raising=False)
    x, targets, maps = data
    settings = {"features_in_step": PIXELS // STEPS, "perturb_baseline": 0.0}
    area = theirs("PixelFlipping", net, x, targets, maps, return_auc_per_sample=True, **settings)
    first = theirs("PixelFlipping", net, x, targets, maps, **settings)[:, 0]
    found = variation.score(net, x, targets, maps, metric="deletion", steps=STEPS)
    np.testing.assert_allclose(STEPS * found, area + (probabilities(net, x, targets) + first) / 2, rtol=1e-5)


def test_pixel_flipping_takes_a_pixel_apart(data, theirs):
    net, (x, targets, _) = network(3), data
    x, maps = x.expand(-1, 3, -1, -1).contiguous(), torch.randn(ITEMS, 3, 8, 8)
    flip = {"features_in_step": 16, "perturb_baseline": 0.0}
    _, flipped = passed(net, lambda: theirs("PixelFlipping", net, x, targets, maps, **flip))
    _, deleted = passed(net, lambda: variation.score(net, x, targets, maps, metric="deletion", steps=STEPS))
    assert ((flipped == 0).any(1) != (flipped == 0).all(1)).any()
    assert torch.equal((deleted == 0).any(1), (deleted == 0).all(1))


def test_pixel_flippings_mean_is_of_the_picture_that_is_perturbed_already(net, data, theirs):
    x, targets, maps = data
    settings = {"features_in_step": 4, "perturb_baseline": "mean"}
    _, flipped = passed(net, lambda: theirs("PixelFlipping", net, x, targets, maps, **settings))
    _, deleted = passed(
        net, lambda: variation.score(net, x, targets, maps, metric="deletion", steps=STEPS, imputer="mean")
    )
    mean = x.mean((1, 2, 3), keepdim=True).expand_as(x)
    assert any(torch.allclose(part, mean) for part in deleted.split(ITEMS))
    assert not any(torch.allclose(part, mean, atol=1e-3) for part in flipped.split(ITEMS))


def test_faithfulness_correlation_over_the_same_subsets(net, data, theirs, monkeypatch):
    x, targets, maps = data
    settings = {"metric": "faithfulness_correlation", "draws": 12, "size": 9}
    found, inputs = passed(net, lambda: variation.score(net, x, targets, maps, **settings))
    removed = (inputs == 0).flatten(1)
    subsets = iter([np.flatnonzero(row) for row in removed[removed.any(1)].numpy()])
    monkeypatch.setattr(np.random, "choice", lambda *_, **__: next(subsets))
    expected = theirs(
        "FaithfulnessCorrelation", net, x, targets, maps, nr_runs=12, subset_size=9, perturb_baseline=0.0,
        return_aggregate=False,
    )  # fmt: skip
    assert next(subsets, None) is None
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_faithfulness_estimate_of_single_pixels(net, data, theirs):
    x, targets, maps = data
    expected = theirs("FaithfulnessEstimate", net, x, targets, maps, perturb_baseline=0.0)
    found = variation.score(net, x, targets, maps, metric="faithfulness_estimate", grid=8)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_infidelity_of_one_square_as_large_as_the_picture(net, data, theirs):
    x, targets, maps = data
    expected = theirs("Infidelity", net, x, targets, maps, perturb_patch_sizes=[8], perturb_baseline=0.0)
    settings = {"metric": "infidelity", "draws": 1, "perturbation": "square", "side": 8}
    np.testing.assert_allclose(variation.score(net, x, targets, maps, **settings), expected, rtol=1e-4)


def test_infidelity_of_a_linear_models_gradient_is_nothing(data, theirs):
    x, targets, _ = data
    weights = torch.randn(3, PIXELS, generator=torch.Generator().manual_seed(2))
    net, maps = linear(weights), weights[targets].view_as(x)
    expected = theirs("Infidelity", net, x, targets, maps, perturb_patch_sizes=[2, 4], perturb_baseline=0.0)
    found = variation.score(net, x, targets, maps, metric="infidelity", perturbation="square", side=3)
    assert expected.max() < 1e-9
    assert found.max() < 1e-9


def test_quantus_infidelity_removes_squares_on_top_of_each_other_and_repeats_itself(net, data, theirs):
    """The paper draws each perturbation of the intact input; Quantus draws none, and keeps what went before."""
    x, targets, maps = data
    settings = {"perturb_patch_sizes": [4], "perturb_baseline": 0.0}
    found, inputs = passed(net, lambda: theirs("Infidelity", net, x, targets, maps, n_perturb_samples=2, **settings))
    once = theirs("Infidelity", net, x, targets, maps, n_perturb_samples=1, **settings)
    np.testing.assert_array_equal(found, once)
    perturbed = inputs[ITEMS:].view(2, 4, *x.shape)
    assert torch.equal(perturbed[0], perturbed[1])
    assert [int((part == 0).sum()) for part in perturbed[0, :, 0]] == [16, 32, 48, 64]
    settings = {"metric": "infidelity", "draws": 10, "perturbation": "square", "side": 4}
    _, inputs = passed(net, lambda: variation.score(net, x, targets, maps, **settings))
    assert set((inputs == 0).flatten(1).sum(1).tolist()) == {0, 16}


def test_sensitivity_n_holds_for_a_linear_model_but_not_in_quantus(data, theirs):
    """Quantus correlates over the items of the first batch, and sums of one step with drops of all steps before."""
    x, targets, _ = data
    weights = torch.randn(3, PIXELS, generator=torch.Generator().manual_seed(2))
    net, maps = linear(weights), weights[targets].view_as(x) * x
    found = variation.score(net, x, targets, maps, metric="sensitivity_n", sizes=(1, 0.1, 0.5))
    np.testing.assert_allclose(found, 1, rtol=1e-4)
    settings = {"perturb_baseline": 0.0, "return_aggregate": False}
    values = theirs("SensitivityN", net, x, targets, maps, softmax=False, **settings)
    assert values.shape == (int(0.8 * PIXELS),)  # one a step, none an item
    sums = np.sort(maps.flatten(1).double().numpy())[:, ::-1]
    expected = [np.corrcoef(sums[:, step], sums[:, : step + 1].sum(1))[0, 1] for step in range(len(values))]
    np.testing.assert_allclose(values, expected, rtol=1e-3)
    assert values.min() < 0.9
    cut = theirs("SensitivityN", net, x, targets, maps, softmax=False, batch_size=3, **settings)
    assert not np.allclose(values, cut)


def test_road_with_the_same_shares(net, data, theirs, monkeypatch):
    monkeypatch.setattr(imputation, "ROAD_NOISE", 0.0)
    x, targets, maps = data
    expected = theirs("ROAD", net, x, targets, maps, percentages=[25, 50, 75], noise=0.0)
    found = {
        percent: variation.score(net, x, targets, maps, metric="road", shares=[percent / 100]).mean()
        for percent in (25, 50, 75)
    }
    assert found == pytest.approx(expected)


def test_road_fills_gaps_alike(quantus, data):
    x, _, maps = data
    order = (-maps).flatten(1).argsort(1)
    items = zip(x.numpy(), order[:, :40].numpy(), strict=True)
    filled = np.stack([quantus.noisy_linear_imputation(item, indices, noise=0) for item, indices in items])
    gaps = torch.zeros(ITEMS, PIXELS, dtype=torch.bool).scatter_(1, order[:, :40], True).view(ITEMS, 8, 8)
    np.testing.assert_allclose(imputation.interpolate(x, gaps), filled, atol=1e-4)


def test_quantus_road_keeps_the_first_batch_alone_and_knows_no_colours(net, data, theirs):
    x, targets, maps = data
    settings = {"percentages": [50], "noise": 0.0}
    of_all = theirs("ROAD", net, x, targets, maps, batch_size=1, **settings)
    assert of_all == theirs("ROAD", net, x[:1], targets[:1], maps[:1], **settings)
    coloured = x.expand(-1, 3, -1, -1).contiguous()
    with pytest.raises(IndexError):
        theirs("ROAD", network(3), coloured, targets, torch.randn(coloured.shape), **settings)
    found = variation.score(network(3), coloured, targets, torch.randn(coloured.shape), metric="road", shares=[0.5])
    assert found.shape == (ITEMS,)


# Complexity


@pytest.mark.parametrize(("name", "metric"), [("Sparseness", "gini"), ("Complexity", "entropy")])
def test_complexity(name, metric, net, data, theirs):
    x, targets, maps = data
    expected = theirs(name, net, x, targets, maps)
    np.testing.assert_allclose(variation.score(net, x, targets, maps, metric=metric), expected, rtol=1e-5)


def test_quantus_sparseness_depends_on_the_other_items(net, data, theirs):
    """It adds 1e-7 to maps that were divided by the largest value of the batch; the index itself has no scale."""
    x, targets, maps = data
    maps = maps[:1] * torch.tensor([1e-7, 1.0])[:, None, None, None]
    x, targets = x[:1].repeat(2, 1, 1, 1), targets[:1].repeat(2)
    found, other = (variation.score(net, x, targets, maps, metric="gini"), theirs("Sparseness", net, x, targets, maps))
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)
    assert other[0] < 0.8 * other[1]


@pytest.mark.parametrize(("name", "metric"), [("Sparseness", "gini"), ("Complexity", "entropy")])
def test_quantus_changes_the_callers_maps(name, metric, quantus, net, data):
    x, targets, maps = data
    maps = maps.abs().numpy()
    before = maps.copy()
    variation.score(net, x, targets, maps, metric=metric)
    np.testing.assert_array_equal(maps, before)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        getattr(quantus, name)(abs=False, normalise=False)(net, x.numpy(), targets.numpy(), maps)
    assert (maps != before).any()


# Localisation

LOCALISATION = [
    ("PointingGame", "pointing_game", {}),
    ("RelevanceMassAccuracy", "relevance_mass", {}),
    ("RelevanceRankAccuracy", "relevance_rank", {}),
    ("TopKIntersection", "topk_intersection", {"k": 12}),
    ("AUC", "attribution_auc", {}),
]


@pytest.mark.parametrize(("name", "metric", "params"), LOCALISATION)
def test_localisation_of_positive_maps(name, metric, params, net, data, masks, theirs):
    x, targets, maps = data
    expected = theirs(name, net, x, targets, maps.abs(), masks, **params)
    found = variation.score(net, x, targets, maps.abs(), metric=metric, masks=masks, **params)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize(("name", "metric", "params"), [one for one in LOCALISATION if one[1] != "relevance_mass"])
def test_localisation_of_signed_maps(name, metric, params, net, data, masks, theirs):
    x, targets, maps = data
    expected = theirs(name, net, x, targets, maps, masks, **params)
    found = variation.score(net, x, targets, maps, metric=metric, masks=masks, **params)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_quantus_relevance_mass_adds_negative_relevance(net, data, masks, theirs):
    """A share of a sum with both signs is none: it leaves [0, 1], and its divisor may be anywhere around 0."""
    x, targets, maps = data
    other = theirs("RelevanceMassAccuracy", net, x, targets, maps, masks)
    found = variation.score(net, x, targets, maps, metric="relevance_mass", masks=masks)
    assert ((other < 0) | (other > 1)).any()
    assert ((found >= 0) & (found <= 1)).all()


def test_pointing_game_with_two_highest_pixels(net, data, masks, theirs):
    x, targets, maps = data
    maps[0, 0, 0, 0] = maps[0, 0, 3, 3] = 9
    assert theirs("PointingGame", net, x, targets, maps, masks)[0] == 1
    assert variation.score(net, x, targets, maps, metric="pointing_game", masks=masks)[0] == 0.5


def test_a_constant_map_is_a_hit_in_quantus_and_undefined_here(net, data, masks, theirs):
    """Quantus refuses it where it is alone, not where another item's map stands beside it."""
    x, targets, maps = data
    maps[0] = 3
    for name, metric, chance in [("PointingGame", "pointing_game", 1), ("AUC", "attribution_auc", 0.5)]:
        with pytest.raises(AssertionError, match="uniformly distributed"):
            theirs(name, net, x[:1], targets[:1], maps[:1], masks[:1])
        assert theirs(name, net, x, targets, maps, masks)[0] == chance
        found = variation.score(net, x, targets, maps, metric=metric, masks=masks)
        np.testing.assert_array_equal(np.isnan(found), [True, False, False, False])


def test_an_empty_mask_is_a_hit_in_quantus_and_an_error_here(net, data, masks, theirs):
    """Its NaN is written into an array of booleans, where it is true."""
    x, targets, maps = data
    masks[1] = False
    assert theirs("PointingGame", net, x, targets, maps, masks)[1] == 1
    with pytest.raises(BinomeError, match="empty mask"):
        variation.score(net, x, targets, maps, metric="pointing_game", masks=masks)


# Robustness

ROBUSTNESS = [
    ("MaxSensitivity", "max_sensitivity", {}, {}),
    ("AvgSensitivity", "average_sensitivity", {}, {}),
    ("LocalLipschitzEstimate", "lipschitz", {"normalise": False}, {}),
    ("RelativeInputStability", "relative_input_stability", {}, {}),
    ("RelativeOutputStability", "relative_output_stability", {}, {}),
    ("RelativeRepresentationStability", "relative_representation_stability", {"layer_names": ["4"]}, {"layer": "4"}),
]


def draws(net, x, targets, radius):
    """Ten perturbed copies of the items, as Binome draws them."""
    options = {"metric": "prediction_kept", "radius": radius}
    kept, inputs = passed(net, lambda: variation.score(net, x, targets, x, **options))
    return kept, inputs[ITEMS:].view(10, *x.shape)


def injected(perturbed):
    """The same draws for Quantus, one after the other."""
    parts = iter(perturbed.flatten(2).numpy())
    return {"perturb_func": lambda arr, **_: next(parts), "nr_samples": len(perturbed)}


@pytest.mark.parametrize(("name", "metric", "other", "own"), ROBUSTNESS)
def test_robustness_on_the_same_draws(name, metric, other, own, net, data, theirs):
    x, targets, _ = data
    kept, perturbed = draws(net, x, targets, 0.02)
    assert (kept == 1).all()
    maps = bent(net, x, targets)
    expected = theirs(name, net, x, targets, maps, explainer=bent, **injected(perturbed), **other)
    found = variation.score(net, x, targets, maps, metric=metric, method=bent, **own)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_one_draw_that_changes_the_prediction(data, theirs):
    """Here it is left out; the relative stabilities of Quantus lose the item, its sensitivities count the draw."""
    net, (x, targets, _) = linear(torch.randn(3, PIXELS, generator=torch.Generator().manual_seed(2))), data
    kept, perturbed = draws(net, x, targets, 0.9)
    some = (kept > 0) & (kept < 1)
    assert some.any()
    maps = bent(net, x, targets)
    lost = theirs("RelativeOutputStability", net, x, targets, maps, explainer=bent, **injected(perturbed))
    assert np.isnan(lost[some]).all()
    counted = theirs("MaxSensitivity", net, x, targets, maps, explainer=bent, **injected(perturbed))
    options = {"method": bent, "radius": 0.9}
    for metric in ("relative_output_stability", "max_sensitivity"):
        assert np.isfinite(variation.score(net, x, targets, maps, metric=metric, **options)[some]).all()
    ratios = (bent(net, perturbed, None) - maps).flatten(2).norm(dim=2) / maps.flatten(1).norm(dim=1)
    np.testing.assert_allclose(counted, ratios.amax(0), rtol=1e-4)
    with torch.no_grad():
        same = net(perturbed.flatten(0, 1)).argmax(1).view(10, ITEMS) == net(x).argmax(1)
    expected = ratios.masked_fill(~same, 0).amax(0)
    np.testing.assert_allclose(
        variation.score(net, x, targets, maps, metric="max_sensitivity", **options), expected, rtol=1e-4
    )


def test_relative_stability_where_the_map_is_zero(net, data, theirs):
    """A millionth in place of a zero decides the whole norm; here zeros have no relative change."""

    def sparse(module, inputs, targets):
        return (inputs - 0.7).clamp_min(0)

    x, targets, _ = data
    _, perturbed = draws(net, x, targets, 0.02)
    maps = sparse(net, x, targets)
    other = theirs("RelativeInputStability", net, x, targets, maps, explainer=sparse, **injected(perturbed))
    found = variation.score(net, x, targets, maps, metric="relative_input_stability", method=sparse)
    assert (other > 100 * found).any()


def test_quantus_lipschitz_estimate_depends_on_the_other_items(net, data, theirs):
    """Maps are divided by the largest value of their batch, those of the draws by another one."""
    x, targets, _ = data
    _, perturbed = draws(net, x, targets, 0.02)
    maps = bent(net, x, targets)
    whole, alone = (
        theirs("LocalLipschitzEstimate", net, x[part], targets[part], maps[part], explainer=bent,
               **injected(perturbed[:, part]))[0]
        for part in (slice(None), slice(1))
    )  # fmt: skip
    assert whole != pytest.approx(alone, rel=0.01)
    found = [
        variation.score(net, x[part], targets[part], maps[part], metric="lipschitz", method=bent)[0]
        for part in (slice(None), slice(1))
    ]
    assert found[0] == pytest.approx(found[1])


def test_quantus_relative_stabilities_only_ever_brighten(quantus, net, data):
    x, targets, _ = data
    perturb = quantus.RelativeInputStability(disable_warnings=True).perturb_func
    moved = perturb(arr=np.zeros((2, PIXELS)), indices=np.tile(np.arange(PIXELS), (2, 1)))
    assert moved.min() >= 0.02
    _, perturbed = draws(net, x, targets, 0.2)
    assert abs(float((perturbed - x).mean())) < 0.02


# Randomisation


class Known(nn.Linear):
    """Draws the values that Binome's cascade draws."""

    path = ""

    def reset_parameters(self):
        if not self.path:
            super().reset_parameters()
            return
        for name, parameter in self.named_parameters():
            seed = derive_seed(0, "weights", f"{self.path}.{name}")
            redraw(parameter, torch.Generator().manual_seed(seed))


@pytest.fixture
def known():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), Known(PIXELS, 16), nn.Tanh(), Known(16, 8), nn.Tanh(), Known(8, 2)).eval()
    for name, part in net.named_modules():
        if isinstance(part, Known):
            part.path = name
    return net


def test_mprt_with_the_same_weights(known, data, theirs):
    x, targets, _ = data
    targets, method = targets % 2, "input_x_gradient"
    maps = explain.attribute(known, x, targets, method)
    other = theirs("MPRT", known, x, targets, maps, explainer=method)
    found = variation.score(known, x, targets, maps, metric="mprt", method=method, layers=None)
    assert list(other) == ["original", "5", "3", "1"]
    np.testing.assert_allclose(found, np.mean([other[layer] for layer in "531"], axis=0), rtol=1e-4)


def test_quantus_average_correlation_counts_the_intact_model(known, data, theirs):
    x, targets, _ = data
    targets, method = targets % 2, "input_x_gradient"
    maps = explain.attribute(known, x, targets, method)
    average = theirs("MPRT", known, x, targets, maps, explainer=method, return_average_correlation=True)
    found = variation.score(known, x, targets, maps, metric="mprt", method=method, layers=None)
    np.testing.assert_allclose(average, (1 + 3 * found) / 4, rtol=1e-4)


def test_quantus_randomises_layers_of_one_shape_alike_and_leaves_tokens(quantus):
    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.token = nn.Parameter(torch.ones(8))
            self.first, self.second, self.norm = nn.Linear(8, 8), nn.Linear(8, 8), nn.LayerNorm(8)

        def forward(self, inputs):
            return self.second(self.norm(self.first(inputs + self.token)))

    from quantus.helpers.model.pytorch_model import PyTorchModel

    module = Tokens()
    *_, (_, last) = PyTorchModel(module).get_random_layer_generator()
    assert torch.equal(last.first.weight, last.second.weight)
    assert torch.equal(last.token, module.token)
    assert torch.equal(last.norm.weight, torch.ones(8))
    steps = steps_of(module, torch.ones(1, 8))
    *_, (_, drawn) = cascade(module, steps, None, 0)
    assert not torch.equal(drawn.first.weight, drawn.second.weight)
    assert not torch.equal(drawn.token, module.token)
    assert not torch.equal(drawn.norm.weight, torch.ones(8))


def test_efficient_mprt_with_the_same_weights(known, data, theirs):
    x, targets, _ = data
    targets, method = targets % 2, "input_x_gradient"
    maps = explain.attribute(known, x, targets, method)
    expected = theirs("EfficientMPRT", known, x, targets, maps, explainer=method, complexity_func_kwargs={"n_bins": 20})
    found = variation.score(known, x, targets, maps, metric="efficient_mprt", method=method, bins=20)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_random_logit_of_two_classes(quantus, known, data, theirs):
    x, targets, _ = data
    targets, method = targets % 2, "input_x_gradient"
    maps = explain.attribute(known, x, targets, method)
    ranked = {"similarity_func": quantus.correlation_spearman, "abs": True}
    expected = theirs("RandomLogit", known, x, targets, maps, explainer=method, num_classes=2, **ranked)
    found = variation.score(known, x, targets, maps, metric="random_logit", method=method)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_quantus_similarity_of_pictures_is_of_rows_of_pixels(known, data, theirs):
    """Maps are flattened before their structural similarity is asked for: a window sees no neighbour above or below."""
    x, targets, _ = data
    targets, method = targets % 2, "input_x_gradient"
    maps, others = (explain.attribute(known, x, classes, method) for classes in (targets, 1 - targets))
    expected = theirs("RandomLogit", known, x, targets, maps, explainer=method, num_classes=2, normalise=False)
    flat = [(a.flatten().numpy(), b.flatten().numpy()) for a, b in zip(maps, others, strict=True)]
    rows = [skimage.metrics.structural_similarity(a, b, data_range=np.ptp([a, b])) for a, b in flat]
    np.testing.assert_allclose(expected, rows, rtol=1e-4)
    found = variation.score(known, x, targets, maps, metric="random_logit", method=method, similarity="ssim")
    assert not np.allclose(found, expected, atol=0.02)


# Axioms


def test_completeness_where_sums_are_exact(data, theirs):
    """With whole numbers there is no rounding; even so Quantus says no unless told not to rescale the maps."""
    _, targets, _ = data
    weights = torch.randint(-4, 5, (3, PIXELS), generator=torch.Generator().manual_seed(2)).float()
    x = torch.randint(0, 9, (ITEMS, 1, 8, 8), generator=torch.Generator().manual_seed(3)).float()
    net, maps = linear(weights), weights[targets].view_as(x) * x
    assert (variation.score(net, x, targets, maps, metric="completeness_gap") == 0).all()
    assert theirs("Completeness", net, x, targets, maps, perturb_baseline=0.0, normalise=False).all()
    assert not theirs("Completeness", net, x, targets, maps, perturb_baseline=0.0).any()
    wrong = maps + 1
    np.testing.assert_allclose(variation.score(net, x, targets, wrong, metric="completeness_gap"), PIXELS)
    assert not theirs("Completeness", net, x, targets, wrong, perturb_baseline=0.0, normalise=False).any()


def test_quantus_completeness_takes_rounding_for_failure(net, data, theirs):
    x, targets, _ = data
    maps = explain.attribute(net, x, targets, "integrated_gradients", steps=512)
    assert variation.score(net, x, targets, maps, metric="completeness_gap").max() < 1e-3
    assert not theirs("Completeness", net, x, targets, maps, perturb_baseline=0.0, normalise=False).all()


@pytest.mark.parametrize(("method", "holds"), [("saliency", True), ("input_x_gradient", False)])
def test_input_invariance_without_a_border_and_blind_to_the_first_pixel(method, holds, data, theirs):
    net, (x, targets, _) = blind(network(1, padding=0), [0]), data
    maps = explain.attribute(net, x, targets, method)
    said = theirs("InputInvariance", net, x, targets, maps, explainer=method)
    found = variation.score(net, x, targets, maps, metric="input_shift_invariance", method=method)
    assert (said == holds).all()
    assert ((found < 1e-4) == holds).all()


def test_quantus_input_invariance_does_not_shift_the_first_pixel(data, theirs):
    net, (x, targets, _) = network(1, padding=0), data
    seen = []

    def gradient(module, inputs, targets):
        seen.append(inputs)
        return explain.attribute(module, inputs, targets, "saliency")

    maps = gradient(net, x, targets)
    said = theirs("InputInvariance", net, x, targets, maps, explainer=gradient)
    assert torch.equal(seen[-1][0].flatten()[:1], x[0].flatten()[:1])
    np.testing.assert_allclose(seen[-1][0].flatten()[1:], x[0].flatten()[1:] - 1, rtol=1e-5)
    assert not said.all()
    found = variation.score(net, x, targets, maps, metric="input_shift_invariance", method="saliency")
    assert (found < 1e-4).all()


def test_quantus_input_invariance_fails_at_borders(data, theirs):
    """It takes the shift off by the first layer's bias, which cannot know the border of zeros around a picture."""
    net, (x, targets, _) = blind(network(1), [0, 1, 8, 9]), data
    maps = explain.attribute(net, x, targets, "saliency")
    assert not theirs("InputInvariance", net, x, targets, maps, explainer="saliency").all()
    found = variation.score(net, x, targets, maps, metric="input_shift_invariance", method="saliency")
    assert (found < 1e-4).all()


def blind(net, places):
    """The network without what its convolution says at some places."""
    with torch.no_grad():
        net[3].weight.view(8, 3, -1)[:, :, places] = 0
    return net
