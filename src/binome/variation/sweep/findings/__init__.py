"""The tables of docs/reference/variation-tables.md, made from a study's cells."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from binome.variation.sweep.findings.alike import agreements
from binome.variation.sweep.findings.described import configurations, items, maps, metrics, predictions, scores
from binome.variation.sweep.findings.quality import differences, ranking, settings, summary
from binome.variation.sweep.findings.recommended import choice
from binome.variation.sweep.findings.sources import sources
from binome.variation.sweep.findings.stability import stability
from binome.variation.sweep.varied import Varied

__all__ = ["maps", "scores", "tables"]


def tables(varied: Varied) -> Mapping[str, pl.DataFrame]:
    """Every table but those that are as long as the study."""
    variance = sources(varied)
    alike = agreements(varied)
    return {
        "configurations": configurations(varied),
        "items": items(varied),
        "predictions": predictions(varied),
        "metrics": metrics(varied),
        "agreements": alike,
        **variance.tables,
        "summary": summary(varied),
        "settings": settings(varied),
        "ranking": ranking(varied),
        "differences": differences(varied),
        "choice": choice(varied, variance),
        "stability": stability(varied),
    }
