"""All that a report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from binome.analysis import Analysis
from binome.core.stimulus import StimulusSet
from binome.protocol import Study


@dataclass(frozen=True)
class Evidence:
    """What a study found, from its model to its operators.

    Attributes:
        card: the predictor's model card (docs/reference/contexts.md).
        scores: explanation, metric, item, value (null where undefined).
        agreements: a, b, measure, item, value.
        operators, answers: rows of the export's tables of those names, of the analysed cohort.
        provenance: artefacts, versions and commands.
    """

    study: Study
    stimuli: StimulusSet
    card: Mapping[str, Any]
    scores: pl.DataFrame
    agreements: pl.DataFrame
    analysis: Analysis
    operators: Sequence[Mapping[str, Any]]
    answers: Sequence[Mapping[str, Any]]
    provenance: Mapping[str, Any]
