"""Do 95 % intervals hold the truth in 95 % of studies? Simulated studies of operators drawn at random."""

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from binome import analysis

OPERATORS, ITEMS, STUDIES, RESAMPLES = 80, 20, 2000, 1000
CONDITIONS = ("advised", "explained")
MEASURES = [
    "accuracy", "gain_over_human", "complementarity", "rair", "rsr", "overreliance", "underreliance", "agreement",
    "switch_fraction", "reliance_resolution",
]  # fmt: skip
CONTRAST = "accuracy, explained − advised"
DIFFICULTY = np.linspace(-0.8, 0.8, ITEMS)
"""Items are fixed, as the bootstrap of operators takes them."""
ADVICE_RIGHT = np.arange(ITEMS) % 10 < 7


def decisions(rng: np.random.Generator, operators: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether initial and final decisions are right, bool (operators, items, conditions); two labels, one is right.

    Operators differ in ability, in how readily they take advice, and in what an explanation does to that.
    """
    ability, readiness, moved = (rng.normal(0, sd, operators)[:, None, None] for sd in (0.8, 1.2, 0.4))
    shape = (operators, ITEMS, len(CONDITIONS))
    initial = rng.random(shape) < expit(0.4 + ability - DIFFICULTY[:, None])
    right = ADVICE_RIGHT[:, None]
    explained = np.arange(2)
    switch = expit(-0.6 + readiness + (0.4 + moved) * explained + 0.5 * right)
    takes = rng.random(shape) < np.where(initial == right, 0.97, switch)
    return initial, np.where(takes, right, ~right)


def true_values(operators: int = 400_000) -> dict[str, float]:
    """Each measure of `explained`, and the contrast, of so many operators that chance is a hundredth of a study's."""
    sums: dict[str, np.ndarray] = {}
    for seed in range(operators // 20_000):
        initial, final = decisions(np.random.default_rng((99, seed)), 20_000)
        before, h, f = final[..., 0], initial[..., 1], final[..., 1]
        a = np.broadcast_to(ADVICE_RIGHT, h.shape)
        masks = {
            "h": (h, a | ~a), "f": (f, a | ~a), "a": (a, a | ~a), "before": (before, a | ~a), "rair": (f, ~h & a),
            "rsr": (f, h & ~a), "overreliance": (~f, ~a), "underreliance": (~f, a), "agreement": (f == a, a | ~a),
            "switch_fraction": (f == a, h != a),
        }  # fmt: skip
        for name, (what, among) in masks.items():
            sums[name] = sums.get(name, 0) + np.array([np.sum(what & among), np.sum(among)])
    share = {name: float(part[0] / part[1]) for name, part in sums.items()}
    return {name: share[name] for name in MEASURES if name in share} | {
        "accuracy": share["f"],
        "gain_over_human": share["f"] - share["h"],
        "complementarity": share["f"] - max(share["h"], share["a"]),
        "reliance_resolution": 1 - share["underreliance"] - share["overreliance"],
        CONTRAST: share["f"] - share["before"],
    }


def study(seed: int) -> pl.DataFrame:
    initial, final = decisions(np.random.default_rng(seed), OPERATORS)
    operator, item, condition = (axis.ravel() for axis in np.indices(initial.shape))
    labels = np.array(["b", "a"])
    return pl.DataFrame(
        {
            "operator": np.array([f"p{i:02}" for i in range(OPERATORS)])[operator],
            "item": np.array([f"i{i:02}" for i in range(ITEMS)])[item],
            "condition": np.array(CONDITIONS)[condition],
            "truth": ["a"] * initial.size,
            "advice": labels[ADVICE_RIGHT[item].astype(int)],
            "initial": labels[initial.ravel().astype(int)],
            "final": labels[final.ravel().astype(int)],
        }
    )


def covered(kind: str, studies: int) -> dict[str, tuple[float, float, float]]:
    """By measure: the share of studies whose interval holds the truth, lies below it, lies above it."""
    truth = true_values()
    counts = {name: np.zeros(3) for name in truth}
    for seed in range(studies):
        trials = study(seed)
        options = {"resamples": RESAMPLES, "seed": seed, "interval": kind}
        table = analysis.measure(trials.filter(pl.col("condition") == "explained"), MEASURES, **options)
        pair = analysis.contrast(trials, "accuracy", "explained", "advised", **options).with_columns(
            measure=pl.lit(CONTRAST)
        )
        for name, low, high in pl.concat([t.select("measure", "low", "high") for t in (table, pair)]).iter_rows():
            counts[name] += (low <= truth[name] <= high, high < truth[name], low > truth[name])
    return {name: tuple(count / studies) for name, count in counts.items()}


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", ["percentile", "bca"])
def test_coverage_of_ten_measures(kind: str) -> None:
    found = covered(kind, STUDIES)
    assert {name: shares for name, shares in found.items() if not 0.93 <= shares[0] <= 0.97} == {}


def test_simulated_studies_are_what_the_truth_is_of() -> None:
    """The mean over studies is the truth that coverage is judged by, within four standard errors."""
    truth = true_values(40_000)
    tables = [analysis.measure(study(seed).filter(condition="explained"), MEASURES, resamples=0) for seed in range(20)]
    for name in MEASURES:
        values = np.array([table.filter(measure=name)["value"].item() for table in tables])
        assert abs(values.mean() - truth[name]) < 4 * values.std(ddof=1) / np.sqrt(len(values)) + 0.003
