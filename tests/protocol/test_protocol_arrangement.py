"""What operators get by their place: conditions, items and the places of wrong advice, counted by brute force."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby, pairwise, permutations, product
from math import factorial
from pathlib import Path

import pytest

from binome import protocol
from binome.core import BinomeError
from binome.core.stimulus import StimulusSet
from binome.protocol import Place, check_supply, group_of, groups_of
from binome.protocol.arrangement import Blocks, arrange
from binome.protocol.error_places import ordered, shortage
from binome.protocol.schema import ErrorsSpec

Write = Callable[..., Path]
Make = Callable[..., StimulusSet]
Load = Callable[..., protocol.Protocol]
DESIGN = "{kind: within, order: williams, operators: 16}"
MIXED = "groups: {novices: [alone, advised], experts: [alone, explained, placebo]}"
FACTORS = """factors: {help: {levels: {little: [alone, advised], much: [explained, placebo]}, between: true},
  sort: {levels: {one: [alone, explained], other: [advised, placebo]}}}"""


@pytest.fixture
def load(write_study: Write) -> Load:
    """The small study with another design."""

    def load(design: str, *changes: tuple[str, str]) -> protocol.Protocol:
        return protocol.load(write_study((DESIGN, f"{{{design}}}"), *changes))

    return load


def wrong_places(blocks: Blocks) -> list[list[int]]:
    """By block, the places of wrong advice, from 1."""
    return [[place for place, item in enumerate(items, 1) if item.advice != item.truth] for _, items in blocks]


def cells(arranged: Sequence[Blocks]) -> Counter[tuple[str, str]]:
    return Counter((item.id, name) for blocks in arranged for name, items in blocks for item in items)


def test_groups_of_every_kind(load: Load) -> None:
    names = ["alone", "advised", "explained", "placebo"]
    assert groups_of(load("kind: within, operators: 8").study) == {"all": names}
    assert groups_of(load("kind: between, operators: 8").study) == {name: [name] for name in names}
    mixed = groups_of(load(f"kind: mixed, operators: 12, {MIXED}").study)
    assert mixed == {"novices": ["alone", "advised"], "experts": ["alone", "explained", "placebo"]}
    factorial_ = load(f"kind: factorial, operators: 8, {FACTORS}").study
    assert groups_of(factorial_) == {"little": ["alone", "advised"], "much": ["explained", "placebo"]}
    within = load(f"kind: factorial, operators: 8, {FACTORS.replace(', between: true', '')}").study
    assert groups_of(within) == {"all": names}
    both = FACTORS.replace("other: [advised, placebo]}}", "other: [advised, placebo]}, between: true}")
    assert groups_of(load(f"kind: factorial, operators: 8, {both}").study) == {
        "little.one": ["alone"], "little.other": ["advised"], "much.one": ["explained"], "much.other": ["placebo"],
    }  # fmt: skip


def test_every_group_has_its_share_of_the_slots_and_its_own_turns(load: Load) -> None:
    study = load(f"kind: mixed, operators: 12, {MIXED}").study
    found = [group_of(study, Place(slot)) for slot in range(12)]
    for turn in range(6):
        assert sorted(found[2 * turn : 2 * turn + 2]) == [("experts", turn), ("novices", turn)]
    assert {found[2 * turn][0] for turn in range(6)} == {"novices", "experts"}
    assert group_of(study, Place(5, group="novices")) == ("novices", 5)


@pytest.mark.parametrize("chosen", [True, False])
def test_mixed_groups_meet_their_conditions_in_balanced_orders(load: Load, make_stimuli: Make, chosen: bool) -> None:
    loaded, stimuli = load(f"kind: mixed, operators: 12, {MIXED}"), make_stimuli()
    for group, names in groups_of(loaded.study).items():
        places = [Place(turn, group=group) for turn in range(6)]
        if not chosen:
            places = [place for place in map(Place, range(12)) if group_of(loaded.study, place)[0] == group]
        arranged = [arrange(loaded, stimuli, place, 0) for place in places]
        orders = Counter(tuple(name for name, _ in blocks) for blocks in arranged)
        assert set(orders) == set(permutations(names))
        assert set(orders.values()) == {6 // factorial(len(names))}
        assert set(cells(arranged).values()) == {6 // len(names)}
        assert len(cells(arranged)) == 24 * len(names)


def test_blocks_repeat_the_order_with_items_of_their_own(load: Load, make_stimuli: Make) -> None:
    loaded, stimuli = load("kind: within, operators: 8, blocks: 3"), make_stimuli()
    arranged = [arrange(loaded, stimuli, Place(slot), 0) for slot in range(8)]
    for blocks in arranged:
        names = [name for name, _ in blocks]
        assert names[:4] * 3 == names
        assert sorted(names[:4]) == sorted(loaded.study.conditions)
        assert [len(items) for _, items in blocks] == [2] * 12
        assert len({item.id for _, items in blocks for item in items}) == 24
    assert set(cells(arranged).values()) == {2}


@pytest.mark.parametrize(
    ("design", "each", "period"),
    [
        ("kind: within, order: williams", 8, 12),
        ("kind: within, order: complete", 8, 12),
        ("kind: within, order: random, blocks: 2", 16, 6),
        ("kind: within, order: fixed", 10, 48),
        ("kind: between", 5, 24),
        (f"kind: mixed, {MIXED}", 12, 12),
        (f"kind: factorial, {FACTORS}", 18, 8),
    ],
)
@pytest.mark.parametrize("stratum", ["", "sex=female"])
def test_a_pool_fills_every_cell_of_a_group_evenly(
    load: Load, make_stimuli: Make, design: str, each: int, period: int, stratum: str
) -> None:
    loaded, stimuli = load(f"{design}, operators: 48, items_each: {each}", ("checks: 3", "checks: 0")), make_stimuli()
    for group, names in groups_of(loaded.study).items():
        counts: Counter[tuple[str, str]] = Counter()
        every = [(item.id, name) for item in stimuli.by_role("trial") for name in names]
        for slot in range(2 * period):
            blocks = arrange(loaded, stimuli, Place(slot, stratum, group), 0)
            assert len({item.id for _, items in blocks for item in items}) == each
            assert abs(sum(map(len, wrong_places(blocks))) - each / 4) < 1
            counts += cells([blocks])
            found = [counts[cell] for cell in every]
            assert max(found) - min(found) <= 1
            if (slot + 1) % period == 0:
                assert max(found) == min(found)


def test_strata_go_through_the_design_by_themselves(load: Load, make_stimuli: Make) -> None:
    """Each has all orders, with its own conditions first and its own dealing of the items."""
    loaded, stimuli = load("kind: within, operators: 8"), make_stimuli()
    strata = [f"sex={sex}" for sex in ("female", "male", "other", "none")]
    first = set()
    for stratum in strata:
        arranged = [arrange(loaded, stimuli, Place(slot, stratum), 0) for slot in range(4)]
        orders = [tuple(name for name, _ in blocks) for blocks in arranged]
        assert len(set(orders)) == 4
        assert all(len({order[place] for order in orders}) == 4 for place in range(4))
        assert set(cells(arranged).values()) == {1}
        first.add((orders[0], tuple(item.id for item in arranged[0][0][1])))
    assert len({order for order, _ in first}) > 1
    assert len({items for _, items in first}) == 4
    fixed = load("kind: within, order: fixed, operators: 8")
    for stratum in strata:
        blocks = arrange(fixed, stimuli, Place(0, stratum), 0)
        assert [name for name, _ in blocks] == list(fixed.study.conditions)


RULES = [
    ErrorsSpec(),
    ErrorsSpec(none_among_first=2),
    ErrorsSpec(most_in_a_row=1),
    ErrorsSpec(most_in_a_row=2),
    ErrorsSpec(none_among_first=1, most_in_a_row=2),
    ErrorsSpec(at=[2, 5]),
]


def is_valid(pattern: Sequence[bool], errors: ErrorsSpec) -> bool:
    """Straight from the words of the schema."""
    places = [place for place, wrong in enumerate(pattern, 1) if wrong]
    if errors.at:
        return places == errors.at
    runs = [len(list(run)) for wrong, run in groupby(pattern) if wrong]
    most = len(pattern) if errors.most_in_a_row is None else errors.most_in_a_row
    return not any(pattern[: errors.none_among_first]) and max(runs, default=0) <= most


@pytest.mark.parametrize("errors", RULES, ids=str)
def test_a_block_can_be_ordered_when_an_order_exists(errors: ErrorsSpec) -> None:
    for length in range(1, 9):
        for wrong in range(length + 1):
            exists = any(
                is_valid(pattern, errors) for pattern in product((False, True), repeat=length) if sum(pattern) == wrong
            )
            if errors.at and length < max(errors.at):
                continue  # refused by the study's check
            assert (shortage(length, wrong, errors) is None) == exists, (length, wrong)


@pytest.mark.parametrize(("errors", "wrong"), [(RULES[1], 2), (RULES[2], 3), (RULES[3], 3), (RULES[4], 3)], ids=str)
def test_every_valid_order_is_as_likely(errors: ErrorsSpec, wrong: int) -> None:
    length, draws = 6, 6000
    generator = random.Random(5)
    drawn = Counter(
        tuple(item < wrong for item in ordered(range(length), lambda item: item < wrong, errors, generator))
        for _ in range(draws)
    )
    valid = [p for p in product((False, True), repeat=length) if sum(p) == wrong and is_valid(p, errors)]
    assert set(drawn) == set(valid)
    expected = draws / len(valid)
    # Chi-squared: its mean is the number of orders less one, its variance twice that; five standard deviations.
    statistic = sum((count - expected) ** 2 / expected for count in drawn.values())
    free = len(valid) - 1
    assert statistic < free + 5 * (2 * free) ** 0.5


def test_items_of_a_kind_are_shuffled_too() -> None:
    errors, generator = ErrorsSpec(at=[1, 3]), random.Random(0)
    drawn = Counter(tuple(ordered("abXY", str.isupper, errors, generator)) for _ in range(400))
    assert set(drawn) == {("X", "a", "Y", "b"), ("X", "b", "Y", "a"), ("Y", "a", "X", "b"), ("Y", "b", "X", "a")}
    assert min(drawn.values()) > 50


def test_no_wrong_advice_first_nor_two_in_a_row(load: Load, make_stimuli: Make) -> None:
    rule = "errors: {none_among_first: 2, most_in_a_row: 1}"
    loaded, stimuli = load(f"kind: within, operators: 40, {rule}"), make_stimuli()
    check_supply(loaded, stimuli)
    for slot in range(40):
        places = wrong_places(arrange(loaded, stimuli, Place(slot), 0))
        assert sum(map(len, places)) == 6
        for block in places:
            assert all(place > 2 for place in block)
            assert all(after - before > 1 for before, after in pairwise(block))


def test_a_schedule_is_kept_in_every_block(load: Load, make_stimuli: Make) -> None:
    """An early failure and a late one, the items drawn from a pool that has more of both."""
    design = "kind: within, operators: 24, items_each: 16, errors: {at: [1, 4]}"
    loaded, stimuli = load(design, ("accuracy: 0.75", "accuracy: 0.5")), make_stimuli(accuracy=0.5)
    arranged = [arrange(loaded, stimuli, Place(slot), 0) for slot in range(24)]
    for blocks in arranged:
        assert wrong_places(blocks) == [[1, 4]] * 4
        assert len({item.id for _, items in blocks for item in items}) == 16
    assert set(cells(arranged).values()) == {24 * 16 // (24 * 4)}


def test_right_and_wrong_items_of_a_schedule_are_dealt_evenly_by_themselves(load: Load, make_stimuli: Make) -> None:
    design = "kind: within, operators: 24, items_each: 12, errors: {at: [2]}"
    loaded, stimuli = load(design), make_stimuli()
    right = [item.id for item in stimuli.by_role("trial") if item.advice == item.truth]
    counts: Counter[tuple[str, str]] = Counter()
    for slot in range(36):
        counts += cells([arrange(loaded, stimuli, Place(slot), 0)])
        for alike in (True, False):
            ids = [item.id for item in stimuli.by_role("trial") if (item.id in right) == alike]
            found = [counts[item, name] for item in ids for name in loaded.study.conditions]
            assert max(found) - min(found) <= 1


@pytest.mark.parametrize(
    ("errors", "accuracy", "message"),
    [
        ("{at: [1, 4]}", 0.75, "wants 8 wrong advices among the 24 items of an operator, the stimulus set has 6 wrong"),
        ("{most_in_a_row: 1}", 0.25, "a block of 6 items has 4 wrong advices, which cannot be at most 1 in a row"),
        ("{none_among_first: 5}", 0.5, "a block of 6 items has 3 wrong advices, which cannot be none of them among"),
    ],
)
def test_stimuli_that_cannot_give_the_errors_are_refused(
    load: Load, make_stimuli: Make, errors: str, accuracy: float, message: str
) -> None:
    loaded = load(f"kind: within, operators: 16, errors: {errors}", (", predictor_accuracy: 0.75", ""))
    with pytest.raises(BinomeError, match=message):
        check_supply(loaded, make_stimuli(accuracy=accuracy))
