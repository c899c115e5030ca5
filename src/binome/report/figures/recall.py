"""What the model recognises, class by class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from binome.core import say
from binome.report.figures.canvas import SOFT, Figure, Sheet, draw
from binome.report.figures.rows import Row, decimals, listed
from binome.report.wording import Wording

WIDTH, ROW, FOOT = 340.0, 27.0, 46.0


def recall(card: Mapping[str, Any], words: Wording) -> Figure | None:
    """Recall by class with its interval, the hardest class first, undefined ones last; None without classes."""
    if not card.get("per_class"):
        return None
    classes = sorted(
        card["per_class"], key=lambda row: (row["recall"]["value"] is None, row["recall"]["value"] or 0, row["id"])
    )
    rows = [Row.of(say(row["label"], words.language), row["recall"]) for row in classes]
    height = ROW * len(rows) + FOOT + 8
    data = pl.DataFrame(
        [
            {"id": row["id"], "n": row["n"], **{key: row["recall"][key] for key in ("value", "low", "high")}}
            for row in classes
        ],
        schema={"id": pl.String, "n": pl.Int64, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64},
    )

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=96, right=52, top=8, bottom=FOOT)
        listed(axes, rows, ROW, words.number, words.undefined)
        lows = [row.low for row in rows if row.low is not None]
        axes.set_xlim(0.5 if lows and min(lows) > 0.5 else 0, 1)
        axes.locator_params(axis="x", nbins=5)
        decimals(axes.xaxis, words)
        sheet.write(96, height - 6, words["recall_axis"], color=SOFT, fontsize=11)

    return draw("recall", paint, [(WIDTH, height)], data, words["recall_alt"])
