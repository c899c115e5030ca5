import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import roc_auc_score
from torch import nn

from binome import variation
from binome.core import BinomeError
from binome.testing import check_metric
from binome.variation.quality import localisation
from binome.variation.scoring import score_all

METRICS = ["pointing_game", "relevance_mass", "relevance_rank", "topk_intersection", "attribution_auc"]
NET = nn.Flatten()


def score(metric, maps, masks, **params):
    maps = torch.as_tensor(np.asarray(maps, dtype=np.float64))
    maps = maps[:, None] if maps.dim() == 3 else maps
    masks = torch.as_tensor(np.asarray(masks, dtype=bool))
    x = torch.zeros_like(maps)
    return variation.score(NET, x, [0] * len(x), maps, metric=metric, masks=masks, **params)


def one(metric, values, mask, **params):
    return score(metric, [values], [mask], **params)[0]


@pytest.mark.parametrize("metric", METRICS)
def test_passes_the_check(metric):
    check_metric(metric)


@pytest.mark.parametrize("metric", METRICS)
def test_declares_what_it_is(metric):
    declared = variation.metrics()[metric].declared
    assert (declared["family"], declared["better"], declared["needs"]) == ("localisation", "higher", "masks")
    assert declared["forward"] == "0"


# Closed forms on one map, in which the mask has the four pixels of the middle.

MIDDLE = np.zeros((4, 4), dtype=bool)
MIDDLE[1:3, 1:3] = True
STEPS = np.array([[0, 1, 2, 3], [4, 15, 14, 5], [6, 13, 1, 7], [8, 9, -4, -5.0]])
"""Three of the four highest are in the middle, the fourth highest (9) is not; the positives sum to 88, 43 inside."""


@pytest.mark.parametrize(
    ("metric", "params", "expected"),
    [
        ("pointing_game", {}, 1),
        ("relevance_mass", {}, 43 / 88),
        ("relevance_rank", {}, 3 / 4),
        ("topk_intersection", {"k": 3}, 1),
        ("topk_intersection", {"k": 10}, 3 / 10),
        # 15, 14 and 13 are above all 12 outside; 1 is above 0, -4 and -5 and ties with 1.
        ("attribution_auc", {}, (3 * 12 + 3.5) / 48),
    ],
)
def test_closed_forms(metric, params, expected):
    assert one(metric, STEPS, MIDDLE, **params) == pytest.approx(expected, rel=1e-12)


def test_channels_are_summed_with_their_signs():
    maps = np.zeros((1, 3, 4, 4))
    maps[0, :, 0, 0] = 5, 5, -10  # cancels
    maps[0, :, 1, 1] = 1, 1, 1
    assert score("pointing_game", maps, [MIDDLE])[0] == 1
    assert score("relevance_mass", maps, [MIDDLE])[0] == 1
    assert score("attribution_auc", maps, [MIDDLE])[0] == pytest.approx((12 + 3 * 6) / 48)


def test_a_tie_at_the_top_counts_by_its_share():
    values = np.zeros((4, 4))
    values[1, 1] = values[0, 0] = values[3, 3] = 2
    assert one("pointing_game", values, MIDDLE) == pytest.approx(1 / 3)


def test_ties_in_a_ranking_go_in_reading_order():
    values = np.zeros((4, 4))
    values[2, 2] = 1  # the others tie: (0, 0), (0, 1) and (0, 2) come first
    assert one("relevance_rank", values, MIDDLE) == 1 / 4
    assert one("topk_intersection", values, MIDDLE, k=6) == 1 / 6
    assert one("topk_intersection", values, MIDDLE, k=7) == 2 / 7  # (1, 1) is the sixth of the zeros


@pytest.mark.parametrize("metric", METRICS)
def test_the_mask_itself_is_perfect_and_its_opposite_worst(metric):
    params = {"k": 4} if metric == "topk_intersection" else {}
    assert one(metric, MIDDLE, MIDDLE, **params) == 1
    assert one(metric, ~MIDDLE, MIDDLE, **params) == 0


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("value", [0.0, 2.0, -1.0])
def test_a_constant_map_is_undefined(metric, value):
    found = score(metric, [np.full((4, 4), value), STEPS], [MIDDLE, MIDDLE])
    assert np.isnan(found).tolist() == [True, False]


@pytest.mark.parametrize("metric", METRICS)
def test_a_mask_of_everything_is_undefined(metric):
    found = score(metric, [STEPS, STEPS], [np.ones((4, 4)), MIDDLE])
    assert np.isnan(found).tolist() == [True, False]


