"""A case file as a person sees it: its lines in words, and what each contributed to the advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from binome.core.stimulus import Stimulus, Task
from binome.core.text import Text, say


@dataclass(frozen=True)
class CaseLine:
    """One line: the feature's id, its name, its value with its unit, and what it means."""

    id: str
    label: str
    value: str
    help: str


@dataclass(frozen=True)
class Contributions:
    """An explanation of a case file, as bars.

    Attributes:
        values: by visible line, signed, the item's largest being 1 or −1; None where the predictor did not see it.
        rest: sum over what the predictor saw and the operator does not; None where there is nothing of the kind.
    """

    values: tuple[float | None, ...]
    rest: float | None


def case_lines(task: Task, item: Stimulus, language: str) -> tuple[CaseLine, ...]:
    """The lines that the operator may see, in the task's order."""
    return lines_of(task, item.case, language)


def lines_of(task: Task, case: Sequence[Text | None], language: str) -> tuple[CaseLine, ...]:
    """The visible lines of any case file of the task: an item's, or an example's."""
    return tuple(
        CaseLine(
            feature.id,
            say(feature.label, language),
            say(value, language),
            say(feature.help, language),
        )
        for feature, value in zip(task.features, case, strict=bool(case))
        if value is not None
    )


def contributions(item: Stimulus, name: str) -> Contributions:
    """An explanation's bars, to four decimals.

    The scale is the largest contribution of all features, hidden ones included: how long the visible bars are says
    how much of the advice they account for.

    Raises:
        KeyError: when the item has no contributions of that name.
    """
    given = item.contributions[name]
    largest = max((abs(value) for value in given if value is not None), default=0.0) or 1.0
    shown = [value for value, words in zip(given, item.case, strict=True) if words is not None]
    hidden = [value for value, words in zip(given, item.case, strict=True) if words is None and value is not None]
    return Contributions(
        values=tuple(None if value is None else _scaled(value, largest) for value in shown),
        rest=_scaled(sum(hidden), largest) if hidden else None,
    )


def _scaled(value: float, largest: float) -> float:
    # Adding zero turns −0.0 into 0.0.
    return round(value / largest, 4) + 0.0
