"""Mixed models of every family against lme4, ordinal's clmm and emmeans; `lme4/figures.R` made the figures."""

import json
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from mixed_data import mixed_trials

from binome import analysis
from binome.core import BinomeError, UnknownNameError

FIGURES = json.loads((Path(__file__).parent / "lme4" / "figures.json").read_text("utf-8"))
MODELS = {
    "gaussian_crossed": ("score ~ condition * expertise + (1|operator) + (1|item)", None),
    "gaussian_slopes": ("score ~ condition + x + (1 + x|operator) + (1|item)", "gaussian"),
    "gaussian_nested": ("score ~ condition + age + (1|operator/session)", None),
    "gaussian_levels": ("score ~ x + (condition|operator) + condition", None),
    "lognormal": ("seconds ~ condition + x + (1|operator) + (1|item)", "lognormal"),
    "binomial": (
        "correct ~ condition * expertise + x + (1 + x||operator) + (1|operator:session) + (1|item)", None,
    ),
    "poisson": ("count ~ condition * x + (1|operator) + (1|item)", "poisson"),
    "poisson_over": ("opened ~ condition + (1|operator) + (1|item)", "poisson"),
    "poisson_trials": ("opened ~ condition + (1|operator) + (1|number)", "poisson"),
    "ordinal": ("rating ~ condition + x + (1|operator) + (1|item)", "ordinal"),
}  # fmt: skip


@pytest.fixture(scope="module")
def trials() -> pl.DataFrame:
    return mixed_trials()


@pytest.fixture(scope="module")
def fits(trials: pl.DataFrame) -> dict[str, analysis.Fit]:
    found = {}
    for name, (formula, family) in MODELS.items():
        reference = {"condition": "alone", **({"expertise": "novice"} if "expertise" in formula else {})}
        found[name] = analysis.glmm(formula, trials, family=family, reference=reference)
    return found


def in_r(term: str) -> str:
    return re.sub(r"\[(\w+)\]", r"\1", term)


@pytest.mark.parametrize("name", MODELS)
def test_coefficients_like_lme4(fits: dict[str, analysis.Fit], name: str) -> None:
    fit, expected = fits[name], FIGURES[name]
    ours = {in_r(row["term"]): row for row in fit.fixed.to_dicts()}
    assert set(ours) == set(expected["term"])
    for term, estimate, se in zip(expected["term"], expected["estimate"], expected["se"], strict=True):
        assert ours[term]["estimate"] == pytest.approx(estimate, rel=1e-3, abs=1e-4 * se)
        assert ours[term]["se"] == pytest.approx(se, rel=2e-3)
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"][0], abs=1e-4)
    assert fit.converged


@pytest.mark.parametrize("name", MODELS)
def test_random_effects_like_lme4(fits: dict[str, analysis.Fit], name: str) -> None:
    fit, expected = fits[name], FIGURES[name]
    theirs = sorted(sd for group, sd in zip(expected["group"], expected["sd"], strict=True) if group != "Residual")
    assert sorted(fit.random["sd"].to_list()) == pytest.approx(theirs, rel=1e-3, abs=1e-4)
    assert fit.singular == (theirs[0] < 1e-4) == any("singular fit" in message for message in fit.messages)
    if "Residual" in expected["group"]:
        assert fit.residual == pytest.approx(expected["sd"][expected["group"].index("Residual")], rel=1e-3)
    else:
        assert fit.residual is None


def test_random_effects_are_named(fits: dict[str, analysis.Fit]) -> None:
    columns = ("group", "effect", "levels")
    assert fits["binomial"].random.select(columns).rows() == [
        ("operator", "(Intercept)", 30), ("operator", "x", 30), ("operator:session", "(Intercept)", 120),
        ("item", "(Intercept)", 16),
    ]  # fmt: skip
    levels = fits["gaussian_levels"].random
    assert levels["effect"].to_list() == ["(Intercept)", "condition[advised]", "condition[explained]"]
    sd = fits["gaussian_slopes"].random["sd"].to_numpy()
    at = mixed_trials()["x"].to_numpy()
    variances = np.array([sd[0] ** 2, sd[1] ** 2 * np.mean(at**2), sd[2] ** 2])
    total = variances.sum() + (fits["gaussian_slopes"].residual or 0) ** 2
    assert fits["gaussian_slopes"].random["share"].to_list() == pytest.approx(variances / total)


