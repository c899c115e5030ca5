"""Every phase around the blocks in a real browser: to the recorded answers, to axe, and at 200 % zoom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from accessibility import violations
from phases_driver import PhasesOperator
from phases_study import make_phases
from playwright.sync_api import Browser, Page, expect
from test_browser_session import DESKTOP, PHONE

from binome.experiment import app as server
from binome.experiment import create_app, read_answers, read_trials, serve
from binome.experiment.sessions import clock

pytestmark = pytest.mark.browser
ZOOMED = {"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2, "locale": "en-GB"}
"""A window of 1440 × 900 pixels at 200 %."""
NO_OUTLINE = """() => {
  const style = getComputedStyle(document.activeElement);
  const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return document.activeElement === document.body || shown ? null : document.activeElement.outerHTML;
}"""
MOVING = """() => [...document.querySelectorAll("*")]
  .filter((e) => parseFloat(getComputedStyle(e).transitionDuration) > 0).length"""


@pytest.fixture
def phases(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    protocol, stimuli = make_phases(tmp_path, sittings=getattr(request, "param", False))
    database = f"sqlite:///{tmp_path / 'study.db'}"
    app = create_app(protocol, stimuli, database=database, researcher_key="key", secret="secret")
    with serve(app) as address:
        yield SimpleNamespace(address=address, database=database, protocol=protocol, stimuli=stimuli)


def begin(browser: Browser, address: str, **how: Any) -> tuple[Page, PhasesOperator]:
    page = browser.new_page(**how)
    page.goto(address)
    return page, PhasesOperator(page, "mouse")


def test_what_phases_ask_is_recorded_and_a_hidden_question_is_not(browser: Browser, phases: Any) -> None:
    page, operator = begin(browser, f"{phases.address}/take?lang=en", **DESKTOP)
    operator.until(lambda kind: kind == "done")
    page.close()
    answers = {
        (row["questionnaire"], row["name"]): row["value"]
        for row in read_answers(phases.database, phases.protocol, phases.stimuli)
    }
    assert len(read_trials(phases.database, phases.protocol, phases.stimuli)) == 4
    assert answers["understood", "who"] == "me"
    assert answers["opinion", "used"] == "often"
    assert "other" in answers["opinion", "which"]
    assert answers["opinion", "what"] == "Translating"
    assert [float(answers["opinion", row]) for row in ("useful", "clear", "again")] == [3, 3, 3]
    assert answers.get(("opinion", "effort")) is None


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_phase_breaks_an_accessibility_rule(browser: Browser, phases: Any, language: str) -> None:
    how: dict[str, Any] = dict(PHONE if language == "fr" else ZOOMED) | {"bypass_csp": True, "reduced_motion": "reduce"}
    scheme = "dark" if language == "fr" else "light"
    page, operator = begin(browser, f"{phases.address}/take?lang={language}", color_scheme=scheme, **how)
    seen: set[str] = set()
    while True:
        kind = operator.kind()
        heading = page.inner_text("h1")
        if heading not in seen:
            seen.add(heading)
            assert violations(page) == [], heading
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), heading
            assert page.evaluate(MOVING) == 0
        if kind == "questionnaire":
            page.click(".actions .primary")
            assert page.inner_text(".actions .problem") != ""
            assert violations(page) == []
        if kind == "done":
            break
        operator.act(kind)
    page.close()
    assert len(seen) >= 10


def test_the_focus_is_always_seen(browser: Browser, phases: Any) -> None:
    page, operator = begin(browser, f"{phases.address}/take?lang=en", **DESKTOP)
    for stop in ("device", "questionnaire"):
        operator.until(lambda kind, stop=stop: kind == stop)
        for _ in range(12):
            page.keyboard.press("Tab")
            assert page.evaluate(NO_OUTLINE) is None
    page.close()


def test_a_window_that_is_too_small_is_told_so_and_looked_at_again(browser: Browser, phases: Any) -> None:
    page, operator = begin(browser, f"{phases.address}/take?lang=en", viewport={"width": 290, "height": 700})
    expect(page.locator("[data-caution=tooSmall]")).to_be_visible()
    operator.until(lambda kind: kind == "device")
    page.keyboard.press("Shift")
    page.click(".actions .primary")
    assert page.locator(".check:not(.fits) .check-name").all_inner_texts() == ["Width of the window"]
    assert operator.kind() == "device"
    page.set_viewport_size({"width": 800, "height": 700})
    page.wait_for_selector(".verdict.good")
    expect(page.locator("[data-caution=tooSmall]")).to_be_hidden()
    operator.act("device")
    assert operator.kind() == "consent"
    page.close()


def test_the_overview_comes_after_the_announcement_of_its_block(browser: Browser, phases: Any) -> None:
    page, operator = begin(browser, f"{phases.address}/take?lang=en", **DESKTOP)
    shown: list[str] = []
    while operator.kind() != "done":
        shown.append(page.inner_text("h1"))
        operator.act(operator.kind())
    page.close()
    place = shown.index("The model at a glance")
    assert shown[place - 1].startswith("Part")


@pytest.mark.parametrize("phases", [True], indirect=True)
def test_the_next_sitting_opens_by_a_link_on_another_device(
    browser: Browser, phases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, operator = begin(browser, f"{phases.address}/take?lang=fr", **PHONE, timezone_id="Europe/Paris")
    operator.until(lambda kind: kind == "return")
    expect(page.locator(".actions .primary")).to_be_hidden()
    assert page.inner_text("time .day")[0].isupper()
    link = page.inner_text(".link")
    with page.expect_download() as download:
        page.click("a[download]")
    assert "BEGIN:VEVENT" in Path(download.value.path()).read_text()
    page.close()

    monkeypatch.setattr(server, "clock", lambda: clock() + 2 * 24 * 3600)
    page, operator = begin(browser, link, **DESKTOP)
    assert operator.kind() == "return"
    assert "#session" not in page.url
    operator.act("return")
    operator.until(lambda kind: kind == "done")
    page.close()
    assert len(read_trials(phases.database, phases.protocol, phases.stimuli)) == 4
