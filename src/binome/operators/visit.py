"""One simulated operator's session over HTTP: pages come, pictures are fetched, answers go."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from binome.core import BinomeError
from binome.operators.decisions import Deciding, explanation_urls, look
from binome.operators.replies import replies
from binome.protocol import Protocol

TRIES = 6
SCREENS = ((1920, 969), (1536, 730), (1440, 789), (1366, 657), (1280, 913))
"""Inner sizes of common windows, in CSS pixels."""
BEFORE_A_PLACE = ("device", "consent", "questionnaire")
"""Kinds of pages before an operator has a place in the design."""


class Visit:
    """One operator's session."""

    def __init__(self, client: httpx.AsyncClient, deciding: Deciding, token: str, protocol: Protocol | None) -> None:
        self.client, self.deciding, self.person, self.protocol = client, deciding, deciding.person, protocol
        self.token, self.headers, self.calls = token, {"Authorization": f"Bearer {token}"}, 0
        self.pictures: dict[str, bytes] = {}
        self.state: dict[str, Any] = {}

    async def arrive(self, key: str, language: str) -> None:
        """Open the session and go on until a place in the design is taken."""
        opening = {"token": self.token, "language": language}
        headers = {"X-Binome-Simulation": key}
        self.state = await self._call("POST", "/api/sessions", json=opening, headers=headers)
        while self.state["step"]["kind"] in BEFORE_A_PLACE:
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
        kind = step["kind"]
        if kind == "consent":
            return {"accepted": True, "version": step["version"]}
        if kind == "device":
            return self._device(step)
        if kind == "questionnaire":
            return {"answers": replies(self.person, step, self.protocol)}
        if kind == "offer":
            return self.deciding.offer(step)
        if kind != "decision":
            return {}
        if step["instruction"] is not None:
            return self.deciding.check(step)
        own = [step["picture"]["url"]] if step["picture"] else []
        for url in own + (explanation_urls(step["explanation"]) if step["explanation"] else []):
            await self._fetch(url)
        return self.deciding.decide(step, look(self.deciding.eyes, self.person, step, self.pictures))

    def _device(self, step: Mapping[str, Any]) -> dict[str, Any]:
        """A window that is large enough, on a computer."""
        fitting = [size for size in SCREENS if size[0] >= step["width"] and size[1] >= step["height"]]
        sizes = fitting or [(step["width"], step["height"])]
        width, height = sizes[self.person.generator("device").integers(len(sizes))]
        return {"width": width, "height": height, "keyboard": True, "touch": False}

    async def _fetch(self, url: str) -> None:
        """A picture's bytes; each is fetched once a session, as a browser would."""
        if url not in self.pictures:
            self.pictures[url] = (await self._send("GET", url)).content

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
