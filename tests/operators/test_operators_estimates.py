"""Simulated estimates: on the scale, the same again, and moved by advice as people's are."""

import numpy as np
import pytest

from binome.core.stimulus import (
    ExplanationCard,
    Feature,
    Legend,
    Number,
    PredictorCard,
    Rendering,
    Stimulus,
    StimulusSet,
    Task,
)
from binome.operators import Operator
from binome.operators.eyes import Eyes
from binome.protocol import contributions

SCALE = Number(-50, 150, 0.5, "points", 10)
TASK = Task("scores", "Scores", "How many?", number=SCALE)
FEATURES = (Feature("age", "Age", "years"), Feature("income", "Income"))


def made(i, truth, advice, **more):
    return Stimulus(f"i{i}", f"s{i}", "trial", truth, advice, 0.8, **more)


@pytest.fixture(scope="module")
def items():
    generator = np.random.default_rng(0)
    truths = np.round(generator.uniform(-50, 150, 60))
    advice = np.clip(np.round(truths + generator.normal(0, 15, 60)), -50, 150)
    return [made(i, float(t), float(a)) for i, (t, a) in enumerate(zip(truths, advice, strict=True))]


def weights(items, explanation, control=False):
    """Weights of advice of 120 operators on items whose advice was not their own estimate."""
    found = []
    for number in range(120):
        operator = Operator(TASK, number, 99)
        for item in items:
            own = operator.first(item)
            final = operator.final(item, own, item.advice, item.advice_confidence, explanation, control=control)
            if own.decision != item.advice:
                found.append((final.decision - own.decision) / (item.advice - own.decision))
    return np.array(found)


def test_advice_weighs_as_it_does_with_people(items):
    """Yaniv 2004: advice is discounted. Soll & Larrick 2009: many keep theirs, some take it as it is, some average."""
    alone = weights(items, None)
    assert 0.3 < alone.mean() < 0.5
    assert (alone >= 0).all()
    assert (alone <= 1).all()
    kept, taken = (alone == 0).mean(), (alone == 1).mean()
    assert kept > 0.25
    assert 0.05 < taken < kept
    assert 1 - kept - taken > 0.3
    explained, placebo = weights(items, "ig").mean(), weights(items, "sham", control=True).mean()
    assert alone.mean() + 0.03 < placebo < explained < alone.mean() + 0.2


def test_estimates_stand_on_the_scale_and_near_the_truth(items):
    firsts = np.array([[Operator(TASK, o, 99).first(item).decision for item in items] for o in range(60)])
    assert firsts.min() == -50  # some truths lie at the ends: the noise is cut there
    assert firsts.max() == 150
    assert ((firsts + 50) / 0.5 % 1 == 0).all()
    inside = [i for i, item in enumerate(items) if 0 < item.truth < 100]
    errors = firsts[:, inside] - np.array([items[i].truth for i in inside])
    assert 10 < np.abs(errors).mean() < 30
    # What misleads one misleads others: item means scatter more than 60 independent errors would.
    assert errors.mean(axis=0).std() > 2 * errors.std() / np.sqrt(60)


def test_draws_depend_on_operator_and_item_not_on_the_order_of_calls(items):
    forth, back = Operator(TASK, 3, 99), Operator(TASK, 3, 99)
    first = [forth.first(item) for item in items]
    assert first == [back.first(item) for item in reversed(items)][::-1]
    assert first != [Operator(TASK, 4, 99).first(item) for item in items]


def test_advice_between_two_steps_is_never_passed():
    for number in range(300):
        operator = Operator(TASK, number, 1)
        item = made(number, 40.0, 40.3)
        own = operator.first(item)
        final = operator.final(item, own, 40.3, None, "ig", control=False)
        low, high = sorted((own.decision, 40.3))
        assert low <= final.decision <= high


def test_advice_beyond_the_scale_is_followed_to_its_end():
    finals = set()
    for number in range(100):
        operator = Operator(TASK, number, 1)
        item = made(number, 120.0, 170.0)
        finals.add(operator.final(item, operator.first(item), 170.0, None, None, control=False).decision)
    assert max(finals) == 150


def test_look_alikes_cannot_be_told_apart(tmp_path):
    seen = {
        "case": ({"en": "40\u00a0years", "fr": "40\u00a0ans"}, None),
        "contributions": {"ig": (1.0, -2.0), "sham": (1.0, 2.0)},
    }
    alike = [made(0, 1.0, 2.0, **seen), made(1, 90.0, 80.0, **seen)]
    noted = made(2, 5.0, 5.0, note="late", **seen)
    task = Task("scores", "Scores", "How many?", number=SCALE, features=FEATURES)
    bars = Rendering("bars")
    cards = (
        ExplanationCard("ig", "ig", "gradient", False, {}, bars),
        ExplanationCard("sham", "shuffled", "x", True, {}, bars),
    )
    stimuli = StimulusSet(
        tmp_path, task, PredictorCard("x", 0.8, 0.7, 0.9, 10, 0.1), cards, Legend("m", (), "", ""), (*alike, noted)
    )  # fmt: skip
    eyes = Eyes(stimuli, "en")
    page = {"case": [{"id": "age", "value": "40\u00a0years"}], "note": None, "practice": False}
    assert eyes.case(page) == alike
    assert eyes.case({**page, "note": "late"}) == [noted]
    for name in ("ig", "sham"):
        drawn = contributions(alike[0], name)
        shown = {"values": list(drawn.values), "rest": drawn.rest}
        page = {"kind": "bars", "bars": shown, "sentence": None, "counterfactuals": [], "examples": []}
        assert eyes.explanation(alike, page, []) == name
