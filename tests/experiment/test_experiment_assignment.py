"""Slots: balanced under simultaneous arrivals, given again when left, people and simulated operators apart."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
from fastapi.testclient import TestClient
from tiny_experiment import KEY, SECRET, Operator, Serving, make_protocol

from binome import protocol
from binome.core.stimulus import StimulusSet
from binome.experiment import create_app, read_events, read_operators, serve

MINUTE = 60.0


def test_forty_arrive_at_once(stimuli: StimulusSet, database: str, tmp_path: Path) -> None:
    """Through two servers on PostgreSQL, one on SQLite: 24 places, each taken once, the four orders alike."""
    study = make_protocol(tmp_path, operators=24)
    with ExitStack() as stack:
        addresses = [
            stack.enter_context(serve(create_app(study, stimuli, database=database, researcher_key=KEY, secret=SECRET)))
            for _ in range(2 if database.startswith("postgresql") else 1)
        ]

        def arrive(number: int) -> str:
            with httpx.Client(base_url=addresses[number % len(addresses)], timeout=60, trust_env=False) as client:
                opening = {"token": f"{number:022d}", "language": "en"}
                while (answer := client.post("/api/sessions", json=opening)).status_code == 503:
                    pass
                if answer.status_code == 403:
                    return "closed"
                step = answer.json()["step"]
                event = {"id": "consent-1", "step": 0, "type": "complete", "time": "",
                         "data": {"accepted": True, "version": step["version"]}}  # fmt: skip
                headers = {"Authorization": f"Bearer {number:022d}"}
                answer = client.post("/api/events", json={"events": [event]}, headers=headers)
                assert answer.json()["stored"] == ["consent-1"]
                return str(answer.json()["step"]["kind"])

        with ThreadPoolExecutor(40) as pool:
            kinds = Counter(pool.map(arrive, range(40)))
    people = read_operators(database, study, stimuli)
    assert kinds["instructions"] == 24
    assert kinds["done"] + kinds["closed"] == 16
    assert sorted(row["slot"] for row in people) == list(range(24))
    assert set(Counter(row["order"] for row in people).values()) == {6}


def test_a_left_slot_is_given_again(
    serving: Serving, stimuli: StimulusSet, database: str, tmp_path: Path, now: list[float]
) -> None:
    study = make_protocol(tmp_path, operators=2)
    client = serving(study)
    idle, busy = Operator(client, "idle").open().go(), Operator(client, "busy").open().go()
    assert not client.get("/api/study").json()["open"]
    assert client.post("/api/sessions", json={"token": "x" * 22, "language": "fr"}).status_code == 403
    now[0] += 29 * MINUTE
    busy.go()
    now[0] += 2 * MINUTE
    assert client.get("/api/study").json()["open"]
    assert client.get("/api/session", headers=idle.headers).json()["step"]["kind"] != "done"  # nobody took it yet
    Operator(client, "new").open().go()
    assert client.get("/api/session", headers=idle.headers).json()["step"]["kind"] == "done"
    refused = idle.send(idle.event({}))
    assert refused["refused"]
    rows = read_operators(database, study, stimuli)
    assert sorted((row["status"], row["slot"]) for row in rows) == [("expired", 0), ("running", 0), ("running", 1)]
    busy.finish()
    now[0] += 1000 * MINUTE
    assert client.get("/api/session", headers=busy.headers).json()["step"]["code"]
    Operator(client, "late").open().go()
    assert {row["slot"] for row in read_operators(database, study, stimuli) if row["status"] == "running"} == {0}


def test_an_idle_operator_goes_on_while_nobody_took_the_slot(client: TestClient, now: list[float]) -> None:
    idle = Operator(client, "idle").open().go()
    now[0] += 300 * MINUTE
    assert not idle.go().state["refused"]


def test_two_on_the_last_place(serving: Serving, tmp_path: Path) -> None:
    client = serving(make_protocol(tmp_path, operators=1))
    first, second = Operator(client, "first").open(), Operator(client, "second", "fr").open()
    first.go()
    assert second.send(second.event(second.answer()))["step"]["kind"] == "done"
    assert second.step["code"] == ""


def test_people_and_simulated_operators_have_slots_of_their_own(
    client: TestClient, study: protocol.Protocol, stimuli: StimulusSet, database: str
) -> None:
    for name, simulated in (("robot", True), ("maria", False)):
        Operator(client, name, simulated=simulated).open().go()
    rows = read_operators(database, study, stimuli)
    assert sorted((row["simulated"], row["slot"]) for row in rows) == [(False, 0), (True, 0)]
    wrong = {"X-Binome-Simulation": "wrong"}
    assert client.post("/api/sessions", json={"token": "r" * 22, "language": "en"}, headers=wrong).status_code == 403


def test_withdrawing_erases_and_frees(
    client: TestClient, study: protocol.Protocol, stimuli: StimulusSet, database: str
) -> None:
    operator = Operator(client, "maria").open().until(lambda step: step.get("stage") == "final")
    assert read_events(database, study, stimuli)
    assert client.post("/api/withdraw", headers=operator.headers).status_code == 204
    assert read_events(database, study, stimuli) == []
    assert read_operators(database, study, stimuli) == []
    page = client.get("/api/session", headers=operator.headers).json()
    assert page["step"]["kind"] == "done"
    assert operator.send(operator.event({}))["refused"]
    assert client.post("/api/withdraw", headers=operator.headers).status_code == 204
    Operator(client, "next").open().go()
    assert [row["slot"] for row in read_operators(database, study, stimuli)] == [0]


def test_declining_keeps_nothing(
    client: TestClient, study: protocol.Protocol, stimuli: StimulusSet, database: str
) -> None:
    operator = Operator(client, "maria").open()
    operator.send(operator.event({}, "page_hidden"))
    version = operator.step["version"]
    state = operator.send(operator.event({"accepted": False, "version": version}))
    assert state["step"]["kind"] == "done"
    assert read_operators(database, study, stimuli) == read_events(database, study, stimuli) == []
