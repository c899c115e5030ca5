"""The colour and the mark of each facet and reference."""

from __future__ import annotations

from binome.report.figures.canvas import GRID, LINE, SERIES

COLOURS = {
    "common": SERIES[0], "method": SERIES[1], "setting": SERIES[2], "seed": SERIES[4], "training": SERIES[3],
    "architecture": SERIES[5], "noise": SERIES[6], "together": LINE, "level": GRID,
}  # fmt: skip
MARKS = {"method": "o", "setting": "s", "seed": "D", "training": "^", "architecture": "v", "noise": "P"}
REFERENCE_MARKS = {"shuffled": "s", "random_weights": "D"}
