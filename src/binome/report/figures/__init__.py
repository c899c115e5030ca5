"""The report's figures, each with the data it draws."""

from binome.report.figures.accuracy import accuracy
from binome.report.figures.agreement import agreement
from binome.report.figures.canvas import Figure
from binome.report.figures.confusion import confusion
from binome.report.figures.looks import Look, looks
from binome.report.figures.odds import odds
from binome.report.figures.plane import plane
from binome.report.figures.primary import primary
from binome.report.figures.recall import recall
from binome.report.figures.reliability import reliability
from binome.report.figures.reliance import reliance
from binome.report.figures.scores import scores
from binome.report.figures.weight import weight

__all__ = [
    "Figure", "Look", "accuracy", "agreement", "confusion", "looks", "odds", "plane", "primary", "recall",
    "reliability", "reliance", "scores", "weight",
]  # fmt: skip
