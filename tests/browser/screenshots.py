"""Pictures of every page kind, on a phone and a desktop, in both languages, light and dark; axe looks at each, too.

Usage: python tests/browser/screenshots.py FOLDER [STUDY …]

Without a study, of one with every kind of page, and of one with every end, which are made for it; studies that are
named must be built. Fails where a page breaks an accessibility rule.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

from accessibility import violations
from ends import ENDS, gone_through
from kinds_session import TRIAL, KindsOperator, parts_of
from kinds_study import make_garments, make_kinds
from operator_driver import launch
from playwright.sync_api import Browser, Page, sync_playwright

from binome.core.stimulus import StimulusSet
from binome.experiment import app as server
from binome.experiment import create_app, serve
from binome.experiment.sessions import clock
from binome.pipeline import open_study
from binome.protocol import Protocol

Look = tuple[str, int, int, Literal["light", "dark"]]
"""Language, width and height in CSS pixels, colour scheme."""
Study = tuple[Protocol, StimulusSet]
Visit = Callable[[Browser, str, Path, Look], list[str]]
LOOKS: list[Look] = [
    ("fr", 360, 740, "light"),
    ("en", 360, 740, "dark"),
    ("fr", 1440, 900, "dark"),
    ("en", 1440, 900, "light"),
]
WHY = {"fr": "Les manches s’arrêtent au coude.", "en": "The sleeves end at the elbow."}
SQUEEZED = """() => [...document.querySelectorAll("label, .label, button, td, th, p, li")]
  .filter((element) => element.offsetParent && !element.closest(".visually-hidden"))
  .filter((element) => element.textContent.trim().length > 3)
  .filter((element) => element.getBoundingClientRect().width < 1.5 * parseFloat(getComputedStyle(element).fontSize))
  .map((element) => `squeezed: ${element.textContent}`)"""
"""Text whose column has room for a letter or two."""
NARROW = 600  # CSS pixels, the widest phone
LATER = 2 * 24 * 3600  # seconds


class Clock:
    """The server's, which can be set ahead."""

    ahead = 0.0

    def __call__(self) -> float:
        return clock() + self.ahead


CLOCK = Clock()


class Pictured(KindsOperator):
    """Takes a picture of each page as it appears and, where it is a trial's, once it is answered."""

    def __init__(self, page: Page, hand: Literal["touch", "mouse"], folder: Path) -> None:
        super().__init__(page, hand)
        self.folder, self.name = folder, ""
        size = page.viewport_size or {"width": 0, "height": 0}
        self.size = size["width"], size["height"]
        self.taken: set[str] = set()
        self.faults: list[str] = []
        self.right: Mapping[str, int] = {}

    def look(self, kind: str) -> None:
        """Names the page by its kind, and by what it has where it is a trial's; a picture of each name."""
        parts = sorted(parts_of(self) - {"options"}) if kind in TRIAL else []
        if kind in TRIAL:
            self.name = "-".join([kind, *parts])
        else:
            self.name = f"{kind}-{self.page.inner_text('h1')[:30].strip()}".replace("/", " ")
        self.shoot(self.name)

    def _answer(self, field: Any) -> None:
        options = field.locator("input[type=radio]")
        asked = (options.first.get_attribute("name") or "").rpartition("-")[0] if options.count() else ""
        if asked in self.right:
            options.nth(self.right[asked]).check()
        else:
            super()._answer(field)

    def ready(self) -> None:
        if self.name:
            self.shoot(f"{self.name}-answered")

    def shoot(self, name: str, *, whole: bool = True) -> None:
        """A picture of the page, or (not `whole`) of what the window shows of it."""
        if name in self.taken:
            return
        self.taken.add(name)
        number = len(list(self.folder.glob("*.png"))) + 1
        path = self.folder / f"{number:02d}-{name}.png"
        # A window as high as the page: a picture of more than the window is taken without touch, and looks otherwise.
        height = self._height(name) if whole else 0
        self.page.set_viewport_size({"width": self.size[0], "height": max(self.size[1], height)})
        self.page.wait_for_timeout(150)
        self.page.screenshot(path=path)
        self.page.set_viewport_size({"width": self.size[0], "height": self.size[1]})
        self.faults += [f"{path}: {fault}" for fault in [*violations(self.page), *self.page.evaluate(SQUEEZED)]]

    def _height(self, name: str) -> int:
        """Of the page, where it may be longer than the window: on a desktop a trial may not."""
        if name.startswith(TRIAL) and self.size[0] > NARROW:
            return 0
        return int(self.page.evaluate("document.documentElement.scrollHeight"))


