"""How a session may end, or not begin: each page on which it does, from the first to one with no place left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from operator_driver import SEEN

ENDS = """\
binome: 1
study: ends
title: {en: Sorting clothes with a machine, fr: Trier des vêtements avec une machine}
context: {name: fashion}
predictor: {architecture: vit_micro}
stimuli: {items: 1}
conditions: {alone: {}}
design: {kind: within, operators: 1}
operators:
  languages: [en, fr]
  practice: 0
  screening: {questionnaire: screen, accept: {used: [often, rarely]}}
  comprehension: {questionnaire: understood, attempts: 1}
"""
NEVER, MODEL, OFTEN = 2, 0, 0
Arrive = Callable[[], Any]
"""Opens a page of somebody new, in a context of their own; gives their hands, with `page` and `shoot(name)`."""


def gone_through(arrive: Arrive) -> None:
    """Everybody who may come to the study, which has one place."""
    early = arrive()
    early.until(lambda kind: kind == "consent")
    screened_out(arrive())
    declining(arrive())
    misunderstanding(arrive())
    leaving(arrive())
    in_two_tabs(arrive())
    with_an_error(arrive())
    last = arrive()
    last.until(lambda kind: kind == "done")
    last.shoot("done-plain")
    last.page.context.close()
    too_late(early)
    closed(arrive())


def screened_out(operator: Any) -> None:
    operator.until(lambda kind: kind == "questionnaire")
    operator.choose(NEVER)
    finish(operator, "excluded-screening")


def misunderstanding(operator: Any) -> None:
    operator.until(lambda kind: kind == "questionnaire")
    operator.choose(OFTEN)
    operator.until(lambda kind: kind == "questionnaire")
    operator.choose(MODEL)
    finish(operator, "excluded-comprehension")


def declining(operator: Any) -> None:
    operator.until(lambda kind: kind == "consent")
    operator.section.evaluate(SEEN)
    operator.press(".actions button:not(.primary)")
    finish(operator, "declined")


def leaving(operator: Any) -> None:
    operator.until(lambda kind: kind == "consent")
    operator.press(".top-tools button")
    operator.shoot("help", whole=False)
    operator.press("dialog .danger")
    operator.shoot("withdraw", whole=False)
    operator.section.evaluate(SEEN)
    operator.press("dialog .danger")
    operator.page.wait_for_selector(".page-message")
    operator.shoot("withdrawn")
    operator.page.context.close()


def in_two_tabs(operator: Any) -> None:
    operator.until(lambda kind: kind == "consent")
    other = operator.page.context.new_page()
    other.goto(operator.page.url)
    other.wait_for_selector(".page-consent")
    operator.page.bring_to_front()
    operator.page.wait_for_selector(".page-message")
    operator.shoot("elsewhere")
    operator.page.context.close()


def with_an_error(operator: Any) -> None:
    """A picture of the item that is not there."""
    page = operator.page
    page.route("**/api/media/*", lambda route: route.fulfill(status=404))
    operator.until(lambda kind: kind == "questionnaire")
    operator.choose(OFTEN)
    operator.until(lambda kind: kind == "questionnaire")
    operator.choose(1)
    operator.until(lambda kind: kind == "message")
    operator.shoot("error")
    operator.page.click(".top-tools button")  # gives the place back
    operator.page.click("dialog .danger")
    operator.page.click("dialog .danger")
    operator.page.wait_for_timeout(500)
    operator.page.context.close()


def too_late(operator: Any) -> None:
    """Agrees when the last place is taken."""
    operator.page.bring_to_front()
    operator.act("consent")
    operator.until(lambda kind: kind == "questionnaire")
    operator.choose(OFTEN)
    finish(operator, "full")


def closed(operator: Any) -> None:
    operator.page.wait_for_selector(".page-message")
    operator.shoot("closed")
    operator.page.context.close()


def finish(operator: Any, name: str) -> None:
    assert operator.kind() == "done"
    operator.shoot(name)
    operator.page.context.close()
