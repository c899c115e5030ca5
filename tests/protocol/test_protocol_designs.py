"""Designs against their defining properties, counted by brute force."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations, pairwise, permutations
from math import factorial

import pytest

from binome.core import BinomeError
from binome.protocol.dealing import Dealing, deal
from binome.protocol.designs import complete, latin, order_of, orders, williams


def spread(counts: Counter[tuple[int, int]], cells: Sequence[tuple[int, int]]) -> int:
    """Between the fullest and the emptiest of the cells."""
    values = [counts[cell] for cell in cells]
    return max(values) - min(values)


def unevenness(rows: Sequence[Sequence[int]], n: int) -> tuple[int, int]:
    """Of treatments over places, and of the successions of two treatments."""
    places = Counter(place for row in rows for place in enumerate(row))
    successions = Counter(pair for row in rows for pair in pairwise(row))
    cells = [(place, treatment) for place in range(n) for treatment in range(n)]
    return spread(places, cells), spread(successions, list(permutations(range(n), 2)))


@pytest.mark.parametrize("n", range(1, 10))
def test_williams_balances_places_and_successions(n: int) -> None:
    rows = williams(n)
    assert len(rows) == (n if n % 2 == 0 else 2 * n)
    assert all(sorted(row) == list(range(n)) for row in rows)
    for place in range(n):
        assert set(Counter(row[place] for row in rows).values()) == {len(rows) // n}
    successions = Counter(pair for row in rows for pair in pairwise(row))
    assert set(successions) == set(permutations(range(n), 2))
    assert len(set(successions.values())) <= 1


@pytest.mark.parametrize("n", range(1, 8))
def test_latin_has_each_treatment_once_at_each_place(n: int) -> None:
    rows = latin(n)
    assert len(rows) == n
    assert all(set(row) == set(range(n)) for row in rows)
    assert all({row[place] for row in rows} == set(range(n)) for place in range(n))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_complete_has_every_order_once_and_stays_even_on_the_way(n: int) -> None:
    rows = complete(n)
    assert len(rows) == factorial(n)
    assert {tuple(row) for row in rows} == set(permutations(range(n)))
    places: Counter[tuple[int, int]] = Counter()
    successions: Counter[tuple[int, int]] = Counter()
    cells = [(place, treatment) for place in range(n) for treatment in range(n)]
    pairs = list(permutations(range(n), 2))
    for number, row in enumerate(rows, start=1):
        places.update(enumerate(row))
        successions.update(pairwise(row))
        assert spread(places, cells) == (number % n > 0)
        assert spread(successions, pairs) <= 5
        if number in (len(williams(n)), factorial(n)):
            assert spread(successions, pairs) == 0


@pytest.mark.parametrize(("n", "prefix"), [(3, 6), (4, 4)])
def test_no_choice_of_as_many_orders_would_be_more_even(n: int, prefix: int) -> None:
    rows, everything = complete(n), list(permutations(range(n)))
    for number in range(1, prefix + 1):
        best = min(unevenness(chosen, n) for chosen in combinations(everything, number))
        assert unevenness(rows[:number], n) == best


def test_complete_refuses_seven_conditions() -> None:
    with pytest.raises(BinomeError, match="7 conditions; at most 6"):
        orders("complete", 7)


@pytest.mark.parametrize("kind", ["williams", "latin", "complete", "random", "fixed"])
def test_one_condition_has_one_order(kind: str) -> None:
    assert orders(kind, 1) == [[0]]


def test_random_orders_differ_between_slots_and_repeat_for_one_slot() -> None:
    drawn = [tuple(order_of("random", 4, slot, 0)) for slot in range(200)]
    assert set(drawn) == set(permutations(range(4)))
    assert drawn == [tuple(order_of("random", 4, slot, 0)) for slot in range(200)]
    assert drawn != [tuple(order_of("random", 4, slot, 1)) for slot in range(200)]
    assert drawn != [tuple(order_of("random", 4, slot, 0, "sex=female")) for slot in range(200)]


@pytest.mark.parametrize("kind", ["williams", "latin", "complete", "fixed", "random"])
@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_items_meet_conditions_evenly_in_every_order(kind: str, n: int) -> None:
    items = list(range(3 * n + 1))
    rows = len(orders(kind, n))
    dealing = Dealing(len(items), len(items), n, rows=rows)
    assert dealing.period == n
    cells: Counter[tuple[int, int]] = Counter()
    crossed: Counter[tuple[int, int, int]] = Counter()
    for slot in range(2 * n * max(n, rows)):
        sets = [blocks[0] for blocks in deal(items, dealing, slot, seed=3)]
        assert sorted(item for chosen in sets for item in chosen) == items
        for condition, chosen in enumerate(sets):
            for item in chosen:
                cells[item, condition] += 1
                crossed[item, condition, slot % rows] += 1
        if (slot + 1) % n == 0:
            assert len(cells) == len(items) * n
            assert set(cells.values()) == {(slot + 1) // n}
    if rows % n == 0:
        assert len(crossed) == len(items) * n * rows
        assert len(set(crossed.values())) == 1


POOLS = [
    # items, each, conditions, blocks, wrong, kinds
    (24, 24, 4, 1, 6, 2),
    (25, 25, 4, 1, 6, 3),
    (60, 20, 4, 1, 15, 2),
    (60, 20, 4, 1, 15, 10),
    (50, 12, 4, 1, 13, 2),
    (97, 20, 4, 2, 29, 5),
    (40, 20, 1, 1, 20, 2),
    (40, 10, 3, 2, 10, 2),
    (48, 48, 3, 2, 12, 4),
    (30, 7, 3, 1, 10, 3),
    (9, 2, 2, 1, 0, 1),
]  # fmt: skip


@pytest.mark.parametrize(("count", "each", "conditions", "blocks", "wrong", "kinds"), POOLS)
def test_cells_of_items_from_a_pool_fill_evenly(
    count: int, each: int, conditions: int, blocks: int, wrong: int, kinds: int
) -> None:
    items = list(range(count))
    dealing = Dealing(count, each, conditions, blocks)
    cells: Counter[tuple[int, int]] = Counter()
    every = [(item, condition) for item in items for condition in range(conditions)]
    for turn in range(2 * dealing.period):
        dealt = deal(items, dealing, turn, 3, right=lambda item: item >= wrong, kind=lambda item: item % kinds)
        own = [item for parts in dealt for part in parts for item in part]
        assert len(own) == len(set(own)) == each
        assert abs(sum(item < wrong for item in own) - each * wrong / count) < 1
        kind = Counter(item % kinds for item in own)
        assert max(kind.values()) - min(kind[k] for k in range(kinds)) <= 3
        for condition, parts in enumerate(dealt):
            assert len(parts) == blocks
            for part in parts:
                assert abs(len(part) - each / conditions / blocks) < 1
                assert abs(sum(item < wrong for item in part) - len(part) * wrong / count) < 1
            cells.update((item, condition) for part in parts for item in part)
        assert spread(cells, every) <= 1
        if (turn + 1) % dealing.period == 0:
            assert spread(cells, every) == 0


def test_blocks_of_a_condition_get_the_same_items_in_turn() -> None:
    """12 items, two conditions in two blocks: after four rounds of both, each item was in each block as often."""
    dealing = Dealing(12, 12, 2, 2, rows=2)
    cells: Counter[tuple[int, int, int]] = Counter()
    for turn in range(8):
        for condition, parts in enumerate(deal(list(range(12)), dealing, turn, 0)):
            cells.update((item, condition, block) for block, part in enumerate(parts) for item in part)
    assert set(cells.values()) == {2}
    assert len(cells) == 12 * 2 * 2


def test_dealings_differ_by_seed_and_path() -> None:
    def dealt(seed: int, *path: str) -> list[list[list[int]]]:
        return deal(list(range(30)), Dealing(30, 10, 2), 0, seed, *path)

    assert dealt(1) == dealt(1)
    assert dealt(1) != dealt(2)
    assert dealt(1) != dealt(1, "sex=female")
