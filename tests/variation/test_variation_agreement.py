import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from binome import variation
from binome.core import BinomeError

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


def test_a_constant_map_has_no_ranking():
    assert np.isnan(variation.agreement([[1, 1, 1]], [[1, 2, 3]], measure="spearman")).all()
