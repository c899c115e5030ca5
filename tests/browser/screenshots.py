"""Pictures of every page kind, on a phone and a desktop, in both languages, light and dark.

Usage: python tests/browser/screenshots.py FOLDER [STUDY …]

Without a study, of one with every kind of page, which is made for it; studies that are named must be built.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

from kinds_session import TRIAL, KindsOperator, parts_of
from kinds_study import make_kinds
from operator_driver import launch
from playwright.sync_api import Browser, Page, sync_playwright

from binome.core.stimulus import StimulusSet
from binome.experiment import app as server
from binome.experiment import create_app, serve
from binome.experiment.sessions import clock
from binome.pipeline import open_study
from binome.protocol import Protocol

LOOKS = [("fr", 360, 740, "light"), ("en", 360, 740, "dark"), ("fr", 1440, 900, "dark"), ("en", 1440, 900, "light")]
WHY = {"fr": "Les manches s’arrêtent au coude.", "en": "The sleeves end at the elbow."}
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

    def look(self, kind: str) -> None:
        """Names the page by its kind, and by what it has where it is a trial's; a picture of each name."""
        parts = sorted(parts_of(self) - {"options"}) if kind in TRIAL else []
        if kind in TRIAL:
            self.name = "-".join([kind, *parts])
        else:
            self.name = f"{kind}-{self.page.inner_text('h1')[:30].strip()}".replace("/", " ")
        self.shoot(self.name)

    def ready(self) -> None:
        self.shoot(f"{self.name}-answered")

    def shoot(self, name: str) -> None:
        if name in self.taken:
            return
        self.taken.add(name)
        path = self.folder / f"{len(self.taken):02d}-{name}.png"
        # A window as high as the page: a picture of more than the window is taken without touch, and looks otherwise.
        self.page.set_viewport_size({"width": self.size[0], "height": max(self.size[1], self._height(name))})
        self.page.wait_for_timeout(150)
        self.page.screenshot(path=path)
        self.page.set_viewport_size({"width": self.size[0], "height": self.size[1]})

    def _height(self, name: str) -> int:
        """Of the page, where it may be longer than the window: on a desktop a trial may not."""
        if name.startswith(TRIAL) and self.size[0] > NARROW:
            return 0
        return int(self.page.evaluate("document.documentElement.scrollHeight"))


def main(folder: Path, studies: list[Path]) -> None:
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        browser = launch(playwright)
        for number, study in enumerate(studies or [None]):
            protocol, stimuli = make_kinds(Path(work) / "gallery", "gallery") if study is None else built(study)
            database = f"sqlite:///{work}/study-{number}.db"
            app = create_app(protocol, stimuli, database=database, researcher_key="key", secret="secret")
            place = folder if study is None else folder / study.name
            with serve(app) as address, patch.object(server, "clock", CLOCK):
                for language, width, height, scheme in LOOKS:
                    look = place / f"{language}-{width}-{scheme}"
                    session(browser, f"{address}/take?lang={language}", look, width, height)
        browser.close()


def built(study: Path) -> tuple[Protocol, StimulusSet]:
    """A study that `binome build` made."""
    pipeline = open_study(study)
    return pipeline.protocol, pipeline.read_stimuli()


def session(browser: Browser, address: str, folder: Path, width: int, height: int) -> None:
    """One session, in which everything is done once that can be done."""
    scheme: Any = "dark" if folder.name.endswith("dark") else "light"
    phone = width < NARROW
    page = browser.new_page(
        viewport={"width": width, "height": height}, has_touch=phone, is_mobile=phone, color_scheme=scheme
    )
    page.goto(address)
    operator = Pictured(page, "touch" if phone else "mouse", folder)
    met: list[str] = []
    deeds = deeds_of("fr" if folder.name.startswith("fr") else "en")
    while (kind := operator.kind()) != "done":
        operator.look(kind)
        met.append(kind)
        deeds.get((kind, met.count(kind)), lambda operator, kind=kind: operator.act(kind))(operator)
    operator.look("done")
    page.close()


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
    main(Path(sys.argv[1]), [Path(study) for study in sys.argv[2:]])