@pytest.mark.parametrize("name", ["gaussian_crossed", "binomial", "lognormal"])
def test_marginal_means_and_contrasts_like_emmeans(fits: dict[str, analysis.Fit], name: str) -> None:
    fit, expected = fits[name], FIGURES[name]["cells"]
    term = "condition" if name == "lognormal" else "condition:expertise"
    linear = {"gaussian_crossed": "mean", "binomial": "logit", "lognormal": "log"}[name]
    mean = dict(fit.marginal.filter(term=term).select("level", linear).rows())
    assert [mean[level] for level in expected["level"]] == pytest.approx(expected["mean"], rel=1e-3)
    ours = {
        frozenset((row["first"].replace(":", " "), row["second"].replace(":", " "))): row
        for row in fit.contrasts.filter(term=term).iter_rows(named=True)
    }
    assert len(ours) == len(expected["pair"])
    for pair, estimate, se, p in zip(*(expected[key] for key in ("pair", "estimate", "se", "p_holm")), strict=True):
        first, second = pair.split(" - ")
        row = ours[frozenset((first, second))]
        sign = 1 if row["first"].replace(":", " ") == first else -1
        assert row["estimate"] == pytest.approx(sign * estimate, rel=1e-3)
        assert row["se"] == pytest.approx(se, rel=2e-3)
        assert row["p_holm"] == pytest.approx(p, rel=0.02, abs=1e-12)


def test_means_on_the_scale_of_the_response(fits: dict[str, analysis.Fit], trials: pl.DataFrame) -> None:
    fit = fits["lognormal"]
    assert (fit.family, fit.link, fit.scale, fit.method) == ("lognormal", "log", "ratio", "REML")
    row = fit.marginal.row(0, named=True)
    assert row["median"] == pytest.approx(np.exp(row["log"]))
    assert row["low"] < row["median"] < row["high"]
    draws = np.random.default_rng(0).normal(0, [*fit.random["sd"], fit.residual], (400_000, 3)).sum(axis=1)
    assert row["population"] == pytest.approx(np.mean(np.exp(row["log"] + draws)), rel=5e-3)
    assert fit.contrasts["ratio"].to_numpy() == pytest.approx(np.exp(fit.contrasts["estimate"].to_numpy()))
    counts = fits["poisson_over"]
    assert counts.marginal["mean"].mean() == pytest.approx(trials["opened"].mean(), rel=0.3)
    assert "ratio" not in fits["gaussian_crossed"].fixed.columns
    assert fits["gaussian_crossed"].scale == "difference"


def test_overdispersion_is_said_aloud(fits: dict[str, analysis.Fit]) -> None:
    for name in ("poisson", "poisson_over"):
        assert fits[name].dispersion == pytest.approx(FIGURES[name]["dispersion"][0], rel=1e-3)
    said = [any("overdispersion" in message for message in fits[name].messages) for name in MODELS]
    assert [name for name, aloud in zip(MODELS, said, strict=True) if aloud] == ["poisson_over"]


def test_ordinal_like_clmm(fits: dict[str, analysis.Fit]) -> None:
    fit, expected = fits["ordinal"], FIGURES["ordinal"]
    assert fit.thresholds["threshold"].to_list() == ["1|2", "2|3", "3|4", "4|5"]
    assert fit.thresholds["estimate"].to_list() == pytest.approx(expected["thresholds"], rel=1e-3)
    assert fit.thresholds["se"].to_list() == pytest.approx(expected["thresholds_se"], rel=2e-3)
    mean = {row["level"]: row for row in fit.marginal.iter_rows(named=True)}
    for level, value, se in zip(expected["level"], expected["mean_category"], expected["mean_se"], strict=True):
        assert mean[level]["mean_category"] == pytest.approx(value, rel=1e-3)
        assert mean[level]["high"] - mean[level]["low"] == pytest.approx(2 * 1.959964 * se, rel=5e-3)
    shares = {f"{row['level']} {row['category']}": row for row in fit.categories.iter_rows(named=True)}
    for at, probability in zip(expected["at"], expected["probability"], strict=True):
        assert shares[at]["probability"] == pytest.approx(probability, rel=2e-3)
        assert 0 < shares[at]["low"] < probability < shares[at]["high"] < 1
    assert len(shares) == len(expected["at"])


def test_uncorrelated_slopes_are_said_aloud(fits: dict[str, analysis.Fit]) -> None:
    assert any("uncorrelated" in message for message in fits["gaussian_slopes"].messages)
    # The formula of the binomial model says so itself, by ||.
    assert not any("uncorrelated" in message for message in fits["binomial"].messages)


def test_units_of_columns_do_not_matter(fits: dict[str, analysis.Fit], trials: pl.DataFrame) -> None:
    scaled = trials.with_columns(pl.col("x") * 1e4, pl.col("score") / 1e3)
    fit = analysis.glmm(MODELS["gaussian_slopes"][0], scaled, reference={"condition": "alone"})
    known = fits["gaussian_slopes"]
    for ours, theirs in ((fit.fixed, known.fixed), (fit.contrasts, known.contrasts)):
        assert ours["z"].to_list() == pytest.approx(theirs["z"].to_list(), rel=1e-4)
    assert fit.random["share"].to_list() == pytest.approx(known.random["share"].to_list(), rel=1e-4)


def test_family_by_the_response(trials: pl.DataFrame) -> None:
    formula = "correct ~ condition + (1|operator)"
    assert analysis.glmm(formula, trials).family == "binomial"
    assert analysis.glmm(formula, trials.with_columns(pl.col("correct") > 0)).family == "binomial"
    assert analysis.glmm("rating ~ condition + (1|operator)", trials).family == "gaussian"
    with pytest.raises(UnknownNameError, match="unknown family 'normal'"):
        analysis.glmm(formula, trials, family="normal")


