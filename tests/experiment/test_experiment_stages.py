"""Every stage of a trial: what its page shows, what it may be answered with, what comes after."""

from __future__ import annotations

from pathlib import Path

import pytest
from staged_study import Go, load, number_of, opening
from tiny_experiment import KEY, SCALE, SECRET, Serving, make_cases, make_stimuli

from binome.core import StudyError
from binome.experiment import create_app

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def go(serving: Serving, tmp_path: Path) -> Go:
    return opening(serving, tmp_path)


def test_advice_on_request_comes_when_it_is_asked_for(go: Go) -> None:
    person = go("{advice: on_request, explanation: ig, confidence: true}")
    page = person.step
    assert (page["stage"], page["may_request"], page["may_delegate"]) == ("open", True, False)
    assert (page["advice"], page["explanation"], page["initial"]) == (None, None, None)
    assert person.say(requested=True, decision="cat", seconds=1)
    assert person.say(seconds=1)
    assert person.say(requested=True, seconds=1) is None
    final = person.step
    assert (final["stage"], final["trial"], final["may_request"]) == ("final", page["trial"], False)
    assert final["initial"] is None
    assert final["advice"]["confidence"] is not None
    assert person.fetch(final["explanation"]["picture"]["url"]) == 200
    assert person.say(requested=True, seconds=1)
    assert person.decide() is None
    assert person.step["stage"] == "open"
    assert person.fetch(final["explanation"]["picture"]["url"]) == 404
    trial = person.step["trial"]
    assert person.decide() is None
    assert (person.step["stage"], person.step["trial"]) == ("open", trial + 1)


def test_a_forced_wait_has_nothing_to_answer_and_its_time(go: Go, now: list[float]) -> None:
    person = go("{advice: delayed, delay: 2, explanation: ig}")
    page = person.step
    now[0] += 1.4
    assert person.say(seconds=60)  # the page says so; the server's clock does not
    now[0] += 0.2
    assert (page["stage"], page["wait_seconds"], page["ask_confidence"]) == ("wait", 2, False)
    assert (page["advice"], page["explanation"], page["may_request"]) == (None, None, False)
    assert page["picture"] is not None
    for data in (
        {"decision": "cat", "seconds": 3}, {"delegated": True, "seconds": 3}, {"timed_out": True, "seconds": 3},
        {"requested": True, "seconds": 3}, {"vetoed": True, "seconds": 3}, {"seconds": 1.94}, {},
    ):  # fmt: skip
        assert person.say(**data), data
    assert person.say(seconds=1.95) is None
    final = person.step
    assert (final["stage"], final["initial"], final["wait_seconds"]) == ("final", None, None)
    assert final["advice"] is not None


def test_a_wait_after_many_skipped_items_counts_from_the_page_before(go: Go, now: list[float]) -> None:
    person = go("{advice: delayed, delay: 2, delegation: {when: before, most: 4}}")
    assert person.say(delegated=True, count=4, seconds=1) is None
    assert person.say(delegated=False, seconds=1) is None
    assert person.step["stage"] == "wait"
    assert person.say(seconds=2)
    now[0] += 2
    assert person.say(seconds=2) is None


def test_robots_need_not_wait_for_the_advice(go: Go) -> None:
    person = go("{advice: delayed, delay: 2}", simulated=True)
    assert person.say(seconds=2) is None


def test_supervision_takes_a_veto_with_a_decision_or_nothing(go: Go) -> None:
    person = go("{supervision: {seconds: 3}, explanation: ig, feedback: true}", rest="rewards: {correct: 2, veto: 1}")
    page = person.step
    assert (page["stage"], page["veto_seconds"], page["veto_price"]) == ("supervised", 3, 1)
    assert (page["most_seconds"], page["may_delegate"], page["ask_confidence"]) == (None, False, False)
    assert person.fetch(page["explanation"]["picture"]["url"]) == 200
    advice = page["advice"]["decision"]
    other = next(option["id"] for option in page["options"] if option["id"] != advice)
    for data in ({"vetoed": True}, {"decision": other}, {"timed_out": True}, {"delegated": True}, {"requested": True},
                 {"vetoed": True, "decision": "cow"},
                 {"vetoed": True, "decision": other, "timed_out": True}):  # fmt: skip
        assert person.say(seconds=1, **data), data
    assert person.say(seconds=3) is None
    assert (person.step["kind"], person.step["chosen"], person.step["advice"]) == ("feedback", advice, advice)
    assert person.say() is None
    advice = person.step["advice"]["decision"]
    other = next(option["id"] for option in page["options"] if option["id"] != advice)
    assert person.say(vetoed=True, decision=other, seconds=1) is None
    assert (person.step["chosen"], person.step["advice"]) == (other, advice)


