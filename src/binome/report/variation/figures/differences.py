"""The critical-difference diagram: mean ranks of the methods, and which of them do not differ."""

from __future__ import annotations

import re
from collections.abc import Collection

import polars as pl

from binome.report.figures.canvas import INK, NARROW, SERIES, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.labels import room
from binome.report.figures.rows import Row, decimals, interval, ruled
from binome.report.variation.wording import Words

ROW, HEAD, FOOT, BAR = 28.0, 34.0, 46.0, 11.0


def differences(
    table: pl.DataFrame, metric: str, controls: Collection[str], words: Words, *, wide: bool = True
) -> Figure | None:
    """Mean ranks on one metric (`all`: over the metrics), the best first, and a bar over each group that does not
    differ (Demšar 2006). None where fewer than two ranks are defined.
    """
    table = table.filter(pl.col("metric") == metric).drop_nulls("rank").sort("rank", "method")
    if table.height < 2:
        return None
    rows = table.to_dicts()
    letters = sorted({letter for row in rows for letter in row["group"] or ""})
    groups = [[row["rank"] for row in rows if letter in (row["group"] or "")] for letter in letters]
    groups = [ranks for ranks in groups if len(ranks) > 1]
    critical = rows[0]["critical"]
    inside = ROW * len(rows) + BAR * len(groups) + 6

    def paint(sheet: Sheet) -> None:
        names = [row["method"] for row in rows]
        axes = sheet.axes(left=room(names), right=46, top=HEAD, bottom=FOOT)
        ruled(axes, 1, 1)
        axes.set(xlim=(0.8, len(rows) + 0.2), ylim=(inside, 0))
        axes.locator_params(axis="x", nbins=min(len(rows) + 1, 8), integer=True)
        decimals(axes.xaxis, words, 0)
        axes.set_xlabel(words["ranks_axis"])
        aside = axes.get_yaxis_transform()
        for i, row in enumerate(rows):
            y, placebo = (i + 0.5) * ROW, row["method"] in controls
            ink = SOFT if placebo else INK
            mark = Row("", row["rank"], None, None, SOFT if placebo else SERIES[1], "D" if placebo else "o", placebo)
            interval(axes, y, mark)
            axes.text(-0.02, y, row["method"], ha="right", va="center", color=ink, transform=aside, fontsize=11.5)
            axes.text(1.03, y, words.number(row["rank"], 2), va="center", color=ink, transform=aside, fontsize=11.5)
        for k, ranks in enumerate(groups):
            y = ROW * len(rows) + 8 + BAR * k
            axes.plot([min(ranks), max(ranks)], [y, y], color=INK, linewidth=4)
            for rank in (min(ranks), max(ranks)):
                axes.plot([rank, rank], [0, y], color=SOFT, linewidth=0.6, dashes=(1, 3), zorder=0)
        if critical is not None:
            axes.plot([1, min(1 + critical, len(rows))], [-9, -9], color=SERIES[2], linewidth=2.4, clip_on=False)
            text = words.say("critical", number=words.number(critical, 2))
            axes.text(1, -20, text, va="center", color=SOFT, fontsize=11)

    name = "differences" if metric == "all" else f"differences-{re.sub('[^a-z0-9]+', '-', metric.lower()).strip('-')}"
    sizes = [(width, HEAD + inside + FOOT) for width in ((WIDE, NARROW) if wide else (NARROW,))]
    return draw(
        name,
        paint,
        sizes,
        table,
        words.say("differences_alt", metric=words["all_metrics"] if metric == "all" else words.labelled(metric)),
    )
