"""Figures: their data are the tables' numbers, their drawings safe to put on a page."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from binome.report import Evidence, figures
from binome.report.figures.accuracy import piled, piles
from binome.report.figures.plane import apart
from binome.report.items import interval, item_means
from binome.report.wording import wording

EN, FR = wording("en"), wording("fr")


def test_accuracy_shows_the_measures_and_every_operator(evidence: Evidence) -> None:
    found = evidence.analysis
    figure = figures.accuracy(found, 0.25, 0.7, EN)
    assert figure is not None
    by_condition = figure.data.filter(pl.col("level") == "condition")
    columns = ["condition", "value", "low", "high", "n", "undefined"]
    assert by_condition.select(columns).equals(found.measures.filter(pl.col("measure") == "accuracy").select(columns))
    dots = figure.data.filter(pl.col("level") == "operator")
    assert dots.height == 23 * 4
    # The dots are the trials': recomputed here from their rows.
    mine = found.trials.filter((pl.col("operator") == "o05") & (pl.col("condition") == "explained"))
    drawn = dots.filter((pl.col("operator") == "o05") & (pl.col("condition") == "explained"))["value"].item()
    assert drawn == pytest.approx((mine["final"] == mine["truth"]).mean())
    for row in by_condition.iter_rows(named=True):
        assert EN.interval(row["value"], row["low"], row["high"]) in figure.file
    french = figures.accuracy(found, 0.25, 0.7, FR)
    assert french is not None
    assert FR.number(by_condition["value"][0]) in french.file


def test_no_dot_hides_another() -> None:
    rng = np.random.default_rng(0)
    groups = [rng.binomial(10, 0.75, 60) / 10 for _ in range(4)]
    for width in (300.0, 620.0):
        columns, step = piles(groups, width)
        for dots in groups:
            value, aside, up = piled(dots, columns, step)
            x = value * width + aside
            distance = np.hypot(x[:, None] - x, up[:, None] - up) + 10 * np.eye(len(x))
            assert distance.min() > 0.9 * step
            assert sorted(np.round(value, 9)) == sorted(np.round(dots, 9))


def test_labels_stand_apart_in_their_order() -> None:
    moved = apart([0.3, 0.31, 0.32, 0.9], 0.05)
    assert np.diff(moved).min() >= 0.05 - 1e-12
    assert np.mean(moved) == pytest.approx(np.mean([0.3, 0.31, 0.32, 0.9]))
    assert apart([0.1, 0.5], 0.05) == pytest.approx([0.1, 0.5])


def test_reliance_figures_hold_the_rows_of_the_table(evidence: Evidence) -> None:
    measures = evidence.analysis.measures
    for figure, names in (
        (figures.plane(evidence.analysis, EN), ["rair", "rsr"]),
        (figures.reliance(evidence.analysis, EN), ["overreliance", "underreliance"]),
    ):
        assert figure is not None
        assert figure.data.equals(measures.filter(pl.col("measure").is_in(names)))
        # Nobody was advised alone: there is no point to draw, and none is drawn at zero.
        assert figure.data.filter(pl.col("condition") == "alone")["value"].null_count() == 2
        assert ">alone<" not in figure.file
        assert ">explained<" in figure.file


def test_odds_are_the_exponentials_of_the_fit(evidence: Evidence) -> None:
    fit = evidence.analysis.model
    assert fit is not None
    figure = figures.odds(fit, evidence.analysis.conditions, EN)
    assert figure is not None
    assert figure.data["term"].to_list() == ["condition[advised]", "condition[explained]", "condition[placebo]"]
    fixed = fit.fixed.filter(pl.col("term") != "(Intercept)")
    np.testing.assert_allclose(figure.data["odds_ratio"], np.exp(fixed["estimate"]))
    np.testing.assert_allclose(figure.data["low"], np.exp(fixed["estimate"] - 1.959964 * fixed["se"]), rtol=1e-6)


def test_item_means_against_numpy(evidence: Evidence) -> None:
    means = item_means(evidence.scores, ["metric", "explanation"])
    row = means.filter((pl.col("metric") == "deletion") & (pl.col("explanation") == "rollout")).to_dicts()[0]
    own = (pl.col("metric") == "deletion") & (pl.col("explanation") == "rollout")
    values = evidence.scores.filter(own)["value"].drop_nulls().to_numpy()
    assert (row["n"], row["undefined"]) == (28, 2)
    assert row["value"] == pytest.approx(values.mean())
    # The percentile bootstrap of a mean is close to the normal interval.
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert row["low"] == pytest.approx(values.mean() - 1.96 * error, abs=0.25 * error)
    assert row["high"] == pytest.approx(values.mean() + 1.96 * error, abs=0.25 * error)


def test_item_means_leave_the_undefined_undefined() -> None:
    table = pl.DataFrame({"m": ["a", "a", "b"], "item": ["1", "2", "1"], "value": [None, None, 0.5]})
    rows = {row["m"]: row for row in item_means(table, ["m"]).iter_rows(named=True)}
    assert rows["a"] == {"m": "a", "value": None, "low": None, "high": None, "n": 0, "undefined": 2}
    assert (rows["b"]["value"], rows["b"]["low"], rows["b"]["n"]) == (0.5, None, 1)
    assert item_means(table.clear(), ["m"]).is_empty()
    assert interval(np.array([])) == (None, None)


def test_the_machine_s_figures_hold_its_card(evidence: Evidence) -> None:
    card = evidence.card
    recall = figures.recall(card, FR)
    assert recall.data["id"].to_list() == ["dog", "cat", "hen", "owl"]
    assert recall.data["value"].to_list() == [0.6, 0.8, 0.95, None]
    assert "dog (fr)" in recall.file
    reliability = figures.reliability(card, EN)
    assert reliability is not None
    assert reliability.data["n"].to_list() == [0, 20, 60, 120]
    confusion = figures.confusion(card, EN)
    assert confusion.data.filter((pl.col("truth") == "dog") & (pl.col("advice") == "cat"))["n"].item() == 10
    # 10 of 50 dogs; the class without an item has no share at all.
    assert ">20<" in confusion.file
    assert "nan" not in confusion.file


def test_bins_before_calibration_are_drawn_where_there_are_some(evidence: Evidence) -> None:
    card = dict(evidence.card)
    card["calibration"] = {**card["calibration"], "bins_before": card["calibration"]["bins"]}
    figure = figures.reliability(card, EN)
    assert figure is not None
    assert set(figure.data["calibration"]) == {"before", "after"}
    assert EN["before"] in figure.file
    nothing = {**card["calibration"], "bins_before": None, "bins": card["calibration"]["bins"][:1]}
    assert figures.reliability({**card, "calibration": nothing}, EN) is None


def test_agreement_is_the_mean_over_items(evidence: Evidence) -> None:
    means = item_means(evidence.agreements, ["a", "b", "measure"])
    figure = figures.agreement(means, "spearman", ["ig", "rollout", "sham"], {"sham"}, EN)
    assert figure is not None
    pair = evidence.agreements.filter((pl.col("a") == "ig") & (pl.col("b") == "sham"))["value"].to_numpy()
    assert figure.data.filter((pl.col("a") == "ig") & (pl.col("b") == "sham"))["value"].item() == pytest.approx(
        pair.mean()
    )
    assert f">{EN.number(float(pair.mean()), 2)}<" in figure.file
    assert figures.agreement(means, "cosine", ["ig", "rollout"], set(), EN) is None


def test_figures_that_have_nothing_to_show_are_none(evidence: Evidence) -> None:
    found = evidence.analysis
    bare = replace(found, measures=found.measures.filter(pl.col("measure") == "accuracy"))
    assert figures.plane(bare, EN) is None
    assert figures.reliance(bare, EN) is None
    assert figures.accuracy(replace(found, measures=found.measures.clear()), 0.25, 0.7, EN) is None
    assert figures.scores(item_means(evidence.scores.clear(), ["metric", "explanation"]), ["ig"], set(), EN) is None
    assert found.primary is not None
    unknown = found.primary.with_columns(low=pl.lit(None, pl.Float64))
    assert figures.primary(unknown, 100, "points", EN) is None


def test_drawings_are_well_formed_and_themed_apart(evidence: Evidence) -> None:
    figure = figures.plane(evidence.analysis, EN)
    other = figures.accuracy(evidence.analysis, 0.25, 0.7, EN)
    assert figure is not None
    assert other is not None
    ids: list[str] = []
    for svg in (*figure.themed, *other.themed):
        root = ET.fromstring(svg)
        ids += [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        targets = {
            value.removeprefix("#") for e in root.iter() for name, value in e.attrib.items() if name.endswith("href")
        }
        assert targets <= {element.attrib.get("id") for element in root.iter()}
        assert "<style" not in svg
        assert "var(--ink, #1c2531)" in svg
    assert len(ids) == len(set(ids))
    assert "var(" not in figure.file
    assert len(other.themed) == 2


def test_importing_the_report_does_not_import_matplotlib() -> None:
    code = "import sys, binome.report; sys.exit(bool({'matplotlib', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
