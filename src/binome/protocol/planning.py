"""`plan`: the sequence of steps of the operator in one slot, from the protocol and the stimuli alone."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping, Sequence

from binome.core import BinomeError, derive_seed
from binome.core.stimulus import Answer, Role, Stimulus, StimulusSet
from binome.protocol.answers import attention_answers
from binome.protocol.arrangement import Place, arrange
from binome.protocol.designs import shuffled
from binome.protocol.plan import Stage, Step
from binome.protocol.protocol import Protocol
from binome.protocol.schema import ConditionSpec, Study


def opening(protocol: Protocol) -> tuple[Step, ...]:
    """The steps before an operator has a place in the design: every plan begins with them."""
    operators = protocol.study.operators
    steps = [Step("device")] if operators.device else []
    steps.append(Step("consent"))
    if operators.screening:
        steps.append(Step("questionnaire", questionnaire=operators.screening.questionnaire, purpose="screening"))
    return tuple(steps)


def plan(protocol: Protocol, stimuli: StimulusSet, place: Place | int, *, seed: int = 0) -> tuple[Step, ...]:
    """All steps of one operator; what an answer makes unnecessary is skipped on the way (`following`).

    The same protocol, stimuli, place and seed give the same plan. Each operator sees each trial item at most once.

    Args:
        place: the operator's in the design; a number is a slot without stratum or group.
        seed: of the random choices (items' order, sets, places of attention checks).

    Raises:
        BinomeError: when the stimulus set has fewer practice or trial items than the study asks for.
    """
    place = Place(place) if isinstance(place, int) else place
    study, operators = protocol.study, protocol.study.operators
    needs: dict[Role, int] = {"practice": operators.practice, "trial": max(1, study.stimuli.items)}
    for role, needed in needs.items():
        found = len(stimuli.by_role(role))
        if found < needed:
            raise BinomeError(f"the stimulus set has {found} {role} items, the study needs {needed}: build it again")
    blocks = arrange(protocol, stimuli, place, seed)
    practice = shuffled(stimuli.by_role("practice"), seed, "practice", place.slot)[: operators.practice]
    controls = {card.name for card in stimuli.explanations if card.control}
    checks = _attention_places([len(items) for _, items in blocks], operators.attention_checks, seed, place.slot)
    answers = attention_answers(stimuli.task)
    asked = {
        (block, index): random.Random(derive_seed(seed, "attention", place.slot, block, index)).choice(answers)
        for block, index in checks
    }
    return _session(protocol, blocks, practice, asked, controls)


def _session(
    protocol: Protocol,
    blocks: Sequence[tuple[str, Sequence[Stimulus]]],
    practice: Sequence[Stimulus],
    asked: Mapping[tuple[int, int], Answer],
    controls: Collection[str] = (),
) -> tuple[Step, ...]:
    """The steps of a session with these blocks, and these items to practise on.

    Args:
        asked: what each attention check asks for, by the block and place before which it comes.
        controls: the explanations that are placebos.
    """
    study, trials = protocol.study, _Trials()
    steps = [*opening(protocol), *_briefing(study)]
    steps += [Step("questionnaire", questionnaire=name) for name in study.questionnaires.before]
    if practice:
        richest = richest_condition({name: study.conditions[name] for name, _ in blocks}, controls)
        steps.append(Step("block", condition=richest, practice=True))
        for item in practice:
            steps += trials.steps(item, richest, study.conditions[richest], block=None, practice=True)
    sittings = _sittings(study, len(blocks))
    for number, (condition, items) in enumerate(blocks):
        if number in sittings:
            steps.append(Step("return", sitting=sittings[number]))
        elif number and study.operators.breaks:
            steps.append(Step("break", block=number))
        steps.append(Step("block", condition=condition, block=number))
        for index, item in enumerate(items):
            if (number, index) in asked:
                steps.append(trials.attention(condition, number, asked[number, index]))
            steps += trials.steps(item, condition, study.conditions[condition], block=number, practice=False)
            steps += [
                Step("questionnaire", questionnaire=name, condition=condition, block=number)
                for name in _during(study, condition, index + 1)
            ]
        steps += [
            Step("questionnaire", questionnaire=name, condition=condition, block=number)
            for name in study.questionnaires.after_block
        ]
    steps += [Step("questionnaire", questionnaire=name) for name in study.questionnaires.after]
    return (*steps, Step("debriefing"), Step("done"))


def typical(protocol: Protocol, conditions: Sequence[str]) -> tuple[Step, ...]:
    """The steps of an operator who meets these conditions, with items that are not known yet: for their duration."""
    study = protocol.study
    names = [name for _ in range(study.design.blocks) for name in conditions]
    items = study.design.items_each or study.stimuli.items
    lengths = [items // len(names) + (place < items % len(names)) for place in range(len(names))]
    item = Stimulus(id="", source="", role="trial", truth="", advice="", advice_confidence=0)
    checks = _attention_places(lengths, study.operators.attention_checks, 0, 0)
    blocks = [(name, [item] * length) for name, length in zip(names, lengths, strict=True)]
    return _session(protocol, blocks, [item] * study.operators.practice, dict.fromkeys(checks, ""))


def _briefing(study: Study) -> list[Step]:
    """Instructions, and the questions about them, as often as they may be tried."""
    asked = study.operators.comprehension
    if asked is None:
        return [Step("instructions")]
    steps = []
    for attempt in range(1, asked.attempts + 1):
        steps.append(Step("instructions", attempt=attempt))
        steps.append(Step("questionnaire", questionnaire=asked.questionnaire, purpose="comprehension", attempt=attempt))
    return steps


def _during(study: Study, condition: str, done: int) -> list[str]:
    """The questionnaires that come after the block's trial of that number, from 1."""
    return [
        name
        for spec in study.questionnaires.during
        if not spec.conditions or condition in spec.conditions
        if done in spec.after or (spec.every is not None and done % spec.every == 0)
        for name in spec.show
    ]


def _sittings(study: Study, blocks: int) -> dict[int, int]:
    """By the block with which it begins, the number of each sitting after the first; blocks are shared out evenly."""
    spec = study.design.sittings
    if spec is None:
        return {}
    return {blocks * sitting // spec.count: sitting + 1 for sitting in range(1, spec.count)}


def richest_condition(conditions: Mapping[str, ConditionSpec], controls: Collection[str] = ()) -> str:
    """The condition with the most help: people practise with all that they will meet, and with no placebo."""

    def help_given(name: str) -> tuple[bool, ...]:
        condition = conditions[name]
        shown = condition.explanation
        real = shown is not None and shown not in controls
        advised = condition.advice != "none" or condition.supervision is not None
        delegated, handed = condition.delegation is not None, condition.handover is not None
        return (real, shown is not None, advised, condition.confidence, delegated, handed)

    return max(sorted(conditions), key=help_given)


class _Trials:
    """Numbers trials as they come."""

    def __init__(self) -> None:
        self.trial = self.position = 0

    def steps(
        self, item: Stimulus, name: str, condition: ConditionSpec, *, block: int | None, practice: bool
    ) -> Iterator[Step]:
        position = None if practice else self.position
        offered = condition.delegation is not None and condition.delegation.when != "after"
        stages = _stages(condition, item)
        if offered and stages != ("handled",):
            yield Step("offer", name, block, self.trial, position, item.id, practice=practice)
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


def _stages(condition: ConditionSpec, item: Stimulus) -> tuple[Stage, ...]:
    """The decision steps of a trial."""
    if condition.supervision is not None:
        return ("supervised",)
    if condition.handover is not None and item.advice_confidence >= condition.handover:
        return ("handled",)
    stages: dict[str, tuple[Stage, ...]] = {
        "after_initial": ("initial", "final"), "on_request": ("open", "final"), "delayed": ("wait", "final"),
    }  # fmt: skip
    return stages.get(condition.advice, ("single",))


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
