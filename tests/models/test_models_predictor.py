import json

import numpy as np
import pytest
import torch
from scipy.stats import binomtest

from binome import contexts, models
from binome.core import BinomeError, UnknownNameError


@pytest.fixture(scope="module")
def digits():
    return contexts.load("digits")


@pytest.fixture(scope="module")
def predictor(digits):
    return models.fit(digits, "vit_micro", epochs=3, batch_size=32)


def same(a, b):
    return all(torch.equal(v, b.state_dict()[k]) for k, v in a.state_dict().items())


def test_it_learns_and_the_same_seed_gives_the_same_weights(digits, predictor):
    card = models.evaluate(predictor, digits).as_dict()
    assert card["accuracy"]["value"] > 0.25
    assert same(predictor, models.fit(digits, "vit_micro", epochs=3, batch_size=32))
    assert not same(predictor, models.fit(digits, "vit_micro", epochs=3, batch_size=32, seed=1))


def test_an_interrupted_fit_goes_on_to_the_same_weights(digits, predictor, tmp_path, monkeypatch):
    from binome.models import training

    keep, epochs = training.keep, []

    def interrupted(*args):
        keep(*args)
        epochs.append(args[-1].epochs)
        if len(epochs) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(training, "keep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        models.fit(digits, "vit_micro", epochs=3, batch_size=32, checkpoint=tmp_path)
    resumed = models.fit(digits, "vit_micro", epochs=3, batch_size=32, checkpoint=tmp_path)
    assert epochs == [1, 2, 3]
    assert same(resumed, predictor)


def test_saved_and_loaded_it_predicts_alike(digits, predictor, tmp_path):
    models.save(predictor, tmp_path)
    loaded = models.load(tmp_path)
    inputs = digits.split("test").inputs[:50]
    a, b = predictor.predict(inputs), loaded.predict(inputs, batch_size=7)
    assert torch.equal(a.decisions, b.decisions)
    torch.testing.assert_close(a.probabilities, b.probabilities, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(a.probabilities.sum(1), torch.ones(50))
    assert loaded.temperature == predictor.temperature


def test_what_does_not_fit_is_refused(predictor, tmp_path):
    models.save(predictor, tmp_path)
    description = json.loads((tmp_path / "predictor.json").read_text())
    (tmp_path / "predictor.json").write_text(json.dumps({**description, "architecture": "resnet10t"}))
    with pytest.raises(BinomeError, match="does not fit resnet10t"):
        models.load(tmp_path)
    (tmp_path / "weights.safetensors").write_bytes(b"nothing")
    with pytest.raises(BinomeError, match="was changed after it was made"):
        models.load(tmp_path)


def test_unknown_names_are_refused(digits):
    with pytest.raises(UnknownNameError, match="did you mean 'vit_micro'"):
        models.fit(digits, "vit_mikro")
    with pytest.raises(BinomeError, match="no setting 'epoch'"):
        models.fit(digits, "vit_micro", epoch=3)
    with pytest.raises(BinomeError, match="epochs is 0"):
        models.fit(digits, "vit_micro", epochs=0)


def test_any_timm_architecture_is_built():
    assert models.build("vit_tiny_patch16_224", models.Layout((3, 32, 32), 5))(torch.rand(2, 3, 32, 32)).shape == (2, 5)


def test_the_card_adds_up(digits, predictor):
    card = models.evaluate(predictor, digits).as_dict()
    confusion = np.array(card["confusion"])
    assert confusion.sum() == card["n"] == 500
    assert card["accuracy"]["value"] == pytest.approx(np.trace(confusion) / 500)
    recalls = [row["recall"]["value"] for row in card["per_class"]]
    assert card["balanced_accuracy"]["value"] == pytest.approx(np.mean(recalls))
    assert recalls == pytest.approx((np.diag(confusion) / confusion.sum(1)).tolist())
    bins = card["calibration"]["bins"]
    assert sum(row["n"] for row in bins) == 500
    error = sum(row["n"] * abs(row["accuracy"] - row["confidence"]) for row in bins if row["n"]) / 500
    assert card["calibration"]["ece_after"] == pytest.approx(error)
    json.dumps(card, allow_nan=False)
    for language, word in (("en", "Accuracy"), ("fr", "Exactitude")):
        assert word in models.evaluate(predictor, digits).to_markdown(language)


def test_wilson_interval_against_scipy():
    for k, n in ((0, 7), (3, 10), (430, 500), (20, 20)):
        expected = binomtest(k, n).proportion_ci(method="wilson")
        assert models.wilson(k, n) == pytest.approx((expected.low, expected.high))


def test_temperature_is_recovered():
    generator = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(20_000, 5, generator=generator)
    truths = torch.multinomial(torch.softmax(logits, 1), 1, generator=generator)[:, 0]
    assert models.fit_temperature(2.5 * logits, truths) == pytest.approx(2.5, rel=0.04)


def test_calibration_error_by_hand():
    confidence = np.array([0.1, 1 / 15, 0.95, 0.99, 1.0, 0.0])
    correct = np.array([True, False, True, False, True, False])
    found = models.reliability(confidence, correct)
    # (0, 1/15] holds 1/15 and 0; (1/15, 2/15] holds .1; (14/15, 1] holds the other three.
    by_hand = (2 * abs(0 - 1 / 30) + abs(1 - 0.1) + 3 * abs(2 / 3 - 2.94 / 3)) / 6
    assert found.error == pytest.approx(by_hand)
    assert found.n[[0, 1, 14]].tolist() == [2, 1, 3]


@pytest.mark.slow
def test_digits_reach_ninety_percent(digits):
    card = models.evaluate(models.fit(digits, "vit_micro"), digits).as_dict()
    assert card["accuracy"]["value"] > 0.9
