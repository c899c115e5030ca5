"""Biases: each against a loop over rows or least squares with dummies; designs that cannot tell; biases put in."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from binome import analysis
from binome.core import BinomeError

Row = dict[str, Any]
QUICK: dict[str, Any] = {"resamples": 200}
ORDERS = (("manual", "advised", "explained", "placebo"), ("explained", "placebo", "manual", "advised"))


def study(
    seed: int = 0, operators: int = 16, items: int = 16, orders: tuple[tuple[str, ...], ...] = ORDERS, **bias: float
) -> list[Row]:
    """Within-subject trials with every column; what is in `bias` is added to the probability of following."""
    rng, rows = np.random.default_rng(seed), []
    for operator in range(operators):
        position = 0
        for block, condition in enumerate(orders[operator % len(orders)]):
            wrong_before, failed = False, False
            places = rng.permutation(items)
            for place, item in enumerate(places):
                truth = "yes" if item % 2 else "no"
                other = "no" if truth == "yes" else "yes"
                advice = other if rng.random() < 0.35 else truth
                shown, explained = condition != "manual", condition in ("explained", "placebo")
                own = truth if rng.random() < 0.65 + bias.get("tired", 0) * position else other
                opened = bool(rng.random() < 0.6) if explained else None
                seconds = float(rng.lognormal(0, 0.8)) if opened else 0.0
                follow = 0.4 + bias.get(condition, 0) * (advice != truth) + bias.get("block", 0) * block
                follow += bias.get("opened", 0) * bool(opened) + bias.get("averse", 0) * wrong_before
                follow += bias.get("early", 0) * (failed and place >= 5)
                final = advice if shown and rng.random() < follow else own
                share = round(float(rng.random()), 3)
                rows.append(
                    {
                        "operator": f"p{operator:02}", "condition": condition, "block": block, "position": position,
                        "item": f"i{item}", "truth": truth, "advice": advice, "advice_shown": shown,
                        "initial": own if shown else None, "final": None if rng.random() < 0.03 else final,
                        "explanation": {"explained": "ig", "placebo": "shuffled_ig"}.get(condition),
                        "explanation_opened": opened, "explanation_seconds": seconds if explained else None,
                        "hover": json.dumps({"map": share, "advice": 1 - share}) if explained else None,
                        "feedback": True, "item_sex": "f" if rng.random() < 0.5 else "m",
                        "item_age": int(rng.integers(20, 60)),
                    }
                )  # fmt: skip
                position += 1
                wrong_before = advice != truth
                failed |= wrong_before and place < 5
    return rows


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return study()


@pytest.fixture(scope="module")
def table(rows: list[Row]) -> pl.DataFrame:
    return analysis.biases(analysis.check_trials(rows), **QUICK)


def one(table: pl.DataFrame, bias: str, group: str | None = None, against: str | None = None) -> Row:
    found = table.filter(pl.col("bias") == bias, pl.col("group").eq_missing(pl.lit(group, pl.String)))
    if against is not None:
        found = found.filter(pl.col("against") == against)
    assert found.height == 1, (bias, group)
    return found.row(0, named=True)


def share(values: list[bool]) -> float:
    return sum(values) / len(values)


def decided(rows: list[Row], condition: str | None = None) -> list[Row]:
    return [
        row
        for row in rows
        if row["final"] is not None and row["condition"] in (condition, condition or row["condition"])
    ]


def dummies(x: list[float], y: list[bool], groups: list[Any]) -> float:
    """The slope of y on x with an intercept for each group, by dummies."""
    names = sorted(set(groups))
    matrix = np.column_stack([x, *[[float(g == name) for g in groups] for name in names]])
    return float(np.linalg.lstsq(matrix, np.array(y, dtype=float), rcond=None)[0][0])


def test_every_bias_has_its_rows(table: pl.DataFrame) -> None:
    assert table.filter("identifiable")["bias"].n_unique() == 18
    assert table.columns == [
        "bias", "group", "against", "value", "low", "high", "scale", "p", "p_bh", "n", "undefined", "identifiable",
        "reason", "caveat", "needs",
    ]  # fmt: skip
    told, untold = table.filter("identifiable"), table.filter(~pl.col("identifiable"))
    assert (told["value"].null_count(), told["reason"].null_count()) == (0, told.height)
    assert untold["value"].null_count() == untold["low"].null_count() == untold.height
    assert (untold["reason"].null_count(), table["needs"].null_count()) == (0, 0)


@pytest.mark.parametrize(
    ("bias", "measure"),
    [
        ("commission", "commission_over_manual"), ("omission", "omission_over_manual"),
        ("confirmation", "confirmation"), ("aversion_after_error", "aversion_after_error"),
    ],
)  # fmt: skip
def test_measures_keep_their_values_and_limits(rows: list[Row], table: pl.DataFrame, bias: str, measure: str) -> None:
    wanted = analysis.measure(analysis.check_trials(rows), measure, by="condition", **QUICK)
    for row in wanted.iter_rows(named=True):
        mine = one(table, bias, row["condition"])
        assert [mine[k] for k in ("value", "low", "high", "n", "undefined")] == [
            row[k] for k in ("value", "low", "high", "n", "undefined")
        ]


@pytest.mark.parametrize(
    ("bias", "first", "second"),
    [
        ("persuasion", "explained", "advised"), ("persuasion_content", "explained", "placebo"),
        ("persuasion_presence", "placebo", "advised"),
    ],
)  # fmt: skip
def test_persuasion_is_the_contrast_of_over_reliance(
    rows: list[Row], table: pl.DataFrame, bias: str, first: str, second: str
) -> None:
    def followed(condition: str) -> float:
        wrong = [row for row in decided(rows, condition) if row["advice"] != row["truth"]]
        return share([row["final"] == row["advice"] for row in wrong])

    mine = one(table, bias, f"{first} − {second}")
    assert mine["value"] == pytest.approx(followed(first) - followed(second))
    wanted = analysis.contrast(analysis.check_trials(rows), "overreliance", first, second, **QUICK).row(0, named=True)
    assert [mine[k] for k in ("low", "high", "p")] == [wanted[k] for k in ("low", "high", "p")]
    assert mine["n"] == wanted["n_first"] + wanted["n_second"]


@pytest.mark.parametrize("condition", ["manual", "advised", "explained", "placebo"])
def test_fatigue_is_least_squares_with_an_intercept_for_each_operator(
    rows: list[Row], table: pl.DataFrame, condition: str
) -> None:
    mine = decided(rows, condition)
    x, who = [row["position"] / 10 for row in mine], [row["operator"] for row in mine]
    right = dummies(x, [row["final"] == row["truth"] for row in mine], who)
    assert one(table, "fatigue_accuracy", condition)["value"] == pytest.approx(right)
    assert one(table, "fatigue_accuracy", condition)["n"] == len(mine)
    if condition != "manual":
        followed = dummies(x, [row["final"] == row["advice"] for row in mine], who)
        assert one(table, "fatigue_reliance", condition)["value"] == pytest.approx(followed)
    else:
        assert one(table, "fatigue_reliance", condition)["reason"] == "no_advice"


def test_order_is_least_squares_with_an_intercept_for_each_condition(rows: list[Row], table: pl.DataFrame) -> None:
    mine = decided(rows)
    x, condition = [float(row["block"]) for row in mine], [row["condition"] for row in mine]
    right = dummies(x, [row["final"] == row["truth"] for row in mine], condition)
    assert one(table, "order_accuracy")["value"] == pytest.approx(right)
    advised = [row for row in mine if row["advice_shown"]]
    followed = dummies(
        [float(row["block"]) for row in advised],
        [row["final"] == row["advice"] for row in advised],
        [row["condition"] for row in advised],
    )
    assert one(table, "order_reliance")["value"] == pytest.approx(followed)
    assert one(table, "order_reliance")["n"] == len(advised)


@pytest.mark.parametrize("condition", ["explained", "placebo"])
def test_capture_is_least_squares_within_operators_where_advice_differed(
    rows: list[Row], table: pl.DataFrame, condition: str
) -> None:
    mine = [row for row in decided(rows, condition) if row["initial"] != row["advice"]]
    looked = [row for row in mine if row["explanation_seconds"] > 0]
    for bias, some, dose in (
        ("capture_opened", mine, [float(row["explanation_opened"]) for row in mine]),
        ("capture_seconds", looked, [float(np.log2(row["explanation_seconds"])) for row in looked]),
        ("capture_pointer", mine, [json.loads(row["hover"])["map"] for row in mine]),
    ):
        slope = dummies(dose, [r["final"] == r["advice"] for r in some], [r["operator"] for r in some])
        assert one(table, bias, condition)["value"] == pytest.approx(slope)
        assert one(table, bias, condition)["n"] == len(some)


def test_opening_is_the_weighted_mean_of_operators_differences(rows: list[Row], table: pl.DataFrame) -> None:
    above = below = 0.0
    for name in {row["operator"] for row in rows}:
        mine = [r for r in decided(rows, "explained") if r["operator"] == name and r["initial"] != r["advice"]]
        on = [r["final"] == r["advice"] for r in mine if r["explanation_opened"]]
        off = [r["final"] == r["advice"] for r in mine if not r["explanation_opened"]]
        if on and off:
            weight = len(on) * len(off) / len(mine)
            above, below = above + weight * (share(on) - share(off)), below + weight
    assert one(table, "capture_opened", "explained")["value"] == pytest.approx(above / below)


def early_by_hand(rows: list[Row], k: int) -> tuple[float | None, int]:
    """Later following after an early error less without, right and wrong advice averaged; and trials that count."""
    cells = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["position"]):
        cells[row["operator"], row["condition"]].append(row)
    later: dict[tuple[bool, bool], list[bool]] = defaultdict(list)
    for mine in cells.values():
        failed = any(row["advice"] != row["truth"] for row in mine[:k])
        for row in mine[k:]:
            if row["final"] is not None:
                later[failed, row["advice"] == row["truth"]].append(row["final"] == row["advice"])
    n = sum(map(len, later.values()))
    if len(later) < 4:
        return None, n
    return sum(share(later[True, right]) - share(later[False, right]) for right in (True, False)) / 2, n


@pytest.mark.parametrize("k", [1, 3, 5])
def test_early_failure_by_hand(rows: list[Row], k: int) -> None:
    table = analysis.biases(analysis.check_trials(rows).sample(fraction=1, shuffle=True, seed=2), early=k, **QUICK)
    for condition in ("advised", "explained", "placebo"):
        mine = one(table, "early_failure", condition)
        value, n = early_by_hand([row for row in rows if row["condition"] == condition], k)
        assert mine["n"] == n
        assert mine["value"] == (None if value is None else pytest.approx(value))
        assert (mine["reason"] == "no_early_variation") == (value is None)


def test_early_failure_by_a_declared_schedule() -> None:
    rng, rows = np.random.default_rng(1), []
    for operator in range(20):
        early = operator % 2 == 0
        for place in range(20):
            wrong = place == 1 if early else place == 18
            wrong = wrong or place in (10, 14)
            follow = rng.random() < (0.5 if early and place >= 3 else 0.8)
            rows.append(
                {
                    "operator": f"p{operator}", "condition": "early" if early else "late", "position": place,
                    "truth": "a", "advice": "b" if wrong else "a", "final": "b" if follow == wrong else "a",
                }
            )  # fmt: skip
    found = one(analysis.biases(analysis.check_trials(rows), early=3, **QUICK), "early_failure")
    assert found["value"] == pytest.approx(early_by_hand(rows, 3)[0])
    assert (found["identifiable"], found["caveat"], found["against"]) == (True, "error_schedule", "no_early_failure")
    assert found["high"] < 0


def test_disparities_by_hand(rows: list[Row], table: pl.DataFrame) -> None:
    def rate(sex: str, right: bool | None, among: list[Row]) -> float:
        mine = [r for r in among if r["item_sex"] == sex and (right is None or (r["advice"] == r["truth"]) == right)]
        if right is None:
            return share([r["final"] == r["truth"] for r in mine])
        return share([(r["final"] == r["advice"]) != right for r in mine])

    advised = [row for row in decided(rows) if row["advice_shown"]]
    for bias, right, among in (
        ("disparity_overreliance", False, advised), ("disparity_underreliance", True, advised),
        ("disparity_accuracy", None, decided(rows)),
    ):  # fmt: skip
        mine = one(table, bias, "f − m", "item_sex")
        assert mine["value"] == pytest.approx(rate("f", right, among) - rate("m", right, among))
    assert "item_age" not in set(table["against"].drop_nulls())


def test_disparities_of_operators_by_their_answers_and_of_more_than_two_groups(rows: list[Row]) -> None:
    people = sorted({row["operator"] for row in rows})
    of = {name: ("north", "south", "west")[i % 3] for i, name in enumerate(people)}
    answers = pl.DataFrame(
        [
            {"operator": name, "questionnaire": "demographics", "kind": "answer", "name": key, "value": value}
            for name in people
            for key, value in (("region", of[name]), ("age", str(20 + len(name))))
        ]
    )
    trials = analysis.check_trials(rows).drop("item_sex")
    table = analysis.biases(trials, answers=answers, **QUICK)
    mine = one(table, "disparity_accuracy", "south − others", "operator_region")
    right = {name: [r["final"] == r["truth"] for r in decided(rows) if r["operator"] == name] for name in people}
    south = [x for name in people if of[name] == "south" for x in right[name]]
    others = [x for name in people if of[name] != "south" for x in right[name]]
    assert mine["value"] == pytest.approx(share(south) - share(others))
    assert set(table["against"].drop_nulls()) & {"operator_age", "operator_region"} == {"operator_region"}
    asked = analysis.biases(trials, answers=answers, protected=["region"], **QUICK)
    assert one(asked, "disparity_accuracy", "south − others", "operator_region") == {
        **mine, "p_bh": one(asked, "disparity_accuracy", "south − others", "operator_region")["p_bh"]
    }  # fmt: skip
    with pytest.raises(BinomeError, match=r"'regin' is neither .*found"):
        analysis.biases(trials, answers=answers, protected=["regin"], **QUICK)


def test_anchoring_by_hand() -> None:
    rng, rows = np.random.default_rng(5), []
    for operator in range(12):
        for item in range(20):
            first = (operator + item) % 2 == 0
            own, advice = rng.choice(["a", "b", "c"], 2)
            final = advice if rng.random() < (0.8 if first else 0.4) else own
            rows.append(
                {
                    "operator": f"p{operator}", "condition": "first" if first else "after", "item": f"i{item}",
                    "position": item, "truth": "a", "advice": advice, "initial": None if first else own,
                    "final": final,
                }
            )  # fmt: skip
    table = analysis.biases(analysis.check_trials(rows), **QUICK)
    rate = {name: share([r["final"] == r["advice"] for r in decided(rows, name)]) for name in ("first", "after")}
    mine = one(table, "anchoring", "first")
    assert mine["value"] == pytest.approx(rate["first"] - rate["after"])
    assert mine["low"] > 0
    assert one(table, "anchoring", "after")["reason"] == "no_advice_first"
    assert one(table, "commission")["reason"] == "not_two_labels"
    assert one(table, "order_accuracy")["reason"] == "mixed_conditions"


def test_adjusted_p_is_over_all_that_can_be_told(table: pl.DataFrame) -> None:
    told = table.drop_nulls("p")
    assert told["p_bh"].to_numpy() == pytest.approx(stats.false_discovery_control(told["p"].to_numpy()))
    assert table.filter(pl.col("p").is_null())["p_bh"].null_count() == table.height - told.height


DESIGNS: dict[str, tuple[Any, dict[str, str]]] = {
    "no advice shown": (
        lambda t: t.filter(pl.col("condition") == "manual"),
        {"commission": "no_advice", "anchoring": "no_advice", "early_failure": "no_advice",
         "fatigue_reliance": "no_advice", "order_reliance": "one_condition", "persuasion": "no_explained_condition"},
    ),
    "no own answers": (
        lambda t: t.drop("initial"), {"confirmation": "no_initial", "anchoring": "no_initial"},
    ),
    "feedback not recorded": (lambda t: t.drop("feedback"), {"aversion_after_error": "feedback_unknown"}),
    "no feedback": (lambda t: t.with_columns(feedback=False), {"aversion_after_error": "no_feedback"}),
    "no manual trials": (
        lambda t: t.filter(pl.col("condition") != "manual"),
        {"commission": "no_manual_trials", "omission": "no_manual_trials"},
    ),
    "no placebo": (
        lambda t: t.filter(pl.col("condition") != "placebo"),
        {"persuasion_content": "no_placebo_condition", "persuasion_presence": "no_placebo_condition"},
    ),
    "one condition each": (
        lambda t: t.filter((pl.col("operator") < "p08") == (pl.col("condition") == "advised")).filter(
            pl.col("condition").is_in(["advised", "explained"])
        ),
        {"order_reliance": "one_condition_each", "order_accuracy": "one_condition_each"},
    ),
    "one order": (
        lambda t: t.filter(pl.col("operator").str.tail(1).is_in(["0", "2", "4", "6", "8"])),
        {"order_reliance": "order_fixed", "order_accuracy": "order_fixed"},
    ),
    "no order known": (
        lambda t: t.drop("position"),
        {"fatigue_accuracy": "no_order", "order_accuracy": "no_order", "early_failure": "no_order",
         "aversion_after_error": "no_order"},
    ),
    "always right": (
        lambda t: t.with_columns(
            advice="truth", initial=pl.when(pl.col("initial").is_not_null()).then("truth"), final="truth"
        ),
        {"confirmation": "no_wrong_advice", "commission": "no_wrong_advice", "persuasion": "no_wrong_advice",
         "aversion_after_error": "no_wrong_advice", "early_failure": "no_early_variation",
         "disparity_overreliance": "one_group_only"},
    ),
    "always wrong": (
        lambda t: t.with_columns(advice=pl.when(pl.col("truth") == "yes").then(pl.lit("no")).otherwise(pl.lit("yes"))),
        {"confirmation": "no_right_advice", "aversion_after_error": "no_right_advice",
         "disparity_underreliance": "one_group_only"},
    ),
    "no disagreement": (
        lambda t: t.with_columns(initial=pl.when(pl.col("initial").is_not_null()).then("advice")),
        {"confirmation": "no_disagreement", "capture_opened": "opening_unknown"},
    ),
    "always opened": (
        lambda t: t.with_columns(explanation_opened=pl.when(pl.col("explanation").is_not_null()).then(True)),
        {"capture_opened": "no_opening_variation"},
    ),
    "use not recorded": (
        lambda t: t.drop("explanation_opened", "explanation_seconds", "hover"),
        {"capture_opened": "opening_unknown", "capture_seconds": "opening_unknown", "capture_pointer": "hover_unknown"},
    ),
    "no attributes": (lambda t: t.drop("item_sex"), {"disparity_accuracy": "no_groups"}),
    "no truth": (
        lambda t: t.drop("truth"),
        {"commission": "lacks_column", "fatigue_accuracy": "lacks_column", "persuasion": "lacks_column"},
    ),
    "three labels": (
        lambda t: t.with_columns(final=pl.when(pl.col("position") == 3).then(pl.lit("maybe")).otherwise("final")),
        {"commission": "not_two_labels"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("design", DESIGNS)
def test_designs_that_cannot_tell(rows: list[Row], design: str) -> None:
    change, expected = DESIGNS[design]
    table = analysis.biases(change(analysis.check_trials(rows)), **QUICK)
    for bias, reason in expected.items():
        found = table.filter(pl.col("bias") == bias)
        assert found["identifiable"].to_list() == [False] * found.height, bias
        assert found["value"].null_count() == found.height
        assert reason in found["reason"].to_list(), (bias, found["reason"].to_list())
    assert table["bias"].n_unique() == 21


def test_one_operator_has_estimates_without_limits(rows: list[Row]) -> None:
    mine = [row for row in rows if row["operator"] == "p01"]
    table = analysis.biases(analysis.check_trials(mine), **QUICK).filter("identifiable")
    assert table.height > 5
    assert table["low"].null_count() == table["p"].null_count() == table.height
    assert set(table["caveat"]) == {"one_operator"}


def test_placebos_are_those_that_are_named(rows: list[Row]) -> None:
    trials = analysis.check_trials(rows)
    none = analysis.biases(trials, placebo=[], **QUICK)
    assert one(none, "persuasion_content")["reason"] == "no_placebo_condition"
    assert set(none.filter(pl.col("bias") == "persuasion")["group"]) == {"explained − advised", "placebo − advised"}
    other = analysis.biases(trials, placebo=["ig"], **QUICK)
    assert one(other, "persuasion_content", "placebo − explained")["identifiable"]


def test_missing_columns_and_bad_arguments(rows: list[Row]) -> None:
    trials = analysis.check_trials(rows)
    for given, message in (
        ({"by": "colour"}, "colour"), ({"early": 0}, "early"), ({"resamples": -1}, "resamples"),
        ({"protected": ["item_size"]}, "item_size"), ({"answers": pl.DataFrame({"who": ["a"]})}, "operator"),
    ):  # fmt: skip
        with pytest.raises(BinomeError, match=message):
            analysis.biases(trials, **{**QUICK, **given})
    with pytest.raises(BinomeError, match="no trial is left"):
        analysis.biases(trials.with_columns(excluded=True))
    with pytest.raises(BinomeError, match=r"1 value\(s\)"):
        analysis.biases(trials.with_columns(item_one=pl.lit("x")), protected=["item_one"])
    with pytest.raises(BinomeError, match="'hover', operator 'p00': found '3'"):
        analysis.biases(trials.with_columns(hover=pl.lit("3")), **QUICK)
    assert analysis.biases(trials, resamples=0)["low"].null_count() > 0


def test_the_same_in_any_order_of_rows(rows: list[Row], table: pl.DataFrame) -> None:
    shuffled = analysis.check_trials(rows).sample(fraction=1, shuffle=True, seed=8)
    assert analysis.biases(shuffled, **QUICK).equals(table)


@pytest.mark.parametrize(
    ("bias", "group", "given", "sign"),
    [
        ("persuasion", "explained − advised", {"explained": 0.4}, 1),
        ("persuasion_presence", "placebo − advised", {"placebo": 0.4, "explained": 0.4}, 1),
        ("capture_opened", "explained", {"opened": 0.4}, 1),
        ("order_reliance", None, {"block": 0.12}, 1),
        ("fatigue_accuracy", "manual", {"tired": -0.02}, -1),
        ("aversion_after_error", "advised", {"averse": -0.35}, -1),
    ],
)
def test_biases_put_in_come_out(bias: str, group: str | None, given: dict[str, float], sign: int) -> None:
    orders = ORDERS if bias != "fatigue_accuracy" else (("manual",),)
    items = 40 if bias == "fatigue_accuracy" else 24
    with_it = analysis.biases(analysis.check_trials(study(3, 40, items, orders, **given)), **QUICK)
    without = analysis.biases(analysis.check_trials(study(3, 40, items, orders)), **QUICK)
    mine, plain = one(with_it, bias, group), one(without, bias, group)
    assert min(sign * mine["low"], sign * mine["high"]) > 0
    assert plain["low"] < 0 < plain["high"]


@pytest.mark.slow
def test_intervals_of_no_bias_cover_zero() -> None:
    missed, all_of_them = 0, 0
    for seed in range(60):
        orders = (*ORDERS, *(tuple(reversed(order)) for order in ORDERS))
        table = analysis.biases(analysis.check_trials(study(1000 + seed, 40, 16, orders)), resamples=400)
        told = table.drop_nulls("low").filter(~pl.col("bias").is_in(["confirmation", "commission", "omission"]))
        missed += told.filter((pl.col("low") > 0) | (pl.col("high") < 0)).height
        all_of_them += told.height
    assert 0.03 < missed / all_of_them < 0.085


def test_a_decision_let_pass_is_one_that_was_followed() -> None:
    """Vetoes alone would say that supervisors never rely on the model."""
    rng, rows = np.random.default_rng(2), []
    for operator in range(8):
        for place in range(30):
            vetoed, advice = bool(rng.random() < 0.1 + 0.02 * place), "a" if rng.random() < 0.7 else "b"
            rows.append(
                {
                    "operator": f"p{operator}", "condition": "watched", "position": place, "truth": "a",
                    "advice": advice, "advice_shown": True, "vetoed": vetoed,
                    "decided_by": "operator" if vetoed else "model",
                    "final": advice if not vetoed else "b" if advice == "a" else "a",
                }
            )  # fmt: skip
    found = one(analysis.biases(analysis.check_trials(rows), **QUICK), "fatigue_reliance", "watched")
    slope = dummies(
        [row["position"] / 10 for row in rows], [not row["vetoed"] for row in rows], [row["operator"] for row in rows]
    )
    assert (found["value"], found["n"]) == (pytest.approx(slope), 240)
    assert found["high"] < 0


def test_the_page_names_every_bias_and_reason(table: pl.DataFrame) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/biases.md").read_text("utf-8")
    reasons = {reason for _, expected in DESIGNS.values() for reason in expected.values()}
    for code in {*table["bias"], *reasons, *table.columns}:
        assert f"`{code}`" in page, code
