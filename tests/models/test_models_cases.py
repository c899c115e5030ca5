import numpy as np
import pytest
import torch
from case_files import CaseFiles
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import OneHotEncoder

from binome import contexts, models
from binome.core import BinomeError

SKLEARN = {
    "max_iter": 30, "learning_rate": 0.08, "max_leaf_nodes": 15, "min_samples_leaf": 20, "l2_regularization": 1.0,
    "early_stopping": False, "categorical_features": [4, 5], "random_state": 1,
}  # fmt: skip


def arrays(split):
    return split.inputs.double().numpy(), split.truths.numpy()


@pytest.mark.parametrize("classes", [2, 3])
def test_trees_give_scikit_learns_probabilities(classes):
    context = CaseFiles(classes)
    predictor = models.fit(context, "gradient_boosting", iterations=30)
    model = HistGradientBoostingClassifier(**SKLEARN).fit(*arrays(context.split("train")))
    for name in ("train", "test"):
        split = context.split(name)
        found = torch.softmax(predictor(split.inputs.double()), 1).numpy()
        np.testing.assert_allclose(found, model.predict_proba(arrays(split)[0]), atol=1e-9)


def test_trees_give_scikit_learns_estimates():
    context = CaseFiles(classes=0)
    predictor = models.fit(context, "gradient_boosting", iterations=30)
    inputs, truths = arrays(context.split("train"))
    model = HistGradientBoostingRegressor(**SKLEARN).fit(inputs, truths.astype(float))
    found = predictor.logits(context.split("test").inputs)[:, 0].numpy()
    # scikit-learn was given the truths in their own unit here, standardised ones there.
    np.testing.assert_allclose(found, model.predict(arrays(context.split("test"))[0]), rtol=1e-3, atol=0.05)


def one_hot(inputs):
    codes = OneHotEncoder(categories=[np.arange(5.0), np.arange(3.0)], sparse_output=False)
    return np.hstack([inputs[:, :4], codes.fit_transform(inputs[:, 4:])])


@pytest.mark.parametrize("classes", [2, 4])
def test_linear_is_logistic_regression(classes):
    context = CaseFiles(classes)
    predictor = models.fit(context, "linear", penalty=2.0)
    inputs, truths = arrays(context.split("train"))
    model = LogisticRegression(C=0.5, max_iter=5000, tol=1e-8).fit(one_hot(inputs), truths)
    test = context.split("test")
    found = torch.softmax(predictor(test.inputs), 1).detach().numpy()
    np.testing.assert_allclose(found, model.predict_proba(one_hot(arrays(test)[0])), atol=2e-3)


def test_linear_estimates_by_ridge_regression():
    context = CaseFiles(classes=0)
    predictor = models.fit(context, "linear", penalty=0.01)
    inputs, truths = arrays(context.split("train"))
    model = Ridge(alpha=0.01).fit(one_hot(inputs), truths)
    test = context.split("test")
    found = predictor.logits(test.inputs)[:, 0].numpy()
    np.testing.assert_allclose(found, model.predict(one_hot(arrays(test)[0])), rtol=1e-3, atol=0.02)


@pytest.mark.parametrize("classes", [0, 2])
@pytest.mark.parametrize("architecture", ["gradient_boosting", "linear", "mlp_micro"])
def test_saved_and_loaded_it_answers_the_same(architecture, classes, tmp_path):
    context = CaseFiles(classes)
    predictor = models.fit(context, architecture, **({"epochs": 2} if architecture == "mlp_micro" else {}))
    models.save(predictor, tmp_path)
    before, after = (each.predict(context.split("test").inputs) for each in (predictor, models.load(tmp_path)))
    assert torch.equal(before.decisions, after.decisions)
    assert torch.equal(before.confidence, after.confidence)


def test_confidence_in_estimates_is_how_often_they_were_near_enough():
    context = CaseFiles(classes=0)
    predictor = models.fit(context, "linear")
    held = context.split("calibration")
    gaps = (predictor.logits(held.inputs)[:, 0] - held.truths).abs()
    hits = sum(float(gap) <= 5.0 for gap in gaps)
    assert predictor.predict(held.inputs[:3]).confidence.tolist() == pytest.approx([(hits + 1) / 252] * 3)


def test_the_perceptron_learns_what_a_line_cannot():
    context = CaseFiles(noise=0.05)
    accuracy = {}
    for name, settings in (("linear", {}), ("mlp_micro", {"epochs": 25})):
        card = models.evaluate(models.fit(context, name, **settings), context, resamples=0).as_dict()
        accuracy[name] = card["accuracy"]["value"]
    assert accuracy["mlp_micro"] > accuracy["linear"] + 0.05


@pytest.mark.parametrize("architecture", ["gradient_boosting", "linear", "mlp_micro"])
def test_pictures_are_refused(architecture):
    with pytest.raises(BinomeError, match="takes case files"):
        models.fit(contexts.load("digits"), architecture)


def test_case_files_are_refused_by_what_takes_pictures():
    with pytest.raises(BinomeError, match=r"takes pictures .* choose another architecture"):
        models.fit(CaseFiles(), "vit_micro")
    with pytest.raises(BinomeError, match="changes pictures"):
        models.fit(CaseFiles(), "mlp_micro", shift=0.1)


@pytest.mark.parametrize(
    ("architecture", "settings", "says"),
    [
        ("gradient_boosting", {"iteration": 3}, "did you mean 'iterations'"),
        ("gradient_boosting", {"iterations": 0}, "iterations is 0; give a whole number from 1"),
        ("linear", {"penalty": 0}, "penalty is 0; give a number above 0"),
        ("linear", {"epochs": 3}, "no setting 'epochs'"),
    ],
)
def test_settings_of_their_own_are_checked(architecture, settings, says):
    with pytest.raises(BinomeError, match=says):
        models.fit(CaseFiles(), architecture, **settings)


def test_a_value_that_is_no_category_goes_with_none():
    network = models.build("linear", models.Layout((2,), 2, (0, 3)))
    assert network[0](torch.tensor([[0.5, 1.0], [0.5, 7.0]])).tolist() == [[0.5, 0, 1, 0], [0.5, 0, 0, 0]]
