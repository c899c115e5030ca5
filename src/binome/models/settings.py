"""How to train a network: what a study file's `predictor` may set beside architecture and seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from binome.core import BinomeError, did_you_mean

TUNED = ("whole", "last", "head")
PRECISIONS = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Settings:
    """How to train a network.

    Attributes:
        epochs: passes over the training items; None takes 5, or more for a small set, to make 1,200 steps.
        batch_size: items a step, at most; None takes 64, or fewer for a small set, so that an epoch has 60 steps.
        learning_rate: at the end of the warm-up, which takes the first tenth of the steps.
        weight_decay: AdamW's.
        label_smoothing: of the cross-entropy.
        shift: pictures are moved by up to this share of their side, at random; 0 for none.
        rotate: pictures are turned by up to so many degrees.
        zoom: pictures are made larger or smaller by up to this share.
        jitter: brightness and contrast change by up to this share.
        mirror: show half of the pictures mirrored, drawn anew each time; only where the context allows it.
            Off by default: in a training as short as ours it costs more accuracy than it brings.
        patience: stop after so many epochs without a lower loss on a tenth of the training items, which are then
            held out, and keep the best epoch's weights; None never stops early and holds nothing out.
        pretrained: start from published weights, where the architecture has some.
        tune: of a pretrained network, what is trained: `whole`, the `last` block and the head, or the `head`.
        layer_decay: of a pretrained network, each block's learning rate as a share of the next one's; 1 for the same.
        limit: use only the first so many training items; None for all.
        device: `auto` takes CUDA, then Apple's GPU, then the CPU.
        precision: `float32`, or `bfloat16` or `float16` for mixed precision.
    """

    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.0
    shift: float = 0.0
    rotate: float = 0.0
    zoom: float = 0.0
    jitter: float = 0.0
    mirror: bool = False
    patience: int | None = None
    pretrained: bool = False
    tune: str = "whole"
    layer_decay: float = 1.0
    limit: int | None = None
    device: str = "auto"
    precision: str = "float32"

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "limit", "patience"):
            check_whole(name, getattr(self, name), optional=True)
        check_number("learning_rate", self.learning_rate, above=0)
        check_number("weight_decay", self.weight_decay, low=0)
        for name, high in (("label_smoothing", 1.0), ("shift", 0.5), ("zoom", 1.0), ("jitter", 1.0)):
            check_number(name, getattr(self, name), low=0, below=high)
        check_number("rotate", self.rotate, low=0, high=180)
        check_number("layer_decay", self.layer_decay, above=0, high=1)
        for name in ("mirror", "pretrained"):
            if not isinstance(getattr(self, name), bool):
                raise refusal(name, getattr(self, name), "true or false")
        for name, known in (("precision", PRECISIONS), ("tune", TUNED)):
            if getattr(self, name) not in known:
                raise refusal(name, getattr(self, name), " or ".join(known))
        if self.tune != "whole" and not self.pretrained:
            raise refusal("tune", self.tune, "whole, or pretrained: true with it: random layers are worth nothing")

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


T = TypeVar("T")


def read_settings(kind: type[T], given: Mapping[str, object]) -> T:
    """Settings of that kind (a dataclass) from a mapping.

    Raises:
        BinomeError: for a setting that does not exist, or a value that cannot be used.
    """
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    for name in given:
        if name not in known:
            near = did_you_mean(name, known)
            hint = f"{near} " if near else ""
            raise BinomeError(f"predictor has no setting {name!r}; {hint}it takes: {', '.join(known)}")
    return kind(**given)


def check_whole(name: str, value: Any, *, optional: bool = False) -> None:
    """Refuse what is no whole number from 1 (or None, where optional)."""
    if value is None and optional:
        return
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise refusal(name, value, "a whole number from 1")


def check_number(
    name: str,
    value: Any,
    *,
    low: float | None = None,
    above: float | None = None,
    high: float | None = None,
    below: float | None = None,
) -> None:
    """Refuse what is no finite number, or one out of its range."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    inside = number and (
        (low is None or value >= low)
        and (above is None or value > above)
        and (high is None or value <= high)
        and (below is None or value < below)
    )
    if not inside:
        start = f"from {low:g}" if low is not None else f"above {above:g}"
        end = "" if high is None and below is None else f" to {high:g}" if high is not None else f", below {below:g}"
        raise refusal(name, value, f"a number {start}{end}")


def refusal(name: str, value: object, expected: str) -> BinomeError:
    return BinomeError(f"predictor.{name} is {value!r}; give {expected}")
