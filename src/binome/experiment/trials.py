"""Trials, operators and answers, derived from the events (docs/reference/trials.md)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from binome.core.stimulus import Answer, Stimulus, StimulusSet, Task
from binome.core.text import say
from binome.experiment.columns import covariates
from binome.experiment.sessions import Session, read_session
from binome.experiment.storage import connect, events, sessions
from binome.protocol import Protocol, Step

Row = dict[str, Any]


def read_trials(database: str, protocol: Protocol, stimuli: StimulusSet) -> list[Row]:
    """One row a decision, of every operator who consented; `table_columns`, None where not applicable."""
    with _reading(database) as connection:
        return [row for session in _consenting(connection) for row in session_trials(session, protocol, stimuli)]


def session_trials(session: Session, protocol: Protocol, stimuli: StimulusSet) -> list[Row]:
    """The trials of one operator that were decided."""
    items, task, scale = {item.id: item for item in stimuli.items}, stimuli.task, stimuli.task.number
    views = {f"{side}_view": _view(stimuli, side) for side in ("operator", "predictor")}
    by_trial: dict[int, list[tuple[int, Step]]] = {}
    for index, step in enumerate(session.plan):
        if step.kind == "decision" and step.trial is not None:
            by_trial.setdefault(step.trial, []).append((index, step))
    reason = exclusion(session)
    rows = []
    for steps in by_trial.values():
        index, last = steps[-1]
        final = session.answers.get(index)
        if final is None:
            continue
        condition = protocol.study.conditions[last.condition or ""]
        first = session.answers[steps[0][0]] if len(steps) > 1 else None
        item = items.get(last.item or "")
        shown = item is not None and condition.advice != "none"
        delegated = bool(final.get("delegated"))
        decision = item.advice if delegated and item else final["decision"]
        answers = {
            "truth": item.truth if item else last.attention,
            "advice": item.advice if item else None,
            "initial": first["decision"] if first else None,
            "final": decision,
        }
        numbered = {name: _number(answer, task) for name, answer in answers.items()}
        rows.append(
            {
                "study": protocol.study.study,
                "operator": session.pseudonym,
                "simulated": session.simulated,
                "language": session.language,
                "condition": last.condition,
                "block": last.block,
                "trial": last.trial,
                "position": last.position,
                "item": last.item,
                "truth": numbered["truth"],
                "tolerance": float(scale.tolerance) if scale else None,
                "advice": numbered["advice"],
                "advice_confidence": item.advice_confidence if item else None,
                "advice_shown": shown,
                "explanation": condition.explanation if shown else None,
                "initial": numbered["initial"],
                "initial_confidence": first.get("confidence") if first else None,
                "final": numbered["final"],
                "final_confidence": final.get("confidence"),
                "delegated": delegated,
                "overridden": numbered["final"] != numbered["advice"] if shown else None,
                "initial_seconds": first["seconds"] if first else None,
                "final_seconds": final["seconds"],
                "explanation_seconds": final.get("explanation_seconds") if shown and condition.explanation else None,
                "explanation_opened": final.get("explanation_opened") if shown and condition.explanation else None,
                "attention_check": last.attention is not None,
                "practice": last.practice,
                "excluded": reason is not None,
                "exclusion_reason": reason,
                **views,
                "note": say(item.note, session.language) if item and item.note is not None else None,
                **_known(item, stimuli),
            }
        )
    return rows


def _number(answer: Answer | None, task: Task) -> Answer | None:
    """An estimate as a float, whether JSON brought 40 or 40.0; a decision's id as it is."""
    return answer if task.number is None or answer is None else float(answer)


def _view(stimuli: StimulusSet, side: str) -> str:
    """What a side saw of every item, as compact JSON: `{}` for all of it."""
    view = stimuli.views.get(side, {})
    return json.dumps(view, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _known(item: Stimulus | None, stimuli: StimulusSet) -> Row:
    """What is known of the item, one column a covariate of the study."""
    given = item.covariates if item else {}
    return {f"item_{name}": given.get(name) for name in covariates(stimuli)}


def exclusion(session: Session) -> str | None:
    """The declared rules: an unfinished session, or every attention check failed (where there are any)."""
    if session.status != "completed":
        return "incomplete"
    checks = [(index, step) for index, step in enumerate(session.plan) if step.attention is not None]
    failed = [session.answers[index].get("decision") != step.attention for index, step in checks]
    return "attention" if failed and all(failed) else None


def read_operators(database: str, protocol: Protocol, stimuli: StimulusSet) -> list[Row]:
    """One row an operator who consented."""
    with _reading(database) as connection:
        return [_operator(session, protocol) for session in _consenting(connection)]


def read_answers(database: str, protocol: Protocol, stimuli: StimulusSet) -> list[Row]:
    """One row a questionnaire answer, and one a scale score (`kind` tells which)."""
    rows = []
    with _reading(database) as connection:
        for session in _consenting(connection):
            for index, step in enumerate(session.plan):
                if step.kind != "questionnaire" or index not in session.answers or step.questionnaire is None:
                    continue
                given = session.answers[index]["answers"]
                base = {
                    "study": protocol.study.study, "operator": session.pseudonym, "simulated": session.simulated,
                    "questionnaire": step.questionnaire, "condition": step.condition, "block": step.block,
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
        .where(sessions.c.consent_version.is_not(None))
        .order_by(sessions.c.created, sessions.c.id, events.c.sequence)
    )
    with _reading(database) as connection:
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
    with _reading(database) as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(sessions).where(done)).scalar() or 0)


def fingerprint(database: str) -> str:
    """Changes with every event, and with every change of a session's state."""
    columns = (sessions.c.id, sessions.c.status, sessions.c.cursor)
    with _reading(database) as connection:
        state = [tuple(row) for row in connection.execute(sa.select(*columns).order_by(sessions.c.id))]
        count = connection.execute(sa.select(sa.func.count()).select_from(events)).scalar()
    return hashlib.sha256(repr((state, count)).encode()).hexdigest()


def iso(moment: float | None) -> str | None:
    """A time as ISO 8601, UTC, with milliseconds."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


def _operator(session: Session, protocol: Protocol) -> Row:
    orders = [step.condition for step in session.plan if step.kind == "block" and step.block is not None]
    checks = [
        (index, step)
        for index, step in enumerate(session.plan)
        if step.attention is not None and index in session.answers
    ]
    duration = None if session.completed is None else session.completed - session.created
    return {
        "study": protocol.study.study, "operator": session.pseudonym, "simulated": session.simulated,
        "external_id": session.external_id, "language": session.language, "status": session.status,
        "slot": session.slot,
        "order": " ".join(filter(None, orders)), "steps_done": session.cursor, "steps": max(0, len(session.plan) - 1),
        "consent_version": session.consent_version, "started": iso(session.created),
        "completed": iso(session.completed),
        "duration_seconds": duration, "attention_checks": len(checks),
        "attention_failed": sum(session.answers[i].get("decision") != step.attention for i, step in checks),
        "exclusion_reason": exclusion(session),
    }  # fmt: skip


def _consenting(connection: Connection) -> Iterator[Session]:
    query = (
        sa.select(sessions.c.id)
        .where(sessions.c.consent_version.is_not(None))
        .order_by(sessions.c.simulated, sessions.c.slot, sessions.c.id)
    )
    for session in connection.execute(query).scalars().all():
        yield read_session(connection, session)


@contextmanager
def _reading(database: str) -> Iterator[Connection]:
    engine = connect(database)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()
