"""Which class the model takes for which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from binome.core import say
from binome.report.figures.canvas import INK, SOFT, Figure, Sheet, draw
from binome.report.figures.rows import matrix
from binome.report.wording import Wording

LEFT, TOP, WIDTH = 84.0, 22.0, 440.0


def confusion(card: Mapping[str, Any], words: Wording) -> Figure | None:
    """Rows: the truth; columns: the advice; numbers: per cent of the row. A class without items has an empty row.

    None for a task without classes.
    """
    if not card.get("confusion"):
        return None
    counts = np.asarray(card["confusion"], dtype=np.float64)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.full_like(counts, np.nan), where=totals > 0)
    labels = [say(row["label"], words.language) for row in card["per_class"]]
    ids = [row["id"] for row in card["per_class"]]
    cell = min((WIDTH - LEFT - 4) / len(ids), 60.0)
    foot = 40 + 4.4 * max(map(len, labels))
    side = cell * len(ids)

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=LEFT, right=sheet.width - LEFT - side, top=TOP, bottom=foot)
        # Rare confusions stay blank: a number below one half per cent would read as none.
        matrix(axes, shares, lambda share: words.number(100 * share, 0) if share >= 0.005 else "", 10.5)
        places = np.arange(len(ids)) + 0.5
        axes.set_yticks(places, labels, color=INK)
        axes.set_xticks(places, labels, rotation=38, ha="right", rotation_mode="anchor", color=INK)
        sheet.write(2, 14, words["confusion_y"], color=SOFT, fontsize=11)
        sheet.write(sheet.width - 4, sheet.height - 6, words["confusion_x"], color=SOFT, fontsize=11, ha="right")

    rows = [
        {"truth": ids[i], "advice": ids[j], "n": int(counts[i, j])} for i in range(len(ids)) for j in range(len(ids))
    ]
    size = (max(LEFT + side + 4, 320.0), TOP + side + foot)
    data = pl.DataFrame(rows, schema={"truth": pl.String, "advice": pl.String, "n": pl.Int64})
    return draw("confusion", paint, [size], data, words["confusion_alt"])
