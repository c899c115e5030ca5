"""Baselines: made from the intact input, one for each item, whatever the batches."""

import numpy as np
import pytest
import torch
from torch import nn

from binome import explain
from binome.core import BinomeError

ONE_EACH = torch.rand(5, 2, 6, 6, generator=torch.Generator().manual_seed(8), dtype=torch.float64)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(72, 16), nn.Tanh(), nn.Linear(16, 3)).double()


@pytest.mark.parametrize(
    "baseline", ["zero", "mean", "blur", "uniform", 0.5, ONE_EACH, ONE_EACH[0].numpy()], ids=lambda b: str(type(b))
)
def test_integrated_gradients_account_for_the_whole_rise(net, baseline, images, targets):
    maps = explain.attribute(net, images, targets, steps=40, baseline=baseline, seed=2, batch_size=3)
    gap = explain.completeness_gap(net, images, targets, maps, baseline, seed=2, batch_size=4)
    assert gap.shape == (5,)
    assert gap.max() < 1e-9
    other = explain.completeness_gap(net, images, targets, maps, 0.9)
    assert other.min() > 1e-6


def test_linear_model_against_a_baseline_an_item(linear, images, targets):
    maps = explain.attribute(linear, images, targets, steps=3, baseline=ONE_EACH, batch_size=2)
    expected = torch.stack([linear.weight(int(t)) for t in targets]) * (images - ONE_EACH)
    torch.testing.assert_close(maps, expected)


def test_the_kinds(images):
    def make(kind):
        return explain.make_baseline(kind, images, range(5), 5, lambda row: torch.Generator().manual_seed(row))

    np.testing.assert_allclose(make("mean")[1, 0].numpy(), images[1, 0].numpy().mean())
    padded = np.pad(images[2, 1].numpy(), 1, mode="edge")
    expected = [[padded[r : r + 3, c : c + 3].mean() for c in range(6)] for r in range(6)]
    np.testing.assert_allclose(make("blur")[2, 1].numpy(), expected)
    noise = make("uniform")
    assert all(x.min() <= n.min() <= n.max() <= x.max() for x, n in zip(images, noise, strict=True))
    assert not torch.equal(noise[0], noise[1])


@pytest.mark.parametrize(
    ("baseline", "says"),
    [
        ("blurr", "baseline is 'blurr'"),
        (ONE_EACH[:4], "holds 4 items, the inputs 5"),
        (torch.zeros(7), "does not fit"),
        (float("nan"), "NaN"),
    ],
)
def test_a_baseline_that_does_not_fit_is_refused(linear, images, targets, baseline, says):
    with pytest.raises(BinomeError, match=says):
        explain.attribute(linear, images, targets, baseline=baseline)
