import json

import numpy as np
import pytest
import torch
from sklearn import metrics
from torch import nn

from binome import models
from binome.contexts import Pictures
from binome.contexts.images import ImageContext
from binome.core import BinomeError, UnknownNameError
from binome.core.stimulus import Decision, Task
from binome.models.predictor import Predictor

CLASSES = 4
DECISIONS = tuple(Decision(name, {"en": name.upper(), "fr": f"le {name}"}) for name in "abcd")


class Recorded(nn.Module):
    """Returns the recorded logits of the item whose number is its first two pixels."""

    def __init__(self, logits):
        super().__init__()
        self.register_buffer("recorded", logits)

    def forward(self, inputs):
        return self.recorded[(inputs[:, 0, 0] * 255).round().long() @ torch.tensor([256, 1])]


def recorded(logits, truths, temperature=1.0):
    """A predictor with these answers to the test items of a context with these truths."""
    count = len(truths)
    pixels = np.stack(np.divmod(np.arange(count), 256), 1).astype(np.uint8).reshape(count, 1, 1, 2)
    one = Pictures(pixels[:1], np.zeros(1, dtype=np.int64))
    splits = {"train": one, "calibration": one, "test": Pictures(pixels, np.asarray(truths))}
    context = ImageContext(Task("recorded", "Recorded", "Which?", DECISIONS), splits, mirrors=False)
    predictor = Predictor(
        Recorded(logits), architecture="recorded", decisions=tuple("abcd"), layout=models.Layout((1, 1, 2), 4),
        mean=torch.zeros(1), deviation=torch.ones(1), training_record={"epochs": 3, "seed": 7, "train_items": 1},
    )  # fmt: skip
    predictor.temperature.fill_(temperature)
    return predictor, context


@pytest.fixture(scope="module")
def answers():
    generator = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(700, CLASSES, generator=generator)
    truths = torch.multinomial(torch.softmax(logits / 1.6, 1), 1, generator=generator)[:, 0].numpy()
    return logits, truths


@pytest.fixture(scope="module")
def card(answers):
    return models.evaluate(*recorded(*answers, temperature=1.6), robustness=0).as_dict()


def test_it_agrees_with_scikit_learn(answers, card):
    logits, truths = answers
    chosen = logits.argmax(1).numpy()
    assert card["n"] == 700
    assert card["accuracy"]["value"] == pytest.approx(metrics.accuracy_score(truths, chosen))
    assert card["balanced_accuracy"]["value"] == pytest.approx(metrics.balanced_accuracy_score(truths, chosen))
    assert card["confusion"] == metrics.confusion_matrix(truths, chosen).tolist()
    precision, recall, _, count = metrics.precision_recall_fscore_support(truths, chosen)
    rows = card["per_class"]
    assert [row["precision"] for row in rows] == pytest.approx(precision.tolist())
    assert [row["recall"]["value"] for row in rows] == pytest.approx(recall.tolist())
    assert [row["n"] for row in rows] == count.tolist()
    assert [row["id"] for row in rows] == list("abcd")
    assert rows[1]["label"] == {"en": "B", "fr": "le b"}


def test_f1_auroc_and_brier_agree_with_scikit_learn(answers, card):
    logits, truths = answers
    probabilities = torch.softmax(logits.double() / 1.6, 1).numpy()
    assert card["macro_f1"]["value"] == pytest.approx(
        metrics.f1_score(truths, logits.argmax(1).numpy(), average="macro")
    )
    auroc = metrics.roc_auc_score(truths, probabilities, multi_class="ovr", average="macro")
    assert card["auroc"]["value"] == pytest.approx(auroc, abs=1e-6)
    brier = np.mean([metrics.brier_score_loss(truths == c, probabilities[:, c]) for c in range(CLASSES)]) * CLASSES
    assert card["brier"]["value"] == pytest.approx(brier, abs=1e-6)


