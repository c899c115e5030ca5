"""The page of an analysis in a browser: on a phone and a screen, in both lights, without breaking a rule."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from accessibility import violations
from playwright.sync_api import Browser, Page

sys.path.append(str(Path(__file__).parents[1] / "report"))
from analysis_findings import make_findings

from binome.report import publish_analysis

pytestmark = pytest.mark.browser
OVERLAPS = """() => [...document.querySelectorAll('.figure svg')].filter(svg => svg.checkVisibility()).flatMap(svg => {
    const boxes = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()])
    const hit = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4
    return boxes.flatMap(([one, a], i) =>
        boxes.slice(i + 1).filter(([, b]) => hit(a, b)).map(([two]) => `${one} / ${two}`))
})"""
"""Pairs of texts in a drawing that lie over one another."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("analysis")
    publish_analysis(make_findings(), folder)
    return folder


LOOKS = ["fr-360-dark", "en-1440-light"]
MORE = [pytest.param(look, marks=pytest.mark.slow) for look in ("en-360-light", "fr-1440-dark")]


@pytest.fixture(params=[*LOOKS, *MORE])
def page(request: pytest.FixtureRequest, browser: Browser, folder: Path) -> Iterator[Page]:
    language, width, scheme = request.param.split("-")
    page = browser.new_page(viewport={"width": int(width), "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / ("analysis.html" if language == "en" else "analysis.fr.html")).as_uri())
    yield page
    assert not [url for url in asked if not url.startswith(("file:", "data:"))]
    page.close()


def test_no_rule_is_broken_nothing_overflows_no_label_hides_another(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    assert page.evaluate(OVERLAPS) == []
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    assert violations(page) == []


def test_on_paper_nothing_is_dark_or_cut_off_and_long_tables_alone_stay_closed(page: Page) -> None:
    page.set_viewport_size({"width": 680, "height": 960})  # A4 between its margins
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("""[...document.querySelectorAll('table, svg, pre')].filter(one => one.checkVisibility()
        && one.getBoundingClientRect().right > document.documentElement.clientWidth).length""") == 0  # fmt: skip
    rows = page.evaluate("""[...document.querySelectorAll('details')].map(one =>
        [one.querySelector(':nth-child(2)').checkVisibility(), one.querySelectorAll('tbody tr').length])""")
    assert {shown for shown, _ in rows} == {True, False}
    assert all(shown == (count <= 30) for shown, count in rows)
