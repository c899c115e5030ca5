"""The consensus against SciPy's trimmed means and a loop."""

import numpy as np
import pytest
import torch
from scipy import stats

from binome import explain
from binome.core import BinomeError


@pytest.fixture
def maps():
    generator = torch.Generator().manual_seed(3)
    content = torch.randn(5, 2, 6, 6, generator=generator, dtype=torch.float64)
    return [content + scale * torch.randn(content.shape, generator=generator) for scale in (0.1, 0.2, 0.3, 0.2, 5, 0.1)]


def scaled(one):
    value = one.sum(1).abs().numpy()
    return value / value.mean((1, 2), keepdims=True)


def test_the_average_is_the_trimmed_mean_of_maps_of_one_size(linear, images, targets, maps):
    found = explain.examine(linear, images, targets, "consensus", of=[1000 * maps[0], *maps[1:]], veil=None)
    values = np.stack([scaled(one) for one in maps])
    expected = stats.trim_mean(values, 0.2, axis=0)
    np.testing.assert_allclose(found.maps.sum(1), expected, rtol=1e-9)
    np.testing.assert_array_equal(found.details["used"], 6)


def test_dependability_compares_a_pixels_distance_from_the_average_with_its_error(linear, images, targets, maps):
    found = explain.examine(linear, images, targets, "consensus", of=maps, veil=None).details["dependability"]
    values = np.stack([scaled(one) for one in maps])
    for item, y, x in ((0, 0, 0), (2, 3, 1), (4, 5, 5)):
        sample = sorted(values[:, item, y, x])
        wins = np.array([sample[1], *sample[1:5], sample[4]])
        error = wins.var(ddof=1) * 5 / (4 * 3)  # Yuen 1974: h = 4 of k = 6
        whole = stats.trim_mean(values[:, item], 0.2, axis=0).mean()
        apart = (np.mean(sample[1:5]) - whole) ** 2
        assert float(found[item, 0, y, x]) == pytest.approx(apart / (apart + error), rel=1e-5)


def test_undependable_pixels_are_veiled(linear, images, targets, maps):
    whole = explain.examine(linear, images, targets, "consensus", of=maps, veil=None)
    veiled = explain.attribute(linear, images, targets, "consensus", of=maps, veil=0.9)
    dependable = whole.details["dependability"] >= 0.9
    assert 0 < dependable.double().mean() < 1
    assert torch.equal(veiled, torch.where(dependable, whole.maps, 0))


def test_equal_maps_are_wholly_dependable_and_seeds_count_once(linear, images, targets, maps):
    same = explain.examine(linear, images, targets, "consensus", of=[maps[0], 2 * maps[0]], veil=None)
    assert float(same.details["dependability"].min()) == 1
    grouped = explain.attribute(linear, images, targets, "consensus", of=[maps[:3], maps[4]], veil=None)
    by_hand = (sum(scaled(one) for one in maps[:3]) / 3 + scaled(maps[4])) / 2
    np.testing.assert_allclose(grouped.sum(1), by_hand, rtol=1e-9)


def test_a_map_of_zeros_has_no_say(linear, images, targets, maps):
    empty = torch.zeros_like(maps[0])
    without = explain.examine(linear, images, targets, "consensus", of=[maps[0], maps[1], empty], veil=None)
    pair = explain.examine(linear, images, targets, "consensus", of=maps[:2], veil=None)
    assert torch.equal(without.maps, pair.maps)
    np.testing.assert_array_equal(without.details["used"], 2)
    alone = explain.examine(linear, images, targets, "consensus", of=[maps[0], empty], veil=None)
    assert alone.details["dependability"].isnan().all()
    assert not explain.attribute(linear, images, targets, "consensus", of=[maps[0], empty]).any()


def test_methods_are_run_with_their_parameters_and_seeds(linear, images, targets):
    entries = ["saliency", {"method": "smooth_grad", "samples": 3}]
    made = explain.attribute(linear, images, targets, "consensus", of=entries, seeds=2, veil=None)
    gradient = explain.attribute(linear, images, targets, "saliency")
    np.testing.assert_allclose(made.sum(1), scaled(gradient), rtol=1e-6)  # of a linear module all of these are equal


def test_case_files_keep_their_signs():
    torch.manual_seed(0)
    net = torch.nn.Linear(4, 2).double()
    x = torch.rand(3, 4, dtype=torch.float64)
    found = explain.attribute(net, x, [0, 1, 0], "consensus", of=["saliency", "saliency"], veil=None)
    weights = net.weight.detach()[[0, 1, 0]]
    torch.testing.assert_close(found, weights / weights.abs().mean(1, keepdim=True))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"of": ["saliency"]}, "two methods or more"),
        ({"of": "saliency"}, "two methods or more"),
        ({"of": ["saliency", {"samples": 2}]}, "name its method"),
        ({"of": ["saliency", "edges"]}, "a control itself"),
        ({"sign": "both"}, "sign is 'both'"),
        ({"veil": 2}, "veil is 2"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(linear, images, targets, params, message):
    with pytest.raises(BinomeError, match=message):
        explain.attribute(linear, images, targets, "consensus", **params)
