"""The page's words over HTTP: the study's own language, Binome's, and none that is not spoken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from binome.experiment.words import add_words
from binome.protocol import catalogue


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[TestClient]:
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "de.yaml").write_text("page: {cancel: Abbrechen}\n", "utf-8")
    catalogue.learn(tmp_path)
    app = FastAPI()
    add_words(app)
    yield TestClient(app)
    catalogue.learn(tmp_path / "nowhere")


def test_words_of_each_language_that_is_spoken(asked: TestClient) -> None:
    assert asked.get("/api/words/de").json()["cancel"] == "Abbrechen"
    assert asked.get("/api/words/de").json()["back"] == "Back"
    assert asked.get("/api/words/fr").json()["cancel"] == "Annuler"
    for unknown in ("it", "..%2Fen", "page"):
        assert asked.get(f"/api/words/{unknown}").status_code == 404
