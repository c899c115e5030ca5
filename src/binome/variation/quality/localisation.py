"""Localisation: does the map point at what is known to decide? These metrics need the items' masks.

One value a pixel: channels are summed, signed. Undefined (NaN): a constant map, which points nowhere, and a mask that
covers the whole item, outside which nothing can point. An empty mask is an error, not a miss.
"""

from __future__ import annotations

import math

import torch
from torch.nn.functional import conv2d

from binome.core import BinomeError
from binome.variation.metric import Batch, metric
from binome.variation.quality.faithfulness import importance, removal_ranks
from binome.variation.quality.subsets import average_ranks

ARRAS = "Arras, Osman & Samek 2022, arXiv 2003.07258"


@metric(
    "pointing_game",
    family="localisation",
    better="higher",
    paper="Zhang et al. 2018, arXiv 1608.00507",
    needs="masks",
)
def pointing_game(batch: Batch, tolerance: float = 0.0) -> torch.Tensor:
    """1 where the map's highest value is inside the mask, 0 where it is outside.

    Several pixels that share the highest value count by the share of them that is inside, which is what breaking the
    tie at random gives on average; Quantus counts a hit as soon as one of them is.

    Args:
        tolerance: of pictures, how many pixels outside the mask still count, along a straight line; the paper has 15
            on photographs. Where the mask and they cover the picture, the item is undefined.
    """
    values, inside = importance(batch.maps), _inside(batch, tolerance)
    highest = values == values.amax(1, keepdim=True)
    return _defined(values, inside, (highest & inside).sum(1).double() / highest.sum(1))


@metric("relevance_mass", family="localisation", better="higher", paper=ARRAS, needs="masks")
def relevance_mass(batch: Batch) -> torch.Tensor:
    """Share of the map's positive part that is inside the mask; NaN where no pixel is positive.

    By chance it is the mask's share of the picture, which the mean over a set of masks should be compared with.
    """
    values, inside = importance(batch.maps), _inside(batch)
    positive = values.double().clamp_min(0)
    # Scaled to 1 first, for sums of huge or tiny values; 0 / 0 is NaN by itself.
    positive = positive / positive.amax(1, keepdim=True)
    return _defined(values, inside, (positive * inside).sum(1) / positive.sum(1))


@metric("relevance_rank", family="localisation", better="higher", paper=ARRAS, needs="masks")
def relevance_rank(batch: Batch) -> torch.Tensor:
    """Share of the mask that is among the |mask| highest pixels; among equals, the first in reading order is higher."""
    values, inside = importance(batch.maps), _inside(batch)
    size = inside.sum(1, keepdim=True)
    shared = (removal_ranks(values, "morf") < size) & inside
    return _defined(values, inside, shared.sum(1).double() / size[:, 0])


@metric(
    "topk_intersection",
    family="localisation",
    better="higher",
    paper="Theiner, Müller-Budack & Ewerth 2022, arXiv 2104.14995",
    needs="masks",
)
def topk_intersection(batch: Batch, k: int = 10) -> torch.Tensor:
    """Share of the k highest pixels that is inside the mask; among equals, the first in reading order is higher.

    Where the mask has fewer than k pixels, 1 is out of reach, as in the paper.
    """
    values, inside = importance(batch.maps), _inside(batch)
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= values.shape[1]:
        raise BinomeError(f"k is {k!r}; give a whole number from 1 to {values.shape[1]}, the number of pixels")
    shared = (removal_ranks(values, "morf") < k) & inside
    return _defined(values, inside, shared.sum(1).double() / k)


@metric(
    "attribution_auc",
    family="localisation",
    better="higher",
    paper="Fawcett 2006, doi 10.1016/j.patrec.2005.10.010",
    needs="masks",
)
def attribution_auc(batch: Batch) -> torch.Tensor:
    """Area under the ROC curve of pixel values against the mask: how often a pixel inside is higher than one outside.

    Equal values count half (average ranks). By chance it is .5, whatever the mask's size.
    """
    values, inside = importance(batch.maps), _inside(batch)
    size = inside.sum(1).double()
    others = inside.shape[1] - size
    above = (average_ranks(values) * inside).sum(1) - size * (size + 1) / 2
    return _defined(values, inside, above / (size * others))


def _inside(batch: Batch, tolerance: float = 0.0) -> torch.Tensor:
    """The masks as bool (n, pixels), widened by the tolerance, once for all explanations.

    Raises:
        BinomeError: naming the first item whose mask is empty.
    """
    masks = batch.masks
    assert masks is not None
    empty = (~masks.flatten(1).any(1)).nonzero()[:, 0].tolist()
    if empty:
        raise BinomeError(
            f"item {batch.keys[empty[0]]} has an empty mask, so that nothing could be right; mark the pixels that "
            f"decide, or leave out the items without any"
        )
    # By type too: 1, 1.0 and True are one key, and True is refused.
    return batch.once(("inside", type(tolerance), tolerance), lambda: _widened(masks, tolerance).flatten(1))


def _widened(masks: torch.Tensor, tolerance: float) -> torch.Tensor:
    """Masks (n, h, w) with every pixel that is no further than the tolerance from one inside."""
    number = isinstance(tolerance, int | float) and not isinstance(tolerance, bool)
    if not number or not 0 <= tolerance < math.inf:
        raise BinomeError(f"tolerance is {tolerance!r}; give a number of pixels from 0")
    if tolerance == 0:
        return masks
    if masks.dim() != 3:
        raise BinomeError(f"tolerance is {tolerance}, but only pictures have pixels around a mask; leave it out")
    reach = min(math.floor(tolerance), max(masks.shape[1:]))
    steps = torch.arange(-reach, reach + 1, device=masks.device)
    near = steps[:, None] ** 2 + steps[None, :] ** 2 <= tolerance**2
    # A disc of ones over zeros and ones: whole numbers, exact on every device.
    found: torch.Tensor = conv2d(masks[:, None].float(), near[None, None].float(), padding=reach)
    return found[:, 0] > 0.5


def _defined(values: torch.Tensor, inside: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """Scores with NaN for constant maps, and for masks that cover the whole item."""
    undefined = (values.amax(1) == values.amin(1)) | inside.all(1)
    return scores.masked_fill(undefined, float("nan"))
