"""The columns of every exported table; the codebook says what each means."""

from __future__ import annotations

from binome.core.stimulus import StimulusSet

TRIAL_COLUMNS = (
    "study", "operator", "simulated", "language", "condition", "block", "trial", "position", "item", "truth",
    "tolerance", "advice", "advice_confidence", "advice_shown", "explanation", "initial", "initial_confidence", "final",
    "final_confidence", "delegated", "overridden", "initial_seconds", "final_seconds", "explanation_seconds",
    "explanation_opened", "attention_check", "practice", "excluded", "exclusion_reason", "operator_view",
    "predictor_view", "note",
)  # fmt: skip
OPERATOR_COLUMNS = (
    "study", "operator", "simulated", "external_id", "language", "status", "slot", "order", "steps_done", "steps",
    "consent_version", "started", "completed", "duration_seconds", "attention_checks", "attention_failed",
    "exclusion_reason",
)  # fmt: skip
ANSWER_COLUMNS = (
    "study", "operator", "simulated", "questionnaire", "condition", "block", "kind", "name", "value",
)  # fmt: skip
EVENT_COLUMNS = ("operator", "simulated", "sequence", "step", "type", "browser_time", "server_time", "data")
CODEBOOK_COLUMNS = ("table", "column", "type", "unit", "en", "fr")
COLUMNS = {
    "trials": TRIAL_COLUMNS, "operators": OPERATOR_COLUMNS, "answers": ANSWER_COLUMNS, "events": EVENT_COLUMNS,
    "codebook": CODEBOOK_COLUMNS,
}  # fmt: skip
"""Those that every study has; `table_columns` adds the study's own."""


def covariates(stimuli: StimulusSet) -> tuple[str, ...]:
    """Names of what is known of the items, sorted; the trials have a column `item_NAME` for each."""
    return tuple(sorted({name for item in stimuli.items for name in item.covariates}))


def table_columns(stimuli: StimulusSet) -> dict[str, tuple[str, ...]]:
    """The columns of every table of one study."""
    own = tuple(f"item_{name}" for name in covariates(stimuli))
    return {**COLUMNS, "trials": (*TRIAL_COLUMNS, *own)}
