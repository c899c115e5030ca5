"""`simulate`: a cohort that goes through the experiment's real HTTP interface, page by page."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import numpy as np

from binome.core import BinomeError, derive_seed
from binome.core.progress import bar
from binome.core.stimulus import Answer, Stimulus, StimulusSet
from binome.operators.eyes import Eyes
from binome.operators.model import DEFAULTS, Choice, Operator, Parameters
from binome.protocol import on_scale

TRIES = 6
ADJUSTABLE = ("overlay", "contour", "regions")
"""Renderings whose opacity the page lets operators set."""


@dataclass(frozen=True)
class CohortReport:
    """What a run did: operators that reached the end, and HTTP calls made."""

    completed: int
    calls: int


def simulate(
    address: str,
    stimuli: StimulusSet,
    *,
    operators: int,
    seed: int,
    simulation_key: str,
    language: str = "en",
    concurrency: int = 8,
    parameters: Parameters = DEFAULTS,
) -> CohortReport:
    """Send simulated operators through a running study.

    Tokens and event ids follow from the seed, so a run that was interrupted goes on with the same sessions and
    stores nothing twice.

    Args:
        address: of the server, without a path.
        stimuli: the study's stimulus set: how the simulated operators "see" (truth never comes over HTTP).
        simulation_key: the researcher's key.

    Raises:
        BinomeError: when the server cannot be reached, or refuses an answer.
    """
    return asyncio.run(_cohort(address, stimuli, operators, seed, simulation_key, language, concurrency, parameters))


async def _cohort(
    address: str,
    stimuli: StimulusSet,
    operators: int,
    seed: int,
    key: str,
    language: str,
    concurrency: int,
    parameters: Parameters,
) -> CohortReport:
    eyes = Eyes(stimuli, language)
    gate = asyncio.Semaphore(concurrency)
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    with bar("simulated operators", operators) as progress:
        async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits, trust_env=False) as client:
            people = [
                Operator(stimuli.task, derive_seed(seed, "operator", i), seed, parameters) for i in range(operators)
            ]
            visits = [_Visit(client, eyes, person, _token(seed, i)) for i, person in enumerate(people)]
            # They arrive one after the other, so that the same seed gives each the same slot; then they work at once.
            for visit in visits:
                await visit.arrive(key, language)

            async def work(visit: _Visit) -> bool:
                async with gate:
                    done = await visit.work()
                progress.advance()
                return done

            finished = await asyncio.gather(*(work(visit) for visit in visits))
    return CohortReport(sum(finished), sum(visit.calls for visit in visits))


def _token(seed: int, number: int) -> str:
    """A token that the same run makes again; simulated sessions guard nothing that is secret."""
    raw = hashlib.sha256(f"{derive_seed(seed, 'token', number)}".encode()).digest()[:18]
    return base64.urlsafe_b64encode(raw).decode()


class _Visit:
    """One operator's session."""

    def __init__(self, client: httpx.AsyncClient, eyes: Eyes, person: Operator, token: str) -> None:
        self.client, self.eyes, self.person = client, eyes, person
        self.token, self.headers, self.calls = token, {"Authorization": f"Bearer {token}"}, 0
        self.pictures: dict[str, bytes] = {}
        self.state: dict[str, Any] = {}

    async def arrive(self, key: str, language: str) -> None:
        """Open the session and consent, which takes a slot."""
        opening = {"token": self.token, "language": language}
        headers = {"X-Binome-Simulation": key}
        self.state = await self._call("POST", "/api/sessions", json=opening, headers=headers)
        if self.state["step"]["kind"] == "consent":
            await self._take_step()

    async def work(self) -> bool:
        """Go on to the end; whether the study's end was reached."""
        while self.state["step"]["kind"] != "done":
            await self._take_step()
        return bool(self.state["step"]["code"])

    async def _take_step(self) -> None:
        step = self.state["step"]
        data = await self._answer(step)
        events = [self._event(step["index"], "complete", data)]
        if step["kind"] == "decision" and step["explanation"]:
            events.insert(0, self._event(step["index"], "explanation_shown", {}))
        self.state = await self._call("POST", "/api/events", json={"events": events})
        if self.state["refused"]:
            reason = next(iter(self.state["refused"].values()))
            raise BinomeError(f"the server refused step {step['index']} ({step['kind']}): {reason}")

    async def _answer(self, step: Mapping[str, Any]) -> dict[str, Any]:
        if step["kind"] == "consent":
            return {"accepted": True, "version": step["version"]}
        if step["kind"] == "decision":
            return await self._decide(step)
        if step["kind"] == "questionnaire":
            return {"answers": {question["id"]: self._reply(step, question) for question in step["questions"]}}
        return {}

    async def _decide(self, step: Mapping[str, Any]) -> dict[str, Any]:
        draw = self.person.generator("page", step["index"])
        if step["instruction"] is not None:
            passed = self.person.attends(str(step["index"]))
            return {"decision": self.eyes.asked(step["instruction"]) if passed else self._any(draw), "seconds": 3.0}
        if step["picture"] is None:
            alike = self.eyes.case(step)
            item = alike[self.person.generator("alike", int(step["practice"]), step["trial"]).integers(len(alike))]
        else:
            alike = [item := self.eyes.item(await self._look(step["picture"]["url"]))]
        if step["may_delegate"] and self.person.delegates(item):
            return {"delegated": True, "seconds": 2.0}
        own = self.person.first(item)
        if step["advice"] is None:
            return self._data(step, own)
        if step["initial"] is not None:
            own = Choice(step["initial"], step["initial_confidence"] or own.confidence, own.seconds)
        name = None
        if step["explanation"]:
            name = await self._explanation(alike, step["explanation"])
        advice = step["advice"]
        choice = self.person.final(
            item, own, advice["decision"], advice["confidence"], name, control=name in self.eyes.controls
        )
        data = self._data(step, choice)
        if name is not None:
            visible = round(choice.seconds * float(draw.uniform(0.5, 1.0)), 4)
            data |= {"explanation_opened": True, "explanation_seconds": visible}
            if step["explanation"]["kind"] in ADJUSTABLE:
                data["opacity"] = 0.6
        return data

    async def _explanation(self, alike: Sequence[Stimulus], shown: Mapping[str, Any]) -> str:
        named = [shown["picture"], *(example["picture"] for example in shown["examples"])]
        pictures = [await self._look(picture["url"]) for picture in named if picture]
        return self.eyes.explanation(alike, shown, pictures)

    def _any(self, draw: np.random.Generator) -> Answer:
        """An answer given without reading."""
        task = self.eyes.task
        if task.number is not None:
            return on_scale(task.number, float(draw.uniform(task.number.low, task.number.high)))
        return task.decisions[draw.integers(len(task.decisions))].id

    def _data(self, step: Mapping[str, Any], choice: Choice) -> dict[str, Any]:
        data: dict[str, Any] = {"decision": choice.decision, "seconds": choice.seconds, "changes": 0}
        if step["ask_confidence"]:
            data["confidence"] = choice.confidence
        return data

    def _reply(self, step: Mapping[str, Any], question: Mapping[str, Any]) -> Any:
        draw = self.person.generator("question", step["index"], question["id"])
        if question["kind"] == "text":
            return "–" if question["required"] else None
        if question["kind"] == "choice":
            return question["options"][draw.integers(len(question["options"]))]["id"]
        points = int((question["high"] - question["low"]) / question["step"])
        place = min(points, max(0, round(points * float(draw.normal(0.5, 0.2)))))
        return question["low"] + place * question["step"]

    async def _look(self, url: str) -> bytes:
        """A picture's bytes; each is fetched once a session, as a browser would."""
        if url not in self.pictures:
            response = await self._send("GET", url)
            self.pictures[url] = response.content
        return self.pictures[url]

    def _event(self, step: int, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        name = hashlib.sha256(f"{self.token}/{step}/{kind}".encode()).hexdigest()[:32]
        return {
            "id": name,
            "step": step,
            "type": kind,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "data": data,
        }

    async def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        state: dict[str, Any] = (await self._send(method, path, **options)).json()
        return state

    async def _send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """One call, tried again while the server is away or overloaded: events carry ids, so that is safe."""
        for attempt in range(TRIES):
            self.calls += 1
            try:
                response = await self.client.request(
                    method, path, headers={**self.headers, **(headers or {})}, **options
                )
            except httpx.TransportError as error:
                if attempt == TRIES - 1:
                    raise BinomeError(
                        f"{self.client.base_url} cannot be reached: {error}; is the study being served?"
                    ) from error
            else:
                if response.status_code < 400:
                    return response
                if response.status_code < 500 or attempt == TRIES - 1:
                    raise BinomeError(f"{method} {path} was answered {response.status_code}: {response.text[:200]}")
            await asyncio.sleep(0.1 * 2**attempt)
        raise AssertionError("unreachable")
