"""Rules 2 and 3: acknowledged is stored, stored once, in order; what is not valid is refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from tiny_experiment import Operator, Serving

from binome import protocol
from binome.core.stimulus import StimulusSet
from binome.experiment import read_events, read_operators


def test_sent_twice_stored_once(
    client: TestClient, study: protocol.Protocol, stimuli: StimulusSet, database: str
) -> None:
    operator = Operator(client, "maria").open()
    event = operator.event(operator.answer())
    first = operator.send(event)
    again = operator.send(event, event)
    assert again["stored"] == [event["id"], event["id"]]
    assert again["step"] == first["step"]
    assert [row["sequence"] for row in read_events(database, study, stimuli)] == [0]


def test_one_token_is_one_session(
    client: TestClient, study: protocol.Protocol, stimuli: StimulusSet, database: str
) -> None:
    first = Operator(client, "maria").open().go()
    again = Operator(client, "maria").open()
    assert again.step == first.step
    assert len(read_operators(database, study, stimuli)) == 1


def test_a_stale_tab_is_refused_and_shown_where_it_is(client: TestClient) -> None:
    operator = Operator(client, "maria", "fr").open().go().go()
    stale = operator.send(operator.event({}, step=1, name="another-id"))
    assert stale["stored"] == []
    assert "page" in stale["refused"]["another-id"]
    assert stale["step"]["index"] == 2
    ahead = operator.send(operator.event({}, step=3, name="from-the-future"))
    assert list(ahead["refused"]) == ["from-the-future"]


def test_a_batch_may_complete_several_steps(client: TestClient) -> None:
    operator = Operator(client, "maria").open().go()
    state = operator.send(
        operator.event({}, "page_hidden"), operator.event({}), operator.event({}, step=9, name="too-early")
    )
    assert len(state["stored"]) == 2
    assert list(state["refused"]) == ["too-early"]
    assert state["step"]["index"] == 2


DECISION = {"decision": "cat", "confidence": 0.5, "seconds": 1.0}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {**DECISION, "decision": "horse"},
        {**DECISION, "confidence": None},
        {**DECISION, "confidence": 1.5},
        {**DECISION, "seconds": -1},
        {**DECISION, "truth": "cat"},
        {"delegated": True, "seconds": 1.0},
        {**DECISION, "delegated": True},
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_wrong_decision_is_refused(client: TestClient, data: dict[str, Any]) -> None:
    operator = Operator(client, "maria").open().until(lambda step: step.get("stage") == "initial")
    before = operator.step
    event = operator.event(data)
    state = operator.send(event)
    assert state["refused"][event["id"]]
    assert state["step"] == before
    assert operator.send(operator.event(DECISION))["step"]["stage"] == "final"  # the id was not used up


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_answers_are_checked_against_their_questions(client: TestClient) -> None:
    operator = Operator(client, "maria").open().until(lambda step: step.get("id") == "raw_tlx")
    good = operator.answer()["answers"]
    name = next(iter(good))
    for wrong in (101, -1, "much", True, None, [5]):
        state = operator.send(operator.event({"answers": {**good, name: wrong}}))
        assert state["refused"], wrong
    for shape in ({}, {"answers": []}, {"answers": {**good, "unknown": 3}}):
        assert operator.send(operator.event(shape))["refused"], shape
    assert not operator.send(operator.event({"answers": good}))["refused"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_consent_is_to_the_text_that_was_shown(client: TestClient) -> None:
    operator = Operator(client, "maria").open()
    for data in ({"accepted": True, "version": "other"}, {"accepted": "yes", "version": operator.step["version"]}, {}):
        assert operator.send(operator.event(data))["refused"]
    assert operator.step["kind"] == "consent"


@pytest.mark.parametrize(
    "event",
    [
        '{"id": "12345678", "step": 0, "type": "x", "time": "", "data": {"a": NaN}}',
        '{"id": "12345678", "step": 0, "type": "x", "time": "", "data": {"a": "\\ud800"}}',
        '{"id": "1234567\\u0000", "step": 0, "type": "x", "time": "", "data": {}}',
        '{"id": "12345678", "step": -1, "type": "x", "time": "", "data": {}}',
        '{"id": "12345678", "step": 99999999999999999999, "type": "x", "time": "", "data": {}}',
    ],
)
def test_what_cannot_be_stored_is_refused_whole(client: TestClient, event: str) -> None:
    operator = Operator(client, "maria").open()
    headers = {**operator.headers, "Content-Type": "application/json"}
    answer = client.post("/api/events", content=f'{{"events": [{event}]}}', headers=headers)
    assert answer.status_code == 422 or answer.json()["refused"]


def test_a_restarted_server_shows_the_same_page(serving: Serving) -> None:
    operator = Operator(serving(), "maria").open().until(lambda step: step.get("stage") == "final")
    shown = operator.state["step"]
    restarted = serving().get("/api/session", headers=operator.headers).json()
    assert restarted["step"] == shown


def test_an_unknown_token_is_refused(client: TestClient) -> None:
    for headers in ({}, {"Authorization": "Bearer nobody"}, {"Authorization": "Basic nobody"}):
        assert client.get("/api/session", headers=headers).status_code == 401
        assert client.post("/api/withdraw", headers=headers).status_code == 401
