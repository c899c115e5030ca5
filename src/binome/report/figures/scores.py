"""How the explanations score on each metric."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from binome.report.figures.canvas import INK, NARROW, SERIES, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.rows import Row, decimals, listed
from binome.report.wording import Wording

ROW, TITLE, AXIS = 30.0, 48.0, 26.0


def scores(means: pl.DataFrame, names: Sequence[str], controls: Collection[str], words: Wording) -> Figure | None:
    """Mean over items by metric and explanation; placebos are hollow. None where nothing was scored.

    Args:
        means: from `item_means` by explanation and metric.
    """
    metrics = means["metric"].unique(maintain_order=True).to_list()
    if not metrics:
        return None
    rows = {metric: _rows(means.filter(pl.col("metric") == metric), names, controls) for metric in metrics}
    panel = TITLE + AXIS + ROW * max(map(len, rows.values()))

    def paint(sheet: Sheet) -> None:
        columns = 1 if sheet.narrow else 2
        width = sheet.width / columns
        for k, metric in enumerate(metrics):
            x, y = (k % columns) * width, (k // columns) * panel
            inside = ROW * len(rows[metric])
            axes = sheet.axes(
                left=x + 96, right=sheet.width - x - width + 46, top=y + TITLE, bottom=sheet.height - y - TITLE - inside
            )
            listed(axes, rows[metric], ROW, lambda value: words.number(value, 2), words.undefined)
            axes.locator_params(axis="x", nbins=4)
            axes.margins(x=0.08)
            decimals(axes.xaxis, words, 2)
            sheet.write(x + 2, y + 18, words.metric(metric), color=INK, weight="bold")
            sheet.write(x + 2, y + 34, words.better(metric), color=SOFT, fontsize=11)

    sizes = [(width, panel * -(-len(metrics) // columns)) for width, columns in ((WIDE, 2), (NARROW, 1))]
    return draw("explanation-scores", paint, sizes, means, words["scores_alt"])


def _rows(means: pl.DataFrame, names: Sequence[str], controls: Collection[str]) -> list[Row]:
    found = {row["explanation"]: row for row in means.iter_rows(named=True)}
    return [
        Row.of(name, found[name], colour=SOFT, mark="D", hollow=True)
        if name in controls
        else Row.of(name, found[name], colour=SERIES[1])
        for name in names
        if name in found
    ]
