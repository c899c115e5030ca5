"""The declared plan of an experiment: `load` a study file, `plan` each operator's steps."""

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
from binome.protocol.casefile import CaseLine, Contributions, case_lines, contributions
from binome.protocol.catalogue import LANGUAGES, number, text
from binome.protocol.checks import Known, rendering_problems
from binome.protocol.document import Block, Document
from binome.protocol.plan import Step
from binome.protocol.planning import estimate_minutes, plan
from binome.protocol.protocol import Protocol, check, load
from binome.protocol.questionnaire import Questionnaire, QuestionSpec, shipped
from binome.protocol.rendering import rendering_of
from binome.protocol.schema import ConditionSpec, Study, schema_json
from binome.protocol.texts import announcement, closing, debriefing, instructions, suffix

__all__ = [
    "Block", "CaseLine", "ConditionSpec", "Contributions", "Document", "Known", "LANGUAGES", "Protocol",
    "QuestionSpec", "Questionnaire", "Step", "Study", "advised_rightly", "announcement", "attention_answers",
    "case_lines", "check", "closing", "contributions", "debriefing", "estimate_minutes", "instructions", "is_on_scale",
    "is_right", "load", "number", "on_scale", "plan", "rendering_of", "rendering_problems", "say_answer", "say_number",
    "say_tolerance", "schema_json", "shipped", "suffix", "text",
]  # fmt: skip
