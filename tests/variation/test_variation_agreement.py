import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from binome import variation
from binome.core import BinomeError
from binome.testing import check_agreement

A, B = [[5, -4, 3, 2, 0.5]], [[4, 5, -3, 1, 2]]


@pytest.mark.parametrize(
    ("measure", "expected"),
    [("feature_agreement", 1), ("rank_agreement", 1 / 3), ("sign_agreement", 1 / 3), ("signed_rank_agreement", 0)],
)
def test_worked_case_of_top_features(measure, expected):
    assert variation.agreement(A, B, measure=measure, k=3) == pytest.approx([expected])


@pytest.mark.parametrize("measure", ["spearman", "pairwise_rank_agreement"])
def test_worked_case_of_orders(measure):
    assert variation.agreement(A, B, measure=measure) == pytest.approx([0.8])


maps = st.lists(st.floats(-5, 5).map(lambda v: round(v, 1)), min_size=6, max_size=6)


@settings(max_examples=60, deadline=None)
@given(maps, maps)
def test_orders_against_scipy_and_brute_force(a, b):
    x, y = np.abs(a), np.abs(b)
    found = {m: variation.agreement([a], [b], measure=m)[0] for m in ("spearman", "pairwise_rank_agreement", "pearson")}
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert np.isnan(found["spearman"])
        assert np.isnan(found["pairwise_rank_agreement"])
    else:
        assert found["spearman"] == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
        pairs = list(itertools.combinations(range(6), 2))
        alike = [np.sign(x[i] - x[j]) == np.sign(y[i] - y[j]) for i, j in pairs]
        assert found["pairwise_rank_agreement"] == pytest.approx(np.mean(alike))
    if np.ptp(a) > 1e-9 and np.ptp(b) > 1e-9:
        assert found["pearson"] == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(maps, maps, st.integers(1, 6), st.floats(0.1, 9))
def test_top_features_ignore_scale_and_count_by_hand(a, b, k, scale):
    def top(values):
        return sorted(range(6), key=lambda i: (-abs(values[i]), i))[:k]

    if np.ptp(np.abs(a)) == 0 or np.ptp(np.abs(b)) == 0:
        assert np.isnan(variation.agreement([a], [b], k=k)[0])
        return
    common = set(top(a)) & set(top(b))
    assert variation.agreement([a], [b], k=k)[0] == pytest.approx(len(common) / k)
    assert variation.agreement([a], [b], measure="topk_iou", k=k)[0] == pytest.approx(
        len(common) / (2 * k - len(common))
    )
    same = sum(top(a).index(i) == top(b).index(i) for i in common)
    assert variation.agreement([a], [b], measure="rank_agreement", k=k)[0] == pytest.approx(same / k)
    scaled = np.array([a]) * 2.0 ** round(scale)
    assert variation.agreement(scaled, [b], k=k)[0] == variation.agreement([a], [b], k=k)[0]


def test_tensors_arrays_and_lists_agree_and_stay_as_they_are():
    a = torch.randn(3, 1, 4, 4, requires_grad=True)
    kept = a.detach().clone()
    b = torch.randn(3, 1, 4, 4)
    found = variation.agreement(a, b.numpy(), measure="cosine")
    expected = torch.cosine_similarity(a.detach().flatten(1).double(), b.flatten(1).double())
    np.testing.assert_allclose(found, expected.numpy())
    assert torch.equal(a, kept)
    assert found.dtype == np.float64


@pytest.mark.parametrize(
    ("a", "b", "params", "says"),
    [
        ([[1, 2]], [[1, 2, 3]], {}, "must be alike"),
        ([[1, 2, 3]], [[1, 2, 3]], {"k": 4}, "k is 4; give 1 to 3"),
        ([[1, float("nan")]], [[1, 2]], {"k": 1}, "NaN"),
        ([1, 2], [1, 2], {"k": 1}, "at least one item"),
        ([[1, 2]], [[1, 2]], {"kk": 1}, "did you mean 'k'"),
    ],
)
def test_bad_input_is_refused(a, b, params, says):
    with pytest.raises(BinomeError, match=says):
        variation.agreement(a, b, **params)


@pytest.mark.parametrize("measure", sorted(variation.agreements()))
def test_every_measure_passes_the_check_and_takes_k(measure):
    check_agreement(measure)
    assert np.isfinite(variation.agreement(A, B, measure=measure, k=3)).all()


def test_a_constant_map_has_no_ranking_nor_one_of_equal_sizes():
    for measure in variation.agreements():
        values = variation.agreement([[1, 1, 1], [1, 2, 3]], [[1, 2, 3], [3, 2, 1]], measure=measure, k=2)
        assert np.isnan(values).tolist() == [True, False]
    assert np.isnan(variation.agreement([[1, -1, 1]], [[1, 2, 3]], k=2)).all()
    assert np.isfinite(variation.agreement([[1, -1, 1]], [[1, 2, 3]], measure="pearson")).all()


def test_signed_orders_are_another_reading():
    assert variation.agreement(A, B, measure="spearman", absolute=False) == pytest.approx([-0.4])
    assert variation.agreement(A, B, measure="pairwise_rank_agreement", absolute=False) == pytest.approx([0.3])


def test_pairs_of_many_features_with_many_ties():
    generator = np.random.default_rng(3)
    a, b = generator.integers(-9, 9, size=(2, 4, 300))
    x, y = np.abs(a), np.abs(b)
    alike = np.sign(x[:, :, None] - x[:, None]) == np.sign(y[:, :, None] - y[:, None])
    expected = [(pairs.sum() - 300) / (300 * 299) for pairs in alike]
    np.testing.assert_allclose(variation.agreement(a, b, measure="pairwise_rank_agreement"), expected, rtol=1e-12)


@pytest.mark.parametrize("measure", ["cosine", "pearson", "spearman"])
@pytest.mark.parametrize("scale", [1e-200, 1e-20, 1e200])
def test_scale_changes_nothing(measure, scale):
    found = variation.agreement(np.array(A) * scale, np.array(B), measure=measure)
    assert found == pytest.approx(variation.agreement(A, B, measure=measure))