def test_a_model_that_hands_over_decides_alone_where_it_is_sure(go: Go, tmp_path: Path) -> None:
    stimuli = make_cases(tmp_path)
    person = go("{handover: 0.7, confidence: true}", stimuli=stimuli)
    seen = {}
    while person.step["kind"] == "decision":
        page = person.step
        number = number_of(page)
        seen[number] = page["stage"]
        if page["stage"] == "handled":
            assert page["advice"]["confidence"] == pytest.approx(0.5 + number / 40, abs=0.006)
            assert person.say(decision="grant", seconds=1)
            assert person.say(timed_out=True, seconds=1)
            assert person.say(seconds=1) is None
        else:
            assert page["advice"] is None
            assert person.say(seconds=1)
            assert person.decide("grant") is None
    # Item i is 0.5 + i / 40 sure.
    assert seen == {number: "handled" if number >= 8 else "single" for number in range(12)}


def test_a_handover_that_keeps_nothing_is_not_served(tmp_path: Path, database: str) -> None:
    own = load(tmp_path, "{handover: 0.5}")
    with pytest.raises(StudyError, match="something is left to the operator"):
        create_app(own, make_stimuli(tmp_path), database=database, researcher_key=KEY, secret=SECRET)


def test_an_offer_comes_before_its_item(go: Go) -> None:
    rest = "rewards: {correct: 2, delegation: 0.5}"
    person = go("{delegation: {when: before, most: 5}, feedback: true}", rest=rest)
    page = person.step
    assert (page["kind"], page["trial"], page["trials"]) == ("offer", 1, 12)
    assert (page["most"], page["price"], page["practice"], page["score"]) == (5, 0.5, False, None)
    assert "picture" not in page
    (coming,) = page["preload"]
    for data in ({"delegated": True, "count": 6, "seconds": 1}, {"delegated": "no", "seconds": 1},
                 {"delegated": True, "count": 0, "seconds": 1}, {"seconds": 1}, {"delegated": True}):  # fmt: skip
        assert person.say(**data), data
    assert person.say(delegated=False, seconds=1) is None
    assert (person.step["stage"], person.step["may_delegate"], person.step["price"]) == ("single", False, None)
    assert person.step["picture"]["url"] == coming
    assert person.say(delegated=True, seconds=1)
    assert person.decide() is None
    assert person.step["kind"] == "feedback"
    assert person.say() is None
    assert person.step["trial"] == 2
    assert person.say(delegated=True, count=5, seconds=1) is None
    assert (person.step["kind"], person.step["trial"], person.step["most"]) == ("offer", 7, 5)
    assert person.say(delegated=True, count=4, seconds=1) is None
    assert (person.step["trial"], person.step["most"]) == (11, 2)
    assert person.say(delegated=True, count=3, seconds=1)
    assert person.say(delegated=True, count=2, seconds=1) is None
    assert person.step["kind"] == "debriefing"


@pytest.mark.parametrize(
    ("spec", "stages"),
    [
        ("{advice: after_initial, delegation: true}", {"initial": False, "final": True}),
        ("{advice: on_request, delegation: true}", {"open": True, "final": True}),
        ("{advice: before, delegation: {when: both}}", {"single": True}),
        ("{advice: before, delegation: {when: before}}", {"single": False}),
        ("{advice: delayed, delay: 0.1, delegation: true}", {"wait": False, "final": True}),
    ],
)
def test_items_are_handed_over_where_a_trial_may_end(go: Go, spec: str, stages: dict[str, bool]) -> None:
    person = go(spec)
    if person.step["kind"] == "offer":
        assert person.say(delegated=False, seconds=1) is None
    for stage, may in stages.items():
        assert (person.step["stage"], person.step["may_delegate"]) == (stage, may)
        trial = person.step["trial"]
        if not may:
            assert person.say(delegated=True, seconds=1)
        if stage == "final" or (stage == "single" and may):
            assert person.say(delegated=True, decision="cat", seconds=1)
            assert person.say(delegated=True, count=2, seconds=1)
            assert person.say(delegated=True, seconds=1) is None
            assert person.step["trial"] == trial + 1
        elif stage == "open":
            assert person.say(requested=True, seconds=1) is None
        elif stage != "single":
            assert person.say(seconds=1, **({"decision": "cat"} if stage == "initial" else {})) is None


def test_feedback_on_what_was_handed_over_tells_the_machines_answer(go: Go, tmp_path: Path) -> None:
    stimuli = make_cases(tmp_path)
    person = go("{delegation: true, feedback: true}", stimuli=stimuli)
    number = number_of(person.step)
    item = next(item for item in stimuli.items if item.id == f"s{number}")
    assert person.say(delegated=True, seconds=1) is None
    page, words = person.step, {"grant": "Grant", "refuse": "Refuse"}
    assert (page["kind"], page["correct"]) == ("feedback", item.advice == item.truth)
    assert page["chosen"] == page["advice"] == words[str(item.advice)]


