"""`refusal`: what is wrong with the data that complete a step, in the operator's language."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from binome.experiment import api
from binome.experiment.answers import answers_fault
from binome.experiment.disclosure import asks_confidence, most_delegated, most_seconds
from binome.experiment.sessions import Session
from binome.experiment.stage import Scene, Stage
from binome.protocol import counted, is_on_scale, say_number

EARLY = 0.05
"""Seconds by which a forced wait or a break may be shorter: clocks and timers are not exact."""
SKEW = 0.5
"""Seconds by which the clocks of two servers of one study may differ."""

Data = Mapping[str, Any]


def refusal(stage: Stage, session: Session, data: Data, now: float) -> str | None:
    """Why the data that complete the current step are refused; None when they are not.

    Args:
        now: in seconds since 1970.
    """
    scene = Scene(stage, session, now)
    check = CHECKS.get(scene.step.kind)
    reason = check(scene, data) if check else None
    return None if reason is None else scene.text("refused_data", reason=reason)


def _consent(scene: Scene, data: Data) -> str | None:
    version = scene.stage.protocol.consent[scene.language].version
    fits = isinstance(data.get("accepted"), bool) and data.get("version") == version
    return None if fits else scene.text("reason_consent")


def _device(scene: Scene, data: Data) -> str | None:
    device = scene.study.operators.device
    if device is None:
        return None
    for side in ("width", "height"):
        size = data.get(side)
        if isinstance(size, bool) or not isinstance(size, int | float) or size < getattr(device, side):
            return scene.text("reason_device", width=device.width, height=device.height)
    if device.keyboard and data.get("keyboard") is not True:
        return scene.text("reason_keyboard")
    return None


def _break(scene: Scene, data: Data) -> str | None:
    if scene.rest <= EARLY:
        return None
    return scene.text("reason_break", seconds=counted("seconds", math.ceil(scene.rest), scene.language))


def _return(scene: Scene, data: Data) -> str | None:
    return None if scene.opens is None else scene.text("reason_early")


def _questionnaire(scene: Scene, data: Data) -> str | None:
    questions = scene.stage.protocol.questionnaires[scene.step.questionnaire or ""].questions
    fault = answers_fault(questions, data, scene.language)
    return None if fault is None else scene.text("reason_answer", question=fault)


def _done(scene: Scene, data: Data) -> str | None:
    return scene.text("closing_text")


def _offer(scene: Scene, data: Data) -> str | None:
    try:
        given = api.OfferData.model_validate(data, strict=True)
    except ValidationError as error:
        return str(error.errors()[0]["msg"])
    return _count_fault(scene, given.count) if given.delegated else None


def _decision(scene: Scene, data: Data) -> str | None:
    # Strictly, for what follows reads the data as they came: `"no"` would pass for false here, and for true there.
    try:
        given = api.DecisionData.model_validate(data, strict=True)
    except ValidationError as error:
        return str(error.errors()[0]["msg"])
    if given.mouse is not None and not scene.study.operators.record.mouse:
        return scene.text("reason_mouse")
    fault = STAGES.get(scene.step.stage or "single", _own_fault)
    return fault(scene, given)


def _wait_fault(scene: Scene, given: api.DecisionData) -> str | None:
    if _acts(given) or given.vetoed:
        return scene.text("reason_nothing")
    # By the server's clock too, which runs since the page before: what a page says of its time can be invented.
    early = given.seconds < (scene.condition.delay or 0) - EARLY or scene.wait > SKEW
    return scene.text("reason_wait") if early else None


def _handled_fault(scene: Scene, given: api.DecisionData) -> str | None:
    return scene.text("reason_nothing") if _acts(given) or given.vetoed else None


def _supervised_fault(scene: Scene, given: api.DecisionData) -> str | None:
    """A veto and a decision, or neither."""
    if _acts(given) != (["decision"] if given.vetoed else []):
        return scene.text("reason_veto")
    return _value_fault(scene, given) if given.vetoed else None


def _own_fault(scene: Scene, given: api.DecisionData) -> str | None:
    """One answer: a decision, or what the stage allows in its place."""
    acts = _acts(given)
    if given.vetoed or len(acts) != 1:
        # A decision of no kind is told as what it is.
        return scene.text("reason_one") if given.vetoed or acts else _value_fault(scene, given)
    if given.delegated:
        return _count_fault(scene, given.count)
    if given.requested:
        return None if scene.step.stage == "open" else scene.text("reason_request")
    if given.timed_out:
        timed = most_seconds(scene.condition, scene.step) is not None
        return None if timed else scene.text("reason_time")
    return _value_fault(scene, given) or _confidence_fault(scene, given) or _reason_fault(scene, given)


def _acts(given: api.DecisionData) -> list[str]:
    """What an answer does, of which it may do one."""
    done = {
        "decision": given.decision is not None,
        "delegated": given.delegated,
        "requested": given.requested,
        "timed_out": given.timed_out,
    }
    return [name for name, is_done in done.items() if is_done]


def _count_fault(scene: Scene, count: int) -> str | None:
    most = most_delegated(scene.condition, scene.steps, scene.cursor)
    if most == 0:
        return scene.text("reason_delegation")
    return scene.text("reason_count", most=most) if count > most else None


def _value_fault(scene: Scene, given: api.DecisionData) -> str | None:
    scale = scene.task.number
    if scale is not None:
        if is_on_scale(scale, given.decision):
            return None
        ends = {end: say_number(scale, getattr(scale, end), scene.language) for end in ("low", "high")}
        return scene.text("reason_number", **ends)
    known = {decision.id for decision in scene.task.decisions}
    return None if given.decision in known else scene.text("reason_decision")


def _confidence_fault(scene: Scene, given: api.DecisionData) -> str | None:
    asked = scene.study.operators.ask_confidence and asks_confidence(scene.step)
    return scene.text("reason_confidence") if asked and given.confidence is None else None


def _reason_fault(scene: Scene, given: api.DecisionData) -> str | None:
    """A changed answer without the reason that the condition asks for."""
    if scene.condition.update != "reasoned" or scene.step.stage != "final":
        return None
    first = scene.initial.get("decision")
    changed = first is not None and given.decision != first
    return scene.text("reason_why") if changed and not (given.reason or "").strip() else None


STAGES: Mapping[str, Callable[[Scene, api.DecisionData], str | None]] = {
    "wait": _wait_fault, "handled": _handled_fault, "supervised": _supervised_fault,
}  # fmt: skip
CHECKS: Mapping[str, Callable[[Scene, Data], str | None]] = {
    "consent": _consent, "device": _device, "offer": _offer, "decision": _decision, "break": _break,
    "return": _return, "questionnaire": _questionnaire, "done": _done,
}  # fmt: skip
