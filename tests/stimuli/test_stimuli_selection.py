import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from binome import stimuli


@pytest.fixture
def pool():
    generator = np.random.default_rng(0)
    truths = np.repeat(np.arange(10), 100)
    advice = np.where(generator.random(1000) < 0.9, truths, (truths + 1) % 10)
    return truths, advice


@pytest.mark.parametrize("items", [40, 37, 10])
@pytest.mark.parametrize("accuracy", [0.7, 0.5, 1.0])
def test_the_share_is_exact_and_classes_are_even(pool, items, accuracy):
    truths, advice = pool
    chosen = stimuli.select(
        truths, advice, items=items, predictor_accuracy=accuracy, balance=["truth"], practice=4, seed=1
    )
    trial, practice = list(chosen.trial), list(chosen.practice)
    assert len(set(trial) | set(practice)) == items + 4
    assert (truths[trial] == advice[trial]).sum() == round(items * accuracy)
    assert np.ptp(np.bincount(truths[trial], minlength=10)) <= 1
    wrong = np.bincount(truths[trial][truths[trial] != advice[trial]], minlength=10)
    assert np.ptp(wrong) <= 1
    assert (truths[practice] == advice[practice]).sum() == round(4 * accuracy)
    again = stimuli.select(
        truths, advice, items=items, predictor_accuracy=accuracy, balance=["truth"], practice=4, seed=1
    )
    assert again == chosen
    other = stimuli.select(
        truths, advice, items=items, predictor_accuracy=accuracy, balance=["truth"], practice=4, seed=2
    )
    assert other != chosen


def test_what_the_pool_cannot_supply_is_refused_with_numbers(pool):
    truths, advice = pool
    wrong = int((truths != advice).sum())
    with pytest.raises(
        stimuli.SupplyError, match=f"found {wrong} test items with wrong advice, expected at least 400"
    ) as caught:
        stimuli.select(truths, advice, items=400, predictor_accuracy=0.0)
    assert caught.value.field == "predictor_accuracy"
    with pytest.raises(stimuli.SupplyError, match="at most 1000"):
        stimuli.select(truths, advice, items=1001, predictor_accuracy=None)
    lone = np.where(truths == 0, (truths + 1) % 10, truths)  # only class 0 is ever wrong
    with pytest.raises(stimuli.SupplyError, match=r"stimuli\.balance"):
        stimuli.select(truths, lone, items=20, predictor_accuracy=0.5, balance=["truth"])


small = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=3)


@settings(max_examples=150, deadline=None)
@given(small, st.integers(1, 8), st.integers(0, 8), st.integers(0, 3))
def test_balance_against_all_allocations(classes, items, wrong, seed):
    """Refused exactly when no allocation exists at all, by trying every one."""
    assume(wrong <= items)
    rights, wrongs = (np.array(column) for column in zip(*classes, strict=True))
    possible = []
    for right_counts in itertools.product(*(range(r + 1) for r in rights)):
        for wrong_counts in itertools.product(*(range(w + 1) for w in wrongs)):
            totals = np.add(right_counts, wrong_counts)
            if sum(wrong_counts) == wrong and totals.sum() == items and np.ptp(totals) <= 1:
                possible.append(wrong_counts)
    generator = np.random.default_rng(seed)
    try:
        quota = stimuli.share_quota(items, rights, wrongs, wrong, generator)
        found = stimuli.allocate_wrong(quota, rights, wrongs, wrong)
    except stimuli.SupplyError:
        assert not possible
    else:
        assert tuple(found.tolist()) in possible
        fitting = [c for c in possible if all(0 <= q - w <= r for q, w, r in zip(quota, c, rights, strict=True))]
        assert sorted(found) == min(
            (sorted(c) for c in fitting), key=lambda c: (max(c) - min(c), sum(v * v for v in c))
        )
