import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_matrix, lil_matrix
from scipy.sparse.linalg import spsolve
from torch import nn

from binome import variation
from binome.core import BinomeError
from binome.variation.metric import registry
from binome.variation.quality.imputation import by_pixel, impute
from binome.variation.quality.interpolation import interpolate


def by_elimination(picture, gap):
    """The paper's sparse system, pixel by pixel and neighbour by neighbour."""
    channels, height, width = picture.shape
    places = [(row, column) for row in range(height) for column in range(width) if gap[row, column]]
    number = {place: i for i, place in enumerate(places)}
    matrix, right = lil_matrix((len(places), len(places))), np.zeros((len(places), channels))
    for (row, column), i in number.items():
        for down in (-1, 0, 1):
            for across in (-1, 0, 1):
                near = (row + down, column + across)
                if (down, across) == (0, 0) or not (0 <= near[0] < height and 0 <= near[1] < width):
                    continue
                weight = 1 / 6 if 0 in (down, across) else 1 / 12
                matrix[i, i] += weight
                if near in number:
                    matrix[i, number[near]] -= weight
                else:
                    right[i] += weight * picture[:, near[0], near[1]]
    filled = picture.copy()
    solved = spsolve(csc_matrix(matrix), right).reshape(len(places), channels)
    for (row, column), i in number.items():
        filled[:, row, column] = solved[i]
    return filled


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 3), st.floats(0, 1), st.integers(0, 10**6))
def test_interpolation_solves_the_sparse_system(height, width, channels, share, seed):
    rng = np.random.default_rng(seed)
    picture = rng.random((channels, height, width))
    gap = rng.random((height, width)) < share
    found = interpolate(torch.from_numpy(picture)[None], torch.from_numpy(gap)[None])[0].numpy()
    if gap.all():
        np.testing.assert_allclose(found, np.broadcast_to(picture.mean((1, 2), keepdims=True), picture.shape))
    elif gap.any():
        np.testing.assert_allclose(found, by_elimination(picture, gap), atol=2e-4)
    else:
        np.testing.assert_array_equal(found, picture)


def test_a_wide_gap_in_a_large_picture():
    """A tilted plane is its own interpolation, except where a gap reaches the border."""
    rows, columns = torch.meshgrid(torch.arange(97.0), torch.arange(120.0), indexing="ij")
    plane = (rows / 97 + columns / 240).double()[None, None]
    gap = torch.zeros(1, 97, 120, dtype=torch.bool)
    gap[:, 5:92, 10:110] = True
    hidden = torch.where(gap[:, None], torch.nan_to_num(plane * 0 - 7), plane)
    hidden[0, 0, 50, 50] = 3.0
    kept = hidden.clone()
    found = interpolate(hidden.float(), gap)
    # The range that the tolerance is a share of is that of the whole picture, 10 here.
    assert float((found - plane).abs().max()) < 0.02
    assert torch.equal(hidden, kept)


def test_each_picture_is_solved_as_if_alone():
    generator = torch.Generator().manual_seed(0)
    pictures = torch.rand(7, 3, 20, 23, generator=generator)
    gaps = torch.rand(7, 20, 23, generator=generator) < torch.linspace(0, 1, 7)[:, None, None]
    together = interpolate(pictures, gaps)
    for i in range(7):
        torch.testing.assert_close(interpolate(pictures[i : i + 1], gaps[i : i + 1])[0], together[i], rtol=0, atol=1e-7)


def test_flat_pictures_and_channels_of_any_size_settle():
    pictures = torch.stack([torch.zeros(6, 6), torch.full((6, 6), 1e6), torch.arange(36).view(6, 6) * 1e-12])[None]
    gaps = torch.zeros(1, 6, 6, dtype=torch.bool)
    gaps[:, 1:4, 2:6] = True
    found = interpolate(pictures, gaps)
    torch.testing.assert_close(found[:, :2], pictures[:, :2])
    assert torch.isfinite(found).all()


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 12), nn.ReLU(), nn.Linear(12, 3)).double()


@pytest.fixture
def data():
    generator = torch.Generator().manual_seed(1)
    x = 0.2 + torch.rand(3, 3, 4, 4, generator=generator, dtype=torch.float64)
    return x, torch.tensor([0, 1, 2]), torch.randn(3, 3, 4, 4, generator=generator, dtype=torch.float64)


@pytest.fixture
def batch(net, data):
    """A batch as a metric gets it."""
    seen = []
    variation.metric("spy", better="lower")(lambda batch: seen.append(batch) or torch.zeros(len(batch.inputs)))
    try:
        variation.score(net, *data, metric="spy")
    finally:
        del registry._plugins["spy"]
    return seen[0]


def removed_of(x, copies=2):
    flags = torch.zeros(copies, len(x), 16, dtype=torch.bool)
    flags[0, :, :5] = True
    flags[1, 1] = True
    return by_pixel(flags, x)


