"""Relations: the coding against a loop over rows, classes against scipy, flow by hand, known operators recovered."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import optimize, stats

from binome import analysis
from binome.analysis.relation import Thresholds
from binome.analysis.relation.coding import EVIDENCE, RELATIONS
from binome.analysis.relation.mixture import fit, posterior, starts
from binome.analysis.relation.signs import own_seconds
from binome.analysis.resampling import grouped
from binome.core import BinomeError
from binome.core.stimulus import Decision, Stimulus, Task
from binome.operators import Parameters
from binome.operators.conduct import hands_over, vetoes
from binome.operators.model import Operator

Row = dict[str, Any]
QUICK: dict[str, Any] = {"resamples": 200, "tests": 19, "refits": 40}


def made(seed: int, operators: int = 6, trials: int = 24) -> list[Row]:
    """Rows of every kind that the coding knows."""
    rng = np.random.default_rng(seed)
    rows = []
    for operator in range(operators):
        for place in range(trials):
            kind = ("alone", "asked", "evident", "explained", "first", "given", "sorted", "watched")[place % 8]
            own, advice, final = rng.choice(["a", "b", "c"], 3)
            shown = kind in ("explained", "first", "watched", "given") or (kind == "asked" and rng.random() < 0.5)
            explained = kind == "evident" or (kind == "explained" and rng.random() < 0.8)
            vetoed = bool(rng.random() < 0.4) if kind == "watched" else None
            delegated = kind == "given" and bool(rng.random() < 0.5)
            model = delegated or vetoed is False or (kind == "sorted" and rng.random() < 0.5)
            kept = {"explained": rng.choice([own, advice, final], p=[0.4, 0.5, 0.1])}.get(kind, final)
            rows.append(
                {
                    "operator": f"p{operator}", "condition": kind, "position": place, "item": f"i{place}",
                    "advice": advice, "advice_shown": shown,
                    "advice_confidence": round(float(rng.uniform(0.5, 1)), 2),
                    "advice_requested": shown if kind == "asked" else None,
                    "explanation": "ig" if explained else None,
                    "explanation_opened": bool(rng.random() < 0.5) if explained and rng.random() < 0.9 else None,
                    "initial": own if kind in ("explained", "given") and rng.random() < 0.95 else None,
                    "initial_confidence": round(float(rng.uniform(0, 1)), 2) if kind == "explained" else None,
                    "initial_seconds": float(rng.lognormal(1, 0.4)) if kind == "explained" else None,
                    "final": advice if model else None if rng.random() < 0.05 else kept,
                    "final_seconds": float(rng.lognormal(0.5, 0.7)) if not model else None,
                    "decided_by": "model" if model else "operator",
                    "delegated": delegated, "vetoed": vetoed,
                }
            )  # fmt: skip
    return rows


def usual(rows: list[Row], operator: str) -> float | None:
    """Median seconds of the operator's decisions without help."""
    mine = [row for row in rows if row["operator"] == operator]
    alone = [r["initial_seconds"] for r in mine if r["initial_seconds"]]
    alone += [
        r["final_seconds"]
        for r in mine
        if r["final_seconds"] and not r["advice_shown"] and not r["explanation"] and r["decided_by"] != "model"
    ]
    return median(alone) if alone else None


def is_disputed(row: Row) -> bool:
    advised = row["advice_shown"] and row["decided_by"] != "model"
    return bool(
        advised and row["initial"] and row["final"] and row["initial"] != row["advice"]
        and row["final"] in (row["initial"], row["advice"])
    )  # fmt: skip


def sensitivity(rows: list[Row], row: Row, limits: Thresholds) -> int:
    peers = [
        r for r in rows
        if (r["operator"], r["condition"]) == (row["operator"], row["condition"])
        and is_disputed(r) and r["initial_confidence"] is not None
    ]  # fmt: skip
    if not is_disputed(row) or row["initial_confidence"] is None or len(peers) < limits.least:
        return 0
    pulls = [round(r["advice_confidence"] - r["initial_confidence"], 9) for r in peers]
    taken = [pull for pull, r in zip(pulls, peers, strict=True) if r["final"] == r["advice"]]
    left = [pull for pull, r in zip(pulls, peers, strict=True) if r["final"] != r["advice"]]
    if len(set(pulls)) == 1:
        return 0
    if not taken or not left:
        return -1
    wins = sum((a > b) + (a == b) / 2 for a in taken for b in left)
    return 1 if wins / len(taken) / len(left) >= limits.sensitive else -1


