"""The columns of every exported table; the codebook says what each means."""

from __future__ import annotations

TRIAL_COLUMNS = (
    "study", "operator", "simulated", "language", "condition", "block", "trial", "position", "item", "truth", "advice",
    "advice_confidence", "advice_shown", "explanation", "initial", "initial_confidence", "final", "final_confidence",
    "delegated", "overridden", "initial_seconds", "final_seconds", "explanation_seconds", "explanation_opened",
    "attention_check", "practice", "excluded", "exclusion_reason",
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
