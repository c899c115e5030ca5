"""Of what the variation between maps is made: one bar of 100 % a method."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from binome.report.figures.canvas import INK, LINE, NARROW, PAPER, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import in_percent, legend, legend_height
from binome.report.figures.labels import room
from binome.report.variation.figures.keys import COLOURS
from binome.report.variation.findings import FACETS
from binome.report.variation.wording import Words

ROW, GAP, FOOT = 32.0, 16.0, 44.0
LEAST = 0.055
"""A narrower part has no room for its number."""
SEEN = 0.001
"""A part that is smaller in every bar is not worth a place in the legend."""
ORDER = tuple(COLOURS)
WITHIN = {"setting": ("method",), "seed": ("method", "setting"), "training": ("architecture",)}
"""Facets whose levels mean something within those of others alone."""


def parts(components: pl.DataFrame, methods: Sequence[str], words: Words) -> Figure | None:
    """Shares of the variance of maps: what all explanations of an item have in common, each facet alone, several
    facets together, and what moves a map as a whole. Over all methods, within each, and for the references.

    None where no share is defined.
    """
    table = _parts(components.filter(pl.col("of") == "maps"))
    rows = [("", name) for name in ("", *methods)] + [(reference, "") for reference in ("shuffled", "random_weights")]
    found = {key: part for key, part in _by_row(table).items() if key in rows}
    rows = [row for row in rows if row in found]
    if not rows:
        return None
    labels = [_label(row, words) for row in rows]
    # A little room sets apart what is not the study's own single methods.
    tops = [
        i * ROW + GAP * sum(_kind(rows[j]) != _kind(rows[j - 1]) for j in range(1, i + 1)) for i in range(len(rows))
    ]
    present = [part for part in ORDER if any(found[row].get(part, 0.0) >= SEEN for row in rows)]
    key = [("s", COLOURS[part], words.words["parts"][part]) for part in present]
    inside = tops[-1] + ROW

    def paint(sheet: Sheet) -> None:
        legend(sheet, key)
        axes = sheet.axes(left=room(labels), right=14, top=legend_height(key, sheet.width), bottom=FOOT)
        axes.set(xlim=(0, 1), ylim=(inside, 0))
        axes.set_yticks([])
        in_percent(axes.xaxis, words)
        axes.set_xlabel(words["parts_axis"])
        aside = axes.get_yaxis_transform()
        least = LEAST * (2 if sheet.narrow else 1)
        for row, top, label in zip(rows, tops, labels, strict=True):
            y, left = top + ROW / 2, 0.0
            ink = INK if row[0] == "" else SOFT
            axes.text(-0.02, y, label, ha="right", va="center", color=ink, transform=aside, fontsize=11.5)
            for part in present:
                share = found[row].get(part, 0.0)
                axes.barh(y, share, 0.68 * ROW, left=left, facecolor=COLOURS[part], edgecolor=PAPER, linewidth=1)
                if share >= least:
                    colour = INK if part in ("together", "level") else PAPER
                    number = words.number(100 * share, 0)
                    axes.text(left + share / 2, y, number, ha="center", va="center", color=colour, fontsize=10.5)
                left += share
        axes.plot([0, 0], [0, inside], color=LINE, linewidth=0.8)

    sizes = [(width, legend_height(key, width) + inside + FOOT) for width in (WIDE, NARROW)]
    return draw("variance", paint, sizes, table, words["parts_alt"])


def _parts(components: pl.DataFrame) -> pl.DataFrame:
    """Shares summed by part: `common`, a facet's name, `together` or `level`."""
    rows = [
        (row["reference"], row["method"], part_of(row["term"], row["object"]), row["share"])
        for row in components.drop_nulls("share").iter_rows(named=True)
    ]
    table = pl.DataFrame(
        rows, {"reference": pl.String, "method": pl.String, "part": pl.String, "share": pl.Float64}, orient="row"
    )
    return table.group_by("reference", "method", "part", maintain_order=True).agg(pl.col("share").sum())


def part_of(term: str, holds_object: bool) -> str:
    """The part to which a term of maps belongs, such as `pixel:method:setting`: a setting lies within its method, so
    that the term is the setting's alone."""
    if not holds_object:
        return "level"
    facets = [name for name in term.partition(",")[0].split(":") if name in FACETS]
    own = [name for name in facets if not any(name in WITHIN.get(other, ()) for other in facets)]
    return "common" if not own else own[0] if len(own) == 1 else "together"


def _by_row(table: pl.DataFrame) -> dict[tuple[str, str], dict[str, float]]:
    found: dict[tuple[str, str], dict[str, float]] = {}
    for row in table.iter_rows(named=True):
        found.setdefault((row["reference"], row["method"]), {})[row["part"]] = row["share"]
    return found


def _kind(row: tuple[str, str]) -> str:
    return "reference" if row[0] else "method" if row[1] else "all"


def _label(row: tuple[str, str], words: Words) -> str:
    reference, method = row
    return words.reference(reference) if reference else method or words["all_methods"]
