"""Where sessions and events are kept: SQLite with one writer, or PostgreSQL with row locks.

Work is a *job*: a function of a connection that runs in one transaction. On SQLite all jobs go through one
thread that commits those waiting together, each in its own savepoint, and answers only after the commit
has reached the disk. On PostgreSQL each job is a transaction of its own and locks the rows it changes.
"""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from binome.core import BinomeError

T = TypeVar("T")
Job = Callable[[Connection], T]
SCHEMA = "2"
GROUP = 64
"""Most jobs in one commit: bounds how long the first of them waits."""
WORKERS = 10
TRIES = 5
PASSING = {"40001", "40P01", "23505"}
"""PostgreSQL's states for a clash with another transaction (serialisation, deadlock, same key): worth another try."""

metadata = sa.MetaData()
meta = sa.Table(
    "meta", metadata, sa.Column("key", sa.String, primary_key=True), sa.Column("value", sa.String, nullable=False)
)
sessions = sa.Table(
    "sessions", metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("pseudonym", sa.String, nullable=False, unique=True),
    sa.Column("token_hash", sa.String, nullable=False, unique=True),
    sa.Column("language", sa.String, nullable=False),
    sa.Column("external_id", sa.String),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("slot", sa.Integer),
    sa.Column("stratum", sa.String, nullable=False, server_default=""),
    sa.Column("group", sa.String),
    sa.Column("held_until", sa.Float),
    sa.Column("plan", sa.JSON),
    sa.Column("cursor", sa.Integer, nullable=False),
    sa.Column("consent_version", sa.String),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("updated", sa.Float, nullable=False),
    sa.Column("completed", sa.Float),
)  # fmt: skip
slots = sa.Table(
    "slots", metadata,
    sa.Column("simulated", sa.Boolean, primary_key=True),
    sa.Column("stratum", sa.String, primary_key=True),
    sa.Column("group", sa.String, primary_key=True),
    sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("session", sa.String, nullable=False),
)  # fmt: skip
events = sa.Table(
    "events", metadata,
    sa.Column("session", sa.String, primary_key=True),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("browser_time", sa.String, nullable=False),
    sa.Column("server_time", sa.Float, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.UniqueConstraint("session", "sequence"),
)  # fmt: skip


class Store(Protocol):
    """Runs jobs; `write` jobs are on disk when their future has a result."""

    engine: Engine

    def write(self, job: Job[T]) -> Future[T]: ...

    def read(self, job: Job[T]) -> Future[T]: ...

    def empty_log(self) -> Future[None]:
        """Take what was erased out of the file that changes are logged in, where the store has one of its own."""
        ...

    def close(self) -> None: ...


def open_store(url: str) -> Store:
    """Open a database, making its tables when it is new.

    Raises:
        BinomeError: when it cannot be opened, or was made by another version.
    """
    try:
        engine = connect(url)
        return SQLiteStore(engine) if engine.dialect.name == "sqlite" else PooledStore(engine)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, sa.exc.DBAPIError, ModuleNotFoundError) as error:
        shown = re.sub(r"//[^/@]*@", "//…@", url)
        raise BinomeError(f"the database {shown} cannot be opened: {error}; check its address") from error