def test_without_a_positive_part_only_the_mass_is_undefined():
    found = {metric: one(metric, STEPS - 20, MIDDLE) for metric in METRICS}
    assert [metric for metric, value in found.items() if math.isnan(value)] == ["relevance_mass"]
    assert found["relevance_rank"] == 3 / 4


@pytest.mark.parametrize("metric", METRICS)
def test_an_empty_mask_is_refused_and_named(metric):
    maps, masks = np.stack([STEPS, STEPS, STEPS]), np.stack([MIDDLE, MIDDLE, np.zeros_like(MIDDLE)])
    with pytest.raises(BinomeError, match="item 2 has an empty mask"):
        score(metric, maps, masks)
    with pytest.raises(BinomeError, match="item test-7 has an empty mask"):
        score(metric, maps, masks, keys=["a", "b", "test-7"], batch_size=1)


@pytest.mark.parametrize("metric", METRICS)
def test_no_masks_are_refused(metric):
    with pytest.raises(BinomeError, match="needs `masks`"):
        variation.score(NET, torch.zeros(1, 1, 4, 4), [0], torch.rand(1, 1, 4, 4), metric=metric)


@pytest.mark.parametrize("k", [0, 17, 2.5, True, "three"])
def test_k_out_of_range_is_refused(k):
    with pytest.raises(BinomeError, match=r"k is .*; give a whole number( from 1 to 16, the number of pixels)?$"):
        one("topk_intersection", STEPS, MIDDLE, k=k)


@pytest.mark.parametrize("tolerance", [-1, float("nan"), float("inf"), True, "wide"])
def test_a_tolerance_that_is_no_distance_is_refused(tolerance):
    with pytest.raises(BinomeError, match=r"tolerance is .*; give a (number of pixels from 0|finite number)"):
        one("pointing_game", STEPS, MIDDLE, tolerance=tolerance)


def test_case_files_have_features_for_pixels_and_no_tolerance():
    maps, masks = torch.tensor([[3.0, 1, 2], [1, 2, 3]]), torch.tensor([[True, False, False], [True, False, True]])
    common = NET, torch.zeros(2, 3), [0, 0], maps
    expected = {"pointing_game": [1, 1], "relevance_mass": [1 / 2, 4 / 6], "relevance_rank": [1, 1 / 2]}
    for metric, values in expected.items():
        np.testing.assert_allclose(variation.score(*common, metric=metric, masks=masks), values)
    with pytest.raises(BinomeError, match="only pictures have pixels around a mask"):
        variation.score(*common, metric="pointing_game", masks=masks, tolerance=1)


@settings(max_examples=40, deadline=None)
@given(
    mask=hnp.arrays(bool, (6, 5)).filter(lambda mask: mask.any()),
    place=st.tuples(st.integers(0, 5), st.integers(0, 4)),
    tolerance=st.one_of(st.integers(0, 9), st.floats(0, 9)),
)
def test_tolerance_is_the_straight_distance_to_the_mask(mask, place, tolerance):
    values = np.zeros((6, 5))
    values[place] = 1
    cells = [(y, x) for y in range(6) for x in range(5)]
    near = {a: min(math.dist(a, b) for b in cells if mask[b]) <= tolerance for a in cells}
    expected = float("nan") if all(near.values()) else float(near[place])
    np.testing.assert_equal(one("pointing_game", values, mask, tolerance=tolerance), expected)


# Whole numbers from a small range, so that most maps have ties.
values = hnp.arrays(np.float64, (4, 4), elements=st.integers(-4, 4).map(float))
masks = hnp.arrays(bool, (4, 4)).filter(lambda mask: 0 < mask.sum() < 16)
varied = values.filter(lambda array: np.ptp(array) > 0)


def brute(metric, array, mask, k):
    """Over pixels, one at a time."""
    cells = [(float(array[y, x]), bool(mask[y, x])) for y in range(4) for x in range(4)]
    size = sum(inside for _, inside in cells)
    first = sorted(range(16), key=lambda i: (-cells[i][0], i))
    if metric == "pointing_game":
        top = [inside for value, inside in cells if value == max(value for value, _ in cells)]
        return top.count(True) / len(top)
    if metric == "relevance_mass":
        total = sum(value for value, _ in cells if value > 0)
        return sum(value for value, inside in cells if inside and value > 0) / total if total else float("nan")
    if metric == "relevance_rank":
        return sum(cells[i][1] for i in first[:size]) / size
    if metric == "topk_intersection":
        return sum(cells[i][1] for i in first[:k]) / k
    pairs = [(a, b) for a, inside in cells if inside for b, other in cells if not other]
    return sum(1 if a > b else 0.5 if a == b else 0 for a, b in pairs) / len(pairs)


