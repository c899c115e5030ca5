"""Who gets which conditions, with which items, in which order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from binome.core import BinomeError, derive_seed
from binome.core.stimulus import Stimulus, StimulusSet, Task
from binome.protocol.answers import advised_rightly
from binome.protocol.dealing import Dealing, deal
from binome.protocol.designs import order_of, orders, shuffled
from binome.protocol.error_places import ordered
from binome.protocol.protocol import Protocol
from binome.protocol.schema import DesignSpec, ErrorsSpec, Study

Blocks = list[tuple[str, list[Stimulus]]]


@dataclass(frozen=True)
class Place:
    """Where an operator stands in the design.

    Attributes:
        slot: from 0 among those of one stratum, or of one group where that is chosen; slots beyond the design's
            operators go on with it.
        stratum: answers by which operators are assigned apart, empty without such assignment.
        group: of `groups_of`, where the assignment chose it; None where slots take groups in turn.
    """

    slot: int
    stratum: str = ""
    group: str | None = None


def groups_of(study: Study) -> dict[str, list[str]]:
    """The conditions that each group of operators meets, by group: one group for all within, one each between."""
    names = list(study.conditions)
    if study.design.kind == "within":
        return {"all": names}
    if study.design.kind == "between":
        return {name: [name] for name in names}
    if study.design.kind == "mixed":
        return study.design.groups
    return _by_between_factors(study.design, names)


def group_of(study: Study, place: Place, seed: int = 0) -> tuple[str, int]:
    """The group of an operator, and the operator's number in it, from 0."""
    groups = list(groups_of(study))
    if place.group is not None:
        return place.group, place.slot
    # Runs of n slots hold each group once, in random order.
    turn, inside = divmod(place.slot, len(groups))
    return shuffled(groups, seed, "between", turn, *_path(place))[inside], turn


def arrange(protocol: Protocol, stimuli: StimulusSet, place: Place, seed: int) -> Blocks:
    """An operator's blocks: conditions in their order, each with its items in theirs.

    Raises:
        BinomeError: when the items cannot give what `design.errors` declares.
    """
    design, path = protocol.study.design, _path(place)
    group, turn = group_of(protocol.study, place, seed)
    names = groups_of(protocol.study)[group]
    if place.stratum and design.order != "fixed":
        # Or the first orders of the list would come too often where strata are small.
        names = shuffled(names, seed, "conditions", *path)
    right = partial(advised_rightly, stimuli.task)
    dealt = _dealt(design, len(names), turn, stimuli, seed, path)
    order = order_of(design.order, len(names), turn, seed, *path)
    blocks = []
    for block in range(design.blocks):
        for index in order:
            generator = random.Random(derive_seed(seed, "items", place.slot, index, block, group, *path))
            items = ordered(dealt[index][block], lambda item: not right(item), design.errors, generator)
            blocks.append((names[index], items))
    return blocks


def check_supply(protocol: Protocol, stimuli: StimulusSet) -> None:
    """Whether the stimuli give every operator what `design.errors` declares, before the first one comes.

    Raises:
        BinomeError: when they do not.
    """
    study = protocol.study
    if study.design.errors == ErrorsSpec():
        return
    # How many wrong advices a block has depends on the slot, and not on the stratum.
    for group in groups_of(study):
        for slot in range(study.design.operators):
            arrange(protocol, stimuli, Place(slot, group=group), seed=0)


def _dealt(
    design: DesignSpec, conditions: int, turn: int, stimuli: StimulusSet, seed: int, path: list[str]
) -> list[list[list[Stimulus]]]:
    """The operator's items, by condition and block."""
    items, rows = stimuli.by_role("trial"), len(orders(design.order, conditions))
    each = len(items) if design.items_each is None else design.items_each
    right, kind = partial(advised_rightly, stimuli.task), partial(_kind, stimuli.task)

    def share(pool: Sequence[Stimulus], wanted: int) -> list[list[list[Stimulus]]]:
        if wanted == 0:
            return [[[] for _ in range(design.blocks)] for _ in range(conditions)]
        dealing = Dealing(len(pool), wanted, conditions, design.blocks, rows)
        return deal(pool, dealing, turn, seed, *path, right=right, kind=kind)

    if not design.errors.at:
        return share(items, each)
    # A declared number of wrong advices: right and wrong ones are dealt apart, each evenly.
    wrong = [item for item in items if not right(item)]
    wanted = conditions * design.blocks * len(design.errors.at)
    found, others = len(wrong), len(items) - len(wrong)
    if not (wanted <= found and 0 <= each - wanted <= others):
        raise BinomeError(
            f"design.errors.at wants {wanted} wrong advices among the {each} items of an operator, "
            f"the stimulus set has {found} wrong ones and {others} right ones"
        )
    pair = zip(share(wrong, wanted), share([i for i in items if right(i)], each - wanted), strict=True)
    return [[[*bad, *good] for bad, good in zip(*both, strict=True)] for both in pair]


def _path(place: Place) -> list[str]:
    return [place.stratum] if place.stratum else []


def _by_between_factors(design: DesignSpec, names: Sequence[str]) -> dict[str, list[str]]:
    """One group for each combination of levels of the factors that vary between operators.

    Also of a design that is none yet (a condition without a level): its checks count with it.
    """
    between = [factor for factor in design.factors.values() if factor.between]
    groups: dict[str, list[str]] = {}
    for name in names:
        levels = [next((level for level, held in factor.levels.items() if name in held), "") for factor in between]
        groups.setdefault(".".join(levels) or "all", []).append(name)
    return groups


def _kind(task: Task, item: Stimulus) -> str:
    """What is spread evenly over the sets of items: each truth where the task is a choice."""
    return "" if task.number is not None else str(item.truth)
