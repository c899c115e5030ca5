"""Rule 1: neither truth nor advice reaches the browser before its time, in any byte of a whole session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tiny_experiment import LABELS, SECRET, Operator, Serving, make_kind, make_protocol

from binome import protocol
from binome.core.stimulus import StimulusSet
from binome.experiment.sessions import find_session, read_session
from binome.experiment.stage import Stage
from binome.experiment.storage import connect

Page = tuple[dict[str, Any] | None, bytes]
STAGES = """
  requested: {advice: on_request, explanation: ig, delegation: {most: 2}}
  waited: {advice: delayed, delay: 0.5, explanation: ig, confidence: true}
  supervised: {supervision: true, explanation: ig, confidence: true}
  evidence: {explanation: ig}
  offered: {delegation: {when: before, most: 2}}
  handed: {handover: 0.6, advice: after_initial, explanation: ig}
design: {kind: within, order: williams, operators: 6}
"""


class Everywhere(Operator):
    """Answers every stage, by its place alone."""

    def answer(self) -> dict[str, Any]:
        step, place = self.step, self.step["index"]
        if step["kind"] == "offer":
            return {"delegated": place % 3 == 0, "seconds": 1}
        stage = step.get("stage")
        if stage in ("wait", "handled") or (stage == "supervised" and place % 2):
            return {"seconds": 1}
        if stage == "open" and place % 3:
            return {"requested": True, "seconds": 1}
        data = super().answer()
        return {**data, "vetoed": True} if stage == "supervised" else data


def every_stage(folder: Path) -> protocol.Protocol:
    """The tiny study with the conditions that it lacks."""
    make_protocol(folder)
    text = (folder / "study.yaml").read_text("utf-8")
    before, after = text.index("  alone:"), text.index("operators: {lang")
    (folder / "study.yaml").write_text(text[:before] + STAGES.lstrip("\n") + text[after:], "utf-8")
    return protocol.load(folder)


def record(serving: Serving, own: protocol.Protocol, stimuli: StimulusSet, url: str) -> list[Page]:
    """Every response of a session: its page (None for pictures) and all its bytes, headers included."""
    operator = Everywhere(serving(own=own, shown=stimuli, url=url), "maria").open().finish()
    return [
        (
            None if response.headers["content-type"] == "image/png" else response.json()["step"],
            json.dumps([response.status_code, sorted(response.headers.items())]).encode() + response.content,
        )
        for response in operator.responses
    ]


def runs_of(
    kind: str, own: protocol.Protocol, serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, list[Page]]:
    """One session three times: as it is, with every truth turned, with every truth and advice turned.

    The plan is that of the first: which items go together is the design's, and balanced by correctness.
    """
    stimuli = make_kind(kind, tmp_path / "base")
    for module in ("app", "stage"):
        monkeypatch.setattr(f"binome.experiment.{module}.plan", lambda _, __, place: protocol.plan(own, stimuli, place))
    sets = {
        "base": stimuli,
        "truth": make_kind(kind, tmp_path / "truth", turn_truth=1),
        "both": make_kind(kind, tmp_path / "both", turn_truth=1, turn_advice=2 if kind == "pictures" else 1),
    }
    return {name: record(serving, own, shown, f"sqlite:///{tmp_path / name}.db") for name, shown in sets.items()}


@pytest.fixture(params=["pictures", "cases", "estimates"])
def runs(
    request: pytest.FixtureRequest, serving: Serving, study: protocol.Protocol, fixed: None, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, list[Page]]:  # fmt: skip
    return runs_of(request.param, study, serving, tmp_path, monkeypatch)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", ["pictures", "estimates"])
def test_no_stage_tells_too_early(
    serving: Serving, fixed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    runs = runs_of(kind, every_stage(tmp_path), serving, tmp_path, monkeypatch)
    stages = {page.get("stage") or page["kind"] for page, _ in runs["base"] if page}
    assert {"open", "wait", "final", "supervised", "handled", "initial", "single", "offer"} <= stages
    seen = set()
    for (page, a), (_, b), (_, c) in zip(runs["base"], runs["truth"], runs["both"], strict=True):
        kind_ = page["kind"] if page else None
        assert a == b or kind_ in ("feedback", "debriefing")
        if page is not None and kind_ == "decision" and (page["advice"] or page["explanation"]):
            seen.add((page["stage"], page["advice"] is not None))
            assert page["stage"] not in ("open", "wait", "initial")
        elif kind_ not in ("feedback", "debriefing"):
            assert a == c
    assert seen == {("final", True), ("supervised", True), ("handled", True), ("single", False)}


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
@pytest.mark.parametrize("every", [False, True])
def test_pictures_open_only_in_their_time(
    serving: Serving, study: protocol.Protocol, stimuli: StimulusSet, database: str, tmp_path: Path, every: bool
) -> None:
    own = every_stage(tmp_path) if every else study
    client = serving(own=own)
    operator = Everywhere(client, "maria").open()
    stage = Stage(own, stimuli, SECRET)
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
        if step["kind"] == "offer":
            (coming,) = step["preload"]
            assert list(stage.pictures(session)) == [coming.rpartition("/")[2]]
        operator.go()
    assert fetched >= 8 if every else fetched == 3 + 2


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
