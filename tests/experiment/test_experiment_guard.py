"""Bounds on what comes in, and the headers of what goes out."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fastapi.testclient import TestClient
from tiny_experiment import KEY, SECRET, Operator

from binome import protocol
from binome.core import BinomeError
from binome.core.stimulus import StimulusSet
from binome.experiment import create_app, serve
from binome.experiment.guard import BURST, CALLS_PER_SECOND, LARGEST_BODY, SECURITY, Rates

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@on_sqlite
def test_too_much_at_once_is_refused(client: TestClient) -> None:
    operator = Operator(client, "maria").open()
    headers = {**operator.headers, "Content-Type": "application/json"}
    big = b" " * (LARGEST_BODY + 1)
    assert client.post("/api/events", content=big, headers=headers).status_code == 413

    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * (LARGEST_BODY // 20)

    assert client.post("/api/events", content=pieces(), headers=headers).status_code == 413
    assert client.post("/api/events", content=b"{", headers=headers).status_code == 422
    assert client.get("/api/session", headers=operator.headers).status_code == 200


def test_a_rate_is_bounded_and_recovers() -> None:
    rates = Rates()
    assert sum(rates.admit("one", 100.0) for _ in range(2 * int(BURST))) == BURST
    assert rates.admit("other", 100.0)
    assert not rates.admit("one", 100.0)
    assert sum(rates.admit("one", 101.0) for _ in range(2 * int(BURST))) == CALLS_PER_SECOND


@on_sqlite
def test_headers_are_the_same_whatever_is_sent(client: TestClient) -> None:
    for path in ("/api/study", "/take", "/researcher", "/api/session", "/nowhere"):
        found = client.get(path).headers
        assert {name: found[name] for name in SECURITY} == SECURITY
        assert found["cache-control"] == "private, no-store"
    policy = SECURITY["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@on_sqlite
def test_the_front_door(client: TestClient) -> None:
    assert client.get("/").headers["location"] == "/take"
    assert client.get("/assets/../app.py").status_code == 404
    assert client.get("/assets/%2e%2e%2findex.html").status_code == 404
    study = client.get("/api/study").json()
    assert study == {
        "study": "tiny", "title": {"en": "Cats and dogs", "fr": "Chats et chiens"}, "languages": ["en", "fr"],
        "open": True,
    }  # fmt: skip
    assert client.post("/api/sessions", json={"token": "short", "language": "en"}).status_code == 422
    assert client.post("/api/sessions", json={"token": "x" * 22, "language": "de"}).status_code == 422
    strange = {"X-Binome-Simulation": "clé".encode("latin-1")}
    answer = client.post("/api/sessions", json={"token": "x" * 22, "language": "en"}, headers=strange)
    assert answer.status_code == 403


@on_sqlite
def test_pages_that_are_not_built_say_so(client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr("binome.experiment.app.STATIC", tmp_path)
    answer = client.get("/take")
    assert answer.status_code == 503
    assert "make web" in answer.text


@on_sqlite
def test_serve_yields_its_address_and_frees_the_port(
    study: protocol.Protocol, stimuli: StimulusSet, database: str
) -> None:
    def app() -> object:
        return create_app(study, stimuli, database=database, researcher_key=KEY, secret=SECRET)

    with serve(app()) as address:
        assert httpx.get(f"{address}/api/study", trust_env=False).status_code == 200
        port = int(address.rpartition(":")[2])
        with pytest.raises(BinomeError, match="cannot be used"), serve(app(), port=port):
            pass
    with serve(app(), port=port) as again:
        assert again == address
