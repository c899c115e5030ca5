"""Which items meet which condition: a pool of items as a circle, of which each operator gets a stretch.

A condition's stretch begins, for each operator, where the one of the operator before ended. So no item has met a
condition more than once more often than any other item has, whatever the numbers, and however many operators there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import gcd, lcm
from typing import Any, TypeVar

from binome.protocol.designs import shuffled

T = TypeVar("T")


@dataclass(frozen=True)
class Dealing:
    """How many items there are, and how an operator's are shared out.

    Attributes:
        items: of the pool.
        each: of them that an operator decides on.
        conditions: that an operator meets.
        blocks: of each condition.
        rows: number of orders of the conditions that the design goes through.
    """

    items: int
    each: int
    conditions: int
    blocks: int = 1
    rows: int = 1

    @property
    def period(self) -> int:
        """Operators after which every item has met every condition equally often."""
        return self.conditions * self.items // gcd(self.each, self.conditions * self.items)

    def places(self, turn: int) -> list[list[range]]:
        """By condition and block, the stretch of the circle (to be taken modulo `items`) of the operator of a turn."""
        # When all cells are even, and all orders were gone through equally often, everyone moves on by one stretch:
        # otherwise an order of conditions would always meet the same items.
        lap, step = divmod(turn, lcm(self.period, self.rows))
        turned = lap % self.blocks
        stretches = [self.stretch(lap + step + condition) for condition in range(self.conditions)]
        return [[*parts[turned:], *parts[:turned]] for parts in stretches]

    def stretch(self, number: int) -> list[range]:
        """A stretch of the circle, by block."""
        start, end = (at * self.each // self.conditions for at in (number, number + 1))
        cuts = [start + (end - start) * part // self.blocks for part in range(self.blocks + 1)]
        return [range(*ends) for ends in pairwise(cuts)]


def deal(
    items: Sequence[T],
    dealing: Dealing,
    turn: int,
    seed: int,
    *path: str | int,
    right: Callable[[T], bool] = lambda item: True,
    kind: Callable[[T], Any] = lambda item: "",
) -> list[list[list[T]]]:
    """The items of each block of each condition, for the operator of a turn.

    After every `dealing.period` operators each item has met each condition equally often; after as many times the
    number of conditions and orders, in each order too.

    Args:
        path: tells apart those who go through another dealing of the same items.
        right: every set of items has its share of those for which it holds, to within one item.
        kind: spread as evenly as may be, apart among those that are right and those that are not.
    """
    circle = _circle(shuffled(items, seed, "sets", *path), dealing, right, kind)
    return [[[circle[place % len(circle)] for place in part] for part in parts] for parts in dealing.places(turn)]


def _circle(items: Sequence[T], dealing: Dealing, right: Callable[[T], bool], kind: Callable[[T], Any]) -> list[T]:
    """The items such that every stretch has as many right ones as any other of its length, to within one."""
    wrong = sum(not right(item) for item in items)
    # Where the multiples of wrong / items pass a whole number: the wrong ones as far from each other as can be.
    spread = [(place + 1) * wrong // len(items) > place * wrong // len(items) for place in range(len(items))]
    circle = list(items)
    for is_wrong in (False, True):
        alike = _evenly([item for item in items if right(item) != is_wrong], kind)
        # The other way round for the wrong ones: where there is one more of a kind here, there is one less there.
        places = [place for place, here in enumerate(spread) if here == is_wrong]
        for place, item in zip(places, reversed(alike) if is_wrong else alike, strict=True):
            circle[place] = item
    return circle


def _evenly(items: Sequence[T], kind: Callable[[T], Any]) -> list[T]:
    """The items with each kind spread over the whole sequence."""
    counts = Counter(kind(item) for item in items)
    seen: Counter[Any] = Counter()
    keys = []
    for item in items:
        one = kind(item)
        keys.append(((seen[one] + 0.5) / counts[one], str(one)))
        seen[one] += 1
    return [items[place] for place in sorted(range(len(items)), key=keys.__getitem__)]
