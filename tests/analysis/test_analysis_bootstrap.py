"""The vectorised bootstrap against SciPy, a resample-and-group loop, and simulation."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from binome import analysis
from binome.analysis.bootstrap import draw_operators, interval, p_value
from binome.core import BinomeError

MEASURES = ["accuracy", "complementarity", "rair", "balanced_accuracy", "decision_time"]


@pytest.mark.parametrize("kind", ["percentile", "bca"])
@pytest.mark.parametrize("seed", [0, 1])
def test_like_scipy_on_a_mean(kind: str, seed: int) -> None:
    """One trial an operator: the cluster bootstrap is SciPy's, draw for draw."""
    values = np.random.default_rng(seed).exponential(size=40)
    confidences = values / values.max()
    rows = {"operator": [f"p{i:02}" for i in range(40)], "truth": ["a"] * 40, "final": ["b"] * 40}
    trials = pl.DataFrame({**rows, "final_confidence": confidences})
    found = analysis.measure(trials, "brier", resamples=999, seed=seed, interval=kind).row(0, named=True)  # type: ignore[arg-type]
    method = "BCa" if kind == "bca" else kind
    scipys = stats.bootstrap(
        (confidences**2,), np.mean, n_resamples=999, method=method, rng=np.random.default_rng(seed), vectorized=True
    ).confidence_interval
    assert (found["low"], found["high"]) == pytest.approx((scipys.low, scipys.high), rel=1e-10)


def test_same_draws_in_a_loop_over_resamples(trials: pl.DataFrame) -> None:
    """Draw operators, stack their rows, measure the stack: the same values, resample by resample."""
    resamples, seed = 60, 5
    operators = trials["operator"].unique().sort()
    drawn = np.random.default_rng(seed).integers(0, len(operators), (resamples, len(operators)))
    values: dict[tuple[str, str], list[float | None]] = {}
    for draw in drawn:
        stack = pl.concat(
            [
                trials.filter(pl.col("operator") == operators[int(who)]).with_columns(operator=pl.lit(f"{place}"))
                for place, who in enumerate(draw)
            ]
        )
        for row in analysis.measure(stack, MEASURES, by="condition", resamples=0).iter_rows(named=True):
            values.setdefault((row["measure"], row["condition"]), []).append(row["value"])
    for row in analysis.measure(trials, MEASURES, by="condition", resamples=resamples, seed=seed).iter_rows(named=True):
        found = [value for value in values[row["measure"], row["condition"]] if value is not None]
        if row["value"] is None:
            assert not found
        else:
            assert (row["low"], row["high"]) == pytest.approx(np.quantile(found, [0.025, 0.975]), rel=1e-12)


def test_draws_in_blocks_are_one_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(draw_operators(7, 50, 3)))
    monkeypatch.setattr("binome.analysis.bootstrap.BLOCK", 40)
    blocks = list(draw_operators(7, 50, 3))
    assert len(blocks) == 10
    assert np.array_equal(np.concatenate(blocks), whole)
    assert (whole.sum(axis=1) == 7).all()


