"""A tiny study, and an operator that answers its pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from fastapi.testclient import TestClient
from PIL import Image

from binome import protocol
from binome.core import ArtefactStore, Recipe
from binome.core.stimulus import (
    Decision,
    ExplanationCard,
    Legend,
    PredictorCard,
    Stimulus,
    StimulusSet,
    Task,
    read_stimuli,
    write_stimuli,
)

KEY, SECRET = "researcher-key", "a secret"
LABELS = ("cat", "dog", "fox")
Serving = Callable[..., TestClient]
"""Starts a server in this process: (protocol, stimuli, database), each by default the test's own."""
STUDY = """
binome: 1
study: tiny
title: {en: Cats and dogs, fr: Chats et chiens}
context: {name: fashion}
predictor: {architecture: vit_micro}
explanations:
  ig: {method: integrated_gradients}
stimuli: {items: 12}
conditions:
  alone: {advice: none}
  advised: {advice: before, confidence: true}
  explained: {advice: after_initial, confidence: true, explanation: ig}
  delegated: {advice: none, delegation: true}
design: {kind: within, order: williams, operators: 8}
operators: {languages: [en, fr], practice: 2, attention_checks: 2, lease_minutes: 30}
questionnaires: {before: [demographics], after: [raw_tlx]}
"""


def make_stimuli(folder: Path, *, turn_truth: int = 0, turn_advice: int = 0) -> StimulusSet:
    """Twelve items and two for practice; `turn_…` moves every truth or advice to another label."""

    def build(place: Path) -> None:
        (place / "media").mkdir(exist_ok=True)
        items = []
        for i in range(14):
            for name, mode in ((f"item{i}", "RGB"), (f"heat{i}", "RGBA")):
                Image.new(mode, (32, 24), (i * 9, 90, 60)).save(place / "media" / f"{name}.png")
            items.append(
                Stimulus(
                    id=f"s{i}", source=str(i), role="trial" if i < 12 else "practice",
                    truth=LABELS[(i + turn_truth) % 3], advice=LABELS[(i + i % 2 + turn_advice) % 3],
                    advice_confidence=0.5 + (i + turn_advice) / 40, image=f"item{i}.png",
                    explanations={"ig": f"heat{i}.png"},
                )
            )  # fmt: skip
        labels = tuple(Decision(label, label) for label in LABELS)
        task = Task("pets", "Pets", {"en": "Which animal?", "fr": "Quel animal ?"}, labels)
        card = PredictorCard("vit_micro", 0.8, 0.75, 0.85, 1000, 0.02)
        cards = (ExplanationCard("ig", "integrated_gradients", "gradient", False, {}),)
        legend = Legend("magma", ("#000000", "#ffffff"), "little", "much")
        write_stimuli(StimulusSet(place, task, card, cards, legend, tuple(items)))

    recipe = Recipe("stimuli", {"truth": turn_truth, "advice": turn_advice})
    return read_stimuli(ArtefactStore(folder / "artefacts").make(recipe, build))


def make_protocol(folder: Path, operators: int = 8) -> protocol.Protocol:
    """The tiny study, for so many operators."""
    (folder / "study.yaml").write_text(STUDY.replace("operators: 8", f"operators: {operators}"), "utf-8")
    (folder / "consent.md").write_text("# Taking part\n\nYou will sort pictures.\n", "utf-8")
    (folder / "consent.fr.md").write_text("# Participer\n\nVous allez trier.\n", "utf-8")
    return protocol.load(folder)


class Operator:
    """Goes through a session as the browser does, and notes what it answered."""

    def __init__(self, client: httpx.Client, name: str, language: str = "en", *, simulated: bool = False) -> None:
        self.client, self.name, self.language, self.simulated = client, name, language, simulated
        self.token = name.ljust(22, "_")
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.state: dict[str, Any] = {}
        self.answers: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.responses: list[httpx.Response] = []
        self.attentive = True

    @property
    def step(self) -> dict[str, Any]:
        found: dict[str, Any] = self.state["step"]
        return found

    def open(self) -> Operator:
        extra = {"X-Binome-Simulation": KEY} if self.simulated else {}
        opening = {"token": self.token, "language": self.language}
        self.state = self._kept(self.client.post("/api/sessions", json=opening, headers=extra)).json()
        return self

    def event(
        self, data: dict[str, Any], kind: str = "complete", step: int | None = None, name: str = ""
    ) -> dict[str, Any]:
        index = self.step["index"] if step is None else step
        return {
            "id": name or f"{self.name}-{index:05d}-{kind}", "step": index, "type": kind,
            "time": "2026-01-01T00:00:00.000Z", "data": data,
        }  # fmt: skip

    def send(self, *events: dict[str, Any]) -> dict[str, Any]:
        answer = self._kept(self.client.post("/api/events", json={"events": list(events)}, headers=self.headers))
        assert answer.status_code == 200, answer.text
        self.state = answer.json()
        return self.state

    def answer(self) -> dict[str, Any]:
        """Data that complete the current step; decisions depend on the place alone, never on what is shown."""
        step = self.step
        if step["kind"] == "consent":
            return {"accepted": True, "version": step["version"]}
        if step["kind"] == "questionnaire":
            return {"answers": {question["id"]: _reply(question) for question in step["questions"]}}
        if step["kind"] != "decision":
            return {}
        place = step["index"]
        if step["instruction"]:
            right = next(label for label in LABELS if label in step["instruction"])
            wrong = next(label for label in LABELS if label != right)
            return {"decision": right if self.attentive else wrong, "seconds": 1.5}
        if step["may_delegate"] and place % 2:
            return {"delegated": True, "seconds": 0.75}
        return {"decision": LABELS[place % 3], "confidence": 0.25 + place % 3 / 4, "seconds": place / 8}

    def go(self) -> Operator:
        """Fetch the pictures of this page and complete it."""
        step, data = self.step, self.answer()
        for url in urls(step):
            assert self._kept(self.client.get(url, headers=self.headers)).status_code == 200
        self.answers.append((step, data))
        state = self.send(self.event(data))
        assert not state["refused"], state["refused"]
        return self

    def until(self, stop: Callable[[dict[str, Any]], bool]) -> Operator:
        while not stop(self.step):
            self.go()
        return self

    def finish(self) -> Operator:
        return self.until(lambda step: step["kind"] == "done")

    def _kept(self, response: httpx.Response) -> httpx.Response:
        self.responses.append(response)
        return response


def urls(step: dict[str, Any]) -> list[str]:
    """Every picture that a page names."""
    shown = [step.get("picture"), (step.get("explanation") or {}).get("picture")]
    return [picture["url"] for picture in shown if picture] + step["preload"]


def _reply(question: dict[str, Any]) -> Any:
    if question["kind"] == "choice":
        return question["options"][0]["id"]
    return "words" if question["kind"] == "text" else question["low"]
