"""`create_app`: the experiment server."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy.engine import Connection

from binome.core.stimulus import StimulusSet
from binome.experiment import sessions as act
from binome.experiment.api import Event, EventBatch, NewSession, SessionState, StudyInfo
from binome.experiment.assignment import free_places, patience, stratum_of, take_place
from binome.experiment.guard import Guard
from binome.experiment.pages import show
from binome.experiment.replies import refusal
from binome.experiment.researcher import add_researcher
from binome.experiment.sessions import Session, clock
from binome.experiment.stage import ENDED, Stage
from binome.experiment.storage import open_store
from binome.experiment.words import add_words
from binome.protocol import Protocol, check_supply, following, group_of, opening, plan

FORGOTTEN = ("declined", "full")
"""Statuses of those who leave nothing but the refusal, given or got."""
STATIC = Path(__file__).parent / "static"
NOT_BUILT = "<!doctype html><title>Binome</title><p>The operator's pages are not built: run <code>make web</code>."


def create_app(protocol: Protocol, stimuli: StimulusSet, *, database: str, researcher_key: str, secret: str) -> FastAPI:
    """The server of one study.

    Args:
        protocol: the checked study.
        stimuli: its frozen stimulus set.
        database: SQLAlchemy URL (`sqlite:///…`, `postgresql+psycopg://…`).
        researcher_key: opens the researcher's pages, and lets simulated operators in.
        secret: signs the researcher's cookie and hides the names of pictures; keep it over restarts.

    Raises:
        BinomeError: when the database cannot be opened, or the stimuli do not give what the design declares.
    """
    check_supply(protocol, stimuli)
    store = open_store(database)
    server = Server(Stage(protocol, stimuli, secret), store, researcher_key)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(store.close)

    app = FastAPI(
        title=f"Binome: {protocol.study.study}",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_middleware(Guard)
    app.exception_handler(RequestValidationError)(_malformed)
    app.get("/api/study")(server.study)
    app.post("/api/sessions", status_code=201)(server.open)
    app.get("/api/session")(server.current)
    app.post("/api/events")(server.events)
    app.get("/api/media/{name}")(server.media)
    app.get("/api/pictures/{name}")(server.picture)
    app.post("/api/withdraw", status_code=204)(server.withdraw)
    app.get("/", include_in_schema=False)(lambda: RedirectResponse("/take"))
    app.get("/take", include_in_schema=False)(_page)
    app.get("/assets/{name}", include_in_schema=False)(_asset)
    add_words(app)
    add_researcher(app, server.stage, store, researcher_key=researcher_key, secret=secret)
    return app


def bearer(authorization: Annotated[str, Header()] = "") -> str:
    """The session's token."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise HTTPException(401, "open this page from its link")
    return token


Token = Annotated[str, Depends(bearer)]


