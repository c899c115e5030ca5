import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from skimage.metrics import structural_similarity

from binome import variation
from binome.core import BinomeError
from binome.testing import check_agreement

PICTURES = {"ssim"}
"""Measures of maps that have a height and a width."""
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
    if measure not in PICTURES:
        assert np.isfinite(variation.agreement(A, B, measure=measure, k=3)).all()


def test_a_constant_map_has_no_ranking_nor_one_of_equal_sizes():
    for measure in set(variation.agreements()) - PICTURES:
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


def top(values, k):
    return sorted(range(len(values)), key=lambda i: (-abs(values[i]), i))[:k]


def alike(x, y):
    pairs = list(itertools.combinations(range(len(x)), 2))
    return np.mean([np.sign(x[i] - x[j]) == np.sign(y[i] - y[j]) for i, j in pairs])


@settings(max_examples=60, deadline=None)
@given(maps, maps, st.integers(1, 6), st.booleans())
def test_orders_of_top_features_by_hand(a, b, k, absolute):
    params = {"features": "top", "k": k, "absolute": absolute}
    found = {m: variation.agreement([a], [b], measure=m, **params)[0] for m in ("spearman", "pairwise_rank_agreement")}
    chosen = sorted(set(top(a, k)) | set(top(b, k)))
    x, y = ([abs(values[i]) if absolute else values[i] for i in chosen] for values in (a, b))
    if min(map(np.ptp, (a, b, x, y))) == 0:
        assert np.isnan(list(found.values())).all()
    else:
        assert found["spearman"] == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
        assert found["pairwise_rank_agreement"] == pytest.approx(alike(x, y), abs=1e-12)


def test_orders_of_chosen_features():
    generator = np.random.default_rng(5)
    a, b = generator.normal(size=(2, 4, 3, 3))
    chosen = [7, 0, 3, 5]
    x, y = (np.abs(values.reshape(4, 9)[:, chosen]) for values in (a, b))
    np.testing.assert_allclose(
        variation.agreement(a, b, measure="spearman", features=chosen),
        [stats.spearmanr(*rows).statistic for rows in zip(x, y, strict=True)],
    )
    np.testing.assert_allclose(
        variation.agreement(a, b, measure="pairwise_rank_agreement", features=chosen), list(map(alike, x, y))
    )
    everything = variation.agreement(a, b, measure="spearman", features=range(9))
    np.testing.assert_allclose(everything, variation.agreement(a, b, measure="spearman"))


@pytest.mark.parametrize("features", [[0], [0, 0], [0, 5], [-1, 2], [0.5, 2], [[0, 1]], "best"])
def test_features_that_are_not_are_refused(features):
    with pytest.raises(BinomeError, match="features"):
        variation.agreement(A, B, measure="spearman", features=features)


rows = st.lists(st.sampled_from([0.0, -0.0, 0.1, -0.1, 1.5, -2.0, 1e300, -1e-300, 3e-45]), min_size=1, max_size=12)


@given(rows)
def test_order_and_ranks_of_any_numbers(row):
    # 0.1 and the extremes are no numbers of 32 bits, so that both ways of sorting are met.
    for values in (np.array([row]), np.array([row]).clip(-9, 9).astype(np.float32).astype(np.float64)):
        features = variation.Features(values)
        assert features.order[0].tolist() == top(values[0], len(row))
        assert features.leading(1)[0].tolist() == top(values[0], 1)
        middle = (len(row) + 1) / 2
        np.testing.assert_array_equal(features.size_ranks[0], stats.rankdata(np.abs(values[0])) - middle)
        np.testing.assert_array_equal(features.value_ranks[0], stats.rankdata(values[0]) - middle)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_ranks_of_many_rows_with_ties(kind):
    values = np.random.default_rng(0).normal(size=(7, 30_000)).astype(kind).round(3).astype(np.float64)
    features = variation.Features(values)
    np.testing.assert_array_equal(features.size_ranks, stats.rankdata(np.abs(values), axis=1) - 15_000.5)
    np.testing.assert_array_equal(features.value_ranks, stats.rankdata(values, axis=1) - 15_000.5)
    np.testing.assert_array_equal(features.order, np.argsort(-np.abs(values), axis=1, kind="stable"))
    np.testing.assert_array_equal(features.leading(9), features.order[:, :9])


