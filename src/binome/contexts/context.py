"""What a decision task offers to the rest of Binome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from PIL import Image

from binome.core.registry import Registry
from binome.core.stimulus import Task

SplitName = Literal["train", "calibration", "test"]


@dataclass(frozen=True)
class Split:
    """Items of one split, as the predictor sees them.

    Attributes:
        ids: one id an item, stable over runs.
        inputs: float32 (n, …) in [0, 1].
        truths: int64 (n,), indices into the task's decisions.
    """

    ids: tuple[str, ...]
    inputs: torch.Tensor
    truths: torch.Tensor


class Context(Protocol):
    """A decision task: its items, the true answers, the possible decisions, and how an item is shown."""

    @property
    def name(self) -> str: ...

    @property
    def task(self) -> Task: ...

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one input, channels first for images."""
        ...

    @property
    def mirrors(self) -> bool:
        """Whether an item's mirror image is as good an example of its class."""
        ...

    def split(self, name: SplitName) -> Split: ...

    def picture(self, item: str) -> Image.Image:
        """The item as the operator sees it, at its own size."""
        ...


registry: Registry[Callable[..., Context]] = Registry("context", "binome.contexts")
context = registry.register
