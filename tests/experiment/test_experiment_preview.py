"""The researcher's preview: any condition, for researchers only, stored nowhere."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from tiny_experiment import KEY, Operator

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
CONDITIONS = ["alone", "advised", "explained", "delegated"]


class Previewer(Operator):
    """Goes through a preview as the browser does: with all answers so far in every call."""

    def __init__(self, client: TestClient, condition: str, language: str = "en") -> None:
        super().__init__(client, condition, language)
        self.given: dict[int, dict[str, Any]] = {}

    def call(self, **parts: Any) -> dict[str, Any]:
        body = {"condition": self.name, "language": self.language, "answers": self.given, **parts}
        answer = self.client.post("/api/preview", json=body)
        assert answer.status_code == 200, answer.text
        self.state = answer.json()
        return self.state

    def go(self) -> Previewer:
        index, data = self.step["index"], self.answer()
        state = self.call(cursor=index, complete=data)
        assert state["refusal"] is None
        self.given[index] = data
        return self


@pytest.fixture
def researcher(client: TestClient) -> TestClient:
    client.cookies.update(client.get(f"/researcher?key={KEY}").cookies)
    return client


@on_sqlite
@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_begins_at_its_block_and_goes_to_the_end(researcher: TestClient, condition: str) -> None:
    preview = Previewer(researcher, condition)
    state = preview.call()
    assert state["step"]["kind"] == "block"
    assert state["conditions"] == CONDITIONS
    begun = next(place for place in state["places"] if place["index"] == state["step"]["index"])
    assert (begun["condition"], begun["practice"]) == (condition, False)
    preview.until(lambda step: step["kind"] == "done")


@on_sqlite
def test_nothing_of_it_is_stored(researcher: TestClient, database: str) -> None:
    Previewer(researcher, "explained").call(cursor=0)
    preview = Previewer(researcher, "explained")
    preview.call(cursor=0)
    preview.until(lambda step: step["kind"] == "done")
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        for table in ("sessions", "slots", "events"):
            assert connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar() == 0
    engine.dispose()


@on_sqlite
def test_it_keeps_the_order_of_an_operators_session(researcher: TestClient) -> None:
    preview = Previewer(researcher, "explained")
    preview.call()
    preview.until(
        lambda step: step["kind"] == "decision" and step["stage"] == "initial" and step["instruction"] is None
    )
    assert preview.step["advice"] is None
    refused = preview.call(
        cursor=preview.step["index"], complete={"decision": "no such", "confidence": 1, "seconds": 1}
    )
    assert refused["refusal"] is not None
    assert refused["step"]["stage"] == "initial"
    preview.go()
    assert preview.step["stage"] == "final"
    assert preview.step["advice"] is not None
    picture = preview.step["picture"]["url"].replace("/api/media/", "/api/preview/media/")
    assert researcher.get(picture).headers["content-type"] == "image/png"


@on_sqlite
def test_declining_ends_it(researcher: TestClient) -> None:
    preview = Previewer(researcher, "alone", "fr")
    step = preview.call(cursor=0)["step"]
    assert step["kind"] == "consent"
    assert preview.call(cursor=0, complete={"accepted": False, "version": step["version"]})["step"]["kind"] == "done"


@on_sqlite
def test_who_and_what_is_refused(client: TestClient) -> None:
    known = {"condition": "alone", "language": "en"}
    assert client.post("/api/preview", json=known).status_code == 401
    assert client.get("/api/preview/media/x").status_code == 401
    client.cookies.update(client.get(f"/researcher?key={KEY}").cookies)
    assert client.post("/api/preview", json=known).status_code == 200
    assert client.post("/api/preview", json={**known, "condition": "other"}).status_code == 404
    assert client.post("/api/preview", json={**known, "cursor": 100_000}).status_code == 404
    assert client.post("/api/preview", json={**known, "language": "de"}).status_code == 422
    assert client.get("/api/preview/media/x").status_code == 404


@on_sqlite
def test_the_researchers_page_links_to_every_condition(researcher: TestClient) -> None:
    page = researcher.get("/researcher?lang=fr").text
    for condition in CONDITIONS:
        assert f'href="/take?preview={condition}&amp;lang=en"' in page
