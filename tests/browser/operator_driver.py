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
LISTENING = f"{PAGE}[data-listening]"
SEEN = "section => section.setAttribute('data-seen', '')"
ANSWERED = ("initial", "final", "single", "open", "attention")
"""Pages of a decision on which the operator answers."""
PASSING = ("wait", "supervised")
"""Those that go on by themselves."""


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
        self.section = section
        names = (section.get_attribute("class") or "").split()
        name = names[1].removeprefix("page-")
        if name in ("decision", "offer"):  # they listen from the frame in which their picture appeared
            self.page.wait_for_selector(LISTENING, timeout=20_000)
        if name == "decision":
            if section.query_selector(".instruction"):
                return "attention"
            return names[2].removeprefix("stage-")
        return name

    def act(self, kind: str) -> None:
        """Does what the page asks and confirms; keeps every item, and lets the model do what it does."""
        if kind in PASSING:
            self.let_pass()
            return
        if kind in ANSWERED:
            self._decide(kind)
        elif kind == "questionnaire":
            self._answer_questions()
        elif kind == "offer":
            self._choose_on_offer(1)
        elif kind == "device":
            self.page.keyboard.press("Shift")
        elif kind in ("break", "return"):
            self.page.wait_for_selector(".actions .primary:enabled:visible", timeout=20_000)
        self.section.evaluate(SEEN)
        if kind in ANSWERED or kind in ("offer", "handled"):
            self.confirm()
        else:
            self.press(".actions .primary")

    def let_pass(self) -> None:
        """Does nothing until the page is over."""
        self.section.evaluate(SEEN)
        self.page.wait_for_function("section => !section.isConnected", arg=self.section, timeout=20_000)

    def request(self) -> None:
        """Asks for the advice."""
        self.section.evaluate(SEEN)
        self._key_or("m", "button.request")

    def veto(self) -> None:
        """Opens a veto, thinks better of it, opens it again and decides."""
        self._key_or("v", "button.veto")
        self._key_or("Escape", ".actions button:not(.primary)")
        self._key_or("v", "button.veto")
        self._decide("supervised")
        self.section.evaluate(SEEN)
        self.confirm()

    def hand_over(self, count: int = 1) -> None:
        """Leaves the item, and the next ones, to the model: on an offer, or on the item's page."""
        if self.page.query_selector(".offer-card"):
            self._choose_on_offer(2)
        else:
            self._point(self.page.locator(".option.delegate input"))
        for _ in range(count - 1):
            self.press(".step-button:nth-of-type(2)")
        self.ready()
        self.section.evaluate(SEEN)
        self.press(".actions .primary")

    def choose(self, number: int) -> None:
        """Answers a questionnaire of one question with the option of that number, from 0."""
        self.page.locator(".field input[type=radio]").nth(number).check()
        self.section.evaluate(SEEN)
        self.press(".actions .primary")

    def change(self, reason: str) -> None:
        """Decides otherwise than at first, and says why."""
        first = self.answers[-1]["decision"]
        self._decide("final")
        assert self.answers[-1]["decision"] != first
        if self.page.is_visible(".reason textarea"):
            self._give_reason(reason)
        self.ready()
        self.section.evaluate(SEEN)
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

    def ready(self) -> None:
        """Called when an answer is given, before it is confirmed."""

    def confirm(self) -> None:
        self.ready()
        if self.hand == "keys":
            self.page.keyboard.press("Enter")
        else:
            self.press(".actions .primary")

    def _key_or(self, key: str, selector: str) -> None:
        if self.hand == "keys":
            self.page.keyboard.press(key)
        else:
            self.press(selector)

    def _choose_on_offer(self, number: int) -> None:
        if self.hand == "keys":
            self.page.keyboard.press(str(number))
        else:
            self._point(self.page.locator(".offer-card input").nth(number - 1))

    def _decide(self, kind: str) -> None:
        if self.page.query_selector(".estimate"):
            self.answers.append({"stage": kind, "decision": self._estimate(kind), "confidence": self._sure()})
            return
        options = self.page.locator(".options .option:not(.delegate) input")
        if kind == "attention":
            wanted = self.page.inner_text(".instruction")
            labels = self.page.locator(".options .label").all_inner_texts()
            turn = next(index for index, label in enumerate(labels) if label in wanted)
        else:
            turn = (3 * len(self.answers) + 1) % options.count()
            if kind == "supervised" and self._is_advice(turn):
                turn = (turn + 1) % options.count()
        chosen = options.nth(turn)
        value = chosen.get_attribute("value")
        if self.hand == "keys":
            self.page.keyboard.press(str((turn + 1) % 10))
        else:
            self._point(chosen)
        self.answers.append({"stage": kind, "decision": value, "confidence": self._sure()})
        if self.page.is_visible(".reason textarea"):
            self._give_reason("Looking again.")

    def _give_reason(self, reason: str) -> None:
        self.page.fill(".reason textarea", reason)
        self.page.locator(".reason textarea").blur()

    def _is_advice(self, turn: int) -> bool:
        """Whether the option is what the model decided, which a veto cannot be for."""
        return self.page.locator(".options .option").nth(turn).locator(".badge.model").count() > 0

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
