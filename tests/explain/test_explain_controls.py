"""Controls look like explanations and hold nothing of the item."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn

from binome import explain
from binome.core import BinomeError


def test_shuffled_keeps_the_histogram_and_nothing_else(linear, images, targets):
    maps = explain.attribute(linear, images, targets)
    shuffled = explain.attribute(linear, images, targets, method="shuffled", of=maps)
    assert not torch.equal(maps, shuffled)
    for before, after in zip(maps, shuffled, strict=True):
        columns = [sorted(map(tuple, m.flatten(1).T.tolist())) for m in (before, after)]
        assert columns[0] == columns[1]


def test_shuffled_moves_each_item_otherwise_and_each_seed_too(linear, images, targets):
    ramp = torch.arange(36, dtype=torch.float64).view(1, 1, 6, 6).expand(5, 2, 6, 6)
    one, other = (explain.attribute(linear, images, targets, method="shuffled", of=ramp, seed=s) for s in (0, 1))
    assert not torch.equal(one[0], one[1])
    assert not torch.equal(one, other)


def test_shuffled_features_of_a_table():
    maps = np.arange(12.0).reshape(3, 4)
    shuffled = explain.attribute(nn.Linear(4, 2), np.zeros((3, 4)), [0, 1, 0], method="shuffled", of=maps)
    np.testing.assert_array_equal(np.sort(shuffled, 1), maps)
    assert not np.array_equal(shuffled, maps)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_other_item_never_gives_an_item_its_own_map(linear, images, targets, count):
    images, targets = images[:count], targets[:count]
    maps = explain.attribute(linear, images, targets)
    for seed in range(8):
        given = explain.attribute(linear, images, targets, method="other_item", of=maps, seed=seed, batch_size=2)
        found = [next(j for j in range(count) if torch.equal(maps[j], given[i])) for i in range(count)]
        assert sorted(found) == list(range(count))
        assert all(i != j for i, j in enumerate(found))


def test_other_item_needs_another(linear, images):
    with pytest.raises(BinomeError, match="at least two"):
        explain.attribute(linear, images[:1], [0], method="other_item")


def test_maps_made_inside_are_those_of_the_method(linear, images, targets):
    params = {"steps": 3, "rule": "left"}
    inside = explain.attribute(
        linear, images, targets, method="shuffled", of="integrated_gradients", of_params=params, seed=6
    )
    maps = explain.attribute(linear, images, targets, seed=6, **params)
    torch.testing.assert_close(inside, explain.attribute(linear, images, targets, method="shuffled", of=maps, seed=6))


@pytest.mark.parametrize(
    ("method", "params", "says"),
    [
        ("shuffled", {"of": np.zeros((4, 2, 6, 6))}, r"expected one for each input: \(5, 2, 6, 6\)"),
        ("shuffled", {"of": np.zeros((6, 2, 6, 6))}, "expected one for each input"),
        ("shuffled", {"of": "centre_blob"}, "a control itself"),
        ("shuffled", {"of": "salience"}, "did you mean 'saliency'"),
        ("shuffled", {"of_params": {"step": 2}}, "did you mean 'steps'"),
        ("shuffled", {"of": np.zeros((5, 2, 6, 6)), "of_params": {"steps": 2}}, "goes with a method's name"),
        ("random_weights", {"of": np.zeros((5, 2, 6, 6))}, "names a method"),
    ],
)
def test_a_source_that_cannot_be_used_is_refused(linear, images, targets, method, params, says):
    with pytest.raises(BinomeError, match=says):
        explain.attribute(linear, images, targets, method=method, **params)


def test_random_weights_leaves_the_module_alone(linear, images, targets):
    before = linear.layer.weight.detach().clone()
    maps = explain.attribute(linear, images, targets, method="random_weights")
    assert torch.equal(before, linear.layer.weight)
    assert not torch.allclose(maps, explain.attribute(linear, images, targets))


def test_random_weights_draws_every_parameter_and_keeps_maps_of_some_size(vit, monkeypatch):
    drawn = []

    def keep(call):
        drawn.append([parameter.clone() for parameter in call.module.parameters()])
        return call.gradient(call.inputs)

    plugin = explain.methods()["saliency"]
    monkeypatch.setitem(explain.registry._plugins, "saliency", type(plugin)("saliency", keep, plugin.declared))
    x = torch.rand(3, 1, 8, 8)
    control = explain.attribute(vit, x, [0, 1, 2], method="random_weights", of="saliency", batch_size=2)
    assert len(drawn) == 2
    for first, second, own in zip(*drawn, vit.parameters(), strict=True):
        assert torch.equal(first, second)  # one random module, whatever the batches
        assert (first != own).float().mean() > 0.9
    real = explain.attribute(vit, x, [0, 1, 2], method="saliency")
    assert 0.01 < float(control.abs().mean() / real.abs().mean()) < 100


def test_edges_are_sobels(linear, images, targets):
    maps = explain.attribute(linear, images, targets, method="edges").sum(1).numpy()
    for image, found in zip(images.mean(1).numpy(), maps, strict=True):
        slopes = [ndimage.sobel(image, axis=axis, mode="nearest") / 8 for axis in (0, 1)]
        np.testing.assert_allclose(found, np.hypot(*slopes), atol=1e-12)


def test_centre_blob_is_highest_in_the_middle_and_symmetric(linear, images, targets):
    blob = explain.attribute(linear, images, targets, method="centre_blob")[0].sum(0)
    assert torch.equal(blob, blob.flip(0))
    assert torch.equal(blob, blob.T)
    assert blob.argmax() in (14, 15, 20, 21)
