import sys

import numpy as np
import pytest
import torch
from case_files import CaseFiles

from binome import contexts, models


@pytest.fixture(scope="module")
def trees():
    context = CaseFiles(noise=0.05)
    return models.fit(context, "gradient_boosting"), context


def test_permutation_importance_finds_what_tells_the_truth(trees):
    predictor, context = trees
    found = models.permutation_importance(predictor, context, context.split("calibration"), repeats=3)
    assert found.shape == (6,)
    assert set(np.argsort(-found)[:3]) <= {0, 1, 4, 5}
    assert found[[2, 3]] == pytest.approx([0, 0], abs=0.03)
    assert found[0] > 0.15


def test_permutation_importance_against_a_model_that_reads_one_feature(trees):
    context = CaseFiles()
    predictor, items = models.fit(context, "linear"), context.split("test")
    with torch.no_grad():
        predictor.network[1].weight.zero_()
        predictor.network[1].weight[1, 0] = 1.0
        predictor.network[1].bias.zero_()
    found = models.permutation_importance(predictor, context, items, repeats=200)
    # Expected loss: right answers now, less the chance that another item's sign is right.
    up, truths = (items.inputs[:, 0] > 0).double(), items.truths.double()
    now = (up == truths).double().mean()
    chance = up.mean() * truths.mean() + (1 - up.mean()) * (1 - truths.mean())
    assert found[0] == pytest.approx(float(now - chance), abs=0.01)
    assert found[1:] == pytest.approx(np.zeros(5))


def test_partial_dependence_of_a_line_is_that_line():
    context = CaseFiles(classes=0)
    predictor, items = models.fit(context, "linear"), context.split("calibration")
    found = models.partial_dependence(predictor, context, items, 0)
    slope = float((predictor.network[1].weight[0, 0] * predictor.spread).detach())
    values = [float(value) for value in found.values]
    assert np.diff(found.answers) == pytest.approx(slope * np.diff(values), abs=0.01 * abs(slope) * 2 + 0.1)
    categories = models.partial_dependence(predictor, context, items, 4)
    assert not categories.number
    assert [float(value) for value in categories.values] == [0, 1, 2, 3, 4]
    weights = predictor.network[1].weight[0, 4:9] * predictor.spread
    assert np.ptp(np.array(categories.answers) - weights.detach().numpy()) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("classes", [0, 2])
def test_the_page_of_a_case_file(classes, language):
    context = CaseFiles(classes)
    predictor = models.fit(context, "linear")
    card = models.evaluate(predictor, context, resamples=50)
    page = models.overview(predictor, context, card).to_html(language)
    assert f'<html lang="{language}">' in page
    assert ("F0" if language == "en" else "T0") in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    words = card.to_html(language)
    assert ("\u00a0kg" in words) == (classes == 0)


def test_the_page_of_pictures_shows_typical_items_that_no_trial_shows(monkeypatch):
    context = contexts.load("digits")
    predictor = models.fit(context, "vit_micro", epochs=1)
    card = models.evaluate(predictor, context, resamples=0, robustness=0)
    monkeypatch.setattr(sys.modules["binome.models.cards.overview"], "ITEMS", 40)
    found = models.overview(predictor, context, card)
    assert found.importance.shape == (5, 5)
    items = {row[0]: row for row in found.right + found.wrong}
    assert items
    assert all(name.startswith("calibration-") for name in items)
    held = context.split("calibration")
    for row in found.right:
        assert int(held.truths[held.ids.index(row[0])]) == row[1] == row[3]
    for row in found.wrong:
        assert row[1] != row[3]
    assert found.to_html("fr").count("data:image/png;base64,") == len(found.right) + len(found.wrong)


def test_a_model_without_errors_says_so():
    context = CaseFiles()
    predictor = models.fit(context, "linear")
    card = models.evaluate(predictor, context, resamples=0)
    found = models.overview(predictor, context, card)
    flawless = models.Overview(context, card, found.importance, (), found.right, (), found.n)
    assert "It made no error" in flawless.to_html("en")


def test_it_names_what_the_operator_sees_and_the_model_does_not():
    context = contexts.load(
        "diabetes", operator_view={"hide": ["hdl"], "note": "age"}, predictor_view={"hide": ["bmi"]}
    )
    predictor = models.fit(context, "linear")
    page = models.overview(predictor, context, models.evaluate(predictor, context, resamples=0)).to_html("en")
    assert "it lacks: Body mass index." in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_word_is_in_both_languages(language):
    from binome.models.cards.wording import _read

    assert set(_read(language)) == set(_read("en"))
    assert all(isinstance(value, str) and value for value in _read(language).values())
