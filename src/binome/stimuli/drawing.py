"""A map as its explanation's rendering draws it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PIL import Image

from binome.core.stimulus import Rendering
from binome.stimuli.contour import contour
from binome.stimuli.region import regions
from binome.stimuli.rendering import Maps, opaque, overlay

DRAWN: dict[str, Callable[..., Image.Image]] = {
    "overlay": overlay,
    "contour": contour,
    "regions": regions,
    "side_by_side": opaque,
}
"""Kinds that are pictures; each drawing takes the map, the shown picture's size and the kind's parameters."""


def draw(values: Maps, size: tuple[int, int], rendering: Rendering) -> Image.Image:
    """A map (height, width), 0 or more, at a picture's size (width, height).

    Raises:
        BinomeError: for negative or non-finite values.
    """
    params: dict[str, Any] = {name: value for name, value in rendering.params.items() if name != "text"}
    return DRAWN[rendering.kind](values, size, **params)
