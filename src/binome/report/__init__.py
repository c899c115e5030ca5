"""Reports: `publish` a study's pages, figures and tables; `publish_variation` those of its variation study;
`publish_analysis` those of an analysis of any trials; `terminal` for the same tables in a terminal."""

from binome.report.analysis import publish_analysis
from binome.report.evidence import Evidence
from binome.report.publication import publish
from binome.report.terminal import terminal
from binome.report.variation import Findings, publish_variation, read_findings

__all__ = ["Evidence", "Findings", "publish", "publish_analysis", "publish_variation", "read_findings", "terminal"]
