"""Trust: scores by hand, reliability against pingouin and statsmodels, what an answer is about, bad input."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from binome import analysis
from binome.analysis.trust.clustered import clustered_means
from binome.analysis.trust.factor import omega, one_factor, resampled_omegas
from binome.analysis.trust.reliability import cronbach
from binome.core import BinomeError
from binome.protocol.questionnaire import SHIPPED, read_questionnaire, shipped

SCALES = {
    "trust": {"questionnaire": "q", "items": ["t1", "t2", "t3"], "reversed": ["t3"], "low": 1, "high": 5},
}


def likert() -> np.ndarray:
    """Answers of 60 operators to five items of seven points."""
    rng = np.random.default_rng(42)
    factor, loadings = rng.normal(size=60), np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    own = rng.normal(size=(60, 5)) * np.sqrt(1 - loadings**2)
    return np.clip(np.rint(4 + 1.2 * (factor[:, None] * loadings + own)), 1, 7)


def test_alpha_like_pingouin() -> None:
    """pingouin 0.7's cronbach_alpha, whose limits (Feldt's) are rounded to three places."""
    alpha, low, high = cronbach(likert())
    assert alpha == pytest.approx(0.5543138131426019, rel=1e-12)
    assert (round(low, 3), round(high, 3)) == (0.347, 0.711)


def test_one_factor_like_statsmodels() -> None:
    """statsmodels 0.15's Factor(method="ml") on the same correlations."""
    answers = likert()
    loadings, unique = one_factor(np.corrcoef(answers, rowvar=False))
    assert loadings == pytest.approx([0.9282812994, 0.7453769961, 0.465330929, 0.1638547467, 0.0718135718], abs=1e-6)
    assert unique == pytest.approx([0.138293832, 0.4444131464, 0.783467025, 0.973151657, 0.9948428271], abs=1e-6)
    assert omega(*one_factor(np.cov(answers, rowvar=False))) == pytest.approx(0.599307528, abs=1e-7)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0.3, 2), st.floats(0.2, 3)), min_size=3, max_size=8))
def test_omega_of_congeneric_items_in_closed_form(items: list[tuple[float, float]]) -> None:
    """Items λf + e have the covariance λλᵀ + diag ψ, and ω follows from λ and ψ; EM finds the same."""
    loadings, unique = (np.array(column) for column in zip(*items, strict=True))
    covariance = np.outer(loadings, loadings) + np.diag(unique)
    expected = loadings.sum() ** 2 / covariance.sum()
    found = one_factor(covariance)
    assert omega(*found) == pytest.approx(expected, abs=1e-5)
    assert found[0] == pytest.approx(loadings, abs=2e-3)
    assert resampled_omegas(covariance[None], *found)[0] == pytest.approx(expected, abs=1e-4)


def test_alpha_is_omega_for_items_alike_and_below_it_otherwise() -> None:
    """Tau-equivalent items: α = ω; a congeneric population: α < ω (McDonald 1999)."""
    rng = np.random.default_rng(0)
    factor = rng.normal(size=20_000)
    for loadings, gap in ((np.full(5, 0.7), 0.0), (np.array([1.4, 1.0, 0.7, 0.4, 0.1]), 0.03)):
        answers = factor[:, None] * loadings + rng.normal(size=(20_000, 5))
        value = float(omega(*one_factor(np.cov(answers, rowvar=False))))
        alpha = cronbach(answers)[0]
        assert value == pytest.approx(loadings.sum() ** 2 / (loadings.sum() ** 2 + 5), abs=0.01)
        assert value - alpha == pytest.approx(gap, abs=0.005) if gap == 0 else value - alpha > gap


def test_resampled_omegas_are_fits_of_each_resample() -> None:
    rng = np.random.default_rng(5)
    answers = likert()
    resamples = np.array([np.cov(answers[rng.integers(0, 60, 60)], rowvar=False) for _ in range(40)])
    em = resampled_omegas(resamples, *one_factor(np.cov(answers, rowvar=False)))
    direct = np.array([omega(*one_factor(covariance)) for covariance in resamples])
    assert np.median(np.abs(em - direct)) < 1e-4
    assert np.abs(em - direct).max() < 0.02


def answered(rows: list[tuple[str, str | None, int | None, int | None, tuple[object, ...]]]) -> list[dict[str, object]]:
    """Rows of the export: operator, condition, block, trial, the three answers."""
    return [
        {
            "study": "s", "operator": operator, "simulated": False, "questionnaire": "q", "attempt": 0,
            "condition": condition, "block": block, "trial": trial, "kind": "answer", "name": f"t{i + 1}",
            "value": value,
        }
        for operator, condition, block, trial, values in rows
        for i, value in enumerate(values)
    ]  # fmt: skip


