"""Rule 1: neither truth nor advice reaches the browser before its time, in any byte of a whole session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tiny_experiment import LABELS, SECRET, Operator, Serving, make_kind

from binome import protocol
from binome.core.stimulus import StimulusSet
from binome.experiment.sessions import find_session, read_session
from binome.experiment.steps import Stage
from binome.experiment.storage import connect

Page = tuple[dict[str, Any] | None, bytes]


def record(serving: Serving, stimuli: StimulusSet, url: str) -> list[Page]:
    """Every response of a session: its page (None for pictures) and all its bytes, headers included."""
    operator = Operator(serving(shown=stimuli, url=url), "maria").open().finish()
    return [
        (
            None if response.headers["content-type"] == "image/png" else response.json()["step"],
            json.dumps([response.status_code, sorted(response.headers.items())]).encode() + response.content,
        )
        for response in operator.responses
    ]


@pytest.fixture(params=["pictures", "cases", "estimates"])
def runs(
    request: pytest.FixtureRequest, serving: Serving, study: protocol.Protocol, fixed: None, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, list[Page]]:  # fmt: skip
    """One session three times: as it is, with every truth turned, with every truth and advice turned.

    The plan is that of the first: which items go together is the design's, and balanced by correctness.
    """
    kind = request.param
    stimuli = make_kind(kind, tmp_path / "base")
    monkeypatch.setattr("binome.experiment.app.plan", lambda own, shown, slot: protocol.plan(study, stimuli, slot))
    sets = {
        "base": stimuli,
        "truth": make_kind(kind, tmp_path / "truth", turn_truth=1),
        "both": make_kind(kind, tmp_path / "both", turn_truth=1, turn_advice=2 if kind == "pictures" else 1),
    }
    return {name: record(serving, own, f"sqlite:///{tmp_path / name}.db") for name, own in sets.items()}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_truth_is_in_no_byte_but_feedback_and_debriefing(runs: dict[str, list[Page]]) -> None:
    assert len(runs["base"]) == len(runs["truth"])
    differing = {page["kind"] for (page, a), (_, b) in zip(runs["base"], runs["truth"], strict=True) if a != b and page}
    assert differing <= {"feedback", "debriefing"}
    assert "feedback" in differing  # the turn does show where it may
    assert all(a == b for (page, a), (_, b) in zip(runs["base"], runs["truth"], strict=True) if page is None)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_advice_is_in_no_byte_before_its_time(runs: dict[str, list[Page]]) -> None:
    kinds = set()
    for (page, a), (_, b) in zip(runs["base"], runs["both"], strict=True):
        advised = page is not None and (page["kind"] in ("feedback", "debriefing") or page.get("advice") is not None)
        if advised:
            kinds.add((page["kind"], page.get("stage")))
        else:
            assert a == b
    assert {("decision", "final"), ("decision", "single"), ("feedback", None)} <= kinds


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_final_page_differs_only_in_its_advice(runs: dict[str, list[Page]]) -> None:
    compared = 0
    for (page, _), (other, _) in zip(runs["base"], runs["both"], strict=True):
        if page and other and page["kind"] == "decision" and page["advice"]:
            given, turned = page["explanation"], other["explanation"]
            if given and given["bars"]:
                # The turn of the advice turns the bars: their numbers, and nothing else.
                assert given["bars"]["values"] != turned["bars"]["values"]
                assert len(given["bars"]["values"]) == len(turned["bars"]["values"]) == len(page["case"]) == 3
                for bars in (given["bars"], turned["bars"]):
                    bars["values"] = bars["rest"] = None
            assert {**page, "advice": None} == {**other, "advice": None}
            compared += 1
    assert compared == 3 + 3 + 2  # advised, explained, practice


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_pages_show_what_their_condition_gives(client: TestClient) -> None:
    operator = Operator(client, "maria").open().finish()
    decisions = [step for step, _ in operator.answers if step["kind"] == "decision" and not step["practice"]]
    for step in decisions:
        if step["stage"] == "initial" or step["may_delegate"] or step["instruction"]:
            assert step["advice"] is None
            assert step["explanation"] is None
        if step["explanation"]:
            assert step["stage"] == "final"
            assert step["initial"] in LABELS
    assert [option["key"] for option in decisions[0]["options"]] == ["1", "2", "3"]
    assert sum(step["instruction"] is not None for step in decisions) == 2
    assert len({json.dumps(step["options"]) for step in decisions}) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_pictures_open_only_in_their_time(
    client: TestClient, study: protocol.Protocol, stimuli: StimulusSet, database: str
) -> None:
    operator = Operator(client, "maria").open()
    stage = Stage(study, stimuli, SECRET)
    fetched = 0
    while operator.step["kind"] != "done":
        engine = connect(database)
        with engine.begin() as connection:
            session = read_session(connection, find_session(connection, operator.token) or "")
        engine.dispose()
        step = operator.step
        shown = step["kind"] == "decision" and step["explanation"] is not None
        for item in stimuli.items:
            alias = stage.alias(session, item.explanations["ig"])
            code = client.get(f"/api/media/{alias}", headers=operator.headers).status_code
            assert code == 404 or (shown and step["explanation"]["picture"]["url"].endswith(alias))
            fetched += code == 200
        assert all("heat" not in stage.pictures(session)[url.rpartition("/")[2]] for url in step["preload"])
        operator.go()
    assert fetched == 3 + 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_picture_has_another_name_in_another_session(client: TestClient) -> None:
    def named(name: str) -> set[str]:
        operator = Operator(client, name).open().finish()
        return {step["picture"]["url"] for step, _ in operator.answers if step.get("picture")}

    first, second = named("maria"), named("pablo")
    assert len(first) == len(second) == 14
    assert not first & second


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_pictures_need_the_token_and_tell_nothing(client: TestClient) -> None:
    operator = Operator(client, "maria").open().until(lambda step: step["kind"] == "decision")
    url = operator.step["picture"]["url"]
    assert client.get(url).status_code == 401
    stranger = Operator(client, "pablo").open()
    assert client.get(url, headers=stranger.headers).status_code == 404
    headers = client.get(url, headers=operator.headers).headers
    assert headers["cache-control"] == "private, no-store"
    assert not {"etag", "last-modified", "content-disposition"} & set(headers)
