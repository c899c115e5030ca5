"""`compare` is `score` and `agreement` over a grid, with the passes that they share made once."""

import numpy as np
import pytest
import torch
from torch import nn

from binome import variation
from binome.core import BinomeError, Spec

ITEMS = ["a", "b", "c", "d"]


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(32, 12), nn.ReLU(), nn.Linear(12, 3)).double()


@pytest.fixture
def data():
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(4, 2, 4, 4, generator=generator, dtype=torch.float64)
    maps = {name: torch.randn(4, 2, 4, 4, generator=generator, dtype=torch.float64) for name in ("one", "two", "three")}
    return x, torch.tensor([0, 1, 2, 0]), maps


def test_one_row_a_value_null_where_undefined(net, data):
    x, targets, maps = data
    maps["two"][0] = 1
    found = variation.compare(
        net, x, targets, maps, items=ITEMS, metrics=["deletion", "gini"], agreements=["spearman"], batch_size=3
    )
    assert found.scores.columns == ["explanation", "metric", "item", "value"]
    assert found.scores.height == 2 * 3 * 4
    undefined = found.scores.filter(found.scores["value"].is_null()).to_dicts()
    assert undefined == [{"explanation": "two", "metric": "deletion", "item": "a", "value": None}]
    for (name, metric), part in found.scores.group_by("explanation", "metric"):
        assert part["item"].to_list() == ITEMS
        expected = variation.score(net, x, targets, maps[name], metric=metric)
        np.testing.assert_allclose(part["value"].to_numpy(), expected, rtol=1e-12)


def test_agreements_are_of_pixels_and_each_pair_comes_once(net, data):
    x, targets, maps = data
    measures = ["spearman", "feature_agreement", "pairwise_rank_agreement"]
    found = variation.compare(net, x, targets, maps, items=ITEMS, metrics=[], agreements=measures).agreements
    assert found.columns == ["a", "b", "measure", "item", "value"]
    assert set(found.select("a", "b").iter_rows()) == {("one", "two"), ("one", "three"), ("two", "three")}
    for (a, b, measure), part in found.group_by("a", "b", "measure"):
        expected = variation.agreement(maps[a].sum(1), maps[b].sum(1), measure=measure)
        np.testing.assert_array_equal(part["value"].to_numpy(), expected)


def test_shared_passes_are_made_once(net, data):
    """Deletion and insertion of three explanations: 2 · 3 · (steps − 1) points of their own, and the two ends."""
    x, targets, maps = data
    seen = []
    net.register_forward_hook(lambda module, inputs, output: seen.append(len(inputs[0])))
    variation.compare(net, x, targets, maps, items=ITEMS, metrics=["deletion", "insertion"], agreements=[])
    # 16 pixels have 16 points, whatever the 20 steps asked for.
    assert sum(seen) == 4 * (2 * 3 * 15 + 2)


def test_a_spec_is_scored_under_its_label(net, data):
    x, targets, maps = data
    metrics = ["deletion", Spec("metric", "deletion", {"imputer": "mean"})]
    scores = variation.compare(net, x, targets, maps, items=ITEMS, metrics=metrics, agreements=[]).scores
    part = scores.filter((scores["metric"] == "deletion (mean)") & (scores["explanation"] == "one"))
    expected = variation.score(net, x, targets, maps["one"], imputer="mean")
    np.testing.assert_allclose(part["value"].to_numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("items", [["a", "b"], ["a", "b", "c", "c"]])
def test_ids_that_are_not_one_an_item_are_refused(net, data, items):
    with pytest.raises(BinomeError, match="give one each"):
        variation.compare(net, *data, items=items, metrics=["gini"], agreements=[])


def test_nothing_asked_gives_empty_tables(net, data):
    found = variation.compare(net, *data, items=ITEMS, metrics=[], agreements=[])
    assert found.scores.columns == ["explanation", "metric", "item", "value"]
    assert found.scores.height == found.agreements.height == 0
