"""`find`, and what it adds to `analyse`: who was left out, curves, factors, the same with excluded rows."""

import json

import numpy as np
import polars as pl
import pytest

from binome import analysis
from binome.analysis import curves
from binome.analysis.flow import flow
from binome.analysis.resampling import used
from binome.core import BinomeError

FAST = {"resamples": 60, "seed": 1}


@pytest.fixture(scope="module")
def marked(trials: pl.DataFrame) -> pl.DataFrame:
    return trials.with_columns(
        practice=pl.col("position") == 0,
        excluded=pl.col("operator").is_in(["p03", "p07"]),
        exclusion_reason=pl.when(pl.col("operator") == "p03")
        .then(pl.lit("attention"))
        .when(pl.col("operator") == "p07")
        .then(pl.lit("fast")),
        factor_help=pl.when(pl.col("condition") == "alone").then(pl.lit("none")).otherwise(pl.lit("some")),
    )


@pytest.fixture(scope="module")
def found(marked: pl.DataFrame) -> analysis.Findings:
    primary = {"measure": "rair", "contrast": ["explained", "advised"]}
    return analysis.find(marked, title="t.csv", source="t.csv", measures=["rsr"], primary=primary, **FAST)


def test_declared_measures_come_first_and_all_that_are_defined_follow(found: analysis.Findings) -> None:
    names = found.analysis.measures["measure"].unique(maintain_order=True).to_list()
    assert names[:2] == ["rsr", "accuracy"]
    assert {"delegation_rate", "brier", "confirmation"} <= set(names)
    assert "d_prime" not in names  # four labels
    assert "m_ratio" not in names  # slow: only by name
    assert "weight_of_advice" not in names  # no numbers


def test_the_primary_contrast_alone_is_confirmatory(found: analysis.Findings) -> None:
    assert found.analysis.primary is not None
    assert found.analysis.primary["confirmatory"].to_list() == [True]
    assert not found.analysis.contrasts["confirmatory"].any()


def test_with_excluded_keeps_practice_out(found: analysis.Findings, marked: pl.DataFrame) -> None:
    everybody = found.with_excluded
    assert everybody is not None
    assert everybody.operator_count == found.analysis.operator_count + 2
    assert everybody.trials.height == marked.filter(~pl.col("practice")).height
    again = analysis.measure(marked.drop("excluded"), "rair", by="condition", **FAST)
    assert everybody.measures.filter(pl.col("measure") == "rair").equals(again)


def test_without_exclusions_there_is_nothing_to_compare(trials: pl.DataFrame) -> None:
    found = analysis.find(trials, title="t", source="t", **FAST)
    assert found.with_excluded is None
    assert found.reasons["with_excluded"] == "nobody_excluded"
    assert found.reasons["factors"] == "no_factors"


def test_flow_adds_up(found: analysis.Findings, marked: pl.DataFrame) -> None:
    rows = found.flow.to_dicts()
    assert (rows[0]["step"], rows[0]["operators"], rows[0]["trials"]) == ("began", 12, marked.height)
    assert [row["reason"] for row in rows[1:-1]] == ["practice", "attention", "fast"]
    assert [row["operators"] for row in rows[1:-1]] == [0, 1, 1]
    assert rows[-1] == {"step": "analysed", "reason": None, "operators": 10, "trials": used(marked).height}
    assert rows[0]["trials"] - sum(row["trials"] for row in rows[1:-1]) == rows[-1]["trials"]


def test_flow_counts_operators_who_never_decided(marked: pl.DataFrame) -> None:
    sessions = pl.DataFrame(
        {
            "operator": [f"p{i:02}" for i in range(12)] + ["x", "y", "z"],
            "status": ["completed"] * 12 + ["excluded", "excluded", "running"],
            "exclusion_reason": [None] * 12 + ["screening", "screening", None],
        }
    )
    table = flow(marked, used(marked), sessions)
    assert table.row(0)[2] == 15
    assert table.filter(step="left_out").head(2).rows() == [
        ("left_out", "running", 1, 0),
        ("left_out", "screening", 2, 0),
    ]
    left = table.filter(step="left_out")["operators"].sum()
    assert table.row(0)[2] - left == table.row(-1)[2]


def test_calibration_equals_a_loop(trials: pl.DataFrame) -> None:
    table = curves.calibration(trials, "condition", **FAST)
    assert table is not None
    rows = trials.filter(pl.col("final").is_not_null()).to_dicts()
    for row in table.to_dicts():
        inside = [
            r
            for r in rows
            if r["condition"] == row["condition"]
            and row["from"] <= r["final_confidence"]
            and (r["final_confidence"] < row["to"] or row["bin"] == curves.BINS - 1)
        ]
        assert row["n"] == len(inside)
        assert row["value"] == pytest.approx(np.mean([r["final"] == r["truth"] for r in inside]))
    everyone = trials.group_by("condition").agg(pl.col("final_confidence").sum())
    weighted = table.group_by("condition").agg((pl.col("confidence") * (pl.col("n") + pl.col("undefined"))).sum())
    assert weighted.sort("condition")["confidence"].to_list() == pytest.approx(
        everyone.sort("condition")["final_confidence"].to_list()
    )


def test_no_curve_without_what_it_is_drawn_from(trials: pl.DataFrame) -> None:
    assert curves.calibration(trials.drop("final_confidence"), "condition", **FAST) is None
    assert curves.calibration(trials.with_columns(final_confidence=pl.lit(None, pl.Float64)), "condition") is None
    assert curves.course(trials.drop("position"), ["accuracy"], "condition", **FAST) is None
    assert curves.course(trials.with_columns(position=pl.lit(3)), ["accuracy"], "condition", **FAST) is None
    assert curves.course(trials, [], "condition", **FAST) is None


def test_course_covers_every_position_once(trials: pl.DataFrame) -> None:
    table = curves.course(trials, ["accuracy"], "operator", **FAST)
    assert table is not None
    one = table.filter(operator="p00").sort("stretch")
    assert one["first"].to_list() == [0, 3, 6, 9, 12, 15, 18, 21]
    assert one["last"].to_list() == [2, 5, 8, 11, 14, 17, 20, 23]
    assert (one["n"] + one["undefined"]).to_list() == [3] * 8


def test_factors_are_measured_by_level(found: analysis.Findings, marked: pl.DataFrame) -> None:
    assert found.factors is not None
    row = found.factors.filter(factor="help", level="some", measure="accuracy").row(0, named=True)
    some = used(marked).filter(pl.col("factor_help") == "some").drop_nulls("final")
    assert row["value"] == pytest.approx((some["final"] == some["truth"]).mean())
    assert row["n"] == some.height


def test_as_dict_is_json(found: analysis.Findings) -> None:
    said = json.loads(json.dumps(found.as_dict()))
    assert said["flow"][0]["step"] == "began"
    assert said["with_excluded"]["operators"] == 12
    assert said["reasons"].keys() <= set(analysis.findings.PARTS) | {"with_excluded"}


def test_nothing_left_is_an_error(trials: pl.DataFrame) -> None:
    with pytest.raises(BinomeError, match="no trial is left"):
        analysis.find(trials.with_columns(practice=True), title="t", source="t", **FAST)


def test_trials_without_conditions_are_one_group(trials: pl.DataFrame) -> None:
    found = analysis.find(trials.drop("condition", "final_confidence", "position"), title="t", source="t", **FAST)
    assert found.analysis.conditions == ("all",)
    assert (found.calibration, found.course) == (None, None)
    assert (found.reasons["calibration"], found.reasons["course"]) == ("no_confidence", "no_positions")
