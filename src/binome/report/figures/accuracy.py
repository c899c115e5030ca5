"""Accuracy by condition, with each operator's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.analysis import Analysis
from binome.report.figures.canvas import INK, NARROW, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.looks import Look, looks
from binome.report.figures.rows import Row, decimals, interval, ruled
from binome.report.wording import Wording

Floats = npt.NDArray[np.float64]
ROW, HEAD, FOOT = 84.0, 40.0, 54.0
STACK, STEP = 34.0, 4.8
"""Points that the highest pile of dots may take, and at most between two dots."""


def accuracy(analysis: Analysis, chance: float, model: float, words: Wording, note: str = "") -> Figure | None:
    """Share of right decisions by condition, a dot an operator; None where it was not measured.

    Args:
        chance: accuracy of guessing.
        model: accuracy of the advice on the items shown.
    """
    table = analysis.measures.filter(pl.col("measure") == "accuracy")
    if table.is_empty():
        return None
    rows = table.to_dicts()
    dots = {
        name: analysis.operators.filter(pl.col("condition") == name)["value"].drop_nulls().to_numpy()
        for name in table["condition"]
    }
    styles = looks(analysis.conditions)

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=10, right=10, top=HEAD, bottom=FOOT)
        ruled(axes, ROW, len(rows))
        axes.set_xlim(0, 1)
        decimals(axes.xaxis, words)
        axes.set_xlabel(words["accuracy_axis"])
        for i, (x, label, dashes) in enumerate(
            ((chance, words["chance"], (1, 2.5)), (model, words["model_line"], (5, 3)))
        ):
            text = f"{label} {words.number(x, 2)}"
            side = "left" if x < 0.25 else "right" if x > 0.75 else "center"
            axes.annotate(text, (x, 0), (0, 21 - 14 * i), textcoords="offset points", ha=side, color=SOFT, fontsize=11)
            for k in range(len(rows)):
                axes.plot([x, x], [k * ROW + 24, k * ROW + ROW - 2], color=SOFT, dashes=dashes, linewidth=1.1)
        for k, row in enumerate(rows):
            _condition(axes, k * ROW, row, dots[row["condition"]], styles[row["condition"]], words, sheet.width - 20)

    data = pl.concat(
        [
            table.select(pl.lit("condition").alias("level"), "condition", operator=pl.lit(None, pl.String))
            .hstack(table.select("value", "low", "high", "n", "undefined")),
            analysis.operators.select(
                pl.lit("operator").alias("level"), "condition", "operator", "value",
                pl.lit(None, pl.Float64).alias("low"), pl.lit(None, pl.Float64).alias("high"), "n", "undefined",
            ),
        ]
    )  # fmt: skip
    height = HEAD + FOOT + ROW * len(rows)
    return draw("accuracy", paint, [(WIDE, height), (NARROW, height)], data, words["accuracy_alt"], note)


def piled(dots: Floats, width: float) -> tuple[Floats, Floats, float]:
    """Places of the dots so that none hides another: equal values stand in piles, a few dots wide.

    Args:
        dots: (n,) in [0, 1].
        width: points that the range from 0 to 1 takes.

    Returns:
        Places along the axis (n,), heights in points (n,), and the points between two dots.
    """
    values, counts = np.unique(np.round(dots, 9), return_counts=True)
    gap = width * float(np.diff(values).min()) if len(values) > 1 else width
    step = STEP
    while step > 1 and np.ceil(counts.max() / (STACK // step)) * step > 0.9 * gap:
        step *= 0.95
    rows = int(STACK // step)
    x, y = [], []
    for value, count in zip(values, counts, strict=True):
        columns = int(np.ceil(count / rows))
        place = np.arange(count)
        # The top row may be shorter than the others: it stands in their middle.
        wide = np.minimum(columns, count - place // columns * columns)
        x.append(value + (place % columns - (wide - 1) / 2) * step / width)
        y.append(place // columns * step)
    return np.concatenate(x), np.concatenate(y), step


def _condition(
    axes: Any, top: float, row: Mapping[str, Any], dots: Floats, style: Look, words: Wording, width: float
) -> None:
    name, base = row["condition"], top + ROW - 22
    axes.plot(0.012, top + 12, style.mark, color=style.colour, markersize=8, clip_on=False)
    axes.annotate(name, (0.012, top + 12), (9, 0), textcoords="offset points", va="center", weight="bold", color=INK)
    axes.text(
        1, top + 12, words.interval(row["value"], row["low"], row["high"]), ha="right", va="center", fontsize=11.5
    )
    if len(dots):
        x, y, step = piled(dots, width)
        axes.scatter(
            x, base - y, s=(0.86 * step) ** 2, color=style.colour, alpha=0.5, linewidths=0, clip_on=False, zorder=2.5
        )
    interval(axes, top + ROW - 11, Row.of(name, row, colour=style.colour, mark=style.mark))
