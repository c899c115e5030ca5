"""Forest plot of the biases that can be told from the data."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from binome.report.analysis.figures.forest import Block, forest, forest_height
from binome.report.analysis.wording import Words
from binome.report.figures.canvas import INK, NARROW, WIDE, Figure, Sheet, draw
from binome.report.figures.looks import looks
from binome.report.figures.rows import Row

MOST = 6
"""Groups of one bias that are drawn; the table has all."""


def biases(table: pl.DataFrame, conditions: Sequence[str], words: Words, note: str = "") -> Figure | None:
    """Each identifiable bias with its interval, in percentage points; None where there is none.

    Estimates on other scales than differences of shares are in the data and the table.

    Args:
        table: of `Findings.biases`.
    """
    full = table.filter(pl.col("identifiable") & pl.col("value").is_not_null())
    full = full.filter(pl.col("scale").str.starts_with("difference"))
    if full.is_empty():
        return None
    blocks = [
        _block(name, full.filter(pl.col("bias") == name), conditions, words)
        for name in full["bias"].unique(maintain_order=True)
    ]

    def number(row: Row) -> str:
        limits = "" if row.low is None or row.high is None else f" [{_whole(row.low)}{words['to']}{_whole(row.high)}]"
        return f"{_whole(row.value)}{limits}"

    def _whole(value: float | None) -> str:
        return words.signed(value, 1 if value is not None and abs(value) < 10 else 0)

    def paint(sheet: Sheet) -> None:
        forest(sheet, blocks, number, lambda value: words.signed(value, 0), words["points_axis"])

    sizes = [(width, forest_height(blocks, width)) for width in (WIDE, NARROW)]
    return draw("biases", paint, sizes, table, words["biases_alt"], note)


def _block(name: str, part: pl.DataFrame, conditions: Sequence[str], words: Words) -> Block:
    styles = looks(conditions)
    rows = []
    for row in part.head(MOST).iter_rows(named=True):
        group = row["group"] or words["all_groups"]
        look = styles.get(group)
        label = words.bias_group(row["against"], group)
        rows.append(Row.of(label, row, 100, colour=look.colour if look else INK, mark=look.mark if look else "o"))
    scale = part["scale"][0]
    return Block(words.bias(name), "" if scale == "difference" else words.scale(scale), tuple(rows))
