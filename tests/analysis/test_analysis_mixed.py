"""The mixed model against lme4, against a dense Laplace likelihood, and on data that cannot be fitted."""

import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from scipy import stats

from binome import analysis
from binome.analysis.holm import holm
from binome.analysis.mixed.formula import Effect, parse_formula
from binome.core import BinomeError, UnknownNameError

FORMULA = "correct ~ condition + age + (1|operator) + (1|item)"


def simulate(seed: int, operators: int, items: int, sd_operator: float, sd_item: float) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    of_operator, of_item = rng.normal(0, sd_operator, operators), rng.normal(0, sd_item, items)
    names = np.array(["advised", "alone", "explained", "placebo"])
    operator, item = (axis.ravel() for axis in np.meshgrid(np.arange(operators), np.arange(items), indexing="ij"))
    condition = (operator + item) % 4
    age = rng.normal(0, 1, operators)
    effect = np.array([0.6, 0.0, 0.9, 0.5])
    logit = 0.3 + effect[condition] + 0.25 * age[operator] + of_operator[operator] + of_item[item]
    correct = rng.random(operator.size) < 1 / (1 + np.exp(-logit))
    return pl.DataFrame(
        {
            "operator": [f"o{i}" for i in operator],
            "item": [f"i{i}" for i in item],
            "condition": names[condition],
            "age": age[operator],
            "correct": correct,
        }
    )


# lme4 1.1.31 (Debian's r-cran-lme4, R 4.2), on `simulate(…).with_columns(correct cast to 0/1).write_csv(…)`:
#   d$condition <- relevel(factor(d$condition), "alone")
#   m <- glmer(correct ~ condition + age + (1|operator) + (1|item), d, family = binomial,
#     control = glmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 2e5), tolPwrss = 1e-13))
#   summary(m)$coefficients; VarCorr(m); logLik(m); vcov(m)[2, 3]
# With lme4's own tolPwrss (1e-7) its optimiser stops short on the second data set: logLik −398.01604, errors 2 % lower.
LME4 = {
    (20261123, 40, 20, 0.8, 0.6): {
        "estimate": [0.2721332947, 0.4606421359, 1.1970471784, 0.7072917336, 0.0355353663],
        "se": [0.236862969, 0.226814760, 0.245192050, 0.231358693, 0.170215904],
        "sd": [0.915907164, 0.421637186],
        "log_likelihood": -464.26525024,
        "covariance": 0.025294815,
    },
    (7, 30, 24, 1.9, 0.5): {
        "estimate": [-0.1481030285, 0.2154641032, 0.4935404254, 0.1446839053, -0.0306505321],
        "se": [0.386417660, 0.264230597, 0.266107407, 0.264229752, 0.400342787],
        "sd": [1.69751240, 0.62205666],
        "log_likelihood": -398.01581431,
        "covariance": 0.034862565,
    },
}


@pytest.mark.parametrize("data", LME4)
def test_like_lme4(data: tuple[int, int, int, float, float]) -> None:
    expected = LME4[data]
    fit = analysis.glmm(FORMULA, simulate(*data), reference={"condition": "alone"})
    levels = ("advised", "explained", "placebo")
    assert fit.fixed["term"].to_list() == ["(Intercept)", *(f"condition[{level}]" for level in levels), "age"]
    assert fit.fixed["estimate"].to_list() == pytest.approx(expected["estimate"], rel=1e-3)
    assert fit.fixed["se"].to_list() == pytest.approx(expected["se"], rel=1e-3)
    assert fit.random["sd"].to_list() == pytest.approx(expected["sd"], rel=1e-3)
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-5)
    assert (fit.converged, fit.singular, fit.messages) == (True, False, ())
    # The error of explained − advised needs their covariance.
    row = fit.contrasts.filter((pl.col("first") == "explained") & (pl.col("second") == "advised")).row(0, named=True)
    se = expected["se"]
    assert isinstance(se, list)
    assert row["se"] == pytest.approx(np.sqrt(se[1] ** 2 + se[2] ** 2 - 2 * expected["covariance"]), rel=1e-3)


def test_likelihood_like_a_dense_laplace_approximation() -> None:
    trials = simulate(1, 12, 10, 1.0, 0.7)
    fit = analysis.glmm(FORMULA, trials)
    y = trials["correct"].to_numpy().astype(float)
    fixed = [np.ones(len(y))] + [(trials["condition"] == c).to_numpy() for c in ("alone", "explained", "placebo")]
    predictor = np.column_stack([*fixed, trials["age"]]) @ fit.fixed["estimate"].to_numpy()
    blocks = [
        trials[name].to_numpy()[:, None] == np.unique(trials[name].to_numpy())[None] for name in ("operator", "item")
    ]
    effects = np.hstack([block * sd for block, sd in zip(blocks, fit.random["sd"], strict=True)])
    mode = np.zeros(effects.shape[1])
    for _ in range(60):
        share = 1 / (1 + np.exp(-predictor - effects @ mode))
        curvature = (effects.T * (share * (1 - share))) @ effects + np.eye(len(mode))
        mode += np.linalg.solve(curvature, effects.T @ (y - share) - mode)
    logit = predictor + effects @ mode
    joint = y @ logit - np.logaddexp(0, logit).sum() - mode @ mode / 2
    assert fit.log_likelihood == pytest.approx(joint - np.linalg.slogdet(curvature)[1] / 2, abs=1e-6)


