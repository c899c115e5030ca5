"""The variation study's page in a browser: by keyboard, on a phone, without breaking an accessibility rule."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from accessibility import violations
from playwright.sync_api import Browser, Page

sys.path.append(str(Path(__file__).parents[1] / "report"))
from variation_tables import METHODS, METRICS, write_tables

from binome.report import publish_variation, read_findings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("variation")
    tables = write_tables(folder, methods=METHODS[2:4], metrics=METRICS[:4], items=6, side=10)
    return publish_variation(folder / "results", read_findings(tables), title="Sorting clothes")


@pytest.fixture(params=["en-360-dark", "fr-1440-light"])
def page(request: pytest.FixtureRequest, browser: Browser, pages: list[Path]) -> Iterator[Page]:
    language, width, scheme = request.param.split("-")
    page = browser.new_page(viewport={"width": int(width), "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[language == "fr"].as_uri())
    yield page
    assert not [url for url in asked if not url.startswith(("file:", "data:"))]
    page.close()


def test_no_rule_is_broken_and_nothing_overflows(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    assert violations(page) == []


def test_items_and_methods_are_chosen_by_keyboard(page: Page) -> None:
    def shown(selector: str) -> list[str]:
        return page.eval_on_selector_all(
            selector, "all => all.filter(one => one.offsetParent).map(one => one.className.split(' ')[1])"
        )

    assert shown(".of-item") == ["of-item-0"]
    assert shown(".of-method") == ["of-method-0"]
    page.focus("#item-0")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert shown(".of-item") == ["of-item-2"]
    # The method stays chosen from one item to the next.
    assert shown(".of-method") == ["of-method-1"]
    page.focus("#item-2")
    page.keyboard.press("ArrowLeft")
    assert shown(".of-item") == ["of-item-1"]
    assert shown(".of-method") == ["of-method-1"]


def test_maps_are_laid_over_the_picture(page: Page) -> None:
    opacity = "getComputedStyle(document.querySelector('.of-item-0 .map img')).opacity"
    assert page.evaluate(opacity) == "1"
    page.focus("#over")
    page.keyboard.press("Space")
    assert float(page.evaluate(opacity)) < 1
    laid = "getComputedStyle(document.querySelector('.of-item-0 .map')).backgroundImage"
    assert page.evaluate(laid).startswith('url("data:image/png;base64,')


PRINTED = """() => {
    const seen = selector => [...document.querySelectorAll(selector)].filter(one => one.checkVisibility()).length
    const wide = [...document.querySelectorAll('table, svg, pre, img')].filter(one =>
        one.checkVisibility() && one.getBoundingClientRect().right > document.documentElement.clientWidth)
    return {
        background: getComputedStyle(document.body).backgroundColor, wide: wide.length,
        items: seen('.of-item'), methods: seen('.of-method'), choices: seen('.pick, .over'),
        closed: seen('details') - seen('details > :nth-child(2)'),
    }
}"""


def test_on_paper_nothing_hides_is_dark_or_is_cut_off(page: Page) -> None:
    page.set_viewport_size({"width": 680, "height": 960})  # A4 between its margins
    page.emulate_media(media="print")
    printed = page.evaluate(PRINTED)
    assert printed == {
        "background": "rgb(255, 255, 255)", "wide": 0, "items": 5, "methods": 5, "choices": 0, "closed": 0,
    }  # fmt: skip
