"""`show`: a session's current step as the API sends it, with the pages that frame the trials."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from binome.core.text import say
from binome.experiment import api, trial_pages
from binome.experiment.earnings import earned_by
from binome.experiment.sessions import Session
from binome.experiment.stage import ENDED, Scene, Stage
from binome.protocol import (
    Block,
    QuestionSpec,
    announcement,
    closing,
    counted,
    debriefing,
    estimate_minutes,
    instructions,
    is_evidence,
    measured_reliability,
    shown_as,
    suffix,
)

Page = Callable[[Scene, dict[str, Any]], Any]


def show(stage: Stage, session: Session, now: float) -> Any:
    """The current step of a session, as the API sends it.

    Args:
        now: in seconds since 1970.
    """
    scene = Scene(stage, session, now)
    if session.status in ENDED:
        return _ended(scene)
    left = estimate_minutes(stage.protocol, scene.steps[scene.cursor :])
    progress = api.Progress(done=scene.cursor, total=len(scene.steps) - 1, minutes_left=round(left, 1))
    base = {"index": scene.cursor, "progress": progress, "preload": stage.preload(session)}
    return PAGES[scene.step.kind](scene, base)


def _ended(scene: Scene) -> api.DoneStep:
    """What is said to those who do not go on: why, in general terms, where a rule of the study left them out."""
    key = text = ENDED[scene.session.status]
    if scene.session.status == "excluded":
        text = f"{key}_{scene.step.purpose}"
    return api.DoneStep(
        index=scene.cursor,
        progress=api.Progress(done=0, total=0, minutes_left=0),
        title=scene.text(f"{key}_title"),
        blocks=_paragraphs(scene.text(f"{text}_text")),
        code="",
        url=None,
    )


def _device(scene: Scene, base: dict[str, Any]) -> api.DeviceStep:
    device = scene.study.operators.device
    assert device is not None, "a plan has this step only where the study asks something of the device"
    needs = {"width": device.width, "height": device.height}
    said = [scene.text("device_window", **needs), *([scene.text("device_keyboard")] if device.keyboard else [])]
    return api.DeviceStep(
        **base, **needs, title=scene.text("device_title"), blocks=_paragraphs(*said), keyboard=device.keyboard
    )


def _consent(scene: Scene, base: dict[str, Any]) -> api.ConsentStep:
    document = scene.stage.protocol.consent[scene.language]
    title = say(scene.study.title, scene.language)
    return api.ConsentStep(**base, title=title, blocks=_blocks(scene, document.blocks), version=document.version)


def _instructions(scene: Scene, base: dict[str, Any]) -> api.InstructionsStep:
    first, *more = instructions(scene.stage.protocol, scene.stage.stimuli, scene.steps, scene.language)
    if (scene.step.attempt or 1) > 1:
        headed = bool(first) and first[0].kind == "heading"
        first = [*first[:headed], Block("paragraph", scene.text("retry_comprehension")), *first[headed:]]
    return api.InstructionsStep(**base, pages=[_blocks(scene, page) for page in (first, *more)])


def _block(scene: Scene, base: dict[str, Any]) -> api.BlockStep:
    step, condition, stimuli = scene.step, scene.condition, scene.stage.stimuli
    of, practice = _parts(scene), step.block is None
    number = None if step.block is None else step.block + 1
    shown = condition.explanation
    announced = announcement(
        condition,
        scene.language,
        case=suffix(stimuli),
        shown=shown_as(stimuli, shown, evidence=is_evidence(condition)) if shown else None,
        practice=practice,
        rewards=scene.study.rewards,
        measured=measured_reliability(stimuli) if condition.reliability == "measured" else None,
    )
    overview = scene.stage.protocol.overviews.get(step.condition or "", {}).get(scene.language)
    return api.BlockStep(
        **base,
        title=scene.text("practice_title") if practice else scene.text("block_title", number=number, of=of),
        number=number,
        of=of,
        blocks=_blocks(scene, announced),
        overview=_blocks(scene, overview.blocks) if overview else [],
    )


def _break(scene: Scene, base: dict[str, Any]) -> api.BreakStep:
    """A rest, whose time goes on when the page is loaded again."""
    left = math.ceil(10 * scene.rest) / 10  # never less: the server refuses to end it early
    said = scene.text("break_text", done=scene.step.block, of=_parts(scene))
    return api.BreakStep(**base, title=scene.text("break_title"), blocks=_paragraphs(said), seconds=left)


def _return(scene: Scene, base: dict[str, Any]) -> api.ReturnStep:
    """The end of a sitting until it is time for the next, then the beginning of that."""
    opens, number, sittings = scene.opens, scene.step.sitting or 2, scene.study.design.sittings
    assert sittings is not None, "a plan has this step only where the study has sittings"
    if opens is None:
        said = [scene.text("return_open_text", number=number, count=sittings.count)]
        return api.ReturnStep(**base, title=scene.text("return_open_title"), blocks=_paragraphs(*said), opens=None)
    days, within = (counted("days", value, scene.language) for value in (sittings.days, sittings.within))
    said = [
        scene.text("return_text", done=number - 1, count=sittings.count, days=days),
        scene.text("return_within", days=within),
    ]
    moment = datetime.fromtimestamp(opens, UTC).isoformat(timespec="seconds")
    return api.ReturnStep(**base, title=scene.text("return_title"), blocks=_paragraphs(*said), opens=moment)


def _questionnaire(scene: Scene, base: dict[str, Any]) -> api.QuestionnaireStep:
    step, language = scene.step, scene.language
    questionnaire = scene.stage.protocol.questionnaires[step.questionnaire or ""]
    translated = questionnaire.spec.status.get(language) == "project-translation"
    return api.QuestionnaireStep(
        **base,
        id=questionnaire.id,
        title=say(questionnaire.title, language),
        introduction=say(questionnaire.spec.introduction, language),
        questions=[_question(question, language) for question in questionnaire.questions],
        note=scene.text("note_translation") if translated else "",
        retry=scene.text("retry_comprehension") if (step.attempt or 1) > 1 else "",
    )


def _question(question: QuestionSpec, language: str) -> api.Question:
    """A question without its right answer."""
    return api.Question(
        id=question.id, kind=question.kind, text=say(question.text, language), help=say(question.help, language),
        required=question.required, low=question.low, high=question.high, step=question.step,
        labels=[say(label, language) for label in question.labels],
        options=[api.Option(id=o.id, label=say(o.label, language), key="") for o in question.options],
        many=question.many, rows=[api.Row(id=row.id, text=say(row.text, language)) for row in question.rows],
        show_if=question.show_if,
    )  # fmt: skip


def _debriefing(scene: Scene, base: dict[str, Any]) -> api.DebriefingStep:
    page = debriefing(scene.stage.protocol, scene.stage.stimuli, scene.steps, scene.language, earned_by(scene))
    return api.DebriefingStep(**base, title=scene.text("debriefing_title"), blocks=_blocks(scene, page))


def _done(scene: Scene, base: dict[str, Any]) -> api.DoneStep:
    operators = scene.study.operators
    title, page = closing(scene.stage.protocol, scene.language, earned_by(scene))
    code = operators.completion_code or scene.session.pseudonym
    return api.DoneStep(**base, title=title, blocks=_blocks(scene, page), code=code, url=operators.completion_url)


def _parts(scene: Scene) -> int:
    return len({step.block for step in scene.steps if step.block is not None})


def _blocks(scene: Scene, blocks: Iterable[Block]) -> list[api.Block]:
    return [_shown(scene, block) for block in blocks]


def _shown(scene: Scene, block: Block) -> api.Block:
    if block.kind == "picture":
        return api.Block(kind="picture", picture=scene.study_picture(block.text))
    return api.Block(kind=block.kind, text=block.text, items=list(block.items))


def _paragraphs(*texts: str) -> list[api.Block]:
    return [api.Block(kind="paragraph", text=text) for text in texts]


PAGES: Mapping[str, Page] = {
    "device": _device, "consent": _consent, "instructions": _instructions, "block": _block,
    "offer": trial_pages.offer, "decision": trial_pages.decision, "feedback": trial_pages.feedback, "break": _break,
    "return": _return, "questionnaire": _questionnaire, "debriefing": _debriefing, "done": _done,
}  # fmt: skip
