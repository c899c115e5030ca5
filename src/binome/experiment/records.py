"""Operators, answers and events, derived from what is stored (docs/reference/trials.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from binome.core.stimulus import Stimulus, StimulusSet, Task
from binome.experiment.exclusion import checks, duration, exclusion, median_seconds
from binome.experiment.points import session_earned
from binome.experiment.sessions import Session, read_session
from binome.experiment.storage import connect, events, sessions
from binome.protocol import Protocol, Step, groups_of
from binome.protocol.following import is_accepted, is_understood

Row = dict[str, Any]


def read_operators(database: str, protocol: Protocol, stimuli: StimulusSet) -> list[Row]:
    """One row an operator who consented."""
    items = {item.id: item for item in stimuli.items}
    with reading(database) as connection:
        return [_operator(session, protocol, items, stimuli.task) for session in consenting(connection)]


def read_answers(database: str, protocol: Protocol, stimuli: StimulusSet) -> list[Row]:
    """One row a questionnaire answer, and one a scale score (`kind` tells which)."""
    rows = []
    with reading(database) as connection:
        for session in consenting(connection):
            trial = None
            for index, step in enumerate(session.plan):
                if step.trial is not None and index in session.answers:
                    trial = step.trial
                if step.kind != "questionnaire" or index not in session.answers or step.questionnaire is None:
                    continue
                given = session.answers[index]["answers"]
                base = {
                    "study": protocol.study.study, "operator": session.pseudonym, "simulated": session.simulated,
                    "questionnaire": step.questionnaire, "attempt": step.attempt, "condition": step.condition,
                    "block": step.block, "trial": trial,
                }  # fmt: skip
                rows += [{**base, "kind": "answer", "name": name, "value": value} for name, value in given.items()]
                scores = protocol.questionnaires[step.questionnaire].score(given)
                rows += [{**base, "kind": "score", "name": name, "value": value} for name, value in scores.items()]
    return rows


def read_events(database: str, protocol: Protocol, stimuli: StimulusSet) -> list[Row]:
    """One row an event of every operator who consented, in the order in which each session's were stored."""
    query = (
        sa.select(sessions.c.pseudonym, sessions.c.simulated, events)
        .join(sessions, sessions.c.id == events.c.session)
        .where(CONSENTING)
        .order_by(sessions.c.created, sessions.c.id, events.c.sequence)
    )
    with reading(database) as connection:
        return [
            {
                "operator": row.pseudonym, "simulated": row.simulated, "sequence": row.sequence, "step": row.step,
                "type": row.type, "browser_time": row.browser_time, "server_time": iso(row.server_time),
                "data": row.data,
            }
            for row in connection.execute(query)
        ]  # fmt: skip


def count_completed(database: str, *, simulated: bool) -> int:
    """How many operators of a cohort finished."""
    done = (sessions.c.status == "completed") & (sessions.c.simulated == simulated)
    with reading(database) as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(sessions).where(done)).scalar() or 0)


def fingerprint(database: str) -> str:
    """Changes with every event, and with every change of a session's state."""
    columns = (sessions.c.id, sessions.c.status, sessions.c.cursor)
    with reading(database) as connection:
        state = [tuple(row) for row in connection.execute(sa.select(*columns).order_by(sessions.c.id))]
        count = connection.execute(sa.select(sa.func.count()).select_from(events)).scalar()
    return hashlib.sha256(repr((state, count)).encode()).hexdigest()


def iso(moment: float | None) -> str | None:
    """A time as ISO 8601, UTC, with milliseconds."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


CONSENTING = sessions.c.consent_version.is_not(None) & (sessions.c.status != "full")
"""Those who consented and found a place, or were left out by a rule of the study."""


def consenting(connection: Connection) -> Iterator[Session]:
    """Their sessions, people first, by slot; those left out before they had one come last."""
    no_slot = sessions.c.slot.is_(None)
    query = (
        sa.select(sessions.c.id)
        .where(CONSENTING)
        .order_by(sessions.c.simulated, no_slot, sessions.c.slot, sessions.c.created, sessions.c.id)
    )
    for session in connection.execute(query).scalars().all():
        yield read_session(connection, session)


@contextmanager
def reading(database: str) -> Iterator[Connection]:
    """A connection for the time of reading."""
    engine = connect(database)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def own_group(session: Session, protocol: Protocol) -> str | None:
    """The operator's group in the design; None where all meet the same conditions, or before a place was taken."""
    return session.group if len(groups_of(protocol.study)) > 1 else None


def _operator(session: Session, protocol: Protocol, items: Mapping[str, Stimulus], task: Task) -> Row:
    orders = [step.condition for step in session.plan if step.kind == "block" and step.block is not None]
    passed, won = checks(session), session_earned(session, protocol, items, task)
    return {
        "study": protocol.study.study, "operator": session.pseudonym, "simulated": session.simulated,
        "external_id": session.external_id, "language": session.language, "status": session.status,
        "slot": session.slot, "group": own_group(session, protocol), "stratum": session.stratum or None,
        "order": " ".join(filter(None, orders)), "steps_done": session.cursor, "steps": max(0, len(session.plan) - 1),
        "consent_version": session.consent_version, "started": iso(session.created),
        "completed": iso(session.completed), "duration_seconds": duration(session),
        "sittings": 1 + sum(step.kind == "return" and i in session.answers for i, step in enumerate(session.plan)),
        **_admission(session, protocol),
        "attention_checks": len(passed), "attention_failed": passed.count(False),
        "median_seconds": median_seconds(session), "points": won.points if won else None,
        "payment": won.money if won else None, "exclusion_reason": exclusion(session, protocol),
    }  # fmt: skip


def _admission(session: Session, protocol: Protocol) -> Row:
    """How screening and comprehension went; None where there was none yet."""
    screened, attempts = _replies(session, "screening"), _replies(session, "comprehension")
    understood = [is_understood(protocol, step.questionnaire or "", given) for step, given in attempts]
    return {
        "screening_passed": all(is_accepted(protocol, given) for _, given in screened) if screened else None,
        "comprehension_attempts": len(attempts) if protocol.study.operators.comprehension else None,
        "comprehension_passed": any(understood) if attempts else None,
    }


def _replies(session: Session, purpose: str) -> list[tuple[Step, Any]]:
    """The questionnaires of a purpose that were answered, with their answers."""
    answered = [(step, session.answers[i]) for i, step in enumerate(session.plan) if i in session.answers]
    return [(step, data["answers"]) for step, data in answered if step.purpose == purpose]
