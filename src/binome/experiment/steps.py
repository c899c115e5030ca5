"""Turns a step of the plan into what the browser may see of it, and checks what comes back.

The one place where truth and advice meet the wire: a page is made from the step, the condition and the
answers already on disk, never from more.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import Any

from pydantic import ValidationError

from binome.core.stimulus import Stimulus, StimulusSet
from binome.core.text import say
from binome.experiment import api, exhibit
from binome.experiment.explanations import Showing, explanation
from binome.experiment.sessions import Session
from binome.protocol import (
    Block,
    ConditionSpec,
    Protocol,
    QuestionSpec,
    Step,
    announcement,
    case_lines,
    debriefing,
    estimate_minutes,
    instructions,
    is_on_scale,
    is_right,
    plan,
    say_answer,
    say_number,
    shown_as,
    suffix,
)

KEYS = "1234567890abcdefgijklmnopqrstuvwxyz"  # without h, which shows and hides the heat map
ENDED = {"excluded": "excluded", "declined": "declined", "withdrawn": "declined", "full": "full", "expired": "closed"}


@dataclass(frozen=True)
class Stage:
    """A study on stage: its protocol and stimuli, and the secret that hides the names of pictures."""

    protocol: Protocol
    stimuli: StimulusSet
    secret: str

    @cached_property
    def items(self) -> Mapping[str, Stimulus]:
        return {item.id: item for item in self.stimuli.items}

    @cached_property
    def sizes(self) -> Mapping[str, tuple[int, int]]:
        """Width and height of every picture, read from its header."""
        files: set[str] = set()
        for item in self.stimuli.items:
            files |= {item.image} if item.image else set()
            files |= {file for card in self.stimuli.explanations for file in item.pictures_of(card.name)}
        return {name: _png_size(self.stimuli.media(name).read_bytes()[:24]) for name in files}

    @cached_property
    def first_plan(self) -> tuple[Step, ...]:
        """The plan of slot 0: stands for all plans until a session has its own."""
        return plan(self.protocol, self.stimuli, 0)

    def alias(self, session: Session, file: str) -> str:
        """A picture's name in one session: even a hash of its bytes would tell items apart between sessions."""
        return hmac.new(self.secret.encode(), f"{session.id}/{file}".encode(), hashlib.sha256).hexdigest()[:32]

    def pictures(self, session: Session) -> dict[str, str]:
        """By alias, the files that the session may fetch now."""
        return {self.alias(session, file): file for file in _shown_files(self, session) + _coming_files(self, session)}


def show(stage: Stage, session: Session) -> Any:
    """The current step of a session, as the API sends it."""
    steps = session.plan or stage.first_plan
    index = session.cursor
    left = 0.0 if session.status in ENDED else estimate_minutes(stage.protocol, steps[index:])
    base: dict[str, Any] = {
        "index": index,
        "progress": api.Progress(done=index, total=len(steps) - 1, minutes_left=round(left, 1)),
        "preload": [f"/api/media/{stage.alias(session, file)}" for file in _coming_files(stage, session)],
    }
    language, text = session.language, stage.protocol.text
    if session.status in ENDED:
        key = ENDED[session.status]
        base["progress"] = api.Progress(done=0, total=0, minutes_left=0)
        page = [api.Block(kind="paragraph", text=text(f"{key}_text", language))]
        return api.DoneStep(**base, title=text(f"{key}_title", language), blocks=page, code="", url=None)
    step = steps[index]
    return PAGES[step.kind](stage, session, step, steps, base)


def _consent(stage: Stage, session: Session, step: Step, steps: tuple[Step, ...], base: dict[str, Any]) -> Any:
    document = stage.protocol.consent[session.language]
    title = say(stage.protocol.study.title, session.language)
    return api.ConsentStep(**base, title=title, blocks=_blocks(document.blocks), version=document.version)


def _instructions(stage: Stage, session: Session, step: Step, steps: tuple[Step, ...], base: dict[str, Any]) -> Any:
    pages = instructions(stage.protocol, stage.stimuli, steps, session.language)
    return api.InstructionsStep(**base, pages=[_blocks(page) for page in pages])


def _block(stage: Stage, session: Session, step: Step, steps: tuple[Step, ...], base: dict[str, Any]) -> Any:
    language, text = session.language, stage.protocol.text
    of = len({other.block for other in steps if other.block is not None})
    practice = step.block is None
    number = None if step.block is None else step.block + 1
    title = text("practice_title", language) if practice else text("block_title", language, number=number, of=of)
    condition = stage.protocol.study.conditions[step.condition or ""]
    shown = shown_as(stage.stimuli, condition.explanation) if condition.explanation else None
    announced = announcement(condition, language, case=suffix(stage.stimuli), shown=shown, practice=practice)
    return api.BlockStep(**base, title=title, number=number, of=of, blocks=_blocks(announced))