def by_hand(rows: list[Row], row: Row, limits: Thresholds) -> str:
    """The evidence of one row, as docs/reference/relations.md says it."""
    if row["delegated"]:
        return "handed_over"
    if row["vetoed"] is not None:
        return "vetoed" if row["vetoed"] else "let_pass"
    if row["decided_by"] == "model":
        return "model_decided"
    if row["final"] is None:
        return "no_decision"
    if not row["advice_shown"]:
        if row["explanation"]:
            return "unopened" if row["explanation_opened"] is False else "evidence_only"
        return "alone" if row["advice_requested"] is None else "not_asked"
    if row["initial"] == row["advice"] == row["final"]:
        return "agreed"
    if row["initial"] and row["final"] not in (row["initial"], row["advice"]):
        return "third_answer"
    own, votes = usual(rows, row["operator"]), []
    if own and row["final_seconds"]:
        votes.append(1 if row["final_seconds"] >= limits.fast * own else -1)
    chosen = any(r["explanation_opened"] is False for r in rows if r["condition"] == row["condition"])
    if row["explanation_opened"] is not None and chosen:
        votes.append(1 if row["explanation_opened"] else -1)
    votes.append(sensitivity(rows, row, limits))
    if not any(votes):
        return "no_signs"
    answer = "followed" if row["final"] == row["advice"] else "otherwise"
    return f"{answer}_{'processed' if sum(votes) >= 0 else 'unprocessed'}"


@pytest.mark.parametrize("seed", range(4))
def test_coding_by_hand(seed: int) -> None:
    rows, limits = made(seed, trials=240 if seed else 24), Thresholds(fast=0.6, sensitive=0.55, least=4)
    found = analysis.relations(analysis.check_trials(rows), thresholds=limits, resamples=0, tests=0, most=1)
    expected = Counter((row["condition"], by_hand(rows, row, limits)) for row in rows)
    assert {(r["condition"], r["evidence"]): r["n"] for r in found.evidence.iter_rows(named=True)} == expected
    assert all(EVIDENCE[r["evidence"]] == r["relation"] for r in found.evidence.iter_rows(named=True))
    if seed:
        assert {name for _, name in expected} == set(EVIDENCE) - {"no_signs"}
    for row in found.profiles.iter_rows(named=True):
        mine = [r for r in rows if (r["operator"], r["condition"]) == (row["operator"], row["condition"])]
        told = [name for r in mine if (name := EVIDENCE[by_hand(rows, r, limits)]) is not None]
        assert (row["n"], row["undefined"]) == (len(told), len(mine) - len(told))
        for name in RELATIONS:
            assert row[name] == (told.count(name) / len(told) if told else None)


def test_own_times_leave_out_help_and_zeros() -> None:
    rows = analysis.check_trials(
        [
            {"operator": "a", "advice": None, "final": "x", "final_seconds": 3.0},
            {"operator": "a", "advice": None, "final": "x", "final_seconds": 0.0},
            {
                "operator": "a",
                "advice": "x",
                "final": "x",
                "final_seconds": 50.0,
                "initial": "y",
                "initial_seconds": 5.0,
            },
            {"operator": "b", "advice": "x", "final": "x", "final_seconds": 50.0},
        ]
    )
    data = grouped(rows, [])
    assert own_seconds(data.sample, data.layout.operator).tolist() == pytest.approx([4.0, math.nan], nan_ok=True)


