"""Whether trust went with how often the advice, and the team, were right."""

from __future__ import annotations

import polars as pl

from binome.report.analysis.figures.panels import MOST, grid, headed
from binome.report.analysis.wording import Words
from binome.report.figures.canvas import NARROW, PAPER, SERIES, SOFT, WIDE, Figure, Sheet, draw
from binome.report.figures.keys import legend, unit_square

SINGLE, PANEL, LEFT, TOP, BOTTOM, HEAD, FOOT = 320.0, 213.0, 34.0, 26.0, 26.0, 44.0, 22.0
TARGETS = {"advice": (SERIES[1], "o", False), "team": (SERIES[2], "s", True)}
ASIDE = 0.012


def trust(table: pl.DataFrame, words: Words, note: str = "") -> Figure | None:
    """A panel a scale: trust on [0, 1] against the share of right advice and of right final decisions.

    None where no level of trust has a decision.

    Args:
        table: of `Trust.calibration`.
    """
    full = table.drop_nulls(["value", "trust"])
    scales = full["scale"].unique(maintain_order=True).to_list()[:MOST]
    if not scales:
        return None
    present = [target for target in TARGETS if target in set(full["target"])]
    key = [
        (("h" if hollow else "") + mark, colour, words[f"target_{target}"])
        for target, (colour, mark, hollow) in TARGETS.items()
        if target in present
    ]

    panel = SINGLE if len(scales) == 1 else PANEL

    def paint(sheet: Sheet) -> None:
        legend(sheet, key)
        sheet.write(2, HEAD - 8, words["trust_y"], color=SOFT, fontsize=11)
        columns, _ = grid(len(scales), sheet.width, panel)
        for k, scale in enumerate(scales):
            x, y = (k % columns) * panel, HEAD + (k // columns) * panel
            headed(sheet, x + LEFT, y + 16, scale.replace("_", " "), panel - LEFT)
            axes = sheet.axes(
                left=x + LEFT,
                right=sheet.width - x - panel + 12,
                top=y + TOP,
                bottom=sheet.height - y - panel + BOTTOM,
            )
            axes.plot([0, 1], [0, 1], color=SOFT, dashes=(5, 4), linewidth=1)
            for target in present:
                colour, mark, hollow = TARGETS[target]
                shift = ASIDE if hollow else -ASIDE
                part = full.filter((pl.col("scale") == scale) & (pl.col("target") == target)).sort("trust")
                places = (part["trust"] + shift).to_list()
                axes.plot(places, part["value"], color=colour, linewidth=1.2, alpha=0.5)
                for place, low, high in zip(places, part["low"], part["high"], strict=True):
                    if low is not None and high is not None:
                        axes.plot([place, place], [low, high], color=colour, linewidth=1.6)
                face = PAPER if hollow else colour
                axes.plot(places, part["value"], mark, color=colour, markerfacecolor=face, markeredgewidth=1.5,
                          markersize=7, clip_on=False)  # fmt: skip
            unit_square(axes, words, 0.2 if columns == 1 else 0.5)
        sheet.write(2, sheet.height - 6, words["trust_x"], color=SOFT, fontsize=11)

    widths = (SINGLE,) if len(scales) == 1 else (WIDE, NARROW)
    sizes = [(width, HEAD + FOOT + panel * grid(len(scales), width, panel)[1]) for width in widths]
    return draw("trust", paint, sizes, table, words["trust_alt"], note)
