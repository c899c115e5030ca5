"""`analyse`: the bundle that the report and the command line read."""

import json

import polars as pl
import pytest

from binome import analysis
from binome.core import BinomeError

PRIMARY = {"measure": "accuracy", "contrast": ["explained", "advised"]}


@pytest.fixture(scope="module")
def whole(trials: pl.DataFrame) -> analysis.Analysis:
    marked = trials.with_columns(
        simulated=True,
        practice=pl.col("position") == 0,
        excluded=pl.col("operator") == "p03",
        exclusion_reason=pl.when(pl.col("operator") == "p03").then(pl.lit("incomplete")),
    )
    return analysis.analyse(marked, primary=PRIMARY, conditions=["alone", "advised"], resamples=200, seed=3)


def test_who_and_what_was_left_out(whole: analysis.Analysis) -> None:
    assert whole.left_out.to_dicts() == [
        {"reason": "incomplete", "operators": 1, "trials": 24},
        {"reason": "practice", "operators": 0, "trials": 11},
    ]
    assert (whole.trials.height, whole.operator_count, whole.simulated) == (12 * 24 - 35, 11, 1.0)


def test_tables_are_those_of_the_functions(whole: analysis.Analysis) -> None:
    assert whole.conditions == ("alone", "advised", "explained")
    assert whole.measures["condition"].head(3).to_list() == list(whole.conditions)
    again = analysis.measure(whole.trials, "rair", by="condition", resamples=200, seed=3)
    assert whole.measures.filter(pl.col("measure") == "rair").sort("condition").equals(again)
    assert whole.primary is not None
    row = analysis.contrast(whole.trials, "accuracy", "explained", "advised", resamples=200, seed=3)
    assert whole.primary.drop("confirmatory").equals(row)
    assert whole.primary["confirmatory"].item() is True
    pairs = list(whole.contrasts.select("first", "second").iter_rows())
    assert pairs == [("advised", "alone"), ("explained", "alone"), ("explained", "advised")]
    lowest = whole.contrasts.sort("p").row(0, named=True)
    assert lowest["p_holm"] == pytest.approx(min(1.0, 3 * lowest["p"]))
    assert whole.model is not None
    assert whole.model.fixed["term"].to_list() == ["(Intercept)", "condition[advised]", "condition[explained]"]


def test_as_dict_is_json(whole: analysis.Analysis) -> None:
    plain = json.loads(json.dumps(whole.as_dict(), allow_nan=False))
    assert plain["primary"]["first"] == "explained"
    assert plain["model"]["converged"] is True


def test_defaults_are_the_measures_that_the_columns_allow(trials: pl.DataFrame) -> None:
    found = analysis.analyse(trials.drop("initial", "final_seconds"), resamples=100)
    names = found.measures["measure"].unique(maintain_order=True).to_list()
    assert names == ["accuracy", "accuracy_advice", "gain_over_ai", "overreliance", "underreliance", "agreement"]
    with pytest.raises(BinomeError, match="'rair' needs the column 'initial'"):
        analysis.analyse(trials.drop("initial"), measures=["rair"], resamples=100)


def test_one_condition_has_no_model_and_says_so(trials: pl.DataFrame) -> None:
    found = analysis.analyse(trials.filter(pl.col("condition") == "advised"), primary=PRIMARY, resamples=100)
    assert (found.model, found.primary) == (None, None)
    assert found.model_reason == "there is only one condition"
    assert "'explained'" in found.primary_reason
    assert found.contrasts.is_empty()


def test_without_conditions_or_truth(trials: pl.DataFrame) -> None:
    found = analysis.analyse(trials.drop("condition", "truth", "position", "item"), resamples=100)
    assert found.conditions == ("all",)
    assert found.measures["measure"].to_list() == ["agreement", "switch_fraction", "decision_time"]
    assert found.operators.is_empty()


def test_nothing_left(trials: pl.DataFrame) -> None:
    with pytest.raises(BinomeError, match="no trial is left"):
        analysis.analyse(trials.with_columns(excluded=True))
