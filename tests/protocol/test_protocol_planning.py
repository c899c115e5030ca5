"""Plans: complete, balanced, reproducible, and of the structure that the experiment expects."""

from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest

from binome import protocol
from binome.core import BinomeError
from binome.core.stimulus import StimulusSet
from binome.protocol import Step

Write = Callable[..., Path]
Make = Callable[..., StimulusSet]


def test_structure_of_a_within_session(write_study: Write, make_stimuli: Make) -> None:
    loaded, stimuli = protocol.load(write_study()), make_stimuli()
    steps = protocol.plan(loaded, stimuli, 5)
    assert [(step.kind, step.questionnaire) for step in steps[:4]] == [
        ("consent", None), ("instructions", None), ("questionnaire", "demographics"), ("block", None),
    ]  # fmt: skip
    assert [step.kind for step in steps[-3:]] == ["questionnaire", "debriefing", "done"]
    blocks = [step for step in steps if step.kind == "block" and step.block is not None]
    assert [step.block for step in blocks] == [0, 1, 2, 3]
    assert {step.condition for step in blocks} == set(loaded.study.conditions)
    after_block = [step for step in steps if step.questionnaire == "trust_now"]
    assert [(s.block, s.condition) for s in after_block] == [(s.block, s.condition) for s in blocks]


def test_every_trial_has_the_stages_of_its_condition(write_study: Write, make_stimuli: Make) -> None:
    steps = protocol.plan(protocol.load(write_study()), make_stimuli(), 2)
    by_trial: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        if step.trial is not None:
            by_trial[step.trial].append(step)
    assert sorted(by_trial) == list(range(2 + 24 + 3))
    for parts in by_trial.values():
        stages = [(part.kind, part.stage) for part in parts]
        first = parts[0]
        if first.attention or first.condition == "alone":
            assert stages == [("decision", "single")]
        elif first.practice:
            assert first.condition == "explained"
            assert stages == [("decision", "initial"), ("decision", "final"), ("feedback", None)]
        else:
            assert stages == [("decision", "initial"), ("decision", "final")]
        assert (first.position is None) == (first.practice or first.attention is not None)
    measured = [parts[0] for parts in by_trial.values() if parts[0].position is not None]
    assert [step.position for step in measured] == list(range(24))
    assert len({step.item for step in measured}) == 24


def test_advice_before_is_one_decision_and_feedback_follows_it(write_study: Write, make_stimuli: Make) -> None:
    folder = write_study(("alone: {advice: none}", "alone: {advice: before, feedback: true}"))
    steps = protocol.plan(protocol.load(folder), make_stimuli(), 0)
    of_condition = [s for s in steps if s.condition == "alone" and s.item and not s.practice]
    assert [(s.kind, s.stage) for s in of_condition] == [("decision", "single"), ("feedback", None)] * 6


def test_cells_fill_evenly_and_advice_is_right_as_often_in_each(write_study: Write, make_stimuli: Make) -> None:
    loaded, stimuli = protocol.load(write_study()), make_stimuli()
    cells: Counter[tuple[str, str]] = Counter()
    for slot in range(16):
        steps = protocol.plan(loaded, stimuli, slot)
        shown = [(s.item, s.condition) for s in steps if s.position is not None and s.stage in ("initial", "single")]
        cells.update((str(item), str(condition)) for item, condition in shown)
        right = Counter(c for item, c in shown if stimuli.item(str(item)).advice == stimuli.item(str(item)).truth)
        assert max(right.values()) - min(right.values()) <= 1
        if (slot + 1) % 4 == 0:
            assert len(cells) == 24 * 4
            assert set(cells.values()) == {(slot + 1) // 4}


def test_between_gives_one_condition_and_practises_it(write_study: Write, make_stimuli: Make) -> None:
    loaded, stimuli = protocol.load(write_study(("kind: within", "kind: between"))), make_stimuli()
    met = []
    for slot in range(12):
        steps = protocol.plan(loaded, stimuli, slot)
        conditions = {step.condition for step in steps if step.condition}
        assert len(conditions) == 1
        assert len({s.item for s in steps if s.position is not None}) == 24
        met += conditions
    for start in (0, 4, 8):
        assert set(met[start : start + 4]) == set(loaded.study.conditions)


@pytest.mark.parametrize("checks", [0, 1, 4, 20])
def test_attention_checks_are_spread_and_never_first(write_study: Write, make_stimuli: Make, checks: int) -> None:
    loaded = protocol.load(write_study(("attention_checks: 3", f"attention_checks: {checks}")))
    steps = protocol.plan(loaded, make_stimuli(), 1)
    asked = [step for step in steps if step.attention]
    assert len(asked) == checks
    assert all(step.item is None and step.position is None and step.attention in ("a", "b") for step in asked)
    each = Counter(step.block for step in asked)
    assert max(each.values(), default=0) - min((each[block] for block in range(4)), default=0) <= 1
    for _, group in groupby([s for s in steps if s.block is not None], key=lambda step: step.block):
        decisions = [step for step in group if step.kind == "decision"]
        assert decisions[0].attention is None
        assert decisions[-1].attention is None


def test_plans_are_deterministic_and_survive_json(write_study: Write, make_stimuli: Make) -> None:
    loaded, stimuli = protocol.load(write_study()), make_stimuli()
    one = protocol.plan(loaded, stimuli, 7, seed=4)
    assert one == protocol.plan(loaded, stimuli, 7, seed=4)
    assert one != protocol.plan(loaded, stimuli, 7, seed=5)
    assert tuple(Step.from_dict(step.as_dict()) for step in one) == one


def test_item_order_says_nothing_of_the_advice(write_study: Write, make_stimuli: Make) -> None:
    loaded, stimuli = protocol.load(write_study()), make_stimuli()
    first_right = 0
    for slot in range(400):
        steps = protocol.plan(loaded, stimuli, slot)
        item = stimuli.item(next(str(s.item) for s in steps if s.position == 0))
        first_right += item.advice == item.truth
    # Binomial(400, 0.75): 300 expected, standard deviation 8.7; four of them.
    assert abs(first_right - 300) < 35


def test_stimuli_that_do_not_suffice_are_refused(write_study: Write, make_stimuli: Make) -> None:
    loaded = protocol.load(write_study())
    with pytest.raises(BinomeError, match="1 practice items, the study needs 2"):
        protocol.plan(loaded, make_stimuli(practice=1), 0)
    with pytest.raises(BinomeError, match="20 trial items, the study needs 24"):
        protocol.plan(loaded, make_stimuli(trials=20), 0)


def test_minutes_grow_with_the_steps(write_study: Write, make_stimuli: Make) -> None:
    loaded = protocol.load(write_study())
    steps = protocol.plan(loaded, make_stimuli(), 0)
    decisions = sum(step.kind == "decision" for step in steps)
    assert decisions == 2 * 2 + 6 + 18 * 2 + 3
    assert protocol.estimate_minutes(loaded, steps) > 8 * decisions / 60
    assert protocol.estimate_minutes(loaded, [step for step in steps if step.kind == "decision"]) == pytest.approx(
        8 * decisions / 60
    )