def decided(rows: list[tuple[str, str, int, str, str]]) -> pl.DataFrame:
    """Operator, condition, trial, advice, final; the truth is a."""
    names = ["operator", "condition", "trial", "advice", "final"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(
        truth=pl.lit("a"), item=pl.format("i{}", "trial"), excluded=pl.lit(False)
    )


TRIALS = decided(
    [
        (operator, condition, trial, advice, final)
        for operator in ("p1", "p2", "p3")
        for condition, trial, advice, final in [
            ("x", 0, "a", "a"), ("x", 1, "b", "b"), ("x", 2, "a", "b"), ("y", 3, "a", "a"), ("y", 4, "b", "a"),
        ]
    ]
)  # fmt: skip
ANSWERS = answered(
    [
        ("p1", "x", 0, 1, (5, 4, 1)), ("p1", "x", 0, 2, (3, 3, 3)), ("p1", "y", 1, 4, (1, 1, 5)),
        ("p2", "x", 0, 1, (4, 4, 2)), ("p2", "x", 0, 2, (4, "no_response", 3)), ("p2", "y", 1, 4, (2, 2, 4)),
        ("p3", "x", 0, 2, (2, 1, 4)), ("p4", "x", 0, 2, (5, 5, 1)),
    ]
)  # fmt: skip


def test_scores_by_hand() -> None:
    found = analysis.trust(TRIALS, ANSWERS, scales=SCALES, resamples=100)
    scores = (
        found.scores.sort("operator", "occasion").select("operator", "condition", "occasion", "value", "share").rows()
    )
    expected = [
        ("p1", "x", 0, 14 / 3), ("p1", "x", 1, 3.0), ("p1", "y", 2, 1.0),
        ("p2", "x", 0, 4.0), ("p2", "x", 1, None), ("p2", "y", 2, 2.0), ("p3", "x", 0, 5 / 3),
    ]  # fmt: skip
    assert [row[:3] for row in scores] == [row[:3] for row in expected]
    for (*_, value, share), (*_, wanted) in zip(scores, expected, strict=True):
        assert value == (None if wanted is None else pytest.approx(wanted))
        assert share == (None if wanted is None else pytest.approx((wanted - 1) / 4))
    assert found.left_out == 1  # p4 has no trial.
    means = {row["condition"]: row for row in found.means.iter_rows(named=True)}
    assert means["x"]["value"] == pytest.approx((14 / 3 + 3 + 4 + 5 / 3) / 4)
    assert (means["x"]["n"], means["x"]["operators"], means["x"]["undefined"]) == (4, 3, 1)
    assert means["x"]["low"] <= means["x"]["value"] <= means["x"]["high"]


def test_calibration_and_gaps_by_hand() -> None:
    """p1's first answer in x (share 11/12) is about trials 0 and 1, its second (1/2) about 2, that in y about 3, 4."""
    found = analysis.trust(TRIALS, ANSWERS, scales=SCALES, resamples=50, levels=2)
    # High: p1's trials 0, 1 (11/12), p2's trials 0, 1 (3/4). Low: p1's 2, 3, 4; p2's 3, 4; p3's 0, 1, 2.
    table = {(row["trust_level"], row["target"]): row for row in found.calibration.iter_rows(named=True)}
    assert table[1, "advice"]["value"] == pytest.approx(2 / 4)
    assert table[1, "advice"]["trust"] == pytest.approx((11 / 12 * 2 + 3 / 4 * 2) / 4)
    assert (table[1, "advice"]["n"], table[1, "advice"]["operators"]) == (4, 2)
    assert (table[1, "advice"]["from"], table[1, "advice"]["to"]) == (0.5, 1.0)
    # Advice right: p1 2, 3; p2 3; p3 0, 2. Final right: p1 3, 4; p2 3, 4; p3 0.
    assert (table[0, "advice"]["value"], table[0, "team"]["value"]) == (pytest.approx(5 / 8), pytest.approx(5 / 8))
    assert table[0, "advice"]["n"] == 8
    gaps = {(row["target"], row["condition"]): row["value"] for row in found.gaps.iter_rows(named=True)}
    assert gaps["advice", "y"] == pytest.approx(((0 + 0 + 1 / 4 + 1 / 4) - 2) / 4)
    trust_x = 11 / 12 * 2 + 1 / 2 + 3 / 4 * 2 + 1 / 6 * 3
    assert gaps["team", "x"] == pytest.approx((trust_x - 3) / 8)  # Right in the end: p1 0; p2 0; p3 0.


def test_resolution_overall_and_by_level() -> None:
    found = analysis.trust(TRIALS, ANSWERS, scales=SCALES, resamples=50, levels=2)
    overall = {r["condition"]: r["value"] for r in found.resolution.filter(pl.col("scale").is_null()).to_dicts()}
    assert overall == {"x": pytest.approx(1 / 2 - 1), "y": pytest.approx(1 - 0)}
    levels = {r["trust_level"]: r for r in found.resolution.filter(scale="trust").to_dicts()}
    assert levels[1]["value"] == pytest.approx(1 - 1)
    # Low: right advice followed p1 3, p2 3, p3 0 of 5; wrong advice followed p3's 1 of p1 4, p2 4, p3 1.
    assert levels[0]["value"] == pytest.approx(3 / 5 - 1 / 3)


def test_trajectory_and_slope_by_hand() -> None:
    found = analysis.trust(TRIALS, ANSWERS, scales=SCALES, resamples=50)
    session = found.trajectory.filter(pl.col("condition").is_null())
    assert session["step"].to_list() == [0, 1, 2]
    # p2's second answers are incomplete: its step 1 is that in y.
    assert session["value"].to_list() == pytest.approx([(14 / 3 + 4 + 5 / 3) / 3, (3 + 2) / 2, 1.0])
    slope = found.slopes.filter(pl.col("condition").is_null()).row(0, named=True)
    # Σ Sxy / Σ Sxx: p1 (14/3, 3, 1) has −11/3 and 2, p2 (4, 2) has −1 and 1/2.
    assert slope["value"] == pytest.approx((-11 / 3 - 1) / 2.5)
    assert (slope["operators"], slope["undefined"]) == (2, 1)
    assert slope["low"] <= slope["value"] <= slope["high"]


def test_reliability_table_and_reasons() -> None:
    rng = np.random.default_rng(1)
    factor = rng.normal(size=40)
    values = np.clip(np.rint(3 + factor[:, None] * [1, 0.9, -0.8] + 0.5 * rng.normal(size=(40, 3))), 1, 5)
    operators = [f"p{i:02}" for i in range(40)]
    answers = answered([(o, "x", 0, 0, tuple(map(float, row))) for o, row in zip(operators, values, strict=True)])
    trials = decided([(o, "x", 0, "a", "a") for o in operators])
    scales = SCALES | {
        "single": {"items": ["t1"], "low": 1, "high": 5},
        "pair": {"items": ["t1", "t2"], "low": 1, "high": 5},
    }
    found = analysis.trust(trials, answers, scales=scales, resamples=200)
    rows = {row["scale"]: row for row in found.reliability.iter_rows(named=True)}
    mirrored = values * [1, 1, -1]
    assert rows["trust"]["alpha"] == pytest.approx(cronbach(mirrored)[0])
    assert rows["trust"]["omega_low"] < rows["trust"]["omega"] < rows["trust"]["omega_high"]
    assert rows["trust"]["operators"] == 40
    assert (rows["single"]["alpha"], rows["single"]["reason"]) == (None, "one_item")
    assert (rows["pair"]["omega"], rows["pair"]["reason"]) == (None, "two_items")
    assert rows["pair"]["alpha"] is not None
    assert found.reasons["trust: trajectory"] == "asked_once"
    few = analysis.trust(TRIALS, ANSWERS, scales={"c": SCALES["trust"] | {"items": ["t1", "t2"], "reversed": []}})
    assert few.reliability["operators"].item() == 3
    flat = answered([(o, "x", 0, 0, (3, 2 + i % 2, 4)) for i, o in enumerate(operators)])
    assert analysis.trust(trials, flat, scales=SCALES).reliability["reason"].item() == "item_constant"


def test_an_answer_after_everything_is_about_the_whole_session() -> None:
    answers = answered([(o, None, None, 4, (4, 4, 2)) for o in ("p1", "p2", "p3")])
    found = analysis.trust(TRIALS, answers, scales=SCALES, resamples=20)
    assert found.means["condition"].to_list() == [None]
    assert found.calibration.filter(target="advice")["n"].to_list() == [15]
    between = TRIALS.with_columns(
        condition=pl.when(pl.col("operator") == "p1").then(pl.lit("x")).otherwise(pl.lit("y"))
    )
    found = analysis.trust(between, answers, scales=SCALES, resamples=20)
    assert found.means.select("condition", "n").rows() == [("x", 1), ("y", 2)]


def test_tables_without_the_trials_own_numbers() -> None:
    """Elsewhere's trials have no `trial`: an answer is then about all of its operator and condition."""
    answers = pl.DataFrame(
        answered([("p1", "x", None, None, ("5", "5", "1")), ("p2", "x", None, None, ("1", "1", "5"))])
    )
    found = analysis.trust(TRIALS.drop("trial"), answers, scales=SCALES, resamples=20, levels=2)
    assert found.calibration.filter(target="team").select("trust_level", "n").rows() == [(0, 3), (1, 3)]


def test_by_what_only_the_trials_know() -> None:
    trials = TRIALS.with_columns(group=pl.when(pl.col("operator") == "p1").then(pl.lit("g")).otherwise(pl.lit("h")))
    found = analysis.trust(trials, ANSWERS, scales=SCALES, by="group", resamples=20)
    assert found.means.select("group", "n").rows() == [("g", 3), ("h", 3)]
    with pytest.raises(BinomeError, match="varies within operators"):
        analysis.trust(trials.with_columns(item=pl.col("trial").cast(pl.String)), ANSWERS, scales=SCALES, by="item")
    by_block = analysis.trust(trials.drop("condition"), ANSWERS, scales=SCALES, by="block", resamples=20)
    assert by_block.means["block"].to_list() == ["0", "1"]


@pytest.mark.parametrize("answers", [[], pl.DataFrame(), pl.DataFrame(ANSWERS, strict=False).clear()])
def test_nobody_answered(answers: pl.DataFrame) -> None:
    found = analysis.trust(TRIALS, answers, scales=SCALES)
    assert found.reasons["trust"] == "no_answers"
    assert found.scores.is_empty()
    assert found.reliability["alpha"].to_list() == [None]


def test_excluded_operators_do_not_count_and_rows_may_be_in_any_order() -> None:
    whole = analysis.trust(TRIALS, ANSWERS, scales=SCALES, resamples=100)
    more = pl.concat([TRIALS, decided([("p4", "x", 0, "a", "a")]).with_columns(excluded=pl.lit(True))])
    again = analysis.trust(more.reverse(), ANSWERS[::-1], scales=SCALES, resamples=100)
    for name in ("means", "calibration", "gaps", "trajectory", "slopes", "reliability"):
        assert getattr(whole, name).equals(getattr(again, name)), name


@pytest.mark.parametrize(
    ("scale", "says"),
    [
        ({"items": []}, "at least one"),
        ({"items": "t1"}, "list of items"),
        ({"reversed": ["t9"]}, "'t9' is not among"),
        ({"low": 5}, "low first"),
        ({"score": "median"}, "mean or sum"),
        ({"colour": "red"}, "unknown field 'colour'"),
        ({"low": {"t1": 1}}, "says nothing of item 't2'"),
        ({"factor": 0}, "must not be 0"),
        ({"high": 4}, "row 1, column 'value': operator 'p1' answered 5 to 't1', which goes from 1 to 4"),
    ],
)
def test_scales_that_cannot_be(scale: dict[str, object], says: str) -> None:
    with pytest.raises(BinomeError, match=says):
        analysis.trust(TRIALS, ANSWERS, scales={"trust": SCALES["trust"] | scale})


def test_answers_that_cannot_be() -> None:
    with pytest.raises(BinomeError, match="twice at the same place"):
        analysis.trust(TRIALS, ANSWERS + ANSWERS[:1], scales=SCALES)
    with pytest.raises(BinomeError, match="'value'"):
        analysis.trust(TRIALS, pl.DataFrame(ANSWERS, strict=False).drop("value"), scales=SCALES)
    with pytest.raises(BinomeError, match="at least one scale"):
        analysis.trust(TRIALS, ANSWERS, scales={})


def test_sums_shifts_and_factors_as_the_questionnaires_have_them() -> None:
    """SUS: the mean of ten items from 1 to 5, less one, times 25, is on 0 to 100; its share on [0, 1]."""
    scale = {
        "items": ["t1", "t2", "t3"],
        "reversed": ["t3"],
        "low": 1,
        "high": 5,
        "score": "sum",
        "shift": -3,
        "factor": 100 / 12,
    }
    found = analysis.trust(TRIALS, ANSWERS[:3], scales={"s": scale}, resamples=0)
    assert found.scores["value"].item() == pytest.approx((14 - 3) * 100 / 12)
    assert found.scores["share"].item() == pytest.approx(11 / 12)


@pytest.mark.parametrize(
    "name", [name for name in shipped() if read_questionnaire(SHIPPED / f"{name}.yaml").spec.scales]
)
def test_like_the_questionnaires_own_scores(name: str) -> None:
    """Every shipped scale, as plain data: what the experiment scored when it was answered."""
    questionnaire = read_questionnaire(SHIPPED / f"{name}.yaml")
    ends = {item: (q.low, q.high) for q in questionnaire.questions for item in q.ids}
    scales = {
        scale: {
            "questionnaire": name,
            "low": {item: ends[item][0] for item in spec.items},
            "high": {item: ends[item][1] for item in spec.items},
            **spec.model_dump(include={"items", "reversed", "score", "shift", "factor"}),
        }
        for scale, spec in questionnaire.spec.scales.items()
    }  # fmt: skip
    rng = np.random.default_rng(0)
    given = {f"p{k}": {item: float(rng.integers(*ends[item])) for item in ends} for k in range(4)}
    answers = [
        {"operator": operator, "questionnaire": name, "kind": "answer", "name": item, "value": value}
        for operator, values in given.items()
        for item, value in values.items()
    ]
    trials = pl.DataFrame({"operator": list(given), "condition": ["x"] * 4})
    found = analysis.trust(trials, answers, scales=scales, resamples=0)
    for row in found.scores.iter_rows(named=True):
        assert row["value"] == pytest.approx(questionnaire.score(given[row["operator"]])[row["scale"]])
        assert 0 <= row["share"] <= 1
    assert found.scores.height == 4 * len(scales)
    assert found.gaps.is_empty()
    assert set(found.reasons.values()) == {"asked_once", "no_advice_truth"}


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1000))
def test_clustered_means_are_a_loop_over_draws(seed: int) -> None:
    rng = np.random.default_rng(seed)
    operators = int(rng.integers(2, 6))
    table = pl.DataFrame(
        {
            "operator": [f"p{i}" for i in rng.integers(0, operators, 20)],
            "g": rng.choice(["x", "y"], 20),
            "v": pl.Series(rng.normal(size=20)).set(pl.Series(rng.random(20) < 0.2), None),
            "w": rng.integers(1, 4, 20),
        }
    )
    names = table["operator"].unique().sort().to_list()
    found = clustered_means(table, "v", ["g"], 200, seed, weight="w")
    draws = np.random.default_rng(seed).integers(0, len(names), (200, len(names)))
    for row in found.iter_rows(named=True):
        part = table.filter(pl.col("g") == row["g"]).drop_nulls()
        means = []
        for draw in draws:
            stack = pl.concat([part.filter(operator=names[i]) for i in draw])
            if stack.height:
                means.append((stack["v"] * stack["w"]).sum() / stack["w"].sum())
        assert row["n"] == part.height
        if row["low"] is not None:
            assert (row["low"], row["high"]) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])), abs=1e-9)


