"""Experimental designs: orders of conditions, and which items meet which condition."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from binome.core import derive_seed

T = TypeVar("T")


def williams(n: int) -> list[list[int]]:
    """A Williams design (Williams 1949): Latin square(s) in which each treatment follows each other equally often.

    Returns:
        n orders for even n, 2n for odd n (the square and its mirror image).
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
    """The orders that a design goes through; a random design has one, shuffled anew for each slot."""
    return {
        "williams": williams,
        "latin": latin,
        "fixed": lambda n: [list(range(n))],
        "random": lambda n: [list(range(n))],
    }[kind](n)


def order_of(kind: str, n: int, slot: int, seed: int) -> list[int]:
    """The order of conditions of one slot."""
    table = orders(kind, n)
    order = list(table[slot % len(table)])
    return shuffled(order, seed, "order", slot) if kind == "random" else order


def item_sets(items: Sequence[T], n: int, slot: int, table: int, seed: int) -> list[list[T]]:
    """The items of each of n conditions for one slot: n fixed sets, turned by a place after each run through the orders.

    Over n × `table` slots, each set (so each item) meets each condition equally often in each order.
    """
    mixed = shuffled(items, seed, "sets")
    sets = [mixed[start::n] for start in range(n)]
    turn = slot // table
    return [sets[(condition + turn) % n] for condition in range(n)]


def shuffled(values: Sequence[T], seed: int, *path: str | int) -> list[T]:
    """A copy in random order."""
    mixed = list(values)
    random.Random(derive_seed(seed, *path)).shuffle(mixed)
    return mixed
