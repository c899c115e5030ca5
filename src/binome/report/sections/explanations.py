"""The explanations: what they are, and how the same items look under each."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from binome.core import say
from binome.core.stimulus import Stimulus
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
class Exhibit:
    """One item with all its explanations."""

    right: bool
    caption: str
    picture: str
    alt: str
    overlays: tuple[Overlay, ...]


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
            if (item.truth == item.advice) == right and item.explanations
        ]
        chosen += sorted(found, key=lambda item: (-item.advice_confidence, item.id))[:1]
    return [_exhibit(item, evidence, words) for item in chosen]


def _exhibit(item: Stimulus, evidence: Evidence, words: Wording) -> Exhibit:
    stimuli = evidence.stimuli
    labels = {decision.id: say(decision.label, words.language) for decision in stimuli.task.decisions}
    right = item.truth == item.advice
    return Exhibit(
        right=right,
        caption=words.say(
            "gallery_right" if right else "gallery_wrong",
            truth=labels.get(item.truth, item.truth),
            advice=labels.get(item.advice, item.advice),
            confidence=words.number(100 * item.advice_confidence, 0),
        ),
        picture=_data_uri(evidence, item.image),
        alt=labels.get(item.truth, item.truth),
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
    )


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
