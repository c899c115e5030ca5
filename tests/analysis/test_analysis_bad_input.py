"""Odd tables: a right number, an undefined one, or an error that names what is wrong; never a number from nowhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from binome import analysis
from binome.analysis.measure import registry
from binome.core import BinomeError, UnknownNameError


@pytest.fixture(scope="module")
def binary() -> pl.DataFrame:
    """Every column that a measure asks for, decisions between two labels."""
    rng = np.random.default_rng(1)
    operator, item, condition = (
        axis.ravel() for axis in np.meshgrid(range(6), range(8), range(3), indexing="ij")
    )  # fmt: skip
    size, labels = operator.size, np.array(["no", "yes"])
    truth = rng.integers(0, 2, size)
    advice, initial, final = (labels[np.where(rng.random(size) < p, truth, 1 - truth)] for p in (0.7, 0.6, 0.65))
    manual = pl.Series(condition == 0)
    return pl.DataFrame(
        {
            "operator": [f"p{i}" for i in operator], "item": [f"i{i}" for i in item],
            "condition": np.array(["alone", "first", "after"])[condition], "position": 8 * condition + item,
            "truth": labels[truth], "advice": advice, "advice_shown": ~manual,
            "initial": pl.Series(initial).set(pl.Series(condition != 2), None), "final": final,
            "final_confidence": rng.integers(1, 5, size) / 4, "advice_confidence": rng.random(size),
            "final_seconds": rng.lognormal(size=size), "delegated": rng.random(size) < 0.2,
            "advice_requested": rng.random(size) < 0.5, "vetoed": rng.random(size) < 0.5,
            "timed_out": rng.random(size) < 0.1,
        }
    )  # fmt: skip


LABELS = sorted(name for name in analysis.measures() if not name.startswith(("weight", "error")))


def rows(trials: pl.DataFrame, **options: Any) -> list[dict[str, Any]]:
    return analysis.measure(trials, LABELS, resamples=50, **options).to_dicts()


def check(found: list[dict[str, Any]]) -> None:
    for row in found:
        bounds = [row[name] for name in ("value", "low", "high")]
        assert all(bound is None or np.isfinite(bound) for bound in bounds), row
        assert row["value"] is not None or row["low"] is None, row
        if registry.get(row["measure"]).declared["unit"] == "share" and row["value"] is not None:
            assert 0 <= row["value"] <= 1, row


def test_every_measure_of_a_whole_table(binary: pl.DataFrame) -> None:
    found = rows(binary)
    check(found)
    assert {row["measure"] for row in found if row["value"] is None} == set()


def test_one_operator_has_values_and_no_intervals(binary: pl.DataFrame) -> None:
    found = rows(binary.filter(operator="p0"))
    check(found)
    assert all(row["low"] is None for row in found)


def test_one_trial(binary: pl.DataFrame) -> None:
    check(rows(binary.head(1)))


def test_an_empty_group_is_undefined(binary: pl.DataFrame) -> None:
    undecided = binary.head(5).with_columns(final=None, condition=pl.lit("hollow"))
    hollow = pl.concat([binary, undecided], how="vertical_relaxed")
    found = {row["measure"]: row for row in rows(hollow, by="condition") if row["condition"] == "hollow"}
    check(list(found.values()))
    assert (found["accuracy"]["value"], found["accuracy"]["n"], found["accuracy"]["undefined"]) == (None, 0, 5)
    assert found["d_prime"]["value"] is None


@pytest.mark.parametrize("case", ["all right", "all wrong", "no disagreement", "one class", "constant confidence"])
def test_tables_without_variation(binary: pl.DataFrame, case: str) -> None:
    other = pl.col("truth").replace({"yes": "no", "no": "yes"})
    changed = {
        "all right": {"final": pl.col("truth")},
        "all wrong": {"final": other},
        "no disagreement": {
            "advice": pl.col("final"),
            "initial": pl.when(pl.col("initial").is_not_null()).then("final"),
        },
        "one class": {
            "truth": pl.lit("yes"),
            "final": pl.lit("yes"),
            "advice": pl.lit("yes"),
            "initial": pl.lit("yes"),
        },
        "constant confidence": {"final_confidence": pl.lit(0.5)},
    }[case]
    found = {row["measure"]: row["value"] for row in rows(binary.with_columns(**changed))}
    check(rows(binary.with_columns(**changed)))
    undefined = {name for name, value in found.items() if value is None}
    assert (
        undefined
        >= {
            "all right": {"confidence_auroc"},
            "all wrong": {"confidence_auroc"},
            "no disagreement": {"switch_fraction", "switch_to_third", "confirmation"},
            "one class": {"d_prime", "criterion", "meta_d_prime", "overreliance", "rair", "rsr", "commission"},
            "constant confidence": {"meta_d_prime", "m_ratio"},
        }[case]
    )
    if case == "constant confidence":
        assert found["confidence_auroc"] == 0.5


def test_a_thousand_classes() -> None:
    rng = np.random.default_rng(0)
    truth, final = rng.integers(0, 1000, 4000), rng.integers(0, 1000, 4000)
    final = np.where(rng.random(4000) < 0.5, truth, final)
    trials = pl.DataFrame({"operator": np.arange(4000) % 40, "truth": truth, "final": final}).cast(pl.String)
    row = analysis.measure(trials, "balanced_accuracy", resamples=20).row(0, named=True)
    right = trials.with_columns(right=pl.col("truth") == pl.col("final"))
    expected = right.group_by("truth").agg(pl.col("right").mean())["right"].mean()
    assert row["value"] == pytest.approx(expected)
    assert row["low"] is None  # some class is absent from nearly every resample
    with pytest.raises(BinomeError, match=r"hold 999: 0, 1, 10, 100, 101, …"):
        analysis.measure(trials, "d_prime")


def test_infinite_and_backward_times_name_their_row(binary: pl.DataFrame) -> None:
    for value in (float("inf"), -1.0):
        broken = binary.with_columns(final_seconds=pl.when(pl.col("position") == 3).then(value).otherwise(1.0))
        with pytest.raises(analysis.TrialsError, match=r"row 10, column 'final_seconds'"):
            analysis.measure(broken, "decision_time")


def test_the_order_of_columns_and_rows_is_nothing(binary: pl.DataFrame) -> None:
    turned = binary.select(sorted(binary.columns, reverse=True)).reverse()
    counts = [
        "d_prime", "rair", "confidence_auroc", "meta_d_prime", "anchoring", "aversion_after_error",
        "commission_over_manual",
    ]  # fmt: skip
    one, other = (analysis.measure(t, counts, by="condition", resamples=40) for t in (binary, turned))
    same = ["measure", "condition", "n", "undefined"]
    assert one.select(same).equals(other.select(same))
    for name in ("value", "low", "high"):
        assert one[name].is_null().equals(other[name].is_null())
        assert one[name].drop_nulls().to_numpy() == pytest.approx(other[name].drop_nulls().to_numpy(), abs=1e-9)


def test_trials_without_a_condition_are_one_group(binary: pl.DataFrame) -> None:
    trials = binary.drop("condition")
    assert set(analysis.relations(trials, resamples=0, tests=0, refits=0).shares["condition"]) == {"all"}
    assert {"all"} >= set(
        analysis.biases(trials, resamples=0).filter("identifiable", pl.col("against").is_null())["group"]
    )
    for call in (analysis.relations, analysis.biases, analysis.analyse):
        with pytest.raises(BinomeError, match="needs the column 'arm', which these trials lack"):
            call(trials, by="arm")


def test_a_missing_condition_is_named(binary: pl.DataFrame) -> None:
    with pytest.raises(UnknownNameError, match="unknown condition 'frist'; did you mean 'first'"):
        analysis.contrast(binary, "accuracy", "after", "frist")
