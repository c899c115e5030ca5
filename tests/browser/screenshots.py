"""Pictures of every page kind, on a phone and a desktop, in both languages, light and dark.

Usage: python tests/browser/screenshots.py FOLDER [STUDY …]

Without a study, of a tiny one that is made for it; studies that are named must be built.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from operator_driver import Operator, launch
from playwright.sync_api import Browser, sync_playwright
from tiny_study import make_study

from binome.core.stimulus import StimulusSet
from binome.experiment import create_app, serve
from binome.pipeline import open_study
from binome.protocol import Protocol

LOOKS = [("fr", 360, 740, "light"), ("en", 360, 740, "dark"), ("fr", 1440, 900, "dark"), ("en", 1440, 900, "light")]


def main(folder: Path, studies: list[Path]) -> None:
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        browser = launch(playwright)
        for number, study in enumerate(studies or [None]):
            protocol, stimuli = make_study(Path(work)) if study is None else built(study)
            database = f"sqlite:///{work}/study-{number}.db"
            app = create_app(protocol, stimuli, database=database, researcher_key="key", secret="secret")
            place = folder if study is None else folder / study.name
            with serve(app) as address:
                for language, width, height, scheme in LOOKS:
                    look = place / f"{language}-{width}-{scheme}"
                    shoot(browser, f"{address}/take?lang={language}", look, width, height)
        browser.close()


def built(study: Path) -> tuple[Protocol, StimulusSet]:
    """A study that `binome build` made."""
    pipeline = open_study(study)
    return pipeline.protocol, pipeline.read_stimuli()


def shoot(browser: Browser, address: str, folder: Path, width: int, height: int) -> None:
    """One session; each page as it appears, decisions also once answered."""
    scheme = "dark" if folder.name.endswith("dark") else "light"
    phone = width < 600
    page = browser.new_page(
        viewport={"width": width, "height": height}, has_touch=phone, is_mobile=phone, color_scheme=scheme
    )
    page.goto(address)
    operator = Operator(page, "touch" if phone else "mouse")
    seen: set[str] = set()
    while True:
        kind = operator.kind()
        if kind not in seen:
            seen.add(kind)
            page.wait_for_timeout(150)
            page.screenshot(path=folder / f"{len(seen):02d}-{kind}.png", full_page=phone)
        if kind == "done":
            break
        operator.act(kind)
    page.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), [Path(study) for study in sys.argv[2:]])
