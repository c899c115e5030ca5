import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy
from torch import nn

from binome import variation
from binome.core import BinomeError
from binome.testing import check_metric
from binome.variation.scoring import score_all

FEW = {"infidelity": 6, "faithfulness_correlation": 6, "mufidelity": 6, "sensitivity_n": 3}
"""Draws that are enough to check with."""


@pytest.mark.parametrize("metric", sorted(variation.metrics()))
def test_every_metric_passes_the_check(metric):
    check_metric(metric, **({"draws": FEW[metric]} if metric in FEW else {}))


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(32, 12), nn.ReLU(), nn.Linear(12, 3)).double()


@pytest.fixture
def data():
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(4, 2, 4, 4, generator=generator, dtype=torch.float64)
    return x, torch.tensor([0, 1, 2, 0]), torch.randn(4, 2, 4, 4, generator=generator, dtype=torch.float64)


def curve(net, x, target, importance, steps, *, start, end, order):
    """One pixel at a time, one forward pass at a time."""
    pixels = importance.size
    sequence = sorted(range(pixels), key=lambda i: (-importance[i] if order == "morf" else importance[i], i))
    points, values = [], []
    for count in sorted({round(pixels * s / steps) for s in range(steps + 1)}):
        image = start.clone()
        for pixel in sequence[:count]:
            image[:, pixel // 4, pixel % 4] = end[:, pixel // 4, pixel % 4]
        with torch.no_grad():
            values.append(torch.softmax(net(image[None]), 1)[0, target].item())
        points.append(count / pixels)
    return sum((points[i + 1] - points[i]) * (values[i] + values[i + 1]) / 2 for i in range(len(points) - 1))


@pytest.mark.parametrize("order", ["morf", "lerf"])
@pytest.mark.parametrize("steps", [4, 7, 50])
def test_deletion_and_insertion_against_brute_force(net, data, steps, order):
    x, targets, maps = data
    zero = torch.zeros_like(x[0])
    deletion = variation.score(net, x, targets, maps, metric="deletion", steps=steps, order=order)
    insertion = variation.score(net, x, targets, maps, metric="insertion", steps=steps, order=order)
    for i in range(4):
        importance = maps[i].sum(0).flatten().numpy()
        settings = {"steps": steps, "order": order}
        assert deletion[i] == pytest.approx(
            curve(net, x, int(targets[i]), importance, start=x[i], end=zero, **settings)
        )
        assert insertion[i] == pytest.approx(
            curve(net, x, int(targets[i]), importance, start=zero, end=x[i], **settings)
        )


def test_srg_is_the_difference_of_the_two_orders(net, data):
    least = variation.score(net, *data, metric="deletion", order="lerf")
    most = variation.score(net, *data, metric="deletion", order="morf")
    np.testing.assert_allclose(variation.score(net, *data, metric="srg"), least - most)


def test_signed_importance_is_not_made_absolute(net, data):
    x, targets, maps = data
    up, down = (variation.score(net, x, targets, sign * maps, metric="deletion") for sign in (1, -1))
    assert not np.allclose(up, down)


def test_constant_map_is_undefined(net, data):
    x, targets, maps = data
    maps = maps.clone()
    maps[1] = 0.5
    values = variation.score(net, x, targets, maps, metric="deletion")
    assert np.isnan(values).tolist() == [False, True, False, False]


def test_complexity_of_one_to_four():
    maps = torch.tensor([[1.0, -2.0, 3.0, -4.0], [0.0, 0.0, 0.0, 0.0]])
    net, x = nn.Linear(4, 2), torch.rand(2, 4)
    gini = variation.score(net, x, [0, 1], maps, metric="gini")
    assert gini[0] == pytest.approx(0.25)
    assert np.isnan(gini[1])
    features = variation.score(net, x, [0, 1], maps, metric="effective_features")
    assert np.log(features[0]) == pytest.approx(1.27985, abs=1e-5)
    assert np.isnan(features[1])
    for name in ("entropy", "complexity"):
        found = variation.score(net, x, [0, 1], maps, metric=name)
        assert found[0] == pytest.approx(1.27985, abs=1e-5)
        assert np.isnan(found[1])


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"steps": 0}, "steps is 0"),
        ({"imputer": "zeros"}, "imputer is 'zeros'"),
        ({"imputer": "uniform"}, "imputer is 'uniform'"),
        ({"order": "up"}, "order is 'up'"),
        ({"output": "odds"}, "output is 'odds'"),
        ({"step": 3}, "did you mean 'steps'"),
    ],
)
def test_bad_parameters_are_refused(net, data, params, says):
    with pytest.raises(BinomeError, match=says):
        variation.score(net, *data, metric="deletion", **params)


