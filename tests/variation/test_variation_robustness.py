import math
import warnings

import numpy as np
import pytest
import torch
from captum.metrics import sensitivity_max
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from binome import explain, variation
from binome.core import BinomeError, derive_seed
from binome.testing import check_metric
from binome.variation.scoring import score_all

SIX = [
    "max_sensitivity", "average_sensitivity", "lipschitz", "relative_input_stability", "relative_output_stability",
    "relative_representation_stability",
]  # fmt: skip
NONE_KEPT = pytest.approx(math.nan, nan_ok=True)


def small_net(outputs=3, seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(18, 8), nn.Tanh(), nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, outputs))


@pytest.fixture
def net():
    return small_net(seed=4).double()


@pytest.fixture
def data(net):
    x = torch.rand(4, 2, 3, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    x[0, 0, 0, 0] = x[2, 1, 1, 1] = 0
    return x, torch.tensor([0, 1, 2, 0])


def maps_of(net, x, targets, method="input_x_gradient", **options):
    return explain.attribute(net, x, targets, method, **options)


def delta(x, draw, radius, *, key, seed=0):
    generator = torch.Generator().manual_seed(derive_seed(derive_seed(seed, key), "nearby", draw))
    return (2 * torch.rand(x.shape, generator=generator).double() - 1) * radius


def norm(values):
    return math.sqrt(sum(v * v for v in values))


def percent(values, reference):
    """Relative change, one element at a time."""
    pairs = zip(values.flatten().tolist(), reference.flatten().tolist(), strict=True)
    return norm([(value - base) / base for value, base in pairs if base != 0])


def replica(net, x, target, *, key, draws, radius, method="input_x_gradient", least=1e-6, seed=0):
    """All metrics of one item, one draw and one pass at a time, in plain numbers."""

    def answer(value):
        inside = net[:5](value[None])
        return net(value[None])[0].detach(), inside[0].detach()

    def explanation(value):
        return explain.attribute(net, value[None], [target], method, keys=[key])[0]

    own, (logits, inside) = explanation(x), answer(x)
    kept, found = 0, {name: [] for name in SIX}
    for draw in range(draws):
        step = delta(x, draw, radius, key=key, seed=seed)
        there, inside_there = answer(x + step)
        if int(there.argmax()) != int(logits.argmax()):
            continue
        kept += 1
        moved = explanation(x + step)
        change, relative = norm((moved - own).flatten().tolist()), percent(moved, own)
        found["max_sensitivity"].append(change / norm(own.flatten().tolist()))
        found["average_sensitivity"].append(change / norm(own.flatten().tolist()))
        found["lipschitz"].append(change / norm(step.flatten().tolist()))
        found["relative_input_stability"].append(relative / max(percent(x + step, x), least))
        found["relative_output_stability"].append(relative / max(norm((there - logits).tolist()), least))
        found["relative_representation_stability"].append(relative / max(percent(inside_there, inside), least))
    values = {name: max(rows) if rows else math.nan for name, rows in found.items()}
    rows = found["average_sensitivity"]
    values["average_sensitivity"] = sum(rows) / len(rows) if rows else math.nan
    return values | {"prediction_kept": kept / draws}


@pytest.mark.parametrize("radius", [0.02, 0.8])
def test_all_against_one_draw_at_a_time(net, data, radius):
    x, targets = data
    expected = [replica(net, x[i], int(targets[i]), key=i, draws=7, radius=radius, seed=3) for i in range(4)]
    maps = maps_of(net, x, targets)
    for name in [*SIX, "prediction_kept"]:
        for batch_size in (256, 6, 1):
            found = variation.score(
                net, x, targets, maps, name, 3, method="input_x_gradient", draws=7, radius=radius, batch_size=batch_size
            )
            np.testing.assert_allclose(found, [row[name] for row in expected], rtol=1e-7, err_msg=name)
    if radius == 0.8:
        assert any(0 < row["prediction_kept"] < 1 for row in expected)


def test_max_sensitivity_against_captum(net, data):
    x, targets = data

    def perturb(inputs):  # five copies of each item in a row
        steps = [delta(x[i], draw, 0.02, key=i) for i in range(4) for draw in range(5)]
        return inputs + torch.stack(steps)

    def saliency(inputs, target):
        maps = explain.attribute(net, inputs[0] if isinstance(inputs, tuple) else inputs, target, "input_x_gradient")
        return (maps,)

    expected = sensitivity_max(saliency, x, perturb, n_perturb_samples=5, norm_ord="fro", target=targets)
    kept = variation.score(net, x, targets, maps_of(net, x, targets), "prediction_kept", draws=5)
    assert (kept == 1).all()  # Captum counts all draws
    found = variation.score(
        net, x, targets, maps_of(net, x, targets), "max_sensitivity", method="input_x_gradient", draws=5
    )
    np.testing.assert_allclose(found, expected, rtol=1e-9)


QUANTUS = {
    "max_sensitivity": ("MaxSensitivity", {}, {}),
    "average_sensitivity": ("AvgSensitivity", {}, {}),
    "lipschitz": ("LocalLipschitzEstimate", {"normalise": False}, {}),
    "relative_input_stability": ("RelativeInputStability", {}, {}),
    "relative_output_stability": ("RelativeOutputStability", {}, {}),
    "relative_representation_stability": ("RelativeRepresentationStability", {"layer_names": ["2"]}, {"layer": "2"}),
}
"""Its class and options where it follows the paper, and ours."""


def test_against_quantus(data):
    """On inputs and maps without zeros, and draws that all keep the prediction: elsewhere it leaves its papers."""
    x, targets = data
    x, net = x.clamp_min(0.01).float(), small_net(seed=4).eval()
    maps = maps_of(net, x, targets)
    assert (variation.score(net, x, targets, maps, "prediction_kept", draws=5) == 1).all()

    def explained(model, inputs, targets, **_):
        arrays = (torch.as_tensor(np.asarray(values)) for values in (inputs, targets))
        return explain.attribute(model, *arrays, "input_x_gradient").numpy()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import quantus

        for name, (theirs, options, ours) in QUANTUS.items():
            metric = getattr(quantus, theirs)(nr_samples=5, disable_warnings=True, **options)
            draws = iter(range(5))

            def perturb(arr, draws=draws, **_):
                draw = next(draws)
                steps = torch.stack([delta(x[i], draw, 0.02, key=i).flatten() for i in range(4)])
                return arr + steps.float().numpy()

            metric.perturb_func = perturb
            expected = metric(
                model=net, x_batch=x.numpy(), y_batch=targets.numpy(), a_batch=maps.numpy(), explain_func=explained,
                softmax=False, channel_first=True,
            )  # fmt: skip
            found = variation.score(net, x, targets, maps, name, method="input_x_gradient", draws=5, **ours)
            np.testing.assert_allclose(found, expected, rtol=1e-5, err_msg=name)


def test_the_gradient_of_a_linear_model_never_changes(data):
    x, targets = data
    torch.manual_seed(0)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(18, 3)).double()
    maps = maps_of(linear, x, targets, "saliency")
    for name in SIX:
        assert variation.score(linear, x, targets, maps, name, method="saliency").tolist() == [0, 0, 0, 0], name