@pytest.mark.parametrize(
    ("formula", "family", "change", "message"),
    [
        ("score ~ x + (1|operator)", "lognormal", pl.col("score") - 1e3, "'score' must be above zero.*480 of 480"),
        ("count ~ x + (1|operator)", "poisson", pl.col("count") + 0.5, "'count' must be a count"),
        ("score ~ x + (1|operator)", "gaussian", ("a" + pl.col("operator")).alias("score"), "must hold numbers"),
        ("score ~ x + (1|operator)", "ordinal", pl.col("score"), "has 480 categories; for so many"),
        ("session ~ x + (1|operator)", "ordinal", pl.col("session"), "whose order is not known"),
        ("score ~ x + (1|operator)", "binomial", pl.col("score"), "must be true or false"),
        ("count ~ x + (1|operator)", "poisson", pl.lit(3).alias("count"), "is 3 in every row"),
        ("score ~ x + (age|operator)", None, pl.col("x"), r"\(age\|operator\): 'age' does not vary within any two"),
        ("score ~ x + (1|operator:item)", None, pl.col("x"), "every trial has its own"),
        (
            "score ~ x + (1|operator) + (1|twin)", None, ("p" + pl.col("operator")).alias("twin"),
            "put the same trials together",
        ),
        (
            "score ~ condition * session + (1|operator)", None,
            pl.when(pl.col("session") == "s1").then(pl.lit("alone")).otherwise("condition").alias("condition"),
            "no trial has condition 'advised' and session 's1'",
        ),
        (
            "correct ~ condition * expertise + (1|operator)", None,
            pl.when((pl.col("condition") == "alone") & (pl.col("expertise") == "expert")).then(1)
            .otherwise("correct").alias("correct"),
            "same in every trial with condition 'alone' and expertise 'expert'",
        ),
        ("count ~ expertise + (1|operator)", "poisson", pl.col("count") * (pl.col("expertise") == "expert"),
         "the response is the same in every trial with expertise 'novice'"),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted(
    trials: pl.DataFrame, formula: str, family: str | None, change: pl.Expr, message: str
) -> None:
    with pytest.raises(BinomeError, match=message):
        analysis.glmm(formula, trials.with_columns(change), family=family, reference={})


def test_a_level_of_extremes_alone_is_null(trials: pl.DataFrame) -> None:
    advised = pl.col("condition") == "advised"
    for name, family, value in (("count", "poisson", 0), ("rating", "ordinal", 5)):
        changed = trials.with_columns(pl.when(advised).then(pl.lit(value)).otherwise(name).alias(name))
        fit = analysis.glmm(
            f"{name} ~ condition + (1|operator)", changed, family=family, reference={"condition": "alone"}
        )
        row = fit.fixed.filter(term="condition[advised]").row(0, named=True)
        assert row["estimate"] is None
        assert any(f"{name} is {value} in all 160 trials" in message for message in fit.messages)
        assert fit.contrasts["estimate"].null_count() == 2
        # A gaussian model has an estimate there.
        assert analysis.glmm(f"{name} ~ condition + (1|operator)", changed).fixed["estimate"].null_count() == 0


def test_everything_is_plain_for_json(fits: dict[str, analysis.Fit]) -> None:
    for fit in fits.values():
        again = json.loads(json.dumps(fit.as_dict(), allow_nan=False))
        assert again["family"] == fit.family
        assert len(again["fixed"]) == fit.fixed.height


@pytest.mark.parametrize(
    ("formula", "response", "family"),
    [
        ("y ~ x + (1|operator)", pl.col("x") > 0, "binomial"),
        ("y ~ x + (1|operator)", (pl.col("x") > 0).cast(pl.Int64) + (pl.col("x") > 1), "ordinal"),
        ("y ~ condition + (1|operator)", pl.col("operator") > "o15", "binomial"),
        ("y ~ x + (1|operator)", (pl.col("number") == 7).cast(pl.Int64), "poisson"),
    ],
)
def test_estimates_without_end_are_said_aloud(
    trials: pl.DataFrame, formula: str, response: pl.Expr, family: str
) -> None:
    fit = analysis.glmm(formula, trials.with_columns(y=response), family=family)
    assert not fit.converged
    assert any("no finite estimate" in message or "did not arrive" in message for message in fit.messages)
    json.dumps(fit.as_dict(), allow_nan=False)


def test_nothing_left_to_model(trials: pl.DataFrame) -> None:
    with pytest.raises(BinomeError, match="nothing is left to model"):
        analysis.glmm("y ~ x + (1|operator)", trials.with_columns(y=2.5 * pl.col("x")))
    fit = analysis.glmm("y ~ x + (1|operator)", trials.with_columns(y=pl.col("age")))
    assert not fit.converged
