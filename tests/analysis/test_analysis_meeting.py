"""Explanations meet people: the join by hand, known slopes recovered, difficulty held apart, bad input."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
import pytest
from scipy.special import expit
from scipy.stats import false_discovery_control

from binome import analysis
from binome.analysis.meeting import read_scores
from binome.core import BinomeError, UnknownNameError
from binome.core.stimulus import Legend, PredictorCard, Stimulus, StimulusSet, Task

SLOPES = {"within": 0.6, "between": 0.5}


def met(
    seed: int,
    operators: int = 40,
    items: int = 30,
    methods: int = 3,
    *,
    within: float = SLOPES["within"],
    between: float = SLOPES["between"],
    zero: str | None = "placebo",
    hard: float = 0.0,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each operator sees each item once, its explanation drawn; slopes are those of a standard deviation.

    Args:
        zero: what trials without a real explanation show, a third of all; None for no such trials.
        hard: what a standard deviation of the item's mean score adds to its easiness, whatever is shown.
    """
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 1, items)
    own = common[:, None] * 0.7 + rng.normal(0, 0.7, (items, methods))
    own -= own.mean(axis=0)
    own /= np.sqrt((own**2).sum() / (items * methods - methods))
    means = np.linspace(-1, 1, methods) if methods > 1 else np.zeros(1)
    if methods > 1:
        means = means / means.std(ddof=1)
    item_mean = own.mean(axis=1)
    easiness = rng.normal(0, 0.5, items) + hard * item_mean / item_mean.std()
    ability = rng.normal(0, 0.6, operators)
    rows = []
    for o in range(operators):
        for i in range(items):
            m = int(rng.integers(methods))
            bare = zero is not None and rng.random() < 1 / 3
            logit = 0.3 + ability[o] + easiness[i]
            if not bare:
                logit += within * own[i, m] + between * means[m]
            name = (f"m{m}" if not bare else zero if zero == "placebo" else None) if zero else f"m{m}"
            right = rng.random() < expit(logit)
            rows.append((f"p{o:02}", f"i{i:02}", name, "a", "a", "a" if right else "b"))
    trials = pl.DataFrame(rows, schema=["operator", "item", "explanation", "truth", "advice", "final"], orient="row")
    scores = pl.DataFrame(
        [
            {"item": f"i{i:02}", "explanation": f"m{m}", "metric": "faith", "value": 5 + 2 * (own[i, m] + 3 * means[m])}
            for i in range(items)
            for m in range(methods)
        ]
    )
    return trials, scores


def rows(found: analysis.Meeting, metric: str = "faith") -> dict[str, dict[str, Any]]:
    return {row["effect"]: row for row in found.slopes.filter(metric=metric).iter_rows(named=True)}


@pytest.mark.parametrize(("methods", "zero"), [(3, "placebo"), (3, "unexplained"), (1, None)])
def test_known_slopes_are_recovered(methods: int, zero: str | None) -> None:
    """The mean of six studies is the slope, within three of its standard errors; a wrong sign or unit is far off."""
    studies = [met(seed, operators=30, items=24, methods=methods, zero=zero) for seed in range(6)]
    found = [rows(analysis.meeting(*study, placebo="placebo")) for study in studies]
    for effect in SLOPES if methods > 1 else ("within",):
        estimates, errors = (np.array([study[effect][name] for study in found]) for name in ("estimate", "se"))
        assert abs(estimates.mean() - SLOPES[effect]) < 3 * np.sqrt((errors**2).sum()) / len(errors)
        assert 0.05 < errors.mean() < 0.25