def test_the_seed_decides(trials: pl.DataFrame) -> None:
    first, again, other = (analysis.measure(trials, "accuracy", resamples=200, seed=seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_a_negative_seed_is_refused(trials: pl.DataFrame) -> None:
    with pytest.raises(BinomeError, match="the seed must be zero or more, found -1"):
        analysis.measure(trials, "accuracy", seed=-1)


def test_one_operator_has_a_value_and_no_interval(trials: pl.DataFrame) -> None:
    row = analysis.measure(trials.filter(pl.col("operator") == "p00"), "accuracy").row(0, named=True)
    assert row["value"] is not None
    assert (row["low"], row["high"]) == (None, None)


def test_no_interval_when_many_resamples_are_undefined() -> None:
    draws = np.random.default_rng(0).normal(size=1000)
    assert not np.isnan(interval(0.0, draws, draws)).any()
    draws[:40] = np.nan
    assert not np.isnan(interval(0.0, draws, draws)).any()
    draws[:60] = np.nan
    assert np.isnan(interval(0.0, draws, draws)).all()
    assert np.isnan(p_value(draws))


def test_p_value_by_counting() -> None:
    # 3 of 99 at or below zero: 2 (3 + 1) / (99 + 1).
    assert p_value(np.concatenate([[-1.0, -2.0, 0.0], np.ones(96)])) == pytest.approx(0.08)
    assert p_value(np.zeros(99)) == 1.0
    assert p_value(np.ones(99)) == pytest.approx(0.02)


def test_contrast_is_paired(trials: pl.DataFrame) -> None:
    """Copies of one condition differ by exactly nothing in every resample; unpaired draws would not."""
    explained = trials.filter(pl.col("condition") == "explained")
    twins = pl.concat([explained, explained.with_columns(condition=pl.lit("twin"))])
    row = analysis.contrast(twins, "accuracy", "explained", "twin", resamples=300).row(0, named=True)
    assert (row["value"], row["low"], row["high"], row["p"]) == (0.0, 0.0, 0.0, 1.0)


def test_contrast_is_the_difference_of_measures(trials: pl.DataFrame) -> None:
    table = analysis.measure(trials, "overreliance", by="condition", resamples=0)
    value = dict(zip(table["condition"], table["value"], strict=True))
    row = analysis.contrast(trials, "overreliance", "explained", "advised", seed=2).row(0, named=True)
    assert row["value"] == pytest.approx(value["explained"] - value["advised"])
    assert row["low"] < row["value"] < row["high"]
    undefined = analysis.contrast(trials, "overreliance", "explained", "alone").row(0, named=True)
    assert [undefined[name] for name in ("value", "low", "high", "p")] == [None] * 4


def test_contrast_against_scipy_paired() -> None:
    """One trial an operator and condition: SciPy's paired bootstrap, draw for draw."""
    rng = np.random.default_rng(8)
    x, y = rng.random(30), rng.random(30)
    common = {"operator": [f"p{i:02}" for i in range(30)], "truth": ["a"] * 30, "final": ["b"] * 30}
    parts = [
        pl.DataFrame({**common, "condition": [name] * 30, "final_confidence": z}) for name, z in (("x", x), ("y", y))
    ]
    row = analysis.contrast(pl.concat(parts), "brier", "x", "y", resamples=499, seed=1, interval="bca")
    scipys = stats.bootstrap(
        (x**2 - y**2,), np.mean, n_resamples=499, method="BCa", rng=np.random.default_rng(1)
    ).confidence_interval
    assert row.select("low", "high").row(0) == pytest.approx((scipys.low, scipys.high), rel=1e-9)


@pytest.mark.slow
def test_coverage_of_the_intervals() -> None:
    """95 % intervals hold the true difference and shares in 93–97 % of simulated studies."""
    rng = np.random.default_rng(11)
    operators, items, studies = 50, 30, 600
    # By logistic ability the true accuracy is E[expit(u)] = 1/2 at mean 0.
    hits = {"percentile": 0, "bca": 0}
    for study in range(studies):
        ability = rng.normal(0, 1, operators)
        right = rng.random((operators, items)) < 1 / (1 + np.exp(-ability[:, None]))
        trials = pl.DataFrame(
            {
                "operator": np.repeat([f"p{i}" for i in range(operators)], items),
                "truth": ["a"] * (operators * items),
                "final": np.where(right.ravel(), "a", "b"),
            }
        )
        for kind in hits:
            row = analysis.measure(trials, "accuracy", resamples=600, seed=study, interval=kind).row(0, named=True)  # type: ignore[arg-type]
            hits[kind] += row["low"] <= 0.5 <= row["high"]
    for count in hits.values():
        assert 0.925 <= count / studies <= 0.975
