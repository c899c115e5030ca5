"""Measures of decisions between two labels and of confidence: by hand, by loops over rows, and published figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import optimize
from scipy.stats import norm

from binome import analysis
from binome.core import BinomeError, UnknownNameError

NOISE, SIGNAL = [52, 32, 35, 37, 26, 12, 4, 2], [2, 5, 15, 22, 33, 38, 40, 45]


def value(trials: pl.DataFrame, name: str, **options: Any) -> Any:
    row = analysis.measure(trials, name, resamples=0, **options).row(0, named=True)
    return row["value"], row["n"]


@pytest.fixture(scope="module")
def binary() -> pl.DataFrame:
    rng = np.random.default_rng(3)
    size = 240
    truth = rng.integers(0, 2, size)
    evidence = rng.normal(1.2 * (truth - 0.5))
    labels = np.array(["absent", "present"])
    return pl.DataFrame(
        {
            "operator": [f"p{i % 12}" for i in range(size)],
            "item": [f"i{i // 12}" for i in range(size)],
            "condition": np.array(["a", "b"])[rng.integers(0, 2, size)],
            "truth": labels[truth],
            "final": pl.Series(labels[(evidence > 0).astype(int)]).set(pl.Series(rng.random(size) < 0.05), None),
            "final_confidence": np.clip(np.abs(evidence) / 3, 0, 1).round(1),
        }
    )


def test_detection_by_hand(binary: pl.DataFrame) -> None:
    hits = binary.filter(truth="present", final="present").height
    signals = binary.filter(pl.col("truth") == "present", pl.col("final").is_not_null()).height
    alarms = binary.filter(truth="absent", final="present").height
    noises = binary.filter(pl.col("truth") == "absent", pl.col("final").is_not_null()).height
    h, f = norm.ppf((hits + 0.5) / (signals + 1)), norm.ppf((alarms + 0.5) / (noises + 1))
    assert value(binary, "d_prime") == (pytest.approx(h - f), signals + noises)
    assert value(binary, "criterion") == (pytest.approx(-(h + f) / 2), signals + noises)


def test_which_label_is_positive_turns_the_criterion_alone(binary: pl.DataFrame) -> None:
    assert value(binary, "criterion", positive="absent")[0] == pytest.approx(-value(binary, "criterion")[0])
    assert value(binary, "d_prime", positive="absent")[0] == pytest.approx(value(binary, "d_prime")[0])
    numbers = binary.with_columns(
        truth=(pl.col("truth") == "present").cast(pl.Int64), final=(pl.col("final") == "present").cast(pl.Int64)
    )
    assert value(numbers, "criterion", positive=1)[0] == pytest.approx(value(binary, "criterion")[0])
    with pytest.raises(UnknownNameError, match="positive label 'presant'; did you mean 'present'"):
        value(binary, "criterion", positive="presant")


def test_a_rate_of_one_is_corrected_and_a_missing_state_is_undefined() -> None:
    rows = {"operator": ["p", "q"] * 4, "truth": ["no"] * 4 + ["yes"] * 4, "final": ["no"] * 4 + ["yes"] * 4}
    perfect = pl.DataFrame(rows)
    assert value(perfect, "d_prime")[0] == pytest.approx(2 * norm.ppf(4.5 / 5))
    assert value(perfect, "criterion")[0] == pytest.approx(0)
    for name in ("d_prime", "criterion", "meta_d_prime", "commission", "omission_over_manual"):
        one = perfect.filter(truth="yes").with_columns(final_confidence=0.5, advice=pl.lit("yes"))
        assert value(one, name)[0] is None, name


def test_more_than_two_labels_are_refused_by_name(trials: pl.DataFrame) -> None:
    for name in ("d_prime", "meta_d_prime", "commission"):
        with pytest.raises(BinomeError, match=rf"'{name}': .*two labels.*truth, advice.* hold 4: None, cat, dog, owl"):
            analysis.measure(trials.with_columns(initial=pl.lit("owl")), name)


def test_auroc_against_all_pairs(binary: pl.DataFrame) -> None:
    known = binary.filter(pl.col("final").is_not_null())
    right = known.filter(pl.col("final") == pl.col("truth"))["final_confidence"].to_numpy()
    wrong = known.filter(pl.col("final") != pl.col("truth"))["final_confidence"].to_numpy()
    wins = (right[:, None] > wrong).mean() + (right[:, None] == wrong).mean() / 2
    assert value(binary, "confidence_auroc") == (pytest.approx(wins), known.height)


def test_auroc_of_many_levels_is_the_same_held_sparse(binary: pl.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    jittered = binary.with_columns(final_confidence=pl.Series(np.random.default_rng(1).random(binary.height)))
    options: dict[str, Any] = {"by": "condition", "resamples": 50, "interval": "bca"}
    dense = analysis.measure(jittered, "confidence_auroc", **options)
    dots = analysis.by_operator(jittered, "confidence_auroc")
    monkeypatch.setattr("binome.analysis.summing.LARGE", 64)
    assert analysis.measure(jittered, "confidence_auroc", **options).equals(dense)
    assert analysis.by_operator(jittered, "confidence_auroc").equals(dots)


def test_ece_by_bins_closed_above() -> None:
    # Bins (0.2, 0.3]: 0.25 and 0.3, one right; (0.9, 1]: 0.95 and 1, both right; 0 falls into the first bin.
    confidence, right = [0.25, 0.3, 0.95, 1.0, 0.0], [True, False, True, True, False]
    trials = pl.DataFrame(
        {
            "operator": list("abcde"), "truth": ["x"] * 5, "final": ["x" if r else "y" for r in right],
            "final_confidence": confidence,
        }
    )  # fmt: skip
    expected = (abs(0.55 - 1) + abs(1.95 - 2) + 0.0) / 5
    assert value(trials, "confidence_ece") == (pytest.approx(expected), 5)


def test_meta_d_of_the_published_case() -> None:
    exact, padded = analysis.meta_d(NOISE, SIGNAL, pad=False), analysis.meta_d(NOISE, SIGNAL)
    assert (exact.d_prime, exact.meta_d_prime) == (pytest.approx(1.544386, abs=1e-6), pytest.approx(1.653849, abs=1e-3))
    assert (padded.d_prime, padded.meta_d_prime) == (
        pytest.approx(1.534994, abs=1e-6),
        pytest.approx(1.633760, abs=1e-3),
    )
    assert padded.m_ratio == pytest.approx(1.633760 / 1.534994, abs=1e-3)


def slow_meta_d(noise: list[float], signal: list[float]) -> float:
    """The likelihood as the paper has it, cell by cell, handed to a general optimiser."""
    k = len(noise) // 2
    hit, alarm = sum(signal[k:]) / sum(signal), sum(noise[k:]) / sum(noise)
    d, c = norm.ppf(hit) - norm.ppf(alarm), -(norm.ppf(hit) + norm.ppf(alarm)) / 2

    def minus_log_likelihood(parameters: np.ndarray) -> float:
        meta, steps = parameters[0], np.exp(parameters[1:])
        middle = meta * c / d
        below, above = middle - np.cumsum(steps[: k - 1]), middle + np.cumsum(steps[k - 1 :])
        edges = np.concatenate([[-np.inf], below[::-1], [middle], above, [np.inf]])
        total = 0.0
        for counts, mean in ((noise, -meta / 2), (signal, meta / 2)):
            cells = np.diff(norm.cdf(edges - mean))
            total += np.dot(counts[:k], np.log(cells[:k] / cells[:k].sum()))
            total += np.dot(counts[k:], np.log(cells[k:] / cells[k:].sum()))
        return -total

    start = np.concatenate([[d], np.log(np.full(2 * (k - 1), 0.4))])
    return float(optimize.minimize(minus_log_likelihood, start, method="BFGS", options={"gtol": 1e-6}).x[0])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_meta_d_against_a_general_optimiser(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = [(rng.multinomial(150, rng.dirichlet(np.arange(6, 0, -1)))[:: 1 if i == 0 else -1] + 1.0) for i in (0, 1)]
    found = analysis.meta_d(*counts, pad=False).meta_d_prime
    assert found == pytest.approx(slow_meta_d(list(counts[0]), list(counts[1])), abs=1e-4)


def test_an_ideal_confidence_has_a_ratio_of_one() -> None:
    edges = np.array([-np.inf, -1.4, -0.9, -0.3, 0.2, 0.8, 1.5, np.inf])[[0, 1, 2, 3, 4, 5, 7]]
    cells = [np.diff(norm.cdf(edges - mean)) for mean in (-0.7, 0.7)]
    fit = analysis.meta_d(1e6 * cells[0], 1e6 * cells[1], pad=False)
    assert (fit.d_prime, fit.m_ratio) == (pytest.approx(1.4), pytest.approx(1.0, abs=1e-6))


def test_meta_d_of_many_at_once_is_that_of_each() -> None:
    rng = np.random.default_rng(5)
    noise, signal = rng.multinomial(60, np.array(NOISE) / 200, 20), rng.multinomial(60, np.array(SIGNAL) / 200, 20)
    together = analysis.meta_d(noise, signal).meta_d_prime
    assert together.shape == (20,)
    for i in range(20):
        assert together[i] == pytest.approx(float(analysis.meta_d(noise[i], signal[i]).meta_d_prime), abs=1e-7)


def test_meta_d_undefined_and_refused() -> None:
    assert np.isnan(analysis.meta_d([0, 0, 0, 0], [1, 2, 3, 4]).meta_d_prime)
    assert np.isnan(analysis.meta_d([3, 4], [1, 2]).meta_d_prime)  # one level of confidence
    assert np.isnan(analysis.meta_d([1, 2, 2, 1], [1, 2, 2, 1]).m_ratio)  # d′ is 0
    with pytest.raises(BinomeError, match="pad=True"):
        analysis.meta_d([1, 0, 3, 4], [4, 3, 2, 1], pad=False)
    with pytest.raises(BinomeError, match="as many levels"):
        analysis.meta_d([1, 2, 3], [1, 2, 3])


def test_meta_d_as_a_measure_is_that_of_its_counts() -> None:
    """Trials made from the published counts, confidence from 1 (least sure) to 4."""
    rows = []
    for truth, counts in (("no", NOISE), ("yes", SIGNAL)):
        for place, count in enumerate(counts):
            final, sure = ("no", 4 - place) if place < 4 else ("yes", place - 3)
            rows += [{"truth": truth, "final": final, "final_confidence": sure / 4}] * count
    trials = pl.DataFrame(rows).with_columns(operator=pl.int_range(pl.len()) % 20)
    assert value(trials, "meta_d_prime") == (pytest.approx(1.633760, abs=1e-3), 400)
    assert value(trials, "d_prime")[0] == pytest.approx(1.534994, abs=1e-6)
    assert value(trials, "m_ratio")[0] == pytest.approx(1.633760 / 1.534994, abs=1e-3)
    row = analysis.measure(trials, "meta_d_prime", resamples=200).row(0, named=True)
    assert 1.2 < row["low"] < row["value"] < row["high"] < 2.2
