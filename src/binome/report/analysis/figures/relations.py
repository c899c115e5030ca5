"""How each relation looks in every figure: one colour."""

from __future__ import annotations

from binome.report.figures.canvas import SERIES

COLOURS = {"autonomy": SERIES[1], "mediation": SERIES[4], "delegation": SERIES[2], "substitution": SERIES[3]}