def test_the_table() -> None:
    trials, scores = met(4)
    found = analysis.meeting(trials, scores, placebo="placebo")
    for effect, row in rows(found).items():
        assert row["low"] < SLOPES[effect] < row["high"]
        assert row["p"] < 0.01
        assert row["odds_ratio"] == pytest.approx(np.exp(row["estimate"]))
        assert (row["items"], row["methods"], row["operators"], row["reason"], row["adjusted"]) == (
            30,
            3,
            40,
            None,
            True,
        )
    assert rows(found)["within"]["unit"] == pytest.approx(2.0)
    assert rows(found)["between"]["unit"] == pytest.approx(6.0)
    assert found.zero == "placebo"
    assert rows(found)["within"]["n"] == trials.filter(pl.col("explanation") != "placebo").height
    over = {row["explanation"]: row for row in found.over_placebo.iter_rows(named=True)}
    assert over["m0"]["estimate"] < over["m1"]["estimate"] < over["m2"]["estimate"]
    assert over["m2"]["low"] < 0.5 < over["m2"]["high"]


def test_lower_is_better_turns_the_sign_and_units_do_not_matter() -> None:
    trials, scores = met(3)
    up = rows(analysis.meeting(trials, scores, placebo="placebo"))
    turned = scores.with_columns(value=7 - 100 * pl.col("value"))
    down = rows(analysis.meeting(trials, turned, placebo="placebo", better={"faith": "lower"}))
    for effect in SLOPES:
        assert down[effect]["estimate"] == pytest.approx(up[effect]["estimate"], rel=1e-4)
        assert down[effect]["unit"] == pytest.approx(100 * up[effect]["unit"])


def test_difficulty_is_not_taken_for_help() -> None:
    """Items that are explained well are easy, and explanations do nothing: trials without one tell the two apart."""
    trials, scores = met(5, within=0.0, between=0.0, hard=1.2, zero="unexplained")
    found = analysis.meeting(trials, scores)
    row = rows(found)["within"]
    assert found.zero == "unexplained"
    assert row["adjusted"]
    assert row["low"] < 0 < row["high"]
    alone, one = met(5, within=0.0, between=0.0, hard=1.2, zero=None, methods=1)
    row = rows(analysis.meeting(alone, one))["within"]
    assert row["low"] > 0  # Without them it cannot, and says so.
    assert row["caution"] == "difficulty"


def test_one_method_has_no_between() -> None:
    trials, scores = met(1, methods=1, zero=None)
    found = rows(analysis.meeting(trials, scores))
    assert (found["between"]["reason"], found["between"]["estimate"]) == ("one_method", None)
    assert found["within"]["low"] < found["within"]["estimate"] < found["within"]["high"]
    trials, scores = met(1, methods=2)
    assert rows(analysis.meeting(trials, scores, placebo="placebo"))["between"]["caution"] == "two_methods"


def test_missing_items_are_counted() -> None:
    trials, scores = met(2, operators=20)
    some = scores.filter(~((pl.col("item") == "i03") & (pl.col("explanation") == "m1")))
    some = some.with_columns(value=pl.when(pl.col("item") == "i05").then(float("nan")).otherwise("value"))
    found = analysis.meeting(trials, some, placebo="placebo")
    real = trials.filter(pl.col("explanation") != "placebo")
    gone = (pl.col("item") == "i05") | ((pl.col("item") == "i03") & (pl.col("explanation") == "m1"))
    lost = real.filter(gone).height
    assert lost > 0
    assert rows(found)["within"]["undefined"] == lost
    assert rows(found)["within"]["n"] == real.height - lost
    missing = {row["explanation"]: row for row in found.missing.iter_rows(named=True)}
    for name, row in missing.items():
        own = real.filter(explanation=name)
        assert (row["items"], row["trials"]) == (own["item"].n_unique(), own.height)
        assert (row["items_scored"], row["trials_scored"]) == (
            own.filter(~gone)["item"].n_unique(),
            own.filter(~gone).height,
        )
    assert "i05" not in found.points["item"].to_list()
    point = found.points.row(0, named=True)
    cell = real.filter(item=point["item"], explanation=point["explanation"])
    assert (point["value"], point["n"]) == (pytest.approx((cell["final"] == "a").mean()), cell.height)


