"""What each condition was, in words."""

from __future__ import annotations

from binome.protocol import ConditionSpec, suffix
from binome.report.evidence import Evidence
from binome.report.wording import Wording


def conditions(evidence: Evidence, words: Wording) -> list[tuple[str, str]]:
    """Each analysed condition with its description; empty for one that the study file does not declare."""
    declared = evidence.study.conditions
    return [
        (name, _description(declared[name], evidence, words) if name in declared else "")
        for name in evidence.analysis.conditions
    ]


def _description(spec: ConditionSpec, evidence: Evidence, words: Wording) -> str:
    parts = [words[f"help_{spec.advice}"]]
    if spec.advice != "none" and spec.confidence:
        parts.append(words["help_confidence"])
    if spec.explanation is not None:
        control = {card.name: card.control for card in evidence.stimuli.explanations}.get(spec.explanation, False)
        method = words.method(evidence.study.explanations[spec.explanation].method)
        key = ("help_placebo" if control else "help_explanation") + suffix(evidence.stimuli)
        parts.append(words.say(key, method=method))
    parts += [words[f"help_{extra}"] for extra in ("delegation", "feedback") if getattr(spec, extra)]
    text = words["list_join"].join(parts)
    return text[0].upper() + text[1:] + "."
