"""`agreement_tensor`: agreement of all pairs of many methods, a few items at a time."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import torch

from binome.core import BinomeError, Spec
from binome.core.kinds import check_call
from binome.core.progress import bar
from binome.explain.room import read_memory
from binome.variation.agreement import HARNESS, agree_all, registry, with_k
from binome.variation.features import Floats, Ints, Stack, numbers

Work = Callable[[int], tuple[int, Floats]]
Measures = Mapping[str, tuple[str, Mapping[str, Any]]]
"""Name and parameters of a measure, by label."""

COPIES = 12
"""Arrays of the maps' size, in float64, that an item's measures hold at one time."""
WAITING = 16
"""Pieces of work a thread between two moments at which files are let go of."""
CHUNK = 2**27
"""Bytes that a thread works on at once: more would leave the caches, less would be all calls and no work."""


@dataclass(frozen=True)
class AgreementTensor:
    """Agreement of each two methods by each measure.

    Attributes:
        values: float64 (measures, methods, methods, items); or, averaged over the items where the measure is defined,
            (measures, methods, methods), NaN where it never is.
        undefined: int64 (measures, methods, methods): items where it is not.
        measures, methods: labels, in order.
    """

    values: Floats
    undefined: Ints
    measures: tuple[str, ...]
    methods: tuple[str, ...]

    def of(self, measure: str, a: str, b: str) -> Any:
        """One pair: float64 (items,), or a number when averaged."""
        return self.values[self.measures.index(measure), self.methods.index(a), self.methods.index(b)]

    def table(self, items: Sequence[str]) -> pl.DataFrame:
        """Columns a, b, measure, item, value, each unordered pair once; null where undefined.

        Args:
            items: ids, in the order of the values.

        Raises:
            BinomeError: for values that were averaged, and ids that are not one an item.
        """
        if self.values.ndim != 4 or self.values.shape[3] != len(items):
            raise BinomeError(f"{len(items)} ids for values of shape {self.values.shape}; give one for each item")
        pairs = list(combinations(range(len(self.methods)), 2))
        rows, columns = (np.array([pair[end] for pair in pairs], dtype=np.int64) for end in (0, 1))
        names, count = np.array(self.methods, dtype=object), len(items)
        each = {"a": names[rows].repeat(count).tolist(), "b": names[columns].repeat(count).tolist()}
        parts = [
            pl.DataFrame(
                {
                    **each,
                    "measure": [measure] * (len(pairs) * count),
                    "item": list(items) * len(pairs),
                    "value": self.values[place, rows, columns].reshape(-1),
                },
                schema={"a": pl.String, "b": pl.String, "measure": pl.String, "item": pl.String, "value": pl.Float64},
            )
            for place, measure in enumerate(self.measures)
        ]
        return pl.concat(parts).with_columns(pl.col("value").fill_nan(None))


def agreement_tensor(
    maps: Any,
    measures: Sequence[str | Spec],
    *,
    k: int = 10,
    items: Sequence[int] | None = None,
    average: bool = False,
    memory: int | str = "1GiB",
    threads: int | None = None,
    progress: bool = False,
) -> AgreementTensor:
    """Agreement of all pairs of many methods' maps: what `agreement` gives for each pair, to floating-point rounding.

    Each map is read, sorted and ranked once, not once a pair; measures without a fast form go pair by pair.

    Args:
        maps: by method, or one array (methods, n, …): tensors, arrays, memory-mapped files, or whatever has a `shape`
            and gives rows for a slice. All of one shape (n, …). Only the items in hand are in memory.
        measures: names of `agreements()`, or specs with parameters, labelled `name (parameter=value)`.
        k: how many features count as the most important, for the measures that ask and have no `k` of their own.
        items: rows of the maps, in the order wanted; all by default.
        average: the mean over items instead of each item's value.
        memory: bytes, or text such as `500MB`, that the items in hand may take, about; the result comes on top.
        threads: items in work at one time; as many as PyTorch uses by default.
        progress: show a bar on a terminal.

    Raises:
        BinomeError: for maps that differ in shape or hold values that are not finite, a measure or parameter that does
            not exist, rows that do not, or one item that takes more memory than is allowed.
    """
    arrays = _arrays(maps)
    wanted = _measures(measures, k)
    count, shape = _common_shape(arrays)
    rows = _rows(items, count)
    total = count if rows is None else len(rows)
    size, workers = _plan(arrays, shape, k, memory, threads)
    reading = Lock()

    def work(first: int) -> tuple[int, Floats]:
        last = min(first + size, total)
        with_items: slice | list[int] = slice(first, last) if rows is None else rows[first:last]
        stack = _stack(arrays, with_items, (last - first, *shape), reading)
        found = np.stack([agree_all(stack, name, **params) for name, params in wanted.values()])
        return last - first, np.moveaxis(found, 1, -1)

    kept = [] if average else [np.empty((len(wanted), len(arrays), len(arrays), total))]
    sums, undefined = np.zeros((2, len(wanted), len(arrays), len(arrays)))
    done = 0
    with bar("agreement" if progress else None, total) as counter:
        for step, found in _in_order(work, range(0, total, size), workers, list(arrays.values())):
            for values in kept:
                values[..., done : done + step] = found
            missing = np.isnan(found)
            sums += np.where(missing, 0, found).sum(-1)
            undefined += missing.sum(-1)
            done += step
            counter.advance(step)
    with np.errstate(invalid="ignore"):
        values = sums / np.where(undefined < total, total - undefined, np.nan) if average else kept[0]
    return AgreementTensor(values, undefined.astype(np.int64), tuple(wanted), tuple(arrays))


def _in_order(work: Work, firsts: range, workers: int, arrays: Sequence[Any]) -> Iterator[tuple[int, Floats]]:
    """Results one after the other, with never more than a few waiting to be taken."""
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(firsts), WAITING * workers):
            yield from pool.map(work, firsts[start : start + WAITING * workers])
            _let_go(arrays)


def _let_go(arrays: Sequence[Any]) -> None:
    """Pages of a mapped file that were read count as this process's memory until it lets go of them."""
    files = {
        id(file): file for array in arrays if isinstance(array, np.memmap) and (file := _mapped(array)) is not None
    }
    for file in files.values():
        if hasattr(file, "madvise") and hasattr(mmap, "MADV_DONTNEED"):
            file.madvise(mmap.MADV_DONTNEED)