@pytest.mark.parametrize("metric", METRICS)
@settings(max_examples=40, deadline=None)
@given(array=varied, mask=masks, k=st.integers(1, 16))
def test_brute_force_over_pixels(metric, array, mask, k):
    params = {"k": k} if metric == "topk_intersection" else {}
    np.testing.assert_allclose(one(metric, array, mask, **params), brute(metric, array, mask, k), rtol=1e-12)


@settings(max_examples=40, deadline=None)
@given(array=varied, mask=masks)
def test_auc_is_that_of_scikit_learn(array, mask):
    assert one("attribution_auc", array, mask) == pytest.approx(roc_auc_score(mask.ravel(), array.ravel()), rel=1e-12)


def test_auc_of_many_pixels_is_that_of_scikit_learn():
    generator = np.random.default_rng(0)
    maps, inside = generator.normal(size=(3, 50, 60)).round(1), generator.random((3, 50, 60)) < 0.2
    expected = [roc_auc_score(mask.ravel(), values.ravel()) for mask, values in zip(inside, maps, strict=True)]
    np.testing.assert_allclose(score("attribution_auc", maps, inside), expected, rtol=1e-12)


@pytest.mark.parametrize("metric", METRICS)
@settings(max_examples=25, deadline=None)
@given(array=varied, mask=masks, exponent=st.integers(-300, 300))
def test_a_positive_scale_changes_nothing(metric, array, mask, exponent):
    # Powers of two keep every ratio exact.
    np.testing.assert_equal(one(metric, array * 2.0**exponent, mask), one(metric, array, mask))


@pytest.mark.parametrize("metric", ["pointing_game", "relevance_rank", "topk_intersection", "attribution_auc"])
@settings(max_examples=25, deadline=None)
@given(array=varied, mask=masks, shift=st.integers(-9, 9))
def test_only_the_order_matters_to_what_ranks(metric, array, mask, shift):
    np.testing.assert_equal(one(metric, (array + shift) ** 3, mask), one(metric, array, mask))


@pytest.mark.parametrize("metric", ["pointing_game", "relevance_mass", "attribution_auc"])
@settings(max_examples=25, deadline=None)
@given(array=varied, mask=masks)
def test_what_does_not_rank_ties_by_place_is_blind_to_mirroring(metric, array, mask):
    np.testing.assert_allclose(one(metric, array[::-1, ::-1], mask[::-1, ::-1]), one(metric, array, mask), rtol=1e-12)


@pytest.mark.parametrize("metric", METRICS)
def test_items_do_not_touch_each_other(metric):
    generator = np.random.default_rng(1)
    maps, inside = generator.normal(size=(7, 3, 4, 4)), generator.random((7, 4, 4)) < 0.4
    inside[:, 1, 1] = True
    together, order = score(metric, maps, inside), generator.permutation(7)
    np.testing.assert_array_equal(score(metric, maps[order], inside[order]), together[order])
    np.testing.assert_array_equal(score(metric, maps, inside, batch_size=2), together)
    np.testing.assert_array_equal(score(metric, maps, inside[:, None]), together)


def test_random_maps_reach_what_chance_gives():
    generator = np.random.default_rng(2)
    maps, inside = generator.random((400, 8, 8)), np.zeros((400, 8, 8), dtype=bool)
    inside[:, 2:6, 2:6] = True  # a quarter of the picture
    for metric, chance in (("relevance_mass", 0.25), ("relevance_rank", 0.25), ("attribution_auc", 0.5)):
        found = score(metric, maps, inside)
        # Five standard errors of the mean.
        assert abs(found.mean() - chance) < 5 * found.std() / 20


def test_masks_are_widened_once_for_all_explanations(monkeypatch):
    widened, widen = [], localisation._widened
    monkeypatch.setattr(localisation, "_widened", lambda *args: widened.append(args[1]) or widen(*args))
    maps = {name: torch.rand(2, 1, 4, 4) for name in "abc"}
    asked = {"strict": ("pointing_game", {}), "near": ("pointing_game", {"tolerance": 1.0}), "auc": (METRICS[-1], {})}
    masks = torch.from_numpy(np.stack([MIDDLE, MIDDLE]))
    found = score_all(NET, torch.zeros(2, 1, 4, 4), [0, 0], maps, asked, masks=masks)
    assert sorted(widened) == [0.0, 1.0]
    for name, values in maps.items():
        np.testing.assert_array_equal(
            found["near", name], score("pointing_game", values.double(), masks, tolerance=1.0)
        )