def test_shares_are_those_of_all_trials_and_of_resampled_operators() -> None:
    rows = made(3, operators=7)
    found = analysis.relations(analysis.check_trials(rows), resamples=300, seed=5, tests=0, most=1)
    names = sorted({row["operator"] for row in rows})
    drawn = np.random.default_rng(5).integers(0, len(names), (300, len(names)))
    told = {
        name: [EVIDENCE[by_hand(rows, r, Thresholds())] for r in rows if (r["operator"], r["condition"]) == name]
        for name in {(row["operator"], row["condition"]) for row in rows}
    }
    for row in found.shares.iter_rows(named=True):
        mine = [[x for x in told.get((name, row["condition"]), []) if x] for name in names]
        pool = [x for some in mine for x in some]
        assert row["n"] == len(pool)
        assert row["operators"] == sum(bool(some) for some in mine)
        assert row["value"] == pytest.approx(pool.count(row["relation"]) / len(pool))
        again = []
        for chosen in drawn:
            some = [x for i in chosen for x in mine[i]]
            again.append(some.count(row["relation"]) / len(some) if some else math.nan)
        defined = np.array(again)[~np.isnan(again)]
        if len(defined) >= 0.95 * len(again) and row["operators"] > 1:
            assert [row["low"], row["high"]] == pytest.approx(np.quantile(defined, [0.025, 0.975]).tolist())
        else:
            assert (row["low"], row["high"]) == (None, None)


def log_likelihood(counts: np.ndarray, weights: np.ndarray, profiles: np.ndarray) -> float:
    parts = [
        np.log(w) + stats.multinomial.logpmf(counts, counts.sum(axis=1), p)
        for w, p in zip(weights, profiles, strict=True)
    ]
    return float(np.logaddexp.reduce(parts).sum())


def two_kinds(seed: int, n: int = 40, size: int = 12) -> np.ndarray:
    rng = np.random.default_rng(seed)
    kinds = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
    return np.array([rng.multinomial(size, kinds[int(i % 3 == 0)]) for i in range(n)], dtype=np.float64)


