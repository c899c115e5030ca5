"""Drift-diffusion: parameters of simulated random walks are found again; what needs no library is tested without it."""

import importlib.util

import numpy as np
import polars as pl
import pytest

from binome import analysis
from binome.analysis.diffusion import first_guesses, fit_times
from binome.core import BinomeError

INSTALLED = importlib.util.find_spec("pyddm") is not None


def walks(drift: float, boundary: float, nondecision: float, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Random walks in steps of a millisecond; the boundary is moved in by what a discrete walk oversteps it."""
    rng, dt = np.random.default_rng(seed), 1e-3
    place, seconds, going = np.zeros(n), np.full(n, np.nan), np.ones(n, dtype=bool)
    inner = boundary - 0.5826 * np.sqrt(dt)
    step = 0
    while going.any():
        step += 1
        place[going] += drift * dt + np.sqrt(dt) * rng.normal(size=going.sum())
        over = going & (np.abs(place) >= inner)
        seconds[over] = step * dt
        going &= ~over
    return seconds + nondecision, place > 0


def trials_of(settings: dict[str, tuple[float, float, float]], operators: int, n: int) -> pl.DataFrame:
    rng, parts = np.random.default_rng(0), []
    for operator in range(operators):
        own = rng.normal(0, 0.15)
        for place, (condition, (drift, boundary, nondecision)) in enumerate(settings.items()):
            seconds, answers = walks(drift + own, boundary, nondecision, n, 100 * operator + place)
            part = {"final": np.where(answers, "yes", "no"), "final_seconds": seconds}
            parts.append(
                pl.DataFrame(part).with_columns(
                    operator=pl.lit(f"p{operator}"), condition=pl.lit(condition), truth=pl.lit("yes"),
                    item=pl.int_range(n).cast(pl.String),
                )
            )  # fmt: skip
    return pl.concat(parts)


def test_first_guesses_are_near() -> None:
    seconds, answers = walks(1.2, 0.9, 0.35, 4000, 1)
    assert first_guesses(seconds, answers)[0] == pytest.approx([1.2, 0.9, 0.35], abs=0.08)


@pytest.mark.parametrize("answers", [np.ones(50, dtype=bool), np.zeros(50, dtype=bool), np.arange(50) % 2 > 0])
def test_first_guesses_of_extremes_are_finite(answers: np.ndarray) -> None:
    seconds = np.random.default_rng(0).lognormal(0, 0.3, 50)
    for guess in first_guesses(seconds, answers):
        assert np.isfinite(guess).all()
        assert guess[1] > 0


@pytest.mark.skipif(INSTALLED, reason="PyDDM is installed")
def test_without_the_library() -> None:
    with pytest.raises(BinomeError, match=r"pip install 'binome\[times\]'"):
        analysis.diffusion(pl.DataFrame({"operator": ["a"]}))


@pytest.mark.slow
def test_parameters_are_recovered() -> None:
    pytest.importorskip("pyddm")
    for drift, boundary, nondecision in ((1.2, 1.0, 0.4), (0.3, 0.7, 0.25), (-0.8, 1.3, 0.5)):
        point, _, arrived = fit_times(*walks(drift, boundary, nondecision, 2000, 3))
        assert point == pytest.approx([drift, boundary, nondecision], abs=0.06)
        assert arrived


@pytest.mark.slow
def test_conditions_are_told_apart() -> None:
    pytest.importorskip("pyddm")
    settings = {"advised": (1.6, 0.8, 0.4), "alone": (0.8, 0.8, 0.4), "explained": (1.6, 1.2, 0.4)}
    trials = trials_of(settings, operators=8, n=120)
    short = trials.filter((pl.col("operator") != "p0") | (pl.col("condition") != "alone") | (pl.col("item") == "3"))
    found = analysis.diffusion(short)
    for condition, truth in settings.items():
        group = found.groups.filter(condition=condition)
        assert group["value"].to_list() == pytest.approx(truth, abs=0.2)
        for low, value, high in zip(group["low"], group["value"], group["high"], strict=True):
            assert low < value < high
    assert found.groups.filter(condition="alone")["operators"].to_list() == [7, 7, 7]
    assert found.operators.filter(operator="p0", condition="alone")["drift"].to_list() == [None]
    row = found.contrasts.filter(parameter="drift", first="alone", second="advised").row(0, named=True)
    assert row["high"] < 0
    row = found.contrasts.filter(parameter="boundary", first="alone", second="advised").row(0, named=True)
    assert row["low"] < 0 < row["high"]
    row = found.contrasts.filter(parameter="boundary", first="explained", second="advised").row(0, named=True)
    assert row["low"] > 0
    again = analysis.diffusion(short)
    assert again.groups.equals(found.groups)
    with pytest.raises(BinomeError, match="must be above zero and finite; 1 trials are not"):
        analysis.diffusion(trials.with_columns(final_seconds=pl.when(pl.int_range(pl.len()) > 0).then("final_seconds")
                                               .otherwise(0.0)))  # fmt: skip
