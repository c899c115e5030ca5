"""What a browser may do to a session: no script, no storage, a slow line, the back button, two tabs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from accessibility import violations
from operator_driver import Operator
from playwright.sync_api import Browser, Page, expect
from test_browser_session import DESKTOP, PHONE, expected, recorded

from binome.experiment import read_events

pytestmark = pytest.mark.browser
BLOCKED = """
const refuse = () => { throw new DOMException("blocked", "SecurityError"); };
for (const name of ["localStorage", "indexedDB"]) Object.defineProperty(window, name, { get: refuse });
"""


def slow_line(page: Page) -> Callable[[float], Any]:
    """A hand on the line: makes every answer come so many milliseconds late."""
    session = page.context.new_cdp_session(page)
    line = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    return lambda late: session.send("Network.emulateNetworkConditions", line | {"latency": late})


def events(served: Any, kind: str) -> list[dict[str, Any]]:
    found = read_events(served.database, served.protocol, served.stimuli)
    return [event for event in found if event["type"] == kind]


@pytest.mark.parametrize("language", ["fr-FR", "en-GB"])
def test_without_scripts_the_page_says_what_it_needs(browser: Browser, served: Any, language: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale=language)
    page = context.new_page()
    page.goto(f"{served.address}/take")
    expect(page.locator("[lang=fr] >> text=a besoin de JavaScript")).to_be_visible()
    expect(page.locator("[lang=en] >> text=needs JavaScript")).to_be_visible()
    expect(page.locator(".starting")).to_be_hidden()
    context.close()


def test_without_its_script_the_page_says_so_after_a_while(browser: Browser, served: Any) -> None:
    page = browser.new_page(reduced_motion="reduce", **DESKTOP)  # what moves waits ten seconds
    page.route("**/assets/*.js", lambda route: route.abort())
    page.goto(f"{served.address}/take")
    expect(page.locator(".late [lang=fr]")).to_be_visible()
    expect(page.locator(".late [lang=en]")).to_be_visible()
    page.close()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_browser_that_keeps_nothing_can_take_part_and_reload(browser: Browser, served: Any, language: str) -> None:
    context = browser.new_context(bypass_csp=True, **PHONE)
    context.add_init_script(BLOCKED)
    page = context.new_page()
    page.goto(f"{served.address}/take?lang={language}")
    operator = Operator(page, "touch")
    operator.kind()
    assert ("cookies bloqués" if language == "fr" else "cookies are blocked") in page.inner_text(".caution")
    assert violations(page) == []
    page.click("[data-caution=cautionStorage] button")
    operator.until(lambda kind: kind == "final")
    assert "#session=" in page.url
    page.reload()
    assert operator.kind() == "final"
    expect(page.locator("[data-caution=cautionStorage]")).to_be_visible()
    operator.until(lambda kind: kind == "done")
    assert recorded(served) == expected(operator)
    context.close()


def test_on_a_slow_line_the_page_waits_says_so_and_takes_each_click_once(browser: Browser, served: Any) -> None:
    page = browser.new_page(**DESKTOP)
    page.goto(f"{served.address}/take?lang=en")
    operator = Operator(page, "mouse")
    operator.until(lambda kind: kind == "consent")
    make_late = slow_line(page)
    make_late(7000)
    page.eval_on_selector("section.page", "section => section.setAttribute('data-seen', '')")
    page.dblclick(".actions .primary")
    page.wait_for_selector(".waiting >> text=Sending your answer")
    page.wait_for_selector(".waiting >> text=The line is slow", timeout=10_000)
    make_late(0)
    assert operator.kind() == "pages"
    assert page.inner_text(".waiting") == ""
    operator.until(lambda kind: kind == "done")
    steps = [event["step"] for event in events(served, "complete")]
    assert steps == sorted(set(steps))
    assert recorded(served) == expected(operator)
    page.close()


def test_a_picture_that_comes_late_is_waited_for_in_words(browser: Browser, served: Any) -> None:
    context = browser.new_context(**DESKTOP)
    page = context.new_page()
    held: list[Any] = []
    page.route("**/api/media/*", lambda route: held.append(route))  # a built-in cannot be a handler
    page.goto(f"{served.address}/take?lang=en")
    operator = Operator(page, "mouse")
    operator.until(lambda kind: kind == "pages" and page.inner_text("h1").startswith("Practice"))
    operator.act("pages")
    page.wait_for_selector(".waiting >> text=Loading")
    page.route("**/api/media/*", lambda route: route.continue_())
    for route in held:
        route.continue_()
    assert operator.kind() == "initial"
    assert page.inner_text(".waiting") == ""
    context.close()


def test_the_back_button_stays_and_says_why(browser: Browser, served: Any) -> None:
    page = browser.new_page(**DESKTOP)
    page.goto(f"{served.address}/take?lang=en")
    operator = Operator(page, "mouse")
    operator.until(lambda kind: kind == "final")
    for _ in range(3):
        page.go_back()
        page.wait_for_selector(".banner >> text=an answer that was given stays")
        assert operator.kind() == "final"
    operator.until(lambda kind: kind == "done")
    assert recorded(served) == expected(operator)
    assert len(events(served, "back_pressed")) == 3
    page.close()


def test_the_tab_opened_last_has_the_session_and_the_other_can_take_it_back(browser: Browser, served: Any) -> None:
    context = browser.new_context(bypass_csp=True, **DESKTOP)
    first = context.new_page()
    first.goto(f"{served.address}/take?lang=en")
    one = Operator(first, "mouse")
    one.until(lambda kind: kind == "initial")
    second = context.new_page()
    second.goto(f"{served.address}/take")
    two = Operator(second, "mouse")
    assert two.kind() == "initial"
    first.bring_to_front()  # a tab that is not seen draws nothing, and what waits for a frame waits long
    first.wait_for_selector("text=Open in another tab")
    assert violations(first) == []
    first.keyboard.press("1")
    first.keyboard.press("Enter")
    second.bring_to_front()
    two.act("initial")
    assert two.kind() == "final"
    first.bring_to_front()
    first.click("text=Go on here instead")
    assert one.kind() == "final"
    second.bring_to_front()
    second.wait_for_selector("text=Open in another tab")
    first.bring_to_front()
    one.answers = two.answers
    one.until(lambda kind: kind == "done")
    assert recorded(served) == expected(one)
    context.close()