def test_input_times_gradient_of_a_linear_model_in_closed_form(data):
    """Φ = w ∘ x: its change is w ∘ δ, and its relative change that of the input."""
    x, targets = data
    torch.manual_seed(0)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(18, 3)).double()
    maps = maps_of(linear, x, targets)
    options = {"method": "input_x_gradient", "draws": 4, "radius": 1e-3}
    found = {name: variation.score(linear, x, targets, maps, name, **options) for name in SIX}
    for i, target in enumerate(targets):
        weight, flat = linear[1].weight[target].detach(), x[i].flatten()
        steps = torch.stack([delta(x[i], draw, 1e-3, key=i).flatten() for draw in range(4)])
        shares = (weight * steps).norm(dim=1) / (weight * flat).norm()
        assert found["max_sensitivity"][i] == pytest.approx(shares.max().item(), rel=1e-6)
        assert found["average_sensitivity"][i] == pytest.approx(shares.mean().item(), rel=1e-6)
        assert found["lipschitz"][i] == pytest.approx(
            ((weight * steps).norm(dim=1) / steps.norm(dim=1)).max().item(), rel=1e-6
        )
        assert found["relative_input_stability"][i] == pytest.approx(1, rel=1e-6)


class Flips(nn.Module):
    """Class 1 where the first value is above .5; its only gradient is that of a square."""

    def forward(self, x):
        return torch.stack([x[:, 1] ** 2, x[:, 1] ** 2 + (x[:, 0] - 0.5) * 10], 1)


def test_only_draws_that_keep_the_prediction_count():
    x = torch.tensor([[0.5 + 1e-9, 0.3], [0.9, 0.3], [0.5, 0.3]], dtype=torch.float64)
    net, targets = Flips(), [0, 0, 0]
    maps = maps_of(net, x, targets, "saliency")
    kept = variation.score(net, x, targets, maps, "prediction_kept", draws=40)
    signs = [[float(delta(x[i], d, 0.02, key=i)[0]) > 0 for d in range(40)] for i in range(3)]
    assert kept[0] == pytest.approx(sum(signs[0]) / 40)
    assert 0.2 < kept[0] < 0.8
    assert kept[1] == 1
    assert kept[2] == pytest.approx(1 - sum(signs[2]) / 40)
    largest = variation.score(net, x, targets, maps, "max_sensitivity", method="saliency", draws=40)
    for i in (0, 1):  # the gradient of class 0 is (0, 2 x₁)
        moves = [abs(float(delta(x[i], d, 0.02, key=i)[1])) / 0.3 for d in range(40) if i or signs[i][d]]
        assert largest[i] == pytest.approx(max(moves))


