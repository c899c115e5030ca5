"""Case files and estimates in a real browser: whole sessions compared with the exported trials; accessibility."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from accessibility import violations
from operator_driver import Operator
from playwright.sync_api import Browser, expect
from test_browser_session import DESKTOP, PHONE, expected, recorded

from binome.experiment import create_app, read_trials, serve
from binome.pipeline import open_study

pytestmark = pytest.mark.browser
STUDIES = Path(__file__).parents[2] / "studies"


def made(name: str, folder: Path) -> Any:
    """An example study with four items in two conditions, really trained and built."""
    target = folder / name
    target.mkdir()
    for file in (STUDIES / name).glob("*.*"):
        if file.suffix in (".yaml", ".md"):
            shutil.copy(file, target / file.name)
    data = yaml.safe_load((target / "study.yaml").read_text("utf-8"))
    data["stimuli"] = {"items": 4, "seed": 0}
    data["variation"] = {"items": 8, "metrics": ["deletion"], "agreements": ["spearman"]}
    data["conditions"] = {name: data["conditions"][name] for name in ("advised", "explained")}
    data["design"] = {"kind": "within", "order": "fixed", "operators": 2}
    data["questionnaires"] = {}
    (target / "study.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    pipeline = open_study(target)
    pipeline.build()
    return pipeline


@pytest.fixture(scope="module", params=["recidivism-pilot", "diabetes-advice"])
def built(request: Any, tmp_path_factory: Any) -> Any:
    return made(request.param, tmp_path_factory.mktemp("built"))


@pytest.fixture
def cases(built: Any, tmp_path: Path) -> Iterator[Any]:
    stimuli, database = built.read_stimuli(), f"sqlite:///{tmp_path / 'study.db'}"
    app = create_app(built.protocol, stimuli, database=database, researcher_key="key", secret="secret")
    with serve(app) as address:
        yield SimpleNamespace(address=address, database=database, protocol=built.protocol, stimuli=stimuli)


def test_a_session_by_keyboard_on_a_phone_is_exported_to_the_row(browser: Browser, cases: Any) -> None:
    page = browser.new_page(**PHONE)
    page.goto(f"{cases.address}/take?lang=fr")
    operator = Operator(page, "touch")
    operator.until(lambda kind: kind == "initial")
    estimate = cases.stimuli.task.number is not None
    operator.hand = "keys"
    shown = page.locator(".casefile .value").all_inner_texts()
    assert len(shown) >= 5
    assert page.locator(".bar").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    operator.until(lambda kind: kind == "final" and page.locator(".with-bars").count() > 0)
    expect(page.locator("[data-bar]").first).to_be_visible()
    page.keyboard.press("h")
    expect(page.locator("[data-bar]").first).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    operator.until(lambda kind: kind == "done")
    page.close()

    assert recorded(cases) == expected(operator)
    trials = read_trials(cases.database, cases.protocol, cases.stimuli)
    assert all(isinstance(trial["final"], float if estimate else str) for trial in trials)
    explained = [trial for trial in trials if trial["explanation"]]
    assert explained
    assert all(trial["explanation_opened"] for trial in explained)
    checks = [trial for trial in trials if trial["attention_check"]]
    assert [trial["final"] for trial in checks] == [trial["truth"] for trial in checks]


def test_a_note_stands_beside_the_case(browser: Browser, cases: Any) -> None:
    page = browser.new_page(**DESKTOP)
    page.goto(f"{cases.address}/take?lang=en")
    Operator(page, "mouse").until(lambda kind: kind == "initial")
    noted = any(item.note for item in cases.stimuli.items)
    assert page.locator(".side-note").count() == int(noted)
    if noted:
        assert "Felonies as a minor" in page.inner_text(".side-note")
    page.close()


@pytest.mark.parametrize("language", ["fr", pytest.param("en", marks=pytest.mark.slow)])
def test_no_page_breaks_an_accessibility_rule(browser: Browser, cases: Any, language: str) -> None:
    page = browser.new_page(**(PHONE if language == "fr" else DESKTOP), reduced_motion="reduce", bypass_csp=True)
    page.goto(f"{cases.address}/take?lang={language}")
    operator, seen = Operator(page, "mouse"), set[str]()
    while (kind := operator.kind()) != "done":
        bars = kind + "-bars" * bool(page.locator(".with-bars").count())
        if bars not in seen:
            assert violations(page) == [], bars
            seen.add(bars)
        operator.act(kind)
    assert seen >= {"initial", "final", "final-bars", "feedback", "attention"}
    page.close()
