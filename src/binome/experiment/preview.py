"""The researcher's preview: any condition's pages as operators see them; nothing of it is stored.

The browser sends the answers given so far with every call, so that the server keeps no session: a preview takes no
place, writes no event, and is in no table. It needs the researcher's cookie, for it shows what operators may not see.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Cookie, FastAPI, HTTPException, Response
from pydantic import Field

from binome.experiment.admission import Admission
from binome.experiment.api import Step as ShownStep
from binome.experiment.exhibit import Message
from binome.experiment.pages import show
from binome.experiment.replies import refusal
from binome.experiment.sessions import RUNNING, Session, clock
from binome.experiment.stage import Stage
from binome.protocol import Place, Step, following, groups_of, plan

YEAR = 365 * 24 * 3600
UNNAMED = ("decision", "feedback", "offer")
"""Steps that make sense only after others of their trial or block: no preview begins at them."""


class PreviewCall(Message):
    """Asks for a page of a preview; with `complete`, completes it first.

    Attributes:
        condition: whose block the preview begins at.
        cursor: the step that is shown; None for the condition's block.
        answers: what completed the steps before, by their index.
        complete: the data that complete the step at `cursor`.
    """

    condition: str
    language: str
    cursor: Annotated[int | None, Field(ge=0)] = None
    answers: dict[int, dict[str, Any]] = Field(default_factory=dict)
    complete: dict[str, Any] | None = None


class PreviewPlace(Message):
    """A step that a preview may begin at; `block` counts from 0."""

    index: int
    kind: str
    condition: str | None
    block: int | None
    questionnaire: str | None
    practice: bool


class PreviewState(Message):
    """The page to show; `refusal` says why the data were not taken, in the operator's language."""

    language: str
    refusal: str | None
    step: ShownStep
    conditions: list[str]
    places: list[PreviewPlace]


def add_preview(app: FastAPI, stage: Stage, admission: Admission) -> None:
    """Add the preview's routes, open to researchers only."""
    preview = Preview(stage)

    @app.post("/api/preview", include_in_schema=False)
    async def page(call: PreviewCall, binome_researcher: Annotated[str, Cookie()] = "") -> PreviewState:
        admission.require(binome_researcher)
        return await asyncio.to_thread(preview.answer, call)

    @app.get("/api/preview/media/{name}", include_in_schema=False)
    async def media(name: str, binome_researcher: Annotated[str, Cookie()] = "") -> Response:
        admission.require(binome_researcher)
        return Response(await asyncio.to_thread(preview.picture, name), media_type="image/png")


class Preview:
    """Answers a preview's calls from the protocol and the stimuli alone."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.plans: dict[str, tuple[Step, ...]] = {}

    def answer(self, call: PreviewCall) -> PreviewState:
        """The page that a call asks for; 404 without such a condition or step, 422 without such a language."""
        study = self.stage.protocol.study
        if call.condition not in study.conditions:
            raise HTTPException(404, f"no condition {call.condition!r}; there are {', '.join(study.conditions)}")
        if call.language not in study.operators.languages:
            raise HTTPException(422, f"the study is not in {call.language!r}")
        steps = self._plan(call.condition)
        cursor = _first(steps, call.condition) if call.cursor is None else call.cursor
        if cursor >= len(steps):
            raise HTTPException(404, f"the preview has {len(steps)} steps")
        session, reason = _session(steps, cursor, call), None
        if call.complete is not None:
            session, reason = self._completed(session, call.complete)
        places = [
            PreviewPlace(
                index=index, kind=step.kind, condition=step.condition, block=step.block,
                questionnaire=step.questionnaire, practice=step.practice,
            )
            for index, step in enumerate(steps) if step.kind not in UNNAMED
        ]  # fmt: skip
        return PreviewState(
            language=call.language, refusal=reason, step=show(self.stage, session, clock()),
            conditions=list(study.conditions), places=places,
        )  # fmt: skip

    def picture(self, name: str) -> bytes:
        """A picture by the name that a preview's page gives it; 404 without one."""
        anyone = _session((), 0, PreviewCall(condition="", language=""))
        file = next((file for file in self.stage.sizes if self.stage.alias(anyone, file) == name), None)
        if file is None:
            raise HTTPException(404, "no such picture")
        return self.stage.stimuli.media(file).read_bytes()

    def _completed(self, session: Session, data: dict[str, Any]) -> tuple[Session, str | None]:
        """The session after an answer, or as it was, with the reason."""
        reason = refusal(self.stage, session, data, clock())
        if reason is not None:
            return session, reason
        if session.plan[session.cursor].kind == "consent" and not data["accepted"]:
            return replace(session, status="declined"), None
        after = following(self.stage.protocol, session.plan, session.cursor, data)
        answers, times = {**session.answers, session.cursor: data}, {**session.times, session.cursor: clock()}
        status = session.status if after.excluded is None else "excluded"
        return replace(session, cursor=after.cursor, answers=answers, times=times, status=status), None

    def _plan(self, condition: str) -> tuple[Step, ...]:
        """The plan of the first operator who meets the condition."""
        if condition not in self.plans:
            study = self.stage.protocol.study
            group = next(name for name, conditions in groups_of(study).items() if condition in conditions)
            self.plans[condition] = plan(self.stage.protocol, self.stage.stimuli, Place(0, group=group))
        return self.plans[condition]


def _session(steps: tuple[Step, ...], cursor: int, call: PreviewCall) -> Session:
    """A session of nobody, as far as the call says that it has come.

    It is shown what a person is shown, waits included; answering ends them at once.
    """
    now = clock()
    since = now if call.complete is None else now - YEAR
    return Session(
        id="preview", pseudonym="PREVIEW", language=call.language, external_id=None, simulated=False, status=RUNNING,
        slot=None, cursor=cursor, plan=steps, consent_version=None, created=since, updated=since, completed=None,
        answers=call.answers, times=dict.fromkeys(range(cursor), since),
    )  # fmt: skip


def _first(steps: tuple[Step, ...], condition: str) -> int:
    """Where the condition's first block begins."""
    return next(
        index
        for index, step in enumerate(steps)
        if step.kind == "block" and step.condition == condition and not step.practice
    )