def test_once_computes_once():
    features, calls = variation.Features.of(A), []
    for _ in range(2):
        assert features.once("key", lambda: calls.append(1) or 7) == 7
    assert calls == [1]


def pictures(shape, seed=0):
    a, b = np.random.default_rng(seed).normal(size=(2, *shape))
    return a, b + a


def test_ssim_against_scikit_image():
    a, b = pictures((3, 24, 17))
    wanted = [
        structural_similarity(
            x, y, gaussian_weights=True, use_sample_covariance=False,
            data_range=max(x.max(), y.max()) - min(x.min(), y.min()),
        )
        for x, y in zip(a, b, strict=True)
    ]  # fmt: skip
    np.testing.assert_allclose(variation.agreement(a, b, measure="ssim"), wanted, rtol=1e-10)
    a, b = pictures((2, 3, 12, 13))
    wanted = [
        structural_similarity(
            x, y, gaussian_weights=True, use_sample_covariance=False, channel_axis=0, data_range=2.0, sigma=1.5
        )
        for x, y in zip(a, b, strict=True)
    ]
    np.testing.assert_allclose(variation.agreement(a, b, measure="ssim", span=2.0), wanted, rtol=1e-10)


@pytest.mark.parametrize(("shape", "window"), [((6, 5), None), ((5, 8), 3), ((4, 4), None)])
def test_ssim_in_small_windows_by_hand(shape, window):
    a, b = pictures((2, *shape))
    side = window or min(shape) - 1 + min(shape) % 2
    places = np.arange(side) - side // 2
    weights = np.exp(-(places[:, None] ** 2 + places**2) / (2 * 2.0**2))
    weights /= weights.sum()

    def by_hand(x, y):
        reach, values = max(x.max(), y.max()) - min(x.min(), y.min()), []
        for row, column in itertools.product(range(shape[0] - side + 1), range(shape[1] - side + 1)):
            u, v = (m[row : row + side, column : column + side] for m in (x, y))
            mu, mv = (weights * u).sum(), (weights * v).sum()
            su, sv, suv = ((weights * p * q).sum() for p, q in ((u - mu, u - mu), (v - mv, v - mv), (u - mu, v - mv)))
            c1, c2 = (0.01 * reach) ** 2, (0.03 * reach) ** 2
            values.append((2 * mu * mv + c1) * (2 * suv + c2) / ((mu**2 + mv**2 + c1) * (su + sv + c2)))
        return np.mean(values)

    found = variation.agreement(a, b, measure="ssim", window=window, sigma=2.0)
    np.testing.assert_allclose(found, list(map(by_hand, a, b)), rtol=1e-10)


@pytest.mark.parametrize("scale", [1e-200, 1e-20, 1e150])
def test_ssim_ignores_the_unit_of_both_maps_and_stands_a_high_level(scale):
    a, b = pictures((2, 12, 12))
    expected = variation.agreement(a, b, measure="ssim")
    np.testing.assert_allclose(variation.agreement(a * scale, b * scale, measure="ssim"), expected)
    raised = variation.agreement(a + 1e6, b + 1e6, measure="ssim")
    assert (np.abs(raised) <= 1).all()


@pytest.mark.parametrize(
    ("maps", "params", "says"),
    [
        ([[1, 2, 3]], {}, "height, width"),
        (np.eye(2)[None], {}, "from 3 to the map's 2"),
        (np.eye(5)[None], {"window": 4}, "odd number from 3 to the map's 5"),
        (np.eye(5)[None], {"window": 7}, "odd number from 3 to the map's 5"),
        (np.eye(5)[None], {"span": 0}, "span is 0"),
        (np.eye(5)[None], {"sigma": 0}, "sigma is 0"),
    ],
)
def test_ssim_says_what_it_needs(maps, params, says):
    with pytest.raises(BinomeError, match=says):
        variation.agreement(maps, maps, measure="ssim", **params)
