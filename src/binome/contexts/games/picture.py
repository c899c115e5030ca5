"""Pictures of Connect Four: exactly seven by six square cells, so that a 6 × 7 map lies on it cell by cell.

Flat, in two colours that colour-blind people tell apart (Okabe & Ito 2008) and with a mark that tells them apart in
grey too: a ring for the side to move, a dot for its opponent. A column's number stands in its top cell.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from binome.contexts.games.board import BITS, COLUMNS, ROWS, Board

CELL = 80
"""Side of a cell in pixels: pictures of 560 × 480."""

SMOOTH = 4
"""Drawn so many times larger, then reduced: smooth edges."""

Kind = Literal["own", "other", "empty", "veil"]

BOARD, HOLE = "#e3e6ea", "#fbfbfa"
OWN, OWN_MARK = "#d55e00", "#ffffff"
OTHER, OTHER_MARK = "#0072b2", "#cfe6f5"
VEIL, STRIPE = "#b6bcc3", "#aab0b8"
INK: dict[Kind, str] = {"own": "#ffffff", "other": "#2f353b", "empty": "#5f6770", "veil": "#2f353b"}
"""In which a number can be read on each."""

# Shares of a cell's side; stripes are counted.
DISC, RING, RING_WIDTH, DOT, DIGIT, STRIPES = 0.42, 0.30, 0.045, 0.20, 0.34, 4


def picture(board: Board, hidden: Collection[int] = (), cell: int = CELL) -> Image.Image:
    """The board as the side to move sees it, RGB of 7 × 6 cells; `hidden` columns, 0 to 6, are veiled."""
    image = Image.new("RGB", (COLUMNS * cell, ROWS * cell))
    for column in range(COLUMNS):
        for row in range(ROWS):
            kind = "veil" if column in hidden else _kind(board, int(BITS[row, column]))
            number = str(column + 1) if row == 0 else ""
            image.paste(_tile(kind, number, cell), (column * cell, row * cell))
    return image


def _kind(board: Board, bit: int) -> Kind:
    if board.own >> bit & 1:
        return "own"
    return "other" if board.other >> bit & 1 else "empty"


@cache
def _tile(kind: Kind, number: str, cell: int) -> Image.Image:
    """One cell."""
    side = cell * SMOOTH
    centre = side / 2, side / 2
    image = Image.new("RGB", (side, side), VEIL if kind == "veil" else BOARD)
    draw = ImageDraw.Draw(image)
    if kind == "veil":
        _stripes(draw, side)
    else:
        draw.circle(centre, DISC * side, {"own": OWN, "other": OTHER, "empty": HOLE}[kind])
    if kind == "own":
        draw.circle(centre, RING * side, outline=OWN_MARK, width=round(RING_WIDTH * side))
    if kind == "other":
        draw.circle(centre, DOT * side, OTHER_MARK)
    draw.text(centre, number, INK[kind], _font(round(DIGIT * side)), anchor="mm")
    return image.resize((cell, cell), Image.Resampling.BOX)


def _stripes(draw: ImageDraw.ImageDraw, side: int) -> None:
    """Slanting stripes, which nothing else looks like; whole ones to a cell, so that they go on in the next."""
    step = side / STRIPES
    for index in range(2 * STRIPES):
        top = index * step
        draw.polygon([(0, top), (side, top - side), (side, top - side + step / 2), (0, top + step / 2)], STRIPE)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that Pillow carries: the same on every machine."""
    return ImageFont.load_default(size)
