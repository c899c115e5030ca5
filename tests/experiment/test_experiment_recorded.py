"""Pictures of the instructions, and the pointer: from the study file over HTTP to the tables."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from staged_study import Go, opening
from tiny_experiment import KEY, Serving

from binome import protocol
from binome.experiment import codebook, export_csv, read_trials, table_columns

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="30"/>'
PICTURES = ", pictures: {page: {file: page.svg, alt: {en: A page, fr: Une page}}}"
FILES = {"page.svg": SVG.format(40), "page.fr.svg": SVG.format(50)}
MOUSE = {"width": 800, "height": 600, "samples": [[0, 5, 6, 0], [21, 7, 8, 1]], "targets": {"item": [0, 0, 9.5, 9]}}


@pytest.fixture
def go(serving: Serving, tmp_path: Path) -> Go:
    return opening(serving, tmp_path)


@pytest.mark.parametrize(("language", "width", "alt"), [("en", 40, "A page"), ("fr", 50, "Une page")])
def test_a_picture_of_the_instructions_is_preloaded_and_served_by_its_hash(
    go: Go, language: str, width: int, alt: str
) -> None:
    person = go("{advice: none}", operators=PICTURES, files=FILES, language=language, skip=False)
    page = person.step
    assert page["kind"] == "consent"
    (address,) = page["preload"]
    person.go()
    page = person.step
    shown = page["pages"][0][-1]
    assert (page["kind"], shown["kind"]) == ("instructions", "picture")
    assert shown["picture"] == {"url": address, "width": width, "height": 30, "alt": alt}
    assert address.startswith("/api/pictures/")
    answer = person.client.get(address)  # of no session
    assert (answer.status_code, answer.text) == (200, SVG.format(width))
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert person.client.get(f"{address[:-1]}x").status_code == 404
    person.go()
    assert not any("/api/pictures/" in url for url in person.step["preload"])


def test_a_picture_comes_again_with_the_instructions(go: Go) -> None:
    files = {**FILES, "how.md": "![page]\n\nDo it.\n", "how.fr.md": "![page]\n"}
    person = go("{advice: none}", operators=f"{PICTURES}, instructions: how.md", files=files, skip=False)
    person.until(lambda step: step["kind"] == "instructions")
    assert [block["kind"] for block in person.step["pages"][0]] == ["picture", "paragraph"]


def test_the_pointer_is_kept_and_exported_by_page(go: Go, tmp_path: Path, database: str, stimuli: Any) -> None:
    person = go("{advice: after_initial}", operators=", record: {mouse: true}", skip=False)
    told = person.step["blocks"][-1]["text"]
    assert told == "While you decide, we also record where your pointer moves and clicks on the page."
    person.skip()
    assert person.step["record_mouse"] is True
    for broken in ({"samples": [[0, 1, 2]]}, {"samples": [[0, 1, 2, 0.5]]}, {"width": -1}, {"more": 1}):
        assert person.decide(mouse={**MOUSE, **broken})
    assert person.decide(mouse=MOUSE) is None
    assert person.decide(mouse={**MOUSE, "samples": []}) is None
    assert person.decide() is None
    own = protocol.load(tmp_path)
    export_csv(tmp_path / "out", database, own, stimuli)
    with (tmp_path / "out" / "mouse.csv").open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert tuple(first) == table_columns(stimuli, own)["mouse"]
    assert (first["trial"], first["stage"], first["width"], first["practice"]) == ("0", "initial", "800", "false")
    assert first["samples"] == "[[0, 5, 6, 0], [21, 7, 8, 1]]"
    assert first["targets"] == '{"item": [0, 0, 9.5, 9]}'
    assert (second["trial"], second["stage"], second["samples"]) == ("0", "final", "[]")
    described = [row["column"] for row in codebook(stimuli, own) if row["table"] == "mouse"]
    assert tuple(described) == tuple(first)
    assert "mouse" not in read_trials(database, own, stimuli)[0]


def test_a_pointer_that_is_not_recorded_is_refused(go: Go, tmp_path: Path, database: str, stimuli: Any) -> None:
    person = go("{advice: none}")
    assert person.step["record_mouse"] is False
    assert "does not record the pointer" in str(person.decide(mouse=MOUSE))
    assert person.decide() is None
    own = protocol.load(tmp_path)
    files = export_csv(tmp_path / "out", database, own, stimuli)
    assert "mouse.csv" not in {file.name for file in files}
    assert not [row for row in codebook(stimuli, own) if row["table"] == "mouse"]


def test_the_researchers_page_has_the_table_of_the_pointer(go: Go) -> None:
    person = go("{advice: none}", operators=", record: {mouse: true}")
    assert person.decide(mouse=MOUSE) is None
    person.client.get(f"/researcher?key={KEY}", follow_redirects=True)
    assert "/researcher/mouse.csv" in person.client.get("/researcher").text
    assert "[[0, 5, 6, 0]" in person.client.get("/researcher/mouse.csv").text
