"""Image files as squares of pixels: what is kept of a picture, and which files are refused."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from binome.core import BinomeError
from binome.core.progress import bar

Fit = Literal["pad", "crop"]
PLAIN = ("L", "RGB")
CONVERTED = ("1", "P", "PA", "LA", "RGBA", "RGBa", "La")
"""Modes that say the same in RGB, over white where they are transparent."""
WHITE = (255, 255, 255, 255)


@dataclass(frozen=True)
class Shape:
    """How pictures are made alike.

    Attributes:
        size: pixels of the side for the predictor, and `operator_size`, for the operator.
        grey: one channel instead of three.
        fit: `pad`, the whole picture with white around it, so that nothing is lost; `crop`, its middle square.
    """

    size: int
    operator_size: int
    grey: bool = False
    fit: Fit = "pad"

    def __post_init__(self) -> None:
        for name in ("size", "operator_size"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 8 <= value <= 1024:
                raise BinomeError(f"{name} is {value!r}; give a whole number of pixels from 8 to 1024")
        if self.fit not in get_args(Fit):
            raise BinomeError(f"fit is {self.fit!r}; give pad or crop")


Pixels = npt.NDArray[np.uint8]


def decode(path: Path, shape: Shape) -> tuple[Pixels, Pixels]:
    """A file for the predictor and for the operator, uint8 (channels, side, side) each.

    Raises:
        BinomeError: when it cannot be read whole, or its mode says more than 8 bits of RGB can.
    """
    try:
        with Image.open(path) as opened:
            opened.load()  # a truncated file shows only now
            picture = ImageOps.exif_transpose(opened)
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BinomeError(f"{path} cannot be read as an image ({error}); replace or remove it") from error
    if picture.mode in CONVERTED:
        paper = Image.new("RGBA", picture.size, WHITE)
        paper.alpha_composite(picture.convert("RGBA"))
        picture = paper.convert("RGB")
    if picture.mode not in PLAIN:
        raise BinomeError(f"{path} has the mode {picture.mode}; convert it to 8-bit RGB or grey")
    picture = picture.convert("L" if shape.grey else "RGB")
    found = [square(picture, side, shape.fit) for side in (shape.size, shape.operator_size)]
    return found[0], found[1]


def decode_all(paths: Sequence[Path], shape: Shape, label: str) -> tuple[Pixels, Pixels, list[tuple[int, str]]]:
    """All files, decoded side by side: (n, channels, side, side) twice, and (place, reason) of those that cannot be.

    A file that cannot be used leaves black squares in its place.
    """
    channels = 1 if shape.grey else 3
    small = np.zeros((len(paths), channels, shape.size, shape.size), np.uint8)
    large = np.zeros((len(paths), channels, shape.operator_size, shape.operator_size), np.uint8)
    faults: list[tuple[int, str]] = []

    def one(place: int) -> tuple[int, tuple[Pixels, Pixels] | str]:
        try:
            return place, decode(paths[place], shape)
        except BinomeError as error:
            return place, str(error)

    # Pillow lets go of Python's lock while it decodes and resizes.
    with bar(label, len(paths)) as progress, ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for place, found in pool.map(one, range(len(paths))):
            progress.advance()
            if isinstance(found, str):
                faults.append((place, found))
            else:
                small[place], large[place] = found
    return small, large, faults


def square(picture: Image.Image, side: int, fit: Fit) -> Pixels:
    """A picture as a square of that side, uint8 (channels, side, side)."""
    if fit == "crop":
        square = ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)
    else:
        square = ImageOps.pad(picture, (side, side), Image.Resampling.LANCZOS, color=WHITE[: len(picture.getbands())])
    pixels = np.asarray(square, dtype=np.uint8)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))
