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
    """A piece of prose, rendered as text nodes (never as HTML); `picture` is of the study's texts, open to anyone."""

    kind: Literal["heading", "paragraph", "list", "picture"]
    text: str = ""
    items: list[str] = Field(default_factory=list)
    picture: Picture | None = None


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


class DeviceStep(StepBase):
    """What the study asks of the device. Completed with {width, height: CSS pixels, keyboard, touch: bool}.

    A window that is too small is the operator's to enlarge; the server refuses it.
    """

    kind: Literal["device"] = "device"
    title: str
    blocks: list[Block]
    width: int
    height: int
    keyboard: bool


class InstructionsStep(StepBase):
    """Completed with {}."""

    kind: Literal["instructions"] = "instructions"
    pages: list[list[Block]]


class BlockStep(StepBase):
    """Announces a block: what help there will be. Completed with {}.

    `overview` is the page about the model as a whole, where the condition has one.
    """

    kind: Literal["block"] = "block"
    title: str
    number: int | None
    of: int
    blocks: list[Block]
    overview: list[Block] = Field(default_factory=list)


class BreakStep(StepBase):
    """A rest between two blocks, of at least `seconds`. Completed with {}."""

    kind: Literal["break"] = "break"
    title: str
    blocks: list[Block]
    seconds: float


class ReturnStep(StepBase):
    """The next sitting begins here, from `opens` on (ISO 8601, UTC). Completed with {}, refused before that time.

    `opens` is None when it is time.
    """

    kind: Literal["return"] = "return"
    title: str
    blocks: list[Block]
    opens: str | None


class Score(Message):
    """Points so far, and those that the last trial brought, None before the first."""

    points: float
    last: float | None


class OfferStep(StepBase):
    """Before an item is seen: decide oneself, or hand it over, alone or with the next ones. Completed with `OfferData`.

    Attributes:
        most: how many items may be handed over now.
        price: points that each costs, None where the study has no rewards.
    """

    kind: Literal["offer"] = "offer"
    trial: int
    trials: int
    practice: bool
    most: int
    price: float | None
    score: Score | None = None


class DecisionStep(StepBase):
    """One decision. Completed with `DecisionData`.

    `stage` initial: before the advice; final: after it (`initial` is what the operator chose);
    single: the only one; open: the operator decides or asks for the advice; wait: the item alone for `wait_seconds`,
    nothing to answer; supervised: the model has decided (`advice`), the operator may veto it with a decision of their
    own for `veto_seconds`, after which the page goes on by itself; handled: the model has decided, the operator is
    told. An `explanation` without `advice` is the model's evidence alone. `most_seconds`: after that time the page goes
    on with `timed_out`. `ask_reason`: a final answer other than `initial` needs a reason. `instruction` is set for
    attention checks, which show no item. `record_mouse`: the pointer is followed. An item is a picture or the lines of
    a case file, with a note that only the operator gets; the answer is one of the options, or a number where there is
    a scale.
    """

    kind: Literal["decision"] = "decision"
    stage: Literal["initial", "final", "single", "open", "wait", "supervised", "handled"]
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
    delegate_most: int = 1
    price: float | None = None
    veto_price: float | None = None
    may_request: bool = False
    wait_seconds: float | None = None
    veto_seconds: float | None = None
    most_seconds: float | None = None
    ask_reason: bool = False
    record_mouse: bool = False
    score: Score | None = None
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


class Row(Message):
    """A line of a matrix question."""

    id: str
    text: str


class Question(Message):
    """`slider` uses low, high, step and end labels; `likert` one label a point; `choice` options, of which `many` may
    be chosen at once; `matrix` is a Likert item a row, answered under the rows' ids. A Likert item and a
    matrix may have `options` beside their points, such as no response. `show_if`: asked only when the question of that
    id was answered with one of the values; then, and only then, it may be answered."""

    id: str
    kind: Literal["slider", "likert", "choice", "text", "number", "matrix"]
    text: str
    help: str = ""
    required: bool = True
    low: float = 0
    high: float = 100
    step: float = 1
    labels: list[str] = Field(default_factory=list)
    options: list[Option] = Field(default_factory=list)
    many: bool = False
    rows: list[Row] = Field(default_factory=list)
    show_if: dict[str, list[str | float]] = Field(default_factory=dict)


class QuestionnaireStep(StepBase):
    """Completed with {answers: {question id: number | string | list of strings | null}}.

    `retry`: what to say of an earlier, failed attempt.
    """

    kind: Literal["questionnaire"] = "questionnaire"
    id: str
    title: str
    introduction: str
    questions: list[Question]
    note: str
    retry: str = ""


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
    | DeviceStep
    | InstructionsStep
    | BlockStep
    | OfferStep
    | DecisionStep
    | FeedbackStep
    | QuestionnaireStep
    | BreakStep
    | ReturnStep
    | DebriefingStep
    | DoneStep,
    Field(discriminator="kind"),
]


class Mouse(Message):
    """Where the pointer went on a page: CSS pixels from the window's upper left corner, `width` by `height` of them."""

    width: int = Field(ge=0)
    height: int = Field(ge=0)
    samples: list[Annotated[list[int], Field(min_length=4, max_length=4)]] = Field(
        max_length=4000,
        description="milliseconds since the page appeared, x, y; 0 for a move, 1 for a button pressed, 2 for released",
    )
    targets: dict[str, Annotated[list[float], Field(min_length=4, max_length=4)]] = Field(
        max_length=20, description="of each part of the page as it appeared: x and y of its corner, width, height"
    )


class DecisionData(Message):
    """What completing a decision step carries. Times are in seconds, with fractions of milliseconds.

    Exactly one of `decision`, `delegated`, `requested` and `timed_out` is given; a stage with nothing to answer (wait,
    handled) has none, a supervised one `vetoed` with a decision, or neither. `confidence` is in [0, 1].
    """

    decision: str | float | None = None
    delegated: bool = False
    count: int = Field(default=1, ge=1, le=100, description="items handed over at once, this one included")
    requested: bool = Field(default=False, description="the advice was asked for; of the stage `open`")
    vetoed: bool = Field(default=False, description="of the stage `supervised`")
    timed_out: bool = False
    reason: Annotated[str | None, Field(max_length=2000)] = None
    confidence: float | None = Field(default=None, ge=0, le=1)
    seconds: float = Field(ge=0, description="from the frame in which the item appeared to the confirmation")
    explanation_opened: bool | None = None
    explanation_seconds: float | None = Field(default=None, ge=0, description="time with the explanation visible")
    opacity: float | None = Field(default=None, ge=0, le=1)
    changes: int = Field(default=0, ge=0, description="how often the choice was changed before confirming")
    onset: float | None = Field(
        default=None, ge=0, description="browser's clock at the frame in which the item appeared, in milliseconds"
    )
    hover: dict[str, float] = Field(
        default_factory=dict, max_length=50, description="seconds with the pointer over each part of the page"
    )
    mouse: Mouse | None = Field(default=None, description="only where the step has `record_mouse`")


class OfferData(Message):
    """What completing an offer carries."""

    delegated: bool
    count: int = Field(default=1, ge=1, le=100)
    seconds: float = Field(ge=0)


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
