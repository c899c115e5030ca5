"""The declared plan of an experiment: `load` a study file, `plan` each operator's steps."""

from binome.protocol.catalogue import LANGUAGES, number, text
from binome.protocol.checks import Known
from binome.protocol.document import Block, Document
from binome.protocol.plan import Step
from binome.protocol.planning import estimate_minutes, plan
from binome.protocol.protocol import Protocol, check, load
from binome.protocol.questionnaire import Questionnaire, QuestionSpec, shipped
from binome.protocol.schema import ConditionSpec, Study, schema_json
from binome.protocol.texts import announcement, closing, debriefing, instructions

__all__ = [
    "LANGUAGES", "Block", "ConditionSpec", "Document", "Known", "Protocol", "QuestionSpec", "Questionnaire", "Step",
    "Study", "announcement", "check", "closing", "debriefing", "estimate_minutes", "instructions", "load", "number",
    "plan", "schema_json", "shipped", "text",
]  # fmt: skip
