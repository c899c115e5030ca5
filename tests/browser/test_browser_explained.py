"""Each kind of explanation in a real browser: seen, hidden, read aloud, and exported to the row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from accessibility import violations
from operator_driver import Operator
from playwright.sync_api import Browser, Page, expect
from test_browser_session import DESKTOP, PHONE, expected, recorded
from tiny_explained import CASES, KINDS, make_explained

from binome.experiment import create_app, read_events, read_trials, serve
from binome.operators import simulate

pytestmark = pytest.mark.browser
SEEN = {
    "overlay": ".picture .overlay", "contour": ".picture .overlay", "regions": ".picture .overlay",
    "side_by_side": "img.map", "sentence": ".sentence", "examples": ".gallery", "case_bars": ".track",
    "case_sentence": ".sentence", "case_examples": ".gallery", "counterfactuals": ".changes",
}  # fmt: skip
"""What the switch takes out of sight."""
SAID = {
    "overlay": ["weighed much"],
    "contour": ["25%", "50%", "75%", "lies in the centre of the picture"],
    "regions": ["up to 2 areas of the 20% of the picture"],
    "side_by_side": ["weighed much"],
    "sentence": ["of all that weighed; half of it lies in"],
    "examples": ["very alike", "somewhat alike", "Typical", "near to this one"],
    "case_bars": ["speaks against the advice", "“Prior offences” (3)", "for it", "which only the machine saw"],
    "case_sentence": ["“Age” (34\u00a0years)", "against it"],
    "case_examples": ["Different from here", "lines are the same"],
    "counterfactuals": ["With these changes alone, the machine would say “No”", "All other lines stay as they are"],
}


@pytest.fixture(params=KINDS)
def kind(request: Any) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """Writes the study of a kind, once for all tests: drawing contours takes seconds."""
    return cache(lambda kind: make_explained(tmp_path_factory.mktemp(kind), kind))


@pytest.fixture
def explained(kind: str, make: Callable[[str], Any], tmp_path: Path) -> Iterator[Any]:
    """The study of a kind, served for one test."""
    protocol, stimuli = make(kind)
    database = f"sqlite:///{tmp_path / 'study.db'}"
    app = create_app(protocol, stimuli, database=database, researcher_key="key", secret="secret")
    with serve(app) as address:
        yield SimpleNamespace(address=address, database=database, protocol=protocol, stimuli=stimuli)


def test_a_session_by_keys_sees_hides_and_decides(browser: Browser, explained: Any, kind: str) -> None:
    page = browser.new_page(**DESKTOP, color_scheme="dark", reduced_motion="reduce", bypass_csp=True)
    media: list[str] = []
    page.on("request", lambda request: media.append(request.url) if "/api/media/" in request.url else None)
    page.goto(f"{explained.address}/take?lang=en")
    operator = Operator(page, "keys")
    operator.until(lambda shown: shown == "initial")
    assert page.locator(SEEN[kind]).count() == 0
    # This item's picture and the next one's; no explanation, and no example.
    assert len(set(media)) == (0 if kind in CASES else 2)
    operator.until(lambda shown: shown == "final")
    part = page.locator(SEEN[kind]).first
    expect(part).to_be_visible()
    assert all(text in page.inner_text("form.decision") for text in SAID[kind])
    page.keyboard.press("h")
    expect(part).to_be_hidden()
    page.keyboard.press("h")
    expect(part).to_be_visible()
    assert violations(page) == []
    if kind == "counterfactuals":
        look_at_alternatives(page)
    if kind == "contour":
        page.keyboard.press("ArrowLeft")
    operator.until(lambda shown: shown == "done")
    page.close()

    assert recorded(explained) == expected(operator)
    trials = read_trials(explained.database, explained.protocol, explained.stimuli)
    assert {trial["explanation"] for trial in trials} == {"shown"}
    assert all(trial["explanation_opened"] and trial["explanation_seconds"] > 0 for trial in trials)
    told = read_events(explained.database, explained.protocol, explained.stimuli)
    types = [event["type"] for event in told]
    first = types.index("explanation_shown")
    assert types[first : first + 3] == ["explanation_shown", "explanation_hidden", "explanation_shown"]
    assert ("alternative_shown" in types) == (kind == "counterfactuals")
    finals = [event["data"] for event in told if event["type"] == "complete" and "opacity" in event["data"]]
    opacities = {data["opacity"] for data in finals if data["explanation_opened"] is not None}
    assert opacities == {"overlay": {0.8}, "contour": {0.95, 1.0}, "regions": {1.0}}.get(kind, {None})


def look_at_alternatives(page: Page) -> None:
    """By keys alone: to the second possibility, and round to the last."""
    page.locator("[role=tab]").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("[role=tabpanel]:visible tbody tr").count() == 2
    page.keyboard.press("ArrowRight")
    assert "one line more, which only the machine saw" in page.inner_text("[role=tabpanel]:visible")
    page.evaluate("document.activeElement.blur()")


def test_a_session_on_a_phone_fits_and_reaches_the_answer(browser: Browser, explained: Any, kind: str) -> None:
    page = browser.new_page(**PHONE, color_scheme="light", bypass_csp=True)
    page.goto(f"{explained.address}/take?lang=fr")
    operator = Operator(page, "touch")
    operator.until(lambda shown: shown == "final")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert violations(page) == []
    page.locator(".switch input").tap()
    expect(page.locator(SEEN[kind]).first).to_be_hidden()
    operator.until(lambda shown: shown == "done")
    page.close()
    assert recorded(explained) == expected(operator)


def test_simulated_operators_recognise_what_is_shown(explained: Any) -> None:
    run = partial(simulate, explained.address, explained.stimuli, operators=2, seed=0, simulation_key="key")
    with ThreadPoolExecutor(1) as pool:  # a browser's own loop may run in this thread
        report = pool.submit(run).result()
    assert report.completed == 2
    trials = read_trials(explained.database, explained.protocol, explained.stimuli)
    assert len(trials) == 2 * 3
    assert all(trial["simulated"] and trial["explanation_seconds"] > 0 for trial in trials)
