"""Which items are shown: how many, how often the advice is right among them, balanced over the true classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from binome.core import BinomeError, derive_seed

Array = npt.NDArray[np.generic]
Indices = npt.NDArray[np.int64]


class SupplyError(BinomeError):
    """The pool cannot supply what a study asks for; `field` is the study file's key under `stimuli`."""

    def __init__(self, field: str, found: str, expected: str, hint: str = "") -> None:
        self.field, self.found, self.expected, self.hint = field, found, expected, hint
        super().__init__(f"stimuli.{field}: found {found}, expected {expected}" + (f" ({hint})" if hint else ""))


@dataclass(frozen=True)
class Selection:
    """Indices into the pool, in the order of the stimulus set."""

    trial: tuple[int, ...]
    practice: tuple[int, ...]


def select(
    truths: Array,
    advice: Array,
    *,
    items: int,
    predictor_accuracy: float | None = None,
    balance: Sequence[str] = (),
    practice: int = 0,
    seed: int = 0,
    right: npt.ArrayLike | None = None,
    among: npt.ArrayLike | None = None,
    strata: Array | None = None,
    shares: Mapping[str, float] | None = None,
) -> Selection:
    """Draw trial and practice items.

    Args:
        truths, advice: (n,) labels of the pool.
        items: how many trial items.
        predictor_accuracy: share of right advice among them (rounded to whole items); None keeps the pool's.
        balance: `truth` gives every true class as many trial items, to within one.
        practice: how many further items, with about the same share of right advice.
        right: bool (n,), whether the advice is right; where it is the truth, by default.
        among: bool (n,), the items that may be drawn; all by default.
        strata, shares: (n,) names, and how large a share of the items each name gets, rounded to whole items; instead
            of `predictor_accuracy` and `balance`.

    Raises:
        SupplyError: when the pool is too small, or has too few items with right (or wrong) advice.
    """
    truths, advice = np.asarray(truths), np.asarray(advice)
    generator = np.random.default_rng(derive_seed(seed, "stimuli"))
    right = truths == advice if right is None else np.asarray(right, dtype=bool)
    pool = np.arange(len(truths)) if among is None else np.flatnonzero(among)
    if items + practice > len(pool):
        raise SupplyError(
            "items", str(items), f"at most {len(pool) - practice}, the test items that fit less those for practice"
        )
    if strata is not None and shares is not None:
        return _by_shares(pool, np.asarray(strata), shares, items, practice, generator)
    chosen = _select(truths[pool], right[pool], items, predictor_accuracy, balance, practice, generator)
    return Selection(tuple(int(pool[i]) for i in chosen.trial), tuple(int(pool[i]) for i in chosen.practice))


def _select(
    truths: Array,
    right: npt.NDArray[np.bool_],
    items: int,
    predictor_accuracy: float | None,
    balance: Sequence[str],
    practice: int,
    generator: np.random.Generator,
) -> Selection:
    """By the share of right advice, and by class where that is to be even."""
    share = float(right.mean()) if predictor_accuracy is None else predictor_accuracy
    trial_right, practice_right = round(items * share), round(practice * share)
    _check_supply(right, items, practice, trial_right, practice_right)
    if "truth" in balance:
        trial = _balanced(truths, right, items, trial_right, generator)
    else:
        trial = np.concatenate(
            [
                _draw(np.flatnonzero(right), trial_right, generator),
                _draw(np.flatnonzero(~right), items - trial_right, generator),
            ]
        )
    left = np.setdiff1d(np.arange(len(truths)), trial)
    rehearsed = np.concatenate(
        [
            _draw(left[right[left]], practice_right, generator),
            _draw(left[~right[left]], practice - practice_right, generator),
        ]
    )
    return Selection(
        tuple(generator.permutation(trial).tolist()),
        tuple(generator.permutation(rehearsed).tolist()),
    )


def _by_shares(
    pool: Indices,
    strata: Array,
    shares: Mapping[str, float],
    items: int,
    practice: int,
    generator: np.random.Generator,
) -> Selection:
    """Items of each stratum in its share, for the trials and for practice alike."""
    counts, rehearsed = whole_counts(shares, items), whole_counts(shares, practice)
    trial, rehearsal = [], []
    for name in shares:
        members = pool[strata[pool] == name]
        if len(members) < counts[name] + rehearsed[name]:
            raise SupplyError(
                "complementarity",
                f"{len(members)} test items on which {name!r} should be right",
                f"at least {counts[name] + rehearsed[name]} ({counts[name]} shown and {rehearsed[name]} for practice)",
                "ask for fewer items, or for a smaller share of these",
            )
        drawn = _draw(members, counts[name] + rehearsed[name], generator)
        trial.append(drawn[: counts[name]])
        rehearsal.append(drawn[counts[name] :])
    return Selection(
        tuple(generator.permutation(np.concatenate(trial)).tolist()),
        tuple(generator.permutation(np.concatenate(rehearsal)).tolist()),
    )


