"""A study of any conditions, and a person who answers it by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tiny_experiment import Operator, Serving, make_stimuli

from binome import protocol
from binome.core.stimulus import StimulusSet

Data = dict[str, Any]
Go = Callable[..., "Person"]

STUDY = """\
binome: 1
study: stages
title: Stages
context: {name: fashion}
predictor: {architecture: vit_micro}
explanations:
  ig: {method: integrated_gradients}
stimuli: {items: 12}
conditions:
CONDITIONS
design: {kind: within, order: fixed, operators: 4MORE_DESIGN}
operators: {languages: [en, fr], ask_confidence: ASKMORE_OPERATORS}
REST
"""
QUIZ = """\
title: Quiz
questions:
  - {id: who, kind: choice, text: "Who decides?", options: [{id: me, label: Me}, {id: it, label: It}], correct: me}
citation: ours
licence: ours
status: {en: published, fr: published}
"""


class Person(Operator):
    """Answers by hand: nothing that a test does not say."""

    def say(self, **data: Any) -> str | None:
        """Complete the step; the reason when the answer is refused."""
        self.count = getattr(self, "count", 0) + 1
        state = self.send(self.event(data, name=f"{self.name}-event-{self.count:05d}"))
        return next(iter(state["refused"].values()), None)

    def decide(self, decision: Any = "cat", seconds: float = 1.0, **data: Any) -> str | None:
        return self.say(decision=decision, seconds=seconds, **data)

    def skip(self, *kinds: str) -> Person:
        """Past the pages that frame trials, and those of these kinds."""
        while self.step["kind"] in ("consent", "instructions", "block", *kinds):
            assert self.say(**self.answer()) is None
        return self

    def fetch(self, url: str) -> int:
        return self.client.get(url, headers=self.headers).status_code


def opening(serving: Serving, folder: Path) -> Go:
    """Opens a session of a study with these conditions, past the pages that frame trials."""

    def start(
        *conditions: str, design: str = "", operators: str = "", rest: str = "", files: dict[str, str] | None = None,
        stimuli: StimulusSet | None = None, language: str = "en", skip: bool = True, simulated: bool = False,
        ask: bool = False,
    ) -> Person:  # fmt: skip
        own = load(folder, *conditions, design=design, operators=operators, rest=rest, files=files, ask=ask)
        client = serving(own=own, shown=stimuli or make_stimuli(folder))
        person = Person(client, "maria", language, simulated=simulated)
        person.open()
        return person.skip() if skip else person

    return start


def load(
    folder: Path, *conditions: str, design: str = "", operators: str = "", rest: str = "",
    files: dict[str, str] | None = None, ask: bool = False,
) -> protocol.Protocol:  # fmt: skip
    lines = "\n".join(f"  c{number}: {spec}" for number, spec in enumerate(conditions))
    text = STUDY.replace("CONDITIONS", lines).replace("MORE_DESIGN", design).replace("MORE_OPERATORS", operators)
    if "practice" not in operators:
        text = text.replace("ask_confidence", "practice: 0, ask_confidence")
    text = text.replace("ASK", str(ask).lower()).replace("REST", rest)
    (folder / "study.yaml").write_text(text, "utf-8")
    for name, content in {"consent.md": "Yes?\n", "consent.fr.md": "Oui ?\n", **(files or {})}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    return protocol.load(folder)


def number_of(step: Data) -> int:
    """Which item a page of case files is about."""
    return int(step["case"][0]["value"][:2]) - 20
