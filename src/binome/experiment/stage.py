"""A study on stage, and one session's step on it: what pages are made from and answers are held against."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from binome.core import StudyError
from binome.core.stimulus import Stimulus, StimulusSet, Task
from binome.experiment import exhibit
from binome.experiment.assignment import DAY
from binome.experiment.pictures import coming_files, png_size, shown_files
from binome.experiment.sessions import RECENT, Session
from binome.protocol import ConditionSpec, Protocol, Step, Study, StudyPicture, plan, stage_problems

ENDED = {"excluded": "excluded", "declined": "declined", "withdrawn": "declined", "full": "full", "expired": "closed"}
"""By the status of a session that goes on no more, the texts of its page."""


@dataclass(frozen=True)
class Stage:
    """A study on stage: its protocol and stimuli, and the secret that hides the names of pictures.

    Raises:
        StudyError: when a condition cannot be shown with these stimuli.
    """

    protocol: Protocol
    stimuli: StimulusSet
    secret: str

    def __post_init__(self) -> None:
        problems = stage_problems(self.protocol.lines, self.protocol.study, self.stimuli)
        if problems:
            raise StudyError(problems)

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
        return {name: png_size(self.stimuli.media(name).read_bytes()[:24]) for name in files}

    @cached_property
    def first_plan(self) -> tuple[Step, ...]:
        """The plan of slot 0: stands for all plans until a session has its own."""
        return plan(self.protocol, self.stimuli, 0)

    @property
    def recent(self) -> int | None:
        """How many steps back a page may look; None for all, where points are added up or time runs between pages."""
        study = self.protocol.study
        waits = study.design.sittings or study.operators.breaks or any(c.delay for c in study.conditions.values())
        return None if study.rewards or waits else RECENT

    def steps(self, session: Session) -> tuple[Step, ...]:
        """A session's whole plan; the opening, which is the same in all plans, does not need its own."""
        return session.plan if _is_whole(session) else self.first_plan

    def alias(self, session: Session, file: str) -> str:
        """A picture's name in one session: even a hash of its bytes would tell items apart between sessions."""
        return hmac.new(self.secret.encode(), f"{session.id}/{file}".encode(), hashlib.sha256).hexdigest()[:32]

    def pictures(self, session: Session) -> dict[str, str]:
        """By alias, the files that the session may fetch now."""
        if session.status in ENDED or not _is_whole(session):
            return {}
        step = session.plan[session.cursor]
        condition = self.protocol.study.conditions.get(step.condition or "")
        files = [*shown_files(step, condition, self.items), *coming_files(session.plan, session.cursor, self.items)]
        return {self.alias(session, file): file for file in files}

    def preload(self, session: Session) -> list[str]:
        """Addresses of the pictures that are needed next: of the texts to come, and the next item's."""
        if session.status in ENDED:
            return []
        told = [f"/api/pictures/{name}" for name in self._told_next(session)]
        if not _is_whole(session):
            return told
        files = coming_files(session.plan, session.cursor, self.items)
        return [*told, *(f"/api/media/{self.alias(session, file)}" for file in files)]

    @cached_property
    def study_pictures(self) -> Mapping[str, StudyPicture]:
        """The pictures of the study's texts, by the names that they are served under."""
        return {one.name: one for spoken in self.protocol.pictures.values() for one in spoken.values()}

    def _told_next(self, session: Session) -> list[str]:
        """The pictures of the instructions while these are still to come."""
        if all(step.kind != "instructions" for step in self.steps(session)[session.cursor + 1 :]):
            return []
        own = self.protocol.instructions.get(session.language)
        names = [*(own.pictures if own else []), *self.protocol.loose_pictures]
        return [self.protocol.pictures[name][session.language].name for name in dict.fromkeys(names)]


@dataclass(frozen=True)
class Scene:
    """The step at which a session is, at a moment in seconds since 1970."""

    stage: Stage
    session: Session
    now: float

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return self.stage.steps(self.session)

    @property
    def cursor(self) -> int:
        return self.session.cursor

    @property
    def step(self) -> Step:
        return self.steps[self.cursor]

    @property
    def language(self) -> str:
        return self.session.language

    @property
    def study(self) -> Study:
        return self.stage.protocol.study

    @property
    def task(self) -> Task:
        return self.stage.stimuli.task

    @property
    def condition(self) -> ConditionSpec:
        """Of the step, which must be of a block or trial."""
        return self.study.conditions[self.step.condition or ""]

    @property
    def item(self) -> Stimulus | None:
        return self.stage.items.get(self.step.item or "")

    @property
    def initial(self) -> Mapping[str, Any]:
        """What the operator answered before the advice, in the trial of the step; empty where they did not."""
        for place in range(self.cursor - 1, -1, -1):
            before = self.steps[place]
            if before.trial != self.step.trial:
                break
            if before.stage == "initial":
                return self.session.answers.get(place, {})
        return {}

    @property
    def since(self) -> float:
        """When the step before was completed; now, where that is not known."""
        return max(self.session.times.values(), default=self.now)

    @property
    def rest(self) -> float:
        """Seconds that are left of the break at the step; 0 when it is over. Robots need not wait."""
        return self._left(self.study.operators.breaks)

    @property
    def wait(self) -> float:
        """Seconds that are left of the forced wait at the step; 0 when it is over. Robots need not wait."""
        return self._left(self.condition.delay or 0)

    @property
    def opens(self) -> float | None:
        """When the sitting that begins with the step may begin; None when it is time. Robots need not wait."""
        sittings = self.study.design.sittings
        if sittings is None or self.session.simulated:
            return None
        moment = self.since + sittings.days * DAY
        return moment if self.now < moment else None

    def _left(self, seconds: float) -> float:
        return 0 if self.session.simulated else max(0.0, seconds - (self.now - self.since))

    def text(self, key: str, **values: Any) -> str:
        return self.stage.protocol.text(key, self.language, **values)

    def study_picture(self, name: str) -> exhibit.Picture:
        """A picture of the study's texts."""
        picture = self.stage.protocol.pictures[name][self.language]
        return exhibit.Picture(
            url=f"/api/pictures/{picture.name}", width=picture.width, height=picture.height, alt=picture.alt
        )

    def picture(self, file: str, alt: str, **values: object) -> exhibit.Picture:
        width, height = self.stage.sizes[file]
        words = self.text(alt, **{"number": self.cursor + 1, **values})
        return exhibit.Picture(
            url=f"/api/media/{self.stage.alias(self.session, file)}", width=width, height=height, alt=words
        )


def _is_whole(session: Session) -> bool:
    """Whether a session has a plan of its own, and not only the opening of all plans."""
    return bool(session.plan) and session.plan[-1].kind == "done"
