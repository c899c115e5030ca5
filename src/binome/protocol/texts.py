"""The pages of prose that frame a session, made from the protocol in the operator's language."""

from __future__ import annotations

from binome.core.stimulus import StimulusSet
from binome.core.text import say
from binome.protocol.answers import advised_rightly, say_tolerance
from binome.protocol.catalogue import number, text
from binome.protocol.document import Block
from binome.protocol.plan import Step
from binome.protocol.planning import estimate_minutes
from binome.protocol.protocol import Protocol
from binome.protocol.schema import ConditionSpec

Page = list[Block]
ENDINGS = {"map": "", "map_case": "_case"}
"""Of the text that tells of a placebo, by how that was shown."""


def instructions(protocol: Protocol, stimuli: StimulusSet, steps: tuple[Step, ...], language: str) -> list[Page]:
    """The study's own instructions, one page, or Binome's: the task, then the help, then how it goes."""
    if language in protocol.instructions:
        return [list(protocol.instructions[language].blocks)]
    study = protocol.study
    conditions = [study.conditions[step.condition] for step in steps if step.kind == "block" and step.condition]
    measured = {step.trial for step in steps if step.position is not None}
    blocks = {step.block for step in steps if step.block is not None}
    case, shown = suffix(stimuli), [stimuli.item(step.item) for step in steps if step.item]
    question, noted = say(stimuli.task.question, language), any(item.note is not None for item in shown)
    task = [
        _heading("instructions_title", language),
        _say(f"instructions_task{case}", language, trials=len(measured), question=question),
        _say(f"instructions_look{case}", language),
    ]
    if noted:
        task.append(_say("instructions_note", language))
    task.append(_say("instructions_choose" + ("_number" if stimuli.task.number else ""), language))
    if study.operators.ask_confidence:
        task.append(_say("instructions_confidence", language))
    help_ = [_heading("instructions_help_title", language), _say("instructions_help", language)]
    if any(c.advice == "after_initial" for c in conditions):
        help_.append(_say("instructions_after", language))
    kinds = dict.fromkeys(shown_as(stimuli, c.explanation) for c in conditions if c.explanation)
    help_ += [_say(f"instructions_{kind}", language) for kind in kinds]
    if noted:
        help_.append(_say("instructions_note_machine", language))
    if any(c.delegation for c in conditions):
        help_.append(_say("instructions_delegation", language))
    minutes = number(max(1, round(estimate_minutes(protocol, steps))), language)
    course = [_say("instructions_parts", language, parts=len(blocks), minutes=minutes)]
    practice = len({step.trial for step in steps if step.practice})
    if practice:
        course.append(_say(f"instructions_practice{case}", language, practice=practice))
    course.append(_say("instructions_stop", language))
    advised = any(c.advice != "none" or c.delegation for c in conditions)
    return [task, [*help_, *course]] if advised else [[*task, *course]]


def suffix(stimuli: StimulusSet) -> str:
    """The ending of the texts that speak of what is shown: of case files, or (without one) of pictures."""
    return "_case" if stimuli.task.features else ""


def shown_as(stimuli: StimulusSet, explanation: str) -> str:
    """Which texts announce an explanation, by how it is shown: `map` and `map_case` for heat maps and bars."""
    kinds: dict[str, str] = {card.name: card.rendering.kind for card in stimuli.explanations}
    kind = kinds.get(explanation, "overlay")
    return {"overlay": "map", "bars": "map_case"}.get(kind, kind)


def announcement(
    condition: ConditionSpec, language: str, *, case: str = "", shown: str | None = None, practice: bool = False
) -> Page:
    """What help a block brings. A placebo is announced in the words of the real explanation, or it would be none.

    Args:
        case: the `suffix` of the study's stimuli.
        shown: `shown_as` of the condition's explanation; a heat map, or bars, by default.
    """
    lines = [f"block_practice{case}"] if practice else []
    lines.append(
        {"none": "block_alone", "before": "block_before", "after_initial": "block_after_initial"}[condition.advice]
    )
    if condition.delegation:
        lines[-1] = "block_delegation"
    if condition.confidence:
        lines.append("block_confidence")
    if condition.explanation:
        lines.append(f"block_{shown or f'map{case}'}")
    if condition.feedback and not practice:
        lines.append("block_feedback")
    return [_say(line, language) for line in lines]


def debriefing(protocol: Protocol, stimuli: StimulusSet, steps: tuple[Step, ...], language: str) -> Page:
    """What the study was about, and what was arranged."""
    seen = {step.item for step in steps if step.position is not None and step.item}
    shown = [stimuli.item(item) for item in seen]
    right = sum(advised_rightly(stimuli.task, item) for item in shown) / len(shown)
    page = [_say("debriefing_purpose", language)]
    conditions = protocol.study.conditions
    met = {step.condition for step in steps if step.block is not None and step.condition}
    if len(met) > 1:
        page.append(_say("debriefing_conditions", language))
    if any(conditions[name].advice != "none" or conditions[name].delegation for name in met):
        arranged = protocol.study.stimuli.predictor_accuracy is not None
        key = ("debriefing_accuracy" if arranged else "debriefing_accuracy_drawn") + suffix(stimuli)
        percent, natural = number(100 * right, language), number(100 * stimuli.predictor.accuracy, language)
        page.append(_say(key, language, percent=percent, natural=natural))
        if stimuli.task.number is not None:
            tolerance = say_tolerance(stimuli.task.number, language)
            page.append(_say("debriefing_tolerance", language, tolerance=tolerance))
    controls = {card.name for card in stimuli.explanations if card.control}
    placebos = controls & {conditions[name].explanation for name in met}
    endings = {ENDINGS.get(shown_as(stimuli, name), "_other") for name in placebos}
    page += [_say(f"debriefing_placebo{ending}", language) for ending in sorted(endings)]
    return [*page, _say("debriefing_data", language)]


def closing(protocol: Protocol, language: str) -> tuple[str, Page]:
    """Title and text of the last page, which says how to hand in the completion code where the study has one."""
    page = [_say("closing_text", language)]
    if protocol.study.operators.completion_code:
        page.append(_say("closing_code", language))
    return text("closing_title", language), page


def _heading(key: str, language: str) -> Block:
    return Block("heading", text(key, language))


def _say(key: str, language: str, **values: object) -> Block:
    return Block("paragraph", text(key, language, **values))
