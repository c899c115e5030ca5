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
from binome.experiment.storage import events, sessions, slots
from binome.protocol import Step

RUNNING = "running"
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Session:
    """A session as it stands.

    Attributes:
        status: opened (no consent yet), running, completed, declined, withdrawn, full (no slot left),
            expired (its slot was given to another).
        cursor: index of the step to show.
        answers: data of the completed steps, by step.
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
    answers: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


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


def session_of(connection: Connection, token: str, *, lock: bool = False) -> Session | None:
    """The session that a token opens, with its recent answers only; None when there is none.

    `lock` keeps other transactions from changing it meanwhile (PostgreSQL).
    """
    query = sa.select(sessions).where(sessions.c.token_hash == token_hash(token))
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return None if row is None else _session(connection, row, row["cursor"] - RECENT)


def read_session(connection: Connection, session: str) -> Session:
    """A session with all its answers."""
    row = connection.execute(sa.select(sessions).where(sessions.c.id == session)).mappings().one()
    return _session(connection, row, 0)


def _session(connection: Connection, row: Any, first: int) -> Session:
    complete = (events.c.session == row["id"]) & (events.c.type == "complete") & (events.c.step >= first)
    done = connection.execute(sa.select(events.c.step, events.c.data).where(complete))
    answers: dict[int, Any] = {row.step: row.data for row in done}
    plan = tuple(Step.from_dict(step) for step in row["plan"] or ())
    kept = {key: row[key] for key in Session.__dataclass_fields__ if key not in ("plan", "answers")}
    return Session(**kept, plan=plan, answers=answers)


def take_slot(connection: Connection, session: Session, *, places: int, lease: float, now: float) -> int | None:
    """The lowest free slot of the session's cohort, now its own; None when all are taken.

    A slot is free when nobody holds it, or when its holder neither finished nor did anything for `lease`
    seconds: the holder is then marked expired.
    """
    _lock_slots(connection)
    query = (
        sa.select(slots.c.slot, slots.c.session, sessions.c.status, sessions.c.updated)
        .join(sessions, sessions.c.id == slots.c.session, isouter=True)
        .where(slots.c.simulated == session.simulated)
    )
    held = {row.slot: row for row in connection.execute(query)}
    for slot in range(places):
        row = held.get(slot)
        if row is None:
            connection.execute(slots.insert().values(simulated=session.simulated, slot=slot, session=session.id))
            return slot
        if row.status == RUNNING and row.updated < now - lease:
            # Checked again by the update itself: its holder may be coming back at this very moment.
            idle = (sessions.c.id == row.session) & (sessions.c.status == RUNNING) & (sessions.c.updated < now - lease)
            if connection.execute(sessions.update().where(idle).values(status="expired")).rowcount == 0:
                continue
            mine = (slots.c.simulated == session.simulated) & (slots.c.slot == slot)
            connection.execute(slots.update().where(mine).values(session=session.id))
            return slot
    return None


def free_places(connection: Connection, *, simulated: bool, places: int, lease: float, now: float) -> int:
    """How many slots a new operator could take."""
    busy = (sessions.c.status == "completed") | ((sessions.c.status == RUNNING) & (sessions.c.updated >= now - lease))
    query = (
        sa.select(sa.func.count())
        .select_from(slots.join(sessions, sessions.c.id == slots.c.session))
        .where(slots.c.simulated == simulated, busy)
    )
    return max(0, places - int(connection.execute(query).scalar() or 0))


@dataclass(frozen=True)
class Recorded:
    """What became of a batch: ids now on disk, and refused ids with their reasons."""

    stored: list[str]
    refused: dict[str, str]


Complete = Callable[[Connection, Session, Event], tuple[str | None, dict[str, Any]]]
"""Checks the data of an event that completes the current step: (reason to refuse, changes to the session)."""


def record_events(
    connection: Connection, session: Session, batch: Sequence[Event], complete: Complete, *, stale: str, now: float
) -> tuple[Session, Recorded]:
    """Store the events of a batch in order; each at most once, completions only of the current step."""
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
            session = replace(session, **made, answers=answers)
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
        connection.execute(events.insert(), rows)
        connection.execute(sessions.update().where(sessions.c.id == session.id).values(**changes))
    return session, Recorded(stored, refused)


def erase(connection: Connection, session: str, status: str, now: float) -> None:
    """Erase what a session holds; its row stays, without content, so that its link says what happened."""
    _lock_slots(connection)
    connection.execute(sa.select(sessions.c.id).where(sessions.c.id == session).with_for_update())
    connection.execute(events.delete().where(events.c.session == session))
    connection.execute(slots.delete().where(slots.c.session == session))
    emptied = {"external_id": None, "plan": None, "slot": None, "cursor": 0, "consent_version": None, "completed": None}
    connection.execute(sessions.update().where(sessions.c.id == session).values(status=status, updated=now, **emptied))


def forget_before_consent(connection: Connection, session: str) -> None:
    """Erase what came before a consent that was not given, or that found no place."""
    connection.execute(events.delete().where(events.c.session == session))
    connection.execute(sessions.update().where(sessions.c.id == session).values(external_id=None))


def _lock_slots(connection: Connection) -> None:
    """Serialise assignment over all servers (PostgreSQL; SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(726002)"))


def clock() -> float:
    """Seconds since 1970."""
    return time.time()
