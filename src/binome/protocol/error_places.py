"""Where in a block the advice is wrong: orders of its items under what the study declares (`design.errors`)."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from math import comb
from typing import TypeVar

from binome.core import BinomeError
from binome.protocol.schema import ErrorsSpec

T = TypeVar("T")


def ordered(items: Sequence[T], wrong: Callable[[T], bool], errors: ErrorsSpec, generator: random.Random) -> list[T]:
    """A block's items in an order that the study allows, each such order being as likely as any other.

    Raises:
        BinomeError: when there is none.
    """
    bad = [item for item in items if wrong(item)]
    good = [item for item in items if not wrong(item)]
    fault = shortage(len(items), len(bad), errors)
    if fault is not None:
        raise BinomeError(f"design.errors: {fault}; build stimuli with another predictor_accuracy, or change the rule")
    generator.shuffle(bad)
    generator.shuffle(good)
    left = {True: iter(bad), False: iter(good)}
    return [next(left[is_wrong]) for is_wrong in _pattern(len(good), len(bad), errors, generator)]


def shortage(length: int, wrong: int, errors: ErrorsSpec) -> str | None:
    """Why a block of that many items, so many of them with wrong advice, cannot be ordered; None when it can."""
    if errors.at:
        if wrong == len(errors.at):
            return None
        return f"a block of {length} items has {wrong} wrong advices, {len(errors.at)} are wanted"
    if _ways(*_free(length - wrong, wrong, errors)):
        return None
    wanted = [f"none of them among the first {errors.none_among_first}"] if errors.none_among_first else []
    wanted += [f"at most {errors.most_in_a_row} in a row"] if errors.most_in_a_row else []
    return f"a block of {length} items has {wrong} wrong advices, which cannot be {' and '.join(wanted)}"


def _pattern(right: int, wrong: int, errors: ErrorsSpec, generator: random.Random) -> list[bool]:
    """For each place of a block, whether the advice is wrong there."""
    if errors.at:
        return [place in errors.at for place in range(1, right + wrong + 1)]
    pattern = [False] * errors.none_among_first
    gaps, left, most = _free(right, wrong, errors)
    # Between and around the right ones that may come anywhere lie gaps; each gets some of the wrong ones.
    while gaps:
        gaps -= 1
        sizes = range(min(most, left) + 1)
        weights = [_ways(gaps, left - size, most) for size in sizes]
        size = _drawn(sizes, weights, generator)
        pattern += [True] * size + [False] * bool(gaps)
        left -= size
    return pattern


def _drawn(values: Sequence[int], weights: Sequence[int], generator: random.Random) -> int:
    """As `random.choices`, for whole numbers too large for its floating-point ones."""
    place = generator.randrange(sum(weights))
    for value, weight in zip(values, weights, strict=True):
        place -= weight
        if place < 0:
            return value
    raise AssertionError("the weights add up")


def _free(right: int, wrong: int, errors: ErrorsSpec) -> tuple[int, int, int]:
    """Gaps around the right ones that are not bound to the first places, wrong ones, and how many a gap may hold."""
    most = wrong if errors.most_in_a_row is None else errors.most_in_a_row
    return max(0, right - errors.none_among_first + 1), wrong, most


def _ways(gaps: int, wrong: int, most: int) -> int:
    """In how many ways so many wrong ones share out over the gaps, at most `most` in each."""
    if gaps == 0:
        return int(wrong == 0)
    return sum(
        (-1) ** full * comb(gaps, full) * comb(wrong - full * (most + 1) + gaps - 1, gaps - 1)
        for full in range(min(gaps, wrong // (most + 1)) + 1)
    )