def _mapped(array: np.memmap[Any, Any]) -> mmap.mmap | None:
    """The file behind an array or a part of it; none where changes are kept in memory, for they would be lost."""
    if array.mode == "c":
        return None
    base: Any = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "base", None)
    return base


def _arrays(maps: Any) -> dict[str, Any]:
    named = maps.items() if isinstance(maps, Mapping) else ((str(place), values) for place, values in enumerate(maps))
    arrays = {str(name): values if hasattr(values, "shape") else np.asarray(values) for name, values in named}
    if not arrays:
        raise BinomeError("there are no maps; give those of one method or more")
    return arrays


def _common_shape(arrays: Mapping[str, Any]) -> tuple[int, tuple[int, ...]]:
    shapes = {name: tuple(values.shape) for name, values in arrays.items()}
    first, expected = next(iter(shapes.items()))
    for name, shape in shapes.items():
        if shape != expected:
            raise BinomeError(f"maps {name} have shape {shape}, maps {first} {expected}; they must be alike")
    if len(expected) < 2 or 0 in expected:
        raise BinomeError(f"maps {first} have shape {expected}; give (n, …) with at least one item")
    return expected[0], expected[1:]


def _measures(measures: Sequence[str | Spec], k: int) -> Measures:
    wanted: dict[str, tuple[str, Mapping[str, Any]]] = {}
    if isinstance(measures, str):
        raise BinomeError(f"measures is {measures!r}; give a list of names")
    for measure in measures:
        name, params = (measure, {}) if isinstance(measure, str) else (measure.name, dict(measure.params))
        check_call("agreement measure", name, registry.get(name).target, params, HARNESS)
        told = ", ".join(f"{key}={value}" for key, value in params.items())
        label = f"{name} ({told})" if told else name
        if label in wanted:
            raise BinomeError(f"measure {label} comes twice; give each once")
        wanted[label] = name, with_k(name, params, k)
    if not wanted:
        raise BinomeError(f"there is no measure; give some of {', '.join(registry.names())}")
    return wanted


def _rows(items: Sequence[int] | None, count: int) -> list[int] | None:
    if items is None:
        return None
    rows = [int(row) for row in items]
    if not rows or min(rows) < 0 or max(rows) >= count:
        raise BinomeError(f"items are {rows}; give one or more rows from 0 to {count - 1}")
    return rows


def _plan(
    arrays: Mapping[str, Any], shape: tuple[int, ...], k: int, memory: int | str, threads: int | None
) -> tuple[int, int]:
    """Items at a time in each thread, and threads."""
    methods, features = len(arrays), int(np.prod(shape))
    pairs = methods**2 * (32 + k)
    an_item = 8 * methods * (COPIES * features + 2 * min(methods * k, 3 * features)) + pairs
    allowed, most = read_memory(memory), torch.get_num_threads() if threads is None else threads
    if most < 1:
        raise BinomeError(f"threads is {threads}; give 1 or more")
    if allowed is None or an_item > allowed:
        raise BinomeError(
            f"one item of {methods} methods takes about {an_item / 2**20:.0f} MiB, memory is {memory!r}; allow more, "
            "or give fewer methods at a time"
        )
    workers = min(most, allowed // an_item)
    return max(1, min(allowed // workers, CHUNK) // an_item), workers


def _stack(arrays: Mapping[str, Any], rows: slice | list[int], shape: tuple[int, ...], reading: Lock) -> Stack:
    """The maps of these items, item by item, each with its methods in turn."""
    values: npt.NDArray[np.float64] = np.empty((shape[0], len(arrays), int(np.prod(shape[1:]))))
    for place, (name, array) in enumerate(arrays.items()):
        with reading:  # what gives rows may be a file, with one place to read at
            part = array[rows]
        values[:, place] = numbers(part, f"maps {name}").reshape(shape[0], -1)
    return Stack(values.reshape(-1, values.shape[2]), shape[1:], methods=len(arrays))
