"""`decompose`: pooling over items, intervals, what is missing and what is left out; and maps made comparable."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from binome.core import BinomeError
from binome.variation.components.anova import anova
from binome.variation.components.decomposition import decompose
from binome.variation.components.dependability import e_rho2, facet_shares, phi
from binome.variation.components.measurement import Design
from binome.variation.components.normalisation import normalise
from binome.variation.components.reml import reml

MAPS = Design("pixel", ("method", "seed"), {"seed": ("method",)})
SCORES = Design("item", ("method", "seed"))


def maps(items=6, pixels=30, seed=0):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(items, pixels, 1, 1))
        + rng.normal(size=(items, pixels, 3, 1))
        + 0.5 * rng.normal(size=(items, pixels, 3, 2))
    )


def scores(items=30, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(items, 1, 1)) + rng.normal(size=(items, 4, 1)) + rng.normal(size=(items, 4, 3))


def test_components_of_items_are_averaged_and_items_drawn():
    values = maps()
    found = decompose(values, MAPS, resamples=400, items=list("abcdef"))
    each = anova(values, MAPS)
    np.testing.assert_allclose(found.components, each.mean(0))
    assert found.table["term"].to_list() == list(MAPS.terms)
    np.testing.assert_allclose(found.table["estimate"], each.mean(0))
    np.testing.assert_allclose(found.table["truncated"], np.maximum(each.mean(0), 0))
    assert found.table["share"].sum() == pytest.approx(1)
    assert found.phi.value == pytest.approx(float(phi(each.mean(0), MAPS)))
    assert found.e_rho2.value == pytest.approx(float(e_rho2(each.mean(0), MAPS)))
    np.testing.assert_allclose(found.facets["share"], facet_shares(each.mean(0), MAPS))
    np.testing.assert_allclose(found.facets["stability"], 1 - found.facets["share"])
    drawn = np.random.default_rng(0).integers(0, 6, (400, 6))
    low, high = np.quantile(each[drawn].mean(1), [0.025, 0.975], axis=0)
    np.testing.assert_allclose(found.table["low"], low)
    np.testing.assert_allclose(found.table["high"], high)
    assert found.phi.low < found.phi.value < found.phi.high
    assert found.per_item["item"].to_list() == list("abcdef")
    np.testing.assert_allclose(found.per_item.select(MAPS.terms).to_numpy(), each)
    np.testing.assert_allclose(found.per_item["phi"], phi(each, MAPS))
    assert (found.cells, found.missing, found.undefined, found.unconverged) == (values.size, 0, 0, 0)
    assert dict(found.estimators) == {"anova": 6}
    assert found.levels == {"pixel": 30, "method": 3, "seed": 2}


def test_items_may_come_one_by_one():
    values = maps()
    whole = decompose(values, MAPS, resamples=50)
    assert decompose((one for one in values), MAPS, resamples=50).table.equals(whole.table)
    assert decompose(list(values), MAPS, resamples=50).per_item.equals(whole.per_item)


def test_objects_are_drawn_where_there_is_one_array():
    values = scores()
    found = decompose(values, SCORES, resamples=2000)
    np.testing.assert_allclose(found.components, anova(values, SCORES))
    assert found.per_item is None
    error = found.draws.std(0) / np.sqrt(2000)
    assert (np.abs(found.draws.mean(0) - found.components) < 4 * error).all()
    assert found.phi.low < found.phi.value < found.phi.high


@pytest.mark.parametrize("gaps", [False, True])
def test_the_seed_decides(gaps):
    values = scores()
    if gaps:
        values[3:6, 1, 2] = np.nan
    first, again, other = (decompose(values, SCORES, resamples=60, seed=seed) for seed in (1, 1, 2))
    assert first.table.equals(again.table)
    assert first.phi == again.phi
    np.testing.assert_array_equal(first.draws, again.draws)
    assert not first.table.equals(other.table)


def test_missing_cells_are_counted_and_call_for_reml():
    values = scores()
    values[0] = np.nan
    values[3:6, 1, 2] = np.nan
    found = decompose(values, SCORES, resamples=200)
    expected = reml(values, SCORES)
    np.testing.assert_allclose(found.components, expected.components, rtol=1e-6)
    assert (found.missing, found.undefined, dict(found.estimators)) == (15, 1, {"reml": 1})
    assert found.levels["item"] == 29
    inside = (found.table["low"] <= found.table["estimate"]) & (found.table["estimate"] <= found.table["high"])
    assert inside.all()


def test_items_that_lack_more_than_the_others_are_undefined():
    values = maps()
    values[0] = np.nan  # nothing
    values[1, :, 1:] = np.nan  # one method left
    values[2, :, 0, 0] = np.nan  # one map
    found = decompose(values, MAPS, resamples=50)
    expected = np.stack([reml(values[2], MAPS).components, *anova(values[3:], MAPS)])
    np.testing.assert_allclose(found.components, expected.mean(0), rtol=1e-6)
    assert found.undefined == 2
    assert found.missing == 30 * (6 + 4 + 1)
    table = found.per_item
    assert table["phi"].is_null().to_list() == [True, True, False, False, False, False]
    assert table["missing"].to_list() == [180, 120, 30, 0, 0, 0]
    assert table["estimator"].to_list()[2:] == ["reml", "anova", "anova", "anova"]


def test_a_facet_of_one_level_is_left_out_and_named():
    values = maps()[..., :1]
    found = decompose(values, MAPS, resamples=20)
    assert found.left_out == ("seed",)
    assert found.design.terms == ("pixel", "method", "pixel:method,error")
    np.testing.assert_allclose(found.components, anova(values[..., 0], Design("pixel", ("method",))).mean(0))
    with pytest.raises(BinomeError, match="nothing to compare in any of 6 items"):
        decompose(maps()[:, :, :1, :1], MAPS)


def test_terms_of_a_fraction_stay_in_the_table_without_a_number():
    values = np.random.default_rng(0).normal(size=(5, 20, 3, 3)) + np.arange(20)[:, None, None]
    values[:, :, *np.nonzero(np.ones((3, 3)) - np.eye(3))] = np.nan
    found = decompose(values, Design("pixel", ("a", "b")), resamples=20)
    rows = {row["term"]: row for row in found.table.to_dicts()}
    assert rows["pixel:a"]["estimate"] is None
    assert rows["pixel:a"]["pooled"] == "pixel:a:b,error"
    assert rows["pixel"]["pooled"] is None
    assert found.undefined == 0
    assert 0 < found.phi.value < 1


def test_items_are_drawn_where_methods_are_told_apart():
    values = scores().transpose(1, 0, 2)
    design = Design("method", ("item", "seed"))
    found = decompose(values, design, resamples=300, over="item")
    np.testing.assert_allclose(found.components, anova(values, design))
    assert found.design == design
    assert found.levels == {"method": 4, "item": 30, "seed": 3}
    same = decompose(scores(), SCORES, resamples=300)
    places = [same.design.members.index(one) for one in design.members]
    np.testing.assert_allclose(found.draws, same.draws[:, places])
    with pytest.raises(BinomeError, match="'seed' is nested"):
        decompose(maps()[0], MAPS, over="seed")


def test_one_item_and_no_resamples_have_no_interval():
    for found in (decompose(maps(items=1), MAPS), decompose(maps(), MAPS, resamples=0)):
        assert np.isfinite(found.phi.value)
        assert np.isnan([found.phi.low, found.phi.high]).all()
        assert found.table["low"].null_count() == len(MAPS.terms)


@pytest.mark.parametrize("gaps", [False, True])
def test_constant_values_have_no_coefficient(gaps):
    values = np.full((5, 3, 2), 0.1)
    if gaps:
        values[0, 0, 0] = np.nan
    found = decompose(values, SCORES, resamples=20)
    assert np.isnan([found.phi.value, found.phi.low, found.e_rho2.value]).all()
    assert found.table["share"].null_count() == len(SCORES.terms)
    assert (found.table["estimate"] == 0).all()


def test_intervals_cover_over_items():
    """Φ of a universe of items: 95 % intervals from 40 items of maps with unlike components, in 60 studies."""
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(60):
        size = rng.gamma(4, size=(40, 1, 1)) / 4
        values = rng.normal(size=(40, 25, 1)) * np.sqrt(size) + rng.normal(size=(40, 25, 4))
        found = decompose(values, Design("pixel", ("method",)), resamples=200)
        covered += found.phi.low <= 0.5 <= found.phi.high
    assert covered / 60 >= 0.85


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"values": np.zeros((3, 3))}, "give the axes item, method, seed"),
        ({"values": 3}, "values are a int"),
        ({"values": np.full((3, 3, 3), np.nan)}, "nothing to compare in values of shape"),
        ({"values": np.full((3, 3, 3), np.inf)}, "infinite"),
        ({"values": np.zeros((1, 3, 3))}, "nothing to compare"),
        ({"values": []}, "any of 0 items"),
        ({"values": [np.zeros((3, 3))]}, "give the axes"),
        ({"values": np.zeros((3, 3, 3)), "resamples": -1}, "resamples is -1"),
        ({"values": np.zeros((3, 3, 3)), "level": 1.0}, "level 1.0"),
        ({"values": np.zeros((3, 3, 3)), "items": ["a", "b", "c"]}, "items are given for one array"),
        ({"values": np.ones((2, 3, 3, 3)), "items": ["a", "a"]}, "2 ids \\(1 different\\)"),
        ({"values": np.ones((2, 3, 3, 3)), "over": "method"}, "leave it out"),
        ({"values": np.ones((3, 3, 3)), "over": "sed"}, "did you mean 'seed'"),
    ],
)
def test_misuse_is_explained(arguments, says):
    with pytest.raises(BinomeError, match=says):
        decompose(design=SCORES, **arguments)


def test_normalised_maps_by_hand():
    values = np.array([[1.0, -3.0, 2.0, 2.0], [5, 5, 5, 5], [np.nan] * 4, [1, 2, np.nan, 3]])
    kept = values.copy()
    size, undefined = normalise(values)
    np.testing.assert_allclose(size[0], [0.5, -1.5, 1, 1])
    assert np.isnan(size[1:]).all()
    assert undefined == 2  # one constant, one with a hole; a map that is missing was never there
    np.testing.assert_allclose(normalise(values, "rank")[0][0], (rankdata(values[0]) - 1) / 3)
    np.testing.assert_allclose(normalise(values, "zscore")[0][0], (values[0] - 0.5) / values[0].std())
    np.testing.assert_array_equal(values, kept)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["size", "rank", "zscore"]),
    st.lists(st.integers(-50, 50), min_size=12, max_size=12),
    st.sampled_from([1e-200, 1e-3, 7.0, 1e200]),
)
def test_scale_does_not_matter_and_each_map_is_by_itself(how, numbers, scale):
    values = np.array(numbers, float).reshape(2, 3, 2)
    found, undefined = normalise(values, how, axis=1)
    np.testing.assert_allclose(normalise(values * scale, how, axis=1)[0], found, rtol=1e-12, atol=1e-13)
    constant = np.ptp(values, axis=1) == 0
    assert undefined == constant.sum()
    assert (np.isnan(found).all(1) == constant).all()
    for i, j in np.ndindex(2, 2):
        np.testing.assert_allclose(found[i, :, j], normalise(values[i, :, j], how)[0], atol=1e-13)


def test_many_maps_are_normalised_in_blocks(monkeypatch):
    values = np.random.default_rng(0).normal(size=(3, 8, 2, 4))
    whole = normalise(values, "rank", axis=1)[0]
    monkeypatch.setattr("binome.variation.components.normalisation.BLOCK", 10)
    np.testing.assert_array_equal(normalise(values, "rank", axis=1)[0], whole)


def test_normalisations_that_do_not_exist():
    with pytest.raises(BinomeError, match="how is 'max'; give size, rank, zscore"):
        normalise(np.zeros((2, 3)), "max")
    with pytest.raises(BinomeError, match="two pixels or more"):
        normalise(np.zeros((3, 1)))


def test_tables_hold_text_and_numbers_only():
    found = decompose(maps(), MAPS, resamples=20)
    assert found.table.schema["pooled"] == pl.String
    assert set(found.table.drop("term", "pooled").schema.values()) == {pl.Float64}
