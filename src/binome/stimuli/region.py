"""Regions: the part of a picture that weighed most stays clear, the rest is veiled."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from binome.stimuli.rendering import Maps, check_shown, fine

VEIL = (128, 128, 128, 204)
"""Mid-grey at four fifths: what lies beneath is just made out, on dark and on light pictures alike."""
OUTLINE = 2
"""Pixels of white around a region, and as many of black around these: they show on any picture."""


def regions(values: Maps, size: tuple[int, int], share: float, count: int | None = None) -> Image.Image:
    """A veil over all of the picture but the regions, as RGBA of that size.

    Args:
        values: (height, width), 0 or more. A map that is 0 everywhere veils nothing: it says nothing.
        share, count: see `chosen`.

    Raises:
        BinomeError: for negative or non-finite values.
    """
    inside = chosen(values, size, share, count)
    canvas = np.zeros((size[1], size[0], 4), dtype=np.uint8)
    if not inside.any():
        return Image.fromarray(canvas)
    canvas[~inside] = VEIL
    white, black = (_grown(inside, OUTLINE * step) for step in (1, 2))
    canvas[black & ~inside] = (0, 0, 0, 255)
    canvas[white & ~inside] = (255, 255, 255, 255)
    return Image.fromarray(canvas)


def chosen(values: Maps, size: tuple[int, int], share: float, count: int | None = None) -> npt.NDArray[np.bool_]:
    """Which pixels of the shown picture are in the regions: bool (height, width).

    Args:
        share: of the picture's pixels, the most important ones; among equals the upper left ones. Pixels that did not
            weigh at all are never among them.
        count: at most so many connected regions (pixels that share a side), those that weigh most in sum.
    """
    check_shown(values)
    weight = fine(values.astype(np.float32), size)
    number = round(share * weight.size)
    order = np.argsort(-weight, axis=None, kind="stable")[:number]
    inside = np.zeros(weight.shape, dtype=np.bool_)
    inside.flat[order] = weight.flat[order] > 0
    return inside if count is None else _heaviest(inside, weight, count)


def _heaviest(inside: npt.NDArray[np.bool_], weight: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.bool_]:
    """The connected parts that weigh most."""
    from scipy import ndimage

    labels, found = ndimage.label(inside)
    sums = ndimage.sum_labels(weight.astype(np.float64), labels, np.arange(1, found + 1))
    kept = np.argsort(-sums, kind="stable")[:count] + 1
    return np.isin(labels, kept)


def _grown(inside: npt.NDArray[np.bool_], reach: int) -> npt.NDArray[np.bool_]:
    mask = Image.fromarray(inside.astype(np.uint8) * 255)
    for _ in range(reach):
        mask = mask.filter(ImageFilter.MaxFilter(3))
    return np.asarray(mask) > 0