def main(folder: Path, studies: list[Path]) -> list[str]:
    """Takes all pictures; returns the rules that pages break."""
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        browser = launch(playwright)
        for study in studies:
            made = built(study)
            visit = partial(session, right=right_answers(made[0]))
            faults += pictured(browser, made, Path(work), folder / study.name, visit)
        if not studies:
            gallery = make_kinds(Path(work) / "gallery", "gallery")
            faults += pictured(browser, gallery, Path(work), folder, session)
            for look in LOOKS:  # each has a database of its own, for the study has one place
                made = make_garments(Path(work) / f"ends-{look[0]}-{look[1]}", ENDS)
                faults += pictured(browser, made, Path(work), folder / "ends", ends, (look,))
        browser.close()
    return faults


def pictured(
    browser: Browser, study: Study, work: Path, folder: Path, visit: Visit, looks: Sequence[Look] = LOOKS
) -> list[str]:
    """One visit for each look, with a folder of its own."""
    protocol, stimuli = study
    database = f"sqlite:///{work}/{len(list(work.glob('*.db')))}.db"
    app = create_app(protocol, stimuli, database=database, researcher_key="key", secret="secret")
    faults: list[str] = []
    with serve(app) as address, patch.object(server, "clock", CLOCK):
        for look in looks:
            language, width, _, scheme = look
            place = folder / f"{language}-{width}-{scheme}"
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            faults += visit(browser, f"{address}/take?lang={language}", place, look)
    return faults


def built(study: Path) -> Study:
    """A study that `binome build` made."""
    pipeline = open_study(study)
    return pipeline.protocol, pipeline.read_stimuli()


def right_answers(protocol: Protocol) -> dict[str, int]:
    """By question, the place of the answer with which one may go on."""
    accepted = protocol.study.operators.screening.accept if protocol.study.operators.screening else {}
    return {
        question.id: place
        for questionnaire in protocol.questionnaires.values()
        for question in questionnaire.questions
        for place, option in reversed(list(enumerate(question.options)))
        if option.id == question.correct or option.id in accepted.get(question.id, [])
    }


def session(
    browser: Browser, address: str, folder: Path, look: Look, *, right: Mapping[str, int] | None = None
) -> list[str]:
    """One session, in which everything is done once that can be done.

    Args:
        right: of a study that is not made for this, what lets one take part.
    """
    operator = arrive(browser, address, folder, look)
    met: list[str] = []
    deeds = deeds_of(look[0])
    if right is not None:
        operator.right = right
        del deeds["questionnaire", 2]
    while (kind := operator.kind()) != "done":
        operator.look(kind)
        met.append(kind)
        deeds.get((kind, met.count(kind)), lambda operator, kind=kind: operator.act(kind))(operator)
    operator.look("done")
    operator.page.close()
    return operator.faults


def ends(browser: Browser, address: str, folder: Path, look: Look) -> list[str]:
    """Every way in which a session ends."""
    people: list[Pictured] = []

    def come() -> Pictured:
        people.append(arrive(browser, address, folder, look))
        return people[-1]

    gone_through(come)
    return [fault for person in people for fault in person.faults]


def arrive(browser: Browser, address: str, folder: Path, look: Look) -> Pictured:
    """Somebody new at the first page."""
    _, width, height, scheme = look
    phone = width < NARROW
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=phone, is_mobile=phone, color_scheme=scheme,
        bypass_csp=True,
    )  # fmt: skip
    page = context.new_page()
    page.goto(address)
    return Pictured(page, "touch" if phone else "mouse", folder)


def deeds_of(language: str) -> dict[tuple[str, int], Callable[[Any], None]]:
    """What is done on the n-th page of a kind, from 1, instead of what always is."""
    return {
        ("questionnaire", 2): lambda operator: operator.choose(0),  # not understood
        ("supervised", 1): veto,
        ("supervised", 2): lambda operator: operator.veto(),
        ("open", 1): lambda operator: operator.request(),
        ("final", 1): lambda operator: operator.change(WHY[language]),
        ("offer", 1): lambda operator: operator.hand_over(1),
        ("return", 1): come_back,
    }


def veto(operator: Pictured) -> None:
    operator.press("button.veto")
    operator.shoot("supervised-veto-open")
    operator.press(".actions button:not(.primary)")
    operator.veto()


def come_back(operator: Pictured) -> None:
    """Two days later."""
    CLOCK.ahead += LATER
    operator.page.reload()
    operator.kind()
    operator.shoot("return-open")
    operator.act("return")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    broken = main(Path(sys.argv[1]), [Path(study) for study in sys.argv[2:]])
    sys.exit("\n".join(broken) or None)
