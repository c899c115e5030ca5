"""The explanations: what they are, and how the same items look under each."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from binome.core import say
from binome.core.stimulus import Stimulus
from binome.protocol import advised_rightly, case_lines, contributions, say_answer, text
from binome.report.evidence import Evidence
from binome.report.tables import Cell, Table, table
from binome.report.wording import Wording

MEDIA_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp",
               ".gif": "image/gif", ".svg": "image/svg+xml"}  # fmt: skip


@dataclass(frozen=True)
class Overlay:
    """One explanation of an item; `picture` is a data URI."""

    name: str
    control: bool
    picture: str
    alt: str


@dataclass(frozen=True)
class Bar:
    """What one line contributed: `text` says it, the bar goes from `start` to `start + width` on an axis from −1 to 1.

    A line that the model did not see has no bar, and a dash for text.
    """

    text: str
    start: float
    width: float
    note: str = ""


@dataclass(frozen=True)
class CaseRow:
    """A line of a case file with its bar in each explanation; `rest` for all that operators could not see."""

    label: str
    value: str
    bars: tuple[Bar, ...]
    rest: bool = False


@dataclass(frozen=True)
class CaseFile:
    """A case file and its explanations, side by side.

    Attributes:
        explanations: names, and whether each is a placebo.
        low, high: what a bar to the left and to the right says.
    """

    explanations: tuple[tuple[str, bool], ...]
    rows: tuple[CaseRow, ...]
    low: str
    high: str


@dataclass(frozen=True)
class Exhibit:
    """One item with all its explanations; `picture` is empty for a case file, `case` None for a picture."""

    right: bool
    caption: str
    picture: str
    alt: str
    overlays: tuple[Overlay, ...]
    case: CaseFile | None = None
    note: str = ""


def cards(evidence: Evidence, words: Wording) -> Table:
    """One row an explanation."""
    rows: list[list[Cell | str]] = [
        [
            card.name,
            words.method(card.method),
            words["role_control" if card.control else "role_explanation"],
            Cell(_params(card.params)),
        ]
        for card in evidence.stimuli.explanations
    ]
    head = [words[key] for key in ("explanation", "method", "role", "parameters")]
    return table(words["explanations_caption"], head, rows, text=4)


def gallery(evidence: Evidence, words: Wording) -> list[Exhibit]:
    """An item with right advice and one with wrong advice, the most confident of each, as far as there are such."""
    chosen: list[Stimulus] = []
    for right in (True, False):
        found = [
            item
            for item in evidence.stimuli.by_role("trial")
            if advised_rightly(evidence.stimuli.task, item) == right and (item.explanations or item.contributions)
        ]
        chosen += sorted(found, key=lambda item: (-item.advice_confidence, item.id))[:1]
    return [_exhibit(item, evidence, words) for item in chosen]


def _exhibit(item: Stimulus, evidence: Evidence, words: Wording) -> Exhibit:
    stimuli, task, language = evidence.stimuli, evidence.stimuli.task, words.language
    right, truth = advised_rightly(task, item), say_answer(task, item.truth, language)
    key = "gallery_right" if right else "gallery_wrong"
    return Exhibit(
        right=right,
        caption=words.say(
            key if task.number is None else f"{key}_number",
            truth=truth,
            advice=say_answer(task, item.advice, language),
            confidence=words.number(100 * item.advice_confidence, 0),
        ),
        picture=_data_uri(evidence, item.image) if item.image else "",
        alt=truth,
        overlays=tuple(
            Overlay(
                card.name,
                card.control,
                _data_uri(evidence, item.explanations[card.name]),
                words.say("map_alt", name=card.name),
            )
            for card in stimuli.explanations
            if card.name in item.explanations
        ),
        case=_case_file(item, evidence, words) if item.case else None,
        note=say(item.note, language) if item.note is not None else "",
    )


def _case_file(item: Stimulus, evidence: Evidence, words: Wording) -> CaseFile:
    task, language = evidence.stimuli.task, words.language
    shown = [card for card in evidence.stimuli.explanations if card.name in item.contributions]
    drawn = [contributions(item, card.name) for card in shown]
    rows = [
        CaseRow(line.label, line.value, tuple(_bar(part.values[i], words) for part in drawn))
        for i, line in enumerate(case_lines(task, item, language))
    ]
    if any(part.rest is not None for part in drawn):
        rows.append(CaseRow(words["case_rest"], "", tuple(_bar(part.rest, words) for part in drawn), rest=True))
    low, high = ("bars_against", "bars_for") if task.number is None else ("bars_lower", "bars_raise")
    names = tuple((card.name, card.control) for card in shown)
    return CaseFile(names, tuple(rows), text(low, language), text(high, language))


def _bar(value: float | None, words: Wording) -> Bar:
    if value is None:
        return Bar(words.undefined, 0.0, 0.0, words["case_unseen"])
    # A sum may be larger than any part: its number says so, its bar ends at the edge.
    length = max(-1.0, min(1.0, value))
    return Bar(words.signed(value, 2), round(min(length, 0.0), 4), round(abs(length), 4))


def _data_uri(evidence: Evidence, name: str) -> str:
    path = evidence.stimuli.media(name)
    kind, data = MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream"), path.read_bytes()
    if kind == "image/png":
        data = _packed(data)
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _packed(png: bytes) -> bytes:
    """The same pixels in fewer bytes: a stimulus set pads its pictures, so that no size tells them apart."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.save(buffer, "PNG", optimize=True)
    return min(png, buffer.getvalue(), key=len)


def _params(params: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(params.items()))
