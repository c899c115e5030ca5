import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, rankdata, spearmanr
from torch import nn

from binome import explain, variation
from binome.core import BinomeError
from binome.variation.quality.subsets import average_ranks
from binome.variation.scoring import score_all

METRICS = ("faithfulness_correlation", "sensitivity_n", "mufidelity", "faithfulness_estimate")


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(72, 12), nn.ReLU(), nn.Linear(12, 3)).double()


@pytest.fixture
def data():
    generator = torch.Generator().manual_seed(1)
    x = 0.2 + torch.rand(3, 2, 6, 6, generator=generator, dtype=torch.float64)
    return x, torch.tensor([0, 1, 2]), torch.randn(3, 2, 6, 6, generator=generator, dtype=torch.float64)


def passed(net, run):
    seen = []
    handle = net.register_forward_pre_hook(lambda _, given: seen.append(given[0].clone()))
    try:
        return run(), torch.cat(seen)
    finally:
        handle.remove()


def removals(inputs, x, filler):
    """Every perturbed copy among the inputs as (copies, n, height, width), true where pixels are gone."""
    gone = (inputs == filler).all(1).view(-1, len(x), 6, 6)
    return gone[gone.flatten(1).any(1)]


def by_hand(net, x, targets, maps, gone, filler, correlate, output="logit"):
    """One removal and one item at a time."""
    values = []
    for i, target in enumerate(targets.tolist()):
        sums, drops = [], []
        for subset in gone[:, i]:
            picture = x[i].clone()
            picture[:, subset] = filler
            before, after = (net(p[None])[0].detach() for p in (x[i], picture))
            if output == "probability":
                before, after = before.softmax(0), after.softmax(0)
            sums.append(maps[i][:, subset].sum().item())
            drops.append((before - after)[target].item())
        values.append(correlate(sums, drops)[0])
    return values


@pytest.mark.parametrize("output", ["logit", "probability"])
def test_faithfulness_correlation_by_hand(net, data, output):
    settings = {"metric": "faithfulness_correlation", "draws": 12, "size": 7, "imputer": 9.0, "output": output}
    found, inputs = passed(net, lambda: variation.score(net, *data, **settings))
    gone = removals(inputs, data[0], 9)
    assert gone.shape[0] == 12
    assert (gone.flatten(2).sum(2) == 7).all()
    assert len(gone.flatten(0, 1).unique(dim=0)) == 36
    np.testing.assert_allclose(found, by_hand(net, *data, gone, 9.0, pearsonr, output))


def test_mufidelity_by_hand(net, data):
    settings = {"metric": "mufidelity", "draws": 15, "grid": 3, "size": 2, "imputer": 9.0}
    found, inputs = passed(net, lambda: variation.score(net, *data, **settings))
    gone = removals(inputs, data[0], 9)
    cells = gone.unflatten(3, (3, 2)).unflatten(2, (3, 2))
    assert torch.equal(cells.all(5).all(3), cells.any(5).any(3))  # cells go whole
    assert (cells.all(5).all(3).flatten(2).sum(2) == 2).all()
    np.testing.assert_allclose(found, by_hand(net, *data, gone, 9.0, spearmanr))


def test_faithfulness_estimate_by_hand(net, data):
    settings = {"metric": "faithfulness_estimate", "grid": 4, "imputer": 9.0}
    found, inputs = passed(net, lambda: variation.score(net, *data, **settings))
    gone = removals(inputs, data[0], 9)
    assert (gone.sum(0) == 1).all()  # a partition
    sizes = np.outer([2, 1, 2, 1], [2, 1, 2, 1]).flatten().tolist()
    assert gone[:, 0].flatten(1).sum(1).tolist() == sizes
    np.testing.assert_allclose(found, by_hand(net, *data, gone, 9.0, pearsonr))