def test_an_item_whose_prediction_never_stays_is_undefined():
    class Only(nn.Module):  # class 1 nowhere but at the item itself
        def forward(self, x):
            at_home = (x == 0.25).all(1)
            return torch.stack([x[:, 0] ** 2, torch.where(at_home, 9.0, -9.0) + 0 * x[:, 0]], 1)

    x = torch.full((1, 3), 0.25, dtype=torch.float64)
    maps = torch.rand(1, 3)
    assert variation.score(Only(), x, [0], maps, "prediction_kept").tolist() == [0]
    for name in SIX[:5]:
        assert variation.score(Only(), x, [0], maps, name, method="saliency")[0] == NONE_KEPT, name


def test_every_draw_counts_for_an_estimate(data):
    x, _ = data
    net = small_net(outputs=1).double()
    maps = maps_of(net, x, [0] * 4)
    assert variation.score(net, x, [0] * 4, maps, "prediction_kept", radius=5.0).tolist() == [1] * 4
    assert np.isfinite(variation.score(net, x, [0] * 4, maps, "lipschitz", method="input_x_gradient")).all()


def test_constant_maps_are_undefined(net, data):
    x, targets = data
    maps = maps_of(net, x, targets).clone()
    maps[1], maps[2] = 0, 0.5
    for name in SIX:
        found = variation.score(net, x, targets, maps, name, method="input_x_gradient")
        assert np.isnan(found).tolist() == [False, True, True, False], name


def test_a_black_item_has_no_relative_change(net, data):
    x, targets = data
    maps = maps_of(net, x, targets, "saliency")
    x = x.clone()
    x[1] = 0
    found = variation.score(net, x, targets, maps, "relative_input_stability", method="saliency")
    assert np.isnan(found).tolist() == [False, True, False, False]


def test_least_is_the_lowest_divisor(net, data):
    """Where the divisor is far below it, the metric is the change of the map over `least`."""
    x, targets = data
    maps = maps_of(net, x, targets)
    options = {"method": "input_x_gradient", "draws": 3}
    found = [
        variation.score(net, x, targets, maps, name, least=100.0, **options)
        for name in ("relative_input_stability", "relative_output_stability")
    ]
    np.testing.assert_allclose(*found)
    np.testing.assert_allclose(
        found[0], 0.1 * variation.score(net, x, targets, maps, "relative_output_stability", least=10.0, **options)
    )


def test_what_the_explainer_draws_is_no_change(data):
    """A shuffled map of a constant gradient is shuffled alike at every draw."""
    x, targets = data
    torch.manual_seed(0)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(18, 3)).double()
    source = variation.Source("shuffled", {"of": "saliency"}, seed=7)
    keys = ["a", "b", "c", "d"]
    maps = maps_of(linear, x, targets, "shuffled", seed=7, keys=keys, of="saliency")
    assert variation.score(linear, x, targets, maps, "max_sensitivity", method=source, keys=keys).tolist() == [0] * 4
    other = variation.score(linear, x, targets, maps, "max_sensitivity", method=source, keys=keys[::-1])
    assert (other > 0).all()


def counted(net):
    """Inputs that go forward and backward through the module."""
    passes = {"forward": 0, "backward": 0}

    def forward(_, given, output):
        passes["forward"] += len(given[0])
        if output.requires_grad:
            output.register_hook(lambda gradient: passes.update(backward=passes["backward"] + len(gradient)))

    net.register_forward_hook(forward)
    return passes


def cost(names, explanations=1):
    net = small_net().double()
    x, targets = torch.rand(4, 2, 3, 3, dtype=torch.float64), [0, 1, 2, 0]
    maps = {str(i): maps_of(net, x, targets) for i in range(explanations)}
    sources = {name: variation.Source("input_x_gradient") for name in maps}
    passes = counted(net)
    score_all(net, x, targets, maps, {name: (name, {}) for name in names}, sources=sources)
    return passes


def test_six_metrics_cost_no_pass_more_than_one():
    alone = [cost([name]) for name in SIX]
    assert alone[0] == {"forward": 4 * (11 + 10), "backward": 4 * 10}
    assert all(one == alone[0] for one in alone)
    assert cost([*SIX, "prediction_kept"]) == alone[0]


