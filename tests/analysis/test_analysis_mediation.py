"""Mediation: closed forms, statsmodels' figures, a brute-force simulation of potential outcomes, bad input."""

import numpy as np
import polars as pl
import pytest
from scipy.special import expit
from scipy.stats import norm

from binome.analysis import mediation
from binome.analysis.outcomes import outcome_of
from binome.analysis.trust.potential import Paths, acme_at, effects, rho_without_mediation
from binome.analysis.trust.regression import coefficients
from binome.core import BinomeError, UnknownNameError


def published(seed: int = 7, n: int = 400) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One trial an operator, so that statsmodels (0.15) can be given the same."""
    rng = np.random.default_rng(seed)
    treated = (np.arange(n) % 2).astype(float)
    trust = 0.5 + 0.8 * treated + rng.normal(size=n)
    followed = (rng.random(n) < expit(-0.6 + 0.4 * treated + 0.9 * trust)).astype(float)
    number = 1 + 0.3 * treated - 0.7 * trust + rng.normal(size=n)
    operators = [f"p{i:03}" for i in range(n)]
    condition = np.where(treated == 1, "explained", "advised")
    trials = pl.DataFrame({"operator": operators, "condition": condition, "y": followed, "number": number})
    return trials, pl.DataFrame({"operator": operators, "value": trust})


def column(table: pl.DataFrame, key: str = "effect") -> dict[str, float]:
    return dict(zip(table[key], table["value"], strict=True))


PAIR = {"first": "explained", "second": "advised"}


def test_like_statsmodels_logit() -> None:
    """Coefficients of statsmodels' GLM and OLS; its effects are means over draws, hence the tolerance."""
    trials, trust = published()
    found = mediation(trials, trust, outcome="y", **PAIR, resamples=1000)
    paths, value = column(found.paths, "path"), column(found.effects)
    assert paths == pytest.approx({"a": 0.8148564069, "b": 1.0738465129, "direct": 0.0945055448}, rel=1e-7)
    statsmodels = {"acme": 0.1731, "ade": 0.0176, "total": 0.1907, "acme_second": 0.1741, "acme_first": 0.1720}
    for name, other in statsmodels.items():
        assert value[name] == pytest.approx(other, abs=0.004)
    acme = found.effects.filter(effect="acme").row(0, named=True)
    assert (acme["low"], acme["high"]) == pytest.approx((0.1165, 0.2310), abs=0.015)
    assert acme["p"] < 0.01
    assert found.caveat == "mediator_not_randomised"
    assert (found.link, found.operators, found.trials, found.undefined) == ("logit", 400, 400, 0)


def test_linear_case_is_the_product_and_ols() -> None:
    trials, trust = published()
    found = mediation(trials, trust, outcome="number", **PAIR, resamples=50)
    value, paths = column(found.effects), column(found.paths, "path")
    assert found.link == "identity"
    assert paths == pytest.approx({"a": 0.8148564069, "b": -0.7568474485, "direct": 0.0676682041}, rel=1e-7)
    assert value["acme"] == pytest.approx(paths["a"] * paths["b"], rel=1e-12)
    assert value["acme_first"] == pytest.approx(value["acme_second"])
    means = dict(trials.group_by("condition").agg(pl.col("number").mean()).iter_rows())
    assert value["total"] == pytest.approx(means["explained"] - means["advised"], rel=1e-9)
    assert value["proportion"] == pytest.approx(value["acme"] / value["total"])


def test_potential_outcomes_by_brute_force() -> None:
    """Draw mediators, draw outcomes, count: what the quadrature integrates, an interaction included."""
    rng = np.random.default_rng(0)
    n, (i, a, s), (base, direct, b, both) = 4_000_000, (0.2, 0.9, 1.3), (-1.0, 0.5, 0.8, 0.4)
    error = rng.normal(0, s, n)
    y = {
        (t, m): (rng.random(n) < expit(base + direct * t + (b + both * t) * (i + a * m + error))).mean()
        for t in (0, 1)
        for m in (0, 1)
    }
    paths = Paths(*(np.array([v]) for v in (i, a, s, base, direct, b, both)))
    found = {name: float(v[0]) for name, v in effects(paths, "logit").items()}
    expected = {
        "acme_second": y[0, 1] - y[0, 0], "acme_first": y[1, 1] - y[1, 0], "ade_second": y[1, 0] - y[0, 0],
        "ade_first": y[1, 1] - y[0, 1], "total": y[1, 1] - y[0, 0],
    }  # fmt: skip
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=0.0015)
    assert found["acme_first"] + found["ade_second"] == pytest.approx(found["total"])
    assert abs(found["acme"] - a * b) > 0.3  # The product of coefficients is no difference of probabilities.


def test_probit_in_closed_form_is_the_quadrature() -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    paths = Paths(*(np.array([v]) for v in (0.1, 0.7, 1.1, -0.3, 0.2, 0.6, 0.0)))
    mean = [np.sum(norm.cdf(-0.3 + 0.6 * (0.1 + 0.7 * m + 1.1 * nodes)) * weights) / weights.sum() for m in (0, 1)]
    assert effects(paths, "probit")["acme_second"][0] == pytest.approx(mean[1] - mean[0], abs=1e-9)


