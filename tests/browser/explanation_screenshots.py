"""Pictures of each kind of explanation, on a phone and a desktop, in both languages, light and dark.

Usage: python tests/browser/explanation_screenshots.py FOLDER [KIND …]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from operator_driver import Operator, launch
from playwright.sync_api import Browser, sync_playwright
from tiny_explained import KINDS, make_explained

from binome.experiment import create_app, serve

LOOKS = [("fr", 360, 740, "light"), ("en", 360, 740, "dark"), ("fr", 1440, 900, "dark"), ("en", 1440, 900, "light")]


def main(folder: Path, kinds: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        browser = launch(playwright)
        for kind in kinds:
            protocol, stimuli = make_explained(Path(work) / kind, kind)
            database = f"sqlite:///{work}/{kind}.db"
            app = create_app(protocol, stimuli, database=database, researcher_key="key", secret="secret")
            with serve(app) as address:
                for language, width, height, scheme in LOOKS:
                    path = folder / f"{kind}-{language}-{width}-{scheme}.png"
                    shoot(browser, f"{address}/take?lang={language}", path, (width, height), scheme)
        browser.close()


def shoot(browser: Browser, address: str, path: Path, size: tuple[int, int], scheme: str) -> None:
    """The first final decision of a session."""
    phone = size[0] < 600
    viewport = {"width": size[0], "height": size[1]}
    page = browser.new_page(viewport=viewport, has_touch=phone, is_mobile=phone, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address)
    Operator(page, "touch" if phone else "mouse").until(lambda kind: kind == "final")
    page.wait_for_timeout(150)
    page.screenshot(path=path, full_page=phone)
    page.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), tuple(sys.argv[2:]) or KINDS)
