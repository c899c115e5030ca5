"""What a stimulus set holds of an explanation: how it was made, how it is shown, and what it shows beside pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from binome.core.text import Text

RenderingKind = Literal[
    "overlay", "contour", "regions", "side_by_side", "bars", "sentence", "examples", "counterfactuals"
]
ExampleKind = Literal["alike", "prototype", "contrast"]
Answer = str | float
"""A decision's id, or a number where the task is to estimate one."""


def line_width(level: float) -> float:
    """A contour's width in pixels of the shown picture: it rises with the level, so that order needs no colour."""
    return 2 + 2 * level


@dataclass(frozen=True)
class Rendering:
    """How an explanation is shown, with all that the kind depends on.

    Attributes:
        params: `levels` of contours, as shares of the map's scale; `share` of the picture in regions and, where their
            number is limited, `count`; `text`, where the sentence comes with it.
    """

    kind: RenderingKind = "overlay"
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_sentence(self) -> bool:
        """Whether the operator reads a sentence, alone or beneath."""
        return self.kind == "sentence" or bool(self.params.get("text"))


@dataclass(frozen=True)
class ExplanationCard:
    """How an explanation was made and is shown. `control` marks placebos; `params` include the seed."""

    name: str
    method: str
    family: str
    control: bool
    params: Mapping[str, Any]
    rendering: Rendering = field(default_factory=Rendering)


@dataclass(frozen=True)
class Example:
    """Another item, shown to explain the advice on this one.

    Attributes:
        label: its true answer.
        image: file in `media/`; None for a case file.
        case: its values in words by the task's features; None where the operator may not see one.
        kind: `alike` is near to the item; `prototype` is typical of its label; `contrast` is near to the item and has
            another label.
        similarity: to the item, from 0 to 1 (the same); None where the method gives none.
    """

    label: Answer
    kind: ExampleKind
    image: str | None = None
    case: tuple[Text | None, ...] = ()
    similarity: float | None = None


@dataclass(frozen=True)
class Change:
    """A line of a case file that would have to be different: its place among the task's features, and the other value
    in words with its unit."""

    feature: int
    value: Text


@dataclass(frozen=True)
class Counterfactual:
    """What would change the advice: with these changes the predictor decides otherwise, with that confidence."""

    decision: Answer
    confidence: float
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Legend:
    """The one colour scale of the study: `colours` from least to most important, as `#rrggbb`."""

    palette: str
    colours: tuple[str, ...]
    low: Text
    high: Text

    def colour_at(self, share: float) -> str:
        """The colour at a share of the scale, from 0 to 1, between the stops as they are drawn."""
        place = share * (len(self.colours) - 1)
        below = min(int(place), len(self.colours) - 2)
        ends = [[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in self.colours[below : below + 2]]
        mixed = [round(a + (b - a) * (place - below)) for a, b in zip(*ends, strict=True)]
        return "#" + "".join(f"{part:02x}" for part in mixed)
