"""How alike the explanations are, two by two."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

from binome.report.figures.canvas import INK, SOFT, Figure, Sheet, draw
from binome.report.figures.rows import matrix
from binome.report.wording import Wording

LEFT, WIDTH = 78.0, 340.0


def agreement(
    means: pl.DataFrame, measure: str, names: Sequence[str], controls: Collection[str], words: Wording
) -> Figure | None:
    """The lower half of the matrix of mean agreements, each with its number; None without two explanations.

    Args:
        means: from `item_means` by a, b and measure.
    """
    means = means.filter(pl.col("measure") == measure)
    order = {name: i for i, name in enumerate(names)}
    pairs = [row for row in means.iter_rows(named=True) if row["a"] in order and row["b"] in order]
    if not pairs or len(names) < 2:
        return None
    values = np.full((len(names) - 1, len(names) - 1), np.nan)
    for row in pairs:
        first, second = sorted((order[row["a"]], order[row["b"]]))
        if first != second and row["value"] is not None:
            values[second - 1, first] = row["value"]
    # The names below stand aslant: the longest decides how much room they take.
    foot = 20 + 4.4 * max(map(len, names))
    cell = min((WIDTH - LEFT - 4) / len(values), 46.0)

    def paint(sheet: Sheet) -> None:
        side = cell * len(values)
        axes = sheet.axes(left=LEFT, right=sheet.width - LEFT - side, top=4, bottom=foot)
        matrix(axes, values, lambda value: words.number(value, 2), 11 if cell > 34 else 9.5)
        places = np.arange(len(values)) + 0.5
        axes.set_yticks(places, names[1:])
        axes.set_xticks(places, names[:-1], rotation=38, ha="right", rotation_mode="anchor")
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_color(SOFT if label.get_text() in controls else INK)

    height = cell * len(values) + foot + 4
    name = f"agreement-{measure.replace('_', '-')}"
    return draw(name, paint, [(WIDTH, height)], means, words.say("agreement_alt", measure=words.agreement(measure)))
