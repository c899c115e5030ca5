"""From each stage of a decision to its exported row, on sessions made by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from walked_session import Answer, alone, make_study, walk

from binome.analysis import check_trials
from binome.core.stimulus import StimulusSet
from binome.experiment import table_columns
from binome.experiment.outcome import outcomes
from binome.experiment.trials import session_trials
from binome.protocol import Protocol, Step

Row = dict[str, Any]
Rows = Callable[..., list[Row]]


@pytest.fixture
def rows(stimuli: StimulusSet, tmp_path: Path) -> Rows:
    """The rows of one who answers so in a study with these conditions; every table is checked by the analysis."""

    def make(answer: Answer, *conditions: str, stop: Callable[[Step], bool] | None = None, **study: Any) -> list[Row]:
        protocol = make_study(tmp_path, *conditions, **study)
        found = session_trials(walk(protocol, stimuli, answer, stop=stop), protocol, stimuli)
        assert all(tuple(row) == table_columns(stimuli, protocol)["trials"] for row in found)
        if found:
            check_trials(found)
        return found

    return make


def only(**stages: Any) -> Answer:
    """What to answer at each stage (or at an `offer`), with the place of the trial; as `alone` elsewhere."""

    def answer(step: Step) -> Row:
        given = stages.get(step.stage or step.kind)
        data: Row = given(step.position) if callable(given) else given
        return alone(step) if given is None or step.attention is not None else data

    return answer


def column(rows: list[Row], name: str) -> list[Any]:
    return [row[name] for row in rows]


def test_advice_asked_for_or_not(rows: Rows) -> None:
    made = rows(
        only(
            open=lambda place: (
                {"requested": True, "seconds": 3.0} if place % 2 else {"decision": "dog", "seconds": 4.0}
            ),
            final={"decision": "fox", "confidence": 0.75, "seconds": 1.5, "explanation_seconds": 0.5},
        ),
        "a: {advice: on_request, explanation: ig}",
    )
    assert len(made) == 12
    for place, row in enumerate(made):
        asked = bool(place % 2)
        assert row["advice_requested"] == row["advice_shown"] == asked
        assert row["final"] == ("fox" if asked else "dog")
        assert row["initial"] is None
        assert row["alone_seconds"] == (3.0 if asked else None)
        assert row["final_seconds"] == (1.5 if asked else 4.0)
        assert row["explanation"] == ("ig" if asked else None)
        assert row["explanation_seconds"] == (0.5 if asked else None)
        assert row["overridden"] == (row["advice"] != "fox" if asked else None)
        assert (row["decided_by"], row["delegated"], row["seen"]) == ("operator", False, True)


def test_advice_asked_for_and_not_followed_by_a_decision_is_no_row(rows: Rows) -> None:
    ask = only(open={"requested": True, "seconds": 3.0})
    made = rows(ask, "a: {advice: on_request}", stop=lambda step: step.stage == "final" and step.position == 2)
    assert column(made, "position") == [0, 1]


def test_advice_after_a_forced_wait(rows: Rows) -> None:
    made = rows(only(wait={"seconds": 5.0}), "a: {advice: delayed, delay: 5}")
    assert len(made) == 12
    assert set(column(made, "alone_seconds")) == {5.0}
    assert set(column(made, "final_seconds")) == {2.0}
    assert set(column(made, "advice_shown")) == {True}
    assert set(column(made, "advice_requested")) == {None}


def test_evidence_without_advice_is_mediation(rows: Rows) -> None:
    made = rows(only(single={"decision": "cat", "seconds": 2.0, "opacity": 0.5}), "a: {explanation: ig}", checks=2)
    checks = [row for row in made if row["attention_check"]]
    trials = [row for row in made if not row["attention_check"]]
    assert {(row["explanation"], row["advice_shown"], row["explanation_opacity"]) for row in trials} == {
        ("ig", False, 0.5)
    }
    assert {(row["explanation"], row["advice_shown"], row["overridden"]) for row in checks} == {(None, False, None)}


def test_supervised_decisions_stand_unless_vetoed(rows: Rows, stimuli: StimulusSet) -> None:
    made = rows(
        only(
            supervised=lambda place: (
                {"vetoed": True, "decision": "fox", "seconds": 1.25} if place < 4 else {"seconds": 5.0}
            )
        ),
        "a: {supervision: {seconds: 5}, explanation: ig}",
    )
    assert len(made) == 12
    for place, row in enumerate(made):
        vetoed = place < 4
        assert row["advice"] == stimuli.item(row["item"]).advice
        assert row["final"] == ("fox" if vetoed else row["advice"])
        assert row["vetoed"] == vetoed
        assert row["veto_seconds"] == row["final_seconds"] == (1.25 if vetoed else None)
        assert row["decided_by"] == ("operator" if vetoed else "model")
        assert (row["delegated"], row["advice_shown"], row["explanation"]) == (False, True, "ig")
        assert row["overridden"] == (row["final"] != row["advice"])


def test_the_model_decides_where_it_is_sure(rows: Rows) -> None:
    made = rows(only(handled={"seconds": 1.0}), "a: {handover: 0.6}")
    handled = [row for row in made if row["advice_confidence"] >= 0.6]
    assert 0 < len(handled) < 12 == len(made)
    for row in made:
        by_model = row in handled
        assert row["decided_by"] == ("model" if by_model else "operator")
        assert row["final"] == (row["advice"] if by_model else "cat")
        assert row["final_seconds"] == (None if by_model else 2.0)
        # What is said afterwards is no advice: nobody could rely on it.
        assert (row["delegated"], row["advice_shown"], row["overridden"], row["vetoed"]) == (False, False, None, None)


def test_items_handed_over_unseen_have_their_rows(rows: Rows) -> None:
    take = only(
        offer=lambda place: {"delegated": place in (0, 4), "count": 3 if place == 4 else 1, "seconds": 0.5},
    )
    made = rows(take, "a: {advice: after_initial, delegation: {when: before, most: 5}}")
    assert column(made, "position") == list(range(12))
    given = {0, 4, 5, 6}
    for place, row in enumerate(made):
        assert row["delegated"] == (place in given)
        assert row["seen"] == (place not in given)
        assert row["decided_by"] == ("model" if place in given else "operator")
        assert row["offered"] == (place not in (5, 6))
        assert row["offer_seconds"] == (0.5 if place not in (5, 6) else None)
        assert row["final"] == (row["advice"] if place in given else "cat")
        assert row["final_seconds"] == (None if place in given else 2.0)
        assert row["advice_shown"] == (place not in given)
        assert row["initial"] == (None if place in given else "cat")


@pytest.mark.parametrize("stage", ["initial", "final"])
def test_items_handed_over_when_seen(rows: Rows, stage: str) -> None:
    give = {"delegated": True, "count": 2, "seconds": 0.75}
    made = rows(
        only(**{stage: lambda place: give if place in (3, 11) else {"decision": "dog", "seconds": 2.0}}),
        "a: {advice: after_initial, delegation: {when: after, most: 2}}",
    )
    assert column(made, "position") == list(range(12))
    assert [row["position"] for row in made if row["delegated"]] == [3, 4, 11]
    shown, following, last = made[3], made[4], made[11]
    for row in (shown, last):
        assert (row["seen"], row["final_seconds"], row["final"]) == (True, 0.75, row["advice"])
        assert row["advice_shown"] == (stage == "final")
        assert row["initial"] == ("cat" if stage == "final" else None)
    assert (following["seen"], following["final_seconds"], following["initial"]) == (False, None, None)
    assert not following["advice_shown"]
    assert not any(row["offered"] for row in made)


def test_what_the_model_decides_anyway_between_items_handed_over(rows: Rows) -> None:
    condition = "a: {handover: 0.6, delegation: {when: before, most: 12}}"
    take = only(offer={"delegated": True, "count": 12, "seconds": 0.5}, handled={"seconds": 1.0})
    made = rows(take, condition, checks=3)
    trials = [row for row in made if not row["attention_check"]]
    assert column(trials, "position") == list(range(12))
    first = min(row["position"] for row in trials if row["delegated"])
    last = max(row["position"] for row in trials if row["delegated"])
    for row in trials:
        assert row["final"] == row["advice"]
        assert row["decided_by"] == "model"
        assert row["delegated"] == (row["advice_confidence"] < 0.6)
        assert row["seen"] == (not first <= row["position"] <= last)


def test_practice_is_handed_over_apart(rows: Rows) -> None:
    take = only(offer={"delegated": True, "count": 5, "seconds": 0.5})
    made = rows(take, "a: {delegation: {when: before, most: 5}}", practice=2)
    assert column(made, "practice") == [True, True, *[False] * 12]
    assert all(row["delegated"] for row in made)


def test_time_runs_out(rows: Rows) -> None:
    late = {"timed_out": True, "seconds": 6.0}
    made = rows(
        only(
            initial=lambda place: late if place == 1 else {"decision": "dog", "seconds": 1.0},
            final=lambda place: late if place == 2 else {"decision": "fox", "seconds": 1.0},
        ),
        "a: {advice: after_initial, seconds: 6}",
    )
    assert column(made, "timed_out") == [place == 2 for place in range(12)]
    assert column(made, "decided_by") == [None if place == 2 else "operator" for place in range(12)]
    assert column(made, "initial") == [None if place == 1 else "dog" for place in range(12)]
    assert (made[2]["final"], made[2]["final_seconds"], made[2]["overridden"]) == (None, None, None)
    assert made[2]["advice_shown"]


def test_points_by_the_declared_rewards(rows: Rows) -> None:
    rewards = "rewards: {correct: 10, wrong: -4, delegation: 3, veto: 2}"
    late = {"timed_out": True, "seconds": 6.0}
    take = only(
        offer=lambda place: {"delegated": place == 0, "count": 1, "seconds": 0.5},
        single=lambda place: late if place == 1 else {"decision": "cat", "confidence": 0.5, "seconds": 2.0},
    )
    made = rows(take, "a: {delegation: {when: before}, seconds: 6}", more=rewards, practice=1, checks=1)
    for row in made:
        if row["practice"] or row["attention_check"]:
            assert row["points"] is None
        else:
            right = row["final"] == row["truth"]
            assert row["points"] == (10 if right else -4) - (3 if row["position"] == 0 else 0)
    vetoed = rows(
        only(supervised={"vetoed": True, "decision": "fox", "seconds": 1.0}),
        "a: {supervision: true}",
        more=rewards,
    )
    assert {(row["truth"] == "fox", row["points"]) for row in vetoed} == {(True, 8), (False, -6)}
    assert set(column(rows(alone, "a: {advice: before}"), "points")) == {None}


def test_reason_onset_and_hover(rows: Rows) -> None:
    final = {
        "decision": "fox", "seconds": 1.0, "reason": "It saw the tail.", "onset": 1234.5, "changes": 2,
        "hover": {"map": 0.5, "advice": 1.25},
    }  # fmt: skip
    made = rows(only(final=final), "a: {advice: after_initial, update: reasoned}")
    assert {(row["reason"], row["onset"], row["changes"]) for row in made} == {("It saw the tail.", 1234.5, 2)}
    assert {row["hover"] for row in made} == {'{"advice":1.25,"map":0.5}'}
    assert json.loads(made[0]["hover"]) == final["hover"]


def test_factors_sittings_and_groups(rows: Rows) -> None:
    made = rows(
        alone,
        "a: {advice: before}",
        "b: {advice: before, confidence: true}",
        "c: {advice: after_initial}",
        "d: {advice: after_initial, confidence: true}",
        kind="factorial",
        design="factors: {timing: {between: true, levels: {at_once: [a, b], later: [c, d]}}, "
        "sure: {levels: {hidden: [a, c], shown: [b, d]}}}, sittings: {count: 2, days: 1}",
    )
    by_condition = {row["condition"]: row for row in made}
    assert set(by_condition) in ({"a", "b"}, {"c", "d"})
    for name, row in by_condition.items():
        assert row["factor_timing"] == ("at_once" if name in "ab" else "later") == row["group"]
        assert row["factor_sure"] == ("shown" if name in "bd" else "hidden")
    assert [row["sitting"] for row in made] == [1 + (row["block"] == 1) for row in made]
    assert {row["block"] for row in made} == {0, 1}
    assert {row["group"] for row in rows(alone, "a: {}", "b: {advice: before}")} == {None}


@pytest.mark.parametrize(
    ("stated", "found", "manipulated"),
    [("0.95", 0.95, True), ("measured", 0.5, False), ("0.502", 0.502, False), (None, None, None)],
)
def test_the_reliability_that_was_stated(
    rows: Rows, stated: str | None, found: float | None, manipulated: bool | None
) -> None:
    made = rows(alone, "a: {advice: before" + (f", reliability: {stated}" if stated else "") + "}")
    # Half of the twelve items' advice is right.
    assert {(row["reliability_stated"], row["reliability_manipulated"]) for row in made} == {(found, manipulated)}


def test_a_session_that_was_not_begun_has_no_outcome(stimuli: StimulusSet, tmp_path: Path) -> None:
    study: Protocol = make_study(tmp_path, "a: {advice: before}")
    assert outcomes(walk(study, stimuli, stop=lambda step: step.kind == "block")) == []


def test_feedback_is_told_where_the_right_answer_was_shown(rows: Rows) -> None:
    """Not where several items were handed over at once, nor where one was handed over unseen, nor without feedback."""
    give = {"delegated": True, "seconds": 0.75}
    made = rows(
        only(
            offer=lambda place: {**give, "count": 1} if place == 1 else {"delegated": False, "seconds": 0.5},
            single=lambda place: (
                {**give, "count": 1} if place == 3 else
                {**give, "count": 2} if place == 5 else {"decision": "dog", "seconds": 2.0}
            ),
        ),
        "a: {advice: none, feedback: true, delegation: {when: both, most: 3}}",
        practice=1,
    )  # fmt: skip
    measured = {row["position"]: row["feedback"] for row in made if row["position"] is not None}
    assert measured == {place: place not in (1, 5, 6) for place in measured}
    assert [row["feedback"] for row in made if row["practice"]] == [True]
    silent = rows(only(), "a: {advice: none}", practice=1)
    assert [row["feedback"] for row in silent] == [row["practice"] for row in silent]
