"""The variation study's page: how much explanations vary, why, and how good they are."""

from binome.report.variation.findings import Findings, read_findings
from binome.report.variation.publication import publish_variation

__all__ = ["Findings", "publish_variation", "read_findings"]
