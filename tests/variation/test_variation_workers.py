"""Several processes and a Ray cluster give the tables of one process; a worker that is killed costs a retry."""

import os
import signal
import threading
import time

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


def test_without_ray_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(BinomeError, match=r"binome\[cluster\]"):
        list(workers.Cluster("auto", 1).outcomes({}, []))
