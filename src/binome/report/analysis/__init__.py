"""The page of an analysis of trials, whoever collected them."""

from binome.report.analysis.publication import publish_analysis

__all__ = ["publish_analysis"]