@pytest.mark.slow
def test_recovery_of_alpha_and_omega_intervals() -> None:
    """Limits of α (normal answers, items alike) and of ω hold the truth in most studies."""
    loadings = np.full(5, 1.0)
    truth = 25 / 30
    inside = np.zeros(2)
    for seed in range(200):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=100)[:, None] * loadings + rng.normal(size=(100, 5))
        answers = [
            {"operator": f"p{o:03}", "name": f"t{i}", "value": float(values[o, i])}
            for o in range(100)
            for i in range(5)
        ]
        trials = pl.DataFrame({"operator": [f"p{o:03}" for o in range(100)], "condition": ["x"] * 100})
        scale = {"items": [f"t{i}" for i in range(5)], "low": -10, "high": 10}
        row = analysis.trust(trials, answers, scales={"s": scale}, resamples=400).reliability.row(0, named=True)
        inside += [row[f"{name}_low"] <= truth <= row[f"{name}_high"] for name in ("alpha", "omega")]
    assert (inside / 200 > 0.9).all()


def test_levels_of_trust_are_closed_above() -> None:
    """Shares at the edges of five levels: 0 and 0.2 in the first, 0.4 in the second, … 1 in the last."""
    operators = [f"p{i}" for i in range(6)]
    scale = {"s": {"items": ["t1"], "low": 0, "high": 5}}
    answers = [{"operator": o, "name": "t1", "value": i, "condition": "x", "trial": 0} for i, o in enumerate(operators)]
    found = analysis.trust(decided([(o, "x", 0, "a", "a") for o in operators]), answers, scales=scale, resamples=0)
    assert found.calibration.filter(target="advice").select("trust_level", "n").rows() == [
        (0, 2), (1, 1), (2, 1), (3, 1), (4, 1),
    ]  # fmt: skip
    edges = found.calibration.filter(target="advice").select("from", "to").rows()
    assert all(first[1] == second[0] for first, second in pairwise(edges))
