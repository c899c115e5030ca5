"""Inputs near to each item, drawn once for all explanations; what the module answers there, and how maps change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import torch
from torch import nn

from binome.core import BinomeError
from binome.core.kinds import check_count
from binome.explain.state import hooked
from binome.variation.metric import Batch


@dataclass(frozen=True)
class Answers:
    """What the module does at each draw, compared with the item itself: (draws, n).

    Attributes:
        kept: bool, whether the prediction is the item's own; true of all draws where the module has one output.
        shift: float64, ‖δ‖₂.
        relative_shift: float64, ‖δ / x‖₂, as `relative_change` has it.
        outputs: float64, ‖h(x + δ) − h(x)‖₂ of the logits.
        representation: float64, ‖(L(x + δ) − L(x)) / L(x)‖₂ of the layer; None where the module has no such layer.
    """

    kept: torch.Tensor
    shift: torch.Tensor
    relative_shift: torch.Tensor
    outputs: torch.Tensor
    representation: torch.Tensor | None


@dataclass(frozen=True)
class Moves:
    """How the maps asked for change at each draw.

    Attributes:
        change: float64 (draws, n), ‖Φ(x + δ) − Φ(x)‖₂, over all places and channels.
        relative: float64 (draws, n), ‖(Φ(x + δ) − Φ(x)) / Φ(x)‖₂, as `relative_change` has it.
        size: float64 (n,), ‖Φ(x)‖₂.
        constant: bool (n,), whether Φ(x) has one value everywhere, and so says nothing.
    """

    change: torch.Tensor
    relative: torch.Tensor
    size: torch.Tensor
    constant: torch.Tensor


class Nearby:
    """Draws δ around each item of a batch, each value uniform within ± radius · scale: ‖δ / scale‖∞ ≤ radius.

    A draw hangs on the item's key and its own number: more draws go on where fewer ended. It is made again wherever
    it is needed, which is cheaper than to keep them all.

    Args:
        scale: broadcast to an input: how far each value moves, in units of `radius`; 0 leaves it alone.

    Raises:
        BinomeError: for parameters that cannot be used.
    """

    def __init__(self, batch: Batch, draws: int, radius: float, scale: Any = None) -> None:
        check_count("draws", draws)
        if isinstance(radius, bool) or not isinstance(radius, int | float) or not (isfinite(radius) and radius > 0):
            raise BinomeError(f"radius is {radius!r}; give a number above 0, in the inputs' unit")
        self.batch, self.draws, self.radius = batch, draws, radius
        self.scale = None if scale is None else _scale_like(batch.inputs, scale)
        written = None if self.scale is None else self.scale.cpu().numpy().tobytes()
        self._key: Hashable = (draws, radius, written)

    def answers(self, layer: str | None = None) -> Answers:
        """What the module answers, in one pass a draw and one of the items; the same for all explanations.

        Args:
            layer: whose output is the representation; None for what the last linear layer is given.
        """
        return self.batch.once(("nearby", layer, self._key), lambda: self._answers(layer))

    def moves(self) -> Moves:
        """How the maps asked for change; each draw is explained once for all metrics."""
        return self.batch.once(("nearby maps", self.batch.place, self._key), self._moves)

    def _answers(self, layer: str | None) -> Answers:
        batch, items = self.batch, len(self.batch.inputs)
        found = list[tuple[torch.Tensor, ...]]()
        with _representation(batch.module, layer) as represent:
            logits, own = batch.logits(batch.inputs), represent(items)
            for inputs in self._parts():
                there = batch.logits(inputs.flatten(0, 1)).view(len(inputs), *logits.shape)
                inside = represent(there.shape[:2].numel())
                found.append(
                    (
                        there.argmax(2) == logits.argmax(1),
                        _norm(inputs - batch.inputs),
                        relative_change(inputs, batch.inputs),
                        _norm(there - logits),
                        *([] if own is None or inside is None else [relative_change(inside.view(-1, *own.shape), own)]),
                    )
                )
        kept, shift, relative, outputs, *representation = (torch.cat(parts) for parts in zip(*found, strict=True))
        return Answers(kept, shift, relative, outputs, representation[0] if representation else None)

    def _moves(self) -> Moves:
        maps, changes, relatives = self.batch.maps, [], []
        for inputs in self._parts():
            found = self.batch.explain(inputs.flatten(0, 1)).view(inputs.shape)
            changes.append(_norm(found - maps))
            relatives.append(relative_change(found, maps))
        flat = maps.flatten(1)
        return Moves(torch.cat(changes), torch.cat(relatives), _norm(maps[None])[0], flat.amax(1) == flat.amin(1))

    def _parts(self) -> Iterator[torch.Tensor]:
        """The perturbed inputs, as many draws of all items at a time as one pass may have, (draws, n, …)."""
        rows = max(1, self.batch.batch_size // len(self.batch.inputs))
        for first in range(0, self.draws, rows):
            yield torch.stack([self.batch.inputs + self._draw(d) for d in range(first, min(first + rows, self.draws))])

    def _draw(self, draw: int) -> torch.Tensor:
        x = self.batch.inputs
        shares = [
            torch.rand(x.shape[1:], generator=self.batch.generator(row, "nearby", draw), dtype=torch.float32)
            for row in range(len(x))
        ]
        moved = (2 * torch.stack(shares).to(x) - 1) * self.radius
        return moved if self.scale is None else moved * self.scale


def relative_change(values: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """‖(values − reference) / reference‖₂ of each row, divided element by element.

    Where the reference is 0 there is no relative change, and the element is left out: a small constant in its place
    would decide the result alone. NaN where all of the reference is 0.

    Args:
        values: (copies, n, …).
        reference: (n, …).

    Returns:
        float64 (copies, n).
    """
    known = reference != 0
    ratios = torch.where(known, (values - reference) / reference, 0)
    return _norm(ratios).masked_fill(~known.flatten(1).any(1), float("nan"))


def _norm(values: torch.Tensor) -> torch.Tensor:
    """Euclidean norm of each row of each copy, float64 (copies, n), from (copies, n, …)."""
    norm: torch.Tensor = torch.linalg.vector_norm(values.flatten(2), dim=2, dtype=torch.float64)
    return norm


@contextmanager
def _representation(module: nn.Module, layer: str | None) -> Iterator[Callable[[int], torch.Tensor | None]]:
    """Inside, what the layer last gave (or the last linear layer was given), as (items, width).

    Raises:
        BinomeError: when the module has no layer of that name, it was not called, or gives no tensor.
    """
    last: list[Any] = []

    def keep(_: nn.Module, given: tuple[Any, ...], output: Any) -> None:
        last[:] = [given[0] if layer is None else output]

    def found(items: int) -> torch.Tensor | None:
        value = last.pop() if last else None
        if layer is None and value is None:
            return None
        if not isinstance(value, torch.Tensor):
            kind = "is not called" if value is None else f"gives a {type(value).__name__}"
            raise BinomeError(f"layer {layer!r} {kind}; name one that gives a tensor")
        return value.detach().reshape(items, -1)

    with hooked(_layers(module, layer), keep):
        yield found


def _layers(module: nn.Module, name: str | None) -> list[nn.Module]:
    if name is None:
        return [part for part in module.modules() if isinstance(part, nn.Linear)]
    try:
        return [module.get_submodule(name)]
    except AttributeError as error:
        known = ", ".join(part for part, _ in module.named_modules() if part and part.count(".") < 2)
        raise BinomeError(f"the module has no layer {name!r}; among others it has {known[:300]}") from error


def _scale_like(inputs: torch.Tensor, scale: Any) -> torch.Tensor:
    shape = tuple(inputs.shape[1:])
    try:
        given = scale.detach().cpu() if isinstance(scale, torch.Tensor) else scale
        values = np.broadcast_to(np.array(given, dtype=np.float64), shape)
    except (ValueError, TypeError) as error:
        raise BinomeError(f"scale cannot be read as numbers for an input of shape {shape}: {error}") from error
    if not (np.isfinite(values).all() and (values >= 0).all() and (values > 0).any()):
        raise BinomeError("scale holds a negative or infinite value, or only 0; give how far each value may move")
    return torch.from_numpy(values.copy()).to(inputs)
