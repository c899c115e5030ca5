"""`plan`: the sequence of steps of the operator in one slot, from the protocol and the stimuli alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from binome.core import BinomeError, derive_seed
from binome.core.stimulus import Answer, Role, Stimulus, StimulusSet, Task
from binome.protocol.answers import advised_rightly, attention_answers
from binome.protocol.designs import item_sets, order_of, orders, shuffled
from binome.protocol.plan import Stage, Step
from binome.protocol.protocol import Protocol
from binome.protocol.schema import ConditionSpec

SECONDS = {"consent": 60, "instructions": 60, "block": 12, "feedback": 4, "debriefing": 30, "done": 0}
DECISION_SECONDS, QUESTION_SECONDS = 8, 8


def plan(protocol: Protocol, stimuli: StimulusSet, slot: int, *, seed: int = 0) -> tuple[Step, ...]:
    """All steps of one operator.

    The same protocol, stimuli, slot and seed give the same plan. Each operator sees each trial item once.

    Args:
        slot: the operator's place in the design, from 0; slots beyond the design's operators go on with it.
        seed: of the random choices (items' order, sets, places of attention checks).

    Raises:
        BinomeError: when the stimulus set has fewer practice or trial items than the study asks for.
    """
    study = protocol.study
    wanted = study.operators.practice
    needs: dict[Role, int] = {"practice": wanted, "trial": max(1, study.stimuli.items)}
    for role, needed in needs.items():
        found = len(stimuli.by_role(role))
        if found < needed:
            raise BinomeError(f"the stimulus set has {found} {role} items, the study needs {needed}: build it again")
    trials = _Trials()
    blocks = _blocks(protocol, stimuli, slot, seed)
    steps = [Step("consent"), Step("instructions")]
    steps += [Step("questionnaire", questionnaire=name) for name in study.questionnaires.before]
    practice = shuffled(stimuli.by_role("practice"), seed, "practice", slot)[:wanted]
    if practice:
        controls = {card.name for card in stimuli.explanations if card.control}
        richest = richest_condition({name: study.conditions[name] for name, _ in blocks}, controls)
        steps.append(Step("block", condition=richest, practice=True))
        for item in practice:
            steps += trials.steps(item, richest, study.conditions[richest], block=None, practice=True)
    checks = _attention_places([len(items) for _, items in blocks], study.operators.attention_checks, seed, slot)
    answers = attention_answers(stimuli.task)
    for number, (condition, items) in enumerate(blocks):
        steps.append(Step("block", condition=condition, block=number))
        for place, item in enumerate(items):
            if (number, place) in checks:
                asked = random.Random(derive_seed(seed, "attention", slot, number, place)).choice(answers)
                steps.append(trials.attention(condition, number, asked))
            steps += trials.steps(item, condition, study.conditions[condition], block=number, practice=False)
        steps += [
            Step("questionnaire", questionnaire=name, condition=condition, block=number)
            for name in study.questionnaires.after_block
        ]
    steps += [Step("questionnaire", questionnaire=name) for name in study.questionnaires.after]
    return (*steps, Step("debriefing"), Step("done"))


def richest_condition(conditions: Mapping[str, ConditionSpec], controls: Collection[str] = ()) -> str:
    """The condition with the most help: people practise with all that they will meet, and with no placebo."""

    def help_given(name: str) -> tuple[bool, ...]:
        condition = conditions[name]
        shown = condition.explanation
        real = shown is not None and shown not in controls
        return (real, shown is not None, condition.advice != "none", condition.confidence, condition.delegation)

    return max(sorted(conditions), key=help_given)


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
        stages: tuple[Stage, ...] = ("initial", "final") if condition.advice == "after_initial" else ("single",)
        position = None if practice else self.position
        for stage in stages:
            yield Step("decision", name, block, self.trial, position, item.id, stage, practice)
        if practice or condition.feedback:
            yield Step("feedback", name, block, self.trial, position, item.id, practice=practice)
        self.trial += 1
        self.position += not practice

    def attention(self, condition: str, block: int, wanted: Answer) -> Step:
        step = Step("decision", condition, block, self.trial, stage="single", attention=wanted)
        self.trial += 1
        return step


def _blocks(protocol: Protocol, stimuli: StimulusSet, slot: int, seed: int) -> list[tuple[str, list[Stimulus]]]:
    """Conditions in their order, each with its items in theirs."""
    design, names, items = protocol.study.design, list(protocol.study.conditions), stimuli.by_role("trial")
    if design.kind == "between":
        # Runs of n slots hold each condition once, in random order.
        run, place = divmod(slot, len(names))
        condition = shuffled(names, seed, "between", run)[place]
        return [(condition, shuffled(items, seed, "items", slot))]
    order = order_of(design.order, len(names), slot, seed)
    sets = item_sets(items, len(names), slot, len(orders(design.order, len(names))), seed, _stratum(stimuli.task))
    return [(names[index], shuffled(sets[index], seed, "items", slot, index)) for index in order]


def _stratum(task: Task) -> Callable[[Stimulus], tuple[bool, str]]:
    """What the sets of items have in equal shares: right advice, and each truth where the task is a choice."""
    return lambda item: (advised_rightly(task, item), "" if task.number is not None else str(item.truth))


def _attention_places(lengths: Sequence[int], count: int, seed: int, slot: int) -> set[tuple[int, int]]:
    """Blocks and places before which an attention check comes: spread over the blocks, never first in one.

    Each check goes to a block that has the fewest yet, those blocks being taken in random order.
    """
    generator = random.Random(derive_seed(seed, "attention", slot))
    free = {block: list(range(1, length)) for block, length in enumerate(lengths)}
    places: set[tuple[int, int]] = set()
    for _ in range(count):
        open_blocks = [block for block, left in free.items() if left]
        fewest = min(sum(taken == block for taken, _ in places) for block in open_blocks)
        block = generator.choice([b for b in open_blocks if sum(taken == b for taken, _ in places) == fewest])
        place = generator.choice(free[block])
        free[block].remove(place)
        places.add((block, place))
    return places
