"""Ratios and odds ratios beside differences, draws of items, corrections for several tests, exact sums."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from binome import analysis
from binome.analysis.bootstrap import draw_both, draw_operators
from binome.analysis.exact import exact_parts, weighted_sums
from binome.core import BinomeError, UnknownNameError

ITEM_MEASURES = ["accuracy", "rair", "complementarity", "decision_time", "confidence_auroc", "brier"]


def shares(trials: pl.DataFrame, name: str = "accuracy") -> dict[str, float]:
    table = analysis.measure(trials, name, by="condition", resamples=0)
    return dict(zip(table["condition"], table["value"], strict=True))


@pytest.mark.parametrize("scale", ["ratio", "odds_ratio"])
@pytest.mark.parametrize("kind", ["percentile", "bca"])
def test_ratios_of_shares_against_scipy_paired(scale: Any, kind: Any) -> None:
    """One trial an operator and condition: SciPy's paired bootstrap of the same function, draw for draw."""
    rng = np.random.default_rng(2)
    right = rng.random((2, 40)) < np.array([[0.7], [0.5]])
    parts = [
        pl.DataFrame(
            {
                "operator": [f"p{i:02}" for i in range(40)], "condition": [name] * 40, "truth": ["a"] * 40,
                "final": np.where(hits, "a", "b"),
            }
        )
        for name, hits in zip("xy", right, strict=True)
    ]  # fmt: skip

    def compared(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
        p, q = x.mean(axis=axis), y.mean(axis=axis)
        return p / q if scale == "ratio" else (p / (1 - p)) / (q / (1 - q))

    table = analysis.contrast(
        pl.concat(parts), "accuracy", "x", "y", resamples=499, seed=1, interval=kind, scale=scale
    )  # fmt: skip
    row = table.row(0, named=True)
    found = stats.bootstrap(
        right.astype(float), compared, n_resamples=499, paired=True, rng=np.random.default_rng(1),
        method="BCa" if kind == "bca" else kind,
    ).confidence_interval  # fmt: skip
    assert row["value"] == pytest.approx(compared(*right))
    assert (row["low"], row["high"]) == pytest.approx((found.low, found.high), rel=1e-9)
    difference = analysis.contrast(pl.concat(parts), "accuracy", "x", "y", resamples=499, seed=1)
    assert row["p"] == difference["p"].item()


def test_ratio_with_nothing_below_the_line_is_undefined() -> None:
    rows = [
        {"operator": f"p{i}", "condition": c, "truth": "a", "final": f} for i in range(6) for c, f in ("xa", "yb")
    ]  # fmt: skip
    trials = pl.DataFrame(rows)
    for scale in ("ratio", "odds_ratio"):
        row = analysis.contrast(trials, "accuracy", "x", "y", scale=scale).row(0, named=True)  # type: ignore[arg-type]
        assert [row[name] for name in ("value", "low", "high", "p")] == [None] * 4
    assert analysis.contrast(trials, "accuracy", "y", "x", scale="ratio")["value"].item() == 0.0


def test_scales_that_do_not_fit_are_refused(trials: pl.DataFrame) -> None:
    with pytest.raises(
        BinomeError, match="'ratio' is for measures in share or second or estimate, and 'complementarity' is a diff"
    ):
        analysis.contrast(trials, "complementarity", "explained", "advised", scale="ratio")
    with pytest.raises(BinomeError, match="'odds_ratio' is for measures in share, and 'decision_time' is a second"):
        analysis.contrast(trials, "decision_time", "explained", "advised", scale="odds_ratio")
    with pytest.raises(UnknownNameError, match="unknown scale 'odds'; did you mean 'odds_ratio'"):
        analysis.contrast(trials, "accuracy", "explained", "advised", scale="odds")  # type: ignore[arg-type]


def test_operators_and_items_in_a_loop_over_resamples(trials: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw operators and items, repeat each trial as often as both were drawn, measure the stack."""
    trials = trials.filter((pl.col("operator") != "p03") | (pl.col("item") != "i2"))  # not every cell is there
    operators, items = trials["operator"].unique().sort(), trials["item"].unique().sort()
    ((of_operators, of_items),) = list(draw_both(len(operators), len(items), 40, 9))
    values: dict[tuple[str, str], list[float | None]] = {}
    for w, v in zip(of_operators, of_items, strict=True):
        times = trials.join(pl.DataFrame({"operator": operators, "w": w}), on="operator", maintain_order="left").join(
            pl.DataFrame({"item": items, "v": v}), on="item", maintain_order="left"
        )
        repeat = (times["w"] * times["v"]).to_numpy().astype(int)
        stack = trials[np.repeat(np.arange(trials.height), repeat)]
        for row in analysis.measure(stack, ITEM_MEASURES, by="condition", resamples=0).iter_rows(named=True):
            values.setdefault((row["measure"], row["condition"]), []).append(row["value"])
    options: dict[str, Any] = {"by": "condition", "resamples": 40, "seed": 9, "draw": "operators_and_items"}
    table = analysis.measure(trials, ITEM_MEASURES, **options)
    assert table["low"].is_not_null().sum() > 12
    for row in table.iter_rows(named=True):
        drawn = np.array(values[row["measure"], row["condition"]], dtype=float)
        drawn = drawn[~np.isnan(drawn)]
        if row["low"] is not None:
            assert (row["low"], row["high"]) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), rel=1e-11)
    monkeypatch.setattr("binome.analysis.summing.LARGE", 1 << 14)
    assert analysis.measure(trials, ITEM_MEASURES, **options).equals(table)


def test_baselines_are_resampled_by_items_too(trials: pl.DataFrame) -> None:
    """Copies of one condition as manual and as aided trials: nothing is over, in every resample."""
    aided = trials.filter(condition="advised").with_columns(
        pl.col("truth", "advice", "initial", "final").replace({"None": "dog"})
    )
    twins = pl.concat([aided, aided.with_columns(condition=pl.lit("manual"), advice_shown=False)])
    row = analysis.measure(
        twins.with_columns(delegated=False), "commission_over_manual", by="condition", resamples=50,
        draw="operators_and_items",
    ).row(0, named=True)  # fmt: skip
    assert (row["value"], row["low"], row["high"]) == (0.0, 0.0, 0.0)


def test_operators_of_both_draws_are_those_of_the_one() -> None:
    (alone,) = list(draw_operators(7, 30, 3))
    ((operators, items),) = list(draw_both(7, 5, 30, 3))
    assert np.array_equal(alone, operators)
    assert items.shape == (30, 5)
    assert (items.sum(axis=1) == 5).all()
    assert abs(np.corrcoef(operators[:, 0], items[:, 0])[0, 1]) < 0.5


def test_drawing_items_too_widens_where_items_differ() -> None:
    rng = np.random.default_rng(0)
    operators, items = 60, 12
    easy = rng.beta(1, 1, items)
    right = rng.random((operators, items)) < easy
    trials = pl.DataFrame(
        {
            "operator": np.repeat([f"p{i}" for i in range(operators)], items), "truth": ["a"] * right.size,
            "item": [f"i{i}" for i in range(items)] * operators, "final": np.where(right.ravel(), "a", "b"),
        }
    )  # fmt: skip
    one, two = (
        analysis.measure(trials, "accuracy", draw=draw).row(0, named=True)
        for draw in ("operators", "operators_and_items")
    )  # type: ignore[arg-type]
    assert two["high"] - two["low"] > 2 * (one["high"] - one["low"])


def test_options_that_do_not_go_together(trials: pl.DataFrame) -> None:
    with pytest.raises(BinomeError, match="'bca' is for draws of operators alone"):
        analysis.measure(trials, "accuracy", draw="operators_and_items", interval="bca")
    with pytest.raises(UnknownNameError, match="unknown draw 'items'"):
        analysis.measure(trials, "accuracy", draw="items")  # type: ignore[arg-type]
    holes = trials.with_columns(item=pl.when(pl.col("position") != 0).then("item"))
    with pytest.raises(BinomeError, match="column 'item' is empty in 12"):
        analysis.measure(holes, "accuracy", draw="operators_and_items")


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(deadline=None, max_examples=60)
def test_benjamini_hochberg_against_scipy(p: list[float]) -> None:
    assert analysis.benjamini_hochberg(p).to_list() == pytest.approx(list(stats.false_discovery_control(p)), rel=1e-12)


def test_benjamini_hochberg_by_hand() -> None:
    # 5 tests: 0.01·5/1, 0.02·5/2, 0.03·5/3, 0.2·5/4, 0.9·5/5, each at most the next.
    found = analysis.benjamini_hochberg([0.03, None, 0.9, 0.01, float("nan"), 0.02, 0.2])
    assert found.to_list() == pytest.approx([0.05, None, 0.9, 0.05, None, 0.05, 0.25])
    assert analysis.benjamini_hochberg([]).to_list() == []


@example([0.0, 0.0, 2.225073858507e-311], 0)
@example([1e-300, 3e-308, 5e-324], 1)
@given(st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=40), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=80)
def test_weighted_sums_are_the_same_in_any_order(values: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    column = np.array(values)[:, None]
    weights = rng.multinomial(len(values), np.full(len(values), 1 / len(values)), 5).astype(float)
    found = weighted_sums(weights, exact_parts(column, len(values)))
    order = rng.permutation(len(values))
    assert np.array_equal(weighted_sums(weights[:, order], exact_parts(column[order], len(values))), found)
    for row, total in zip(weights, found[:, 0], strict=True):
        true = sum((Fraction(v) * int(w) for v, w in zip(values, row, strict=True)), Fraction(0))
        scale = max(map(abs, values)) * len(values)
        assert abs(total - float(true)) <= 1e-15 * scale


def test_counts_are_one_part() -> None:
    assert len(exact_parts(np.arange(12.0).reshape(6, 2), 6)) == 1


SCRIPT = """
import hashlib, sys
sys.path.insert(0, {folder!r})
from conftest import simulated_trials
from binome import analysis
trials = simulated_trials(1, operators=70, items=9)
names = ["decision_time", "brier", "rair", "confidence_ece"]
tables = [
    analysis.measure(trials, names, by="condition", resamples=300, interval="bca"),
    analysis.measure(trials, names, by="condition", resamples=300, draw="operators_and_items"),
]
print(hashlib.sha256(repr([t.rows() for t in tables]).encode()).hexdigest())
"""


def test_the_number_of_threads_changes_nothing() -> None:
    script = SCRIPT.format(folder=os.path.dirname(__file__))
    printed = set()
    for threads in ("1", "2"):
        variables = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
        environment = {**os.environ, **dict.fromkeys(variables, threads)}
        run = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        printed.add(run.stdout)
    assert len(printed) == 1