def test_predictions_are_shared_by_all_explanations():
    assert cost(SIX, explanations=5) == {"forward": 4 * (11 + 5 * 10), "backward": 4 * 5 * 10}
    assert cost(["prediction_kept"], explanations=5) == {"forward": 4 * 11, "backward": 0}


def test_layers_by_name(net, data):
    x, targets = data
    maps = maps_of(net, x, targets)

    def score(**params):
        return variation.score(
            net, x, targets, maps, "relative_representation_stability", method="input_x_gradient", **params
        )

    np.testing.assert_allclose(score(layer="4"), score())  # the ReLU's output is what the last linear layer is given
    assert not np.allclose(score(layer="2"), score())
    with pytest.raises(BinomeError, match="no layer 'nine'"):
        score(layer="nine")


def test_a_module_without_linear_layers_has_no_penultimate_one():
    x = torch.rand(2, 2, dtype=torch.float64)
    maps = torch.rand(2, 2)
    with pytest.raises(BinomeError, match=r"calls no nn\.Linear"):
        variation.score(Flips(), x, [0, 1], maps, "relative_representation_stability", method="saliency")
    assert np.isfinite(variation.score(Flips(), x, [0, 1], maps, "max_sensitivity", method="saliency")).all()


def test_a_value_whose_scale_is_0_is_left_alone(data):
    torch.manual_seed(0)
    seen = []
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double()
    net.register_forward_hook(lambda _, given, __: seen.append(given[0].detach()))
    x = torch.tensor([[0.2, 3.0, 50.0]], dtype=torch.float64)
    maps = torch.rand(1, 3)
    variation.score(net, x, [0], maps, "lipschitz", method="saliency", radius=0.1, scale=[1, 0, 20.0])
    moved = (torch.cat(seen) - x).abs().amax(0)
    assert moved[1] == 0
    assert 0.05 < moved[0] <= 0.1
    assert 1 < moved[2] <= 2


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"draws": 0}, "draws"),
        ({"radius": 0}, "radius is 0"),
        ({"radius": "wide"}, "radius is 'wide'"),
        ({"scale": [0.0, 0.0, 0.0]}, "only 0"),
        ({"scale": [-1.0, 1.0, 1.0]}, "negative"),
        ({"scale": [1.0, 1.0]}, r"scale cannot be read .* shape \(2, 3, 3\)"),
    ],
)
def test_bad_parameters_are_refused(net, data, params, says):
    x, targets = data
    for name in ("max_sensitivity", "prediction_kept"):
        with pytest.raises(BinomeError, match=says):
            variation.score(net, x, targets, torch.rand_like(x), name, method="saliency", **params)


def test_least_must_be_above_0(net, data):
    x, targets = data
    with pytest.raises(BinomeError, match="least is 0"):
        variation.score(net, x, targets, torch.rand_like(x), "relative_input_stability", method="saliency", least=0)


@settings(max_examples=6, deadline=None)
@given(st.floats(-6, 6).map(lambda power: 10.0**power))
def test_units_of_the_logits(factor):
    """Logits times c: maps and outputs change by c, nothing else does."""
    x = torch.rand(3, 2, 3, 3, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    before, after = small_net().double(), small_net().double()
    with torch.no_grad():
        after[5].weight.mul_(factor)
        after[5].bias.mul_(factor)
    for name, ratio in zip(SIX, (1, 1, factor, 1, 1 / factor, 1), strict=True):
        params = {"draws": 3} | ({"least": 1e-300} if name.startswith("relative") else {})
        values = [
            variation.score(net, x, [0, 1, 2], maps_of(net, x, [0, 1, 2]), name, method="input_x_gradient", **params)
            for net in (before, after)
        ]
        np.testing.assert_allclose(values[1], ratio * values[0], rtol=1e-6, err_msg=name)


def test_the_order_of_the_items_changes_nothing(net, data):
    x, targets = data
    maps, keys, order = maps_of(net, x, targets), ["a", "b", "c", "d"], [2, 0, 3, 1]
    for name in SIX:
        options = {"metric": name, "method": "input_x_gradient"}
        found = variation.score(net, x, targets, maps, keys=keys, **options)
        turned = variation.score(net, x[order], targets[order], maps[order], keys=[keys[i] for i in order], **options)
        np.testing.assert_allclose(turned, found[order], rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("name", [*SIX, "prediction_kept"])
def test_the_checks_of_metrics(name):
    """In double precision: a difference of two nearby outputs keeps few digits in single precision."""
    x = torch.rand(6, 1, 6, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    check_metric(name, small_net(outputs=4).double(), x, draws=3)
