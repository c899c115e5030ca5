"""Why a part of the page is empty, in words."""

from __future__ import annotations

from dataclasses import dataclass

from binome.analysis.findings import Findings
from binome.report.analysis.wording import Words


@dataclass(frozen=True)
class Missing:
    """A reason; `foreign` where it is the program's own sentence, in English."""

    text: str
    foreign: bool


def missing(findings: Findings, part: str, words: Words) -> Missing:
    """Why `part` of the findings is None."""
    return reason(findings.reasons.get(part) or "not_computed", words)


def reason(code: str, words: Words) -> Missing:
    """The sentence of a code, or a sentence as it stands."""
    text = words.code(code)
    text = text[:1].upper() + text[1:]
    return Missing(text if text.endswith((".", "!", "?")) else f"{text}.", not words.known(code))
