"""What stands in place of the pixels that a metric takes away.

An imputation is made from the intact inputs, never from perturbed ones, and what it draws hangs on the item alone. It
is the same for every explanation and every point of a curve, so that a difference between two explanations is theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Literal

import torch

from binome.core import BinomeError
from binome.explain import check_inputs, make_baseline
from binome.variation.metric import Batch
from binome.variation.quality.interpolation import interpolate

Imputer = Literal["zero", "mean", "blur", "noise", "road", "mixing"] | float
"""`zero` or a number; `mean` of the item's channels; `blur` (a box of half the picture's shorter side); `noise`,
uniform over the item's own range; `road`, noisy linear imputation from the pixels that stay (Rong et al. 2022, arXiv
2202.00449); `mixing`, the same place of another item, drawn from `donors`: removal by the marginal distribution
(Covert, Lundberg & Lee 2021, arXiv 2011.14878). `blur` and `road` are of pictures."""

NAMES = ("zero", "mean", "blur", "noise", "road", "mixing")
ROAD_NOISE = 0.01
"""Standard deviation of the noise that `road` adds, in the inputs' unit."""


@dataclass(frozen=True)
class Imputation:
    """The items with any of their pixels taken away.

    Attributes:
        key: tells it from others of the same items.
        inputs: the intact inputs, (n, …).
        emptied: the inputs with every pixel taken away, (n, …).
        fill: makes inputs (copies, n, …) from removed pixels, where what stands in for a pixel depends on which others
            are gone; None where it does not, and `emptied` has it.
    """

    key: Hashable
    inputs: torch.Tensor
    emptied: torch.Tensor
    fill: Callable[[torch.Tensor], torch.Tensor] | None = None

    def without(self, removed: torch.Tensor) -> torch.Tensor:
        """Copies of the inputs, (copies, n, …).

        Args:
            removed: bool, as `by_pixel` makes it.
        """
        if self.fill is not None:
            return self.fill(removed)
        return torch.where(removed, self.emptied, self.inputs)


def impute(batch: Batch, imputer: Imputer, donors: Any = None) -> Imputation:
    """How a batch's pixels are taken away, made once for all metrics and explanations.

    Args:
        donors: float (m, …), other items of the inputs' shape, for `mixing`. Each item gets one, drawn by its key;
            one that is the item itself is passed over.

    Raises:
        BinomeError: for an imputer that does not exist or does not fit the inputs, or donors that are missing.
    """
    number = isinstance(imputer, int | float) and not isinstance(imputer, bool) and math.isfinite(imputer)
    if not number and imputer not in NAMES:
        raise BinomeError(f"imputer is {imputer!r}; give {', '.join(NAMES)} or a number")
    if imputer in ("blur", "road") and batch.inputs.dim() != 4:
        raise BinomeError(f"imputer {imputer} is of pictures; these inputs have shape {tuple(batch.inputs.shape)}")
    if imputer == "mixing" and donors is None:
        raise BinomeError("imputer mixing needs `donors`: other items (m, …) whose pixels take the removed ones' place")
    # The donors of one scoring are one object, alive while it runs.
    key = (imputer, id(donors)) if imputer == "mixing" else (imputer,)
    return batch.once(("imputation", *key), lambda: _made(batch, imputer, donors, key))


def emptied_logits(batch: Batch, imputation: Imputation) -> torch.Tensor:
    """The module's logits without any evidence, (n, classes), made once."""
    return batch.once(("emptied", imputation.key), lambda: batch.logits(imputation.emptied))


def intact_logits(batch: Batch) -> torch.Tensor:
    """The module's logits of the items as they are, (n, classes), made once."""
    return batch.once("intact", lambda: batch.logits(batch.inputs))


def by_pixel(values: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
    """Values of pixels (…, n, pixels) in a shape that broadcasts to copies of the inputs: a pixel goes whole."""
    shape = (len(inputs), 1, *inputs.shape[2:]) if inputs.dim() == 4 else inputs.shape
    return values.view(*values.shape[:-2], *shape)


def _made(batch: Batch, imputer: Imputer, donors: Any, key: Hashable) -> Imputation:
    inputs = batch.inputs
    if imputer == "mixing":
        return Imputation(key, inputs, _mixed(batch, donors))
    if imputer == "road":
        return _road(batch, key)
    name = "uniform" if imputer == "noise" else imputer
    emptied = make_baseline(name, inputs, (), 0, lambda row: batch.generator(row, "imputer", "noise"))
    return Imputation(key, inputs, emptied)


def _road(batch: Batch, key: Hashable) -> Imputation:
    """Noise is drawn once an item, not once a removal: a pixel that is gone at two points has one noise at both."""
    inputs = batch.inputs
    rows = range(len(inputs))
    drawn = [torch.randn(inputs.shape[1:], generator=batch.generator(row, "imputer", "road")) for row in rows]
    noise = ROAD_NOISE * torch.stack(drawn).to(inputs)

    def fill(removed: torch.Tensor) -> torch.Tensor:
        copies = inputs.expand(len(removed), *inputs.shape)
        filled = interpolate(copies.flatten(0, 1), removed[:, :, 0].flatten(0, 1)).view_as(copies)
        return torch.where(removed, filled + noise, filled)

    everything = torch.ones(1, len(inputs), 1, *inputs.shape[2:], dtype=torch.bool, device=inputs.device)
    return Imputation(key, inputs, fill(everything)[0], fill)


def _mixed(batch: Batch, donors: Any) -> torch.Tensor:
    """One donor's values for each item."""
    array = check_inputs(donors, "donors").to(batch.inputs)
    if array.shape[1:] != batch.inputs.shape[1:]:
        raise BinomeError(
            f"donors have shape {tuple(array.shape)}; give (m, …) of the inputs' shape {tuple(batch.inputs.shape[1:])}"
        )
    chosen = []
    for row, item in enumerate(batch.inputs):
        sequence = torch.randperm(len(array), generator=batch.generator(row, "imputer", "mixing")).tolist()
        others = (array[place] for place in sequence if not torch.equal(array[place], item))
        donor = next(others, None)
        if donor is None:
            raise BinomeError(f"item {batch.keys[row]} has no donor but itself; give other items")
        chosen.append(donor)
    return torch.stack(chosen)
