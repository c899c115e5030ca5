"""What the store promises: on disk when answered, one failing job alone, no other version's tables."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from tiny_experiment import make_protocol, make_stimuli

from binome.core import BinomeError
from binome.experiment.storage import Store, meta, open_store


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = open_store(database)
    yield opened
    opened.close()


def add(key: str, *, fail: bool = False) -> object:
    def job(connection: Connection) -> str:
        connection.execute(meta.insert().values(key=key, value="x"))
        if fail:
            raise KeyError(key)
        return key

    return job


def keys(connection: Connection) -> set[str]:
    return set(connection.execute(sa.select(meta.c.key)).scalars()) - {"schema"}


def test_a_failing_job_is_undone_alone(store: Store) -> None:
    futures = [store.write(add(f"k{i}", fail=i % 3 == 0)) for i in range(30)]
    for i, future in enumerate(futures):
        if i % 3 == 0:
            with pytest.raises(KeyError):
                future.result()
        else:
            assert future.result() == f"k{i}"
    assert store.read(keys).result() == {f"k{i}" for i in range(30) if i % 3}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_cancelled_job_does_not_stop_the_writer(store: Store) -> None:
    entered, release = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        entered.set()
        release.wait(10)

    running = store.write(slow)
    assert entered.wait(10)
    waiting = store.write(add("never"))
    assert waiting.cancel()
    assert not running.cancel()
    release.set()
    assert store.write(add("after")).result(10) == "after"
    assert store.read(keys).result() == {"after"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_is_durable_and_grouped(store: Store, database: str) -> None:
    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert store.write(pragmas).result() == ["wal", 2, 1]  # 2 is FULL
    commits = []
    sa.event.listen(store.engine, "commit", lambda connection: commits.append(1))
    gate = threading.Event()
    first = store.write(lambda connection: gate.wait(10))
    futures = [store.write(add(f"k{i}")) for i in range(20)]
    gate.set()
    first.result()
    assert [future.result() for future in futures] == [f"k{i}" for i in range(20)]
    assert len(commits) <= 2  # the gate's, and one for all that waited behind it


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_another_writer_is_waited_for(store: Store, database: str) -> None:
    other = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO meta VALUES ('other', 'x')")
    future = store.write(add("mine"))
    time.sleep(0.2)
    assert not future.done()
    other.execute("COMMIT")
    other.close()
    assert future.result(10) == "mine"


def test_tables_of_another_version_are_refused(store: Store, database: str) -> None:
    store.write(lambda connection: connection.execute(meta.update().values(value="99"))).result()
    with pytest.raises(BinomeError, match="schema 99"):
        open_store(database)


def test_tables_without_strata_are_refused_and_left_alone(database: str) -> None:
    """Schema 1, as earlier versions made it: its slots are counted otherwise."""
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL)"))
        connection.execute(sa.text("INSERT INTO meta VALUES ('schema', '1')"))
    with pytest.raises(BinomeError, match="schema 1, this Binome uses 2; give the study another database"):
        open_store(database)
    assert sa.inspect(engine).get_table_names() == ["meta"]
    engine.dispose()


@pytest.mark.parametrize(
    "url",
    ["sqlite:////no/such/folder/study.db", "nonsense", "postgresql+psycopg://me:hidden@127.0.0.1:1/x", "what://x"],
)
def test_a_database_that_cannot_be_opened_says_so(url: str) -> None:
    with pytest.raises(BinomeError, match="cannot be opened") as caught:
        open_store(url)
    assert "hidden" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "study.db").write_text("not a database" * 100)
    with pytest.raises(BinomeError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path / 'study.db'}")


SERVER = """
import json, sys
import binome.experiment as experiment
from binome import protocol
from binome.core.stimulus import read_stimuli
study = protocol.load(sys.argv[1])
app = experiment.create_app(study, read_stimuli(__import__("pathlib").Path(sys.argv[2])), database=sys.argv[3],
                            researcher_key="k", secret="s")
with experiment.serve(app) as address:
    print(json.dumps({"address": address}), flush=True)
    for line in sys.stdin:
        heavy = [name for name in ("torch", "numpy", "polars", "matplotlib", "scipy", "pandas") if name in sys.modules]
        # Not ru_maxrss, which starts at the peak of the process that started this one.
        peak = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024
        print(json.dumps({"heavy": heavy, "megabytes": peak}), flush=True)
"""


@pytest.fixture
def server(tmp_path: Path, database: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, float | str]]]:
    """A server in a process of its own."""
    make_protocol(tmp_path)
    stimuli = make_stimuli(tmp_path)
    command = [sys.executable, "-c", SERVER, str(tmp_path), str(stimuli.folder), database]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_server_is_light(server: tuple[subprocess.Popen[str], dict[str, float]]) -> None:
    process, ready = server
    with httpx.Client(base_url=str(ready["address"]), trust_env=False) as client:
        for number in range(50):
            assert client.post("/api/sessions", json={"token": f"{number:022d}", "language": "en"}).status_code == 201
        assert client.get("/researcher.html").status_code == 404
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    found = json.loads(process.stdout.readline())
    assert found["heavy"] == []
    assert found["megabytes"] < 150, found


def test_what_was_acknowledged_survives_a_kill(
    server: tuple[subprocess.Popen[str], dict[str, str]], database: str
) -> None:
    process, ready = server
    acknowledged: set[str] = set()

    def write(number: int) -> None:
        token = f"{number:022d}"
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=ready["address"], trust_env=False) as client:
            try:
                client.post("/api/sessions", json={"token": token, "language": "en"})
                for i in range(10_000):
                    name = f"event-{number}-{i}"
                    event = {"id": name, "step": 0, "type": "seen", "time": "", "data": {}}
                    answer = client.post("/api/events", json={"events": [event]}, headers=headers)
                    acknowledged.update(answer.json()["stored"])
            except httpx.TransportError:
                return

    with ThreadPoolExecutor(6) as pool:
        running = [pool.submit(write, number) for number in range(6)]
        deadline = time.monotonic() + 30
        while len(acknowledged) < 120 and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        for future in running:
            future.result()
    assert len(acknowledged) >= 120
    store = open_store(database)
    stored = set(store.read(lambda c: list(c.execute(sa.text("SELECT id FROM events")).scalars())).result())
    store.close()
    assert acknowledged <= stored
