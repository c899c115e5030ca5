"""The variation page's figures, each with the data it draws."""

from binome.report.variation.figures.alike import alike
from binome.report.variation.figures.choice import choice
from binome.report.variation.figures.concordance import concordance
from binome.report.variation.figures.curves import curves
from binome.report.variation.figures.dependability import dependability
from binome.report.variation.figures.differences import differences
from binome.report.variation.figures.facets import facets
from binome.report.variation.figures.heat import heat
from binome.report.variation.figures.parts import parts
from binome.report.variation.figures.pixels import pixels

__all__ = [
    "alike", "choice", "concordance", "curves", "dependability", "differences", "facets", "heat",
    "parts", "pixels",
]  # fmt: skip
