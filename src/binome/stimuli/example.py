"""Examples as the machine half names them, and as they are frozen: shown like any other item."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from binome.contexts import Shown
from binome.core import BinomeError
from binome.core.stimulus import Answer, Example, ExampleKind


@dataclass(frozen=True)
class ExampleSource:
    """An item that is shown to explain the advice on another one.

    Attributes:
        source: the item's id in its context, of any split.
        label: its true answer.
        similarity: to the explained item, from 0 to 1 (the same); None where there is none.
    """

    source: str
    label: Answer
    kind: ExampleKind
    similarity: float | None = None

    def __post_init__(self) -> None:
        if self.similarity is not None and not 0 <= self.similarity <= 1:
            raise BinomeError(f"similarity of example {self.source!r} is {self.similarity}; give 0 to 1")


Given = Mapping[str, Sequence[Sequence[ExampleSource]]]
"""By explanation, one sequence an item."""


def distinct(given: Given) -> list[str]:
    """Every item that is shown as an example, once, in order of appearance."""
    return list(dict.fromkeys(example.source for lists in given.values() for shown in lists for example in shown))


def freeze(
    examples: Sequence[ExampleSource], show: Callable[[str], Shown], images: Mapping[str, str]
) -> tuple[Example, ...]:
    """The examples of one item, with their pictures (by source) or case files."""
    return tuple(
        Example(
            label=example.label,
            kind=example.kind,
            image=images.get(example.source),
            case=show(example.source).case,
            similarity=None if example.similarity is None else round(float(example.similarity), 4),
        )
        for example in examples
    )
