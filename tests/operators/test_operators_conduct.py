"""What simulated operators hand over, ask for, veto and miss, against the formulas in the docs."""

import math

import numpy as np
import pytest

from binome.core.stimulus import Decision, Number, Stimulus, Task
from binome.operators import Choice, Operator, Parameters
from binome.operators.conduct import asks, hands_over, hastened, vetoes

NAMES = ["a", "b", "c"]
TASK = Task("x", "X", "Which?", tuple(Decision(name, name) for name in NAMES))
ITEMS = [Stimulus(f"i{i}", f"s{i}", "trial", "a", "b", 0.8, "x") for i in range(2000)]
ERROR = 4 * 0.5 / math.sqrt(len(ITEMS))
"""Four standard errors of a share, at most."""


def person(**parameters):
    return Operator(TASK, 7, 99, Parameters(**parameters))


def logistic(x):
    return 1 / (1 + math.exp(-x))


def share(values):
    return float(np.mean(list(values)))


@pytest.mark.parametrize("confidence", [0.2, 0.6, 0.95])
def test_advice_is_asked_for_by_doubt(confidence):
    someone = person()
    found = share(asks(someone, item, Choice("a", confidence, 1.0)) for item in ITEMS)
    assert found == pytest.approx(logistic(0.4 + 4 * (0.6 - confidence) + 0.5 * someone.trust), abs=ERROR)


@pytest.mark.parametrize(("confidence", "price"), [(0.3, 0.0), (0.9, 0.0), (0.6, 0.5)])
def test_items_are_handed_over_by_doubt_and_price(confidence, price):
    someone = person()
    counts = [hands_over(someone, item.id, confidence, most=4, price=price) for item in ITEMS]
    chance = logistic(-1.0 + (0.6 - confidence) + 0.5 * someone.trust - 2 * price)
    assert share(count > 0 for count in counts) == pytest.approx(chance, abs=ERROR)
    given = [count for count in counts if count]
    assert set(given) <= {1, 2, 3, 4}
    assert np.mean(given) == pytest.approx(1 + 3 * chance, abs=5 * math.sqrt(3 / 4 / len(given)))
    assert {hands_over(someone, item.id, confidence, most=1, price=price) for item in ITEMS} == {0, 1}


@pytest.mark.parametrize(("confidence", "price"), [(0.5, 0.0), (0.95, 0.0), (0.95, 2.0)])
def test_a_veto_takes_attention_and_evidence(confidence, price):
    someone, own = person(), Choice("a", confidence, 1.0)
    found = share(vetoes(someone, item, own, "b", price=price) for item in ITEMS)
    chance = 0.7 * logistic(0.8 + 5 * (confidence - 0.6) - 0.5 * someone.trust - price)
    assert found == pytest.approx(chance, abs=ERROR)
    assert not any(vetoes(someone, item, own, "a", price=price) for item in ITEMS)
    assert not any(vetoes(person(vigilance=0.0), item, own, "b", price=price) for item in ITEMS)


def test_an_estimate_near_the_models_is_not_vetoed():
    task = Task("x", "X", "How many?", number=Number(0, 100, 1, "", 5))
    someone = Operator(task, 7, 99, Parameters(vigilance=1.0, veto=100.0))
    items = [Stimulus("i", "s", "trial", 50.0, 50.0, 0.8, "x")]
    assert not vetoes(someone, items[0], Choice(45.0, 0.9, 1.0), 50.0, price=0)
    assert vetoes(someone, items[0], Choice(44.0, 0.9, 1.0), 50.0, price=0)


def test_haste_under_a_time_limit():
    someone = person(haste=0.4)
    choice = Choice("a", 0.5, 6.0)
    assert hastened(someone, choice, 4.0, None) == choice
    assert hastened(someone, choice, 4.0, 30.0) == choice  # the median is far below the limit
    assert hastened(someone, choice, 4.0, 5.0).seconds == pytest.approx(6 * 0.4 * 5 / 4)
    assert hastened(someone, Choice("a", 0.5, 10.0), 4.0, 5.0) is None  # 10 × .4 × 5 / 4 = 5: too late


def test_evidence_alone_moves_less_than_advice():
    moved = {}
    for veiled in (False, True):
        moved[veiled] = share(
            Operator(TASK, number, 99)
            .final(ITEMS[number], Choice("a", 0.6, 1.0), "b", None, "ig", control=False, veiled=veiled)
            .decision
            == "b"
            for number in range(1500)
        )
    assert 0.05 < moved[True] < moved[False] - 0.05


def test_the_usual_confidence_is_that_of_the_ability():
    someone = person()
    assert someone.usual_confidence == pytest.approx(logistic(someone.ability))
