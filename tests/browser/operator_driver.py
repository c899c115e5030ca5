"""An operator's hands: goes through whatever page is shown, by keys, touch or mouse, and remembers its answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

from playwright.sync_api import Browser, Page, Playwright

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PAGE = "section.page:not([data-seen])"


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)


class Operator:
    """Answers every decision with the option of its turn, and with 75 %."""

    def __init__(self, page: Page, hand: Literal["keys", "touch", "mouse"]) -> None:
        self.page, self.hand = page, hand
        self.answers: list[dict[str, Any]] = []

    def kind(self) -> str:
        """The kind of the page that is shown, once it is."""
        section = self.page.wait_for_selector(PAGE, timeout=20_000)
        assert section is not None
        names = (section.get_attribute("class") or "").split()
        name = names[1].removeprefix("page-")
        if name == "decision":
            self.page.wait_for_timeout(60)  # the page listens from the frame in which its picture appeared
            if self.page.query_selector(".instruction"):
                return "attention"
            return names[2].removeprefix("stage-")
        return name

    def act(self, kind: str) -> None:
        """Does what the page asks and confirms."""
        mark = "section => section.setAttribute('data-seen', '')"
        if kind in ("initial", "final", "single", "attention"):
            self._decide(kind)
            self.page.eval_on_selector("section.page", mark)
            self.confirm()
        elif kind == "questionnaire":
            self._answer_questions()
            self.page.eval_on_selector("section.page", mark)
            self.press(".actions .primary")
        else:
            self.page.eval_on_selector("section.page", mark)
            self.press(".actions .primary")

    def until(self, stop: Callable[[str], bool], most: int = 60) -> str:
        """Goes on to the first page that `stop` accepts."""
        for _ in range(most):
            kind = self.kind()
            if stop(kind):
                return kind
            self.act(kind)
        raise AssertionError("the session does not end")

    def press(self, selector: str) -> None:
        target = self.page.locator(selector).first
        if self.hand == "keys":
            target.focus()
            self.page.keyboard.press("Enter")
        elif self.hand == "touch":
            target.tap()
        else:
            target.click()

    def confirm(self) -> None:
        if self.hand == "keys":
            self.page.keyboard.press("Enter")
        else:
            self.press(".actions .primary")

    def _decide(self, kind: str) -> None:
        if self.page.query_selector(".estimate"):
            self.answers.append({"stage": kind, "decision": self._estimate(kind), "confidence": self._sure()})
            return
        options = self.page.locator(".options input")
        if kind == "attention":
            wanted = self.page.inner_text(".instruction")
            labels = self.page.locator(".options .label").all_inner_texts()
            turn = next(index for index, label in enumerate(labels) if label in wanted)
        else:
            turn = (3 * len(self.answers) + 1) % options.count()
        chosen = options.nth(turn)
        value = chosen.get_attribute("value")
        if self.hand == "keys":
            self.page.keyboard.press(str((turn + 1) % 10))
        else:
            self._point(chosen)
        self.answers.append({"stage": kind, "decision": value, "confidence": self._sure()})

    def _estimate(self, kind: str) -> float:
        """Types a number: the one asked for, or one of its turn."""
        number = str(40 + 10 * (len(self.answers) % 7))
        if kind == "attention":
            asked = re.search(r"\d+([.,]\d+)?", self.page.inner_text(".instruction"))
            assert asked is not None
            number = asked.group()
        if self.hand == "keys":
            self.page.keyboard.type(number)
        else:
            self.page.locator(".estimate-field input").fill(number)
        return float(number.replace(",", "."))

    def _sure(self) -> float | None:
        """Says 75 %, where it is asked."""
        if not self.page.query_selector(".confidence"):
            return None
        if self.hand == "keys":
            if self.page.query_selector(".estimate"):
                self.page.locator(".step input").first.focus()
            for _ in range(3):  # the first step has the focus
                self.page.keyboard.press("ArrowRight")
        else:
            self._point(self.page.locator(".step input").nth(3))
        return 0.75

    def _point(self, target: Any) -> None:
        if self.hand == "touch":
            target.tap()
        else:
            target.click()

    def _answer_questions(self) -> None:
        for field in self.page.locator(".field").all():
            slider, radio = field.locator("input[type=range]"), field.locator("input[type=radio]")
            if slider.count():
                slider.focus()
                self.page.keyboard.press("ArrowRight")
            elif radio.count():
                radio.first.check()
            elif field.locator("input.numeric").count():
                field.locator("input").fill("30")