def test_the_intervals_against_resampled_items_one_by_one(answers, card):
    logits, truths = answers
    probabilities, generator = torch.softmax(logits.double() / 1.6, 1).numpy(), np.random.default_rng(1)
    draws = {"macro_f1": [], "auroc": [], "brier": []}
    for _ in range(400):
        rows = generator.integers(0, len(truths), len(truths))
        draws["macro_f1"].append(metrics.f1_score(truths[rows], logits.argmax(1).numpy()[rows], average="macro"))
        draws["auroc"].append(metrics.roc_auc_score(truths[rows], probabilities[rows], multi_class="ovr"))
        draws["brier"].append(((probabilities[rows] - np.eye(CLASSES)[truths[rows]]) ** 2).sum(1).mean())
    for name, values in draws.items():
        # A quantile of 400 draws has a standard error of about a seventh of their deviation.
        limits = np.quantile(values, [0.025, 0.975])
        assert (card[name]["low"], card[name]["high"]) == pytest.approx(limits, abs=0.45 * np.std(values)), name


def test_the_balanced_interval_against_resampled_items(answers, card):
    logits, truths = answers
    chosen, generator = logits.argmax(1).numpy(), np.random.default_rng(1)
    members = [np.flatnonzero(truths == label) for label in range(CLASSES)]
    draws = []
    for _ in range(4000):
        sample = np.concatenate([generator.choice(items, len(items)) for items in members])
        draws.append(np.mean([(chosen[sample] == c)[truths[sample] == c].mean() for c in range(CLASSES)]))
    found = card["balanced_accuracy"]
    # The draws' deviation is 0.018; a quantile of 2,000 draws has a standard error of about 0.001.
    assert (found["low"], found["high"]) == pytest.approx(np.quantile(draws, [0.025, 0.975]), abs=0.004)


def test_the_seed_decides_the_bootstrap(answers):
    pair = recorded(*answers)

    def interval(**given):
        return models.evaluate(*pair, robustness=0, **given).as_dict()["balanced_accuracy"]

    assert interval(seed=1) == interval(seed=1) != interval(seed=2)


def expected_calibration_error(probabilities, truths, bins=15):
    """Item by item, with exact edges: (0, 1/15], (1/15, 2/15], …"""
    cells = [[] for _ in range(bins)]
    for row, truth in zip(probabilities, truths, strict=True):
        confidence = max(row)
        cell = next(k for k in range(bins) if confidence <= (k + 1) / bins or k == bins - 1)
        cells[cell].append((confidence, float(np.argmax(row) == truth)))
    gaps = [len(cell) * abs(np.mean([c for c, _ in cell]) - np.mean([r for _, r in cell])) for cell in cells if cell]
    return sum(gaps) / len(truths), [len(cell) for cell in cells]


@pytest.mark.parametrize(("key", "temperature"), [("ece_before", 1.0), ("ece_after", 1.6)])
def test_the_calibration_error_against_a_brute_force(answers, card, key, temperature):
    logits, truths = answers
    error, counts = expected_calibration_error(torch.softmax(logits / temperature, 1).double().numpy(), truths)
    assert card["calibration"][key] == pytest.approx(error)
    if key == "ece_after":
        assert [row["n"] for row in card["calibration"]["bins"]] == counts


def test_bins_are_closed_on_the_right():
    edges = np.linspace(0, 1, 16)
    found = models.reliability(edges, np.ones(16, dtype=bool))
    assert found.n.tolist() == [2] + [1] * 14
    np.testing.assert_array_equal(found.edges, edges)


def test_no_items_have_no_calibration_error():
    found = models.reliability(np.array([]), np.array([], dtype=bool))
    assert np.isnan(found.error)
    assert np.isnan(found.accuracy).all()


