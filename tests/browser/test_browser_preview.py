"""The researcher's preview: any condition's pages, what they would record, texts to change; nothing is stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from accessibility import violations
from operator_driver import Operator
from playwright.sync_api import Browser, expect
from test_browser_session import DESKTOP, PHONE

from binome.experiment import read_events, read_operators, read_trials

pytestmark = pytest.mark.browser


def test_a_condition_is_gone_through_with_what_it_records_and_nothing_is_stored(browser: Browser, served: Any) -> None:
    context = browser.new_context(bypass_csp=True, **DESKTOP)
    page = context.new_page()
    page.goto(f"{served.address}/researcher?key=key&lang=en")
    page.click("a[href='/take?preview=explained&lang=en']")
    operator = Operator(page, "mouse")
    assert operator.kind() == "pages"
    assert violations(page) == []
    operator.act("pages")
    assert operator.kind() == "initial"
    operator.act("initial")
    assert operator.kind() == "final"
    expect(page.locator(".overlay")).to_be_visible()
    recorded = json.loads(page.locator(".record .complete pre").last.inner_text())
    assert recorded["decision"] == operator.answers[0]["decision"]
    assert recorded["confidence"] == 0.75
    operator.until(lambda kind: kind == "done")

    page.select_option(".choosers label:last-child select", index=0)
    assert operator.kind() == "consent"
    page.click(".actions button:not(.primary)")
    assert operator.kind() == "done"
    context.close()
    for read in (read_trials, read_operators, read_events):
        assert read(served.database, served.protocol, served.stimuli) == []


def test_texts_are_marked_kept_and_downloaded(browser: Browser, served: Any) -> None:
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.goto(f"{served.address}/researcher?key=key")
    page.goto(f"{served.address}/take?preview=alone&lang=fr")
    Operator(page, "mouse").kind()
    mark = page.locator(".panel button.small", has_text="Marquer")
    assert mark.is_disabled()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.page h1'))")
    heading = page.inner_text(".page h1")
    page.locator(".panel button.small", has_text="Marquer").click()
    page.fill(".texts textarea", "Plus court")
    page.reload()
    page.wait_for_selector(".texts blockquote")
    assert page.input_value(".texts textarea") == "Plus court"
    with page.expect_download() as download:
        page.click("text=Télécharger la liste")
    text = Path(download.value.path()).read_text("utf-8")
    assert f"> {heading}" in text
    assert "Plus court" in text
    page.click(".texts button")
    assert page.locator(".texts li").count() == 0
    context.close()


def test_it_is_for_researchers_only(browser: Browser, served: Any) -> None:
    page = browser.new_page(**DESKTOP)
    page.goto(f"{served.address}/take?preview=explained&lang=en")
    page.wait_for_selector("text=For researchers only")
    assert page.request.get(f"{served.address}/api/preview/media/x").status == 401
    page.close()