def test_time_runs_out_only_where_it_is_limited(go: Go) -> None:
    person = go(
        "{advice: before, seconds: 5, feedback: true}", "{advice: before}", "{advice: on_request, seconds: 5}"
    )  # fmt: skip
    assert person.step["most_seconds"] == 5
    assert person.say(timed_out=True, decision="cat", seconds=5)
    assert person.say(timed_out=True, seconds=5) is None
    page = person.step
    assert (page["kind"], page["correct"], page["chosen"]) == ("feedback", False, "none in time")
    while person.step["kind"] == "feedback" or person.step.get("most_seconds"):
        assert person.say(**({} if person.step["kind"] == "feedback" else {"timed_out": True, "seconds": 5})) is None
    person.skip()
    assert (person.step["stage"], person.step["most_seconds"]) == ("single", None)
    assert person.say(timed_out=True, seconds=5)
    while person.step.get("stage") != "open":
        assert person.say(**({"decision": "cat", "seconds": 1} if person.step["kind"] == "decision" else {})) is None
    trial = person.step["trial"]
    assert person.say(timed_out=True, seconds=5) is None
    assert person.step["trial"] == trial + 1


def test_an_attention_check_has_all_the_time(go: Go) -> None:
    person = go(
        "{supervision: true}", "{advice: before, seconds: 5, delegation: true}", operators=", attention_checks: 2"
    )
    checks = 0
    while person.step["kind"] != "debriefing":
        page = person.step
        if page["kind"] == "decision" and page["instruction"]:
            assert (page["stage"], page["most_seconds"], page["may_delegate"]) == ("single", None, False)
            assert (page["advice"], page["explanation"], page["picture"]) == (None, None, None)
            assert person.say(timed_out=True, seconds=5)
            assert person.say(delegated=True, seconds=5)
            checks += 1
        supervised = page.get("stage") == "supervised"
        kept = page["kind"] == "decision" and not supervised
        data = {"decision": "cat", "seconds": 1} if kept else {"seconds": 1} if supervised else {}
        assert person.say(**data) is None
    assert checks == 2


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_changed_answer_needs_its_reason(go: Go, language: str) -> None:
    person = go("{advice: after_initial, update: reasoned, seconds: 9}", language=language)
    assert person.step["ask_reason"] is False
    assert person.decide("cat") is None
    assert (person.step["ask_reason"], person.step["initial"]) == (True, "cat")
    for reason in (None, "", " \n\u00a0"):
        refused = person.decide("dog", reason=reason)
        assert refused is not None
        assert ("why" if language == "en" else "pourquoi") in refused
    assert person.decide("dog", reason="It barks.") is None
    assert person.decide("cat") is None
    assert person.decide("cat") is None
    # There is no first answer to differ from.
    assert person.say(timed_out=True, seconds=9) is None
    assert (person.step["stage"], person.step["initial"], person.step["ask_reason"]) == ("final", None, False)
    assert person.decide("dog") is None


def test_estimates_that_stay_the_same_need_no_reason(go: Go, tmp_path: Path) -> None:
    person = go("{advice: after_initial, update: reasoned}", stimuli=make_cases(tmp_path, estimate=True))
    assert person.decide(40) is None
    assert person.decide(40.5)
    assert person.decide(40.0) is None


def test_evidence_comes_without_the_advice(go: Go) -> None:
    person = go("{explanation: ig, feedback: true}")
    page = person.step
    assert (page["stage"], page["advice"]) == ("single", None)
    assert page["explanation"]["kind"] == "overlay"
    assert person.fetch(page["explanation"]["picture"]["url"]) == 200
    assert person.decide() is None
    assert (person.step["kind"], person.step["advice"]) == ("feedback", None)
    assert person.fetch(page["explanation"]["picture"]["url"]) == 404


@pytest.mark.parametrize("estimate", [False, True])
def test_bars_without_advice_do_not_tell_for_what_they_speak(go: Go, tmp_path: Path, estimate: bool) -> None:
    stimuli = make_cases(tmp_path, estimate=estimate)
    person = go("{explanation: ig}", stimuli=stimuli)
    number = number_of(person.step)
    bars = person.step["explanation"]["bars"]
    sign = -1 if estimate else 1
    assert bars["values"] == [0.125, pytest.approx(sign * (1 + number / 10) / 4, abs=5e-5), None]
    assert (bars["low"], bars["high"]) == (
        ("lowers the estimate", "raises the estimate") if estimate else ("", "weighed in it")
    )


def test_two_answers_at_once_are_none(go: Go) -> None:
    person = go("{advice: on_request, delegation: true, seconds: 9}")
    for data in (
        {"decision": "cat", "delegated": True}, {"decision": "cat", "requested": True}, {},
        {"decision": "cat", "timed_out": True}, {"delegated": True, "requested": True},
        {"decision": "cat", "vetoed": True},
        {"delegated": "no"}, {"delegated": True, "count": "1"}, {"delegated": True, "count": None}, {"decision": ""},
    ):  # fmt: skip
        assert person.say(seconds=1, **data), data
    assert person.decide() is None


def test_a_first_answer_is_found_over_any_number_of_skipped_steps(go: Go, tmp_path: Path) -> None:
    stimuli = make_cases(tmp_path, estimate=True)
    person = go("{advice: after_initial, delegation: {when: both, most: 3}}", stimuli=stimuli)
    assert person.say(delegated=True, count=3, seconds=1) is None
    assert person.say(delegated=False, seconds=1) is None
    assert person.decide(SCALE.high) is None
    assert person.step["initial"] == SCALE.high
