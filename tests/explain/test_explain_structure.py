"""What trees and linear models give exactly, against all coalitions, all orders and the weights themselves."""

import itertools
import math

import numpy as np
import pytest
import torch
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from torch import nn

from binome import contexts, explain, models
from binome.core import BinomeError
from binome.models.cases import Lines
from binome.models.trees import Trees, _tensors
from binome.testing import check_explainer

CATEGORIES = (0, 0, 4, 0, 0)


def data(count=300):
    generator = np.random.default_rng(3)
    x = generator.normal(size=(count, 5)).astype(np.float32)
    x[:, 2] = generator.integers(0, 4, count)
    return x


def grown(classes, **options):
    """Trees of scikit-learn's, and the inputs that they were fitted on."""
    x = data()
    score = x[:, 0] * x[:, 1] + np.isin(x[:, 2], [1, 3]) - x[:, 3]
    options = {"max_iter": 12, "max_leaf_nodes": 12, "min_samples_leaf": 5, "random_state": 0,
               "categorical_features": [bool(c) for c in CATEGORIES], **options}  # fmt: skip
    if classes is None:
        model = HistGradientBoostingRegressor(**options).fit(x, score)
    else:
        wanted = np.searchsorted(np.quantile(score, np.linspace(0, 1, classes + 1)[1:-1]), score)
        model = HistGradientBoostingClassifier(**options).fit(x, wanted)
    trees = Trees(classes or 1)
    trees.grow(**_tensors(model, CATEGORIES))
    return trees, torch.from_numpy(x)


def all_orders(module, x, target, background):
    """Shapley values as the mean over all orders of the features, and over the references one after another."""
    count, totals = len(x), np.zeros(len(x))
    codes = list(itertools.product([False, True], repeat=count))
    masks = torch.tensor(codes)
    mixed = torch.where(masks[:, None], x, background[None])
    with torch.no_grad():
        answers = module(mixed.flatten(0, 1))[:, target].double().view(len(codes), -1).mean(1)
    values = {code: float(answer) for code, answer in zip(codes, answers, strict=True)}
    for order in itertools.permutations(range(count)):
        present = [False] * count
        for feature in order:
            before = values[tuple(present)]
            present[feature] = True
            totals[feature] += values[tuple(present)] - before
    return totals / math.factorial(count)


@pytest.mark.parametrize("classes", [None, 2, 3])
def test_trees_give_the_mean_over_all_orders_of_their_features(classes):
    trees, x = grown(classes)
    items, background = x[:6], x[50:70]
    targets = [0] * 6 if classes is None else [i % classes for i in range(6)]
    found = explain.attribute(trees, items, targets, "tree_shap", background=background)
    for row in range(6):
        expected = all_orders(trees, items[row], targets[row], background)
        np.testing.assert_allclose(found[row], expected, rtol=1e-4, atol=1e-5)


def test_trees_agree_with_the_shapley_values_of_all_coalitions_and_sum_up():
    trees, x = grown(3)
    items, background, targets = x[:20], x[100:150], torch.arange(20) % 3
    found = explain.attribute(trees, items, targets, "tree_shap", background=background, batch_size=7)
    every = explain.attribute(trees, items, targets, "exact_shapley", background=background, baseline="background")
    torch.testing.assert_close(found, every, rtol=1e-3, atol=1e-4)
    gap = trees(items).gather(1, targets[:, None])[:, 0] - trees(background).mean(0)[targets]
    torch.testing.assert_close(found.sum(1), gap, rtol=1e-4, atol=1e-5)


def test_a_feature_that_no_tree_asks_for_has_no_share():
    trees, x = grown(2)
    found = explain.attribute(trees, x[:30], [1] * 30, "tree_shap", background=x[100:130])
    asked = set(trees.feature[trees.left != torch.arange(trees.left.shape[1])].tolist())
    for feature in range(5):
        assert bool((found[:, feature] != 0).any()) == (feature in asked)


def test_a_fitted_predictor_is_explained_through_its_scale():
    context = contexts.load("diabetes")
    predictor = models.fit(context, "gradient_boosting", seed=0, iterations=10)
    items, background = context.split("test").inputs[:3], context.split("train").inputs[:15]
    found = explain.attribute(predictor, items, [0] * 3, "tree_shap", background=background)
    gap = predictor.logits(items)[:, 0] - predictor.logits(background).mean()
    torch.testing.assert_close(found.sum(1), gap, rtol=1e-3, atol=1e-3)
    sampled = explain.attribute(
        predictor, items, [0] * 3, "kernel_shap", background=background, baseline="background", samples=2000
    )
    assert float((found - sampled).abs().max()) < 0.02 * float(found.abs().max())


def linear_case(classes=3):
    torch.manual_seed(0)
    lines = Lines(CATEGORIES)
    return nn.Sequential(lines, nn.Linear(lines.columns, classes)), torch.from_numpy(data(60))


def test_linear_models_give_all_orders_too_with_a_categorys_columns_in_one():
    module, x = linear_case()
    found = explain.attribute(module, x[:4], [0, 1, 2, 0], "linear", background=x[20:50])
    for row, target in enumerate([0, 1, 2, 0]):
        np.testing.assert_allclose(found[row], all_orders(module, x[row], target, x[20:50]), rtol=1e-4, atol=1e-5)
    weight = module[1].weight.detach()[0]
    assert float(found[0, 0]) == pytest.approx(float(weight[0] * (x[0, 0] - x[20:50, 0].mean())), rel=1e-5)


def test_linear_models_of_pictures_need_no_columns(linear, images, targets):
    found = explain.attribute(linear, images, targets, "linear", background=images[:2])
    for row, target in enumerate(targets.tolist()):
        torch.testing.assert_close(found[row], linear.weight(target) * (images[row] - images[:2].mean(0)))


def test_both_pass_the_check():
    trees, x = grown(4)
    check_explainer("tree_shap", trees, x[:6])
    module, cases = linear_case(4)
    check_explainer("linear", module, cases[:6])


class Twice(nn.Module):
    def __init__(self, inner, change):
        super().__init__()
        self.inner, self.change = inner, change

    def forward(self, x):
        return self.change(self.inner, x)


def test_what_cannot_be_used_is_refused_with_its_reason():
    trees, x = grown(2)
    module, cases = linear_case()
    bent = nn.Sequential(module, nn.ReLU())
    for message, call in {
        "give `background`": lambda: explain.attribute(trees, x[:3], [0] * 3, "tree_shap"),
        "has 0 such parts": lambda: explain.attribute(module, cases[:3], [0] * 3, "tree_shap", background=cases),
        "this module changes them": lambda: explain.attribute(
            Twice(trees, lambda inner, x: inner(2 * x)), x[:3], [0] * 3, "tree_shap", background=x
        ),
        "no sum of what its Trees give": lambda: explain.attribute(
            Twice(trees, lambda inner, x: inner(x) ** 2), x[:3], [0] * 3, "tree_shap", background=x
        ),
        "is not linear": lambda: explain.attribute(bent, cases[:9], [0] * 9, "linear", background=cases),
        "tree_shap needs reference items": lambda: explain.attribute(trees, x[:3], [1] * 3, "tree_shap"),
    }.items():
        with pytest.raises(BinomeError, match=message):
            call()
