"""Contours: the lines on which a map reaches stated shares of its scale, over the untouched picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from binome.core.explanation import line_width
from binome.stimuli.rendering import Maps, colours_at, fine, shares

FINE = 3
"""Lines are drawn on so many times finer a grid, then averaged: their edges are smooth."""
CASING = 1.5
"""Pixels of black or white on either side of a line, so that it shows on any picture."""
DARK = 0.5
"""Share of the scale below which a line's colour is dark and has a white casing."""


def contour(values: Maps, size: tuple[int, int], levels: Sequence[float]) -> Image.Image:
    """A map's iso-lines as RGBA of that size, transparent elsewhere.

    Args:
        values: (height, width), 0 or more.
        levels: shares of the map's scale, in rising order; a line runs around all that reaches its share.

    Raises:
        BinomeError: for negative or non-finite values.
    """
    share = fine(shares(values), (size[0] * FINE, size[1] * FINE))
    canvas = np.zeros((*share.shape, 4), dtype=np.float32)
    for level in levels:
        reached = share >= level
        line = _edge(reached, line_width(level))
        casing = 255.0 if level < DARK else 0.0
        canvas[_edge(reached, line_width(level) + 2 * CASING)] = (casing, casing, casing, 255)
        canvas[line] = (*colours_at(np.array(level)), 255)
    return _averaged(canvas, size)


def _edge(inside: npt.NDArray[np.bool_], width: float) -> npt.NDArray[np.bool_]:
    """The border of a region, half of the width on either side; none along the picture's own edge."""
    reach = max(1, round(width * FINE / 2))
    mask = Image.fromarray(np.pad(inside, reach, mode="edge").astype(np.uint8) * 255)
    grown, shrunk = mask, mask
    for _ in range(reach):
        grown, shrunk = grown.filter(ImageFilter.MaxFilter(3)), shrunk.filter(ImageFilter.MinFilter(3))
    border: npt.NDArray[np.bool_] = np.asarray(grown) != np.asarray(shrunk)
    return border[reach:-reach, reach:-reach]


def _averaged(canvas: npt.NDArray[np.float32], size: tuple[int, int]) -> Image.Image:
    """The fine canvas at its shown size: means of the opacities, and of the colours weighed by them."""
    width, height = size
    cells = canvas.reshape(height, FINE, width, FINE, 4)
    alpha = cells[..., 3].mean((1, 3))
    weighed = (cells[..., :3] * cells[..., 3:]).sum((1, 3)) / np.maximum(cells[..., 3:].sum((1, 3)), 1)
    return Image.fromarray(np.rint(np.dstack([weighed, alpha])).astype(np.uint8))