def test_outcomes_and_families_of_tests() -> None:
    """Reliance instead of accuracy; Holm and Benjamini–Hochberg over the declared metrics and over the others."""
    trials, scores = met(4, operators=20)
    rng = np.random.default_rng(0)
    more = [
        scores.with_columns(metric=pl.lit(f"noise {k}"), value=pl.Series(rng.normal(size=scores.height)))
        for k in (1, 2)
    ]
    found = analysis.meeting(
        trials, pl.concat([scores, *more]), outcome="appropriate", declared=["faith"], placebo="placebo"
    )
    assert rows(found)["within"]["confirmatory"]
    for family in (True, False):
        part = found.slopes.filter(confirmatory=family)
        assert part["p_holm"].to_list() == pytest.approx(analysis.holm(part["p"]).to_list())
        assert part["p_bh"].to_list() == pytest.approx(false_discovery_control(part["p"].to_numpy()))
    assert found.slopes["metric"].unique(maintain_order=True).to_list() == ["faith", "noise 1", "noise 2"]
    backwards = trials.reverse(), pl.concat([scores, *more]).reverse()
    again = analysis.meeting(*backwards, outcome="appropriate", declared=["faith"], placebo="placebo")
    assert again.slopes["estimate"].to_list() == pytest.approx(found.slopes["estimate"].to_list(), rel=1e-6)


def test_undefined_says_why() -> None:
    trials, scores = met(6, operators=10, items=8)

    def reasons(trials: pl.DataFrame, scores: pl.DataFrame) -> list[str | None]:
        found = analysis.meeting(trials, scores, placebo="placebo")
        assert found.slopes["estimate"].is_null().all()
        return found.slopes["reason"].to_list()

    assert reasons(trials, scores.with_columns(item=pl.lit("other") + pl.col("item"))) == ["no_scored_trials"] * 2
    assert reasons(trials, scores.with_columns(value=pl.lit(3.0))) == ["score_constant", "means_equal"]
    assert reasons(trials.with_columns(final=pl.lit("a")), scores) == ["no_variation"] * 2
    assert reasons(trials.filter(pl.col("item").is_in(["i00", "i01"])), scores) == ["few_items"] * 2
    assert reasons(trials.filter(operator="p01"), scores) == ["few_operators"] * 2
    once = trials.filter(pl.col("operator").str.slice(2) == pl.col("item").str.slice(2))
    assert set(reasons(once, scores)) <= {"no_repeats", "score_constant", "means_equal", "one_method"}
    assert "no_repeats" in reasons(once, scores)
    found = analysis.meeting(trials, scores, placebo="shuffled")
    assert set(found.over_placebo["reason"]) == {"no_placebo"}
    assert (
        analysis.meeting(trials.with_columns(explanation=pl.lit(None, dtype=pl.String)), scores)
        .slopes["reason"]
        .to_list()
        == ["no_scored_trials"] * 2
    )


def test_bad_input_is_named() -> None:
    trials, scores = met(6, operators=4, items=4)
    with pytest.raises(BinomeError, match="'explanation'"):
        analysis.meeting(trials.drop("explanation"), scores)
    with pytest.raises(BinomeError, match="item 'i00' has several values of 'faith' for explanation 'm0'"):
        analysis.meeting(trials, pl.concat([scores, scores]))
    with pytest.raises(UnknownNameError, match="faithful"):
        analysis.meeting(trials, scores, metrics=["faithful"])
    with pytest.raises(BinomeError, match="'lower' or 'higher'"):
        analysis.meeting(trials, scores, better={"faith": "up"})
    with pytest.raises(BinomeError, match="found String"):
        analysis.meeting(trials, scores.with_columns(value=pl.lit("good")))
    with pytest.raises(BinomeError, match="true or false"):
        analysis.meeting(trials.with_columns(seconds=pl.lit(2.5)), scores, outcome="seconds")


