"""The pages of prose that frame a session, made from the protocol in the operator's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from binome.core.stimulus import StimulusSet
from binome.core.text import say
from binome.protocol.answers import advised_rightly
from binome.protocol.catalogue import number, text
from binome.protocol.document import Block
from binome.protocol.duration import estimate_minutes
from binome.protocol.plan import Step
from binome.protocol.protocol import Protocol
from binome.protocol.quantities import counted
from binome.protocol.rewards import Earned, say_money
from binome.protocol.schema import ConditionSpec, RewardsSpec, Study

Page = list[Block]
MOST_PARAGRAPHS = 3
"""In a row, of things to be known."""


def instructions(protocol: Protocol, stimuli: StimulusSet, steps: Sequence[Step], language: str) -> list[Page]:
    """The study's own instructions, one page, or Binome's: the task, then the help, the points, and how it goes.

    The first page ends with the pictures that no text of the study shows.
    """
    first, *more = _pages(protocol, stimuli, steps, language)
    return [[*first, *(Block("picture", name) for name in protocol.loose_pictures)], *more]


def _pages(protocol: Protocol, stimuli: StimulusSet, steps: Sequence[Step], language: str) -> list[Page]:
    if language in protocol.instructions:
        return [list(protocol.instructions[language].blocks)]
    study = protocol.study
    names = dict.fromkeys(step.condition for step in steps if step.kind == "block" and step.condition)
    conditions = [study.conditions[name] for name in names]
    task = _task(study, stimuli, steps, language)
    course = _course(protocol, stimuli, steps, language)
    if study.rewards is not None:
        heading, *won = _rewards(study.rewards, conditions, language, practised=bool(study.operators.practice))
        course = [heading, *_listed(won), _heading("instructions_course_title", language), *course]
    if any(has_machine(condition) for condition in conditions):
        return [task, [*_help(study, stimuli, conditions, steps, language), *course]]
    return [[*task, *course]]


def announcement(
    condition: ConditionSpec,
    language: str,
    *,
    case: str = "",
    shown: str | None = None,
    practice: bool = False,
    rewards: RewardsSpec | None = None,
    measured: float | None = None,
) -> Page:
    """What help a block brings. A placebo is announced in the words of the real explanation, or it would be none.

    Args:
        case: the `suffix` of the study's stimuli.
        shown: `shown_as` of the condition's explanation; a heat map, or bars, by default.
        rewards: where the study has some, for the prices.
        measured: share of right advice in the study's items, for a condition that tells it.
    """
    page = [_say(f"block_practice{case}", language)] if practice else []
    page += _modes(condition, language)
    if condition.delegation and condition.delegation.most > 1:
        page.append(_say("block_most", language, most=condition.delegation.most))
    if rewards:
        page += _prices(rewards, [condition], language)
    if condition.confidence:
        page.append(_say("block_confidence", language))
    if condition.explanation:
        page.append(_say(f"block_{shown or f'map{case}'}", language))
    stated = measured if condition.reliability == "measured" else condition.reliability
    if stated is not None:
        page.append(_say("block_reliability", language, percent=number(100 * stated, language)))
    if condition.seconds:
        page.append(_say("block_seconds", language, seconds=counted("seconds", condition.seconds, language)))
    if condition.score and not practice:
        page.append(_say("block_score", language))
    if condition.feedback and not practice:
        page.append(_say("block_feedback", language))
    return page


def closing(protocol: Protocol, language: str, earned: Earned | None = None) -> tuple[str, Page]:
    """Title and text of the last page, which ends on the words that introduce the code."""
    page = [_say("closing_text", language)]
    if earned is not None:
        page.append(say_earned(earned, language))
    return text("closing_title", language), [*page, _say("closing_code", language)]


def say_earned(earned: Earned, language: str) -> Block:
    """The points won in all, and what they make in money where a rate is given."""
    points = counted("points", earned.points, language)
    if earned.money is None:
        return _say("earned_points", language, points=points)
    return _say("earned_money", language, points=points, money=say_money(earned.money, earned.currency, language))


def has_machine(condition: ConditionSpec) -> bool:
    """Whether a machine has any part in a condition."""
    relations = (condition.delegation, condition.handover, condition.supervision, condition.explanation)
    return condition.advice != "none" or any(relation is not None for relation in relations)


def is_evidence(condition: ConditionSpec) -> bool:
    """Whether an operator decides with an explanation alone: mediation, without a recommended answer."""
    return condition.explanation is not None and condition.advice == "none" and condition.supervision is None


def measured_reliability(stimuli: StimulusSet) -> float:
    """Share of right advice in the study's items."""
    items = stimuli.by_role("trial")
    return sum(advised_rightly(stimuli.task, item) for item in items) / len(items)


