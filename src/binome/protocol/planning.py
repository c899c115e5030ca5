"""`plan`: the sequence of steps of the operator in one slot, from the protocol and the stimuli alone."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from binome.core import derive_seed
from binome.core.stimulus import Stimulus, StimulusSet
from binome.protocol.designs import item_sets, order_of, orders, shuffled
from binome.protocol.plan import Step
from binome.protocol.protocol import Protocol
from binome.protocol.schema import ConditionSpec

SECONDS = {"consent": 60, "instructions": 60, "block": 12, "feedback": 4, "debriefing": 30, "done": 0}
DECISION_SECONDS, QUESTION_SECONDS = 8, 8


def plan(protocol: Protocol, stimuli: StimulusSet, slot: int, *, seed: int = 0) -> tuple[Step, ...]:
    """All steps of one operator.

    The same protocol, stimuli, slot and seed give the same plan. Each operator sees each trial item once.
    """
    study = protocol.study
    trials = _Trials()
    steps = [Step("consent"), Step("instructions")]
    steps += [Step("questionnaire", questionnaire=name) for name in study.questionnaires.before]
    practice = shuffled(stimuli.by_role("practice"), seed, "practice", slot)[: study.operators.practice]
    if practice:
        richest = richest_condition(study.conditions)
        steps.append(Step("block", condition=richest))
        for item in practice:
            steps += trials.steps(item, richest, study.conditions[richest], block=None, practice=True)
    blocks = _blocks(protocol, stimuli.by_role("trial"), slot, seed)
    checks = _attention_places([len(items) for _, items in blocks], study.operators.attention_checks, seed, slot)
    decisions = [decision.id for decision in stimuli.task.decisions]
    for number, (condition, items) in enumerate(blocks):
        steps.append(Step("block", condition=condition, block=number))
        for place, item in enumerate(items):
            if (number, place) in checks:
                wanted = random.Random(derive_seed(seed, "attention", slot, number, place)).choice(decisions)
                steps.append(trials.attention(condition, number, wanted))
            steps += trials.steps(item, condition, study.conditions[condition], block=number, practice=False)
        steps += [
            Step("questionnaire", questionnaire=name, condition=condition, block=number)
            for name in study.questionnaires.after_block
        ]
    steps += [Step("questionnaire", questionnaire=name) for name in study.questionnaires.after]
    return (*steps, Step("debriefing"), Step("done"))


def richest_condition(conditions: dict[str, ConditionSpec]) -> str:
    """The condition with the most help: people practise with all that they will meet."""

    def help_given(name: str) -> tuple[bool, bool, bool, bool]:
        condition = conditions[name]
        return (
            condition.explanation is not None,
            condition.advice != "none",
            condition.confidence,
            condition.delegation,
        )

    return max(conditions, key=help_given)


def estimate_minutes(protocol: Protocol, steps: Sequence[Step]) -> float:
    """Rough duration of steps, for the progress line and for the declared duration."""
    seconds = 0.0
    for step in steps:
        if step.kind == "decision":
            seconds += DECISION_SECONDS
        elif step.kind == "questionnaire" and step.questionnaire:
            seconds += QUESTION_SECONDS * len(protocol.questionnaires[step.questionnaire].questions)
        else:
            seconds += SECONDS[step.kind]
    return seconds / 60


class _Trials:
    """Numbers trials as they come."""

    def __init__(self) -> None:
        self.trial = self.position = 0

    def steps(
        self, item: Stimulus, name: str, condition: ConditionSpec, *, block: int | None, practice: bool
    ) -> Iterator[Step]:
        stages = ("initial", "final") if condition.advice == "after_initial" else ("single",)
        position = None if practice else self.position
        for stage in stages:
            yield Step("decision", name, block, self.trial, position, item.id, stage, practice)  # type: ignore[arg-type]
        if practice or condition.feedback:
            yield Step("feedback", name, block, self.trial, position, item.id, practice=practice)
        self.trial += 1
        self.position += not practice

    def attention(self, condition: str, block: int, wanted: str) -> Step:
        step = Step("decision", condition, block, self.trial, stage="single", attention=wanted)
        self.trial += 1
        return step


def _blocks(protocol: Protocol, items: Sequence[Stimulus], slot: int, seed: int) -> list[tuple[str, list[Stimulus]]]:
    """Conditions in their order, each with its items in theirs."""
    design, names = protocol.study.design, list(protocol.study.conditions)
    if design.kind == "between":
        # Runs of n slots hold each condition once, in random order.
        run, place = divmod(slot, len(names))
        condition = shuffled(names, seed, "between", run)[place]
        return [(condition, shuffled(items, seed, "items", slot))]
    order = order_of(design.order, len(names), slot, seed)
    sets = item_sets(items, len(names), slot, len(orders(design.order, len(names))), seed)
    return [(names[index], shuffled(sets[index], seed, "items", slot, index)) for index in order]


def _attention_places(lengths: Sequence[int], count: int, seed: int, slot: int) -> set[tuple[int, int]]:
    """Blocks and places before which an attention check comes: spread over the blocks, never first in one."""
    generator = random.Random(derive_seed(seed, "attention", slot))
    places: set[tuple[int, int]] = set()
    for number in range(count):
        block = (number * len(lengths) // count) if count <= len(lengths) else number % len(lengths)
        free = [(block, place) for place in range(1, lengths[block]) if (block, place) not in places]
        if free:
            places.add(generator.choice(free))
    return places
