"""Where units run: here, in several processes, or on a Ray cluster. A worker that dies costs a retry, not the run."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Protocol

import torch

from binome.core import BinomeError
from binome.core.kinds import is_whole
from binome.variation.sweep.unit import Job, Outcome, Unit, run

RETRIES = 3
"""How often units are sent again after a worker died; one that kills its worker each time ends the run."""


Jobs = Mapping[str, Job]
Named = tuple[str, Unit]
"""A unit of the job of that name."""


class Workers(Protocol):
    """Runs units and gives their outcomes as they come, in any order."""

    def outcomes(self, jobs: Jobs, units: Sequence[Named]) -> Iterator[Outcome]: ...


def workers(count: int = 1, on: str | None = None) -> Workers:
    """Workers of a kind.

    Args:
        count: processes here; 1 for this one.
        on: address of a Ray cluster, such as `ray://head:10001`, `auto` for the one of this machine, or `local` to
            start one here with `count` processors.

    Raises:
        BinomeError: for a count below 1.
    """
    if not is_whole(count) or count < 1:
        raise BinomeError(f"workers is {count!r}; give 1 or more")
    if on is not None:
        return Cluster(on, count)
    return Here() if count == 1 else Processes(count)


class Here:
    """This very process."""

    def outcomes(self, jobs: Jobs, units: Sequence[Named]) -> Iterator[Outcome]:
        for name, unit in units:
            yield run(jobs[name], unit)


class Processes:
    """So many processes of this machine."""

    def __init__(self, count: int) -> None:
        self.count = count

    def outcomes(self, jobs: Jobs, units: Sequence[Named]) -> Iterator[Outcome]:
        left, deaths = dict(enumerate(units)), 0
        while left and deaths <= RETRIES:
            before = len(left)
            try:
                yield from self._round(jobs, left)
            except BrokenProcessPool:
                # What got on is not the same unit over and over.
                deaths = 0 if len(left) < before else deaths + 1
        if not left:
            return
        raise BinomeError(
            f"a worker died again and again, with {len(left)} units of work left; is there enough memory for "
            f"{self.count} workers? Fewer need less"
        )

    def _round(self, jobs: Jobs, left: dict[int, Named]) -> Iterator[Outcome]:
        # Spawned, not forked: PyTorch's threads do not survive a fork.
        pool = ProcessPoolExecutor(self.count, get_context("spawn"), _prepare, (jobs,))
        try:
            waiting, flying = deque(left), dict[Future[Outcome], int]()
            while waiting or flying:
                while waiting and len(flying) < self.count:  # few at a time, so that a death costs few
                    number = waiting.popleft()
                    flying[pool.submit(_run_prepared, *left[number])] = number
                for future in wait(flying, return_when=FIRST_COMPLETED).done:
                    outcome = future.result()
                    del left[flying.pop(future)]
                    yield outcome
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


class Cluster:
    """A Ray cluster; it takes as many units at a time as it has processors."""

    def __init__(self, address: str, count: int) -> None:
        self.address, self.count = address, count

    def outcomes(self, jobs: Jobs, units: Sequence[Named]) -> Iterator[Outcome]:
        try:
            import ray
        except ImportError as error:
            raise BinomeError("Ray is not installed: pip install 'binome[cluster]'") from error
        ours = not ray.is_initialized()
        if ours:
            try:
                ray.init(**self._options())
            except (ValueError, ConnectionError) as error:
                raise BinomeError(
                    f"the Ray cluster {self.address!r} cannot be joined: {error}; does it run, is RAY_AUTH_TOKEN its "
                    f"own, and is binome[cluster] installed, which brings what an address ray:// needs?"
                ) from error
        try:
            yield from self._outcomes(ray, jobs, units)
        finally:
            if ours:
                ray.shutdown()

    def _options(self) -> dict[str, Any]:
        quiet = {"log_to_driver": False, "include_dashboard": False}
        if self.address == "local":
            return {"address": "local", "num_cpus": self.count, **quiet}
        return {"address": self.address, "log_to_driver": False}

    def _outcomes(self, ray: Any, jobs: Jobs, units: Sequence[Named]) -> Iterator[Outcome]:
        shared = {name: ray.put(job) for name, job in jobs.items()}
        most = max(job.threads for job in jobs.values())
        task = ray.remote(num_cpus=most, max_retries=RETRIES)(run)
        room = 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting, flying = deque(units), list[Any]()
        while waiting or flying:
            while waiting and len(flying) < room:
                name, unit = waiting.popleft()
                flying.append(task.remote(shared[name], unit))
            done, flying = ray.wait(flying, num_returns=1)
            for one in done:
                try:
                    yield ray.get(one)
                except ray.exceptions.RayTaskError as error:
                    raise (error.cause if isinstance(error.cause, BinomeError) else error) from error
                except ray.exceptions.WorkerCrashedError as error:
                    raise BinomeError(
                        f"a worker of the cluster died {RETRIES + 1} times on one unit; has it enough memory?"
                    ) from error


_jobs: Jobs = {}


def _prepare(jobs: Jobs) -> None:
    global _jobs
    _jobs = jobs


def _run_prepared(name: str, unit: Unit) -> Outcome:
    return run(_jobs[name], unit)


def suitable() -> int:
    """As many workers as this process may use processors; 1 where a GPU does the work."""
    if torch.cuda.is_available():
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
