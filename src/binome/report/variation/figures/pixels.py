"""Stability maps of one item as one picture, for a publication."""

from __future__ import annotations

from xml.sax.saxutils import escape

import polars as pl

from binome.report.figures.canvas import FONTS, INK, SOFT, Figure
from binome.report.variation.maps import CIVIDIS, MAGMA
from binome.report.variation.sections.stability import Place
from binome.report.variation.wording import Words

SIDE, LEFT, HEAD, FOOT, GAP = 112, 120, 30, 46, 10


def pixels(place: Place, number: int, data: pl.DataFrame, words: Words) -> Figure:
    """A row a method: mean, deviation and dependability; below, what the colours mean."""
    width = LEFT + 3 * (SIDE + GAP)
    height = HEAD + len(place.trios) * (SIDE + GAP) + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width} {height}" width="{width}pt" height="{height}pt" version="1.1" '
        f'style="font-family: {FONTS.replace(chr(34), chr(39))}; font-size: 12px">'
    ]
    for j, key in enumerate(("mean_map", "deviation_map", "dependability_map")):
        parts.append(_text(LEFT + j * (SIDE + GAP), HEAD - 10, words[key], SOFT))
    for i, trio in enumerate(place.trios):
        y = HEAD + i * (SIDE + GAP)
        parts.append(_text(0, y + SIDE // 2, trio.method, SOFT if trio.control else INK))
        for j, picture in enumerate((trio.mean, trio.deviation, trio.dependability)):
            parts.append(
                f'<image x="{LEFT + j * (SIDE + GAP)}" y="{y}" width="{SIDE}" height="{SIDE}" '
                f'style="image-rendering: pixelated" xlink:href="{picture}"/>'
            )
    y = height - 22
    parts += _scale(LEFT, y, MAGMA, words["scale_low"], words["scale_high"])
    parts += _scale(LEFT + 2 * (SIDE + GAP), y, CIVIDIS, words.number(0, 0), words.number(1, 0))
    own = data.filter(pl.col("item") == place.item)
    alt = words.say("pixels_alt", item=place.item)
    return Figure(f"stability-{number}", ("\n".join([*parts, "</svg>\n"]),), own, alt)


def _text(x: float, y: float, text: str, colour: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" style="fill: {colour}">{escape(text)}</text>'


def _scale(x: float, y: float, colours: tuple[str, ...], low: str, high: str) -> list[str]:
    step = SIDE / len(colours)
    bars = [
        f'<rect x="{x + i * step:.2f}" y="{y - 12}" width="{step + 0.3:.2f}" height="8" style="fill: {colour}"/>'
        for i, colour in enumerate(colours)
    ]
    return [*bars, _text(x, y + 12, low, SOFT), _text(x + SIDE, y + 12, high, SOFT, "end")]
