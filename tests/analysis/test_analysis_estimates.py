"""Estimates: right within a tolerance, and far from the truth by so much; by hand, and by a loop over rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from binome import analysis
from binome.core import BinomeError

# Tolerance 5. Right or wrong at first, advised, at the end:
ROWS = [
    # truth, advice, initial, final
    (50.0, 53.0, 60.0, 54.0),  # wrong, right, right: RAIR counts and has it; weight 6/7
    (50.0, 45.0, 20.0, 20.0),  # wrong, right (exactly 5 off), wrong: RAIR counts; weight 0
    (50.0, 60.0, 55.0, 55.0),  # right, wrong, right: RSR counts and has it; weight 0
    (50.0, 60.0, 52.0, 60.0),  # right, wrong, wrong: RSR counts; weight 1
    (50.0, 55.1, 50.0, 50.0),  # right, wrong by a tenth, right: RSR counts and has it; weight 0
    (50.0, 48.0, 48.0, 49.0),  # right, right, right; no weight, for the two agree
]


def table(rows: list[tuple[float, ...]] = ROWS, **columns: Any) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["truth", "advice", "initial", "final"], orient="row")
    place = range(len(rows))
    return frame.with_columns(
        operator=pl.Series([f"p{i % 3}" for i in place]), item=pl.Series([f"i{i}" for i in place]),
        tolerance=pl.lit(5.0), **columns,
    )  # fmt: skip


def value(trials: pl.DataFrame, name: str) -> Any:
    found = analysis.measure(trials, name, resamples=0).to_dicts()[0]
    return found["value"], found["n"]


@pytest.mark.parametrize(
    ("name", "expected", "n"),
    [
        ("accuracy", 4 / 6, 6),
        ("accuracy_initial", 4 / 6, 6),
        ("accuracy_advice", 3 / 6, 6),
        ("gain_over_human", 0.0, 6),
        ("gain_over_ai", 1 / 6, 6),
        ("complementarity", 0.0, 6),
        ("rair", 1 / 2, 2),
        ("rsr", 2 / 3, 3),
        ("overreliance", 1 / 3, 3),  # only the fourth ends exactly with wrong advice
        ("underreliance", 1.0, 3),
        ("agreement", 1 / 6, 6),
        ("error", (4 + 30 + 5 + 10 + 0 + 1) / 6, 6),
        ("error_initial", (10 + 30 + 5 + 2 + 0 + 2) / 6, 6),
        ("error_advice", (3 + 5 + 10 + 10 + 5.1 + 2) / 6, 6),
        ("weight_of_advice", (6 / 7 + 1) / 5, 5),
        ("balanced_accuracy", None, 0),
    ],
)
def test_values_by_hand(name: str, expected: float | None, n: int) -> None:
    found, counted = value(table(), name)
    assert counted == n
    assert found is None if expected is None else found == pytest.approx(expected, abs=1e-12)


def test_the_brier_score_uses_the_tolerance() -> None:
    trials = table(final_confidence=pl.Series([0.9, 0.5, 0.8, 0.4, 1.0, 0.7]))
    expected = (0.1**2 + 0.5**2 + 0.2**2 + 0.4**2 + 0 + 0.3**2) / 6
    assert value(trials, "brier")[0] == pytest.approx(expected)


def test_measures_agree_with_a_loop_over_rows() -> None:
    rng = np.random.default_rng(4)
    rows = [tuple(float(x) for x in rng.integers(0, 30, 4)) for _ in range(400)]
    trials = table(rows)
    right = [[abs(answer - row[0]) <= 5 for answer in row] for row in rows]
    rescued = [final for _, advice, initial, final in right if advice and not initial]
    kept = [final for _, advice, initial, final in right if initial and not advice]
    assert value(trials, "rair") == (pytest.approx(sum(rescued) / len(rescued)), len(rescued))
    assert value(trials, "rsr") == (pytest.approx(sum(kept) / len(kept)), len(kept))
    assert value(trials, "error")[0] == pytest.approx(sum(abs(row[3] - row[0]) for row in rows) / 400)


def test_a_difference_of_exactly_the_tolerance_counts_whatever_rounding_does() -> None:
    # 1.1 − 1.0 is 0.10000000000000009 in binary.
    trials = table([(1.0, 1.0, 1.0, 1.1), (1.0, 1.0, 1.0, 1.11)]).with_columns(tolerance=pl.lit(0.1))
    assert value(trials, "accuracy") == (0.5, 2)


def test_without_a_tolerance_numbers_must_be_equal() -> None:
    assert value(table().drop("tolerance"), "accuracy") == (pytest.approx(1 / 6), 6)
    partly = table().with_columns(tolerance=pl.Series([5.0, None, None, None, None, None]))
    assert value(partly, "accuracy") == (pytest.approx(2 / 6), 6)
    # Classes that happen to be numbers have a balanced accuracy.
    assert value(table([(0, 0, 0, 0), (1, 1, 1, 0)]).drop("tolerance"), "balanced_accuracy")[0] == 0.5


def test_missing_numbers_are_undefined_not_wrong() -> None:
    trials = table().with_columns(final=pl.Series([54.0, None, 55.0, 60.0, 50.0, 49.0]))
    assert value(trials, "accuracy") == (pytest.approx(4 / 5), 5)
    assert value(trials, "error") == (pytest.approx((4 + 5 + 10 + 0 + 1) / 5), 5)


def test_errors_of_labels_are_refused_by_name() -> None:
    trials = pl.DataFrame({"operator": ["a", "b"], "truth": ["cat", "dog"], "final": ["cat", "cat"]})
    with pytest.raises(BinomeError, match="'final' holds labels such as 'cat'"):
        analysis.measure(trials, "error")


def test_a_table_of_estimates_is_read_back_as_it_was(tmp_path: Path) -> None:
    trials = table(
        note=pl.Series(["Saw it", None, "1", None, None, None]),
        operator_view=pl.lit('{"hidden":["income"]}'),
        predictor_view=pl.lit("{}"),
        item_age=pl.Series([31, 32, 33, 34, 35, None]),
    )
    trials.write_csv(tmp_path / "trials.csv")
    read = analysis.read_trials(tmp_path / "trials.csv")
    assert read["note"].to_list() == ["Saw it", None, "1", None, None, None]
    assert read["operator_view"][0] == '{"hidden":["income"]}'
    assert read["item_age"].to_list() == [31, 32, 33, 34, 35, None]
    assert value(read, "accuracy") == value(trials, "accuracy")
    (tmp_path / "bad.csv").write_text((tmp_path / "trials.csv").read_text("utf-8").replace(",5.0,", ",-5.0,", 1))
    with pytest.raises(analysis.TrialsError, match=r"row 1, column 'tolerance': found '-5.0', expected a number"):
        analysis.read_trials(tmp_path / "bad.csv")


def simulated(operators: int = 16, items: int = 20) -> pl.DataFrame:
    """Estimates with and without advice, within operators."""
    rng = np.random.default_rng(8)
    rows = []
    for o in range(operators):
        for i in range(items):
            advised = i % 2 == 0
            truth = 20.0 + 3 * i
            initial, advice = truth + round(rng.normal(0, 9)), truth + round(rng.normal(0, 5))
            final = initial + round(0.5 * (advice - initial)) if advised else initial
            rows.append(
                {
                    "operator": f"p{o:02}", "item": f"i{i}", "condition": "advised" if advised else "alone",
                    "truth": truth, "advice": advice, "advice_shown": advised, "initial": initial if advised else None,
                    "final": final, "tolerance": 5.0,
                }
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def test_a_study_of_estimates_is_analysed_whole() -> None:
    trials = simulated()
    found = analysis.analyse(trials, conditions=["alone", "advised"], resamples=100)
    values = {(row["measure"], row["condition"]): row["value"] for row in found.measures.iter_rows(named=True)}
    assert {"error", "error_initial", "weight_of_advice"} <= {name for name, _ in values}
    assert "rair" not in {name for name, _ in values}
    assert values["weight_of_advice", "advised"] == pytest.approx(0.5, abs=0.1)
    assert values["weight_of_advice", "alone"] is None
    assert values["error", "advised"] < values["error", "alone"]
    assert found.model is not None
    typical = dict(zip(found.model.marginal["level"], found.model.marginal["probability"], strict=True))
    right = trials.with_columns(right=(pl.col("final") - pl.col("truth")).abs() <= 5)
    shares = dict(right.group_by("condition").agg(pl.col("right").mean()).iter_rows())
    for condition, share in shares.items():
        assert typical[condition] == pytest.approx(share, abs=0.05)


TWO_LABELS = {
    "d_prime", "criterion", "meta_d_prime", "m_ratio", "commission", "commission_over_manual", "omission",
    "omission_over_manual",
}  # fmt: skip


def test_every_measure_is_defined_or_undefined_on_estimates_or_says_why() -> None:
    trials = simulated().with_columns(
        delegated=pl.lit(False), final_seconds=pl.lit(2.0), final_confidence=pl.lit(0.5),
        position=pl.int_range(pl.len()), advice_confidence=pl.lit(0.8),
        vetoed=pl.lit(None), advice_requested=pl.lit(None), timed_out=pl.lit(False),
    )  # fmt: skip
    others = [name for name in analysis.measures() if name not in TWO_LABELS]
    found = analysis.measure(trials, others, by="condition", resamples=10)
    assert set(found["measure"]) == set(others)
    assert found.filter((pl.col("measure") == "balanced_accuracy") & pl.col("value").is_not_null()).is_empty()
    for name in TWO_LABELS:
        with pytest.raises(BinomeError, match=rf"'{name}': it is for decisions between two labels"):
            analysis.measure(trials, name)
