"""What frames the trials: device, screening, comprehension, breaks, sittings, and what was won."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from staged_study import QUIZ, Data, Go, number_of, opening
from tiny_experiment import Serving, make_cases

from binome.protocol.rewards import wins_prize

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DAY = 24 * 3600


@pytest.fixture
def go(serving: Serving, tmp_path: Path) -> Go:
    return opening(serving, tmp_path)


def test_the_score_adds_up_the_block_and_the_end_the_whole(go: Go, tmp_path: Path) -> None:
    stimuli = make_cases(tmp_path)
    rewards = "rewards: {correct: 3, wrong: -1, delegation: 0.5, flat: 10, rate: 0.1, currency: €}"
    person = go("{advice: none}", "{delegation: true, score: true}", rest=rewards, stimuli=stimuli)
    truths = {f"s{i}": item.truth for i, item in enumerate(stimuli.items)}
    advice = {f"s{i}": item.advice for i, item in enumerate(stimuli.items)}
    hidden: list[float] = []
    shown: list[float] = []
    while person.step["kind"] != "debriefing":
        page = person.step
        if page["kind"] == "block":
            assert person.say() is None
            continue
        item = f"s{number_of(page)}"
        if not page["may_delegate"]:
            assert page["score"] is None
            hidden.append(3 if truths[item] == "grant" else -1)
            assert person.decide("grant") is None
            continue
        assert page["score"] == {"points": sum(shown), "last": shown[-1] if shown else None}
        if len(shown) % 2:
            shown.append((3 if advice[item] == truths[item] else -1) - 0.5)
            assert person.say(delegated=True, seconds=1) is None
        else:
            shown.append(3 if truths[item] == "refuse" else -1)
            assert person.decide("refuse") is None
    assert (len(hidden), len(shown)) == (6, 6)
    total = sum(hidden) + sum(shown) + 10
    said = f"You have won {total:g} points in all, which makes {total / 10:.2f}\u00a0€."
    assert said in [block["text"] for block in person.step["blocks"]]
    assert person.say() is None
    assert said in [block["text"] for block in person.step["blocks"]]


def test_the_prize_is_drawn_by_pseudonym_and_trial(go: Go, tmp_path: Path) -> None:
    stimuli = make_cases(tmp_path)
    person = go("{score: true}", rest="rewards: {confidence: 5}", stimuli=stimuli, ask=True)
    rights = []
    while person.step["kind"] == "decision":
        assert person.decide("grant")  # without a confidence
        rights.append(stimuli.items[number_of(person.step)].truth == "grant")
        assert person.decide("grant", confidence=0.3) is None
        if person.step["kind"] == "decision":
            last = person.step["score"]["last"]
            assert last in (0, 5)
    assert person.say() is None
    name = person.step["code"]
    won = 5 * sum(wins_prize(0.3, right, name, trial) for trial, right in enumerate(rights))
    assert f"You have won {won} points in all." in [block["text"] for block in person.step["blocks"]]


def test_practice_wins_nothing(go: Go) -> None:
    rest = "rewards: {correct: 1}"
    person = go("{advice: before, score: true}", rest=rest, operators=", practice: 2", language="fr")
    seen = []
    while person.step["kind"] in ("decision", "feedback", "block"):
        if person.step["kind"] == "decision":
            seen.append((person.step["practice"], person.step["score"]))
        assert person.say(**({"decision": "cat", "seconds": 1} if person.step["kind"] == "decision" else {})) is None
    assert seen[:3] == [(True, None), (True, None), (False, {"points": 0, "last": None})]


def test_a_window_that_is_too_small_waits(go: Go) -> None:
    person = go("{advice: none}", operators=", device: {width: 900, height: 600, keyboard: true}", skip=False)
    page = person.step
    assert (page["kind"], page["width"], page["height"], page["keyboard"]) == ("device", 900, 600, True)
    assert "900" in page["blocks"][0]["text"]
    good = {"width": 900, "height": 600.5, "keyboard": True, "touch": True}
    for wrong in ({"width": 899}, {"height": 599.9}, {"width": True}, {"width": "900"}, {"width": None}):
        refused = person.say(**{**good, **wrong})
        assert refused is not None
        assert "900 by 600 pixels" in refused
    assert "keyboard" in str(person.say(**{**good, "keyboard": False}))
    assert person.say(**good) is None
    assert person.step["kind"] == "consent"


def test_a_break_goes_on_while_the_page_is_loaded_again(go: Go, now: list[float]) -> None:
    person = go("{advice: none}", "{advice: none}", operators=", breaks: 30")
    while person.step["kind"] == "decision":
        assert person.decide() is None
    page = person.step
    assert (page["kind"], page["seconds"]) == ("break", 30)
    assert page["blocks"][0]["text"] == "Part 1 of 2 is over. Rest a moment, then go on."
    for moment, left in ((12.5, 17.5), (100, 0)):
        now[0] = 1_700_000_000.0 + moment
        assert person.open().step["seconds"] == left
    assert person.say() is None
    assert person.step["number"] == 2


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "the break is not over yet: 18 seconds left"),
        ("fr", "pas encore terminée\u00a0: il reste 18\u00a0secondes"),
    ],
)
def test_a_break_is_not_cut_short(go: Go, now: list[float], language: str, said: str) -> None:
    person = go("{advice: none}", "{advice: none}", operators=", breaks: 30", language=language)
    while person.step["trial"] != 6:
        assert person.decide() is None
    last, index = person.event({"decision": "cat", "seconds": 1}), person.step["index"]
    state = person.send(last, person.event({}, step=index + 1, name="too-early"))  # in one batch
    assert list(state["refused"]) == ["too-early"]
    now[0] += 12.5
    assert said in str(person.say())
    assert (person.step["kind"], person.step["seconds"]) == ("break", 17.5)
    now[0] += 17.44
    assert person.say()
    now[0] += 0.02  # clocks are not exact
    assert person.say() is None
    assert person.step["number"] == 2


def test_robots_need_no_rest(go: Go) -> None:
    person = go("{advice: none}", "{advice: none}", operators=", breaks: 30", simulated=True)
    while person.step["kind"] == "decision":
        assert person.decide() is None
    assert person.step["seconds"] == 0
    assert person.say() is None
    assert person.step["number"] == 2


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_next_sitting_opens_in_days(go: Go, now: list[float], language: str) -> None:
    design = ", sittings: {count: 2, days: 3, within: 10}"
    person = go("{advice: none}", "{advice: none}", design=design, language=language)
    while person.step["kind"] == "decision":
        assert person.decide() is None
    page, days = person.step, {"en": ("3 days", "10 days"), "fr": ("3\u00a0jours", "10\u00a0jours")}[language]
    assert (page["kind"], page["opens"], page["preload"]) == ("return", "2023-11-17T22:13:20+00:00", [])
    assert days[0] in page["blocks"][0]["text"]
    assert days[1] in page["blocks"][1]["text"]
    assert person.say()
    # Looking at the page does not put it off.
    now[0] += DAY
    person.send(person.event({}, kind="page_hidden"))
    assert person.step["opens"] == page["opens"]
    now[0] += 2 * DAY - 1
    assert person.say()
    now[0] += 1
    assert person.open().step["opens"] is None
    assert person.say() is None
    assert (person.step["kind"], person.step["number"]) == ("block", 2)


def test_two_sittings_in_one_batch_are_refused(go: Go, now: list[float]) -> None:
    person = go("{advice: none}", "{advice: none}", design=", sittings: {count: 2, days: 3}")
    while person.step["trial"] != 6:
        assert person.decide() is None
    last, index = person.event({"decision": "cat", "seconds": 1}), person.step["index"]
    state = person.send(last, person.event({}, step=index + 1, name="too-early"))
    assert list(state["refused"]) == ["too-early"]
    assert person.step["kind"] == "return"


def test_robots_need_not_wait(go: Go) -> None:
    design = ", sittings: {count: 2, days: 3}"
    person = go("{advice: none}", "{advice: none}", design=design, simulated=True)
    while person.step["kind"] == "decision":
        assert person.decide() is None
    assert (person.step["kind"], person.step["opens"]) == ("return", None)
    assert person.say() is None
    assert person.step["kind"] == "block"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_who_does_not_fit_is_told_so_politely(go: Go, language: str) -> None:
    files = {"questionnaires/quiz.yaml": QUIZ.replace(", correct: me", "")}
    screening = ", screening: {questionnaire: quiz, accept: {who: [me]}}, completion_code: C0DE"
    person = go("{advice: none}", operators=screening, files=files, language=language)
    page = person.step
    assert (page["kind"], page["id"], page["retry"]) == ("questionnaire", "quiz", "")
    assert page["progress"]["total"] > 12  # of a whole session, although there is no place in the design yet
    assert person.say(answers={"who": "they"})
    assert person.say(answers={"who": "it"}) is None
    page = person.step
    assert (page["kind"], page["code"], page["url"]) == ("done", "", None)
    assert page["title"] == {"en": "Thank you for your interest", "fr": "Merci de votre intérêt"}[language]
    assert "Who" not in json.dumps(page)
    assert person.open().step == page


def test_comprehension_comes_again_and_ends_the_session(go: Go) -> None:
    files, asked = {"questionnaires/quiz.yaml": QUIZ}, ", comprehension: {questionnaire: quiz, attempts: 2}"
    person = go("{advice: none}", operators=asked, files=files)
    retry = "Not all your answers were right. Please read the instructions once more, then answer again."
    assert (person.step["kind"], person.step["retry"]) == ("questionnaire", "")
    assert person.say(answers={"who": "it"}) is None
    assert person.step["kind"] == "instructions"
    assert [block["text"] for block in person.step["pages"][0]][1] == retry
    assert person.say() is None
    assert person.step["retry"] == retry
    assert person.say(answers={"who": "it"}) is None
    assert (person.step["kind"], person.step["code"]) == ("done", "")
    assert "questions about the instructions" in person.step["blocks"][0]["text"]
    assert all(b"correct" not in response.content for response in person.responses)


def test_comprehension_once_passed_does_not_come_again(go: Go) -> None:
    files, asked = {"questionnaires/quiz.yaml": QUIZ}, ", comprehension: {questionnaire: quiz, attempts: 3}"
    person = go("{advice: none}", operators=asked, files=files)
    assert person.say(answers={"who": "me"}) is None
    assert person.step["kind"] == "block"


def test_an_overview_and_a_stated_reliability_come_with_the_block(go: Go, tmp_path: Path) -> None:
    files = {"model.md": "# The machine\n\nIt looks at edges.\n", "model.fr.md": "Elle regarde les bords.\n"}
    person = go(
        "{advice: before, overview: model.md, reliability: 0.9}", "{advice: before, reliability: measured}",
        "{delegation: {when: before, most: 3}}", files=files, skip=False,
    )  # fmt: skip
    person.until(lambda step: step["kind"] == "block")
    assert [block["text"] for block in person.step["overview"]] == ["The machine", "It looks at edges."]
    assert "Here, the machine is right in 90% of cases." in [block["text"] for block in person.step["blocks"]]
    said = []
    while person.step["kind"] != "done":
        page = person.step
        if page["kind"] == "block":
            said.append([block["text"] for block in page["blocks"]])
        data: Data = {}
        if page["kind"] == "decision":
            data = {"decision": "cat", "seconds": 1}
        elif page["kind"] == "offer":
            data = {"delegated": False, "seconds": 1}
        assert person.say(**data) is None
    # Of the twelve items, those of even number are advised rightly.
    assert "Here, the machine is right in 50% of cases." in said[1]
    assert "You may hand over up to 3 decisions at once." in said[2]
