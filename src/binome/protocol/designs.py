"""Experimental designs: orders of conditions, and which items meet which condition."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from binome.core import derive_seed

T = TypeVar("T")


def williams(n: int) -> list[list[int]]:
    """Latin squares in which each treatment directly follows each other one equally often.

    Returns:
        n orders for even n, 2n for odd n (the square and its mirror image); (rows, n) indices.

    Williams (1949), Experimental designs balanced for the estimation of residual effects of treatments,
    Australian Journal of Scientific Research A 2, 149-168.
    """
    first = [0]
    low, high = 1, n - 1
    while len(first) < n:
        first.append(low)
        low += 1
        if len(first) < n:
            first.append(high)
            high -= 1
    square = [[(value + row) % n for value in first] for row in range(n)]
    return square if n % 2 == 0 else square + [order[::-1] for order in square]


def latin(n: int) -> list[list[int]]:
    """The cyclic Latin square: each treatment once at each place."""
    return [[(row + place) % n for place in range(n)] for row in range(n)]


def orders(kind: str, n: int) -> list[list[int]]:
    """The orders that a design goes through; `random` has one, shuffled anew for each slot."""
    if kind == "williams":
        return williams(n)
    if kind == "latin":
        return latin(n)
    return [list(range(n))]


def order_of(kind: str, n: int, slot: int, seed: int) -> list[int]:
    """The order of conditions of one slot."""
    table = orders(kind, n)
    order = list(table[slot % len(table)])
    return shuffled(order, seed, "order", slot) if kind == "random" else order


def item_sets(
    items: Sequence[T], n: int, slot: int, rows: int, seed: int, stratum: Callable[[T], Any] = lambda item: 0
) -> list[list[T]]:
    """The items of each of n conditions for one slot: n fixed sets, which the conditions take in turn.

    After every n slots each set (so each item) has met each condition equally often; after n × `rows`
    slots (rows: the number of orders of the design) it has done so in each order too.

    Args:
        stratum: items that it does not tell apart are dealt evenly over the sets, so that, say, all
            conditions have the same share of right advice.
    """
    mixed = sorted(shuffled(items, seed, "sets"), key=stratum)
    sets = [mixed[start::n] for start in range(n)]
    # Without the second term, the n-th row of a square would always meet the n-th set.
    turn = slot + slot // rows if rows > 1 else slot
    return [sets[(condition + turn) % n] for condition in range(n)]


def shuffled(values: Sequence[T], seed: int, *path: str | int) -> list[T]:
    """A copy in random order."""
    mixed = list(values)
    random.Random(derive_seed(seed, *path)).shuffle(mixed)
    return mixed
