"""The pages of a trial: an offer, its decisions, its feedback. Here truth and advice meet the wire.

A page is made from the step, the condition and the answers already on disk, never from more.
"""

from __future__ import annotations

from typing import Any

from binome.core.stimulus import Stimulus
from binome.core.text import say
from binome.experiment import api, exhibit
from binome.experiment.disclosure import (
    asks_confidence,
    most_delegated,
    most_seconds,
    shows_advice,
    shows_evidence,
    shows_explanation,
)
from binome.experiment.earnings import score
from binome.experiment.explanations import Showing, explanation
from binome.experiment.outcome import outcomes
from binome.experiment.stage import Scene
from binome.protocol import case_lines, is_right, say_answer

KEYS = "1234567890abcdefgijklmnopqrstuvwxyz"  # without h, which shows and hides the heat map


def offer(scene: Scene, base: dict[str, Any]) -> api.OfferStep:
    number, of = _count(scene)
    return api.OfferStep(
        **base,
        trial=number,
        trials=of,
        practice=scene.step.practice,
        most=most_delegated(scene.condition, scene.steps, scene.cursor),
        price=_price(scene, "delegation"),
        score=score(scene),
    )


def decision(scene: Scene, base: dict[str, Any]) -> api.DecisionStep:
    step, condition, item, task, language = scene.step, scene.condition, scene.item, scene.task, scene.language
    number, of = _count(scene)
    first = scene.initial if step.stage == "final" else {}
    most = most_delegated(condition, scene.steps, scene.cursor)
    supervised = step.stage == "supervised" and condition.supervision is not None
    return api.DecisionStep(
        **base,
        stage=step.stage or "single",
        trial=number,
        trials=of,
        practice=step.practice,
        question=say(task.question, language),
        instruction=_instruction(scene),
        picture=scene.picture(item.image, "picture_alt") if item and item.image else None,
        case=_case(scene, item) if item else [],
        note=say(item.note, language) if item and item.note is not None else None,
        options=[api.Option(id=d.id, label=say(d.label, language), key=KEYS[i] if i < len(KEYS) else "")
                 for i, d in enumerate(task.decisions)],
        scale=_scale(scene),
        ask_confidence=scene.study.operators.ask_confidence and asks_confidence(step),
        may_delegate=most > 0,
        delegate_most=max(1, most),
        price=_price(scene, "delegation") if most else None,
        veto_price=_price(scene, "veto") if supervised else None,
        may_request=step.stage == "open",
        wait_seconds=condition.delay if step.stage == "wait" else None,
        veto_seconds=condition.supervision.seconds if condition.supervision and supervised else None,
        most_seconds=most_seconds(condition, step),
        ask_reason=condition.update == "reasoned" and first.get("decision") is not None,
        record_mouse=scene.study.operators.record.mouse,
        score=score(scene),
        initial=first.get("decision"),
        initial_confidence=first.get("confidence"),
        advice=_advice(scene, item) if item and shows_advice(condition, step) else None,
        explanation=_explanation(scene, item) if item and shows_explanation(condition, step) else None,
    )  # fmt: skip


def feedback(scene: Scene, base: dict[str, Any]) -> api.FeedbackStep:
    """The truth, once the trial has ended; the advice where the operator saw it, or the model decided."""
    item, task, language = scene.stage.items[scene.step.item or ""], scene.task, scene.language
    outcome = next(one for one in outcomes(scene.session) if one.step.trial == scene.step.trial)
    chosen = outcome.decision(item)
    advised = outcome.decided_by == "model" or outcome.saw_advice(scene.condition)
    return api.FeedbackStep(
        **base,
        correct=chosen is not None and is_right(task, chosen, item.truth),
        truth=say_answer(task, item.truth, language),
        chosen=scene.text("feedback_none") if chosen is None else say_answer(task, chosen, language),
        advice=say_answer(task, item.advice, language) if advised else None,
        picture=scene.picture(item.image, "picture_alt") if item.image else None,
        case=_case(scene, item),
    )


def _count(scene: Scene) -> tuple[int, int]:
    """Which trial it is of how many, from 1; practice is counted by itself."""
    alike = [s.trial for s in scene.steps if s.trial is not None and s.practice == scene.step.practice]
    trials = list(dict.fromkeys(alike))
    return trials.index(scene.step.trial or 0) + 1, len(trials)


def _instruction(scene: Scene) -> str | None:
    """What an attention check asks for."""
    asked, task = scene.step.attention, scene.task
    if asked is None:
        return None
    key = "attention" if task.number is None else "attention_number"
    return scene.text(key, label=say_answer(task, asked, scene.language))


def _price(scene: Scene, what: str) -> float | None:
    rewards = scene.study.rewards
    return None if rewards is None else float(getattr(rewards, what))


def _advice(scene: Scene, item: Stimulus) -> api.Advice:
    confidence = round(item.advice_confidence, 2) if scene.condition.confidence else None
    label = say_answer(scene.task, item.advice, scene.language)
    return api.Advice(decision=item.advice, label=label, confidence=confidence)


def _explanation(scene: Scene, item: Stimulus) -> exhibit.Explanation:
    showing = Showing(
        scene.stage.stimuli,
        item,
        scene.language,
        scene.picture,
        scene.condition.confidence,
        evidence=shows_evidence(scene.condition, scene.step),
    )
    return explanation(showing, scene.condition.explanation or "")


def _case(scene: Scene, item: Stimulus) -> list[exhibit.Line]:
    return [
        exhibit.Line(id=line.id, label=line.label, value=line.value, help=line.help)
        for line in case_lines(scene.task, item, scene.language)
    ]


def _scale(scene: Scene) -> api.Scale | None:
    scale = scene.task.number
    if scale is None:
        return None
    return api.Scale(low=scale.low, high=scale.high, step=scale.step, unit=say(scale.unit, scene.language))