def test_sensitivity_n_is_the_mean_over_sizes(net, data):
    sizes = (1, 0.25, 0.5)
    alone = [variation.score(net, *data, metric="faithfulness_correlation", size=size, draws=10) for size in sizes]
    found = variation.score(net, *data, metric="sensitivity_n", sizes=sizes, draws=10)
    np.testing.assert_allclose(found, np.mean(alone, 0))


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(METRICS), st.integers(0, 1000), st.floats(1e-3, 1e3))
def test_exact_shares_of_a_linear_model_correlate_fully(metric, seed, scale):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Flatten(), nn.Linear(72, 3)).double()
    x, targets = torch.rand(3, 2, 6, 6).double(), torch.tensor([0, 1, 2])
    maps = explain.attribute(net, x, targets, "input_x_gradient")
    np.testing.assert_allclose(variation.score(net, x, targets, scale * maps, metric=metric), 1, atol=1e-9)
    np.testing.assert_allclose(variation.score(net, x, targets, -scale * maps, metric=metric), -1, atol=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_undefined_for_constant_maps_and_silent_predictors(net, data, metric):
    x, targets, maps = data
    maps = maps.clone()
    maps[1] = 0.3
    assert np.isnan(variation.score(net, x, targets, maps, metric=metric)).tolist() == [False, True, False]
    deaf = nn.Sequential(nn.Flatten(), nn.Linear(72, 3)).double()
    nn.init.zeros_(deaf[1].weight)
    assert np.isnan(variation.score(deaf, *data, metric=metric)).all()


@pytest.mark.parametrize("metric", ["mufidelity", "faithfulness_estimate"])
def test_undefined_for_maps_that_give_all_cells_the_same(net, data, metric):
    x, targets, _ = data
    cell = torch.tensor([[0.1, 0.2, 0.7], [0.3, -0.4, 1.1], [0.0, 0.6, -2.0]]).double()
    maps = cell.repeat(3, 2, 2, 2)
    assert np.isnan(variation.score(net, x, targets, maps, metric=metric, grid=2)).all()


@pytest.mark.parametrize("metric", METRICS)
def test_many_explanations_share_the_passes_and_get_what_they_get_alone(net, data, metric):
    x, targets, maps = data
    many = {str(i): maps.roll(i, -1) for i in range(8)}
    run, inputs = passed(net, lambda: score_all(net, x, targets, many, {metric: (metric, {})}))
    alone, once = passed(net, lambda: variation.score(net, x, targets, maps.roll(5, -1), metric=metric))
    assert len(inputs) == len(once)
    np.testing.assert_allclose(run[metric, "5"], alone)


def test_the_same_subsets_are_passed_once_for_two_metrics(net, data):
    x, targets, maps = data
    metrics = {
        "a": ("faithfulness_correlation", {"draws": 10, "size": 6}),
        "b": ("sensitivity_n", {"draws": 10, "sizes": (6, 12)}),
    }
    _, inputs = passed(net, lambda: score_all(net, x, targets, {"": maps}, metrics))
    assert len(inputs) == 3 * 21


def test_case_files_and_their_own_cells():
    torch.manual_seed(0)
    net, x = nn.Linear(5, 2).double(), torch.rand(3, 5).double()
    maps = net.weight[[0, 1, 0]].detach() * x
    for metric in METRICS:
        params = {"sizes": (1, 3)} if metric == "sensitivity_n" else {}
        np.testing.assert_allclose(variation.score(net, x, [0, 1, 0], maps, metric=metric, **params), 1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=20))
def test_ranks_are_scipys(values):
    found = average_ranks(torch.tensor([values], dtype=torch.float64))[0]
    np.testing.assert_array_equal(found.numpy(), rankdata(values))


@pytest.mark.parametrize(
    ("metric", "params", "says"),
    [
        ("faithfulness_correlation", {"draws": 1}, "draws is 1"),
        ("faithfulness_correlation", {"size": 36}, "give 1 to 35 of the 36 pixels"),
        ("faithfulness_correlation", {"size": 1.0}, "size is 1.0"),
        ("faithfulness_correlation", {"size": True}, "size is True"),
        ("faithfulness_correlation", {"output": "odds"}, "output is 'odds'"),
        ("sensitivity_n", {"sizes": ()}, "sizes are empty"),
        ("mufidelity", {"grid": 0}, "grid is 0"),
        ("mufidelity", {"size": 0}, "of the 36 cells"),
    ],
)
def test_bad_parameters_are_refused(net, data, metric, params, says):
    with pytest.raises(BinomeError, match=says):
        variation.score(net, *data, metric=metric, **params)
