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
from binome.protocol.arrangement import Place, check_supply, group_of, groups_of
from binome.protocol.casefile import CaseLine, Contributions, case_lines, contributions, lines_of
from binome.protocol.catalogue import LANGUAGES, number, text
from binome.protocol.checks import Known, rendering_problems
from binome.protocol.condition_checks import stage_problems
from binome.protocol.debriefing import debriefing
from binome.protocol.document import Block, Document
from binome.protocol.duration import estimate_minutes, expected_minutes
from binome.protocol.following import Following, following, handed_over
from binome.protocol.loading import check, load
from binome.protocol.pictures import StudyPicture
from binome.protocol.plan import Step
from binome.protocol.planning import opening, plan
from binome.protocol.protocol import Protocol
from binome.protocol.quantities import counted
from binome.protocol.question import QuestionSpec, asked
from binome.protocol.questionnaire import Questionnaire, shipped
from binome.protocol.rendering import rendering_of
from binome.protocol.rewards import Earned, Settled, earned, points
from binome.protocol.schema import (
    ConditionSpec,
    ExplanationSpec,
    GridMetricSpec,
    GridSpec,
    PredictorSpec,
    Study,
    schema_json,
)
from binome.protocol.texts import (
    announcement,
    closing,
    instructions,
    is_evidence,
    measured_reliability,
    shown_as,
    suffix,
)

__all__ = [
    "LANGUAGES",
    "Alternative",
    "Block",
    "CaseLine",
    "ChangedLine",
    "ConditionSpec",
    "Contributions",
    "Document",
    "Earned",
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
    "Settled",
    "Step",
    "Study",
    "StudyPicture",
    "advised_rightly",
    "alternatives",
    "announcement",
    "asked",
    "attention_answers",
    "case_lines",
    "check",
    "check_supply",
    "closing",
    "contributions",
    "counted",
    "debriefing",
    "earned",
    "estimate_minutes",
    "expected_minutes",
    "following",
    "group_of",
    "groups_of",
    "handed_over",
    "instructions",
    "is_evidence",
    "is_on_scale",
    "is_right",
    "lines_of",
    "load",
    "measured_reliability",
    "number",
    "on_scale",
    "opening",
    "plan",
    "points",
    "rendering_of",
    "rendering_problems",
    "say_answer",
    "say_number",
    "say_tolerance",
    "schema_json",
    "shipped",
    "shown_as",
    "stage_problems",
    "suffix",
    "text",
]  # fmt: skip
