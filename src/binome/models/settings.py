"""How to train: what a study file's `predictor` may set beside architecture and seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from binome.core import BinomeError, did_you_mean


@dataclass(frozen=True)
class Settings:
    """How to train.

    Attributes:
        epochs: passes over the training items; None takes 5, or more for a small set, to make 1,200 steps.
        batch_size: items a step, at most; None takes 64, or fewer for a small set, so that an epoch has 60 steps.
        learning_rate: at the end of the warm-up, which takes the first tenth of the steps.
        weight_decay: AdamW's.
        label_smoothing: of the cross-entropy.
        shift: pictures are moved by up to this share of their side, at random; 0 for none.
        mirror: show half of the pictures mirrored, drawn anew each time; only where the context allows it.
            Off by default: in a training as short as ours it costs more accuracy than it brings.
        limit: use only the first so many training items; None for all.
        device: `auto` takes CUDA, then Apple's GPU, then the CPU.
        precision: `float32`, or `bfloat16` for mixed precision.
    """

    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.0
    shift: float = 0.0
    mirror: bool = False
    limit: int | None = None
    device: str = "auto"
    precision: str = "float32"

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "limit"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise _refusal(name, value, "a whole number from 1")
        if not (_is_number(self.learning_rate) and 0 < self.learning_rate < math.inf):
            raise _refusal("learning_rate", self.learning_rate, "a number above 0")
        if not (_is_number(self.weight_decay) and 0 <= self.weight_decay < math.inf):
            raise _refusal("weight_decay", self.weight_decay, "a number from 0")
        for name, high in (("label_smoothing", 1.0), ("shift", 0.5)):
            value = getattr(self, name)
            if not (_is_number(value) and 0 <= value < high):
                raise _refusal(name, value, f"a number from 0, below {high:g}")
        if not isinstance(self.mirror, bool):
            raise _refusal("mirror", self.mirror, "true or false")
        if self.precision not in ("float32", "bfloat16"):
            raise _refusal("precision", self.precision, "float32 or bfloat16")

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Settings:
        """Settings from a mapping.

        Raises:
            BinomeError: for a setting that does not exist, or a value that cannot be used.
        """
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known:
                near = did_you_mean(name, known)
                hint = f"{near} " if near else ""
                raise BinomeError(f"predictor has no setting {name!r}; {hint}it takes: {', '.join(known)}")
        return cls(**given)  # type: ignore[arg-type]

    def plan(self, items: int) -> Plan:
        """What these settings come to for so many training items."""
        size = self.batch_size or max(8, min(64, items // 60))
        steps = math.ceil(items / size)
        epochs = self.epochs or max(5, math.ceil(1200 / steps))
        return Plan(replace(self, batch_size=size, epochs=epochs), steps, epochs)


@dataclass(frozen=True)
class Plan:
    """Settings with nothing left open, the steps of an epoch, and the epochs."""

    settings: Settings
    steps: int
    epochs: int


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refusal(name: str, value: object, expected: str) -> BinomeError:
    return BinomeError(f"predictor.{name} is {value!r}; give {expected}")