def suffix(stimuli: StimulusSet) -> str:
    """The ending of the texts that speak of what is shown: of case files, or (without one) of pictures."""
    return "_case" if stimuli.task.features else ""


def shown_as(stimuli: StimulusSet, explanation: str, *, evidence: bool = False) -> str:
    """Which texts announce an explanation, by how it is shown: `map` and `map_case` for heat maps and bars.

    Args:
        evidence: without the advice, where bars of a choice lose their direction (`weight_case`): it would tell the
            answer that they speak for.
    """
    kinds: dict[str, str] = {card.name: card.rendering.kind for card in stimuli.explanations}
    kind = kinds.get(explanation, "overlay")
    if kind == "bars" and evidence and stimuli.task.number is None:
        return "weight_case"
    return {"overlay": "map", "bars": "map_case"}.get(kind, kind)


def _task(study: Study, stimuli: StimulusSet, steps: Sequence[Step], language: str) -> Page:
    case, measured = suffix(stimuli), {step.trial for step in steps if step.position is not None}
    question = say(stimuli.task.question, language)
    page = [
        _heading("instructions_title", language),
        _say(f"instructions_task{case}", language, trials=len(measured), question=question),
        _say(f"instructions_look{case}", language),
    ]
    if _is_noted(stimuli, steps):
        page.append(_say("instructions_note", language))
    page.append(_say("instructions_choose" + ("_number" if stimuli.task.number else ""), language))
    if study.operators.ask_confidence:
        prize = bool(study.rewards and study.rewards.confidence)
        page.append(_say("instructions_confidence" + ("_prize" if prize else ""), language))
    return page


def _help(
    study: Study, stimuli: StimulusSet, conditions: Sequence[ConditionSpec], steps: Sequence[Step], language: str
) -> Page:
    page = [_heading("instructions_help_title", language), _say("instructions_help", language)]
    said = _once(line for condition in conditions for line in _helped(condition, language))
    kinds = dict.fromkeys(
        shown_as(stimuli, c.explanation, evidence=is_evidence(c)) for c in conditions if c.explanation
    )
    said += [_say(f"instructions_{kind}", language) for kind in kinds]
    if _is_noted(stimuli, steps):
        said.append(_say("instructions_note_machine", language))
    timed = {c.seconds for c in conditions if c.seconds}
    said += [_say("instructions_seconds", language, seconds=counted("seconds", s, language)) for s in sorted(timed)]
    return [*page, *_listed(said)]


def _helped(condition: ConditionSpec, language: str) -> Iterator[Block]:
    """What the instructions say of a condition's help."""
    advised = {
        "before": "instructions_before", "after_initial": "instructions_after",
        "on_request": "instructions_on_request", "delayed": "instructions_delayed",
    }  # fmt: skip
    if condition.advice in advised:
        seconds = counted("seconds", condition.delay or 0, language)
        yield _say(advised[condition.advice], language, seconds=seconds)
    if condition.update == "reasoned":
        yield _say("instructions_reasoned", language)
    if is_evidence(condition):
        yield _say("instructions_evidence", language)
    if condition.delegation:
        when = {"before": "_before", "after": "", "both": "_both"}[condition.delegation.when]
        yield _say(f"instructions_delegation{when}", language)
        if condition.delegation.most > 1:
            yield _say("instructions_most", language, most=condition.delegation.most)
    if condition.handover is not None:
        yield _say("instructions_handover", language)
    if condition.supervision:
        seconds = counted("seconds", condition.supervision.seconds, language)
        yield _say("instructions_supervision", language, seconds=seconds)


