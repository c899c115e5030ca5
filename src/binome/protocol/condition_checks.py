"""Conditions that contradict themselves, evidence that gives the advice away, rewards that pay for the wrong thing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import chain

from binome.core import Problem, did_you_mean
from binome.core.stimulus import StimulusSet
from binome.protocol.arrangement import groups_of
from binome.protocol.reading import Path_, Source
from binome.protocol.rendering import declared
from binome.protocol.rewards import expected_points
from binome.protocol.schema import ConditionSpec, RewardsSpec, Study

ADVISING = "advice: before, after_initial, on_request or delayed with it"

Fault = tuple[str, str, str]
"""A field of a condition, what was found, what is expected."""


def condition_problems(source: Source, study: Study) -> list[Problem]:
    """What a condition may not say, and rewards under which nobody should think."""
    problems = []
    for name, condition in study.conditions.items():
        path: Path_ = ("conditions", name)
        shown, known = condition.explanation, study.explanations
        if shown is not None and shown not in known:
            expected = f"one of {', '.join(sorted(known)) or 'none is declared'}"
            hint = did_you_mean(shown, known)
            problems.append(source.problem((*path, "explanation"), repr(shown), expected, hint))
        faults = chain(_advice(condition), _shown(condition), _relations(condition), _points(condition, study.rewards))
        problems += [source.problem((*path, field), found, expected) for field, found, expected in faults]
    return [*problems, *_reward_problems(source, study), *_supply(source, study)]


def condition_warnings(source: Source, study: Study) -> list[Problem]:
    """Prices that nobody pays or nobody should, and delegation that makes looking useless."""
    rewards, warnings = study.rewards, []
    if rewards is None:
        return []
    conditions = study.conditions.values()
    prices = {
        "delegation": (rewards.delegation, any(c.delegation for c in conditions), "handing over"),
        "veto": (rewards.veto, any(c.supervision for c in conditions), "a veto"),
    }
    for key, (price, used, what) in prices.items():
        if price and not used:
            found = f"{price:g}, in a study without {key if key == 'delegation' else 'supervision'}"
            warnings.append(source.problem(("rewards", key), found, "no price"))
        elif price and price >= rewards.correct - rewards.wrong:
            found = f"{price:g}, at which {what} cannot pay"
            expected = f"less than {rewards.correct - rewards.wrong:g}, what a right answer brings over a wrong one"
            warnings.append(source.problem(("rewards", key), found, expected))
    if prices["delegation"][1] and rewards.correct > rewards.wrong:
        warnings += _idle(source, study, rewards)
    gain = rewards.correct - rewards.wrong
    if study.operators.ask_confidence and 0 <= gain < rewards.confidence:
        # Right with probability p and saying so: p·gain + prize·(1 − p(1 − p)); wrong on purpose and saying so: prize.
        share = 1 - gain / rewards.confidence
        found = f"{rewards.confidence:g}: who is right less than {share:.0%} of the time wins more if wrong on purpose"
        expected = f"at most {gain:g}, what a right answer brings over a wrong one"
        warnings.append(source.problem(("rewards", "confidence"), found, expected))
    return warnings


def evidence_fault(kind: str | None, method: Mapping[str, object], *, sentence: bool, cases: bool | None) -> str | None:
    """Why an explanation gives the advice away where that is not shown; None where it does not, or nobody knows yet.

    Args:
        kind: of its rendering, or what the method gives; None where not known.
        method: its name, as `method`, and its parameters.
        sentence: whether it has one.
        cases: whether the items are case files; None where not known.
    """
    if kind == "counterfactuals":
        return "counterfactuals, which name the answers that the machine does not give"
    if kind == "examples" and method.get("method") == "prototypes":
        return "prototypes, which are typical of the machine’s answer"
    if kind == "examples" and method.get("contrast"):
        return "contrasting examples, whose answers are not the machine’s"
    if cases and sentence:
        return "a sentence on a case file, which says what speaks for the machine’s answer and what against it"
    return None


def evidence_problems(source: Source, study: Study, gives: Mapping[str, str], cases: bool | None) -> list[Problem]:
    """Explanations that are shown without advice, and would give it away.

    Args:
        gives: by method, what it gives; methods that are not among them are not judged by it.
        cases: whether the study's items are case files; None where that is not known yet.
    """
    problems = []
    for name, condition in _alone(study):
        explanation = study.explanations.get(condition.explanation or "")
        if explanation is None:
            continue
        spec = declared(study, condition.explanation or "")
        given = gives.get(explanation.method)
        kind = spec.kind if spec and spec.kind else None if given == "maps" else given
        method = {"method": explanation.method, **explanation.params}
        sentence = spec is not None and (spec.text or spec.kind == "sentence")
        fault = evidence_fault(kind, method, sentence=sentence, cases=cases)
        if fault is not None:
            problems.append(source.problem(("conditions", name, "explanation"), fault, _without(cases)))
    return problems


def stage_problems(source: Source, study: Study, stimuli: StimulusSet) -> list[Problem]:
    """What only the frozen stimuli tell: evidence that gives the advice away, a hand-over that keeps nothing."""
    cards, cases = {card.name: card for card in stimuli.explanations}, bool(stimuli.task.features)
    problems = []
    for name, condition in _alone(study):
        card = cards.get(condition.explanation or "")
        if card is not None:
            method = {"method": card.method, **card.params}
            fault = evidence_fault(card.rendering.kind, method, sentence=card.rendering.has_sentence, cases=cases)
            if fault is not None:
                problems.append(source.problem(("conditions", name, "explanation"), fault, _without(cases)))
    sure = [item.advice_confidence for item in stimuli.by_role("trial")]
    for name, condition in study.conditions.items():
        if condition.handover is not None and sure and min(sure) >= condition.handover:
            found = f"{condition.handover:g}, where the machine is at least {min(sure):.2f} sure of every item"
            expected = f"more than {min(sure):.2f}, so that something is left to the operator"
            problems.append(source.problem(("conditions", name, "handover"), found, expected))
    return problems


def _alone(study: Study) -> Iterator[tuple[str, ConditionSpec]]:
    """The conditions whose explanation is shown without the advice."""
    for name, condition in study.conditions.items():
        if condition.explanation is not None and condition.advice == "none" and condition.supervision is None:
            yield name, condition


def _without(cases: bool | None) -> str:
    shown = "bars of a case file" if cases else "maps" if cases is False else "maps, bars of a case file"
    return f"{shown} or nearest examples; or {ADVISING}"


def _advice(condition: ConditionSpec) -> Iterator[Fault]:
    if condition.advice == "delayed" and condition.delay is None:
        yield "delay", "nothing", "seconds with the item alone, for advice: delayed"
    if condition.advice != "delayed" and condition.delay is not None:
        yield "delay", f"a delay with advice: {condition.advice}", "advice: delayed with it"
    if condition.advice != "after_initial" and condition.update == "reasoned":
        yield "update", f"reasoned with advice: {condition.advice}", "advice: after_initial with it"


def _shown(condition: ConditionSpec) -> Iterator[Fault]:
    """Properties of a machine that is not there, or whose answer is never seen before the decision."""
    seen = condition.advice != "none" or condition.supervision is not None or condition.handover is not None
    there = seen or condition.delegation is not None or condition.explanation is not None
    if condition.confidence and not seen:
        yield "confidence", "a confidence without advice", f"{ADVISING}, or supervision, or handover"
    for field in ("reliability", "overview"):
        if getattr(condition, field) is not None and not there:
            yield field, f"{field} of a machine that gives no help", f"{ADVISING}, or delegation"


def _relations(condition: ConditionSpec) -> Iterator[Fault]:
    if condition.supervision is not None:
        clashes: dict[str, object] = {
            "advice": condition.advice != "none" and condition.advice,
            "delegation": condition.delegation,
            "handover": condition.handover,
            "seconds": condition.seconds,
        }
        for field, value in clashes.items():
            if value not in (False, None):
                yield field, f"{field} with supervision, where the machine decides", f"no {field}, or no supervision"
    if condition.handover == 0:
        yield "handover", "0, at which the machine decides everything", "more than 0, or supervision instead"


def _points(condition: ConditionSpec, rewards: RewardsSpec | None) -> Iterator[Fault]:
    if condition.score and rewards is None:
        yield "score", "a score in a study without rewards", "rewards: {correct: …}"
    elif condition.score and rewards and not (rewards.correct or rewards.wrong or rewards.confidence):
        yield "score", "a score that no answer changes", "rewards: {correct: …}"


def _reward_problems(source: Source, study: Study) -> list[Problem]:
    """Rewards that make thinking useless, and a prize for what is not asked."""
    rewards, problems = study.rewards, []
    if rewards is None:
        return []
    if rewards.wrong >= rewards.correct and (rewards.correct or rewards.wrong):
        found = f"{rewards.wrong:g}, where a right answer brings {rewards.correct:g}: guessing pays as much"
        problems.append(source.problem(("rewards", "wrong"), found, f"less than {rewards.correct:g}"))
    if rewards.confidence and not study.operators.ask_confidence:
        found = "a prize for a confidence that is not asked for"
        problems.append(source.problem(("rewards", "confidence"), found, "operators: {ask_confidence: true}"))
    if rewards.rate is not None and not any((rewards.correct, rewards.wrong, rewards.confidence, rewards.flat)):
        problems.append(
            source.problem(("rewards", "rate"), "money for points that nobody wins", "points for something")
        )
    return problems


def _idle(source: Source, study: Study, rewards: RewardsSpec) -> Iterator[Problem]:
    """Handing every item over, unseen, earns as much as any operator who is no better than the machine."""
    accuracy = study.stimuli.predictor_accuracy
    if accuracy is None or expected_points(rewards, accuracy, delegated=True) < expected_points(rewards, accuracy):
        return
    earns = f"{expected_points(rewards, accuracy, delegated=True):g}"
    found = f"{rewards.delegation:g}: handing all over unseen earns {earns} an item, as being right {accuracy:.0%} does"
    yield source.problem(("rewards", "delegation"), found, "a price, so that looking pays for those who do as well")


def _supply(source: Source, study: Study) -> list[Problem]:
    """A schedule of errors that needs more wrong, or more right, advice than the items have."""
    accuracy, places = study.stimuli.predictor_accuracy, study.design.errors.at
    if accuracy is None or not places:
        return []
    pool = study.stimuli.items
    total, right = study.design.items_each or pool, round(accuracy * pool)
    supply: Collection[tuple[str, int]] = (("wrong", pool - right), ("right", right))
    for conditions in filter(None, groups_of(study).values()):
        blocks = len(conditions) * study.design.blocks
        lengths = [total // blocks + (place < total % blocks) for place in range(blocks)]
        wrong = sum(place <= length for length in lengths for place in places)
        needed = {"wrong": wrong, "right": total - wrong}
        for what, there in supply:
            if needed[what] > there:
                found = f"{accuracy:g}, which gives {there} {what} advices among {pool} items"
                expected = f"{needed[what]} or more, which design.errors.at needs of each operator"
                return [source.problem(("stimuli", "predictor_accuracy"), found, expected)]
    return []
