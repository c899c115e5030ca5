"""Which pictures a session may fetch at a step: those of its page, and the item that comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from binome.core.stimulus import Stimulus
from binome.experiment.disclosure import shows_explanation
from binome.protocol import ConditionSpec, Step


def shown_files(step: Step, condition: ConditionSpec | None, items: Mapping[str, Stimulus]) -> list[str]:
    """Pictures of a step's page; an offer is made before its item is seen."""
    item = items.get(step.item or "")
    if item is None or condition is None or step.kind not in ("decision", "feedback"):
        return []
    files = [item.image] if item.image else []
    if condition.explanation is not None and shows_explanation(condition, step):
        files += item.pictures_of(condition.explanation)
    return files


def coming_files(steps: Sequence[Step], cursor: int, items: Mapping[str, Stimulus]) -> list[str]:
    """The next item's picture, so that no trial waits; never an explanation, which would speak of the advice.

    One picture at most, whatever help comes with it: their number tells nothing. None between two sittings.
    """
    current = steps[cursor]
    if current.kind == "return":
        return []
    seen = None if current.kind == "offer" else current.item
    for step in steps[cursor + 1 :]:
        if step.kind == "decision" and step.item and step.item != seen:
            image = items[step.item].image
            return [image] if image else []
    return []


def png_size(header: bytes) -> tuple[int, int]:
    """Width and height, from a file's first 24 bytes."""
    return int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")
