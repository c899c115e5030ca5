"""The tables of a study against loops over its cells."""

import itertools

import numpy as np
import polars as pl
import pytest
from grid_example import run
from scipy import stats

from binome import variation
from binome.variation.sweep.findings.quality import groups
from binome.variation.sweep.findings.resampling import counts, limits, means


@pytest.fixture(scope="module")
def found():
    return run(references=2, resamples=200, agreements=["spearman", "feature_agreement"])


def maps_of(varied, **levels):
    """The study's maps of the configuration with these levels, (items, pixels)."""
    configurations = varied.tables["configurations"].filter(pl.col("reference") == "")
    for name, level in levels.items():
        configurations = configurations.filter(pl.col(name).eq_missing(level))
    return varied.part.maps[configurations["configuration"].item()]


def by_method(scores):
    """Means of items, a column a method."""
    means = scores.group_by("method", "item").agg(pl.col("value").mean())
    return means.pivot("method", index="item", values="value")


def test_agreement_between_methods_is_the_mean_over_all_that_is_equal(found):
    values = []
    for training, seed, setting, noise in itertools.product((0, 1), (0, 1), (0, 1), (0.0, 0.1)):
        common = {"training": training, "noise": noise}
        a = maps_of(found, method="ig", setting=setting, **common)
        b = maps_of(found, method="smooth", setting=setting, seed=seed, **common)
        values.append(variation.agreement(a, b, measure="spearman"))
    row = found.agreement.filter(
        pl.col("reference") == "", pl.col("facet") == "method", pl.col("a") == "ig", pl.col("b") == "smooth",
        pl.col("measure") == "spearman",
    )  # fmt: skip
    assert row["value"].item() == pytest.approx(np.mean(values))
    assert row["low"].item() <= row["value"].item() <= row["high"].item()


def test_every_facet_has_its_pairs(found):
    pairs = found.agreement.filter(pl.col("reference") == "", pl.col("measure") == "spearman")
    levels = {facet: set(zip(part["a"], part["b"], strict=True)) for (facet,), part in pairs.group_by("facet")}
    assert levels["training"] == {("0", "1")}
    assert levels["noise"] == {("0", "0.1")}
    assert levels["seed"] == {("0", "1")}  # of smooth alone: the others draw nothing
    assert levels["setting"] == {("ig: steps 2", "ig: steps 4"), ("smooth: samples 3", "smooth: samples 6")}
    assert levels["method"] == {("ig", "smooth"), ("ig", "edges"), ("smooth", "edges")}


def test_summary_is_the_mean_over_configurations_and_then_items(found):
    scores = found.scores.filter(pl.col("metric") == "gini")
    for method in ("ig", "smooth", "edges"):
        part = scores.filter(pl.col("method") == method)
        by_item = part.group_by("item").agg(pl.col("value").mean())["value"]
        row = found.tables["summary"].filter(pl.col("method") == method, pl.col("metric") == "gini")
        assert row["value"].item() == pytest.approx(by_item.mean())


def test_ranks_follow_the_metrics_direction(found):
    """Of an item, 1 is the lowest deletion and the highest Gini index."""
    for metric, sign in (("deletion (zero)", 1), ("gini", -1)):
        part = found.scores.filter(pl.col("metric") == metric)
        table = (
            part.group_by("method", "item").agg(pl.col("value").mean()).pivot("method", index="item", values="value")
        )
        ranked = stats.rankdata(sign * table.select("ig", "smooth", "edges").to_numpy(), axis=1).mean(0)
        rows = found.tables["summary"].filter(pl.col("metric") == metric)
        for method, expected in zip(("ig", "smooth", "edges"), ranked, strict=True):
            assert rows.filter(pl.col("method") == method)["rank"].item() == pytest.approx(expected)


def test_concordance_is_friedmans(found):
    part = found.scores.filter(pl.col("metric") == "gini")
    table = by_method(part)
    statistic, p = stats.friedmanchisquare(*(table[name].to_numpy() for name in ("ig", "smooth", "edges")))
    row = found.tables["ranking"].filter(pl.col("scope") == "gini")
    assert row["w"].item() == pytest.approx(statistic / (6 * 2))
    assert row["p"].item() == pytest.approx(p)


def test_the_critical_difference_is_demsars():
    """Demšar 2006, section 3.2.2: four classifiers on 14 data sets have CD = 2.569 √(4·5 / (6·14)) = 1.25."""
    varied = run(
        methods={name: name for name in ("saliency", "edges", "centre_blob", "input_x_gradient")}, items=range(7)
    )
    critical = varied.tables["differences"]["critical"][0]
    assert critical == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 7)), rel=1e-3)


