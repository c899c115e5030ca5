"""Whole sessions in a real browser, compared with the exported trials to the row."""

from __future__ import annotations

from typing import Any

import pytest
from accessibility import violations
from operator_driver import Operator
from playwright.sync_api import Browser, expect

from binome.experiment import read_events, read_trials

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "locale": "fr-FR"}
DESKTOP = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"}


def expected(operator: Operator) -> list[tuple[Any, ...]]:
    """The operator's answers as trials: an initial answer and the final one that follows make one."""
    rows: list[tuple[Any, ...]] = []
    initial: dict[str, Any] | None = None
    for answer in operator.answers:
        if answer["stage"] == "initial":
            initial = answer
            continue
        first = (initial["decision"], initial["confidence"]) if initial else (None, None)
        rows.append((*first, answer["decision"], answer["confidence"]))
        initial = None
    return rows


def recorded(served: Any) -> list[tuple[Any, ...]]:
    columns = ("initial", "initial_confidence", "final", "final_confidence")
    trials = read_trials(served.database, served.protocol, served.stimuli)
    return [tuple(trial[column] for column in columns) for trial in trials]


def test_a_session_in_french_on_a_phone_survives_reloads_and_a_lost_network(browser: Browser, served: Any) -> None:
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.goto(f"{served.address}/take?lang=fr")
    operator = Operator(page, "touch")
    assert operator.until(lambda kind: kind == "initial") == "initial"
    assert page.locator("html").get_attribute("lang") == "fr"

    page.reload()  # in the middle of a trial: the same one comes back
    assert operator.kind() == "initial"
    operator.act("initial")

    operator.hand = "keys"
    assert operator.kind() == "final"
    expect(page.locator(".overlay")).to_be_visible()
    page.keyboard.press("h")
    expect(page.locator(".overlay")).to_be_hidden()
    context.set_offline(True)
    operator.act("final")
    page.wait_for_selector(".banner.trouble")
    page.close()  # with an answer that the server has not seen
    context.set_offline(False)

    page = context.new_page()
    page.goto(f"{served.address}/take")
    operator.page = page
    assert operator.kind() == "feedback"
    operator.until(lambda kind: kind == "done")
    code = page.inner_text("output.code")
    context.close()

    trials = read_trials(served.database, served.protocol, served.stimuli)
    assert recorded(served) == expected(operator)
    assert len(trials) == 6  # practice, four items, an attention check
    assert {trial["operator"] for trial in trials} == {code}
    assert all(0 < trial["final_seconds"] < 60 for trial in trials)
    hidden = [
        event
        for event in read_events(served.database, served.protocol, served.stimuli)
        if event["type"] == "explanation_hidden"
    ]
    assert len(hidden) == 1


def test_a_session_in_english_by_mouse(browser: Browser, served: Any) -> None:
    context = browser.new_context(**DESKTOP)
    page = context.new_page()
    page.goto(f"{served.address}/take?lang=en")
    operator = Operator(page, "mouse")
    operator.until(lambda kind: kind == "done")
    assert recorded(served) == expected(operator)
    context.close()


def test_a_stale_page_catches_up(browser: Browser, served: Any) -> None:
    context = browser.new_context(**DESKTOP)
    first = context.new_page()
    first.goto(f"{served.address}/take?lang=en")
    ahead = Operator(first, "mouse")
    ahead.until(lambda kind: kind == "initial")
    # In another browser, for tabs of one tell each other.
    other = browser.new_context(**DESKTOP, storage_state=context.storage_state())
    second = other.new_page()
    behind = Operator(second, "mouse")
    second.goto(f"{served.address}/take")
    assert behind.kind() == "initial"
    ahead.act("initial")
    assert ahead.kind() == "final"
    behind.act("initial")  # the step is over: the answer is refused, the current step shown
    assert behind.kind() == "final"
    assert second.inner_text(".banner") != ""
    behind.until(lambda kind: kind == "done")
    behind.answers.pop(0)  # the refused one
    both = Operator(first, "mouse")
    both.answers = ahead.answers + behind.answers
    assert recorded(served) == expected(both)
    other.close()
    context.close()


def test_withdrawing_erases(browser: Browser, served: Any) -> None:
    page = browser.new_page(**DESKTOP)
    page.goto(f"{served.address}/take?lang=en")
    operator = Operator(page, "mouse")
    operator.until(lambda kind: kind == "feedback")
    page.click("text=Help")
    page.click("dialog .danger")
    page.click("dialog .danger")
    page.wait_for_selector("text=Your data have been erased")
    assert read_trials(served.database, served.protocol, served.stimuli) == []
    page.close()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_page_breaks_an_accessibility_rule(browser: Browser, served: Any, language: str) -> None:
    page = browser.new_page(**(PHONE if language == "fr" else DESKTOP), reduced_motion="reduce", bypass_csp=True)
    page.goto(f"{served.address}/take?lang={language}")
    operator = Operator(page, "mouse")
    seen: set[str] = set()
    while True:
        kind = operator.kind()
        if kind not in seen:
            assert violations(page) == [], kind
            seen.add(kind)
        if kind == "done":
            break
        operator.act(kind)
    pages = {"welcome", "consent", "pages", "initial", "final", "single", "attention", "feedback", "questionnaire"}
    assert seen >= pages | {"done"}
    page.click(".top-tools button")
    assert violations(page) == []
    page.close()
