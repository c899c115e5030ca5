"""The researcher's pages: who is where, is it balanced, and the data."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import jinja2
import yaml
from fastapi import Cookie, FastAPI, HTTPException, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.engine import Connection

from binome.core.text import say
from binome.experiment.admission import Admission
from binome.experiment.columns import table_columns
from binome.experiment.exclusion import exclusion
from binome.experiment.export import export_tables, to_csv, to_zip
from binome.experiment.preview import add_preview
from binome.experiment.sessions import Session, clock, read_session
from binome.experiment.stage import Stage
from binome.experiment.storage import Store, sessions
from binome.protocol import Step, handed_over, number

PAGES = Path(__file__).parent / "pages"
STUCK_SECONDS = 5 * 60


def add_researcher(app: FastAPI, stage: Stage, store: Store, *, researcher_key: str, secret: str) -> None:
    """Add the researcher's routes; `?key=` signs in once, a signed cookie keeps it."""
    admission = Admission(researcher_key, secret)
    add_preview(app, stage, admission)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PAGES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    words = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(PAGES.glob("*.yaml"))}

    @app.get("/researcher", include_in_schema=False)
    async def overview(key: str = "", lang: str = "", binome_researcher: Annotated[str, Cookie()] = "") -> Response:
        if key:
            response = RedirectResponse("/researcher" + (f"?lang={lang}" if lang else ""), 303)
            admission.sign_in(key, response)
            return response
        admission.require(binome_researcher)
        found = await asyncio.wrap_future(store.read(_sessions))
        spoken = [lang, *stage.protocol.study.operators.languages, "en"]
        language = next(code for code in spoken if code in words)
        page = environment.get_template("researcher.html")
        return HTMLResponse(
            page.render(w=words[language], language=language, languages=list(words), **_summary(stage, found, language))
        )

    @app.get("/researcher/style.css", include_in_schema=False)
    async def style() -> Response:
        return Response((PAGES / "researcher.css").read_text("utf-8"), media_type="text/css")

    @app.get("/researcher/{name}", include_in_schema=False)
    async def export(name: str, binome_researcher: Annotated[str, Cookie()] = "") -> Response:
        admission.require(binome_researcher)
        table, _, ending = name.rpartition(".")
        columns = table_columns(stage.stimuli, stage.protocol)
        if (table, ending) != ("export", "zip") and (table not in columns or ending != "csv"):
            raise HTTPException(404)
        url = store.engine.url.render_as_string(hide_password=False)
        tables = await asyncio.to_thread(export_tables, url, stage.protocol, stage.stimuli)
        headers = {"Content-Disposition": f'attachment; filename="{stage.protocol.study.study}-{name}"'}
        if ending == "zip":
            return Response(to_zip(tables, columns), media_type="application/zip", headers=headers)
        return Response(to_csv(tables[table], columns[table]), media_type="text/csv; charset=utf-8", headers=headers)


def _sessions(connection: Connection) -> list[Session]:
    ids = (
        connection.execute(sessions.select().with_only_columns(sessions.c.id).order_by(sessions.c.updated.desc()))
        .scalars()
        .all()
    )
    return [read_session(connection, session) for session in ids]


def _summary(stage: Stage, found: list[Session], language: str) -> dict[str, Any]:
    """What the page shows, people and simulated operators apart."""
    now, study = clock(), stage.protocol.study
    cohorts = []
    for simulated in (False, True):
        members = [session for session in found if session.simulated == simulated]
        done = [session for session in members if session.status == "completed"]
        minutes = [(session.completed or 0) / 60 - session.created / 60 for session in done]
        checked = [session for session in done if any(step.attention is not None for step in session.plan)]
        cohorts.append(
            {
                "simulated": simulated,
                "count": len(members),
                "completed": len(done),
                "running": sum(session.status == "running" for session in members),
                "left": sum(
                    session.status in ("expired", "withdrawn", "declined", "full", "excluded") for session in members
                ),
                "target": study.design.operators,
                "minutes": number(statistics.median(minutes), language, 1) if minutes else None,
                "attentive": None
                if not checked
                else number(
                    100 * sum(exclusion(s, stage.protocol) != "attention" for s in checked) / len(checked), language
                ),
                "conditions": _decided(members, list(study.conditions)),
                "orders": sorted(
                    Counter(
                        _order(session)
                        for session in members
                        if session.plan and session.status in ("running", "completed")
                    ).items()
                ),
            }
        )
    people = [session for session in found if not session.simulated]
    return {
        "title": say(study.title, language),
        "study": study.study,
        "cohorts": cohorts,
        "rows": [_row(session, now, language) for session in people[:200]],
        "tables": list(table_columns(stage.stimuli, stage.protocol)),
        "previews": list(study.conditions),
        "spoken": study.operators.languages,
    }


def _decided(members: list[Session], conditions: list[str]) -> list[tuple[str, int]]:
    """Measured trials decided so far, by condition."""
    decided = Counter(step.condition for session in members for step in _decisions(session))
    return [(condition, decided[condition]) for condition in conditions]


def _decisions(session: Session) -> Iterator[Step]:
    """A step of each measured trial that was decided, by the operator or by the model."""
    for index, data in session.answers.items():
        step = session.plan[index]
        if data.get("delegated"):
            trials = handed_over(session.plan, index, int(data.get("count", 1)))
            yield from (step for _ in trials if step.position is not None)
        elif step.position is not None and step.kind == "decision":
            asked_on = step.stage in ("initial", "wait") or (step.stage == "open" and data.get("requested"))
            yield from () if asked_on else (step,)


def _order(session: Session) -> str:
    return " → ".join(step.condition or "" for step in session.plan if step.kind == "block" and step.block is not None)


def _row(session: Session, now: float, language: str) -> dict[str, Any]:
    idle = now - session.updated
    step = session.plan[session.cursor] if session.plan else None
    return {
        "pseudonym": session.pseudonym,
        "status": session.status,
        "where": step.kind if step else "consent",
        "condition": step.condition if step and step.condition else "",
        "done": session.cursor,
        "total": max(0, len(session.plan) - 1),
        "idle": number(idle / 60, language, 1),
        "stuck": session.status == "running" and idle > STUCK_SECONDS and not session.is_away,
        "language": session.language,
    }