def _decision(stage: Stage, session: Session, step: Step, steps: tuple[Step, ...], base: dict[str, Any]) -> Any:
    language, study, task = session.language, stage.protocol.study, stage.stimuli.task
    condition = study.conditions[step.condition or ""]
    item = stage.items.get(step.item or "")
    alike = [other.trial for other in steps if other.kind == "decision" and other.practice == step.practice]
    trials = list(dict.fromkeys(alike))
    first = session.answers.get(session.cursor - 1, {}) if step.stage == "final" else {}
    # Advice is shown with the final decision, or with the only one when it comes before; never with the first.
    advised = item is not None and condition.advice != "none" and step.stage != "initial"
    instruction = None
    if step.attention is not None:
        key = "attention" if task.number is None else "attention_number"
        instruction = stage.protocol.text(key, language, label=say_answer(task, step.attention, language))
    return api.DecisionStep(
        **base,
        stage=step.stage or "single",
        trial=trials.index(step.trial) + 1,
        trials=len(trials),
        practice=step.practice,
        question=say(task.question, language),
        instruction=instruction,
        picture=_picture(stage, session, item.image, "picture_alt") if item and item.image else None,
        case=_case(stage, item, language) if item else [],
        note=say(item.note, language) if item and item.note is not None else None,
        options=[api.Option(id=d.id, label=say(d.label, language), key=KEYS[i] if i < len(KEYS) else "")
                 for i, d in enumerate(task.decisions)],
        scale=_scale(stage, language),
        ask_confidence=study.operators.ask_confidence and step.attention is None,
        may_delegate=condition.delegation is not None and item is not None,
        initial=first.get("decision"),
        initial_confidence=first.get("confidence"),
        advice=_advice(item, condition.confidence, stage, language) if advised and item else None,
        explanation=_explanation(stage, session, item, condition) if advised and item else None,
    )  # fmt: skip


def _feedback(stage: Stage, session: Session, step: Step, steps: tuple[Step, ...], base: dict[str, Any]) -> Any:
    item, task, language = stage.items[step.item or ""], stage.stimuli.task, session.language
    answer = session.answers[session.cursor - 1]
    chosen = item.advice if answer.get("delegated") else answer["decision"]
    shown = stage.protocol.study.conditions[step.condition or ""].advice != "none" or answer.get("delegated")
    return api.FeedbackStep(
        **base,
        correct=is_right(task, chosen, item.truth),
        truth=say_answer(task, item.truth, language),
        chosen=say_answer(task, chosen, language),
        advice=say_answer(task, item.advice, language) if shown else None,
        picture=_picture(stage, session, item.image, "picture_alt") if item.image else None,
        case=_case(stage, item, language),
    )


def _questionnaire(stage: Stage, session: Session, step: Step, steps: tuple[Step, ...], base: dict[str, Any]) -> Any:
    questionnaire, language = stage.protocol.questionnaires[step.questionnaire or ""], session.language
    translated = questionnaire.spec.status.get(language) == "project-translation"
    return api.QuestionnaireStep(
        **base,
        id=questionnaire.id,
        title=say(questionnaire.title, language),
        introduction=say(questionnaire.spec.introduction, language),
        questions=[_question(question, language) for question in questionnaire.questions],
        note=stage.protocol.text("note_translation", language) if translated else "",
    )


def _debriefing(stage: Stage, session: Session, step: Step, steps: tuple[Step, ...], base: dict[str, Any]) -> Any:
    page = debriefing(stage.protocol, stage.stimuli, steps, session.language)
    return api.DebriefingStep(
        **base, title=stage.protocol.text("debriefing_title", session.language), blocks=_blocks(page)
    )


def _done(stage: Stage, session: Session, step: Step, steps: tuple[Step, ...], base: dict[str, Any]) -> Any:
    operators, text = stage.protocol.study.operators, stage.protocol.text
    page = [api.Block(kind="paragraph", text=text(key, session.language)) for key in ("closing_text", "closing_code")]
    code = operators.completion_code or session.pseudonym
    return api.DoneStep(
        **base, title=text("closing_title", session.language), blocks=page, code=code, url=operators.completion_url
    )


PAGES = {
    "consent": _consent, "instructions": _instructions, "block": _block, "decision": _decision, "feedback": _feedback,
    "questionnaire": _questionnaire, "debriefing": _debriefing, "done": _done,
}  # fmt: skip


def refusal(stage: Stage, session: Session, data: Mapping[str, Any]) -> str | None:
    """Why the data that complete the current step are refused, in the operator's language; None when they are not."""
    step = (session.plan or stage.first_plan)[session.cursor]
    language, text = session.language, stage.protocol.text
    reason: str | None = None
    if step.kind == "consent":
        if (
            not isinstance(data.get("accepted"), bool)
            or data.get("version") != stage.protocol.consent[language].version
        ):
            reason = text("reason_consent", language)
    elif step.kind == "decision":
        reason = _decision_fault(stage, step, data, language)
    elif step.kind == "questionnaire":
        fault = _answers_fault(stage.protocol.questionnaires[step.questionnaire or ""].questions, data, language)
        reason = None if fault is None else text("reason_answer", language, question=fault)
    elif step.kind == "done":
        reason = text("closing_text", language)
    return None if reason is None else text("refused_data", language, reason=reason)


