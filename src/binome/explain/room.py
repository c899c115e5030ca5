"""How many rows go through the module at once: a batch size, a memory budget, and what happens when memory runs out."""

from __future__ import annotations

import ctypes
import math
import re
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from binome.core import BinomeError
from binome.core.progress import Bar

MOST, LEAST = 256, 8
VALUES = 2_400_000
"""Input values a pass by default: on CPUs, larger batches of large pictures leave the caches and are slower
(tried once with vit_tiny_patch16_224 on two cores: the best gradients came from 4 to 16 rows a pass)."""
MARGIN = 0.95
"""Share of a memory budget that is planned with: the next pass is only foretold by the last one."""
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
"""Where Linux tells the highest memory of a process, and where a 5 sets that back to the present one."""
UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


class Meter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes of all tensors that are made while it is active: those alive now, and the most at one time."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = self.peak = 0
        self._known = weakref.WeakSet[Any]()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        # The results of a view or an in-place operation share a storage that was there before.
        before = {value.untyped_storage()._cdata for value in _tensors((args, kwargs or {}))}
        for value in _tensors(found):
            storage = value.untyped_storage()
            if storage._cdata not in before and storage not in self._known:
                self._count(storage)
        return found

    def _count(self, storage: torch.UntypedStorage) -> None:
        size = storage.nbytes()
        self._known.add(storage)
        self.live += size
        self.peak = max(self.peak, self.live)
        weakref.finalize(storage, self._forget, size)

    def _forget(self, size: int) -> None:
        self.live -= size


class Resident:
    """How much memory the whole process took since it was made, with kernels' workspaces and what malloc keeps.

    Known on Linux alone; elsewhere it never grows, and tensors are all that is counted.
    """

    def __init__(self) -> None:
        self._kept = 0
        self._start: int | None = None
        try:
            CLEAR.write_text("5")
            self._start = self._highest()
        except OSError:
            return  # no Linux, or one that does not tell

    @property
    def peak(self) -> int:
        """The most since `restart`, in bytes."""
        return max(self._kept, self._highest() - self._start) if self._start is not None else 0

    def restart(self) -> None:
        """Forget the peak so far, and give back to the system what malloc keeps of tensors that are gone."""
        self._kept = 0
        if self._start is not None:
            trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's
            if trim is not None:
                trim(0)
            CLEAR.write_text("5")

    def remember(self, peak: int) -> None:
        """A peak from before that counts as well."""
        self._kept = max(self._kept, peak)

    @staticmethod
    def _highest() -> int:
        line = next(line for line in STATUS.read_text("ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024


class Room:
    """How many rows fit, for each kind of work, learnt from what the work before took.

    Args:
        batch_size: most rows of one pass.
        memory: bytes that what is done here may take together; None for as much as there is.
    """

    def __init__(self, batch_size: int, memory: int | None = None) -> None:
        self.batch_size = batch_size
        self.memory = memory
        self.meter = Meter() if memory is not None else None
        self._resident = Resident() if memory is not None else None
        self._bytes: dict[str, float] = {}
        self._report: Callable[[float], None] | None = None

    def watching(self) -> AbstractContextManager[Any]:
        """Where tensors are counted, if there is a budget."""
        return nullcontext() if self.meter is None else self.meter

    def ranges(self, total: int, width: int, kind: str) -> Iterator[range]:
        """`total` copies of `width` rows each, so many at a time as there is room for.

        Args:
            kind: of work; what a row of it takes is learnt from each range for the next, starting with a small one.
        """
        # Only the outermost loop tells how far the work is.
        report, self._report = self._report, None
        first = 0
        while first < total:
            count = min(max(1, self.rows(kind) // width), total - first)
            with self.learning(kind, count * width):
                yield range(first, first + count)
            first += count
            if report is not None:
                report(count / total)
        self._report = report

    def rows(self, kind: str) -> int:
        """Most rows of the next piece of such work."""
        if self.meter is None or self.memory is None:
            return self.batch_size
        if kind not in self._bytes:
            return min(2, self.batch_size)
        free = MARGIN * self.memory - self.meter.live
        return int(min(max(1, free / self._bytes[kind]), self.batch_size))

    def halve(self) -> None:
        """Take half as many rows from now on, after memory ran out.

        Raises:
            BinomeError: when a single row was too many.
        """
        if self.batch_size == 1:
            raise BinomeError("memory ran out on a single row; use a smaller network or input, or a larger machine")
        self.batch_size //= 2

    @contextmanager
    def learning(self, kind: str, rows: int) -> Iterator[None]:
        """Learn from what is done inside how much a row of such work takes."""
        if self.meter is None or self._resident is None:
            yield
            return
        live, outer, outer_resident = self.meter.live, self.meter.peak, self._resident.peak
        self.meter.peak = live
        self._resident.restart()
        try:
            yield
        finally:
            taken, resident = max(self.meter.peak, self._resident.peak) - live, self._resident.peak
            # The latest, not the largest: what a pass takes whatever its rows weighs less the more rows it has.
            self._bytes[kind] = max(1.0, taken / rows)
            self.meter.peak = max(self.meter.peak, outer)
            self._resident.remember(max(resident, outer_resident))

    @contextmanager
    def reporting(self, counter: Bar, items: int) -> Iterator[None]:
        """Advance a progress bar by so many items while they are worked on."""
        done = 0.0

        def report(share: float) -> None:
            nonlocal done
            step = min(items * share, items - done)
            done += step
            counter.advance(step)

        self._report = report
        try:
            yield
        except BaseException:
            counter.advance(-done)
            raise
        finally:
            self._report = None
        counter.advance(items - done)


def suitable_batch(inputs: torch.Tensor, device: torch.device) -> int:
    """The rows of a pass when nobody chose them."""
    if device.type != "cpu":
        return MOST
    return max(LEAST, min(MOST, VALUES // max(1, math.prod(inputs.shape[1:]))))


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the device, or the machine, has no memory left."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "not enough memory" in str(error)


def read_memory(memory: int | str | None) -> int | None:
    """A budget in bytes, from a number of bytes or a text such as `2GiB`.

    Raises:
        BinomeError: when it is no size, or less than 1 MiB.
    """
    if memory is None:
        return None
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kMG]?i?B|KiB)?\s*", str(memory))
    unit = UNITS.get(found[2] or "B") if found else None
    if not found or unit is None or isinstance(memory, bool):
        raise BinomeError(f"memory is {memory!r}; give bytes or a size such as 500MB or 2GiB")
    size = int(float(found[1]) * unit)
    if size < 2**20:
        raise BinomeError(f"memory is {memory!r}; give 1MiB or more")
    return size


def _tensors(values: Any) -> Iterator[torch.Tensor]:
    if isinstance(values, torch.Tensor):
        yield values
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _tensors(value)
    elif isinstance(values, dict):
        yield from _tensors(tuple(values.values()))
