"""Whether the model's confidence can be taken at its word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from binome.report.figures.canvas import INK, PAPER, SERIES, SOFT, Figure, Sheet, draw
from binome.report.figures.keys import unit_square
from binome.report.wording import Wording

SIZE = (340.0, 350.0)
BINS = {
    "low": pl.Float64, "high": pl.Float64, "n": pl.Int64, "confidence": pl.Float64, "accuracy": pl.Float64,
}  # fmt: skip


def reliability(card: Mapping[str, Any], words: Wording) -> Figure | None:
    """Stated confidence against the share right, bin by bin; the area of a dot is its number of items.

    Bins before calibration are drawn too where the card has them (`bins_before`). None where all bins are
    empty, or the card has none.
    """
    calibration = card.get("calibration") or {}
    if not calibration.get("bins"):
        return None
    stages: dict[str, Sequence[Mapping[str, Any]]] = {"after": calibration["bins"]}
    if calibration.get("bins_before"):
        stages = {"before": calibration["bins_before"], **stages}
    data = pl.concat(
        [
            pl.DataFrame([{key: row[key] for key in BINS} for row in rows], schema=BINS).select(
                pl.lit(stage).alias("calibration"), *BINS
            )
            for stage, rows in stages.items()
        ]
    )
    full = data.filter(pl.col("n") > 0)
    if full.is_empty():
        return None
    most = max(full["n"])

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=34, right=14, top=30, bottom=44)
        axes.plot([0, 1], [0, 1], color=SOFT, dashes=(5, 4), linewidth=1)
        axes.text(0.03, 0.96, words["modest"], color=SOFT, fontsize=11, va="top")
        axes.text(0.97, 0.04, words["boastful"], color=SOFT, fontsize=11, ha="right")
        for stage in stages:
            part = full.filter(pl.col("calibration") == stage)
            x, y = part["confidence"].to_list(), part["accuracy"].to_list()
            sizes = [14 + 150 * n / most for n in part["n"]]
            late = stage == "after"
            colour = SERIES[1] if late else SOFT
            axes.plot(x, y, color=colour, linewidth=1.2, alpha=0.6, dashes=(None, None) if late else (2, 2))
            face = colour if late else PAPER
            axes.scatter(x, y, s=sizes, color=face, edgecolors=colour, linewidths=1.2, zorder=3, clip_on=False)
            if len(stages) > 1:
                axes.text(x[0], y[0] - 0.05, words[stage], color=colour if late else INK, va="top", fontsize=11)
        axes.set_xlabel(words["reliability_x"])
        unit_square(axes, words)
        sheet.write(2, 16, words["reliability_y"], color=SOFT, fontsize=11)

    return draw("reliability", paint, [SIZE], data, words["reliability_alt"])
