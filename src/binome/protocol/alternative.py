"""A counterfactual as a person sees it: the lines that would have to be different, from what to what."""

from __future__ import annotations

from dataclasses import dataclass

from binome.core.stimulus import Stimulus, Task
from binome.core.text import say
from binome.protocol.answers import say_answer


@dataclass(frozen=True)
class ChangedLine:
    """A line's name, its value, and what it would have to be."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Alternative:
    """What the advice would be with these lines changed.

    Attributes:
        hidden: how many more lines would change that the operator may not see.
    """

    decision: str
    confidence: float
    changes: tuple[ChangedLine, ...]
    hidden: int


def alternatives(task: Task, item: Stimulus, name: str, language: str) -> tuple[Alternative, ...]:
    """An explanation's counterfactuals, in the task's order of lines; what the operator may not see is only counted.

    Raises:
        KeyError: when the item has no counterfactuals of that name.
    """
    found = []
    for counterfactual in item.counterfactuals[name]:
        lines = []
        for change in sorted(counterfactual.changes, key=lambda change: change.feature):
            before = item.case[change.feature]
            if before is not None:
                label = say(task.features[change.feature].label, language)
                lines.append(ChangedLine(label, say(before, language), say(change.value, language)))
        hidden = len(counterfactual.changes) - len(lines)
        decision = say_answer(task, counterfactual.decision, language)
        found.append(Alternative(decision, counterfactual.confidence, tuple(lines), hidden))
    return tuple(found)
