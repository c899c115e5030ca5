"""Axioms: properties that explanations are asked to have, and how far these are from them.

`completeness_gap` is in the output's unit. The others explain a changed predictor with the method that made the maps,
with the same draws, and give the distance of two maps relative to their norm; rounding alone leaves some 1e-6 in single
precision, so that no value is ever compared with 0. Undefined (NaN): maps that are 0 everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import torch

from binome.core import BinomeError
from binome.variation.metric import Batch, metric
from binome.variation.quality.faithfulness import read
from binome.variation.quality.imputation import emptied_logits, impute, intact_logits

Start = Literal["zero", "mean", "blur"] | float


@metric(
    "completeness_gap",
    family="axioms",
    better="lower",
    forward="2",
    paper="Sundararajan, Taly & Yan 2017, arXiv 1703.01365",
    labelled_by=("baseline",),
)
def completeness_gap(batch: Batch, baseline: Start = "zero") -> torch.Tensor:
    """|Σφ − (f(x) − f(x₀))|, f the target's logit, in its unit: 0 when attributions account for all of it.

    Scale and sign of a map matter; one that is 0 everywhere accounts for nothing, and is a map like any other.

    Args:
        baseline: x₀, as given to the explainer: `zero`, `mean` of the item's channels, `blur`, or a number. For drawn
            or given baselines there is `explain.completeness_gap`.
    """
    if baseline not in ("zero", "mean", "blur") and (isinstance(baseline, bool | str) or baseline is None):
        raise BinomeError(f"baseline is {baseline!r}; give zero, mean, blur (pictures) or a number")
    ends = torch.stack([intact_logits(batch), emptied_logits(batch, impute(batch, baseline))])
    intact, emptied = read(ends, batch.targets, "logit")
    gap: torch.Tensor = batch.maps.double().flatten(1).sum(1) - (intact - emptied)
    return gap.abs()


@metric(
    "input_shift_invariance",
    family="axioms",
    better="lower",
    forward="1 × the method",
    paper="Kindermans et al. 2019, arXiv 1711.00867",
    needs="method",
    labelled_by=("shift",),
)
def input_shift_invariance(batch: Batch, shift: float = -1.0) -> torch.Tensor:
    """‖φ′ − φ‖ / ‖φ‖, φ′ the map of the shifted input by a predictor that takes the shift off again.

    Both answer alike to alike pictures, and ought to have the same map. Methods that start from a fixed baseline, or
    multiply by the input, do not.

    Args:
        shift: constant added to every value, in the inputs' unit.
    """
    with _changed_inputs(batch, lambda inputs: inputs - shift):
        moved = batch.explain(batch.inputs + shift)
    return _relative(moved, batch.maps, _norm(batch.maps))


@metric(
    "linearity",
    family="axioms",
    better="lower",
    forward="2 × the method + 1",
    paper="Sundararajan, Taly & Yan 2017, arXiv 1703.01365",
    needs="method",
)
def linearity(batch: Batch) -> torch.Tensor:
    """‖φ(a + b) − (φ(a) + φ(b))‖ / (‖φ(a)‖ + ‖φ(b)‖), a the target's logit and b the next class's.

    The next class of the last one is the first. The norms are added, because with two classes the sum of the maps is
    often 0 as it should be.
    """
    classes = intact_logits(batch).shape[1]
    with _changed_logits(batch, lambda logits: logits + logits.roll(-1, dims=1)):
        together = batch.explain(batch.inputs)
    other = replace(batch, targets=(batch.targets + 1) % classes).explain(batch.inputs)
    apart = batch.maps.double() + other.double()
    return _relative(together, apart, _norm(batch.maps) + _norm(other))


@metric(
    "symmetry",
    family="axioms",
    better="lower",
    forward="1 × the method",
    paper="Sundararajan, Taly & Yan 2017, arXiv 1703.01365",
    needs="method",
)
def symmetry(batch: Batch) -> torch.Tensor:
    """‖φ − mirrored φ‖ / (2 ‖φ‖) of pictures and a predictor in which a pixel and its mirror image play the same part.

    The predictor sees the mean of a picture and its mirror image (left and right changed), and explains that very
    picture. Values that play the same part, and are equal, ought to have the same attribution: 0; a map of opposite
    halves has 1.

    Raises:
        BinomeError: for inputs that are no pictures.
    """
    if batch.inputs.dim() != 4:
        raise BinomeError(f"symmetry mirrors pictures; these inputs have shape {tuple(batch.inputs.shape)}")
    with _changed_inputs(batch, _mirrored):
        maps = batch.explain(_mirrored(batch.inputs))
    return _relative(maps, maps.flip(-1), 2 * _norm(maps))


def _mirrored(inputs: torch.Tensor) -> torch.Tensor:
    return (inputs + inputs.flip(-1)) / 2


# The predictor itself is changed for a while, not wrapped: methods that look for its layers by name or place find them.
@contextmanager
def _changed_inputs(batch: Batch, change: Callable[[torch.Tensor], torch.Tensor]) -> Iterator[None]:
    def before(_: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
        return (change(given[0]), *given[1:])

    handle = batch.module.register_forward_pre_hook(before)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def _changed_logits(batch: Batch, change: Callable[[torch.Tensor], torch.Tensor]) -> Iterator[None]:
    handle = batch.module.register_forward_hook(lambda _, __, logits: change(logits))
    try:
        yield
    finally:
        handle.remove()


def _norm(maps: torch.Tensor) -> torch.Tensor:
    norm: torch.Tensor = torch.linalg.vector_norm(maps.double().flatten(1), dim=1)
    return norm


def _relative(a: torch.Tensor, b: torch.Tensor, norm: torch.Tensor) -> torch.Tensor:
    return (_norm(a.double() - b.double()) / norm).masked_fill(norm == 0, float("nan"))