@pytest.mark.parametrize(("imputer", "end"), [("zero", 0.0), ("mean", None), (0.4, 0.4)])
def test_imputers_and_logits_of_a_linear_model(imputer, end):
    """Where logits are linear, each removal lowers the logit by w · (x − x₀): the curve is a running sum."""
    torch.manual_seed(0)
    net, x = nn.Sequential(nn.Flatten(), nn.Linear(9, 2)).double(), torch.rand(2, 1, 3, 3, dtype=torch.float64)
    maps = torch.randn(2, 1, 3, 3, dtype=torch.float64)
    found = variation.score(net, x, [1, 0], maps, steps=9, imputer=imputer, output="logit")
    for i, target in enumerate((1, 0)):
        flat = x[i].flatten().numpy()
        drop = net[1].weight[target].detach().numpy() * (flat - (flat.mean() if end is None else end))
        order = np.argsort(-maps[i].flatten().numpy())
        curve = net(x)[i, target].item() - np.concatenate([[0], np.cumsum(drop[order])])
        assert found[i] == pytest.approx(np.trapezoid(curve, np.arange(10) / 9))


def test_lists_and_whole_numbers_are_maps_too(net, data):
    x, targets, _ = data
    ranks = torch.arange(16).repeat(8).view(4, 2, 4, 4)
    expected = variation.score(net, x, targets, ranks.double())
    np.testing.assert_array_equal(variation.score(net, x, targets, ranks), expected)
    np.testing.assert_array_equal(variation.score(net, x.tolist(), targets.tolist(), ranks.tolist()), expected)


def test_an_in_place_first_layer_does_not_write_into_the_inputs(data):
    x, targets, maps = data
    net = nn.Sequential(nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(32, 3)).double()
    x = x - 0.5
    kept = x.clone()
    variation.score(net, x, targets, maps, metric="srg")
    assert torch.equal(x, kept)


def test_ties_are_counted():
    maps = torch.tensor([[1.0, 2.0, 2.0, 3.0], [5.0, 5.0, 5.0, 5.0], [1.0, 2.0, 3.0, 4.0]])
    found = variation.score(nn.Linear(4, 2), torch.rand(3, 4), [0, 1, 0], maps, metric="tied_pixels")
    assert found.tolist() == [0.5, 1, 0]


def test_labels_name_the_imputer():
    assert variation.label("deletion") == "deletion (zero)"
    assert variation.label("srg", imputer="blur", steps=4) == "srg (blur)"
    assert variation.label("gini") == "gini"
    with pytest.raises(BinomeError, match="did you mean 'imputer'"):
        variation.label("deletion", imputr="blur")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-100, 100).filter(lambda v: v == 0 or abs(v) > 1e-3), min_size=2, max_size=30))
def test_entropy_is_scipys(values):
    maps, count = torch.tensor([values], dtype=torch.float64), len(values)
    found = variation.score(nn.Linear(count, 2).double(), torch.ones(1, count).double(), [0], maps, metric="entropy")
    weights = np.abs(values)
    expected = entropy(weights) if weights.sum() else np.nan
    assert found[0] == pytest.approx(expected, abs=1e-12, nan_ok=True)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["deletion", "insertion", "srg", "road"]), st.floats(1e-3, 1e3), st.integers(0, 50))
def test_the_scale_of_a_map_does_not_matter(metric, scale, seed):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Flatten(), nn.Linear(32, 3)).double()
    x, maps = torch.rand(2, 2, 4, 4).double(), torch.randn(2, 2, 4, 4).double()
    settings = {"metric": metric, "imputer": "mean"}
    expected = variation.score(net, x, [0, 2], maps, **settings)
    np.testing.assert_allclose(variation.score(net, x, [0, 2], scale * maps, **settings), expected)


