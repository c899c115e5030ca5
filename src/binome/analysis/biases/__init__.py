"""Biases of operators who are advised: each as an estimate with an interval, or why the trials cannot tell."""

from binome.analysis.biases.table import biases

__all__ = ["biases"]
