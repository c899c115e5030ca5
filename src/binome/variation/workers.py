"""Where units run: here, in several processes, or on a Ray cluster. A worker that dies costs a retry, not the run."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, Protocol

import torch

from binome.core import BinomeError
from binome.variation.sweep import Job, Outcome, Unit, run

RETRIES = 3
"""How often units are sent again after a worker died; one that kills its worker each time ends the run."""


class Workers(Protocol):
    """Runs units and gives their outcomes as they come, in any order."""

    def outcomes(self, job: Job, units: Sequence[Unit]) -> Iterator[Outcome]: ...


def workers(count: int = 1, on: str | None = None) -> Workers:
    """Workers of a kind.

    Args:
        count: processes here; 1 for this one.
        on: address of a Ray cluster, such as `ray://head:10001`, `auto` for the one of this machine, or `local` to
            start one here with `count` processors.

    Raises:
        BinomeError: for a count below 1.
    """
    if count < 1:
        raise BinomeError(f"workers is {count}; give 1 or more")
    if on is not None:
        return Cluster(on, count)
    return Here() if count == 1 else Processes(count)


class Here:
    """This very process."""

    def outcomes(self, job: Job, units: Sequence[Unit]) -> Iterator[Outcome]:
        for unit in units:
            yield run(job, unit)


class Processes:
    """So many processes of this machine."""

    def __init__(self, count: int) -> None:
        self.count = count

    def outcomes(self, job: Job, units: Sequence[Unit]) -> Iterator[Outcome]:
        left = dict(enumerate(units))
        for _ in range(RETRIES + 1):
            done = len(left)
            try:
                yield from self._round(job, left)
            except BrokenProcessPool:
                if len(left) < done:
                    continue  # it got on: not the same unit over and over
            if not left:
                return
        raise BinomeError(
            f"a worker died again and again, with {len(left)} units of work left; is there enough memory for "
            f"{self.count} workers? Fewer need less"
        )

    def _round(self, job: Job, left: dict[int, Unit]) -> Iterator[Outcome]:
        # Spawned, not forked: PyTorch's threads do not survive a fork.
        pool = ProcessPoolExecutor(self.count, get_context("spawn"), _prepare, (job,))
        try:
            waiting, flying = deque(left), dict[Future[Outcome], int]()
            while waiting or flying:
                while waiting and len(flying) < self.count:  # few at a time, so that a death costs few
                    number = waiting.popleft()
                    flying[pool.submit(_run_prepared, left[number])] = number
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

    def outcomes(self, job: Job, units: Sequence[Unit]) -> Iterator[Outcome]:
        try:
            import ray
        except ImportError as error:
            raise BinomeError("Ray is not installed: pip install 'binome[cluster]'") from error
        ours = not ray.is_initialized()
        if ours:
            ray.init(**self._options())
        try:
            yield from self._outcomes(ray, job, units)
        finally:
            if ours:
                ray.shutdown()

    def _options(self) -> dict[str, Any]:
        quiet = {"log_to_driver": False, "include_dashboard": False}
        if self.address == "local":
            return {"address": "local", "num_cpus": self.count, **quiet}
        return {"address": self.address, "log_to_driver": False}

    def _outcomes(self, ray: Any, job: Job, units: Sequence[Unit]) -> Iterator[Outcome]:
        shared = ray.put(job)
        task = ray.remote(num_cpus=job.threads, max_retries=RETRIES)(run)
        room = 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))
        waiting, flying = deque(units), list[Any]()
        while waiting or flying:
            while waiting and len(flying) < room:
                flying.append(task.remote(shared, waiting.popleft()))
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


_job: Job | None = None


def _prepare(job: Job) -> None:
    global _job
    _job = job
    torch.set_num_threads(job.threads)


def _run_prepared(unit: Unit) -> Outcome:
    assert _job is not None
    return run(_job, unit)


def suitable() -> int:
    """As many workers as this process may use processors; 1 where a GPU does the work."""
    if torch.cuda.is_available():
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
