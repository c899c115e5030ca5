"""The part of the HTTP contract that shows an item and its explanation."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Picture(Message):
    """A picture; `url` is relative to the server and works only with the session's token."""

    url: str
    width: int
    height: int
    alt: str


class Legend(Message):
    colours: list[str]
    low: str
    high: str


class Line(Message):
    """A line of a case file: what is known, its value in words with its unit, and what it means."""

    id: str
    label: str
    value: str
    help: str = ""


class Bars(Message):
    """What each line of the case file contributed: signed, the longest of the item being 1 or -1.

    `values` go with the step's `case`, line by line, None for a line that the predictor did not see; `rest` is the
    sum over what the predictor saw and the operator does not, None where there is nothing of the kind.
    """

    values: list[float | None]
    rest: float | None = None
    low: str
    high: str


class Contour(Message):
    """A line of a contour: the share of the scale that it runs around, and how it is drawn."""

    share: float
    colour: str
    width: float


class Regions(Message):
    """What stays clear: at most that share of the picture, in at most so many connected regions (None: any number)."""

    share: float
    count: int | None = None


class Example(Message):
    """Another item and its right answer in words: a picture, or the lines of a case file.

    `kind`: alike (near to the item), prototype (typical of its answer), contrast (near, with another answer);
    `similarity` from 0 to 1, None where there is none.
    """

    kind: Literal["alike", "prototype", "contrast"]
    label: str
    similarity: float | None = None
    picture: Picture | None = None
    case: list[Line] = Field(default_factory=list)


class Change(Message):
    label: str
    before: str
    after: str


class Alternative(Message):
    """What would be advised with these lines changed, and `hidden` ones more that only the model saw; `confidence` is
    None where the condition hides how sure the model is."""

    label: str
    confidence: float | None = None
    changes: list[Change]
    hidden: int = 0


class Explanation(Message):
    """What explains the advice; `kind` says which of the fields there are.

    overlay, contour, regions: `picture`, to lay over the item's (same aspect ratio, transparent where it says nothing);
    side_by_side: `picture`, to show beside it. `legend` is the scale of overlay and side_by_side, `contours` and
    `regions` say how these read. bars: `bars`. examples and counterfactuals: lists. `sentence`: alone, or beneath maps
    and bars.
    """

    kind: Literal["overlay", "contour", "regions", "side_by_side", "bars", "sentence", "examples", "counterfactuals"]
    picture: Picture | None = None
    legend: Legend | None = None
    contours: list[Contour] = Field(default_factory=list)
    regions: Regions | None = None
    bars: Bars | None = None
    sentence: str | None = None
    examples: list[Example] = Field(default_factory=list)
    counterfactuals: list[Alternative] = Field(default_factory=list)
