"""Case files, bars, estimates and side notes in a real browser: what is seen, reached and stored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from accessibility import violations
from operator_driver import Operator
from playwright.sync_api import Browser, Page, expect

from binome import protocol
from binome.core import ArtefactStore, Recipe
from binome.core.stimulus import (
    Decision,
    ExplanationCard,
    Feature,
    Legend,
    Number,
    PredictorCard,
    Rendering,
    Stimulus,
    StimulusSet,
    Task,
    read_stimuli,
    write_stimuli,
)
from binome.experiment import create_app, read_events, read_trials, serve

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "locale": "fr-FR"}
DESKTOP = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"}
LINES = 30
HIDDEN, UNSEEN = 4, 2
"""The line that the operator may not see, and the one that the predictor did not see."""
STUDY = """
binome: 1
study: cases
title: {en: Reading files, fr: Lire des dossiers}
context: {name: fashion}
predictor: {architecture: vit_micro}
explanations:
  ig: {method: integrated_gradients}
stimuli: {items: 2}
conditions:
  explained: {advice: after_initial, confidence: true, explanation: ig}
design: {kind: within, order: williams, operators: 4}
operators: {languages: [fr, en], consent: consent.md, practice: 1, attention_checks: 1}
"""


@dataclass(frozen=True)
class Served:
    address: str
    database: str
    protocol: protocol.Protocol
    stimuli: StimulusSet

    def trials(self) -> list[tuple[Any, Any]]:
        return [(trial["initial"], trial["final"]) for trial in read_trials(self.database, self.protocol, self.stimuli)]


@pytest.fixture(params=["verdict", "estimate"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def served(tmp_path: Path, kind: str) -> Iterator[Served]:
    """A study of thirty-line case files, decided by a verdict or a number, served for one test."""
    (tmp_path / "study.yaml").write_text(STUDY, "utf-8")
    (tmp_path / "consent.md").write_text("# Taking part\n\nYou will read files.\n", "utf-8")
    (tmp_path / "consent.fr.md").write_text("# Participer\n\nVous allez lire des dossiers.\n", "utf-8")
    recipe = Recipe("stimuli", {"cases": kind})
    built = ArtefactStore(tmp_path / "artefacts").make(recipe, lambda folder: write_cases(folder, kind == "estimate"))
    design, stimuli = protocol.load(tmp_path), read_stimuli(built)
    database = f"sqlite:///{tmp_path / 'study.db'}"
    app = create_app(design, stimuli, database=database, researcher_key="key", secret="secret")
    with serve(app) as address:
        yield Served(address, database, design, stimuli)


def write_cases(folder: Path, estimate: bool) -> None:
    (folder / "media").mkdir(exist_ok=True)
    features = tuple(
        Feature(
            f"measure{line}",
            {"en": f"Measure number {line} of the file", "fr": f"Mesure numéro {line} du dossier"},
            {"en": "points", "fr": "points"} if line % 3 else "",
            {"en": "What it means.", "fr": "Ce que cela veut dire."} if line % 2 else "",
        )
        for line in range(LINES)
    )
    contributions = tuple(None if line == UNSEEN else (-1.0) ** line * (LINES - line) for line in range(LINES))
    answers: dict[str, Any] = (
        {"number": Number(0, 900, 0.5, {"en": "points", "fr": "points"}, 5)}
        if estimate
        else {"decisions": (Decision("yes", {"en": "Yes", "fr": "Oui"}), Decision("no", {"en": "No", "fr": "Non"}))}
    )
    items = tuple(
        Stimulus(
            id=f"s{index}", source=str(index), role="practice" if index == 2 else "trial",
            truth=100.0 + index if estimate else "yes", advice=600.5 if estimate else ("yes", "no")[index % 2],
            advice_confidence=0.7,
            case=tuple(
                None if line == HIDDEN else {"en": f"{line}.5 pts", "fr": f"{line},5 pts"} for line in range(LINES)
            ),
            note={"en": f"Seen once, case {index}", "fr": f"Vu une fois, dossier {index}"},
            contributions={"ig": contributions},
        )
        for index in range(3)
    )  # fmt: skip
    write_stimuli(
        StimulusSet(
            folder=folder,
            task=Task("files", "Files", {"en": "What of this file?", "fr": "Que dit ce dossier ?"}, features=features,
                      **answers),
            predictor=PredictorCard("linear", 0.8, 0.75, 0.85, 1000, 0.02),
            explanations=(ExplanationCard("ig", "integrated_gradients", "gradient", False, {}, Rendering("bars")),),
            legend=Legend("magma", ("#000000", "#ffffff"), "little", "much"),
            items=items,
            views={"operator": {"hidden": [f"measure{HIDDEN}"]}, "predictor": {"hidden": [f"measure{UNSEEN}"]}},
        )
    )  # fmt: skip


class Reader(Operator):
    """An operator that finds the number an attention check asks for among the words and points around it."""

    def _estimate(self, kind: str) -> float:
        if kind != "attention":
            return super()._estimate(kind)
        asked = re.search(r"\d+(?:[.,]\d+)?", self.page.inner_text(".instruction"))
        assert asked is not None
        if self.hand == "keys":
            self.page.keyboard.type(asked[0])
        else:
            self.page.locator(".estimate-field input").fill(asked[0])
        return float(asked[0].replace(",", "."))


def pairs(operator: Operator) -> list[tuple[Any, Any]]:
    """The operator's answers as trials; an attention check has one answer alone."""
    rows: list[tuple[Any, Any]] = []
    initial = None
    for answer in operator.answers:
        decision = answer["decision"]
        if answer["stage"] == "initial":
            initial = decision
        else:
            rows.append((initial, decision))
            initial = None
    return rows


