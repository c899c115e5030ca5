"""What a decision task offers to the rest of Binome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import torch
from PIL import Image

from binome.core.registry import Registry
from binome.core.stimulus import Number, Task
from binome.core.text import Text

SplitName = Literal["train", "calibration", "test"]


@dataclass(frozen=True)
class Split:
    """Items of one split, as the predictor sees them.

    Attributes:
        ids: one id an item, stable over runs.
        inputs: float32 (n, …). Pictures are in [0, 1]; a case file's values are centred, so that 0 is the typical
            value: a number is in standard deviations from the training median, a category is the code of its value,
            0 for the commonest; games give planes of 0 and 1.
        truths: int64 (n,), indices into the task's decisions; float32 (n,), in the task's unit, for an estimate.
        accepted: bool (n, decisions), where several decisions are equally right; None where only the truth is.
        values: float32 (n,), how good an item's position is for the side to move, in [-1, 1]; None outside games.
        groups: by protected attribute, each item's value.
    """

    ids: tuple[str, ...]
    inputs: torch.Tensor
    truths: torch.Tensor
    accepted: torch.Tensor | None = None
    values: torch.Tensor | None = None
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, rows: slice) -> Split:
        """Some of the items, in their order."""
        return self.take(torch.arange(len(self))[rows])

    def take(self, index: torch.Tensor) -> Split:
        """The items of those places, int64 (k,), in that order."""
        places = index.tolist()
        return Split(
            tuple(self.ids[place] for place in places),
            self.inputs[index],
            self.truths[index],
            None if self.accepted is None else self.accepted[index],
            None if self.values is None else self.values[index],
            {name: tuple(values[place] for place in places) for name, values in self.groups.items()},
        )

    def right(self, decisions: torch.Tensor, number: Number | None = None) -> torch.Tensor:
        """Whether each decision is right, bool (n,).

        Args:
            decisions: one an item, as the truths are.
            number: the task's scale, for estimates: right is what its tolerance allows.
        """
        if number is not None:
            # Half a float32 step more, so that a difference of exactly the tolerance counts on every machine.
            return (decisions.double() - self.truths.double()).abs() <= number.tolerance * (1 + 1e-6)
        if self.accepted is not None:
            return self.accepted[torch.arange(len(decisions)), decisions]
        return decisions == self.truths


@dataclass(frozen=True)
class Shown:
    """An item as the operator sees it: a picture at its own size, or a case file's values in words.

    Attributes:
        case: by the task's features; None where the operator may not see one.
        note: what only the operator is told.
    """

    picture: Image.Image | None = None
    case: tuple[Text | None, ...] = ()
    note: Text | None = None


class Context(Protocol):
    """A decision task: its items, the true answers, the possible decisions, and how an item is shown."""

    @property
    def name(self) -> str: ...

    @property
    def task(self) -> Task: ...

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one input: (channels, height, width) for pictures and boards, (features,) for a case file."""
        ...

    @property
    def categories(self) -> tuple[int, ...]:
        """For a case file, how many values each feature has, 0 for a number; empty for the others."""
        ...

    @property
    def inputs_of(self) -> tuple[int, ...]:
        """For a case file, the place of each input among the task's features; empty for the others."""
        ...

    @property
    def mirrors(self) -> bool:
        """Whether an item's mirror image is as good an example of its class."""
        ...

    @property
    def operator_view(self) -> Mapping[str, Any]: ...

    @property
    def predictor_view(self) -> Mapping[str, Any]: ...

    @property
    def skipped(self) -> tuple[str, ...]:
        """Files or rows that could not be used and were left out, each with the reason; empty unless asked for."""
        ...

    def split(self, name: SplitName) -> Split: ...

    def show(self, item: str) -> Shown:
        """The item as the operator sees it.

        Raises:
            BinomeError: when there is no such item.
        """
        ...


registry: Registry[Callable[..., Context]] = Registry("context", "binome.contexts")
context = registry.register
