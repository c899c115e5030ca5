"""The pictures of a study's texts: read, measured, and named by their bytes."""

from __future__ import annotations

import hashlib
import io
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from binome.core import BinomeError

MOST_BYTES = 1_000_000
MOST_PIXELS = 4096
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "SVG": "image/svg+xml"}
SVG = "{http://www.w3.org/2000/svg}"
ACTIVE = ("script", "foreignObject", "iframe", "animate", "set", "handler")
"""Elements that make of a drawing more than one."""
LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(px)?\s*")


@dataclass(frozen=True)
class StudyPicture:
    """A picture as it is served.

    Attributes:
        name: a hash of the bytes, so that a changed picture has another one.
        width, height: in CSS pixels.
        alt: what it shows, in the language of the text.
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)
    width: int
    height: int
    alt: str


def read_picture(path: Path, alt: str) -> StudyPicture:
    """Read a PNG, JPEG, WebP or SVG file, whatever the ending of its name.

    Raises:
        BinomeError: when it is none of these, too heavy, too large, or a drawing that holds more than a drawing.
    """
    content = path.read_bytes()
    if len(content) > MOST_BYTES:
        raise BinomeError(f"{len(content) / 1e6:.1f} MB, where a picture has {MOST_BYTES / 1e6:g} MB at most")
    kind, width, height = _svg(content) if _is_markup(content) else _pixels(content)
    if max(width, height) > MOST_PIXELS:
        raise BinomeError(f"{width} × {height} pixels, where a side has {MOST_PIXELS} at most")
    return StudyPicture(hashlib.sha256(content).hexdigest()[:32], TYPES[kind], content, width, height, alt)


def _is_markup(content: bytes) -> bool:
    return content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _pixels(content: bytes) -> tuple[str, int, int]:
    """Kind, width and height of a file of pixels, which is decoded to its end."""
    try:
        with Image.open(io.BytesIO(content), formats=[kind for kind in TYPES if kind != "SVG"]) as picture:
            if max(picture.size) <= MOST_PIXELS:
                picture.load()
            return str(picture.format), *picture.size
    except UnidentifiedImageError:
        raise BinomeError("a file that is no PNG, JPEG, WebP or SVG") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BinomeError(f"a damaged file ({error})") from error


def _svg(content: bytes) -> tuple[str, int, int]:
    """Kind, width and height of a drawing that loads nothing, runs nothing and declares no entities."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise BinomeError("an SVG with a document type, which is not shown")
    try:
        root = ET.fromstring(content)
    except ET.ParseError as error:
        raise BinomeError(f"a damaged SVG ({error})") from error
    if root.tag != f"{SVG}svg":
        raise BinomeError("a file that is no PNG, JPEG, WebP or SVG")
    for element in root.iter():
        tag = str(element.tag).rpartition("}")[2]
        if tag in ACTIVE:
            raise BinomeError(f"an SVG with <{tag}>, which is not shown")
        for name, value in element.attrib.items():
            attribute = name.rpartition("}")[2]
            if attribute.startswith("on") or (attribute == "href" and not value.startswith("#")):
                raise BinomeError(f"an SVG with {attribute}={value[:30]!r}, which is not shown")
    return "SVG", *_drawn_size(root)


def _drawn_size(root: ET.Element) -> tuple[int, int]:
    """Width and height in pixels, or those of the view box."""
    sides = [LENGTH.fullmatch(root.get(side, "")) for side in ("width", "height")]
    given = [float(side[1]) for side in sides if side]
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    if len(given) < 2 and len(box) == 4:
        try:
            given = [float(side) for side in box[2:]]
        except ValueError:
            given = []
    if len(given) < 2 or not all(math.isfinite(side) and side >= 1 for side in given):
        raise BinomeError("an SVG without width and height in pixels, and without a viewBox")
    return round(given[0]), round(given[1])