def test_wald_figures_and_holm_follow_from_estimates() -> None:
    fit = analysis.glmm(FORMULA, simulate(2, 20, 12, 0.8, 0.5))
    for table in (fit.fixed, fit.contrasts):
        z = table["estimate"].to_numpy() / table["se"].to_numpy()
        assert table["z"].to_numpy() == pytest.approx(z)
        assert table["p"].to_numpy() == pytest.approx(2 * stats.norm.sf(abs(z)))
        assert table["low"].to_numpy() == pytest.approx(
            table["estimate"].to_numpy() - 1.959963985 * table["se"].to_numpy()
        )
        assert table["odds_ratio"].to_numpy() == pytest.approx(np.exp(table["estimate"].to_numpy()))
    assert fit.contrasts["p_holm"].to_list() == pytest.approx(holm(fit.contrasts["p"]).to_list())


def test_contrasts_do_not_depend_on_the_reference() -> None:
    trials = simulate(2, 20, 12, 0.8, 0.5)
    seen = []
    for reference in ("alone", "placebo"):
        fit = analysis.glmm(FORMULA, trials, reference={"condition": reference})
        pairs = fit.contrasts.filter(
            pl.col("first").is_in(["explained", "advised"]) & pl.col("second").is_in(["explained", "advised"])
        )
        seen.append((abs(pairs["estimate"].item()), pairs["se"].item(), *fit.marginal.sort("level")["probability"]))
    assert seen[0] == pytest.approx(seen[1], rel=2e-4)


def test_marginal_means() -> None:
    trials = simulate(2, 20, 12, 0.8, 0.5)
    fit = analysis.glmm(FORMULA, trials)
    at = dict(zip(fit.fixed["term"], fit.fixed["estimate"], strict=True))
    row = fit.marginal.filter(pl.col("level") == "explained").row(0, named=True)
    logit = at["(Intercept)"] + at["condition[explained]"] + at["age"] * trials["age"].mean()
    assert row["logit"] == pytest.approx(logit)
    assert row["probability"] == pytest.approx(1 / (1 + np.exp(-logit)))
    assert row["low"] < row["probability"] < row["high"]
    draws = np.random.default_rng(0).normal(0, fit.random["sd"].to_numpy(), (400_000, 2)).sum(axis=1)
    assert row["population"] == pytest.approx(np.mean(1 / (1 + np.exp(-logit - draws))), abs=1e-3)


def test_holm_by_hand() -> None:
    # Holm 1979: 0.01 × 4, 0.02 × 3, then 0.03 × 2 raised to what came before; the undefined one is no test.
    assert holm([0.03, 0.01, None, 0.02, 0.5]).to_list() == pytest.approx([0.06, 0.04, None, 0.06, 0.5])


def test_singular_fit_is_said_aloud() -> None:
    # lme4: isSingular(m) is TRUE, sd of item 0, of operator 0.718443132; log likelihood −237.20431831.
    fit = analysis.glmm(FORMULA, simulate(3, 25, 16, 0.6, 0.0), reference={"condition": "alone"})
    assert fit.singular
    assert any("singular" in message for message in fit.messages)
    assert fit.random["sd"].to_list() == pytest.approx([0.718443132, 0.0], abs=1e-4)
    assert fit.log_likelihood == pytest.approx(-237.20431831, abs=1e-5)
    assert fit.fixed["se"].to_list() == pytest.approx([0.25823, 0.313585, 0.341488, 0.310628, 0.1912], rel=0.02)


def test_complete_separation_is_null_and_said_aloud() -> None:
    trials = simulate(4, 20, 12, 0.8, 0.5)
    separated = trials.with_columns(correct=pl.col("correct") | (pl.col("condition") == "explained"))
    fit = analysis.glmm(FORMULA, separated)
    row = fit.fixed.filter(pl.col("term") == "condition[explained]").row(0, named=True)
    assert [row[name] for name in ("estimate", "se", "p", "low", "high", "odds_ratio")] == [None] * 6
    assert any("complete separation" in message for message in fit.messages)
    rest = analysis.glmm(FORMULA, separated.filter(pl.col("condition") != "explained"))
    assert fit.fixed.drop_nulls().equals(rest.fixed)
    lost = fit.contrasts.filter((pl.col("first") == "explained") | (pl.col("second") == "explained"))
    assert (lost.height, lost["estimate"].null_count()) == (3, 3)
    with pytest.raises(BinomeError, match="choose another reference"):
        analysis.glmm(FORMULA, separated, reference={"condition": "explained"})


