"""Reports: `publish` a study's pages, figures and tables; `terminal` for the same table in a terminal."""

from binome.report.evidence import Evidence
from binome.report.publication import publish
from binome.report.terminal import terminal

__all__ = ["Evidence", "publish", "terminal"]