@pytest.mark.parametrize(
    ("rank", "critical", "expected"),
    [
        ([1.0, 2.0, 3.0], 0.5, ["a", "b", "c"]),
        ([1.0, 2.0, 3.0], 5.0, ["a", "a", "a"]),
        ([3.0, 1.0, 2.0], 1.0, ["b", "a", "ab"]),
    ],
)
def test_letters_join_what_does_not_differ(rank, critical, expected):
    assert groups(np.array(rank), critical) == expected


def test_resampling_is_of_whole_items_and_skips_undefined():
    values = np.array([1.0, 3.0, np.nan, 5.0])
    drawn = counts(4, 500, 3)
    mean, again = means(values, drawn)
    assert mean == 3
    for place in range(20):
        there = np.repeat(values, drawn[place].astype(int))
        known = there[~np.isnan(there)]
        assert again[place] == pytest.approx(known.mean() if len(known) else np.nan, nan_ok=True)
    low, high = limits(again[None])
    assert low[0] < 3 < high[0]
    assert np.isnan(limits(np.full((1, 10), np.nan))[0][0])


def test_components_of_maps_are_those_of_the_maps(found):
    """Within one method: against `decompose` called on an array that is put together by hand."""
    array = np.empty((6, 64, 2, 2, 2))
    for t, s, z in itertools.product(range(2), range(2), range(2)):
        maps = np.abs(maps_of(found, method="ig", setting=s, training=t, noise=(0.0, 0.1)[z]))
        array[:, :, t, s, z] = (maps - maps.mean(1, keepdims=True)) / maps.std(1, keepdims=True)
    expected = variation.decompose(array, variation.Design("pixel", ("training", "setting", "noise")), resamples=0)
    rows = found.components.filter(pl.col("reference") == "", pl.col("of") == "maps", pl.col("method") == "ig")
    assert rows["term"].to_list() == list(expected.design.terms)
    np.testing.assert_allclose(rows["estimate"].to_numpy(), expected.components, atol=1e-6)


def test_controls_have_no_part_in_the_components_over_methods_and_cannot_win(found):
    levels = found.components.filter(pl.col("of") == "maps", pl.col("method") == "", pl.col("term") == "method")
    assert levels["levels"][0] == "2 method"
    choice = {row["method"]: row for row in found.tables["choice"].iter_rows(named=True)}
    assert choice["edges"]["control"]
    assert choice["edges"]["best"] is None
    assert choice["ig"]["best"] + choice["smooth"]["best"] == pytest.approx(1)


def test_stability_is_over_the_methods_configurations(found):
    row = found.tables["stability"].filter(pl.col("item") == "item 2", pl.col("method") == "ig").row(0, named=True)
    numbers = found.tables["configurations"].filter(pl.col("reference") == "", pl.col("method") == "ig")[
        "configuration"
    ]
    size = np.abs(found.part.maps[numbers.to_list(), 2])
    scaled = size / size.mean(1, keepdims=True)
    np.testing.assert_allclose(row["mean"], scaled.mean(0), rtol=1e-4)
    np.testing.assert_allclose(row["deviation"], scaled.std(0, ddof=1), rtol=1e-3, atol=1e-6)


def test_items_that_are_decided_otherwise_are_left_out_of_the_comparison():
    varied = run(same_prediction=True, noise=[0.0, 3.0])
    items, predictions = varied.tables["items"], varied.tables["predictions"]
    kept = predictions.group_by("item").agg(pl.col("kept").all()).filter("kept")["item"].to_list()
    assert sorted(items.filter("included")["item"]) == sorted(kept)
    assert len(kept) < 6
    agreements = varied.agreement.filter(pl.col("reference") == "")
    assert agreements.is_empty() if not kept else set(agreements["n"]) == {len(kept)}


def test_tables_have_the_documented_columns(found, tmp_path):
    from pathlib import Path

    text = Path("docs/reference/variation-tables.md").read_text("utf-8")
    summary = found.write(tmp_path)
    assert (summary["height"], summary["width"]) == (8, 8)
    for file in tmp_path.glob("*.parquet"):
        section = text.split(f"## `{file.stem}`")[1].split("\n## ")[0]
        for column in pl.read_parquet_schema(file):
            assert f"`{column}`" in section, f"{file.stem}.{column} is not in docs/reference/variation-tables.md"
