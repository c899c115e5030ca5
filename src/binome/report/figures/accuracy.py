"""Accuracy by condition, with each operator's own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.analysis import Analysis
from binome.report.figures.canvas import INK, NARROW, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.labels import shortened
from binome.report.figures.looks import Look, looks
from binome.report.figures.rows import Row, decimals, interval, ruled
from binome.report.wording import Wording

Floats = npt.NDArray[np.float64]
ROW, HEAD, FOOT = 84.0, 40.0, 54.0
STACK, STEP = 34.0, 4.8
"""Points that the highest pile of dots may take, and at most between two dots."""


def accuracy(
    analysis: Analysis, chance: float | None, model: float | None, words: Wording, note: str = ""
) -> Figure | None:
    """Share of right decisions by condition, a dot an operator; None where it was not measured.

    Args:
        chance: accuracy of guessing; None where decisions are not a choice among a few.
        model: accuracy of the advice on the items shown; None where there is none.
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
        inside = sheet.width - 20
        pile = piles(list(dots.values()), inside)
        decimals(axes.xaxis, words)
        axes.set_xlabel(words["accuracy_axis"])
        for i, (x, label, dashes) in enumerate(
            ((chance, words["chance"], (1, 2.5)), (model, words["model_line"], (5, 3)))
        ):
            if x is None:
                continue
            text = f"{label} {words.number(x, 2)}"
            side = "left" if x < 0.25 else "right" if x > 0.75 else "center"
            axes.annotate(text, (x, 0), (0, 21 - 14 * i), textcoords="offset points", ha=side, color=SOFT, fontsize=11)
            for k in range(len(rows)):
                axes.plot([x, x], [k * ROW + 24, k * ROW + ROW - 2], color=SOFT, dashes=dashes, linewidth=1.1)
        for k, row in enumerate(rows):
            _condition(axes, k * ROW, row, dots[row["condition"]], styles[row["condition"]], words, inside, pile)

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


def piles(groups: Sequence[Floats], width: float) -> tuple[int, float]:
    """How many dots wide the piles of equal values stand, and the points between two dots: the same for all groups.

    Args:
        groups: values of the dots, each (n,) in [0, 1].
        width: points that the range from 0 to 1 takes.
    """
    counted = [np.unique(np.round(dots, 9), return_counts=True) for dots in groups if len(dots)]
    most = max((int(counts.max()) for _, counts in counted), default=1)
    gap = width * min((float(np.diff(values).min()) for values, _ in counted if len(values) > 1), default=1.0)
    step = STEP
    while step > 1 and math.ceil(most / (STACK // step)) * step > 0.9 * gap:
        step *= 0.95
    return math.ceil(most / (STACK // step)), step


def piled(dots: Floats, columns: int, step: float) -> tuple[Floats, Floats, Floats]:
    """Places of the dots so that none hides another, and a pile's height says how many there are.

    Returns:
        Values (n,), sideways shifts (n,) and heights (n,), the last two in points.
    """
    values, counts = np.unique(np.round(dots, 9), return_counts=True)
    place = np.concatenate([np.arange(count) for count in counts])
    row = place // columns
    # A row that is not full stands in the middle, over its value.
    wide = np.minimum(columns, np.repeat(counts, counts) - row * columns)
    return np.repeat(values, counts), (place % columns - (wide - 1) / 2) * step, row * step


def _condition(
    axes: Any,
    top: float,
    row: Mapping[str, Any],
    dots: Floats,
    style: Look,
    words: Wording,
    width: float,
    pile: tuple[int, float],
) -> None:
    name, base = row["condition"], top + ROW - 22
    axes.plot(0.012, top + 12, style.mark, color=style.colour, markersize=8, clip_on=False)
    shown = shortened(name, 0.55 * width)
    axes.annotate(shown, (0.012, top + 12), (9, 0), textcoords="offset points", va="center", weight="bold", color=INK)
    axes.text(
        1, top + 12, words.interval(row["value"], row["low"], row["high"]), ha="right", va="center", fontsize=11.5
    )
    if len(dots):
        columns, step = pile
        x, aside, up = piled(dots, columns, step)
        axes.scatter(
            x + aside / width,
            base - up,
            s=(0.86 * step) ** 2,
            color=style.colour,
            alpha=0.5,
            linewidths=0,
            clip_on=False,
            zorder=2.5,
        )
    interval(axes, top + ROW - 11, Row.of(name, row, colour=style.colour, mark=style.mark))
