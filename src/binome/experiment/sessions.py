"""Sessions: opening one, taking a slot, recording events, erasing. Every function is part of a job."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from binome.experiment.api import Event, NewSession
from binome.experiment.storage import events, sessions, slots, wiping
from binome.protocol import Step

RUNNING, COMPLETED = "running", "completed"
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Session:
    """A session as it stands.

    Attributes:
        status: opened (no place yet), running, completed, declined, withdrawn, full (no place left),
            excluded (by screening or comprehension), expired (its place was given to another).
        slot, group: its place in the design, None before it has one; the slot is one of those of its stratum, or of its
            group where that was chosen.
        cursor: index of the step to show.
        stratum: answers by which it was assigned, as `question=answer&…`; empty where the study does not ask for them.
        held_until: seconds since 1970 until which its place is not given to another; None before it has one.
        answers: data of the completed steps, by step.
        times: at which they were completed, in seconds since 1970, by step.
    """

    id: str
    pseudonym: str
    language: str
    external_id: str | None
    simulated: bool
    status: str
    slot: int | None
    cursor: int
    plan: tuple[Step, ...]
    consent_version: str | None
    created: float
    updated: float
    completed: float | None
    stratum: str = ""
    group: str | None = None
    held_until: float | None = None
    answers: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    times: Mapping[int, float] = field(default_factory=dict)

    @property
    def is_away(self) -> bool:
        """Whether its next step begins another sitting."""
        return bool(self.plan) and self.plan[self.cursor].kind == "return"


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(connection: Connection, new: NewSession, *, simulated: bool, now: float) -> str:
    """The id of the session of that token, made when it is new."""
    found = find_session(connection, new.token)
    if found is not None:
        return found
    session = uuid.uuid4().hex
    pseudonym = "".join(secrets.choice(ALPHABET) for _ in range(8))
    connection.execute(
        sessions.insert().values(
            id=session, pseudonym=pseudonym, token_hash=token_hash(new.token), language=new.language,
            external_id=new.external_id, simulated=simulated, status="opened", cursor=0, created=now, updated=now,
        )
    )  # fmt: skip
    return session


def find_session(connection: Connection, token: str) -> str | None:
    """The id of the session that a token opens."""
    query = sa.select(sessions.c.id).where(sessions.c.token_hash == token_hash(token))
    found = connection.execute(query).scalar()
    return None if found is None else str(found)


RECENT = 3
"""Steps before the current one whose answers a page may need: those of its own trial."""


def session_of(
    connection: Connection, token: str, *, lock: bool = False, recent: int | None = RECENT
) -> Session | None:
    """The session that a token opens; None when there is none.

    Args:
        lock: keeps other transactions from changing it meanwhile (PostgreSQL).
        recent: the answers of so many steps are read, those before the current one; None for all.
    """
    query = sa.select(sessions).where(sessions.c.token_hash == token_hash(token))
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return None if row is None else _session(connection, row, 0 if recent is None else row["cursor"] - recent)


def read_session(connection: Connection, session: str) -> Session:
    """A session with all its answers."""
    row = connection.execute(sa.select(sessions).where(sessions.c.id == session)).mappings().one()
    return _session(connection, row, 0)


def _session(connection: Connection, row: Any, first: int) -> Session:
    complete = (events.c.session == row["id"]) & (events.c.type == "complete") & (events.c.step >= first)
    done = connection.execute(sa.select(events.c.step, events.c.data, events.c.server_time).where(complete)).all()
    answers: dict[int, Any] = {row.step: row.data for row in done}
    times = {row.step: row.server_time for row in done}
    plan = tuple(Step.from_dict(step) for step in row["plan"] or ())
    kept = {key: row[key] for key in Session.__dataclass_fields__ if key not in ("plan", "answers", "times")}
    return Session(**kept, plan=plan, answers=answers, times=times)


@dataclass(frozen=True)
class Recorded:
    """What became of a batch: ids now on disk, and refused ids with their reasons."""

    stored: list[str]
    refused: dict[str, str]


Complete = Callable[[Connection, Session, Event], tuple[str | None, dict[str, Any]]]
"""Checks the data of an event that completes the current step: (reason to refuse, changes to the session)."""
Patience = Callable[[Session], float]
"""For how many seconds a session keeps its place although nothing comes from it."""


def record_events(
    connection: Connection,
    session: Session,
    batch: Sequence[Event],
    complete: Complete,
    patience: Patience,
    *,
    stale: str,
    now: float,
) -> tuple[Session, Recorded]:
    """Store the events of a batch in order; each at most once, completions only of the current step."""
    before = session.cursor
    mine = events.c.session == session.id
    known = set(
        connection.execute(sa.select(events.c.id).where(mine, events.c.id.in_([e.id for e in batch]))).scalars()
    )
    sequence = connection.execute(
        sa.select(sa.func.coalesce(sa.func.max(events.c.sequence), -1)).where(mine)
    ).scalar_one()
    stored: list[str] = []
    refused: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    changes: dict[str, Any] = {"updated": now}
    for event in batch:
        if event.id in known:
            stored.append(event.id)
            continue
        completes = event.type == "complete"
        if event.step > session.cursor or (completes and event.step != session.cursor):
            refused[event.id] = stale
            continue
        if completes:
            reason, made = complete(connection, session, event)
            if reason is not None:
                refused[event.id] = reason
                continue
            changes |= made
            answers = {**session.answers, event.step: event.data}
            if "plan" in made:
                made = {**made, "plan": tuple(Step.from_dict(step) for step in made["plan"])}
            session = replace(session, **made, answers=answers, times={**session.times, event.step: now})
        sequence += 1
        rows.append(
            {
                "session": session.id, "id": event.id, "sequence": sequence, "step": event.step, "type": event.type,
                "browser_time": event.time, "server_time": now, "data": event.data,
            }
        )  # fmt: skip
        known.add(event.id)
        stored.append(event.id)
    if rows:
        if not session.is_away or session.cursor != before:
            # Between two sittings, a page that is only looked at does not prolong the time to come back.
            changes["held_until"] = now + patience(session)
        connection.execute(events.insert(), rows)
        connection.execute(sessions.update().where(sessions.c.id == session.id).values(**changes))
    return session, Recorded(stored, refused)


def erase(connection: Connection, session: str, status: str, now: float) -> None:
    """Erase what a session holds; its row stays, without content, so that its link says what happened."""
    lock_slots(connection)
    connection.execute(sa.select(sessions.c.id).where(sessions.c.id == session).with_for_update())
    emptied = {
        "external_id": None, "plan": None, "slot": None, "group": None, "stratum": "", "held_until": None, "cursor": 0,
        "consent_version": None, "completed": None,
    }  # fmt: skip
    with wiping(connection):
        connection.execute(events.delete().where(events.c.session == session))
        connection.execute(slots.delete().where(slots.c.session == session))
        mine = sessions.c.id == session
        connection.execute(sessions.update().where(mine).values(status=status, updated=now, **emptied))


def forget_before_consent(connection: Connection, session: str) -> None:
    """Erase what came before a consent that was not given, or that found no place."""
    with wiping(connection):
        connection.execute(events.delete().where(events.c.session == session))
        connection.execute(sessions.update().where(sessions.c.id == session).values(external_id=None))


def lock_slots(connection: Connection) -> None:
    """Let one transaction at a time assign or free places, over all servers.

    Of PostgreSQL; SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(726002)"))


def clock() -> float:
    """Seconds since 1970."""
    return time.time()
