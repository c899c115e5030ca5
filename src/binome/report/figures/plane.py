"""The RAIR–RSR plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from binome.analysis import Analysis
from binome.report.figures.canvas import INK, LINE, SOFT, Figure, Sheet, draw
from binome.report.figures.keys import legend, legend_height, unit_square
from binome.report.figures.labels import shortened
from binome.report.figures.looks import Look, looks
from binome.report.wording import Wording

WIDTH, HEIGHT = 340.0, 366.0
APART = 0.058
"""Least distance between two labels, in data units."""
BESIDE = 8
"""More conditions than these are named below, not beside their crosses."""


def plane(analysis: Analysis, words: Wording, note: str = "") -> Figure | None:
    """RAIR against RSR with their intervals; None where no condition has both."""
    points = both(analysis, "rair", "rsr")
    if not points:
        return None
    styles = looks(analysis.conditions)
    key = [(styles[name].mark, styles[name].colour, shortened(name, 150)) for name, *_ in points]
    below = legend_height(key, WIDTH) if len(points) > BESIDE else 0.0

    def paint(sheet: Sheet) -> None:
        axes = sheet.axes(left=34, right=14, top=30, bottom=60 + below)
        axes.plot([0, 1, 1], [1, 1, 0], color=LINE, linewidth=0.8)
        axes.plot(1, 1, "*", markersize=15, color=INK, clip_on=False)
        axes.annotate(words["ideal"], (1, 1), (-10, -3), textcoords="offset points", ha="right", va="top", color=SOFT)
        for name, x, y in points:
            look = styles[name]
            for xs, ys in (((x["low"], x["high"]), (y["value"],) * 2), ((x["value"],) * 2, (y["low"], y["high"]))):
                if None not in (*xs, *ys):
                    axes.plot(xs, ys, color=look.colour, alpha=0.6, linewidth=1.5)
            axes.plot(x["value"], y["value"], look.mark, color=look.colour, markersize=9)
        if below:
            legend(sheet, key, HEIGHT - 4)
        else:
            _labels(axes, points, styles)
        axes.set_xlabel(words["plane_x"])
        unit_square(axes, words)
        sheet.write(2, 16, words["plane_y"], color=SOFT, fontsize=11)

    data = analysis.measures.filter(pl.col("measure").is_in(["rair", "rsr"]))
    return draw("reliance-plane", paint, [(WIDTH, HEIGHT + below)], data, words["plane_alt"], note)


def both(analysis: Analysis, first: str, second: str) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Conditions in which both measures are defined, with their rows."""
    found = []
    for condition in analysis.conditions:
        part = analysis.measures.filter(pl.col("condition") == condition)
        rows = [part.filter(pl.col("measure") == name).to_dicts() for name in (first, second)]
        if all(row and row[0]["value"] is not None for row in rows):
            found.append((condition, rows[0][0], rows[1][0]))
    return found


def _labels(axes: Any, points: Sequence[tuple[str, Any, Any]], styles: dict[str, Look]) -> None:
    """Names beside all the crosses, on the side with room, none over another."""
    ends = [x["high"] if x["high"] is not None else x["value"] for _, x, _ in points]
    starts = [x["low"] if x["low"] is not None else x["value"] for _, x, _ in points]
    right = max(ends) < 0.7 or min(starts) < 0.3
    place = min(max(ends) + 0.05, 0.72) if right else max(min(starts) - 0.05, 0.28)
    ordered = sorted(points, key=lambda point: point[2]["value"])
    heights = [point[2]["value"] for point in ordered]
    spread = apart(heights, APART)
    for (name, x, y), height in zip(ordered, spread, strict=True):
        axes.plot([x["value"], place], [y["value"], height], color=LINE, linewidth=0.8, zorder=1)
        axes.text(
            place + (0.012 if right else -0.012), height, shortened(name, 96),
            ha="left" if right else "right", va="center",
            color=styles[name].colour, weight="bold", fontsize=11.5,
        )  # fmt: skip


def apart(heights: Sequence[float], least: float) -> list[float]:
    """Rising heights moved as little as need be for each to stand `least` above the one before, around their mean."""
    moved: list[float] = []
    for height in heights:
        moved.append(max(height, moved[-1] + least) if moved else height)
    shift = sum(moved) / len(moved) - sum(heights) / len(heights)
    return [height - shift for height in moved]