def on_screen(page: Page, selector: str) -> bool:
    """Whether the whole element is inside the window, and nothing lies over its middle."""
    found: bool = page.eval_on_selector(
        selector,
        """element => {
            const { left, top, right, bottom } = element.getBoundingClientRect();
            const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
            return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && element.contains(over);
        }""",
    )
    return found


def test_a_session_on_a_phone_reads_thirty_lines_and_reaches_the_answer(browser: Browser, served: Served) -> None:
    context = browser.new_context(**PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{served.address}/take?lang=fr")
    operator = Reader(page, "touch")
    operator.until(lambda shown: shown == "initial")
    assert page.locator(".casefile tbody tr").count() == LINES - 1
    assert page.locator("[data-bar]").count() == 0
    assert "Vu une fois" in page.inner_text(".side-note")
    help_text = page.locator(".line-help").first
    expect(help_text).to_be_hidden()
    page.locator(".info").first.tap()
    expect(help_text).to_be_visible()

    operator.act("initial")
    assert operator.kind() == "final"
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert "pas vu par la machine" in page.locator(".casefile tbody tr").nth(UNSEEN).inner_text()
    assert "que seule la machine a vus" in page.inner_text(".casefile .rest")
    assert not on_screen(page, ".choice")
    page.wait_for_selector(".jump", state="visible")
    place = page.locator(".jump").bounding_box()
    assert place is not None
    # By its place: a tap by name first scrolls, as no finger does.
    page.touchscreen.tap(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.wait_for_selector(".jump", state="hidden")
    assert on_screen(page, ".choice")

    operator.until(lambda shown: shown == "done")
    assert served.trials() == pairs(operator)
    context.close()


def test_a_session_by_keys_keeps_the_answer_beside_a_long_file(browser: Browser, served: Served, kind: str) -> None:
    context = browser.new_context(**DESKTOP)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{served.address}/take?lang=en")
    operator = Reader(page, "keys")
    operator.until(lambda shown: shown == "initial")
    operator.act("initial")
    assert operator.kind() == "final"
    page.keyboard.press("h")
    expect(page.locator(".track").first).to_be_hidden()
    page.keyboard.press("h")
    expect(page.locator(".track").first).to_be_visible()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert on_screen(page, ".actions .primary")
    assert on_screen(page, ".bars-legend .for")
    if kind == "estimate":
        assert [mark.inner_text() for mark in page.locator(".mark").all()] == ["you 40", "machine 600.5"]
        page.keyboard.type("901")
        page.keyboard.press("Enter")
        assert page.inner_text(".problem") == "Give a number between 0 and 900."
    operator.until(lambda shown: shown == "done")
    assert served.trials() == pairs(operator)
    toggles = [
        event["type"]
        for event in read_events(served.database, served.protocol, served.stimuli)
        if event["type"].startswith("explanation_")
    ]
    assert toggles[:3] == ["explanation_shown", "explanation_hidden", "explanation_shown"]
    context.close()


def test_keeping_the_first_answer_stores_it_again(browser: Browser, served: Served, kind: str) -> None:
    context = browser.new_context(**DESKTOP)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{served.address}/take?lang=en")
    operator = Reader(page, "keys")
    operator.until(lambda shown: shown == "initial")
    if kind == "estimate":
        page.keyboard.type("234,25")
    else:
        page.keyboard.press("2")
    page.locator(".step input").nth(3).check()
    page.eval_on_selector("section.page", "section => section.setAttribute('data-seen', '')")
    page.keyboard.press("Enter")
    assert operator.kind() == "final"
    page.keyboard.press("k")
    page.locator(".step input").nth(3).check()
    page.eval_on_selector("section.page", "section => section.setAttribute('data-seen', '')")
    page.keyboard.press("Enter")
    assert operator.kind() == "feedback"
    assert page.locator(".casefile tbody tr").count() == LINES - 1
    kept = 234.25 if kind == "estimate" else "no"
    assert served.trials() == [(kept, kept)]
    context.close()


@pytest.mark.parametrize(
    ("kind", "language"),
    [
        ("verdict", "fr"),
        ("estimate", "en"),
        pytest.param("verdict", "en", marks=pytest.mark.slow),
        pytest.param("estimate", "fr", marks=pytest.mark.slow),
    ],
)
def test_no_page_of_a_case_breaks_an_accessibility_rule(browser: Browser, served: Served, language: str) -> None:
    device: dict[str, Any] = PHONE if language == "fr" else DESKTOP
    scheme = "light" if language == "fr" else "dark"
    page = browser.new_page(**device, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)  # type: ignore[arg-type]
    page.goto(f"{served.address}/take?lang={language}")
    operator = Reader(page, "mouse")
    seen: set[str] = set()
    while (shown := operator.kind()) != "done":
        if shown not in seen and shown in {"initial", "final", "attention", "feedback"}:
            assert violations(page) == [], shown
            seen.add(shown)
        operator.act(shown)
    assert seen == {"initial", "final", "attention", "feedback"}
    page.close()