def test_sensitivity_recovers_what_a_confounder_did() -> None:
    """Errors correlate by .5 and trust does nothing: naive ACME is above 0, at ρ = .5 it is 0."""
    rng = np.random.default_rng(3)
    n, rho = 20_000, 0.5
    treated = (np.arange(n) % 2).astype(float)
    errors = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], n)
    trust = 0.8 * treated + errors[:, 0]
    operators = [f"p{i:05}" for i in range(n)]
    trials = pl.DataFrame(
        {
            "operator": operators,
            "condition": np.where(treated == 1, "explained", "advised"),
            "y": -0.2 + 0.3 * treated + errors[:, 1] > 0,
            "number": -0.2 + 0.3 * treated + errors[:, 1],
        }
    )
    mediator = pl.DataFrame({"operator": operators, "value": trust})
    for outcome in ("y", "number"):
        found = mediation(trials, mediator, outcome=outcome, **PAIR, resamples=0)
        curve = dict(zip(found.sensitivity["rho"], found.sensitivity["value"], strict=True))
        assert column(found.effects)["acme"] > 0.1
        assert curve[0.5] == pytest.approx(0, abs=0.02)
        assert curve[0.0] == pytest.approx(column(found.effects)["acme"], abs=0.01)
        assert found.rho_zero["value"].item() == pytest.approx(rho, abs=0.03)


@pytest.mark.parametrize("link", ["identity", "probit"])
def test_acme_is_zero_at_rho_zero(link: str) -> None:
    paths, left = Paths(*(np.array([v]) for v in (0.1, 0.7, 1.1, -0.3, 0.2, 0.6, 0.0))), np.ones(1)
    rho = float(rho_without_mediation(paths, left)[0])
    assert acme_at(paths, left, rho, link)[0] == pytest.approx(0, abs=1e-12)  # type: ignore[arg-type]
    assert acme_at(paths, left, 0.0, link)[0] == pytest.approx(effects(paths, link)["acme"][0])  # type: ignore[arg-type]


def test_many_regressions_are_one_by_one() -> None:
    """Weighted rows are repeated rows; at the estimate the score is zero."""
    rng = np.random.default_rng(1)
    matrix = np.column_stack([np.ones(40), rng.normal(size=40), rng.normal(size=40)])
    response = (rng.random(40) < expit(matrix @ [0.2, 0.5, -0.4])).astype(float)
    weights = rng.integers(0, 4, (30, 40)).astype(float)
    for link in ("logit", "probit", "identity"):
        found = coefficients(matrix, response, weights, link)
        for row in (0, 7):
            times = weights[row].astype(int)
            alone = coefficients(
                np.repeat(matrix, times, 0), np.repeat(response, times), np.ones((1, times.sum())), link
            )
            assert found[row] == pytest.approx(alone[0], rel=1e-6)
        if link == "logit":
            score = np.einsum("mn,mn,nk->mk", weights, response - expit(found @ matrix.T), matrix)
            assert np.abs(score).max() < 1e-6


