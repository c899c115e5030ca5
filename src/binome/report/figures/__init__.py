"""The report's figures, each with the data it draws."""

from binome.report.figures.canvas import Figure
from binome.report.figures.decisions import accuracy, odds, plane, reliance
from binome.report.figures.machine import agreement, recall, reliability, scores

__all__ = ["Figure", "accuracy", "agreement", "odds", "plane", "recall", "reliability", "reliance", "scores"]