def _modes(condition: ConditionSpec, language: str) -> Page:
    """How the decision is shared in a block."""
    if condition.supervision:
        seconds = counted("seconds", condition.supervision.seconds, language)
        return [_say("block_supervision", language, seconds=seconds)]
    page = []
    if condition.advice != "none":
        seconds = counted("seconds", condition.delay or 0, language)
        page.append(_say(f"block_{condition.advice}", language, seconds=seconds))
    elif is_evidence(condition):
        page.append(_say("block_evidence", language))
    if condition.update == "reasoned":
        page.append(_say("block_reasoned", language))
    if condition.delegation:
        when = {"before": "_before", "after": "", "both": "_both"}[condition.delegation.when]
        page.append(_say(f"block_also{when}" if page else f"block_delegation{when}", language))
    if condition.handover is not None:
        left = [_say("block_left", language), *page] if page else []
        return [_say("block_handover", language), *left]
    return page or [_say("block_alone", language)]


def _rewards(
    rewards: RewardsSpec, conditions: Sequence[ConditionSpec], language: str, *, practised: bool
) -> Iterator[Block]:
    """Points and prices in words."""
    yield _heading("rewards_title", language)
    if rewards.correct or rewards.wrong:
        how = "nothing" if rewards.wrong == 0 else "brings" if rewards.wrong > 0 else "costs"
        correct, wrong = (counted("points", value, language) for value in (rewards.correct, abs(rewards.wrong)))
        yield _say(f"rewards_wrong_{how}", language, correct=correct, wrong=wrong)
        if any(condition.seconds for condition in conditions):
            yield _say("rewards_late", language)
        if any(c.delegation or c.handover is not None or c.supervision for c in conditions):
            yield _say("rewards_machine", language)
    yield from _prices(rewards, conditions, language)
    for key in ("confidence", "flat"):
        if value := getattr(rewards, key):
            yield _say(f"rewards_{key}", language, points=counted("points", value, language))
    if rewards.rate:
        yield _say("rewards_rate", language, money=say_money(100 * rewards.rate, rewards.currency, language))
    if any(condition.score for condition in conditions):
        yield _say("instructions_score", language)
    if practised:
        yield _say("rewards_practice", language)


def _prices(rewards: RewardsSpec, conditions: Sequence[ConditionSpec], language: str) -> Iterator[Block]:
    """What handing over and overruling cost, where they can be done."""
    if any(condition.delegation for condition in conditions):
        key = "rewards_delegation" if rewards.delegation else "rewards_delegation_free"
        yield _say(key, language, points=counted("points", rewards.delegation, language))
    if rewards.veto and any(condition.supervision for condition in conditions):
        yield _say("rewards_veto", language, points=counted("points", rewards.veto, language))


def _course(protocol: Protocol, stimuli: StimulusSet, steps: Sequence[Step], language: str) -> Page:
    """How the session goes, how long it takes, how to stop."""
    study, blocks = protocol.study, {step.block for step in steps if step.block is not None}
    minutes = study.operators.minutes or estimate_minutes(protocol, steps)
    key = "instructions_parts" if len(blocks) > 1 else "instructions_part"
    page = [_say(key, language, parts=len(blocks), minutes=number(max(1, round(minutes)), language))]
    sittings = study.design.sittings
    if sittings is not None:
        days = counted("days", sittings.days, language)
        page.append(_say("instructions_sittings", language, count=sittings.count, days=days))
    practice = len({step.trial for step in steps if step.practice and step.trial is not None})
    if practice:
        key = "instructions_practice_one" if practice == 1 else "instructions_practice"
        page.append(_say(f"{key}{suffix(stimuli)}", language, practice=practice))
    return [*page, _say("instructions_stop", language)]


def _is_noted(stimuli: StimulusSet, steps: Sequence[Step]) -> bool:
    return any(stimuli.item(step.item).note is not None for step in steps if step.item)


def _listed(said: list[Block]) -> Page:
    """Paragraphs as the items of a list where there are many: each can be found again."""
    if len(said) <= MOST_PARAGRAPHS:
        return said
    return [Block("list", items=tuple(block.text for block in said))]


def _once(blocks: Iterable[Block]) -> list[Block]:
    return list(dict.fromkeys(blocks))


def _heading(key: str, language: str) -> Block:
    return Block("heading", text(key, language))


def _say(key: str, language: str, **values: object) -> Block:
    return Block("paragraph", text(key, language, **values))
