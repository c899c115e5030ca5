import numpy as np
import pytest
import torch
from captum.metrics import infidelity as of_captum
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from binome import explain, variation
from binome.core import BinomeError
from binome.variation.scoring import score_all


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(98, 12), nn.ReLU(), nn.Linear(12, 3)).double()


@pytest.fixture
def data():
    generator = torch.Generator().manual_seed(1)
    x = 0.2 + torch.rand(3, 2, 7, 7, generator=generator, dtype=torch.float64)
    return x, torch.tensor([0, 1, 2]), torch.randn(3, 2, 7, 7, generator=generator, dtype=torch.float64)


def passed(net, run):
    """What `run` returns, and every input that went through the module meanwhile, in the order of the passes."""
    seen = []
    handle = net.register_forward_pre_hook(lambda _, given: seen.append(given[0].clone()))
    try:
        return run(), torch.cat(seen)
    finally:
        handle.remove()


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("perturbation", ["noise", "noisy_baseline", "square"])
def test_against_captum_on_the_same_perturbations(net, data, perturbation, scaled):
    x, targets, maps = data
    settings = {"metric": "infidelity", "draws": 5, "perturbation": perturbation, "scaled": scaled}
    found, inputs = passed(net, lambda: variation.score(net, x, targets, maps, imputer="mean", **settings))
    perturbed = next(part for part in (inputs[:15], inputs[-15:]) if not torch.equal(part[:3], x)).view(5, *x.shape)
    # Captum asks for the perturbations of all samples of an item in a row.
    rows = perturbed.transpose(0, 1).flatten(0, 1)
    expected = of_captum(
        net, lambda given: (given - rows, rows), x, maps, target=targets, n_perturb_samples=5, normalize=scaled
    )
    np.testing.assert_allclose(found, expected.numpy())


def test_the_drawn_noise_has_the_declared_size(net, data):
    x, targets, maps = data
    settings = {"metric": "infidelity", "draws": 40, "scale": 0.3}
    _, inputs = passed(net, lambda: variation.score(net, x, targets, maps, **settings))
    noise = (inputs[:120].view(40, *x.shape) - x).transpose(0, 1).flatten(1)
    spread = x.flatten(1).amax(1) - x.flatten(1).amin(1)
    torch.testing.assert_close(noise.std(1), 0.3 * spread, rtol=0.06, atol=0)
    assert abs(float(noise.mean())) < 0.01


def test_squares_lie_anywhere_within_the_picture(net, data):
    x, targets, maps = data
    settings = {"metric": "infidelity", "draws": 60, "perturbation": "square", "side": 3, "imputer": 9.0}
    _, inputs = passed(net, lambda: variation.score(net, x, targets, maps, **settings))
    gone = (inputs[:180] == 9).all(1)
    assert (gone.flatten(1).sum(1) == 9).all()
    assert (gone.any(2).sum(1) == 3).all()
    assert (gone.any(1).sum(1) == 3).all()
    assert gone.any(0).all()  # corners included


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["noise", "noisy_baseline", "square"]))
def test_a_linear_models_gradient_is_faultless(seed, perturbation):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Flatten(), nn.Linear(50, 3)).double()
    x, targets = torch.rand(4, 2, 5, 5).double(), torch.tensor([0, 1, 2, 0])
    gradient = net[1].weight[targets].view_as(x).detach()
    settings = {"metric": "infidelity", "draws": 8, "perturbation": perturbation}
    np.testing.assert_allclose(variation.score(net, x, targets, gradient, **settings), 0, atol=1e-25)
    # A map twice as large errs by the drop itself; scaled, it does not err.
    scaled = variation.score(net, x, targets, -3 * gradient, scaled=True, **settings)
    np.testing.assert_allclose(scaled, 0, atol=1e-25)
    assert (variation.score(net, x, targets, 2 * gradient, **settings) > 1e-8).all()


def test_shares_of_a_linear_model_are_faultless_where_squares_go(data):
    x, targets, _ = data
    net = nn.Sequential(nn.Flatten(), nn.Linear(98, 3)).double()
    maps = explain.attribute(net, x, targets, "input_x_gradient")
    settings = {"metric": "infidelity", "perturbation": "square", "draws": 10}
    np.testing.assert_allclose(variation.score(net, x, targets, maps, unit="share", **settings), 0, atol=1e-25)
    assert (variation.score(net, x, targets, maps, **settings) > 1e-6).all()


def test_sign_and_scale_matter_and_are_not_made_absolute(net, data):
    x, targets, maps = data
    values = [variation.score(net, x, targets, factor * maps, metric="infidelity") for factor in (1, -1, 2)]
    assert not np.allclose(values[0], values[1])
    assert not np.allclose(values[0], values[2])


def test_many_explanations_share_the_passes_and_get_what_they_get_alone(net, data):
    x, targets, maps = data
    many = {str(i): maps.roll(i, -1) * (i + 1) for i in range(8)}
    settings = {"draws": 20}
    found, inputs = passed(net, lambda: score_all(net, x, targets, many, {"infidelity": ("infidelity", settings)}))
    assert len(inputs) == 3 * 21
    for name, own in many.items():
        alone = variation.score(net, x, targets, own, metric="infidelity", **settings)
        np.testing.assert_allclose(found["infidelity", name], alone, rtol=1e-12)


def test_unchanged_items_are_undefined_and_constant_maps_are_not(net, data):
    x, targets, maps = data
    x = x.clone()
    x[1] = 0
    for perturbation in ("noise", "square"):
        found = variation.score(net, x, targets, maps, metric="infidelity", perturbation=perturbation)
        assert np.isnan(found).tolist() == [False, True, False]
    zeros = variation.score(net, x, targets, torch.zeros_like(maps), metric="infidelity")
    assert np.isfinite(zeros[[0, 2]]).all()
    scaled = variation.score(net, x, targets, torch.zeros_like(maps), metric="infidelity", scaled=True)
    assert np.isnan(scaled).all()


def test_labels():
    assert variation.label("infidelity", perturbation="square", imputer="blur") == "infidelity (square, blur)"


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"draws": 0}, "draws is 0"),
        ({"perturbation": "cut"}, "perturbation is 'cut'"),
        ({"scale": 0.0}, "scale is 0.0"),
        ({"unit": "pixel"}, "unit is 'pixel'"),
        ({"unit": "share"}, "set perturbation: square"),
        ({"perturbation": "square", "side": 8}, "give 1 to 7"),
        ({"output": "odds"}, "output is 'odds'"),
    ],
)
def test_bad_parameters_are_refused(net, data, params, says):
    with pytest.raises(BinomeError, match=says):
        variation.score(net, *data, metric="infidelity", **params)


def test_squares_refuse_case_files():
    settings = {"metric": "infidelity", "perturbation": "square"}
    with pytest.raises(BinomeError, match="squares are of pictures"):
        variation.score(nn.Linear(5, 2), torch.rand(3, 5), [0, 1, 0], torch.randn(3, 5), **settings)
