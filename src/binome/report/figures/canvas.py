"""One quiet style for every figure, drawn for a light card; the same evidence gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl

from binome.report.wording import Wording

COLOURS = ("#44546a", "#0072b2", "#d55e00", "#b07aa1", "#009e73", "#8c6d1f", "#56b4e9", "#333333")
"""After Okabe & Ito (2008): told apart with any kind of colour vision; marks differ in shape as well."""
MARKS = ("o", "s", "D", "^", "v", "P", "X", "*")
INK, SOFT, LINE = "#1c2430", "#5a6675", "#d5dbe2"
STYLE: dict[str, Any] = {
    "svg.hashsalt": "binome", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 11,
    "font.sans-serif": ["DejaVu Sans"], "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT, "axes.labelsize": 10.5, "xtick.color": SOFT, "ytick.color": SOFT, "text.color": INK,
    "axes.grid": True, "axes.axisbelow": True, "grid.color": "#edf0f3", "figure.facecolor": "none",
    "axes.facecolor": "none", "legend.frameon": False, "xtick.major.size": 0, "ytick.major.size": 0,
}  # fmt: skip


class Figure:
    """A drawn figure.

    Attributes:
        svg: without the XML prologue, ready to stand in HTML.
        data: the numbers drawn.
        alt: what it shows, in words.
    """

    def __init__(self, name: str, svg: str, data: pl.DataFrame, alt: str) -> None:
        self.name, self.svg, self.data, self.alt = name, svg, data, alt


@contextmanager
def canvas(width: float, height: float, columns: int = 1, rows: int = 1, **options: Any) -> Iterator[tuple[Any, Any]]:
    """A matplotlib figure and its axes, in the style; closed afterwards."""
    import matplotlib as mpl
    from matplotlib.figure import Figure as Canvas

    with mpl.rc_context(STYLE):  # type: ignore[arg-type]
        figure = Canvas(figsize=(width, height), layout="constrained")
        yield figure, figure.subplots(rows, columns, **options)


def finish(name: str, figure: Any, data: pl.DataFrame, alt: str) -> Figure:
    """The figure as SVG; no date inside."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    svg = text[text.index("<svg") :]
    # Ids must not meet those of another figure on the page.
    svg = (
        svg.replace('id="', f'id="{name}-')
        .replace("url(#", f"url(#{name}-")
        .replace('xlink:href="#', f'xlink:href="#{name}-')
    )
    return Figure(name, svg, data, alt)


def decimals(axis: Any, words: Wording, digits: int = 1) -> None:
    """Tick labels as the language writes numbers."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value, digits)))
