"""One quiet style for every figure: drawn in points, themed on the page, the same bytes for the same numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

WIDE, NARROW = 640.0, 320.0
"""Widths in points, which are the page's pixels: a figure that has both shows the one that fits."""

INK, SOFT, LINE, GRID, PAPER = "#1c2531", "#59636f", "#b9c1ca", "#e6eaee", "#fefefd"
SERIES = ("#4c5b6e", "#0069a8", "#c24a00", "#8a4f86", "#00805f", "#7d6200", "#2f8fc4", "#33363b")
"""After Okabe & Ito (2008), darker: told apart with any colour vision, and readable as text on white."""

NAMES = {INK: "ink", SOFT: "soft", LINE: "line", GRID: "grid", PAPER: "page"} | {
    colour: f"series-{i}" for i, colour in enumerate(SERIES)
}
"""The style sheet's variable for each colour: on a page, a figure follows light and dark mode."""

FONTS = '"Helvetica Neue", "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif'
STYLE: dict[str, Any] = {
    # Measured with the font that comes with matplotlib, so that every machine lays out alike.
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 12.0,
    "svg.hashsalt": "binome", "svg.fonttype": "none", "axes.unicode_minus": True,
    "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False, "axes.edgecolor": LINE,
    "axes.facecolor": "none", "figure.facecolor": "none", "axes.axisbelow": True, "text.color": INK,
    "axes.labelcolor": SOFT, "axes.labelsize": 11.0, "axes.labelpad": 6.0, "axes.linewidth": 0.8,
    "xtick.color": SOFT, "ytick.color": SOFT, "xtick.labelsize": 11.0, "ytick.labelsize": 11.0,
    "xtick.major.size": 0.0, "ytick.major.size": 0.0, "xtick.minor.size": 0.0, "grid.color": GRID,
    "lines.solid_capstyle": "round",
}  # fmt: skip


class Sheet:
    """A blank drawing of `width` × `height` points."""

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.figure import Figure as Canvas

        self.width, self.height = width, height
        self.canvas = Canvas(figsize=(width / 72, height / 72))

    @property
    def narrow(self) -> bool:
        return self.width < WIDE

    def axes(self, *, left: float, right: float, top: float, bottom: float) -> Any:
        """Axes whose edges stand at these distances, in points, from the sheet's."""
        inside = (self.width - left - right) / self.width, (self.height - top - bottom) / self.height
        return self.canvas.add_axes((left / self.width, bottom / self.height, *inside))

    def write(self, x: float, y: float, text: str, **style: Any) -> None:
        """Text at a distance, in points, from the upper left corner."""
        self.canvas.text(x / self.width, 1 - y / self.height, text, **style)


@dataclass(frozen=True)
class Figure:
    """A drawn figure.

    Attributes:
        name: of its files.
        drawings: SVG without prologue, widest first, in plain colours.
        data: the numbers drawn.
        alt: what it shows, in words.
    """

    name: str
    drawings: tuple[str, ...]
    data: pl.DataFrame
    alt: str

    @property
    def file(self) -> str:
        """The widest drawing, as a file of its own."""
        return self.drawings[0]

    @property
    def themed(self) -> tuple[str, ...]:
        """The drawings for a page, in the colours of its style sheet, their ids apart from those of other figures."""
        return tuple(_themed(svg, f"{self.name}-{i}-") for i, svg in enumerate(self.drawings))


def draw(
    name: str,
    paint: Callable[[Sheet], None],
    sizes: Sequence[tuple[float, float]],
    data: pl.DataFrame,
    alt: str,
    note: str = "",
) -> Figure:
    """Paint a figure in each size; `note` is written into its lower right corner."""
    import matplotlib as mpl

    drawings = []
    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        for width, height in sizes:
            sheet = Sheet(width, height)
            paint(sheet)
            if note:
                sheet.write(width, height - 3, note, ha="right", va="baseline", fontsize=9.5, color=SOFT)
            drawings.append(_svg(sheet))
    return Figure(name, tuple(drawings), data, alt)


def _svg(sheet: Sheet) -> str:
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    sheet.canvas.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue()
    svg = text[text.index("<svg") :]
    # A style element would reach out of the drawing, into the page that holds it.
    svg = re.sub(r'\s*<defs>\s*<style type="text/css">.*?</style>\s*</defs>', "", svg, count=1, flags=re.DOTALL)
    svg = svg.replace("'DejaVu Sans', sans-serif", FONTS.replace('"', "'"))
    return svg.replace('version="1.1"', 'version="1.1" stroke-linejoin="round"', 1)


def _themed(svg: str, prefix: str) -> str:
    for colour, name in NAMES.items():
        svg = svg.replace(f": {colour}", f": var(--{name}, {colour})")
    svg = re.sub(r'(<svg [^>]*?) width="[^"]*" height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(?<=\sid=")|(?<=url\(#)|(?<=href="#)', prefix, svg)
    return re.sub(r"font-family: [^;\"]*(?=[;\"])", "font-family: inherit", svg)
