"""Sessions made without a server: a plan gone through with answers of one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from binome import protocol
from binome.core.stimulus import StimulusSet
from binome.experiment.sessions import Session
from binome.protocol import Place, Step, following, group_of, plan

Answer = Callable[[Step], dict[str, Any]]
STUDY = """
binome: 1
study: tiny
title: Cats and dogs
context: {{name: fashion}}
predictor: {{architecture: vit_micro}}
explanations:
  ig: {{method: integrated_gradients}}
stimuli: {{items: 12}}
conditions:
  {conditions}
design: {{kind: {kind}, order: fixed, operators: 8{design}}}
operators: {{languages: [en], practice: {practice}, attention_checks: {checks}{operators}}}
{more}
"""


def make_study(
    folder: Path,
    *conditions: str,
    kind: str = "within",
    design: str = "",
    practice: int = 0,
    checks: int = 0,
    operators: str = "",
    more: str = "",
) -> protocol.Protocol:
    """A study with these conditions, each as `name: {…}`; further keys as YAML."""
    text = STUDY.format(
        conditions="\n  ".join(conditions), kind=kind, design=design and f", {design}", practice=practice,
        checks=checks, operators=operators and f", {operators}", more=more,
    )  # fmt: skip
    (folder / "study.yaml").write_text(text, "utf-8")
    (folder / "consent.md").write_text("# Taking part\n\nYou will sort pictures.\n", "utf-8")
    return protocol.load(folder)


def alone(step: Step) -> dict[str, Any]:
    """Every decision is `cat`, sure by half, in two seconds; attention checks are passed."""
    if step.kind == "decision":
        decision = "cat" if step.attention is None else step.attention
        return {"decision": decision, "confidence": 0.5, "seconds": 2.0}
    return {"answers": {}} if step.kind == "questionnaire" else {}


def walk(
    study: protocol.Protocol,
    stimuli: StimulusSet,
    answer: Answer = alone,
    *,
    stop: Callable[[Step], bool] | None = None,
    **more: Any,
) -> Session:
    """The session of one who answers so, to the end or until `stop` is true of a step.

    Args:
        more: fields of the session.
    """
    steps, cursor, status = plan(study, stimuli, 0), 0, "completed"
    answers: dict[int, dict[str, Any]] = {}
    while steps[cursor].kind != "done":
        if stop is not None and stop(steps[cursor]):
            status = "running"
            break
        answers[cursor] = answer(steps[cursor])
        after = following(study, steps, cursor, answers[cursor])
        cursor = after.cursor
        if after.excluded:
            status = "excluded"
            break
    group, _ = group_of(study.study, Place(0))
    times = {index: 1000.0 + 600 * place / (len(answers) or 1) for place, index in enumerate(answers)}
    known: dict[str, Any] = {
        "id": "1", "pseudonym": "ABCD2345", "language": "en", "external_id": None, "simulated": False,
        "status": status, "slot": 0, "cursor": cursor, "plan": steps, "consent_version": "1", "created": 1000.0,
        "updated": 1600.0, "completed": 1600.0 if status == "completed" else None, "answers": answers,
        "times": times, "group": group,
    }  # fmt: skip
    return Session(**(known | more))
