"""Units: the parts of an input that are switched on and off together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from skimage.segmentation import slic

from binome.core import BinomeError
from binome.explain.explainer import Call

Kind = Literal["place", "patch", "superpixel"] | torch.Tensor | None
"""`place`: one pixel or board cell with all its channels, or one line of a case file; `patch`: squares of `size`
places; `superpixel`: regions of alike colour, of about `size` × `size` places (SLIC, Achanta et al. 2012); whole
numbers (height, width) or (n, height, width) that number the units from 0; None: `place` for case files, `patch` for
others."""
ACROSS = 8
"""Patches along a picture's shorter side, where nobody said how large they are."""


@dataclass(frozen=True)
class Units:
    """A partition of each item's places.

    Attributes:
        labels: int64 (n, places), the unit of each place.
        sizes: (n, units), how many places a unit has; 0 for numbers that an item does not use.
    """

    labels: torch.Tensor
    sizes: torch.Tensor

    @property
    def count(self) -> int:
        """Most units of an item."""
        return self.sizes.shape[1]

    def of(self, row: int) -> int:
        """Units of one item: all numbers below it are used."""
        return int((self.sizes[row] > 0).sum())

    def switch(self, inputs: torch.Tensor, hidden: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """Inputs (n, …) with their absent units taken from `hidden`.

        Args:
            hidden: (k or 1, n or 1, …).
            present: bool (k, n or 1, units).

        Returns:
            (k, n, …).
        """
        copies, items = len(present), len(inputs)
        shape = inputs.shape[2:] if inputs.dim() > 2 else inputs.shape[1:]
        chosen = present.expand(copies, items, -1).gather(2, self.labels.expand(copies, items, -1))
        mask = chosen.reshape(copies, items, *((1, *shape) if inputs.dim() > 2 else shape))
        return torch.where(mask, inputs, hidden)

    def spread(self, values: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
        """Values of units (n, units) as maps of the inputs' shape: a unit's places and channels have equal parts."""
        shares = (values / self.sizes.clamp_min(1)).to(inputs.dtype).gather(1, self.labels)
        if inputs.dim() <= 2:
            return shares.reshape(inputs.shape).contiguous()
        wide = shares.reshape(len(inputs), 1, *inputs.shape[2:]) / inputs.shape[1]
        return wide.expand(inputs.shape).contiguous()


def make_units(call: Call, units: Any = None, size: int | None = None, *, across: int = ACROSS) -> Units:
    """The partition of each of the call's items, which depends on the item alone.

    Args:
        units: see `Kind`.
        size: of a patch's side, or of a superpixel's if it were a square, in places; by default such that `across`
            of them lie along the shorter side.

    Raises:
        BinomeError: for units that do not exist, or do not fit the inputs.
    """
    shape = call.inputs.shape[2:] if call.inputs.dim() > 2 else call.inputs.shape[1:]
    if not (isinstance(units, str) or units is None):
        return _numbered(call, units, shape)
    kind = ("patch" if call.inputs.dim() == 4 else "place") if units is None else units
    if kind == "place":
        return _alike(call, torch.arange(math.prod(shape)))
    if kind not in ("patch", "superpixel"):
        raise BinomeError(f"units are {units!r}; give place, patch, superpixel or an array of unit numbers")
    if call.inputs.dim() != 4:
        raise BinomeError(f"units are {kind}es, which only pictures have, but inputs are {tuple(call.inputs.shape)}")
    side = max(1, math.ceil(min(shape) / across)) if size is None else size
    if not 1 <= side <= max(shape):
        raise BinomeError(f"units of size {side} do not fit a picture of {shape[0]} × {shape[1]}")
    if kind == "superpixel":
        return _superpixels(call, side)
    columns = math.ceil(shape[1] / side)
    rows = torch.arange(shape[0])[:, None] // side
    return _alike(call, (rows * columns + torch.arange(shape[1])[None] // side).flatten())


def _alike(call: Call, labels: torch.Tensor) -> Units:
    """One partition for all items."""
    sizes = torch.bincount(labels)
    count = len(call.inputs)
    device = call.inputs.device
    return Units(labels.to(device).expand(count, -1), sizes.to(device).expand(count, -1))


def _each(call: Call, labels: torch.Tensor) -> Units:
    """One partition an item, numbered from 0 without gaps."""
    labels = torch.stack([torch.unique(row, return_inverse=True)[1] for row in labels])
    count = int(labels.max()) + 1
    sizes = torch.stack([torch.bincount(row, minlength=count) for row in labels])
    return Units(labels.to(call.inputs.device), sizes.to(call.inputs.device))


def _superpixels(call: Call, side: int) -> Units:
    found = []
    for picture in call.inputs.double().cpu().numpy():
        low, high = picture.min(), picture.max()
        grey = (picture - low) / (high - low) if high > low else np.zeros_like(picture)
        segments = slic(
            grey.transpose(1, 2, 0), n_segments=max(1, round(grey[0].size / side**2)), compactness=0.1,
            convert2lab=False, channel_axis=2, start_label=0,
        )  # fmt: skip
        found.append(torch.from_numpy(segments.astype(np.int64)).flatten())
    return _each(call, torch.stack(found))


def _numbered(call: Call, units: Any, shape: torch.Size) -> Units:
    labels = units.detach().cpu() if isinstance(units, torch.Tensor) else torch.from_numpy(np.array(units))
    if labels.is_floating_point() or labels.dtype == torch.bool or (labels.numel() and int(labels.min()) < 0):
        raise BinomeError("units must be whole numbers from 0, one a place")
    if labels.shape == shape:
        return _each(call, labels.long().flatten().expand(len(call.inputs), -1))
    if labels.shape != (call.total, *shape):
        raise BinomeError(
            f"units have shape {tuple(labels.shape)}; give {tuple(shape)} for all items, or {(call.total, *shape)}"
        )
    return _each(call, labels.long()[list(call.positions)].flatten(1))
