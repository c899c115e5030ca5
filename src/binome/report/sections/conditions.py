"""What each condition was, in words."""

from __future__ import annotations

from collections.abc import Iterator

from binome.protocol import ConditionSpec, number, shown_as, suffix
from binome.report.evidence import Evidence
from binome.report.wording import Wording

OTHERWISE = ("sentence", "examples", "counterfactuals")
"""Ways of showing an explanation that are neither a heat map nor bars."""


def conditions(evidence: Evidence, words: Wording) -> list[tuple[str, str]]:
    """Each analysed condition with its description; empty for one that the study file does not declare."""
    declared = evidence.study.conditions
    return [
        (name, _description(declared[name], evidence, words) if name in declared else "")
        for name in evidence.analysis.conditions
    ]


def _description(spec: ConditionSpec, evidence: Evidence, words: Wording) -> str:
    text = words["list_join"].join([*_relation(spec, words), *_shown(spec, evidence, words), *_around(spec, words)])
    return text[0].upper() + text[1:] + "."


def _relation(spec: ConditionSpec, words: Wording) -> Iterator[str]:
    """Who decides, and when the advice comes."""
    if spec.supervision is not None:
        yield words.say("help_supervision", seconds=_plain(spec.supervision.seconds, words))
        return
    if spec.advice == "none" and spec.explanation is not None:
        yield words["help_evidence"]
    elif spec.advice == "delayed":
        yield words.say("help_delayed", seconds=_plain(spec.delay or 0, words))
    else:
        yield words[f"help_{spec.advice}"]
    if spec.delegation is not None:
        yield words["help_delegation"]
    if spec.handover is not None:
        yield words.say("help_handover", percent=_plain(100 * spec.handover, words))


def _shown(spec: ConditionSpec, evidence: Evidence, words: Wording) -> Iterator[str]:
    """What is told of the model and of its answer."""
    if spec.confidence and (spec.advice != "none" or spec.supervision is not None):
        yield words["help_confidence"]
    if spec.explanation is not None:
        control = {card.name: card.control for card in evidence.stimuli.explanations}.get(spec.explanation, False)
        method = words.method(evidence.study.explanations[spec.explanation].method)
        kind, case = shown_as(evidence.stimuli, spec.explanation), suffix(evidence.stimuli)
        if kind in OTHERWISE:
            yield words.say("help_placebo_other" if control else f"help_explanation_{kind}", method=method)
        else:
            yield words.say(("help_placebo" if control else "help_explanation") + case, method=method)
    if spec.overview is not None:
        yield words["help_overview"]
    if spec.reliability == "measured":
        yield words["help_reliability_measured"]
    elif spec.reliability is not None:
        yield words.say("help_reliability", percent=_plain(100 * spec.reliability, words))


def _around(spec: ConditionSpec, words: Wording) -> Iterator[str]:
    """What goes with the decision."""
    if spec.update == "reasoned":
        yield words["help_reasoned"]
    if spec.seconds is not None:
        yield words.say("help_seconds", seconds=_plain(spec.seconds, words))
    if spec.feedback:
        yield words["help_feedback"]
    if spec.score:
        yield words["help_score"]


def _plain(value: float, words: Wording) -> str:
    """A declared number, with a decimal only where it has one."""
    return number(value, words.language, 0 if float(value).is_integer() else 1)
