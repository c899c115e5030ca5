"""Several processes and a Ray cluster give the tables of one process; a worker that is killed costs a retry."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import polars as pl
import pytest
from grid_example import run
from polars.testing import assert_frame_equal

from binome.core import BinomeError
from binome.variation.sweep import workers
from binome.variation.sweep.unit import Unit


def kill_first_child(before):
    """Kill the first process that is started here and computes."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for child in set(_children()) - before:
            if _computes(child):
                os.kill(child, signal.SIGKILL)
                return
        time.sleep(0.02)


def _children():
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        own = file.read().split()
    return [int(child) for child in own]


def _computes(child):
    try:
        with open(f"/proc/{child}/cmdline") as file:
            return "spawn_main" in file.read() and time.process_time() > 0 and _seconds(child) > 1.5
    except (OSError, IndexError):
        return False


def _seconds(child):
    with open(f"/proc/{child}/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[11]) / os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def here():
    return run(items=range(12))


def test_a_worker_that_is_killed_costs_a_retry(here):
    killer = threading.Thread(target=kill_first_child, args=(set(_children()),))
    killer.start()
    found = run(items=range(12), workers=2)
    killer.join()
    assert_frame_equal(found.scores, here.scores)


def test_a_unit_that_kills_every_worker_ends_the_run(monkeypatch):
    from concurrent.futures.process import BrokenProcessPool

    def broken(self, jobs, left):
        raise BrokenProcessPool
        yield

    monkeypatch.setattr(workers.Processes, "_round", broken)
    with pytest.raises(BinomeError, match="died again and again, with 1 units"):
        list(workers.Processes(2).outcomes({}, [("", Unit(0, 0, (0,), (0,), ()))]))


def kill_first_ray_worker(killed):
    """Kill the first worker of the cluster that computes a unit."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not killed:
        for entry in os.listdir("/proc"):
            if entry.isdigit() and _runs_a_unit(entry):
                os.kill(int(entry), signal.SIGKILL)
                killed.append(int(entry))
                return
        time.sleep(0.005)


def _runs_a_unit(process):
    try:
        with open(f"/proc/{process}/cmdline") as file:
            return file.read().startswith("ray::run")
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_ray_cluster_gives_the_same_tables_and_survives_a_killed_worker(here):
    ray = pytest.importorskip("ray")
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        found = run(items=range(12), on="auto")
        assert_frame_equal(found.scores, here.scores)
        for name, table in here.tables.items():
            if name != "choice":  # it tells measured seconds
                assert_frame_equal(found.tables[name], table)
        killed: list[int] = []
        killer = threading.Thread(target=kill_first_ray_worker, args=(killed,))
        killer.start()
        again = run(items=range(12), on="auto")
        killer.join()
        assert killed
        assert_frame_equal(again.scores, here.scores)
    finally:
        ray.shutdown()


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.mark.slow
def test_a_cluster_is_joined_from_outside_by_its_address(tmp_path):
    pytest.importorskip("ray")
    # A process that has used Ray keeps to the token of that time: another one joins.
    environment = os.environ | {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "PYTHONPATH": os.path.dirname(__file__),
    }
    with socket.socket() as first, socket.socket() as second, socket.socket() as third:
        for one in (first, second, third):
            one.bind(("127.0.0.1", 0))
        port, client, agent = (one.getsockname()[1] for one in (first, second, third))
    command = [
        os.path.join(os.path.dirname(sys.executable), "ray"), "start", "--head", "--block", "--port", str(port),
        "--ray-client-server-port", str(client), "--runtime-env-agent-port", str(agent), "--num-cpus", "2",
        "--include-dashboard", "false", "--node-ip-address", "127.0.0.1", "--disable-usage-stats",
    ]  # fmt: skip
    head = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 120
        while not listens(client):
            assert time.monotonic() < deadline, "the cluster does not listen"
            time.sleep(0.5)
        code = "import sys; from grid_example import run; run(on=sys.argv[1]).scores.write_parquet(sys.argv[2])"
        there = tmp_path / "scores.parquet"
        subprocess.run(
            [sys.executable, "-c", code, f"ray://127.0.0.1:{client}", str(there)], env=environment, check=True
        )
        assert_frame_equal(pl.read_parquet(there), run().scores)
    finally:
        head.terminate()
        head.wait(60)


def test_without_ray_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(BinomeError, match=r"binome\[cluster\]"):
        list(workers.Cluster("auto", 1).outcomes({}, []))


def test_a_cluster_that_cannot_be_joined_says_what_is_missing(monkeypatch):
    def init(**options):
        raise ValueError("Ray Client requires pip package ray[client]")

    fake = SimpleNamespace(is_initialized=lambda: False, init=init)
    monkeypatch.setitem(__import__("sys").modules, "ray", fake)
    with pytest.raises(BinomeError, match=r"'ray://head:10001' cannot be joined: .*binome\[cluster\]"):
        run(on="ray://head:10001")
