"""Maps as small pictures for the page: one stated colour scale each, PNG with few colours."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats = npt.NDArray[np.float64]
MAGMA = ("#2a1160", "#6a1c81", "#a8327d", "#e0526c", "#fb8861", "#fec287", "#fcfdbf")
"""The scale of every stimulus set, so that a map looks here as operators see it: magma from a fifth of its length."""
CIVIDIS = ("#00224e", "#2a3f6d", "#575d6d", "#7d7c78", "#a59c74", "#d2c060", "#fee838")
"""Of shares from 0 to 1 (Nuñez, Anderton & Renslow 2018): another scale, since it means another thing."""
CLIP = 99.0
"""Percentile of a map's values that is the top of its scale, as in a stimulus set."""
LEVELS = 48
"""Colours of a picture: enough for steps too small to see at this size."""
SIDE = 56
"""Pixels of the longer side: larger maps are averaged over areas."""


def top_of(values: Floats) -> float:
    """The value at the top of a map's scale; 1 for a map without a positive value."""
    sizes = np.abs(values[np.isfinite(values)])
    return float(np.percentile(sizes, CLIP)) or float(sizes.max()) or 1.0 if sizes.size else 1.0


def map_picture(values: Floats, top: float | None = None) -> str:
    """A map (height, width) as a data URI: the size of each score, whatever its sign, as a share of `top`.

    Args:
        top: by default the map's own 99th percentile.
    """
    return coloured(np.abs(values) / (top or top_of(values)), MAGMA)


def share_picture(values: Floats) -> str:
    """A map of shares from 0 to 1 as a data URI; what is undefined is left transparent."""
    return coloured(values, CIVIDIS)


def coloured(shares: Floats, palette: tuple[str, ...]) -> str:
    """Shares (height, width) of a colour scale as a PNG data URI."""
    shares = smaller(shares)
    known = np.isfinite(shares)
    index = np.rint((LEVELS - 1) * np.clip(np.where(known, shares, 0), 0, 1)).astype(np.uint8)
    index[~known] = LEVELS
    picture = Image.fromarray(index).convert("P")
    picture.putpalette(_colours(palette))
    hidden: dict[str, Any] = {} if known.all() else {"transparency": LEVELS}
    return data_uri(picture, **hidden)


def smaller(values: Floats) -> Floats:
    """A map averaged over areas, so that its longer side has at most `SIDE` pixels."""
    height, width = values.shape
    if max(height, width) <= SIDE:
        return values
    share = SIDE / max(height, width)
    size = max(round(width * share), 1), max(round(height * share), 1)
    means: Floats = np.asarray(Image.fromarray(values.astype(np.float32)).resize(size, Image.Resampling.BOX), float)
    return means


def photo(png: bytes, side: int) -> str:
    """A picture as a data URI, at most `side` pixels wide and high."""
    with Image.open(io.BytesIO(png)) as picture:
        shown = picture if picture.mode in ("L", "RGB") else picture.convert("RGB")
        shown.thumbnail((side, side), Image.Resampling.LANCZOS)
        return data_uri(shown)


def data_uri(picture: Image.Image, **options: Any) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True, **options)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def _colours(palette: tuple[str, ...]) -> list[int]:
    """`LEVELS` colours along the palette, and one more for what is undefined."""
    stops = np.array([[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in palette], dtype=float)
    places = np.linspace(0, len(palette) - 1, LEVELS)
    between = [np.interp(places, np.arange(len(palette)), stops[:, channel]) for channel in range(3)]
    return [int(value) for value in np.rint(np.stack(between, -1)).ravel()] + [0, 0, 0]
