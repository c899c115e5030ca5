"""The trial dictionary: which columns Binome knows, and what each must hold (docs/reference/trials.md)."""

from __future__ import annotations

DECISIONS = ("truth", "advice", "initial", "final")
"""Labels or numbers, all four of one type so that they can be compared."""

NAMES = (
    "study", "operator", "language", "condition", "item", "explanation", "exclusion_reason",
    "operator_view", "predictor_view", "note", "decided_by",
)  # fmt: skip
SHARES = ("advice_confidence", "initial_confidence", "final_confidence", "reliability_stated", "explanation_opacity")
SECONDS = (
    "offer_seconds", "initial_seconds", "alone_seconds", "final_seconds", "veto_seconds", "explanation_seconds",
)  # fmt: skip
AMOUNTS = ("tolerance",)
"""Numbers from zero, in the unit of the decisions."""

WHOLES = ("trial", "position")
FLAGS = (
    "simulated", "advice_shown", "delegated", "overridden", "explanation_opened", "attention_check", "practice",
    "excluded", "correct", "advice_requested", "reliability_manipulated", "offered", "seen", "vetoed", "timed_out",
    "feedback",
)  # fmt: skip
LEAVES_OUT = ("practice", "attention_check", "excluded")
"""Flags of rows that no measure and no model uses."""

COLUMNS = frozenset({*DECISIONS, *NAMES, *SHARES, *SECONDS, *AMOUNTS, *WHOLES, *FLAGS, "block"})

TRUE = frozenset({"true", "t", "yes", "y", "1", "1.0", "vrai", "oui"})
FALSE = frozenset({"false", "f", "no", "n", "0", "0.0", "faux", "non"})
NOT_A_NUMBER = ("NA", "N/A", "NaN", "nan")
"""Spellings of a missing value. A decision whose truths have one of them has it as a label."""
