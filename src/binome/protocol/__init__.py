"""The declared plan of an experiment: `load` a study file, `plan` each operator's steps."""

from binome.protocol.alternative import Alternative, ChangedLine, alternatives
from binome.protocol.answers import (
    advised_rightly,
    attention_answers,
    is_on_scale,
    is_right,
    on_scale,
    say_answer,
    say_number,
    say_tolerance,
)
from binome.protocol.arrangement import Place, groups_of
from binome.protocol.casefile import CaseLine, Contributions, case_lines, contributions, lines_of
from binome.protocol.catalogue import LANGUAGES, number, text
from binome.protocol.checks import Known, rendering_problems
from binome.protocol.document import Block, Document
from binome.protocol.following import Following, following, handed_over
from binome.protocol.plan import Step
from binome.protocol.planning import estimate_minutes, opening, plan
from binome.protocol.protocol import Protocol, check, load
from binome.protocol.questionnaire import Questionnaire, QuestionSpec, shipped
from binome.protocol.rendering import rendering_of
from binome.protocol.schema import (
    ConditionSpec,
    ExplanationSpec,
    GridMetricSpec,
    GridSpec,
    PredictorSpec,
    Study,
    schema_json,
)
from binome.protocol.texts import announcement, closing, debriefing, instructions, shown_as, suffix

__all__ = [
    "LANGUAGES",
    "Alternative",
    "Block",
    "CaseLine",
    "ChangedLine",
    "ConditionSpec",
    "Contributions",
    "Document",
    "ExplanationSpec",
    "Following",
    "GridMetricSpec",
    "GridSpec",
    "Known",
    "Place",
    "PredictorSpec",
    "Protocol",
    "QuestionSpec",
    "Questionnaire",
    "Step",
    "Study",
    "advised_rightly",
    "alternatives",
    "announcement",
    "attention_answers",
    "case_lines",
    "check",
    "closing",
    "contributions",
    "debriefing",
    "estimate_minutes",
    "following",
    "groups_of",
    "handed_over",
    "instructions",
    "is_on_scale",
    "is_right",
    "lines_of",
    "load",
    "number",
    "on_scale",
    "opening",
    "plan",
    "rendering_of",
    "rendering_problems",
    "say_answer",
    "say_number",
    "say_tolerance",
    "schema_json",
    "shipped",
    "shown_as",
    "suffix",
    "text",
]  # fmt: skip