def whole_counts(shares: Mapping[str, float], total: int) -> dict[str, int]:
    """Whole numbers in the proportion of shares that add up to 1: the largest remainders are rounded up."""
    exact = {name: share * total for name, share in shares.items()}
    counts = {name: int(value + 1e-9) for name, value in exact.items()}
    order = sorted(shares, key=lambda name: counts[name] - exact[name])
    for name in order[: total - sum(counts.values())]:
        counts[name] += 1
    return counts


def _check_supply(
    right: npt.NDArray[np.bool_], items: int, practice: int, trial_right: int, practice_right: int
) -> None:
    needs = {"right": trial_right + practice_right, "wrong": items + practice - trial_right - practice_right}
    supply = {"right": int(right.sum()), "wrong": int((~right).sum())}
    for kind, need in needs.items():
        if supply[kind] < need:
            raise SupplyError(
                "predictor_accuracy",
                f"{supply[kind]} test items with {kind} advice",
                f"at least {need} ({trial_right} of {items} shown with right advice, and {practice} for practice)",
                f"ask for fewer items or a share nearer to the predictor's own, {right.mean():.3f}",
            )


def _balanced(
    truths: Array, right: npt.NDArray[np.bool_], items: int, trial_right: int, generator: np.random.Generator
) -> Indices:
    """Items with each class equally often, and right and wrong advice as even over the classes as the pool allows."""
    classes = np.unique(truths)
    rights = np.array([np.sum((truths == c) & right) for c in classes])
    wrongs = np.array([np.sum((truths == c) & ~right) for c in classes])
    quota = share_quota(items, rights, wrongs, items - trial_right, generator)
    wrong = allocate_wrong(quota, rights, wrongs, items - trial_right)
    chosen = [
        np.concatenate(
            [
                _draw(np.flatnonzero((truths == c) & right), quota[i] - wrong[i], generator),
                _draw(np.flatnonzero((truths == c) & ~right), wrong[i], generator),
            ]
        )
        for i, c in enumerate(classes)
    ]
    return np.concatenate(chosen)


def share_quota(items: int, rights: Indices, wrongs: Indices, wrong: int, generator: np.random.Generator) -> Indices:
    """How many items each class shows: all the same, and one more for some classes, drawn, when a rest is left.

    Classes differ only in whether their right and their wrong items could supply one more, so trying how many of
    each of these four kinds get it tries all that matters.

    Raises:
        SupplyError: when no draw can be supplied.
    """
    base, rest = divmod(items, len(rights))
    kinds = 2 * (rights > base) + (wrongs > base)
    members = {
        kind: generator.permutation(np.flatnonzero((kinds == kind) & (rights + wrongs > base))) for kind in range(4)
    }
    # Classes that can supply either come first: they leave the most room for the rest.
    counts = product(*(range(min(rest, len(members[kind])), -1, -1) for kind in (3, 2, 1, 0)))
    for count in counts:
        if sum(count) != rest:
            continue
        quota = np.full(len(rights), base)
        for kind, number in zip((3, 2, 1, 0), count, strict=True):
            quota[members[kind][:number]] += 1
        low, high = np.maximum(quota - rights, 0), np.minimum(quota, wrongs)
        if (low <= high).all() and low.sum() <= wrong <= high.sum():
            return np.asarray(quota, dtype=np.int64)
    raise SupplyError(
        "balance",
        f"classes of {int((rights + wrongs).min())} to {int((rights + wrongs).max())} test items",
        f"{items} items, equally many of each class, {wrong} of them with wrong advice",
        "leave out `balance`, ask for fewer items, or for a share nearer to the predictor's own",
    )


def allocate_wrong(quota: Indices, rights: Indices, wrongs: Indices, total: int) -> Indices:
    """How many wrongly advised items each class shows: `total` in all, as even as can be.

    Each class needs at least quota − rights and can give at most min(quota, wrongs). Levels are raised one
    item at a time where they are lowest, which makes the sorted levels as even as any allocation can.

    Raises:
        SupplyError: when the bounds leave no allocation.
    """
    low, high = np.maximum(quota - rights, 0), np.minimum(quota, wrongs)
    if (low > high).any() or not low.sum() <= total <= high.sum():
        raise SupplyError(
            "balance",
            f"{int(high.sum())} wrongly advised items that fit equal classes (at least {int(low.sum())})",
            f"{total}",
            "leave out `balance`, ask for fewer items, or for a share nearer to the predictor's own",
        )
    level = low.copy()
    while level.sum() < total:
        open_ = level < high
        level[np.flatnonzero(open_)[np.argmin(level[open_])]] += 1
    return np.asarray(level, dtype=np.int64)


def _draw(pool: Indices, count: int, generator: np.random.Generator) -> Indices:
    return np.asarray(generator.choice(pool, size=count, replace=False) if count else [], dtype=np.int64)
