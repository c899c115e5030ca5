import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from binome.models import scores


@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 3)), min_size=2, max_size=40).filter(
        lambda rows: len({up for _, up, weight in rows if weight}) == 2
    )
)
@settings(max_examples=60, deadline=None)
def test_auroc_counts_pairs_with_ties_and_weights(rows):
    values, positive, weights = (np.array(column) for column in zip(*rows, strict=True))
    pairs = total = 0.0
    for value, up, weight in rows:
        for other, down, count in rows:
            if up and not down:
                total += weight * count
                pairs += weight * count * ((value > other) + 0.5 * (value == other))
    found = scores.auroc(values.astype(float), positive.astype(bool), weights[None])
    assert found[0] == pytest.approx(pairs / total)


def test_auroc_without_weights_is_scikit_learns():
    generator = np.random.default_rng(0)
    values, positive = generator.integers(0, 20, 300).astype(float), generator.random(300) < 0.3
    assert scores.auroc(values, positive) == pytest.approx(metrics.roc_auc_score(positive, values))


@pytest.mark.parametrize("positive", [[True, True], [False, False]])
def test_auroc_of_one_class_is_undefined(positive):
    assert np.isnan(scores.auroc(np.array([0.1, 0.2]), np.array(positive)))


def test_f1_of_a_class_that_is_nowhere_is_undefined():
    assert np.isnan(scores.macro_f1(np.array([[3, 0], [0, 0]])))
    # One class of two is never advised: F1 is 0 for it, 2·3/(2·3+1) for the other.
    assert scores.macro_f1(np.array([[3, 0], [1, 0]])) == pytest.approx((6 / 7 + 0) / 2)


def test_a_mean_and_its_interval_against_the_normal_approximation():
    values = np.random.default_rng(0).normal(3, 2, 4000)
    found = scores.mean(values, 3000, np.random.default_rng(1))
    half = 1.96 * values.std() / np.sqrt(len(values))
    assert found["value"] == pytest.approx(values.mean())
    assert (found["low"], found["high"]) == pytest.approx((values.mean() - half, values.mean() + half), abs=half / 10)


def test_no_resamples_give_no_interval():
    assert scores.mean(np.arange(4.0), 0, np.random.default_rng(0)) == {"value": 1.5, "low": None, "high": None}


def test_resampling_in_parts_draws_as_many_as_asked(monkeypatch):
    monkeypatch.setattr(scores, "CELLS", 50)
    drawn = []

    def statistic(weights):
        assert (weights.sum(1) == 20).all()
        drawn.append(len(weights))
        return weights[:, 0]

    scores.resampled(statistic, 20, 7, np.random.default_rng(0))
    assert sum(drawn) == 1 + 7
