"""Pictures of Connect Four: exactly seven by six square cells, so that a 6 × 7 map lies on it cell by cell.

Flat, in two colours that colour-blind people tell apart (Okabe & Ito 2008) and with a mark that tells them apart in
grey too: a ring for the side to move, a dot for its opponent. A column's number stands in its top cell.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from binome.contexts.games.board import BITS, COLUMNS, ROWS, Board

CELL = 80
"""Side of a cell in pixels: pictures of 560 × 480."""

SMOOTH = 4
"""Drawn so many times larger, then reduced: smooth edges."""

BOARD, HOLE, NUMBER = "#e3e6ea", "#fbfbfa", "#5f6770"
OWN, OWN_MARK = "#d55e00", "#ffffff"
OTHER, OTHER_MARK = "#0072b2", "#cfe6f5"
VEIL, STRIPE, VEIL_NUMBER = "#b6bcc3", "#aab0b8", "#2f353b"
# Shares of a cell's side.
DISC, RING, RING_WIDTH, DOT, DIGIT, STRIPES = 0.42, 0.30, 0.045, 0.20, 0.34, 0.25


def picture(board: Board, hidden: Collection[int] = (), cell: int = CELL) -> Image.Image:
    """The board as the side to move sees it, RGB of 7 × 6 cells; `hidden` columns, 0 to 6, are veiled."""
    side = cell * SMOOTH
    image = Image.new("RGB", (COLUMNS * side, ROWS * side), BOARD)
    draw = ImageDraw.Draw(image)
    for column in range(COLUMNS):
        if column in hidden:
            image.paste(_veil(side), (column * side, 0))
        for row in range(ROWS):
            centre = (column + 0.5) * side, (row + 0.5) * side
            colour = VEIL_NUMBER if column in hidden else _disc(draw, board, row, column, centre, side)
            if row == 0:
                draw.text(centre, str(column + 1), colour, _font(round(DIGIT * side)), anchor="mm")
    return image.resize((COLUMNS * cell, ROWS * cell), Image.Resampling.BOX)


def _disc(
    draw: ImageDraw.ImageDraw, board: Board, row: int, column: int, centre: tuple[float, float], side: int
) -> str:
    """Draw a cell; returns the colour in which a number can be read on it."""
    bit = int(BITS[row, column])
    if board.own >> bit & 1:
        draw.circle(centre, DISC * side, OWN)
        draw.circle(centre, RING * side, outline=OWN_MARK, width=round(RING_WIDTH * side))
        return OWN_MARK
    if board.other >> bit & 1:
        draw.circle(centre, DISC * side, OTHER)
        draw.circle(centre, DOT * side, OTHER_MARK)
        return VEIL_NUMBER
    draw.circle(centre, DISC * side, HOLE)
    return NUMBER


@cache
def _veil(side: int) -> Image.Image:
    """A column behind slanting stripes, which no disc or empty cell looks like."""
    image = Image.new("RGB", (side, ROWS * side), VEIL)
    draw = ImageDraw.Draw(image)
    # Whole stripes to a cell, so that they go on from one column to the next.
    step = side / round(1 / STRIPES)
    for index in range((ROWS + 1) * round(1 / STRIPES)):
        top = index * step
        draw.polygon([(0, top), (side, top - side), (side, top - side + step / 2), (0, top + step / 2)], STRIPE)
    return image


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that Pillow carries: the same on every machine."""
    return ImageFont.load_default(size)
