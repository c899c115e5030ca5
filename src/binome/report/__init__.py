"""Reports: `publish` a study's pages, figures and tables; `publish_variation` those of its variation study; `terminal`
for the same table in a terminal."""

from binome.report.evidence import Evidence
from binome.report.publication import publish
from binome.report.terminal import terminal
from binome.report.variation import Findings, publish_variation, read_findings

__all__ = ["Evidence", "Findings", "publish", "publish_variation", "read_findings", "terminal"]