def connect(url: str) -> Engine:
    """An engine on a database whose tables are there and of this version."""
    if sa.make_url(url).get_backend_name() == "sqlite":
        engine = sa.create_engine(url, connect_args={"timeout": 30})
        sa.event.listen(engine, "connect", _durable)
        sa.event.listen(engine, "begin", _begin)
    else:
        engine = sa.create_engine(url, pool_size=WORKERS, pool_pre_ping=True)
    try:
        with engine.execution_options(writes=True).begin() as connection:
            _prepare(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _prepare(connection: Connection) -> None:
    """Make the tables that are missing, and refuse those of another version."""
    if connection.dialect.name == "postgresql":
        # Several servers may start at once: one makes the tables, the others wait.
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(726001)"))
    if sa.inspect(connection).has_table(meta.name):
        found = connection.execute(sa.select(meta.c.value).where(meta.c.key == "schema")).scalar()
        if found not in (None, SCHEMA):
            raise BinomeError(
                f"the database has schema {found}, this Binome uses {SCHEMA}; give the study another database, or open "
                f"this one with the version that made it"
            )
    metadata.create_all(connection)
    if connection.execute(sa.select(meta.c.value).where(meta.c.key == "schema")).scalar() is None:
        connection.execute(meta.insert().values(key="schema", value=SCHEMA))


def _durable(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver's own transactions would break savepoints: `_begin` opens them
    # Bytes that are deleted are overwritten where their page is written anyway; `wiping` does it everywhere.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=FAST"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later fails if another process wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


@contextmanager
def wiping(connection: Connection) -> Iterator[None]:
    """What is deleted inside leaves no bytes in the file of an SQLite database."""
    lite = connection.dialect.name == "sqlite"
    if lite:
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
    try:
        yield
    finally:
        if lite:
            connection.exec_driver_sql("PRAGMA secure_delete=FAST")


class SQLiteStore:
    """One writing thread that commits groups of jobs; reads run beside it on connections of their own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._jobs: queue.SimpleQueue[tuple[Job[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(4, "reader")
        self._writer = threading.Thread(target=self._run, name="writer", daemon=True)
        self._writer.start()

    def write(self, job: Job[T]) -> Future[T]:
        future: Future[T] = Future()
        self._jobs.put((job, future))
        return future

    def read(self, job: Job[T]) -> Future[T]:
        return self._readers.submit(_in_transaction, self.engine, job)

    def empty_log(self) -> Future[None]:
        return self._readers.submit(self._truncate)

    def _truncate(self) -> None:
        # Outside of any transaction, which SQLAlchemy would begin. Where others read for longer than that at a stretch,
        # the log is emptied when it is next begun anew, or closed.
        raw = self.engine.raw_connection()
        try:
            for pragma in ("busy_timeout=2000", "wal_checkpoint(TRUNCATE)", "busy_timeout=30000"):
                raw.cursor().execute(f"PRAGMA {pragma}").fetchall()
        finally:
            raw.close()

    def close(self) -> None:
        self._jobs.put(None)
        self._writer.join()
        self._readers.shutdown()
        self.engine.dispose()

    def _run(self) -> None:
        running = True
        while running:
            group = [self._jobs.get()]
            while len(group) < GROUP and group[-1] is not None and not self._jobs.empty():
                group.append(self._jobs.get())
            running = group[-1] is not None
            self._commit([job for job in group if job is not None])

    def _commit(self, group: list[tuple[Job[Any], Future[Any]]]) -> None:
        results: list[tuple[Future[Any], Any]] = []
        try:
            with self.engine.execution_options(writes=True).begin() as connection:
                for job, future in group:
                    if not future.set_running_or_notify_cancel():
                        continue
                    try:
                        with connection.begin_nested():
                            results.append((future, job(connection)))
                    except Exception as error:  # noqa: BLE001 - handed to the job's owner
                        future.set_exception(error)
        except Exception as error:  # noqa: BLE001 - nothing of the group is on disk: every owner is told
            for _, future in group:
                if not future.done():
                    future.set_exception(error)
            return
        for future, result in results:
            future.set_result(result)


class PooledStore:
    """Jobs run at once on pooled connections, each in its own transaction; rows are locked by the jobs."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._workers = ThreadPoolExecutor(WORKERS, "database")

    def write(self, job: Job[T]) -> Future[T]:
        return self._workers.submit(_with_retries, self.engine, job)

    def read(self, job: Job[T]) -> Future[T]:
        return self._workers.submit(_in_transaction, self.engine, job)

    def empty_log(self) -> Future[None]:
        done: Future[None] = Future()
        done.set_result(None)  # PostgreSQL recycles its log, and vacuums its tables, by itself
        return done

    def close(self) -> None:
        self._workers.shutdown()
        self.engine.dispose()


def _in_transaction(engine: Engine, job: Job[T]) -> T:
    with engine.begin() as connection:
        return job(connection)


def _with_retries(engine: Engine, job: Job[T]) -> T:
    for _ in range(TRIES - 1):
        try:
            return _in_transaction(engine, job)
        except sa.exc.DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in PASSING:
                raise
    return _in_transaction(engine, job)
