"""The columns of every exported table; the codebook says what each means."""

from __future__ import annotations

from binome.core.stimulus import StimulusSet
from binome.protocol import Protocol

TRIAL_COLUMNS = (
    "study", "operator", "simulated", "language", "group", "sitting", "condition", "block", "trial", "position", "item",
    "truth", "tolerance", "advice", "advice_confidence", "advice_requested", "advice_shown", "reliability_stated",
    "reliability_manipulated", "explanation", "initial", "initial_confidence", "final", "final_confidence",
    "decided_by", "offered", "delegated", "seen", "overridden", "vetoed", "timed_out", "feedback", "reason", "points",
    "offer_seconds", "initial_seconds", "alone_seconds", "final_seconds", "veto_seconds", "explanation_seconds",
    "explanation_opened", "explanation_opacity", "changes", "onset", "hover", "attention_check", "practice", "excluded",
    "exclusion_reason", "operator_view", "predictor_view", "note",
)  # fmt: skip
OPERATOR_COLUMNS = (
    "study", "operator", "simulated", "external_id", "language", "status", "slot", "group", "stratum", "order",
    "steps_done", "steps", "consent_version", "started", "completed", "duration_seconds", "sittings",
    "screening_passed", "comprehension_attempts", "comprehension_passed", "attention_checks", "attention_failed",
    "median_seconds", "points", "payment", "exclusion_reason",
)  # fmt: skip
ANSWER_COLUMNS = (
    "study", "operator", "simulated", "questionnaire", "attempt", "condition", "block", "trial", "kind", "name",
    "value",
)  # fmt: skip
EVENT_COLUMNS = ("operator", "simulated", "sequence", "step", "type", "browser_time", "server_time", "data")
MOUSE_COLUMNS = (
    "study", "operator", "simulated", "condition", "trial", "stage", "practice", "attention_check", "width", "height",
    "samples", "targets",
)  # fmt: skip
"""Of the table `mouse`, which only studies that record the pointer have."""
CODEBOOK_COLUMNS = ("table", "column", "type", "unit", "en", "fr")
COLUMNS = {
    "trials": TRIAL_COLUMNS, "operators": OPERATOR_COLUMNS, "answers": ANSWER_COLUMNS, "events": EVENT_COLUMNS,
    "codebook": CODEBOOK_COLUMNS,
}  # fmt: skip
"""Those that every study has; `table_columns` adds the study's own."""


def covariates(stimuli: StimulusSet) -> tuple[str, ...]:
    """Names of what is known of the items, sorted; the trials have a column `item_NAME` for each."""
    return tuple(sorted({name for item in stimuli.items for name in item.covariates}))


def factors(protocol: Protocol) -> tuple[str, ...]:
    """Names of the design's factors, as declared; the trials have a column `factor_NAME` for each."""
    return tuple(protocol.study.design.factors)


def table_columns(stimuli: StimulusSet, protocol: Protocol) -> dict[str, tuple[str, ...]]:
    """The columns of every table of one study."""
    varied = tuple(f"factor_{name}" for name in factors(protocol))
    own = tuple(f"item_{name}" for name in covariates(stimuli))
    followed = {"mouse": MOUSE_COLUMNS} if protocol.study.operators.record.mouse else {}
    return {**COLUMNS, "trials": (*TRIAL_COLUMNS, *varied, *own), **followed}
