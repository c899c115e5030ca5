"""A tiny study, and an operator that answers its pages."""

from __future__ import annotations

import re
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
    Feature,
    Legend,
    Number,
    PredictorCard,
    Rendering,
    Stimulus,
    StimulusSet,
    Task,
    read_stimuli,
    write_stimuli,
)

KEY, SECRET = "researcher-key", "a secret"
LABELS = ("cat", "dog", "fox")
VERDICTS = ("grant", "refuse")
FEATURES = (
    Feature("age", {"en": "Age", "fr": "Âge"}, {"en": "years", "fr": "ans"}, {"en": "At the time", "fr": "À l’époque"}),
    Feature("sex", {"en": "Sex", "fr": "Sexe"}, protected=True),
    Feature("income", "Income", "€"),
    Feature("witness", {"en": "Witness", "fr": "Témoin"}),
)
"""The operator may not see the income; the predictor did not see the witness."""
SCALE = Number(0, 200, 0.5, {"en": "points", "fr": "points (fr)"}, 5)
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


def make_cases(folder: Path, *, estimate: bool = False, turn_truth: int = 0, turn_advice: int = 0) -> StimulusSet:
    """As `make_stimuli`, of case files whose answer is one of two verdicts, or a number.

    Item i is of someone of 20 + i years; items 0 and 1 come with a note. The contributions of explanation `ig` turn
    with the advice. Truths are 10, 15, …, 75 points; the advice is off by 0, 4, 8 or 12, so that half of it is right.
    """

    def build(place: Path) -> None:
        (place / "media").mkdir(exist_ok=True)
        items = []
        for i in range(14):
            truth: str | float = VERDICTS[(i + turn_truth) % 2]
            advice: str | float = VERDICTS[(i + i // 2 + turn_advice) % 2]
            if estimate:
                truth, advice = 10.0 + 5 * i + 20 * turn_truth, 10.0 + 5 * i + 4 * (i % 4) + 20 * turn_advice
            items.append(
                Stimulus(
                    id=f"s{i}", source=str(i), role="trial" if i < 12 else "practice", truth=truth, advice=advice,
                    advice_confidence=0.5 + (i + turn_advice) / 40,
                    case=({"en": f"{20 + i}\u00a0years", "fr": f"{20 + i}\u00a0ans"},
                          {"en": "female", "fr": "femme"} if i % 2 else {"en": "male", "fr": "homme"},
                          None, {"en": "yes", "fr": "oui"}),
                    note={"en": f"Saw {i}", "fr": f"A vu {i}"} if i < 2 else None,
                    covariates={"sex": "female" if i % 2 else "male", **({"difficulty": i / 4} if i else {})},
                    contributions={"ig": (0.5 + turn_advice, -1.0 - i / 10, 4.0, None)},
                )
            )  # fmt: skip
        verdicts = (Decision("grant", {"en": "Grant", "fr": "Accorder"}), Decision("refuse", "Refuse"))
        question = {"en": "How many?", "fr": "Combien ?"} if estimate else "Which?"
        answers = {"number": SCALE} if estimate else {"decisions": verdicts}
        task = Task("files", "Files", question, features=FEATURES, **answers)  # type: ignore[arg-type]
        card = PredictorCard("linear", 0.8, 0.75, 0.85, 1000, 0.02)
        cards = (ExplanationCard("ig", "integrated_gradients", "gradient", False, {}, Rendering("bars")),)
        legend = Legend("magma", ("#000000", "#ffffff"), "little", "much")
        views = {"operator": {"hidden": ["income"]}, "predictor": {"hidden": ["witness"]}}
        write_stimuli(StimulusSet(place, task, card, cards, legend, tuple(items), views))

    recipe = Recipe("stimuli", {"truth": turn_truth, "advice": turn_advice, "estimate": estimate})
    return read_stimuli(ArtefactStore(folder / "artefacts").make(recipe, build))


def make_kind(kind: str, folder: Path, **turns: int) -> StimulusSet:
    """Stimuli of a kind: `pictures`, `cases` or `estimates`."""
    if kind == "pictures":
        return make_stimuli(folder, **turns)
    return make_cases(folder, estimate=kind == "estimates", **turns)


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
            return {"decision": self.check(step), "seconds": 1.5}
        if step["may_delegate"] and place % 2:
            return {"delegated": True, "seconds": 0.75}
        options = [option["id"] for option in step["options"]] or [10 * (place % 7), 2.5]
        return {"decision": options[place % len(options)], "confidence": 0.25 + place % 3 / 4, "seconds": place / 8}

    def check(self, step: dict[str, Any]) -> Any:
        """What an attention check asks for, or something else."""
        if step["scale"]:
            asked = float(re.findall(r"\d+", step["instruction"])[0])
            return asked if self.attentive else asked + 1
        said = {option["id"]: option["label"] in step["instruction"] for option in step["options"]}
        return next(answer for answer, right in said.items() if right == self.attentive)

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
