"""How alike maps are that differ in one thing only, beside maps that have nothing to say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import polars as pl

from binome.report.figures.canvas import INK, LINE, NARROW, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import legend, legend_height, unit_steps
from binome.report.figures.labels import room
from binome.report.figures.rows import Row, interval, ruled
from binome.report.variation.figures.keys import COLOURS, REFERENCE_MARKS
from binome.report.variation.wording import Words

ROW, FOOT = 34.0, 44.0
ORDER = ("noise", "setting", "seed", "training", "architecture", "method")


def alike(agreements: pl.DataFrame, measure: str, controls: Collection[str], words: Words) -> Figure | None:
    """A row a facet (for settings a row a method), a dot a pair of levels on its interval; the references are hollow,
    and pairs with a placebo left out.

    None where nothing is defined.
    """
    table = without(agreements.filter(pl.col("measure") == measure).drop_nulls("value"), controls)
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for found in table.iter_rows(named=True):
        row = found["a"].partition(": ")[0] if found["facet"] == "setting" else ""
        groups.setdefault((found["reference"], found["facet"], row), []).append(found)
    keys = [(facet, row) for name in ORDER for reference, facet, row in groups if reference == "" and facet == name]
    if not keys:
        return None
    labels = [words.say("setting_of", method=row) if row else words.facet(facet) for facet, row in keys]
    present = [name for name in REFERENCE_MARKS if name in set(table["reference"])]
    key = [("o", INK, words["pair_of_levels"])]
    key += [(f"h{REFERENCE_MARKS[name]}", SOFT, words.reference(name)) for name in present]
    low = min(0.0, float(table["value"].min() or 0.0))  # type: ignore[arg-type]

    def paint(sheet: Sheet) -> None:
        legend(sheet, key)
        right = 74 if low < 0 else 62
        axes = sheet.axes(left=room(labels, most=150), right=right, top=legend_height(key, sheet.width), bottom=FOOT)
        ruled(axes, ROW, len(keys))
        axes.set_xlim(low - (0.05 if low < 0 else 0), 1)
        unit_steps(axes.xaxis, words)
        axes.set_xlabel(words["alike_axis"])
        aside = axes.get_yaxis_transform()
        for i, (key_, label) in enumerate(zip(keys, labels, strict=True)):
            y, pairs = i * ROW, groups[("", *key_)]
            axes.axhline(y + ROW / 2, color=LINE, linewidth=0.5, dashes=(1, 3), zorder=0)
            for reference in present:
                for pair in groups.get((reference, *key_), []):
                    mark = Row("", pair["value"], None, None, SOFT, REFERENCE_MARKS[reference], hollow=True)
                    interval(axes, y + ROW - 9, mark, 4.5)
            for pair in pairs:
                interval(axes, y + ROW / 2 - 3, Row.of("", pair, colour=COLOURS[key_[0]]), 6)
            axes.text(-0.02, y + ROW / 2, label, ha="right", va="center", color=INK, transform=aside, fontsize=11)
            axes.text(1.03, y + ROW / 2, _range(pairs, words), va="center", color=INK, transform=aside, fontsize=11)

    sizes = [(width, legend_height(key, width) + ROW * len(keys) + FOOT) for width in (WIDE, NARROW)]
    name = f"alike-{measure.replace('_', '-')}"
    return draw(name, paint, sizes, table, words.say("alike_alt", measure=words.agreement(measure)))


def without(agreements: pl.DataFrame, controls: Collection[str]) -> pl.DataFrame:
    """Without pairs of methods of which one is a placebo: that it agrees with nothing is no variation of explanations.

    Where all pairs are such, they stay.
    """
    placebo = (pl.col("facet") == "method") & (pl.col("a").is_in(list(controls)) | pl.col("b").is_in(list(controls)))
    own = agreements.filter(~placebo)
    return own if "method" in set(own["facet"]) else agreements


def _range(pairs: Sequence[dict[str, Any]], words: Words) -> str:
    values = [pair["value"] for pair in pairs]
    low, high = (words.number(value, 2) for value in (min(values), max(values)))
    return low if low == high else f"{low}–{high}"