def test_the_card_has_exactly_the_fields_that_others_read(card):
    assert set(card) == {
        "context", "title", "architecture", "parameters", "training", "views", "skipped", "n", "accuracy",
        "several_right", "balanced_accuracy", "macro_f1", "auroc", "brier", "per_class", "calibration", "confusion",
        "groups", "robustness",
    }  # fmt: skip
    assert set(card["accuracy"]) == set(card["balanced_accuracy"]) == {"value", "low", "high"}
    assert set(card["per_class"][0]) == {"id", "label", "n", "recall", "precision"}
    assert set(card["calibration"]) == {
        "temperature", "ece_before", "ece_after", "edges", "closed", "bins", "bins_before",
    }  # fmt: skip
    assert set(card["calibration"]["bins"][0]) == {"low", "high", "n", "confidence", "accuracy"}
    assert card["calibration"]["closed"] == "right"
    assert len(card["calibration"]["edges"]) == 16
    assert card["parameters"] == 0
    assert json.loads(json.dumps(card, allow_nan=False)) == card


def test_what_is_undefined_is_none():
    logits = torch.tensor([[5.0, 0, 0, 0], [5.0, 0, 0, 0], [0, 5.0, 0, 0]])
    card = models.evaluate(*recorded(logits, [0, 2, 1]), robustness=0)
    figures = card.as_dict()
    absent, never_advised = figures["per_class"][3], figures["per_class"][2]
    assert absent["recall"] == {"value": None, "low": None, "high": None}
    assert absent["precision"] is never_advised["precision"] is None
    assert never_advised["recall"]["value"] == 0
    assert figures["balanced_accuracy"] == {"value": None, "low": None, "high": None}
    assert figures["calibration"]["bins"][0]["accuracy"] is None
    assert figures["auroc"] == {"value": None, "low": None, "high": None}
    assert "| D | 0 | – | – |" in card.to_markdown("en")


def test_a_predictor_of_another_task_is_refused(answers):
    predictor, context = recorded(*answers)
    predictor.decisions = ("a", "b", "c", "e")
    with pytest.raises(BinomeError, match="train it again"):
        models.evaluate(predictor, context)


def test_the_card_reads_well_in_both_languages(answers):
    card = models.evaluate(*recorded(*answers, temperature=1.6), robustness=0)
    english, french = card.to_markdown(), card.to_markdown("fr")
    accuracy = 100 * card.as_dict()["accuracy"]["value"]
    assert f"Right on held-out items: {accuracy:.1f}\u00a0% [" in english
    assert f"Exactitude sur des exemples non vus\u00a0: {accuracy:.1f}\u00a0% [".replace(".", ",") in french
    assert "(T = 1.60)" in english
    assert "(T = 1,60)" in french
    assert "| le b |" in french
    assert "epochs 3 · seed 7" in french
    with pytest.raises(UnknownNameError, match="unknown language 'de'"):
        card.to_markdown("de")


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_as_published(successes, n, low, high):
    assert models.wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_of_nothing_is_undefined():
    assert np.isnan(models.wilson(0, 0)).all()


def test_the_temperature_is_where_the_likelihood_has_no_slope(answers):
    logits, truths = answers
    temperature = models.fit_temperature(logits, torch.from_numpy(truths))
    x, p = logits.double().numpy(), torch.softmax(logits.double() / temperature, 1).numpy()
    # d NLL / d(1/T) = E[expected logit - logit of the truth].
    assert ((p * x).sum(1) - x[np.arange(len(x)), truths]).mean() == pytest.approx(0, abs=1e-4)


def test_prediction_is_the_calibrated_softmax(answers):
    logits, truths = answers
    predictor, context = recorded(logits, truths, temperature=1.6)
    found = predictor.train().predict(context.split("test").inputs, batch_size=33)
    weights = np.exp(logits.numpy() / 1.6)
    np.testing.assert_allclose(found.probabilities, weights / weights.sum(1, keepdims=True), rtol=1e-5)
    assert torch.equal(found.decisions, logits.argmax(1))
    assert torch.equal(found.confidence, found.probabilities.amax(1))
    assert found.decisions.dtype == torch.int64
    assert predictor.training
    none = predictor.predict(context.split("test").inputs[:0])
    assert none.probabilities.shape == (0, CLASSES)