def _decision_fault(stage: Stage, step: Step, data: Mapping[str, Any], language: str) -> str | None:
    text, study, task = stage.protocol.text, stage.protocol.study, stage.stimuli.task
    try:
        given = api.DecisionData.model_validate(data)
    except ValidationError as error:
        return str(error.errors()[0]["msg"])
    if given.delegated:
        may = study.conditions[step.condition or ""].delegation is not None and step.item is not None
        return None if may and given.decision is None else text("reason_delegation", language)
    # As it came: the model would take `true` for the number 1.
    if task.number is not None:
        if not is_on_scale(task.number, data.get("decision")):
            ends = {end: say_number(task.number, getattr(task.number, end), language) for end in ("low", "high")}
            return text("reason_number", language, **ends)
    elif given.decision not in {decision.id for decision in task.decisions}:
        return text("reason_decision", language)
    if study.operators.ask_confidence and step.attention is None and given.confidence is None:
        return text("reason_confidence", language)
    return None


def _answers_fault(questions: Sequence[QuestionSpec], data: Mapping[str, Any], language: str) -> str | None:
    """The first question whose answer is not acceptable, or the first answer to a question that was not asked."""
    answers = data.get("answers")
    given: Mapping[str, Any] = answers if isinstance(answers, dict) else {}
    for question in questions:
        if not _acceptable(question, given.get(question.id)):
            return say(question.text, language)
    return next((name for name in given if name not in {question.id for question in questions}), None)


def _acceptable(question: QuestionSpec, value: Any) -> bool:
    if value is None or value == "":
        return not question.required
    if question.kind == "text":
        return isinstance(value, str) and len(value) <= 5000
    if question.kind == "choice":
        return isinstance(value, str) and value in {option.id for option in question.options}
    return isinstance(value, int | float) and not isinstance(value, bool) and question.low <= value <= question.high


def _advice(item: Stimulus, with_confidence: bool, stage: Stage, language: str) -> api.Advice:
    confidence = round(item.advice_confidence, 2) if with_confidence else None
    label = say_answer(stage.stimuli.task, item.advice, language)
    return api.Advice(decision=item.advice, label=label, confidence=confidence)


def _explanation(
    stage: Stage, session: Session, item: Stimulus, condition: ConditionSpec
) -> exhibit.Explanation | None:
    if condition.explanation is None:
        return None
    picture = partial(_picture, stage, session)
    showing = Showing(stage.stimuli, item, session.language, picture, condition.confidence)
    return explanation(showing, condition.explanation)


def _case(stage: Stage, item: Stimulus, language: str) -> list[exhibit.Line]:
    return [
        exhibit.Line(id=line.id, label=line.label, value=line.value, help=line.help)
        for line in case_lines(stage.stimuli.task, item, language)
    ]


def _scale(stage: Stage, language: str) -> api.Scale | None:
    scale = stage.stimuli.task.number
    if scale is None:
        return None
    return api.Scale(low=scale.low, high=scale.high, step=scale.step, unit=say(scale.unit, language))


def _picture(stage: Stage, session: Session, file: str, alt: str, **values: object) -> exhibit.Picture:
    width, height = stage.sizes[file]
    words = stage.protocol.text(alt, session.language, **{"number": session.cursor + 1, **values})
    return exhibit.Picture(url=f"/api/media/{stage.alias(session, file)}", width=width, height=height, alt=words)


def _question(question: QuestionSpec, language: str) -> api.Question:
    return api.Question(
        id=question.id, kind=question.kind, text=say(question.text, language), help=say(question.help, language),
        required=question.required, low=question.low, high=question.high, step=question.step,
        labels=[say(label, language) for label in question.labels],
        options=[api.Option(id=o.id, label=say(o.label, language), key="") for o in question.options],
    )  # fmt: skip


def _blocks(blocks: Any) -> list[api.Block]:
    return [api.Block(**json.loads(json.dumps(asdict(block)))) for block in blocks if isinstance(block, Block)]


def _shown_files(stage: Stage, session: Session) -> list[str]:
    """Pictures of the current step."""
    if session.status in ENDED or not session.plan:
        return []
    step = session.plan[session.cursor]
    item = stage.items.get(step.item or "")
    if item is None or step.kind not in ("decision", "feedback"):
        return []
    condition = stage.protocol.study.conditions[step.condition or ""]
    files = [item.image] if item.image else []
    if step.kind == "decision" and step.stage != "initial" and condition.explanation is not None:
        files += item.pictures_of(condition.explanation)
    return files


def _coming_files(stage: Stage, session: Session) -> list[str]:
    """The next item's picture, so that no trial waits; never an explanation, which would speak of the advice."""
    if session.status in ENDED or not session.plan:
        return []
    current = session.plan[session.cursor].item
    for step in session.plan[session.cursor + 1 :]:
        if step.kind == "decision" and step.item and step.item != current:
            image = stage.items[step.item].image
            return [image] if image else []
    return []


def _png_size(header: bytes) -> tuple[int, int]:
    return int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")