def repeated(
    seed: int, operators: int = 60, items: int = 12, operator_sd: float = 0.0
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Within operators, trust in each condition, several trials."""
    rng = np.random.default_rng(seed)
    rows, scores = [], []
    for i in range(operators):
        readiness = operator_sd * rng.normal()
        for condition, t in (("advised", 0), ("explained", 1)):
            trust = rng.normal(0.2 + 0.6 * t, 0.8)
            scores.append({"operator": f"p{i:02}", "condition": condition, "value": trust})
            follow = rng.random(items) < expit(0.2 + 0.2 * t + 0.9 * trust + readiness)
            rows += [
                {
                    "operator": f"p{i:02}",
                    "condition": condition,
                    "truth": "a",
                    "advice": "a",
                    "final": "a" if f else "b",
                }
                for f in follow
            ]
    return pl.DataFrame(rows), pl.DataFrame(scores)


def truth(operator_sd: float = 0.0) -> dict[str, float]:
    """The effects in `repeated`, a normal effect of each operator on following included, by quadrature over all."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    weights = weights / weights.sum()

    def at(t: int, m: int) -> float:
        trust = 0.2 + 0.6 * m + 0.8 * nodes[:, None]
        return float(weights @ expit(0.2 + 0.2 * t + 0.9 * trust + operator_sd * nodes) @ weights)

    acme = (at(0, 1) - at(0, 0) + at(1, 1) - at(1, 0)) / 2
    return {"acme": acme, "total": at(1, 1) - at(0, 0)}


def test_known_effects_are_recovered() -> None:
    found = [mediation(*repeated(seed), **PAIR, resamples=200).effects for seed in range(6)]
    for name, value in truth().items():
        rows = [table.filter(effect=name).row(0, named=True) for table in found]
        errors = np.array([(row["high"] - row["low"]) / 3.92 for row in rows])
        assert abs(np.mean([row["value"] for row in rows]) - value) < 3 * np.sqrt((errors**2).sum()) / len(rows)


@pytest.mark.slow
@pytest.mark.parametrize("operator_sd", [0.0, 0.8])
def test_coverage_of_the_effects(operator_sd: float) -> None:
    """Also where operators differ in how readily they follow, whatever their trust."""
    inside = dict.fromkeys(truth(), 0)
    for seed in range(200):
        found = mediation(*repeated(seed, operator_sd=operator_sd), **PAIR, resamples=300, seed=seed).effects
        for name, value in truth(operator_sd).items():
            row = found.filter(effect=name).row(0, named=True)
            inside[name] += row["low"] <= value <= row["high"]
    for name, count in inside.items():
        assert 0.9 <= count / 200 <= 0.985, name


def test_trials_within_operators_and_determinism() -> None:
    trials, scores = repeated(2)
    found = mediation(trials, scores, **PAIR, resamples=300, seed=4)
    again = mediation(trials.sample(fraction=1, shuffle=True, seed=1), scores.reverse(), **PAIR, resamples=300, seed=4)
    assert found.effects.select("low", "high").to_numpy() == pytest.approx(
        again.effects.select("low", "high").to_numpy(), abs=1e-10
    )
    acme = found.effects.filter(effect="acme").row(0, named=True)
    assert acme["low"] < acme["value"] < acme["high"]
    assert 0.03 < acme["value"] < 0.2
    assert found.trials == 60 * 2 * 12


def test_a_measure_as_outcome_and_missing_values() -> None:
    trials, scores = repeated(5)
    scores = scores.with_columns(value=pl.when(pl.col("operator") == "p00").then(None).otherwise("value"))
    found = mediation(trials, scores, outcome="agreement", **PAIR, resamples=20)
    assert found.link == "identity"
    assert (found.operators, found.undefined) == (59, 24)


def test_interaction_has_its_path_and_no_curve() -> None:
    trials, scores = repeated(6)
    found = mediation(trials, scores, **PAIR, interaction=True, resamples=20)
    assert "both" in found.paths["path"].to_list()
    assert found.sensitivity.is_empty()
    assert found.reasons["sensitivity"] == "no_sensitivity_with_interaction"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"value": pl.lit(1.0)}, "mediator_constant"),
        ({"value": pl.when(pl.col("condition") == "advised").then("value")}, "one_side"),
    ],
)
def test_undefined_says_why(change: dict[str, pl.Expr], reason: str) -> None:
    trials, scores = repeated(8)
    found = mediation(trials, scores.with_columns(**change), **PAIR, resamples=20)
    assert found.reasons["effects"] == reason
    assert found.effects.is_empty()


def test_more_reasons() -> None:
    trials, scores = repeated(8)
    once = scores.filter(condition="advised").drop("condition")
    assert mediation(trials, once, **PAIR).reasons["effects"] == "mediator_taken_once"
    assert mediation(trials.with_columns(final=pl.lit("a")), scores, **PAIR).reasons["effects"] == "outcome_constant"
    few = pl.col("operator").is_in(["p00", "p01"])
    assert mediation(trials.filter(few), scores, **PAIR).reasons["effects"] == "few_operators"
    parted = trials.with_columns(
        final=pl.when(pl.col("condition") == "advised").then(pl.lit("a")).otherwise(pl.lit("b"))
    )
    assert mediation(parted, scores, **PAIR, resamples=10).reasons["effects"] == "perfect_prediction"


def test_bad_input_is_named() -> None:
    trials, scores = repeated(9, operators=6)
    with pytest.raises(UnknownNameError, match="explaned"):
        mediation(trials, scores, first="explaned", second="advised")
    with pytest.raises(BinomeError, match="twice"):
        mediation(trials, scores, first="advised", second="advised")
    with pytest.raises(BinomeError, match="'value'"):
        mediation(trials, scores.rename({"value": "score"}), **PAIR)
    with pytest.raises(UnknownNameError, match="folowed"):
        mediation(trials, scores, outcome="folowed", **PAIR)
    with pytest.raises(BinomeError, match="true and false or numbers"):
        mediation(trials, scores, outcome="truth", **PAIR)


def test_outcomes_by_hand() -> None:
    trials = pl.DataFrame(
        {
            "truth": ["a", "a", "a", "a", "a"],
            "advice": ["a", "b", "b", None, "a"],
            "final": ["a", "a", "b", "a", "b"],
            "advice_shown": [True, True, True, True, False],
        }
    )
    expected = {
        "correct": [True, True, False, True, False],
        "followed": [True, False, True, None, None],
        "appropriate": [True, True, False, None, None],
        "followed_right": [True, None, None, None, None],
        "rejected_wrong": [None, True, False, None, None],
    }
    for name, values in expected.items():
        assert outcome_of(trials, name).to_list() == values
