"""Experimental designs: the orders of conditions that operators go through."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise, permutations
from typing import TypeVar

from binome.core import BinomeError, derive_seed

T = TypeVar("T")
Order = tuple[int, ...]

MOST_COMPLETE = 6
"""Conditions beyond which complete counterbalancing is refused: seven have 5040 orders."""


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


def complete(n: int) -> list[list[int]]:
    """All n! orders, one Latin square after the other.

    However far one goes, no treatment was at a place more than once more often than another. Squares, and the orders
    within each, come so that the successions of treatments stay as even as looking one step ahead can make them; the
    first are those of `williams`.

    Raises:
        BinomeError: beyond `MOST_COMPLETE` treatments.
    """
    if n > MOST_COMPLETE:
        raise BinomeError(f"complete counterbalancing of {n} conditions; at most {MOST_COMPLETE}, or use `williams`")
    return [list(order) for order in _all_orders(n)]


def orders(kind: str, n: int) -> list[list[int]]:
    """The orders that a design goes through; `random` has one, shuffled anew for each slot."""
    tables = {"williams": williams, "latin": latin, "complete": complete}
    return tables[kind](n) if kind in tables and n > 1 else [list(range(n))]


def order_of(kind: str, n: int, slot: int, seed: int, *path: str | int) -> list[int]:
    """The order of conditions of one slot; `path` tells random orders apart beyond the slot."""
    table = orders(kind, n)
    order = list(table[slot % len(table)])
    return shuffled(order, seed, "order", slot, *path) if kind == "random" else order


def shuffled(values: Sequence[T], seed: int, *path: str | int) -> list[T]:
    """A copy in random order."""
    mixed = list(values)
    random.Random(derive_seed(seed, *path)).shuffle(mixed)
    return mixed


@cache
def _all_orders(n: int) -> tuple[Order, ...]:
    # An order and what adding 1, 2, … (modulo n) makes of it are a Latin square; the squares share no order.
    begun = [tuple(order) for order in williams(n) if order[0] == 0]
    left = [order for rest in permutations(range(1, n)) if (order := (0, *rest)) not in begun]
    steps: Counter[int] = Counter()
    met: Counter[tuple[int, int]] = Counter()
    found: list[Order] = []
    while begun or left:
        square = begun.pop(0) if begun else left.pop(_least(steps, [_steps(order) for order in left]))
        steps.update(_steps(square))
        rows = [tuple((value + row) % n for value in square) for row in range(n)]
        while rows:
            row = rows.pop(_least(met, [list(pairwise(row)) for row in rows]))
            met.update(pairwise(row))
            found.append(row)
    return tuple(found)


def _steps(order: Order) -> list[int]:
    """By how much each treatment is above the one before it, modulo n: all that a square's successions depend on."""
    return [(after - before) % len(order) for before, after in pairwise(order)]


def _least(counts: Counter[T], choices: Sequence[Iterable[T]]) -> int:
    """The first of the choices that adds to the rarest: the sum of squared counts grows least with it."""

    def growth(choice: int) -> int:
        new = Counter(choices[choice]).items()
        return sum((counts[value] + times) ** 2 - counts[value] ** 2 for value, times in new)

    return min(range(len(choices)), key=growth)
