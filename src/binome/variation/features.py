"""Maps as rows of features, with what agreement measures read from them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from binome.core import BinomeError
from binome.core.kinds import is_whole

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
"""One number a feature: its place in the falling order of values in the upper 32 bits, the feature in the lower."""
T = TypeVar("T")

BLOCK = 2**16
UPPER, FEATURE = np.uint64(2**32), np.uint64(2**32 - 1)


@dataclass(frozen=True)
class Features:
    """Maps of n items with what measures read from them, each computed once however many pairs they are in.

    Attributes:
        values: float64 (n, features), signed.
        shape: of one map as it was given, e.g. (channels, height, width); empty when nobody told.
        memory: what `once` keeps.
    """

    values: Floats
    shape: tuple[int, ...] = ()
    memory: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, maps: Any, name: str = "maps") -> Features:
        """Maps (n, …) of any kind, copied.

        Raises:
            BinomeError: for no item, no feature, or values that are not finite numbers.
        """
        array = numbers(maps, name)
        return cls(array.reshape(len(array), -1), array.shape[1:])

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """What a measure derives from these maps alone is computed once for all pairs; `key` says what it is."""
        if key not in self.memory:
            self.memory[key] = compute()
        value: T = self.memory[key]
        return value

    @cached_property
    def sizes(self) -> Floats:
        """Importance: |value|."""
        return np.abs(self.values)

    @cached_property
    def order(self) -> Ints:
        """Features by importance, the most important first; among equals, the first comes first."""
        return (self._sorted & FEATURE).view(np.int64)

    @cached_property
    def places(self) -> Ints:
        """Place of each feature in that order, from 0."""
        places = np.empty_like(self.order)
        np.put_along_axis(places, self.order, np.arange(places.shape[1])[None], axis=1)
        return places

    @cached_property
    def size_ranks(self) -> Floats:
        """Average ranks of importance, less their mean."""
        return _average_ranks(self._sorted)

    @cached_property
    def value_ranks(self) -> Floats:
        """Average ranks of the signed values, less their mean."""
        return _average_ranks(_sorted_keys(self.values))

    @cached_property
    def constant(self) -> Bools:
        """Items whose map has one value everywhere: it says nothing, and has no ranking."""
        return np.asarray(np.ptp(self.values, axis=1) == 0)

    @cached_property
    def unranked(self) -> Bools:
        """Items all of whose features are equally important."""
        return np.asarray(np.ptp(self.sizes, axis=1) == 0)

    def leading(self, k: int) -> Ints:
        """The k most important features (n, k), the most important first.

        Raises:
            BinomeError: when there are fewer than k features.
        """
        if not is_whole(k) or not 1 <= k <= self.values.shape[1]:
            raise BinomeError(f"k is {k!r}; give 1 to {self.values.shape[1]}, the number of features")
        return (self._sorted[:, :k] & FEATURE).view(np.int64)

    def top(self, k: int) -> Bools:
        """Mask of the k most important features.

        Raises:
            BinomeError: when there are fewer than k features.
        """
        mask = np.zeros(self.values.shape, dtype=np.bool_)
        np.put_along_axis(mask, self.leading(k), True, axis=1)
        return mask

    @cached_property
    def _sorted(self) -> Keys:
        return _sorted_keys(self.sizes)


@dataclass(frozen=True)
class Stack(Features):
    """Maps of n items by several methods, as features of n · methods rows: item by item, each with its methods in turn.

    Attributes:
        methods: how many.
    """

    methods: int = 1

    def apart(self, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """(n · methods, …) as (n, methods, …)."""
        return rows.reshape(-1, self.methods, *rows.shape[1:])

    def either(self, flags: Bools) -> Bools:
        """Whether one map of a pair has the flag: (n · methods,) as (n, methods, methods)."""
        each = self.apart(flags)
        return np.asarray(each[:, :, None] | each[:, None])

    def one(self, method: int) -> Features:
        """The maps of one method; the same object each time."""
        return self.once(("one", method), lambda: Features(self.apart(self.values)[:, method], self.shape))


def numbers(maps: Any, name: str) -> Floats:
    """Maps (n, …) as a new float64 array.

    Raises:
        BinomeError: for no item, no feature, or values that are not finite numbers.
    """
    try:
        array = np.array(maps.detach().cpu().double().numpy() if hasattr(maps, "detach") else maps, np.float64)
    except (ValueError, TypeError) as error:
        raise BinomeError(f"{name} cannot be read as numbers (n, …): {error}") from error
    if array.ndim < 2 or array.size == 0:
        raise BinomeError(f"{name} have shape {array.shape}; give (n, …) with at least one item")
    finite = np.isfinite(array.reshape(len(array), -1)).all(1)
    if not finite.all():
        raise BinomeError(f"item {int(finite.argmin())} of {name} holds NaN or infinite values; mend or drop it")
    return array


def blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Rows that are worked on at once: few, so that what is made of them in passing stays in the cache."""
    step = max(1, BLOCK // shape[1])
    for first in range(0, shape[0], step):
        yield slice(first, first + step)


def _sorted_keys(values: Floats) -> Keys:
    """Keys of each row in order. Sorting such numbers is stable, and several times as fast as sorting indices."""
    keys = np.empty(values.shape, dtype=np.uint64)
    for rows in blocks(values.shape):
        keys[rows] = _keys(values[rows])
        keys[rows].sort(axis=1)
    return keys


def _keys(values: Floats) -> Keys:
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    upper = _falling_bits(single) if np.array_equal(single, values) else _falling_places(values)
    places = upper.astype(np.uint64) * UPPER
    places += np.arange(values.shape[1], dtype=np.uint64)
    return places


def _falling_bits(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint32]:
    """Numbers that fall as the values rise, equal for equal values.

    The bits of a float of 32 bits, read as a whole number, rise with its size: all but the sign is inverted where the
    value is positive, and the sign makes the negative ones larger.
    """
    bits = (values + np.float32(0)).view(np.int32)  # adding 0 makes -0 a 0
    return (bits ^ (~(bits >> 31) & np.int32(0x7FFFFFFF))).view(np.uint32)


def _falling_places(values: Floats) -> npt.NDArray[np.uint32]:
    """The place of each value among the different values of its row, 0 for the largest."""
    order = np.argsort(-values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    steps = np.zeros(values.shape, dtype=np.uint32)
    np.cumsum(ordered[:, 1:] != ordered[:, :-1], axis=1, out=steps[:, 1:])
    places = np.empty_like(steps)
    np.put_along_axis(places, order, steps, axis=1)
    return places


def _average_ranks(keys: Keys) -> Floats:
    """Ranks, rising with the values and 0 on average; equal ones share the mean of theirs. `keys` are sorted."""
    ranks = np.empty(keys.shape)
    for rows in blocks(keys.shape):
        _spread(_ordered_ranks(keys[rows]), keys[rows], ranks[rows])
    return ranks


def _ordered_ranks(keys: Keys) -> Floats:
    """Ranks in the order of the keys."""
    width = keys.shape[1]
    ranks = np.tile((width - 1) / 2 - np.arange(width), (len(keys), 1))
    first = np.ones(keys.shape, dtype=np.bool_)
    np.greater(keys[:, 1:] ^ keys[:, :-1], FEATURE, out=first[:, 1:])  # some bit of the upper half differs
    last = np.ones(keys.shape, dtype=np.bool_)
    last[:, :-1] = first[:, 1:]
    starts, ends = np.flatnonzero(first & ~last), np.flatnonzero(last & ~first)
    means = (ranks.reshape(-1)[starts] + ranks.reshape(-1)[ends]) / 2
    ranks[~(first & last)] = np.repeat(means, ends - starts + 1)
    return ranks


def _spread(ordered: Floats, keys: Keys, out: Floats) -> None:
    """Write what is in falling order to the features' own places."""
    features = (keys & FEATURE).view(np.int64)
    features += keys.shape[1] * np.arange(len(keys))[:, None]
    out.reshape(-1)[features] = ordered
