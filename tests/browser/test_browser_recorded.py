"""A picture of the instructions, and the pointer's way, from the study file through Chromium to the exported row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kinds_session import Kept, taken
from operator_driver import Operator
from playwright.sync_api import Browser

from binome.experiment import export_csv, read_events

pytestmark = pytest.mark.browser
Shown = dict[str, Any]
SHOWN = """async image => {
  await image.decode();
  const {width, height} = image.getBoundingClientRect();
  return {alt: image.alt, width, height, drawn: image.naturalWidth, page: document.documentElement.scrollWidth};
}"""


@pytest.fixture(scope="module")
def session(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kept, list[Shown]]]:
    """Two people: one with a mouse, who moves it over the item, and one with fingers."""
    shown: list[Shown] = []

    def look(operator: Operator) -> None:
        shown.append(operator.page.eval_on_selector("figure.told img", SHOWN))
        operator.act("pages")

    def wander(operator: Operator) -> None:
        box = operator.page.locator(".picture").bounding_box()
        assert box is not None
        for step in range(5):
            operator.page.mouse.move(box["x"] + 10 + 8 * step, box["y"] + 20)
            operator.page.wait_for_timeout(30)
        operator.act("initial")

    with taken(tmp_path_factory.mktemp("recorded"), "recorded", browser) as (kept, take):
        take({("pages", 1): look, ("initial", 1): wander})
        take({("pages", 1): look}, hand="touch", language="fr")
        yield kept, shown


def test_the_picture_of_the_instructions_fits_the_page(session: tuple[Kept, list[Shown]]) -> None:
    _, (wide, narrow) = session
    assert [picture["alt"] for picture in (wide, narrow)] == ["A wide drawing", "Un dessin large"]
    assert (wide["drawn"], narrow["drawn"]) == (720, 720)
    assert 600 < wide["width"] <= 720
    assert narrow["width"] <= 360
    assert narrow["page"] <= 360  # nothing to scroll sideways
    for picture in (wide, narrow):
        assert picture["width"] / picture["height"] == pytest.approx(720 / 330, rel=0.02)
    kept, _ = session
    assert "picture_failed" not in {event["type"] for event in read_events(*kept.served)}


def test_the_pointers_way_is_exported(session: tuple[Kept, list[Shown]], tmp_path: Path) -> None:
    kept, _ = session
    export_csv(tmp_path, *kept.served)
    with (tmp_path / "mouse.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = list(dict.fromkeys(row["operator"] for row in rows))
    mine = [row for row in rows if row["operator"] == names[0]]
    assert [(row["trial"], row["stage"]) for row in mine] == [
        ("0", "initial"), ("0", "final"), ("1", "initial"), ("1", "final")
    ]  # fmt: skip
    assert (mine[0]["width"], mine[0]["height"]) == ("1440", "900")
    samples, targets = json.loads(mine[0]["samples"]), json.loads(mine[0]["targets"])
    x, y, width, height = targets["item"]
    inside = [t for t, at, down, _ in samples if x <= at <= x + width and y <= down <= y + height]
    assert len(inside) >= 4
    assert inside == sorted(inside)
    assert {"answer", "confidence", "confirm"} <= set(targets)
    assert [kind for *_, kind in samples].count(1) >= 2  # an answer, and the button
    final = next(row for row in kept.trials() if row["trial"] == 0)
    assert samples[-1][0] / 1000 <= final["initial_seconds"] + 0.2
    assert "advice" in json.loads(mine[1]["targets"])
