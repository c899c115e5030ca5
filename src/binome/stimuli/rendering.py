"""Pictures for the screen: items enlarged, maps as overlays on one stated scale; equal inputs, equal bytes."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from binome.core import BinomeError

Maps = npt.NDArray[np.float32]
PALETTE = "magma"
STOPS = (0x2A1160, 0x6A1C81, 0xA8327D, 0xE0526C, 0xFB8861, 0xFEC287, 0xFCFDBF)
"""Seven stops of matplotlib's magma, from a fifth of its length (darker ones vanish on dark pictures). Lightness
rises evenly, so order survives colour blindness and greyscale print."""
CLIP = 99.0
"""Percentile of a map's values that is shown as the top of the scale: a few extreme pixels do not hide the rest."""
OPAQUE_FROM = 0.5
"""Share of the scale at which the overlay has its full strength; below, it fades out linearly."""


def legend_colours() -> tuple[str, ...]:
    """The palette's stops from least to most important."""
    return tuple(f"#{stop:06x}" for stop in STOPS)


def scale_of(width: int, height: int, size: int) -> int:
    """The whole factor that brings a picture's longer side nearest to `size` without passing it; at least 1."""
    return max(1, size // max(width, height))


def enlarge(picture: Image.Image, size: int) -> Image.Image:
    """A picture enlarged by a whole factor.

    Lanczos, not nearest: the blocks of an enlarged small picture are edges that the operator would see and the
    predictor never did.
    """
    if picture.mode not in ("L", "RGB"):
        picture = picture.convert("RGB")
    factor = scale_of(*picture.size, size)
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.LANCZOS)


def check_shown(values: Maps) -> None:
    """Refuses what has no place on the scale.

    Raises:
        BinomeError: for negative or non-finite values.
    """
    if not np.isfinite(values).all() or (values < 0).any():
        raise BinomeError("a map to show must hold finite values of 0 or more: reduce it with `explain.reduce` first")


def shares(values: Maps) -> Maps:
    """A map on the study's scale, from 0 to 1: each is divided by its own 99th percentile, so that 1 reads "as much as
    the map's strong values"; a map that is 0 everywhere stays so.

    Raises:
        BinomeError: for negative or non-finite values.
    """
    check_shown(values)
    top = float(np.percentile(values, CLIP)) or float(values.max()) or 1.0
    share: Maps = np.clip(values / top, 0, 1).astype(np.float32)
    return share


def fine(values: Maps, size: tuple[int, int]) -> Maps:
    """A map at a picture's size (width, height), bilinear."""
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BILINEAR))


def colours_at(place: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    """The palette's colour (…, 3), 0 to 255, at places from 0 to 1."""
    stops = np.array([[stop >> 16, stop >> 8 & 255, stop & 255] for stop in STOPS], dtype=float)
    scaled = place * (len(STOPS) - 1)
    return np.stack([np.interp(scaled, np.arange(len(STOPS)), stops[:, channel]) for channel in range(3)], -1)


def overlay(values: Maps, size: tuple[int, int]) -> Image.Image:
    """A map (height, width), 0 or more, as RGBA of that size: colour and opacity rise with importance.

    A map that is 0 everywhere is transparent everywhere.

    Raises:
        BinomeError: for negative or non-finite values.
    """
    share = fine(shares(values), size)
    alpha = 255 * np.clip(share / OPAQUE_FROM, 0, 1)
    return Image.fromarray(np.rint(np.dstack([colours_at(share), alpha])).astype(np.uint8))


def opaque(values: Maps, size: tuple[int, int]) -> Image.Image:
    """The same colours without the picture beneath, as RGB: the map by itself, to be shown beside it."""
    return Image.fromarray(np.rint(colours_at(fine(shares(values), size))).astype(np.uint8))


def png(picture: Image.Image) -> bytes:
    """PNG bytes without metadata."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=False, compress_level=6)
    return buffer.getvalue()


def pad_alike(pictures: Sequence[bytes]) -> list[bytes]:
    """PNG files all of one length: a private chunk that viewers skip fills the shorter ones.

    A file's size must not tell one item from another before its time.
    """
    chunk = 12  # length, type and checksum of an empty chunk
    target = max(map(len, pictures), default=0) + chunk
    padded = []
    for data in pictures:
        body = b"paDd" + bytes(target - len(data) - chunk)
        filler = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        end = len(data) - 12  # before IEND
        padded.append(data[:end] + filler + data[end:])
    return padded


def file_name(data: bytes) -> str:
    """A name that says nothing but which bytes it holds."""
    return hashlib.sha256(data).hexdigest()[:32] + ".png"
