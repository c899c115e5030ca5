"""Who gets which conditions, with which items, in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from binome.core.stimulus import Stimulus, StimulusSet, Task
from binome.protocol.answers import advised_rightly
from binome.protocol.designs import item_sets, order_of, orders, shuffled
from binome.protocol.protocol import Protocol
from binome.protocol.schema import DesignSpec, Study


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


def arrange(protocol: Protocol, stimuli: StimulusSet, place: Place, seed: int) -> list[tuple[str, list[Stimulus]]]:
    """An operator's blocks: conditions in their order, each with its items in theirs."""
    design, groups = protocol.study.design, groups_of(protocol.study)
    items, path = stimuli.by_role("trial"), [place.stratum] if place.stratum else []
    if place.group is not None:
        group, turn = place.group, place.slot
    else:
        # Runs of n slots hold each group once, in random order.
        turn, inside = divmod(place.slot, len(groups))
        group = shuffled(list(groups), seed, "between", turn, *path)[inside]
    names = groups[group]
    if len(names) == 1:
        return [(names[0], shuffled(items, seed, "items", place.slot, *path))]
    order = order_of(design.order, len(names), turn, seed)
    sets = item_sets(items, len(names), turn, len(orders(design.order, len(names))), seed, _stratum(stimuli.task))
    return [(names[index], shuffled(sets[index], seed, "items", place.slot, index, *path)) for index in order]


def _by_between_factors(design: DesignSpec, names: Sequence[str]) -> dict[str, list[str]]:
    """One group for each combination of levels of the factors that vary between operators."""
    between = [factor for factor in design.factors.values() if factor.between]
    groups: dict[str, list[str]] = {}
    for name in names:
        levels = [next(level for level, held in factor.levels.items() if name in held) for factor in between]
        groups.setdefault("_".join(levels) or "all", []).append(name)
    return groups


def _stratum(task: Task) -> Callable[[Stimulus], tuple[bool, str]]:
    """What the sets of items have in equal shares: right advice, and each truth where the task is a choice."""
    return lambda item: (advised_rightly(task, item), "" if task.number is not None else str(item.truth))
