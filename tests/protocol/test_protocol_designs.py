"""Designs against their defining properties, counted by brute force."""

from collections import Counter
from itertools import pairwise, permutations

import pytest

from binome.protocol.designs import item_sets, latin, order_of, orders, williams


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


def test_random_orders_differ_between_slots_and_repeat_for_one_slot() -> None:
    drawn = [tuple(order_of("random", 4, slot, 0)) for slot in range(200)]
    assert set(drawn) == set(permutations(range(4)))
    assert drawn == [tuple(order_of("random", 4, slot, 0)) for slot in range(200)]
    assert drawn != [tuple(order_of("random", 4, slot, 1)) for slot in range(200)]


@pytest.mark.parametrize("kind", ["williams", "latin", "fixed", "random"])
@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_items_meet_conditions_evenly(kind: str, n: int) -> None:
    items = list(range(3 * n + 1))
    rows = len(orders(kind, n))
    cells: Counter[tuple[int, int]] = Counter()
    crossed: Counter[tuple[int, int, int]] = Counter()
    for slot in range(2 * n * rows):
        sets = item_sets(items, n, slot, rows, seed=3)
        assert sorted(item for chosen in sets for item in chosen) == items
        for condition, chosen in enumerate(sets):
            for item in chosen:
                cells[item, condition] += 1
                crossed[item, condition, slot % rows] += 1
        if (slot + 1) % n == 0:
            assert len(cells) == len(items) * n
            assert set(cells.values()) == {(slot + 1) // n}
    assert len(crossed) == len(items) * n * rows
    assert set(crossed.values()) == {2}


def test_strata_are_dealt_evenly() -> None:
    items = list(range(24))
    sets = item_sets(items, 4, 0, 4, seed=1, stratum=lambda item: item < 18)
    wrong = [sum(item >= 18 for item in chosen) for chosen in sets]
    assert sorted(wrong) == [1, 1, 2, 2]
