"""Every measure against a loop over rows that is written from its definition, not from the code."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from binome import analysis
from binome.core import BinomeError, UnknownNameError

Row = dict[str, Any]


def share(rows: list[Row], among: Callable[[Row], bool], event: Callable[[Row], float]) -> tuple[float | None, int]:
    values = [float(event(row)) for row in rows if among(row)]
    return (sum(values) / len(values) if values else None), len(values)


def minus(first: tuple[float | None, int], second: tuple[float | None, int], n: int) -> tuple[float | None, int]:
    if first[0] is None or second[0] is None:
        return None, n
    return first[0] - second[0], n


def has(row: Row, *names: str) -> bool:
    return all(row[name] is not None for name in names)


def shown(row: Row, *names: str) -> bool:
    return has(row, "advice", *names) and row["advice_shown"]


def recalls(rows: list[Row]) -> tuple[float | None, int]:
    known = [row for row in rows if has(row, "final")]
    by_class = [share(known, lambda r, c=c: r["truth"] == c, lambda r: r["final"] == r["truth"])[0] for c in CLASSES]
    return (None if None in by_class else sum(by_class) / len(by_class)), len(known)  # type: ignore[arg-type]


def complementarity(rows: list[Row]) -> tuple[float | None, int]:
    known = [row for row in rows if shown(row, "initial", "final")]
    right = [sum(row[name] == row["truth"] for row in known) for name in ("final", "initial", "advice")]
    return ((right[0] - max(right[1:])) / len(known) if known else None), len(known)


def gain(over: str) -> Callable[[list[Row]], tuple[float | None, int]]:
    def of(rows: list[Row]) -> tuple[float | None, int]:
        known = [row for row in rows if has(row, over, "final")]
        team, other = (share(known, lambda r: True, lambda r, n=n: r[n] == r["truth"]) for n in ("final", over))
        return minus(team, other, len(known))

    return of


def resolution(rows: list[Row]) -> tuple[float | None, int]:
    right = [row for row in rows if shown(row, "final") and row["advice"] == row["truth"]]
    wrong = [row for row in rows if shown(row, "final") and row["advice"] != row["truth"]]
    followed = (share(part, lambda r: True, lambda r: r["final"] == r["advice"]) for part in (right, wrong))
    return minus(*followed, len(right) + len(wrong))


def geometric_seconds(rows: list[Row]) -> tuple[float | None, int]:
    logs = [math.log(row["final_seconds"] + (row["initial_seconds"] or 0)) for row in rows]
    return (math.exp(sum(logs) / len(logs)) if logs else None), len(logs)


CLASSES = ("cat", "dog", "None")
DISAGREE = lambda r: shown(r, "initial", "final") and r["initial"] != r["advice"]  # noqa: E731
BY_HAND: dict[str, Callable[[list[Row]], tuple[float | None, int]]] = {
    "accuracy": lambda rows: share(rows, lambda r: has(r, "final"), lambda r: r["final"] == r["truth"]),
    "accuracy_initial": lambda rows: share(rows, lambda r: has(r, "initial"), lambda r: r["initial"] == r["truth"]),
    "accuracy_advice": lambda rows: share(rows, lambda r: True, lambda r: r["advice"] == r["truth"]),
    "balanced_accuracy": recalls,
    "gain_over_human": gain("initial"),
    "gain_over_ai": gain("advice"),
    "complementarity": complementarity,
    "rair": lambda rows: share(
        rows,
        lambda r: shown(r, "initial", "final") and r["initial"] != r["truth"] == r["advice"],
        lambda r: r["final"] == r["truth"],
    ),
    "rsr": lambda rows: share(
        rows,
        lambda r: shown(r, "initial", "final") and r["initial"] == r["truth"] != r["advice"],
        lambda r: r["final"] == r["truth"],
    ),
    "overreliance": lambda rows: share(
        rows, lambda r: shown(r, "final") and r["advice"] != r["truth"], lambda r: r["final"] == r["advice"]
    ),
    "underreliance": lambda rows: share(
        rows, lambda r: shown(r, "final") and r["advice"] == r["truth"], lambda r: r["final"] != r["advice"]
    ),
    "reliance_resolution": resolution,
    "agreement": lambda rows: share(rows, lambda r: shown(r, "final"), lambda r: r["final"] == r["advice"]),
    "switch_fraction": lambda rows: share(rows, DISAGREE, lambda r: r["final"] == r["advice"]),
    "switch_to_advice": lambda rows: share(rows, DISAGREE, lambda r: r["final"] == r["advice"]),
    "switch_to_third": lambda rows: share(rows, DISAGREE, lambda r: r["final"] not in (r["advice"], r["initial"])),
    "delegation_rate": lambda rows: share(rows, lambda r: True, lambda r: r["delegated"]),
    "decision_time": geometric_seconds,
    "brier": lambda rows: share(
        rows, lambda r: has(r, "final"), lambda r: (r["final_confidence"] - (r["final"] == r["truth"])) ** 2
    ),
}
NUMERIC = {"weight_of_advice", "weight_of_advice_clipped", "weight_of_advice_below", "weight_of_advice_above"}
ESTIMATES = {"error", "error_initial", "error_advice"}  # in test_analysis_estimates.py
TWO_LABELS = {"d_prime", "criterion", "meta_d_prime", "m_ratio", "confidence_auroc", "confidence_ece"}
"""In test_analysis_detection.py."""
RELIANCE = {
    "commission", "commission_over_manual", "omission", "omission_over_manual", "anchoring", "confirmation",
    "aversion_after_error", "delegation_quality", "delegation_regret", "advice_requested", "veto_rate", "missed_vetoes",
    "needless_vetoes", "timed_out",
}  # fmt: skip
"""In test_analysis_biases.py."""


def test_every_measure_has_an_independent_value() -> None:
    assert set(analysis.measures()) == set(BY_HAND) | NUMERIC | ESTIMATES | TWO_LABELS | RELIANCE


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(trials: pl.DataFrame, name: str) -> None:
    table = analysis.measure(trials, [name], by=["condition"], resamples=0)
    assert table["condition"].to_list() == ["advised", "alone", "explained"]
    for row in table.iter_rows(named=True):
        rows = trials.filter(pl.col("condition") == row["condition"]).to_dicts()
        value, n = BY_HAND[name](rows)
        assert row["value"] == (None if value is None else pytest.approx(value, abs=1e-12))
        assert (row["n"], row["undefined"]) == (n, len(rows) - n)


def test_undefined_without_advice_is_null_and_counted(trials: pl.DataFrame) -> None:
    table = analysis.measure(trials, ["rair", "agreement", "complementarity", "gain_over_human"], by="condition")
    alone = table.filter(pl.col("condition") == "alone")
    assert alone.select("value", "low", "high").null_count().row(0) == (4, 4, 4)
    assert alone["n"].to_list() == [0] * 4
    assert alone["undefined"].to_list() == [96] * 4


def test_the_string_none_is_a_label(trials: pl.DataFrame) -> None:
    only = trials.filter(pl.col("truth") == "None")
    row = analysis.measure(only, "accuracy", resamples=0).row(0, named=True)
    assert row["n"] == only["final"].is_not_null().sum()
    assert row["value"] == (only["final"] == "None").sum() / row["n"]


def test_weight_of_advice_counts_what_leaves_the_interval() -> None:
    # Weights, by hand: 0.5, 2, −1, 0.25; the fifth has advice = initial, the sixth no final answer.
    rows = [(10, 20, 15), (0, 10, 20), (5, 9, 1), (100, 60, 90), (7, 7, 8), (1, 2, None)]
    table = pl.DataFrame(rows, schema=["initial", "advice", "final"], orient="row")
    table = table.with_columns(operator=pl.Series(["a", "b", "a", "b", "a", "b"]))
    found = analysis.measure(analysis.check_trials(table), sorted(NUMERIC), resamples=0)
    assert dict(zip(found["measure"], found["value"], strict=True)) == {
        "weight_of_advice": pytest.approx(1.75 / 4),
        "weight_of_advice_clipped": pytest.approx(1.75 / 4),
        "weight_of_advice_above": 0.25,
        "weight_of_advice_below": 0.25,
    }
    assert set(found["n"]) == {4}
    assert set(found["undefined"]) == {2}


def test_weight_of_advice_refuses_labels(trials: pl.DataFrame) -> None:
    with pytest.raises(BinomeError, match=r"'weight_of_advice'.*'advice' holds labels"):
        analysis.measure(trials, "weight_of_advice")


def test_balanced_accuracy_without_a_class_is_undefined(trials: pl.DataFrame) -> None:
    part = trials.filter((pl.col("condition") == "alone") | (pl.col("truth") != "dog"))
    table = analysis.measure(part, "balanced_accuracy", by="condition", resamples=0)
    assert [value is None for value in table["value"]] == [True, False, True]


@pytest.mark.parametrize("flag", ["practice", "attention_check", "excluded"])
def test_flagged_rows_are_left_out(trials: pl.DataFrame, flag: str) -> None:
    flagged = trials.with_columns(pl.Series(flag, np.arange(trials.height) % 3 == 0).cast(pl.String))
    expected = analysis.measure(trials.filter(np.arange(trials.height) % 3 != 0), "accuracy", by="condition")
    assert analysis.measure(flagged, "accuracy", by="condition").equals(expected)


def test_errors_name_measure_and_column(trials: pl.DataFrame) -> None:
    with pytest.raises(BinomeError, match=r"measure 'rair' needs the column 'initial'"):
        analysis.measure(trials.drop("initial"), "rair")
    with pytest.raises(UnknownNameError, match=r"unknown measure 'accuracies'; did you mean 'accuracy'"):
        analysis.measure(trials, "accuracies")
    with pytest.raises(BinomeError, match=r"column 'conditon'.*did you mean 'condition'"):
        analysis.measure(trials, "accuracy", by="conditon")
    with pytest.raises(BinomeError, match="at least one measure"):
        analysis.measure(trials, [])


def test_no_trials_at_all(trials: pl.DataFrame) -> None:
    assert analysis.measure(trials.clear(), "accuracy", by="condition").is_empty()
    row = analysis.measure(trials.clear(), "accuracy").row(0, named=True)
    assert row == {"measure": "accuracy", "value": None, "low": None, "high": None, "n": 0, "undefined": 0}


def test_columns_and_order_do_not_depend_on_the_rows(trials: pl.DataFrame) -> None:
    names = ["rsr", "accuracy"]
    table = analysis.measure(trials, names, by=["condition", "advice_shown"])
    assert table.columns == ["measure", "condition", "advice_shown", "value", "low", "high", "n", "undefined"]
    assert table["measure"].unique(maintain_order=True).to_list() == names
    shuffled = trials.sample(fraction=1, shuffle=True, seed=4)
    assert analysis.measure(shuffled, names, by=["condition", "advice_shown"]).equals(table)


def test_by_operator_is_measure_of_each(trials: pl.DataFrame) -> None:
    table = analysis.by_operator(trials, ["accuracy", "rair"], by="condition")
    assert table.height == 2 * 12 * 3
    for row in table.sample(20, seed=1).iter_rows(named=True):
        part = trials.filter((pl.col("operator") == row["operator"]) & (pl.col("condition") == row["condition"]))
        value, n = BY_HAND[row["measure"]](part.to_dicts())
        assert (row["value"], row["n"]) == (value, n)
        assert row["undefined"] == part.height - n
