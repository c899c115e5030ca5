import numpy as np
import pytest

from binome.core.stimulus import Decision, Stimulus, Task
from binome.operators import Operator

DECISIONS = [str(i) for i in range(10)]
TASK = Task("digits", "Digits", "Which?", tuple(Decision(name, name) for name in DECISIONS))


@pytest.fixture(scope="module")
def items():
    generator = np.random.default_rng(0)
    made = []
    for i in range(200):
        right = generator.random() < 0.7
        truth = DECISIONS[i % 10]
        advice = truth if right else DECISIONS[(i % 10 + 1 + generator.integers(9)) % 10]
        confidence = float(np.clip(generator.beta(6, 1.2) if right else generator.beta(3, 1.8), 0.2, 0.999))
        made.append(Stimulus(f"i{i}", f"s{i}", "trial", truth, advice, confidence, "x"))
    return made


def rates(items, explanation, control=False):
    """RAIR and RSR of 250 operators × 40 items."""
    counts = dict.fromkeys(("rair", "rair_of", "rsr", "rsr_of"), 0)
    for number in range(250):
        operator = Operator(TASK, number, 99)
        for item in np.random.default_rng(number).permutation(np.array(items, dtype=object))[:40]:
            own = operator.first(item)
            final = operator.final(item, own, item.advice, item.advice_confidence, explanation, control=control)
            human, machine, right = (d == item.truth for d in (own.decision, item.advice, final.decision))
            if machine and not human:
                counts["rair_of"] += 1
                counts["rair"] += right
            if human and not machine:
                counts["rsr_of"] += 1
                counts["rsr"] += right
    return counts["rair"] / counts["rair_of"], counts["rsr"] / counts["rsr_of"]


def test_a_cohort_looks_like_published_ones(items):
    """Schemmer et al. 2023: RAIR .30 and .39, RSR .72 and .69. Operators' trust varies by 1.9 on the logit scale, so
    250 of them leave a standard error of about .02."""
    rair, rsr = rates(items, None)
    assert rair == pytest.approx(0.30, abs=0.05)
    assert rsr == pytest.approx(0.72, abs=0.05)
    rair_explained, rsr_explained = rates(items, "ig")
    assert rair_explained == pytest.approx(0.39, abs=0.05)
    assert rsr_explained == pytest.approx(0.69, abs=0.05)
    rair_placebo, _ = rates(items, "placebo", control=True)
    assert rair < rair_placebo < rair_explained


def test_draws_depend_on_operator_and_item_not_on_the_order_of_calls(items):
    forth, back = Operator(TASK, 3, 99), Operator(TASK, 3, 99)
    first = [forth.first(item) for item in items[:20]]
    assert first == [back.first(item) for item in reversed(items[:20])][::-1]
    assert first != [Operator(TASK, 4, 99).first(item) for item in items[:20]]


def test_agreeing_advice_is_kept_and_strengthens(items):
    operator = Operator(TASK, 1, 99)
    own = operator.first(items[0])
    final = operator.final(items[0], own, own.decision, 0.9, None, control=False)
    assert final.decision == own.decision
    assert own.confidence <= final.confidence <= 1