def test_the_order_of_channels_does_not_matter(net, data):
    x, targets, maps = data
    for metric in ("deletion", "gini", "entropy"):
        expected = variation.score(net, x, targets, maps, metric=metric)
        np.testing.assert_allclose(variation.score(net, x, targets, maps.flip(1), metric=metric), expected)


def counted(net):
    """How many inputs went through a module, by a hook."""
    seen = []
    net.register_forward_hook(lambda _, given, __: seen.append(len(given[0])))
    return seen


def test_deletion_insertion_and_srg_share_their_passes(net, data):
    """Without ties, insertion passes what deletion by the other order passes, and srg needs both and no more."""
    seen = counted(net)
    metrics = {name: (name, {"steps": 8}) for name in ("deletion", "insertion", "srg")}
    x, targets, maps = data
    found = score_all(net, x, targets, {"a": maps, "b": -maps}, metrics)
    assert sum(seen) == 4 * (2 + 2 * 2 * 7)  # both ends once; 7 between, two orders, two explanations
    for name in metrics:
        alone = variation.score(net, x, targets, maps, metric=name, steps=8)
        np.testing.assert_allclose(found[name, "a"], alone, rtol=1e-12)


def test_ties_go_in_reading_order_whoever_shares_the_passes(net, data):
    x, targets, _ = data
    maps = torch.arange(16).div(5, rounding_mode="floor").repeat(8).view(4, 2, 4, 4).double()
    metrics = {name: (name, {"steps": 5}) for name in ("deletion", "insertion", "srg")}
    found = score_all(net, x, targets, {"a": maps}, metrics)
    zero = torch.zeros_like(x[0])
    for i in range(4):
        values = maps[i].sum(0).flatten().numpy()
        arguments = (net, x[i], int(targets[i]), values, 5)
        insertion = curve(*arguments, start=zero, end=x[i], order="morf")
        least, most = (curve(*arguments, start=x[i], end=zero, order=order) for order in ("lerf", "morf"))
        assert found["insertion", "a"][i] == pytest.approx(insertion)
        assert found["srg", "a"][i] == pytest.approx(least - most)


@pytest.mark.parametrize("order", ["morf", "lerf"])
def test_road_against_one_removal_at_a_time(net, data, order):
    x, targets, maps = data
    shares = (0.25, 0.5, 1.0)
    settings = {"metric": "road", "shares": shares, "imputer": "mean", "order": order}
    for output in ("accuracy", "probability", "logit"):
        found = variation.score(net, x, targets, maps, output=output, **settings)
        for i, target in enumerate(targets.tolist()):
            values = maps[i].sum(0).flatten()
            sequence = values.argsort(descending=order == "morf")
            kept = []
            for share in shares:
                picture = x[i].clone().flatten(1)
                gone = sequence[: round(share * 16)]
                picture[:, gone] = x[i].flatten(1).mean(1)[:, None]
                logits = net(picture.view(1, 2, 4, 4))[0].detach()
                kept.append(
                    {
                        "accuracy": float(logits.argmax() == target),
                        "probability": logits.softmax(0)[target].item(),
                        "logit": logits[target].item(),
                    }[output]
                )
            assert found[i] == pytest.approx(np.mean(kept))


def test_road_by_its_own_imputation_is_the_same_in_any_company(net, data):
    x, targets, maps = data
    settings = {"metric": "road", "output": "logit"}
    together = variation.score(net, x, targets, maps, **settings)
    for size in (1, 3):
        np.testing.assert_allclose(variation.score(net, x, targets, maps, batch_size=size, **settings), together)
    one = variation.score(net, x[2:3], targets[2:3], maps[2:3], keys=[2], **settings)
    np.testing.assert_allclose(one, together[2:3])
    assert not np.allclose(variation.score(net, x, targets, maps, seed=1, **settings), together)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"shares": ()}, "shares are"),
        ({"shares": (0.5, 1.5)}, "above 0 and at most 1"),
        ({"output": "odds"}, "output is 'odds'; give accuracy"),
    ],
)
def test_bad_parameters_of_road_are_refused(net, data, params, says):
    with pytest.raises(BinomeError, match=says):
        variation.score(net, *data, metric="road", **params)