@pytest.mark.parametrize("imputer", ["zero", 0.25, "mean", "blur", "noise", "road", "mixing"])
def test_pixels_that_stay_are_left_as_they_are_and_the_inputs_too(batch, data, imputer):
    x = data[0]
    kept = batch.inputs.clone()
    imputation = impute(batch, imputer, torch.rand(5, 3, 4, 4) if imputer == "mixing" else None)
    removed = removed_of(x)
    found = imputation.without(removed)
    assert found.shape == (2, *x.shape)
    intact = torch.broadcast_to(~removed, found.shape)
    assert torch.equal(found[intact], x.expand_as(found)[intact])
    assert (found[~intact] != x.expand_as(found)[~intact]).all()
    torch.testing.assert_close(found[1, 1], imputation.emptied[1])
    assert torch.equal(batch.inputs, kept)


def test_what_stands_in(batch, data):
    x = data[0]
    assert (impute(batch, 0.25).emptied == 0.25).all()
    torch.testing.assert_close(impute(batch, "mean").emptied, x.mean((2, 3), keepdim=True).expand_as(x))
    noise = impute(batch, "noise").emptied
    assert (noise.flatten(1).amin(1) >= x.flatten(1).amin(1)).all()
    assert (noise.flatten(1).amax(1) <= x.flatten(1).amax(1)).all()
    assert len(noise.unique()) == noise.numel()


def test_roads_noise_has_the_papers_size_and_is_one_for_all_removals(batch, data):
    x = data[0]
    removed = removed_of(x)
    imputation = impute(batch, "road")
    found = imputation.without(removed)
    exact = interpolate(x.repeat(2, 1, 1, 1), removed[:, :, 0].flatten(0, 1)).view_as(found)
    noise = (found - exact)[torch.broadcast_to(removed, found.shape)]
    assert 0.006 < noise.std() < 0.014
    top = torch.broadcast_to(removed[0, 1], x[1].shape)
    torch.testing.assert_close((found - exact)[0, 1][top], (found - exact)[1, 1][top])


def test_mixing_takes_the_same_place_of_one_donor_that_is_another_item(batch, data):
    x = data[0]
    donors = torch.cat([x, torch.full((1, 3, 4, 4), 9.0).double()])
    found = impute(batch, "mixing", donors).emptied
    for item, mixed in zip(x, found, strict=True):
        assert any(torch.equal(mixed, donor) for donor in donors)
        assert not torch.equal(mixed, item)


@pytest.mark.parametrize("imputer", ["noise", "road", "mixing"])
def test_what_is_drawn_hangs_on_the_items_key_and_the_seed(net, data, imputer):
    x, targets, maps = data
    settings = {"imputer": imputer, "output": "logit", "donors": torch.rand(20, 3, 4, 4)}
    together = variation.score(net, x, targets, maps, keys=["a", "b", "c"], **settings)
    alone = variation.score(net, x[1:], targets[1:], maps[1:], keys=["b", "c"], batch_size=1, **settings)
    np.testing.assert_allclose(alone, together[1:])
    assert not np.allclose(variation.score(net, x, targets, maps, keys=["a", "b", "d"], **settings)[2], together[2])
    assert not np.allclose(variation.score(net, x, targets, maps, seed=1, keys=["a", "b", "c"], **settings), together)


def test_donors_left_as_they_are(net, data):
    donors = np.random.default_rng(0).random((4, 3, 4, 4))
    kept = donors.copy()
    variation.score(net, *data, imputer="mixing", donors=donors)
    np.testing.assert_array_equal(donors, kept)


def test_case_files_have_imputers_too():
    net, x, maps = nn.Linear(5, 2), torch.rand(3, 5), torch.randn(3, 5)
    for imputer in ("mean", "noise", "mixing"):
        found = variation.score(net, x, [0, 1, 0], maps, imputer=imputer, donors=torch.rand(4, 5))
        assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"imputer": True}, "imputer is True"),
        ({"imputer": float("nan")}, "imputer is nan"),
        ({"imputer": "mixing"}, "needs `donors`"),
        ({"imputer": "mixing", "donors": torch.rand(2, 3, 4)}, "donors have shape"),
        ({"imputer": "mixing", "donors": torch.rand(2, 3, 4, 4).long()}, "donors are torch.int64"),
    ],
)
def test_bad_imputers_are_refused(net, data, params, says):
    with pytest.raises(BinomeError, match=says):
        variation.score(net, *data, **params)


def test_an_item_is_not_its_own_donor(net, data):
    with pytest.raises(BinomeError, match="no donor but itself"):
        variation.score(net, *data, imputer="mixing", donors=data[0][:1])


@pytest.mark.parametrize("imputer", ["road", "blur"])
def test_pictures_imputers_refuse_case_files(imputer):
    with pytest.raises(BinomeError, match="is of pictures"):
        variation.score(nn.Linear(5, 2), torch.rand(3, 5), [0, 1, 0], torch.randn(3, 5), imputer=imputer)