def test_tables_of_a_grid_by_hand() -> None:
    """The mean over a method's configurations, references and noise left out; Φ beside them; names changed."""
    configurations = pl.DataFrame(
        {
            "configuration": [0, 1, 2, 3, 4], "method": ["ig", "ig", "lime", "ig", "ig"],
            "reference": ["", "", "", "random_weights", ""], "noise": [0.0, 0.0, 0.0, 0.0, 0.1],
        }
    )  # fmt: skip
    scores = pl.DataFrame(
        {
            "configuration": [0, 1, 2, 3, 4], "item": ["s7"] * 5, "metric": ["deletion"] * 5,
            "value": [0.2, 0.4, float("nan"), 9.0, 9.0],
        }
    )  # fmt: skip
    phi = pl.DataFrame({"item": ["s7", "s8"], "method": ["ig", "ig"], "phi": [0.8, None]})
    found = analysis.grid_scores(scores, configurations, phi)
    assert found.rows() == [
        ("s7", "ig", "deletion", pytest.approx(0.3)), ("s7", "ig", "dependability", 0.8),
        ("s7", "lime", "deletion", None), ("s8", "ig", "dependability", None),
    ]  # fmt: skip
    assert analysis.renamed(found, {"s7": "x1"})["item"].to_list() == ["x1"] * 3


def test_scores_of_a_stimulus_set() -> None:
    """Under the ids that trials have, practice left out, an undefined value null."""

    def item(name: str, role: Literal["trial", "practice"], value: float | None) -> Stimulus:
        return Stimulus(name, f"source {name}", role, "a", "a", 0.9, scores={"ig": {"deletion": value}})

    stimuli = StimulusSet(
        folder=Path(),
        task=Task("fashion", "", ""),
        predictor=PredictorCard("vit_micro", 0.8, 0.7, 0.9, 100, 0.05),
        explanations=(),
        legend=Legend("viridis", ("#000000", "#ffffff"), "", ""),
        items=(item("x2", "trial", None), item("x1", "trial", 0.5), item("x3", "practice", 0.1)),
    )
    assert analysis.stimulus_scores(stimuli).rows() == [("x1", "ig", "deletion", 0.5), ("x2", "ig", "deletion", None)]


def test_agreement_of_each_explanation_with_the_others() -> None:
    agreements = pl.DataFrame(
        {
            "a": ["ig", "ig", "lime"], "b": ["lime", "shap", "shap"], "measure": ["rank"] * 3, "item": ["i"] * 3,
            "value": [0.5, 0.7, 0.1],
        }
    )  # fmt: skip
    found = analysis.agreement_scores(agreements)
    assert found.select("explanation", "value").rows() == [
        ("ig", pytest.approx(0.6)), ("lime", pytest.approx(0.3)), ("shap", pytest.approx(0.4)),
    ]  # fmt: skip
    assert found["metric"].to_list() == ["agreement: rank"] * 3


def test_scores_of_any_numeric_type_are_read() -> None:
    table = pl.DataFrame(
        {"item": [1, 2], "explanation": ["m", "m"], "metric": ["f", "f"], "value": [1, 2], "more": [0, 0]}
    )
    assert read_scores(table).rows() == [("1", "m", "f", 1.0), ("2", "m", "f", 2.0)]


@pytest.mark.slow
def test_coverage_of_the_slopes() -> None:
    """95 % limits hold the slopes, and nothing else, in most of 200 studies."""
    inside = dict.fromkeys(SLOPES, 0)
    studies = 200
    for seed in range(studies):
        trials, scores = met(1000 + seed, operators=30, items=24)
        found = rows(analysis.meeting(trials, scores, placebo="placebo"))
        for effect, slope in SLOPES.items():
            inside[effect] += found[effect]["low"] <= slope <= found[effect]["high"]
    for effect, count in inside.items():
        assert 0.91 <= count / studies <= 0.985, effect
