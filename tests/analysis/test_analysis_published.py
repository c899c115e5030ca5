"""Published counts: Lu & Yin 2021, experiment 1, second phase (301 operators × 10 items, binary decisions)."""

import polars as pl
import pytest

from binome import analysis

COUNTS = {"000": 408, "001": 34, "010": 602, "011": 290, "100": 109, "101": 352, "110": 96, "111": 1119}
"""Trials by whether the initial answer, the advice and the final answer were right."""


@pytest.fixture(scope="module")
def trials() -> pl.DataFrame:
    rows = []
    for key, count in COUNTS.items():
        initial, advice, final = ("yes" if digit == "1" else "no" for digit in key)
        rows += [{"truth": "yes", "initial": initial, "advice": advice, "final": final}] * count
    table = pl.DataFrame(rows)
    return analysis.check_trials(table.with_columns(operator=pl.int_range(pl.len()) % 301))


@pytest.mark.parametrize(
    ("name", "value", "n"),
    [
        ("agreement", 0.63987, 3010),
        ("switch_fraction", 399 / 1353, 1353),
        ("rair", 290 / 892, 892),
        ("rsr", 352 / 461, 461),
        ("overreliance", 0.57254, 903),
        ("underreliance", 0.33128, 2107),
        ("accuracy_initial", 0.55681, 3010),
        ("accuracy", 0.59635, 3010),
        ("accuracy_advice", 0.70, 3010),
        ("complementarity", -0.10365, 3010),
    ],
)
def test_published_value(trials: pl.DataFrame, name: str, value: float, n: int) -> None:
    row = analysis.measure(trials, [name], resamples=200).row(0, named=True)
    assert row["value"] == pytest.approx(value, abs=6e-6)
    assert (row["n"], row["undefined"]) == (n, 3010 - n)
    assert row["low"] < row["value"] < row["high"]