def test_em_reaches_the_maximum_that_scipy_finds() -> None:
    counts = two_kinds(1)

    def shares(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        weight = 1 / (1 + np.exp(-x[0]))
        raw = np.exp(np.hstack([x[1:].reshape(2, 2), np.zeros((2, 1))]))
        return np.array([weight, 1 - weight]), raw / raw.sum(axis=1, keepdims=True)

    rng = np.random.default_rng(0)
    tries = [
        optimize.minimize(lambda x: -log_likelihood(counts, *shares(x)), rng.normal(size=5), method="BFGS").fun
        for _ in range(5)
    ]
    begun = starts(counts[None], 2, 8, rng)
    fitted = fit(counts[None], np.ones((1, len(counts))), *begun)
    best = int(fitted.log_likelihood.argmax())
    assert log_likelihood(counts, *fitted.take(best)) == pytest.approx(-min(tries), abs=1e-4)
    weights, profiles = fitted.take(best)
    likelihood = np.array([stats.multinomial.pmf(counts, 12, p) for p in profiles]).T * weights
    expected = likelihood / likelihood.sum(axis=1, keepdims=True)
    assert posterior(counts, weights, profiles) == pytest.approx(expected, abs=1e-9)


def of_counts(counts: np.ndarray) -> pl.DataFrame:
    """Trials whose profiles are these counts of autonomy, delegation and substitution."""
    rows = []
    for operator, given in enumerate(counts.astype(int)):
        for kind, n in enumerate(given):
            rows += [
                {
                    "operator": f"p{operator:03}", "condition": "only", "advice": "x", "advice_shown": False,
                    "final": "x", "delegated": kind == 1, "decided_by": "operator" if kind == 0 else "model",
                }
            ] * int(n)  # fmt: skip
    return analysis.check_trials(rows)


def test_classes_have_the_likelihood_of_the_multinomials_and_bic_chooses_two() -> None:
    counts = two_kinds(2)
    found = analysis.relations(of_counts(counts), **QUICK)
    one, two = found.classes.filter(pl.col("classes") <= 2).iter_rows(named=True)
    profile = counts.sum(axis=0) / counts.sum()
    assert one["log_likelihood"] == pytest.approx(log_likelihood(counts, np.ones(1), profile[None]), abs=1e-6)
    kinds = found.members.select("autonomy", "delegation", "substitution").to_numpy()
    shares = found.members["share"].to_numpy()
    assert two["log_likelihood"] == pytest.approx(log_likelihood(counts, shares, kinds), abs=1e-4)
    assert (one["parameters"], two["parameters"], found.chosen) == (2, 5, 2)
    assert two["bic"] == pytest.approx(5 * np.log(40) - 2 * two["log_likelihood"])
    assert (one["p"], two["p"]) == (None, 1 / 20)
    assert found.classes["p"][2] > 0.05
    assert (found.classes["log_likelihood"].diff().drop_nulls() > -1e-4).all()
    assert found.members["mediation"].to_list() == [0, 0]
    assert kinds[0] == pytest.approx([0.7, 0.2, 0.1], abs=0.1)
    assert found.members["low"][0] < 2 / 3 < found.members["high"][0]
    mine = found.assigned.filter(pl.col("class") == 2)["probability"].to_numpy()
    assert ((mine > 0.5) == (np.arange(40) % 3 == 0)).mean() > 0.9
    total = found.assigned.group_by("operator").agg(pl.col("probability").sum())["probability"]
    assert total.to_list() == pytest.approx([1.0] * 40)


def test_one_kind_of_operator_is_one_class() -> None:
    rng = np.random.default_rng(4)
    found = analysis.relations(of_counts(rng.multinomial(10, [0.5, 0.3, 0.2], size=40)), **QUICK)
    assert found.chosen == 1
    assert found.classes["p"][1] > 0.05
    assert found.members.row(0, named=True)["share"] == 1
    same = analysis.relations(of_counts(np.tile([4, 2, 0], (8, 1))), **QUICK)
    assert (same.chosen, same.classes.height, same.reasons["classes"]) == (1, 1, "too_few_profiles")


def in_parts(*parts: str, operators: int = 3, block: bool = True, condition: str = "c") -> list[Row]:
    """Operators whose trials show `a`utonomy, `d`elegation or `s`ubstitution, a string for each block."""
    rows, position = [], 0
    for number, part in enumerate(parts):
        for kind in part:
            rows.append({"position": position, "block": number if block else 0, "kind": kind})
            position += 1
    return [
        {
            "operator": f"{condition}{parts[0]}{parts[-1]}{i}", "condition": condition, "advice": "x",
            "advice_shown": False, "final": "x", "delegated": row["kind"] == "d",
            "decided_by": "operator" if row["kind"] == "a" else "model", "position": row["position"],
            "block": row["block"],
        }
        for i in range(operators)
        for row in rows
    ]  # fmt: skip


@pytest.mark.parametrize("block", [True, False])
def test_flow_and_drift_by_hand(block: bool) -> None:
    rows = [
        *in_parts("aad", "dda", operators=4, block=block), *in_parts("ddd", "aaa", operators=1, block=block),
        *in_parts("ddd", "sss", operators=3, block=block), *in_parts("aaa", "aaa", operators=2, block=block),
    ]  # fmt: skip
    found = analysis.relations(analysis.check_trials(rows).sample(fraction=1, shuffle=True, seed=1), **QUICK)
    moves = {(r["first"], r["second"]): (r["operators"], r["of"], r["share"]) for r in found.flow.to_dicts()}
    assert moves == {
        ("autonomy", "delegation"): (4, 10, 0.4), ("delegation", "autonomy"): (1, 10, 0.1),
        ("delegation", "substitution"): (3, 10, 0.3), ("autonomy", "autonomy"): (2, 10, 0.2),
    }  # fmt: skip
    assert set(found.flow["unit"]) == {"block" if block else "half"}
    drift = {(r["first"], r["second"]): r for r in found.drift.to_dicts()}
    assert (drift["delegation", "substitution"]["value"], drift["delegation", "substitution"]["moved"]) == (0.3, 3)
    assert drift["mediation", "delegation"]["value"] == 0
    assert 0 <= drift["delegation", "substitution"]["low"] < 0.3 < drift["delegation", "substitution"]["high"]
    assert found.reasons["between"] == "one_group"


def test_three_blocks_are_two_steps_and_drift_is_from_the_first_to_the_last() -> None:
    rows = [*in_parts("a", "d", "s", operators=2), *in_parts("d", "a", "s", operators=3), *in_parts("dd", "ad", "s")]
    found = analysis.relations(analysis.check_trials(rows), **QUICK)
    steps = {(r["step"], r["first"], r["second"]): (r["operators"], r["of"]) for r in found.flow.to_dicts()}
    assert steps == {
        (0, "autonomy", "delegation"): (2, 5), (0, "delegation", "autonomy"): (3, 5),
        (1, "delegation", "substitution"): (2, 5), (1, "autonomy", "substitution"): (3, 5),
    }  # fmt: skip
    last = found.drift.filter(pl.col("first") == "delegation").row(0, named=True)
    assert (last["moved"], last["back"], last["operators"], last["value"]) == (6, 0, 8, 0.75)


def test_between_conditions() -> None:
    rows = in_parts("aaa", "aaa", operators=3) + in_parts("ddd", "ddd", operators=3, condition="e")
    both = [{**row, "operator": row["operator"][-1]} for row in rows]
    found = analysis.relations(analysis.check_trials(both), **QUICK)
    assert found.between.select(
        "condition_first", "condition_second", "first", "second", "operators", "share"
    ).rows() == [("c", "e", "autonomy", "delegation", 3, 1.0)]


def test_order_unknown() -> None:
    trials = analysis.check_trials(in_parts("aa", "dd")).drop("position", "block")
    found = analysis.relations(trials, **QUICK)
    assert (found.flow.height, found.reasons["flow"]) == (0, "no_order")
    blocks = analysis.relations(analysis.check_trials(in_parts("aa", "dd")).drop("position"), **QUICK)
    assert blocks.flow.select("first", "second", "operators").rows() == [("autonomy", "delegation", 3)]


def test_one_operator_has_shares_without_limits() -> None:
    found = analysis.relations(analysis.check_trials(in_parts("aad", "add", operators=1)), **QUICK)
    assert found.shares.filter(pl.col("relation") == "autonomy").row(0)[1:5] == ("autonomy", 0.5, None, None)
    assert found.flow["low"].null_count() == found.flow.height == 1
    assert found.members["low"].to_list() == [None]


def test_nothing_to_code() -> None:
    rows = [{"operator": f"p{i}", "condition": "c", "advice": "x", "initial": "x", "final": "x"} for i in range(5)]
    found = analysis.relations(analysis.check_trials(rows), **QUICK)
    assert found.profiles["undefined"].sum() == 5
    assert found.shares["value"].null_count() == 4
    assert (found.chosen, found.members.height, found.assigned.height) == (0, 0, 0)
    assert {"profiles", "classes", "adoption", "time", "explanation", "confidence", "flow"} - set(found.reasons) == {
        "adoption"
    }
    first = analysis.relations(analysis.check_trials(rows).drop("initial"), **QUICK)
    assert first.reasons["adoption"] == "no_initial_answers"
    assert first.evidence["evidence"].to_list() == ["no_signs"]


@pytest.mark.parametrize(
    ("change", "message"),
    [({"by": "colour"}, "colour"), ({"resamples": -1}, "resamples"), ({"most": 0}, "most"), ({"tests": -2}, "tests")],
)
def test_bad_arguments(change: Row, message: str) -> None:
    with pytest.raises(BinomeError, match=message):
        analysis.relations(analysis.check_trials(in_parts("ad")), **{**QUICK, **change})


def test_resamples_of_operators_who_tell_nothing_are_left_out() -> None:
    rows = [
        {
            "operator": f"p{operator}", "condition": "help", "position": place, "item": f"i{place}",
            "advice": "a", "advice_shown": True, "final": "a", "delegated": operator == 0, "truth": "a",
        }
        for operator in range(4)
        for place in range(8)
    ]  # fmt: skip
    # One hands everything over, one decides alone; of the other two nothing can be coded.
    rows += [row | {"operator": "p1", "condition": "alone", "advice_shown": False} for row in rows[:8]]
    found = analysis.relations(
        pl.DataFrame([row | {"delegated": row["delegated"] and row["operator"] == "p0"} for row in rows]),
        resamples=200, tests=0, refits=200,
    )  # fmt: skip
    assert found.chosen == 2
    # (2/4)^4: more than 5 % of the resamples hold neither of the two, so that there is no interval.
    assert found.members["low"].to_list() == [None, None]
    assert sorted(found.members["share"].round(6).to_list()) == [0.5, 0.5]


def test_no_trial_left() -> None:
    trials = analysis.check_trials(in_parts("ad")).with_columns(practice=True)
    with pytest.raises(BinomeError, match="no trial is left"):
        analysis.relations(trials)


def test_the_same_in_any_order_of_rows() -> None:
    trials = analysis.check_trials(made(9))
    first = analysis.relations(trials, **QUICK)
    second = analysis.relations(trials.sample(fraction=1, shuffle=True, seed=3), **QUICK)
    for name in ("profiles", "shares", "classes", "members", "assigned", "flow", "drift", "between"):
        assert getattr(first, name).equals(getattr(second, name)), name


STYLES = {
    # Follows differing advice; seconds on its page; opens the explanation; asks its own confidence.
    "autonomy": (0.02, 1.0, 0.05, False), "mediation": (None, 4.0, 0.9, True), "delegation": (0.95, 0.9, 0.05, False),
}  # fmt: skip


def known_operators(seed: int, each: int, trials: int) -> tuple[pl.DataFrame, dict[str, str]]:
    """Operators of each style, in one advised condition; substitution where the model decides and they let it pass."""
    rng, rows, style_of = np.random.default_rng(seed), [], {}
    for style in RELATIONS:
        for number in range(each):
            name = f"{style}{number}"
            style_of[name] = style
            for place in range(trials):
                row: Row = {"operator": name, "condition": "advised", "position": place, "item": f"i{place}"}
                truth = rng.choice(["a", "b"])
                other = "b" if truth == "a" else "a"
                advice = truth if rng.random() < 0.7 else other
                row |= {"truth": truth, "advice": advice, "advice_confidence": round(float(rng.uniform(0.5, 1)), 2)}
                if style == "substitution":
                    vetoed = bool(rng.random() < 0.05)
                    row |= {"vetoed": vetoed, "decided_by": "operator" if vetoed else "model", "final": advice}
                    rows.append(row)
                    continue
                share, seconds, opens, asks = STYLES[style]
                own, sure = truth if rng.random() < 0.65 else other, round(float(rng.uniform(0.4, 1)), 2)
                chance = 1 / (1 + np.exp(12 * (sure - row["advice_confidence"]))) if asks else share
                takes = rng.random() < chance
                row |= {
                    "initial": own, "initial_confidence": sure, "initial_seconds": float(4 * rng.lognormal(0, 0.3)),
                    "final": advice if takes else own, "final_seconds": float(seconds * rng.lognormal(0, 0.3)),
                    "explanation": "ig", "explanation_opened": bool(rng.random() < opens), "decided_by": "operator",
                }  # fmt: skip
                rows.append(row)
    return analysis.check_trials(rows), style_of


def dominant(found: analysis.Relations) -> dict[str, str]:
    rows = found.profiles.to_dicts()
    return {row["operator"]: max(RELATIONS, key=lambda name: float(row[name] or 0)) for row in rows}


def test_known_relations_are_recovered() -> None:
    trials, known = known_operators(0, each=8, trials=30)
    found = analysis.relations(trials, **QUICK)
    assert dominant(found) == known
    assert found.chosen == 4
    best = found.assigned.sort("probability").group_by("operator").last()
    assert {row["operator"]: RELATIONS[row["class"] - 1] for row in best.to_dicts()} == known
    assert found.reasons.keys() <= {"between"}


@pytest.mark.slow
def test_classes_and_their_shares_are_recovered_again_and_again() -> None:
    right = covered = 0
    for seed in range(20):
        trials, known = known_operators(100 + seed, each=10, trials=20)
        found = analysis.relations(trials, resamples=200, tests=0, seed=seed)
        right += found.chosen == 4
        hits = np.mean([dominant(found)[name] == style for name, style in known.items()])
        assert hits > 0.9
        if found.chosen == 4:
            covered += sum(row["low"] <= 0.25 <= row["high"] for row in found.members.to_dicts())
    assert right >= 18
    assert covered >= 0.85 * 4 * right


def binomes_own(relation: str, parameters: Parameters, operators: int, items: int) -> list[Row]:
    """Trials of Binome's own simulated operators, without the server: their own answers and what they do with them."""
    task = Task(
        "made",
        "Sorting",
        "What is it?",
        decisions=tuple(Decision(id=name, label=name) for name in ("cat", "dog", "fox")),
    )
    rng, rows = np.random.default_rng(3), []
    stimuli = []
    for i in range(items):
        truth = ("cat", "dog", "fox")[i % 3]
        advice = truth if rng.random() < 0.7 else "fox" if truth == "cat" else "cat"
        sure = float(rng.uniform(0.5, 1))
        stimuli.append(Stimulus(f"i{i}", f"s{i}", "trial", truth=truth, advice=advice, advice_confidence=sure))
    for number in range(operators):
        person = Operator(task, number, 1, parameters)
        for place, item in enumerate(stimuli):
            own = person.first(item)
            row: Row = {
                "operator": f"{relation}{number}", "condition": "all", "position": place, "item": item.id,
                "truth": item.truth, "advice": item.advice, "advice_confidence": item.advice_confidence,
                "advice_shown": False, "decided_by": "operator", "delegated": False, "final": own.decision,
                "final_seconds": own.seconds,
            }  # fmt: skip
            if relation == "substitution":
                vetoed = vetoes(person, item, own, item.advice, price=0.0)
                row |= {"vetoed": vetoed, "advice_shown": True, "decided_by": "operator" if vetoed else "model"}
            elif hands_over(person, item.id, own.confidence, most=1, price=0.0):
                row |= {"delegated": True, "decided_by": "model", "final": item.advice}
            elif relation == "mediation":
                last = person.final(item, own, item.advice, None, "ig", control=False, veiled=True)
                row |= {"explanation": "ig", "explanation_opened": True, "final": last.decision}
            rows.append(row)
    return rows


def test_binomes_own_operators_are_recovered() -> None:
    made = {
        "autonomy": Parameters(delegation=-4.0), "mediation": Parameters(delegation=-4.0),
        "delegation": Parameters(delegation=3.0), "substitution": Parameters(vigilance=0.2),
    }  # fmt: skip
    rows = [row for name, given in made.items() for row in binomes_own(name, given, 12, 40)]
    found = analysis.relations(analysis.check_trials(rows), resamples=200, tests=19)
    named = dominant(found)
    assert np.mean([named[row["operator"]] == row["operator"].rstrip("0123456789") for row in rows]) > 0.95
    assert found.chosen >= 4


def test_an_explanation_that_is_always_there_is_no_sign() -> None:
    rows = [
        {
            "operator": f"p{i}", "condition": "explained", "position": place, "advice": "a", "initial": "b",
            "final": "a", "explanation": "ig", "explanation_opened": True,
        }
        for i in range(3)
        for place in range(4)
    ]  # fmt: skip
    always = analysis.relations(analysis.check_trials(rows), resamples=50, tests=0)
    assert always.evidence["evidence"].to_list() == ["no_signs"]
    assert always.reasons["explanation"] == "no_explanation_use"
    rows[0]["explanation_opened"] = False
    mixed = analysis.relations(analysis.check_trials(rows), resamples=50, tests=0)
    assert dict(mixed.evidence.select("evidence", "n").rows()) == {"followed_unprocessed": 1, "followed_processed": 11}


@pytest.mark.parametrize("given", [{"fast": -0.1}, {"sensitive": 1.2}, {"least": 1}])
def test_thresholds_out_of_bounds(given: Row) -> None:
    with pytest.raises(BinomeError, match=next(iter(given))):
        Thresholds(**given)


def test_the_page_says_what_is_coded() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/relations.md").read_text("utf-8")
    told = {}
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0].strip("`") in EVIDENCE:
            told[cells[0].strip("`")] = None if cells[2] == "none" else cells[2]
    assert told == dict(EVIDENCE)
    assert list(told) == list(EVIDENCE)
