"""Automation, supervision, biases and delegation: loops over rows written from the definitions, and hand-made cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from binome import analysis
from binome.core import BinomeError

Row = dict[str, Any]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Manual trials, advice first, advice after an own answer; the same items in all three."""
    rng = np.random.default_rng(7)
    made = []
    for operator in range(10):
        for place, condition in enumerate(["manual", "first", "after"] * 12):
            item = place // 3
            truth, advice = "yes" if item % 2 else "no", "yes" if (item // 2) % 2 else "no"
            shown = condition != "manual"
            own = truth if rng.random() < 0.65 else "no" if truth == "yes" else "yes"
            final = advice if shown and rng.random() < 0.5 else own
            made.append(
                {
                    "operator": f"p{operator}", "condition": condition, "item": f"i{item}", "block": place % 3,
                    "position": 12 * (place % 3) + item, "truth": truth, "advice": advice, "advice_shown": shown,
                    "initial": own if condition == "after" else None,
                    "final": None if rng.random() < 0.05 else final,
                    "sex": "f" if operator % 2 else "m",
                    "advice_confidence": float(rng.choice([0.55, 0.7, 0.9])),
                    "delegated": bool(shown and final == advice and rng.random() < 0.3),
                }
            )  # fmt: skip
    return made


@pytest.fixture(scope="module")
def trials(rows: list[Row]) -> pl.DataFrame:
    return analysis.check_trials(rows)


def share(values: list[bool]) -> float | None:
    return sum(values) / len(values) if values else None


def values(trials: pl.DataFrame, name: str, by: str = "condition") -> dict[str, tuple[float | None, int]]:
    table = analysis.measure(trials, name, by=by, resamples=0)
    return {row[by]: (row["value"], row["n"]) for row in table.iter_rows(named=True)}


def erred(rows: list[Row], truth: str, advice: str) -> list[bool]:
    return [
        row["final"] == advice
        for row in rows
        if row["final"] is not None and (row["truth"], row["advice"]) == (truth, advice)
    ]


@pytest.mark.parametrize(("name", "truth", "advice"), [("commission", "no", "yes"), ("omission", "yes", "no")])
def test_automation_by_hand(trials: pl.DataFrame, rows: list[Row], name: str, truth: str, advice: str) -> None:
    trials = trials.with_columns(delegated=pl.lit(False))
    manual = share(erred([row for row in rows if not row["advice_shown"]], truth, advice))
    plain, over = values(trials, name), values(trials, f"{name}_over_manual")
    assert manual is not None
    for condition in ("first", "after"):
        cases = erred([row for row in rows if row["condition"] == condition], truth, advice)
        aided = share(cases)
        assert aided is not None
        assert plain[condition] == (pytest.approx(aided), len(cases))
        assert over[condition] == (pytest.approx(aided - manual), len(cases))
    assert (plain["manual"], over["manual"]) == ((None, 0), (None, 0))
    by_sex = values(trials, f"{name}_over_manual", "sex")
    for sex in "fm":
        mine = [row for row in rows if row["sex"] == sex]
        aided = share(erred([row for row in mine if row["advice_shown"]], truth, advice))
        alone = share(erred([row for row in mine if not row["advice_shown"]], truth, advice))
        assert aided is not None
        assert alone is not None
        assert by_sex[sex][0] == pytest.approx(aided - alone)


def test_manual_trials_are_resampled_with_the_operators(trials: pl.DataFrame) -> None:
    """The interval against drawing operators, stacking their rows and measuring the stack."""
    drawn = np.random.default_rng(4).integers(0, 10, (40, 10))
    found = []
    for draw in drawn:
        parts = [trials.filter(operator=f"p{who}").with_columns(operator=pl.lit(f"{i}")) for i, who in enumerate(draw)]
        found.append(values(pl.concat(parts), "commission_over_manual")["after"][0])
    table = analysis.measure(trials, "commission_over_manual", by="condition", resamples=40, seed=4)
    row = table.row(0, named=True)
    assert (row["low"], row["high"]) == pytest.approx(np.quantile(np.array(found), [0.025, 0.975]))
    alone = analysis.measure(trials.filter(pl.col("advice_shown")), "commission_over_manual")
    assert alone["value"].item() is None


def test_anchoring_by_hand(trials: pl.DataFrame, rows: list[Row]) -> None:
    # One item that was never met with advice first counts on neither side.
    kept = [row for row in rows if not (row["item"] == "i3" and row["condition"] == "first")]
    cases = [row for row in kept if row["advice_shown"] and row["final"] is not None and not row["delegated"]]
    first, after = (
        [r["final"] == r["advice"] for r in cases if r["condition"] == condition and r["item"] != "i3"]
        for condition in ("first", "after")
    )
    part = analysis.check_trials(kept)
    expected = share(first) - share(after)  # type: ignore[operator]
    assert values(part, "anchoring") == {
        "after": (None, 0), "manual": (None, 0), "first": (pytest.approx(expected), len(first))
    }  # fmt: skip
    assert analysis.measure(part, "anchoring", resamples=0)["value"].item() == pytest.approx(expected)


def test_confirmation_holds_the_advice_s_correctness(trials: pl.DataFrame, rows: list[Row]) -> None:
    cases = [row for row in rows if row["initial"] is not None and row["final"] is not None]
    differences = []
    for right in (True, False):
        kind = [row for row in cases if (row["advice"] == row["truth"]) == right]
        same, other = (
            share([r["final"] == r["advice"] for r in kind if (r["advice"] == r["initial"]) == s])
            for s in (True, False)
        )
        differences.append(same - other)  # type: ignore[operator]
    assert values(trials, "confirmation")["after"] == (pytest.approx(sum(differences) / 2), len(cases))


def test_aversion_is_the_slope_within_operators(trials: pl.DataFrame, rows: list[Row]) -> None:
    place = {(row["operator"], row["position"]): row for row in rows}
    pairs = []
    for row in rows:
        before = place.get((row["operator"], row["position"] - 1))
        if before is None or before["condition"] != row["condition"] or not row["advice_shown"]:
            continue
        if row["final"] is None or before["final"] is None:
            continue
        pairs.append(
            (row["condition"], row["operator"], before["advice"] != before["truth"], row["final"] == row["advice"])
        )
    found = values(trials, "aversion_after_error")
    for condition in ("first", "after"):
        mine = [pair[1:] for pair in pairs if pair[0] == condition]
        operators = sorted({operator for operator, *_ in mine})
        matrix = np.array(
            [[wrong, *(operator == one for one in operators)] for operator, wrong, _ in mine], dtype=float
        )
        slope = np.linalg.lstsq(matrix, np.array([followed for *_, followed in mine], dtype=float))[0][0]
        assert found[condition] == (pytest.approx(slope), len(mine))
    assert found["manual"] == (None, 0)
    with pytest.raises(BinomeError, match="compares within operators"):
        analysis.measure(trials, "aversion_after_error", draw="operators_and_items")


def test_aversion_needs_neighbours_and_feedback() -> None:
    rows = [
        # advice wrong, not followed afterwards; right, followed; then a gap.
        {
            "operator": operator,
            "position": position,
            "truth": "x",
            "advice": advice,
            "final": final,
            "item": str(position),
        }
        for operator in "ab"
        for position, advice, final in [(0, "y", "x"), (1, "x", "z"), (2, "x", "x"), (4, "x", "z")]
    ]
    trials = analysis.check_trials(rows)
    assert values(trials.with_columns(g=pl.lit("g")), "aversion_after_error", "g")["g"] == (-1.0, 4)
    told = trials.with_columns(feedback=pl.col("position") != 0)
    row = analysis.measure(told, "aversion_after_error").row(0, named=True)
    assert (row["value"], row["n"]) == (None, 2)


def test_between_operators_makes_no_aversion() -> None:
    """One operator who follows always and sees right advice, one who never does and sees wrong: no slope."""
    rows = [
        {"operator": o, "position": i, "truth": "x", "advice": a, "final": f}
        for o, a, f in (("a", "x", "x"), ("b", "y", "x"))
        for i in range(5)
    ]
    assert analysis.measure(analysis.check_trials(rows), "aversion_after_error")["value"].item() is None


def expected_accuracies(rows: list[Row]) -> list[tuple[float | None, float]]:
    def own(row: Row) -> bool | None:
        if row["initial"] is not None:
            return bool(row["initial"] == row["truth"])
        if row["advice_shown"] or row["delegated"] or row["final"] is None:
            return None
        return bool(row["final"] == row["truth"])

    found = []
    for row in rows:
        others = [own(other) for other in rows if other["item"] == row["item"] and other["operator"] != row["operator"]]
        found.append((share([o for o in others if o is not None]), row["advice_confidence"]))
    return found


def test_delegation_by_hand(trials: pl.DataFrame, rows: list[Row]) -> None:
    quality, regret = values(trials, "delegation_quality"), values(trials, "delegation_regret")
    chances = list(zip(rows, expected_accuracies(rows), strict=True))
    for condition in ("first", "after", "manual"):
        mine = [(row["delegated"], h, m) for row, (h, m) in chances if row["condition"] == condition and h is not None]
        ai, human = share([d for d, h, m in mine if m > h]), share([d for d, h, m in mine if m < h])
        assert ai is not None
        assert human is not None
        assert quality[condition][0] == pytest.approx(ai - human)
        lost = np.mean([max(h, m) - (m if d else h) for d, h, m in mine])
        assert regret[condition] == (pytest.approx(lost), len(mine))


def test_advice_that_could_only_be_handed_over_to_was_not_read() -> None:
    """A table of delegations from elsewhere: no initial decision, and no column that says what was shown."""
    rng, rows = np.random.default_rng(4), []
    for operator in range(8):
        for item in range(10):
            handed, right = bool(rng.random() < 0.3), bool(rng.random() < 0.6)
            own = None if handed else "x" if right else "y"
            rows.append((f"p{operator}", f"i{item}", "x", "x" if item % 3 else "y", 0.3 + item / 15, own, handed))
    names = ["operator", "item", "truth", "advice", "advice_confidence", "final", "delegated"]
    trials = analysis.check_trials(pl.DataFrame(rows, schema=names, orient="row"))
    lost, gains = [], []
    for operator, item, truth, _, machine, _, handed in rows:
        others = [row for row in rows if row[1] == item and row[0] != operator and not row[6]]
        human = sum(row[5] == truth for row in others) / len(others)
        lost.append(max(human, machine) - (machine if handed else human))
        gains.append((machine - human, handed))
    found = values(trials.with_columns(g=pl.lit("g")), "delegation_regret", "g")["g"]
    assert found == (pytest.approx(np.mean(lost)), 80)
    better, worse = (np.mean([handed for gain, handed in gains if sign * gain > 0]) for sign in (1, -1))
    assert values(trials.with_columns(g=pl.lit("g")), "delegation_quality", "g")["g"][0] == pytest.approx(
        better - worse
    )
    # Where it is said that the advice was read, or an own decision came before, nobody decided alone there.
    shown = trials.with_columns(advice_shown=pl.lit(True))
    assert analysis.measure(shown, "delegation_regret", resamples=0)["n"].item() == 0
    asked = trials.with_columns(initial=pl.when(pl.col("item") == "i0").then(pl.lit("x")))
    assert analysis.measure(asked, "delegation_regret", resamples=0)["n"].item() == 8


def test_one_operator_knows_nothing_of_the_others(trials: pl.DataFrame) -> None:
    table = analysis.measure(trials.filter(operator="p1"), ["delegation_quality", "delegation_regret"], resamples=10)
    assert table["value"].to_list() == [None, None]


def test_supervision_by_hand() -> None:
    rows = [
        ("x", "x", False, "model"), ("x", "y", False, "model"), ("y", "x", True, "operator"),
        ("y", "y", True, "operator"), ("y", "x", False, "model"), ("x", "x", None, "operator"),
    ]  # fmt: skip
    trials = pl.DataFrame(rows, schema=["truth", "advice", "vetoed", "decided_by"], orient="row").with_columns(
        operator=pl.Series(list("ababab")), final=pl.lit("x"), timed_out=pl.Series([False] * 5 + [True]),
        advice_requested=pl.Series([None, None, None, True, False, True]),
    )  # fmt: skip
    names = ["veto_rate", "missed_vetoes", "needless_vetoes", "timed_out", "advice_requested"]
    table = analysis.measure(trials, names, resamples=0)
    found = {row["measure"]: (row["value"], row["n"]) for row in table.iter_rows(named=True)}
    assert found == {
        "veto_rate": (2 / 5, 5), "missed_vetoes": (pytest.approx(2 / 3), 3), "needless_vetoes": (1 / 2, 2),
        "timed_out": (pytest.approx(1 / 6), 6), "advice_requested": (pytest.approx(2 / 3), 3),
    }  # fmt: skip


def test_what_the_model_decided_is_no_manual_trial() -> None:
    rows = [
        ("no", "yes", "yes", True, "operator"), ("no", "yes", "no", True, "operator"),
        ("no", "yes", "no", False, "operator"), ("no", "yes", "yes", False, "model"),
    ]  # fmt: skip
    trials = pl.DataFrame(rows, schema=["truth", "advice", "final", "advice_shown", "decided_by"], orient="row")
    row = analysis.measure(trials.with_columns(operator=pl.lit("a")), "commission_over_manual").row(0, named=True)
    assert (row["value"], row["n"], row["undefined"]) == (0.5, 2, 2)


def test_the_time_to_asking_for_advice_is_part_of_the_decision() -> None:
    trials = pl.DataFrame(
        {
            "operator": ["a", "b"], "final": ["x", "x"], "final_seconds": [2.0, 2.0], "alone_seconds": [6.0, 30.0],
            "advice_requested": [True, None],
        }
    )  # fmt: skip
    assert analysis.measure(trials, "decision_time", resamples=0)["value"].item() == pytest.approx(4.0)  # √(8 · 2)
