"""Equivalence tests and Bayes factors against the contrast, pingouin, published values and lme4's BIC."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from mixed_data import mixed_trials
from scipy import stats

from binome import analysis
from binome.analysis.bayes_factor import log_jzs
from binome.analysis.equivalence import one_sided
from binome.core import BinomeError, UnknownNameError

FIGURES = json.loads((Path(__file__).parent / "lme4" / "figures.json").read_text("utf-8"))


def same_and_different(operators: int = 40, trials: int = 60, seed: int = 4) -> pl.DataFrame:
    """Two conditions of one accuracy and a better one, within operators."""
    rng = np.random.default_rng(seed)
    shape = np.meshgrid(range(operators), range(3), range(trials), indexing="ij")
    operator, condition, item = (axis.ravel() for axis in shape)
    right = rng.random(operator.size) < np.array([0.7, 0.7, 0.9])[condition]
    return pl.DataFrame(
        {
            "operator": [f"p{i}" for i in operator],
            "condition": np.array(["advised", "alone", "explained"])[condition],
            "item": [f"i{i}" for i in item],
            "truth": "yes",
            "final": np.where(right, "yes", "no"),
        }
    )


def test_equivalence_follows_from_the_contrast() -> None:
    trials = same_and_different()
    row = analysis.equivalence(trials, "accuracy", "advised", "alone", margin=0.05).row(0, named=True)
    known = analysis.contrast(trials, "accuracy", "advised", "alone", level=0.9).row(0, named=True)
    shared = ("measure", "first", "second", "value", "low", "high", "n_first", "n_second", "undefined")
    assert {name: row[name] for name in shared} == {name: known[name] for name in shared}
    assert row["equivalent"]
    assert row["p"] == max(row["p_low"], row["p_high"]) < 0.05
    wide = analysis.equivalence(trials, "accuracy", "explained", "alone", margin=0.05).row(0, named=True)
    assert not wide["equivalent"]
    assert wide["p"] == wide["p_high"] > 0.9


def test_equivalence_like_two_t_tests() -> None:
    trials = same_and_different()
    share = trials.group_by("operator", "condition").agg((pl.col("truth") == pl.col("final")).mean().alias("share"))
    table = share.pivot(on="condition", index="operator", values="share")
    difference = (table["advised"] - table["alone"]).to_numpy()
    for margin in (0.01, 0.02, 0.03):
        row = analysis.equivalence(trials, "accuracy", "advised", "alone", margin=margin, resamples=20_000).row(
            0, named=True
        )
        low = stats.ttest_1samp(difference, -margin, alternative="greater").pvalue
        high = stats.ttest_1samp(difference, margin, alternative="less").pvalue
        assert (row["p_low"], row["p_high"]) == pytest.approx((low, high), abs=0.02)


def test_one_sided_by_hand() -> None:
    draws = np.array([-0.3, -0.1, 0.0, 0.1, 0.2, np.nan, 0.4, 0.05, 0.01, -0.02])
    assert one_sided(draws, 0.2) == (2 / 10, 3 / 10)


def test_undefined_equivalence_is_null() -> None:
    one = same_and_different(operators=1)
    row = analysis.equivalence(one, "accuracy", "advised", "alone", margin=0.1).row(0, named=True)
    assert row["value"] is not None
    assert [row[name] for name in ("low", "high", "p", "equivalent")] == [None] * 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"margin": 0.0}, "margin must be above zero"),
        ({"margin": -0.1}, "margin must be above zero"),
        ({"margin": 0.1, "alpha": 0.5}, "alpha must lie between"),
        ({"margin": 0.1, "resamples": 0}, "needs resamples"),
    ],
)
def test_wrong_options(options: dict[str, float], message: str) -> None:
    with pytest.raises(BinomeError, match=message):
        analysis.equivalence(same_and_different(3), "accuracy", "advised", "alone", **options)  # type: ignore[arg-type]


def test_groups_that_do_not_exist() -> None:
    with pytest.raises(UnknownNameError, match="unknown condition 'advise'"):
        analysis.equivalence(same_and_different(3), "accuracy", "advise", "alone", margin=0.1)
    with pytest.raises(UnknownNameError, match="unknown condition 'alnoe'"):
        analysis.bayes_factor(same_and_different(3), "accuracy", "advised", "alnoe")


# pingouin 0.7.0, bayesfactor_ttest(t, nx, ny, paired) with r = 0.707.
PINGOUIN = [
    (2.5, 30, None, 2.7092948642848733), (0.3, 20, None, 0.2419975788821226), (2.1, 25, 31, 1.6389836066419843),
    (-4.2, 12, None, 28.687751695503575), (0.9, 40, 38, 0.3337125055672688),
]  # fmt: skip


@pytest.mark.parametrize(("t", "one", "other", "expected"), PINGOUIN)
def test_jzs_like_pingouin(t: float, one: int, other: int | None, expected: float) -> None:
    n, degrees = (one, one - 1) if other is None else (one * other / (one + other), one + other - 2)
    assert np.exp(log_jzs(t, n, degrees, 0.707)) == pytest.approx(expected, rel=1e-6)


def test_jzs_as_published() -> None:
    # Rouder et al. 2009, on Grider & Malmberg 2008: t(79) = 2.24 and 2.03, with a prior of scale 1.
    assert [np.exp(-log_jzs(t, 80, 79, 1.0)) for t in (2.24, 2.03)] == pytest.approx([1.02, 1.56], abs=0.006)


def test_jzs_of_enormous_effects_stays_finite_on_the_log_scale() -> None:
    values = [log_jzs(t, 200, 199) for t in (1.0, 10.0, 100.0, 1e4)]
    assert values == sorted(values)
    assert np.isfinite(values).all()
    assert values[-1] > 709


def test_bayes_factor_of_trials() -> None:
    trials = same_and_different()
    share = trials.group_by("operator", "condition").agg((pl.col("truth") == pl.col("final")).mean().alias("share"))
    table = share.pivot(on="condition", index="operator", values="share")
    for first, second in (("advised", "alone"), ("explained", "alone")):
        row = analysis.bayes_factor(trials, "accuracy", first, second).row(0, named=True)
        t = stats.ttest_rel(table[first], table[second]).statistic
        assert row["t"] == pytest.approx(t)
        assert row["log_bf10"] == pytest.approx(log_jzs(float(t), 40, 39))
        assert row["bf10"] == pytest.approx(np.exp(row["log_bf10"]))
        assert (row["paired"], row["n_first"], row["left_out"]) == (True, 40, 0)
        assert (row["bf10"] > 1) == (first == "explained")


def test_bayes_factor_between_operators() -> None:
    within = same_and_different()
    number = pl.col("operator").str.slice(1).cast(pl.Int64)
    between = within.filter(
        pl.when(number < 15).then(pl.lit("advised")).otherwise(pl.lit("alone")) == pl.col("condition")
    )
    row = analysis.bayes_factor(between, "accuracy", "advised", "alone").row(0, named=True)
    share = between.group_by("operator", "condition").agg((pl.col("truth") == pl.col("final")).mean().alias("share"))
    one, other = (share.filter(condition=name)["share"] for name in ("advised", "alone"))
    t = stats.ttest_ind(one, other).statistic
    assert (row["paired"], row["n_first"], row["n_second"]) == (False, 15, 25)
    assert row["t"] == pytest.approx(t)
    assert row["log_bf10"] == pytest.approx(log_jzs(float(t), 15 * 25 / 40, 38))
    mixed = pl.concat([between, within.filter((pl.col("operator") == "p0") & (pl.col("condition") == "alone")),
                       within.filter((pl.col("operator") == "p1") & (pl.col("condition") == "alone"))])  # fmt: skip
    row = analysis.bayes_factor(mixed, "accuracy", "advised", "alone").row(0, named=True)
    assert (row["paired"], row["n_first"], row["left_out"]) == (True, 2, 38)


def test_bayes_factor_without_spread_is_null() -> None:
    trials = same_and_different(5).with_columns(final=pl.lit("yes"))
    row = analysis.bayes_factor(trials, "accuracy", "advised", "alone").row(0, named=True)
    assert (row["value"], row["t"], row["bf10"], row["log_bf10"]) == (0.0, None, None, None)


@pytest.mark.parametrize(
    ("formula", "term", "figures"),
    [
        ("score ~ condition * expertise + (1|operator) + (1|item)", "expertise:condition", "bic_gaussian"),
        ("correct ~ condition + x + (1|operator) + (1|item)", "x", "bic_binomial"),
    ],
)
def test_bayes_factor_of_a_term_like_bic_of_lme4(formula: str, term: str, figures: str) -> None:
    expected = FIGURES[figures]
    row = analysis.bayes_factor_term(formula, term, mixed_trials()).row(0, named=True)
    ours = (row["log_likelihood"], row["log_likelihood_without"])
    assert ours == pytest.approx(expected["log_likelihood"], abs=1e-4)
    assert row["log_bf10"] == pytest.approx((expected["bic"][1] - expected["bic"][0]) / 2, abs=1e-3)
    assert row["converged"]


def test_both_models_of_a_term_have_the_same_trials() -> None:
    holes = mixed_trials().with_columns(pl.when(pl.int_range(pl.len()) % 8 > 0).then("x").alias("x"))
    assert analysis.bayes_factor_term("score ~ condition + x + (1|operator)", "x", holes)["n"].item() == 420


@pytest.mark.parametrize(
    ("term", "message"),
    [("condition", "take that out first"), ("age", "has no fixed term 'age'; it has: condition, expertise")],
)
def test_terms_that_cannot_be_taken_out(term: str, message: str) -> None:
    with pytest.raises(BinomeError, match=message):
        analysis.bayes_factor_term("score ~ condition * expertise + (1|operator)", term, mixed_trials())