class Server:
    """The handlers of the operator's calls."""

    def __init__(self, stage: Stage, store: Any, researcher_key: str) -> None:
        self.stage, self.store, self.researcher_key = stage, store, researcher_key
        self.patience = partial(patience, stage.protocol.study)
        self.media_files = {path.name: path for path in (stage.stimuli.folder / "media").iterdir()}

    async def study(self) -> StudyInfo:
        study = self.stage.protocol.study
        title = study.title if isinstance(study.title, dict) else dict.fromkeys(study.operators.languages, study.title)
        return StudyInfo(
            study=study.study, title=title, languages=study.operators.languages, open=await self._has_places(False)
        )

    async def open(self, new: NewSession, x_binome_simulation: Annotated[str, Header()] = "") -> SessionState:
        simulated = bool(x_binome_simulation)
        if simulated and not hmac.compare_digest(x_binome_simulation.encode(), self.researcher_key.encode()):
            raise HTTPException(403, "this simulation key is not the study's")
        if new.language not in self.stage.protocol.study.operators.languages:
            raise HTTPException(422, f"the study is not in {new.language!r}")
        known = await self._read(lambda connection: act.find_session(connection, new.token))
        if known is None and not await self._has_places(simulated):
            raise HTTPException(403, self.stage.protocol.text("full_text", new.language))

        def job(connection: Connection) -> Session:
            session = act.open_session(connection, new, simulated=simulated, now=clock())
            return act.read_session(connection, session)

        return self._state(await self._write(job))

    async def current(self, token: Token) -> SessionState:
        return self._state(await self._session(token))

    async def events(self, batch: EventBatch, token: Token) -> SessionState:
        def job(connection: Connection) -> tuple[Session, act.Recorded]:
            session = act.session_of(connection, token, lock=True, recent=self.stage.recent)
            if session is None:
                raise HTTPException(401, "this link is not known here")
            stale = self.stage.protocol.text("refused_stale", session.language)
            if session.status in ENDED:
                return session, act.Recorded([], {event.id: stale for event in batch.events})
            return act.record_events(
                connection, session, batch.events, self._complete, self.patience, stale=stale, now=clock()
            )

        session, recorded = await self._write(job)
        if recorded.stored and session.status in FORGOTTEN:
            await asyncio.wrap_future(self.store.empty_log())
        return self._state(session, recorded)

    async def media(self, name: str, token: Token) -> Response:
        session = await self._session(token)
        file = self.stage.pictures(session).get(name)
        if file is None:
            raise HTTPException(404, "no such picture now")
        content = await asyncio.to_thread(self.media_files[file].read_bytes)
        return Response(content, media_type="image/png")

    async def picture(self, name: str) -> Response:
        """A picture of the study's texts; it needs no session, for it tells nothing of any."""
        found = self.stage.study_pictures.get(name)
        if found is None:
            raise HTTPException(404, "no such picture")
        return Response(found.content, media_type=found.media_type)

    async def withdraw(self, token: Token) -> None:
        def job(connection: Connection) -> None:
            found = act.find_session(connection, token)
            if found is None:
                raise HTTPException(401, "this link is not known here")
            act.erase(connection, found, "withdrawn", clock())

        await self._write(job)
        await asyncio.wrap_future(self.store.empty_log())

    def _complete(self, connection: Connection, session: Session, event: Event) -> tuple[str | None, dict[str, Any]]:
        """What completing the current step changes in the session."""
        reason = refusal(self.stage, session, event.data, clock())
        if reason is not None:
            return reason, {}
        protocol = self.stage.protocol
        steps = self.stage.steps(session)
        step, start = steps[session.cursor], opening(protocol)
        changes: dict[str, Any] = {}
        if step.kind == "consent":
            if not event.data["accepted"]:
                act.forget_before_consent(connection, session.id)
                return None, {"status": "declined"}
            changes = {"consent_version": event.data["version"], "plan": [one.as_dict() for one in start]}
        after = following(protocol, steps, session.cursor, event.data)
        changes["cursor"] = after.cursor
        if after.excluded is not None:
            return None, changes | {"status": "excluded"}
        if session.cursor == len(start) - 1:
            study, answers = protocol.study, event.data.get("answers", {})
            place = take_place(connection, session, study, answers, now=clock())
            if place is None:
                act.forget_before_consent(connection, session.id)
                return None, {"status": "full"}
            own = plan(protocol, self.stage.stimuli, place)
            changes |= {
                "status": act.RUNNING, "slot": place.slot, "stratum": stratum_of(study, answers),
                "group": group_of(study, place)[0], "plan": [one.as_dict() for one in own],
            }  # fmt: skip
        elif steps[after.cursor].kind == "done":
            changes |= {"status": act.COMPLETED, "completed": clock()}
        return None, changes

    def _state(self, session: Session, recorded: act.Recorded | None = None) -> SessionState:
        kept = recorded or act.Recorded([], {})
        step = show(self.stage, session, clock())
        return SessionState(stored=kept.stored, refused=kept.refused, language=session.language, step=step)

    async def _session(self, token: str) -> Session:
        recent = self.stage.recent
        session: Session | None = await self._read(lambda one: act.session_of(one, token, recent=recent))
        if session is None:
            raise HTTPException(401, "this link is not known here")
        return session

    async def _has_places(self, simulated: bool) -> bool:
        places = await self._read(lambda c: free_places(c, self.stage.protocol.study, simulated=simulated, now=clock()))
        return bool(places)

    async def _read(self, job: Callable[[Connection], Any]) -> Any:
        return await asyncio.wrap_future(self.store.read(job))

    async def _write(self, job: Callable[[Connection], Any]) -> Any:
        return await asyncio.wrap_future(self.store.write(job))


async def _malformed(request: Request, error: RequestValidationError) -> Response:
    """Says where and why, without sending back what came: it may hold what no answer can."""
    return JSONResponse({"detail": [{"loc": fault["loc"], "msg": fault["msg"]} for fault in error.errors()]}, 422)


def _page() -> Response:
    page = STATIC / "index.html"
    return HTMLResponse(page.read_text("utf-8") if page.exists() else NOT_BUILT, 200 if page.exists() else 503)


def _asset(name: str) -> Response:
    path = STATIC / "assets" / name
    if not path.is_file() or path.parent != STATIC / "assets":
        raise HTTPException(404)
    # Vite names assets by their content, so they never change under one name.
    return FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})
