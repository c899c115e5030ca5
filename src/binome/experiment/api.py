"""The HTTP contract between server and browser: what each step shows and what each event carries.

TypeScript types are generated from these models (`make web-types`); nothing else crosses the wire.
A step holds only what it may show: no truth before the decision is stored, no advice before its time.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from binome.experiment.exhibit import Explanation, Line, Message, Picture


class Block(Message):
    """A piece of prose, rendered as text nodes (never as HTML)."""

    kind: Literal["heading", "paragraph", "list"]
    text: str = ""
    items: list[str] = Field(default_factory=list)


class Progress(Message):
    """Where the operator is: steps done of the total, and an estimate of the minutes left."""

    done: int
    total: int
    minutes_left: float


class Option(Message):
    """One possible decision; `key` is the keyboard key that chooses it."""

    id: str
    label: str
    key: str


class Scale(Message):
    """Where the task is to estimate a number: from `low` to `high` by `step`, in `unit`."""

    low: float
    high: float
    step: float
    unit: str


class Advice(Message):
    """The predictor's decision, and its words; `confidence` is a probability, or None where the condition hides it."""

    decision: str | float
    label: str
    confidence: float | None


class StepBase(Message):
    index: int
    progress: Progress
    preload: list[str] = Field(default_factory=list)


class ConsentStep(StepBase):
    """Completed with {accepted: bool, version: str}."""

    kind: Literal["consent"] = "consent"
    title: str
    blocks: list[Block]
    version: str


class InstructionsStep(StepBase):
    """Completed with {}."""

    kind: Literal["instructions"] = "instructions"
    pages: list[list[Block]]


class BlockStep(StepBase):
    """Announces a block: what help there will be. Completed with {}."""

    kind: Literal["block"] = "block"
    title: str
    number: int | None
    of: int
    blocks: list[Block]


class DecisionStep(StepBase):
    """One decision. Completed with `DecisionData`.

    `stage` initial: before the advice; final: after it (`initial` is what the operator chose);
    single: the only one. `instruction` is set for attention checks, which show no item. An item is a picture or the
    lines of a case file, with a note that only the operator gets; the answer is one of the options, or a number where
    there is a scale.
    """

    kind: Literal["decision"] = "decision"
    stage: Literal["initial", "final", "single"]
    trial: int
    trials: int
    practice: bool
    question: str
    instruction: str | None
    picture: Picture | None
    case: list[Line] = Field(default_factory=list)
    note: str | None = None
    options: list[Option]
    scale: Scale | None = None
    ask_confidence: bool
    may_delegate: bool
    initial: str | float | None
    initial_confidence: float | None
    advice: Advice | None
    explanation: Explanation | None


class FeedbackStep(StepBase):
    """After a practice trial, or by condition. Completed with {}."""

    kind: Literal["feedback"] = "feedback"
    correct: bool
    truth: str
    chosen: str
    advice: str | None
    picture: Picture | None
    case: list[Line] = Field(default_factory=list)


class Question(Message):
    """`slider` uses low, high, step and end labels; `likert` one label a point; `choice` options."""

    id: str
    kind: Literal["slider", "likert", "choice", "text", "number"]
    text: str
    help: str = ""
    required: bool = True
    low: float = 0
    high: float = 100
    step: float = 1
    labels: list[str] = Field(default_factory=list)
    options: list[Option] = Field(default_factory=list)


class QuestionnaireStep(StepBase):
    """Completed with {answers: {question id: number | string | null}}."""

    kind: Literal["questionnaire"] = "questionnaire"
    id: str
    title: str
    introduction: str
    questions: list[Question]
    note: str


class DebriefingStep(StepBase):
    """Completed with {}."""

    kind: Literal["debriefing"] = "debriefing"
    title: str
    blocks: list[Block]


class DoneStep(StepBase):
    """The last step; nothing completes it."""

    kind: Literal["done"] = "done"
    title: str
    blocks: list[Block]
    code: str
    url: str | None


Step = Annotated[
    ConsentStep
    | InstructionsStep
    | BlockStep
    | DecisionStep
    | FeedbackStep
    | QuestionnaireStep
    | DebriefingStep
    | DoneStep,
    Field(discriminator="kind"),
]


class DecisionData(Message):
    """What completing a decision step carries. Times are in seconds, with fractions of milliseconds.

    Exactly one of `decision` and `delegated=True` is given. `confidence` is in [0, 1].
    """

    decision: str | float | None = None
    delegated: bool = False
    confidence: float | None = Field(default=None, ge=0, le=1)
    seconds: float = Field(ge=0, description="from the frame in which the item appeared to the confirmation")
    explanation_opened: bool | None = None
    explanation_seconds: float | None = Field(default=None, ge=0, description="time with the explanation visible")
    opacity: float | None = Field(default=None, ge=0, le=1)
    changes: int = Field(default=0, ge=0, description="how often the choice was changed before confirming")


class Event(Message):
    """Something that happened in the browser. `complete` events end a step; others only inform."""

    id: Annotated[
        str,
        Field(
            min_length=8, max_length=64, pattern=r"^[!-~]+$", description="made by the browser; sent twice, stored once"
        ),
    ]
    step: int = Field(ge=0, le=1_000_000)
    type: Annotated[str, Field(max_length=40, pattern=r"^[a-z][a-z_]*$")]
    time: Annotated[
        str, Field(max_length=40, pattern=r"^[ -~]*$", description="the browser's clock, ISO 8601 with milliseconds")
    ]
    data: dict[str, Any] = Field(default_factory=dict)

    @field_validator("data")
    @classmethod
    def _storable(cls, data: dict[str, Any]) -> dict[str, Any]:
        """What JSON allows but no table can hold: NaN, infinities, halves of characters."""
        json.dumps(data, allow_nan=False, ensure_ascii=False).encode()
        return data


class EventBatch(Message):
    events: Annotated[list[Event], Field(min_length=1, max_length=200)]


class NewSession(Message):
    """Opens a session. The browser makes the token (128 random bits or more, base64url) and keeps it:
    opening twice with one token gives the same session, so that a lost answer costs nothing."""

    token: Annotated[str, Field(min_length=22, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    language: str
    external_id: Annotated[str | None, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = None


class SessionState(Message):
    """Answer to every call: which events are on disk now, and the step to show."""

    stored: list[str] = Field(default_factory=list)
    refused: dict[str, str] = Field(
        default_factory=dict, description="event id to the reason, in the operator's language"
    )
    language: str
    step: Step


class StudyInfo(Message):
    """What the first page needs before a session exists."""

    study: str
    title: dict[str, str]
    languages: list[str]
    open: bool