def test_rows_without_a_value_are_left_out_and_counted() -> None:
    trials = simulate(5, 20, 12, 0.8, 0.5)
    holes = trials.with_columns(correct=pl.when(pl.int_range(pl.len()) % 10 > 0).then("correct"))
    fit = analysis.glmm(FORMULA, holes)
    assert fit.n == 216
    assert any("24 of 240 trials lack a value" in message for message in fit.messages)


def test_correct_is_derived_and_practice_left_out() -> None:
    trials = simulate(6, 20, 12, 0.8, 0.5)
    final = pl.when("correct").then(pl.lit("a")).otherwise(pl.lit("b"))
    answers = trials.select("operator", "item", "condition", "age", truth=pl.lit("a"), final=final)
    practice = answers.head(50).with_columns(final=pl.lit("b"), practice=pl.lit(True))
    both = pl.concat([answers.with_columns(practice=pl.lit(False)), practice])
    assert analysis.glmm(FORMULA, both).fixed.equals(analysis.glmm(FORMULA, trials).fixed)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("correct ~ condition", "needs a random intercept"),
        ("correct ~ condition + (1|operator) + (log(age)|item)", "write \\(1\\|group\\), \\(1 \\+ x\\|group\\)"),
        ("correct ~ condition + (0|operator)", "write \\(1\\|group\\)"),
        ("correct ~ condition:age + (1|operator)", "needs condition too; write condition \\* age"),
        ("correct ~ condition / age + (1|operator)", "write interactions of fixed terms as a:b"),
        ("correct ~ 0 + condition + (1|operator)", "without intercept"),
        ("correct ~ log(age) + (1|operator)", "functions are not supported"),
        ("condition", "write `response ~ term"),
    ],
)
def test_unsupported_formulas_say_what_is(formula: str, message: str) -> None:
    with pytest.raises(BinomeError, match=message):
        parse_formula(formula)


def test_formula_parts() -> None:
    parsed = parse_formula("correct ~ 1 + condition + age + ( 1 | operator ) + (1|item)")
    assert (parsed.response, parsed.fixed) == ("correct", (("condition",), ("age",)))
    assert parsed.random == (Effect("", ("operator",)), Effect("", ("item",)))
    assert parse_formula("correct~(1|operator)").fixed == ()
    assert parsed.columns == ("correct", "condition", "age", "operator", "item")


def test_formula_interactions_come_after_main_effects_and_once() -> None:
    parsed = parse_formula("y ~ a * b + c + b:a + a * c + (1|g)")
    assert parsed.fixed == (("a",), ("b",), ("c",), ("a", "b"), ("a", "c"))
    assert len(parse_formula("y ~ a * b * c + (1|g)").fixed) == 7


def test_formula_random_effects() -> None:
    parsed = parse_formula("y ~ x + (x|a/b) + (0 + z|a) + (1 + z || c:d) + (1|a)")
    assert parsed.random == (
        Effect("", ("a",)), Effect("x", ("a",)), Effect("", ("a", "b")), Effect("x", ("a", "b")), Effect("z", ("a",)),
        Effect("", ("c", "d")), Effect("z", ("c", "d")),
    )  # fmt: skip
    assert parsed.uncorrelated == ("a", "a:b")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (pl.lit("alone").alias("condition"), "have only 'alone'"),
        (pl.lit("o1").alias("operator"), r"\(1\|operator\) needs two or more"),
        (pl.lit(True).alias("correct"), "is true in every row"),
        (pl.int_range(pl.len()).cast(pl.String).alias("item"), r"\(1\|item\) needs repeated trials"),
        (pl.lit(2.0).alias("age"), ".age. is 2.0 in every row"),
    ],
)
def test_data_that_cannot_be_fitted(change: pl.Expr, message: str) -> None:
    with pytest.raises(BinomeError, match=message):
        analysis.glmm(FORMULA, simulate(1, 12, 10, 1.0, 0.7).with_columns(change))


def test_unknown_columns_and_levels() -> None:
    trials = simulate(1, 12, 10, 1.0, 0.7)
    with pytest.raises(BinomeError, match=r"the model needs the column 'block'"):
        analysis.glmm("correct ~ block + (1|operator)", trials)
    with pytest.raises(UnknownNameError, match=r"unknown condition 'alnoe'; did you mean 'alone'"):
        analysis.glmm(FORMULA, trials, reference={"condition": "alnoe"})


def test_importing_the_analysis_loads_no_large_library() -> None:
    heavy = ("bambi", "gpboost", "pandas", "pyddm", "torch")
    code = f"import sys, binome.analysis; sys.exit(any(name in sys.modules for name in {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
