"""The frozen stimulus set: the only thing that the machine half and the human half share.

A stimulus set is an artefact folder: `stimuli.json` (this module's classes) and `media/` (pictures
whose names are hashes of their bytes, padded so that all pictures of one role have the same size).
Reading one needs neither PyTorch nor numpy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from binome.core.artefacts import verify
from binome.core.errors import ArtefactError
from binome.core.explanation import Answer as Answer
from binome.core.explanation import Change as Change
from binome.core.explanation import Counterfactual as Counterfactual
from binome.core.explanation import Example as Example
from binome.core.explanation import ExampleKind as ExampleKind
from binome.core.explanation import ExplanationCard as ExplanationCard
from binome.core.explanation import Legend as Legend
from binome.core.explanation import Rendering as Rendering
from binome.core.explanation import RenderingKind as RenderingKind
from binome.core.text import Text

STIMULI = "stimuli.json"
MEDIA = "media"
VERSION = 3

Role = Literal["trial", "practice"]


@dataclass(frozen=True)
class Decision:
    """A possible answer: `id` is stored in trials, `label` is shown."""

    id: str
    label: Text


@dataclass(frozen=True)
class Number:
    """The scale of an estimate: from `low` to `high` by `step`, in `unit`.

    `tolerance`, in the same unit: an estimate at most so far from the truth counts as right.
    """

    low: float
    high: float
    step: float
    unit: Text
    tolerance: float


@dataclass(frozen=True)
class Feature:
    """A line of a case file: its name and unit as shown, what it means, whether it is a protected attribute."""

    id: str
    label: Text
    unit: Text = ""
    help: Text = ""
    protected: bool = False


@dataclass(frozen=True)
class Task:
    """What the operator is asked, taken from the context.

    Attributes:
        decisions: the possible answers; none where a number is estimated.
        number: the scale of the estimate; None where a decision is chosen.
        features: the lines of a case file, in the order of its values; none for pictures and games.
    """

    context: str
    title: Text
    question: Text
    decisions: tuple[Decision, ...] = ()
    number: Number | None = None
    features: tuple[Feature, ...] = ()


@dataclass(frozen=True)
class PredictorCard:
    """The advising model in figures: hold-out accuracy (with its 95 % interval, over `n` items) and
    expected calibration error after calibration."""

    architecture: str
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    n: int
    calibration_error: float


@dataclass(frozen=True)
class Stimulus:
    """One item, frozen.

    Attributes:
        id: opaque; says nothing of the item's class or of whether the advice is right.
        source: the item's id in its context.
        truth, advice: decision ids, or numbers where the task is an estimate.
        advice_confidence: calibrated probability that the advice is right, in [0, 1].
        image: file in `media/` that shows the item as the operator sees it; None for a case file.
        case: the case file's values in words, with their unit, by the task's features; None where the operator may not
            see one.
        note: what the operator is told beside the item, and the predictor never knew.
        covariates: what is known of the item and goes into its trials, such as its difficulty or a protected attribute.
        explanations: by explanation name, the file in `media/` that shows the map.
        contributions: by explanation name, one signed number a feature, None where the predictor did not see it.
        examples: by explanation name, other items that explain the advice, in the order in which they are shown.
        counterfactuals: by explanation name, what would change the advice, the best first; may be none.
        sentences: by explanation name, what it says in one sentence.
        scores: by explanation name and metric, the item's value; None where undefined.
    """

    id: str
    source: str
    role: Role
    truth: Answer
    advice: Answer
    advice_confidence: float
    image: str | None = None
    case: tuple[Text | None, ...] = ()
    note: Text | None = None
    covariates: Mapping[str, str | float] = field(default_factory=dict)
    explanations: Mapping[str, str] = field(default_factory=dict)
    contributions: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
    counterfactuals: Mapping[str, tuple[Counterfactual, ...]] = field(default_factory=dict)
    sentences: Mapping[str, Text] = field(default_factory=dict)
    scores: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)

    def pictures_of(self, explanation: str) -> tuple[str, ...]:
        """The files in `media/` that an explanation shows: its map, or its examples."""
        own = (self.explanations[explanation],) if explanation in self.explanations else ()
        return own + tuple(e.image for e in self.examples.get(explanation, ()) if e.image is not None)


@dataclass(frozen=True)
class StimulusSet:
    """All stimuli of a study, with the words and figures that go with them.

    Attributes:
        views: by side (`operator`, `predictor`), what that side saw of each item; empty for all of it.
    """

    folder: Path
    task: Task
    predictor: PredictorCard
    explanations: tuple[ExplanationCard, ...]
    legend: Legend
    items: tuple[Stimulus, ...]
    views: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    key: str = ""

    def by_role(self, role: Role) -> tuple[Stimulus, ...]:
        return tuple(item for item in self.items if item.role == role)

    def item(self, item_id: str) -> Stimulus:
        """The stimulus of that id.

        Raises:
            KeyError: when there is none.
        """
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    def media(self, name: str) -> Path:
        return self.folder / MEDIA / name


def write_stimuli(stimuli: StimulusSet) -> None:
    """Write `stimuli.json` into the set's folder; equal sets give equal bytes."""
    data = asdict(stimuli)
    del data["folder"], data["key"]
    text = json.dumps({"version": VERSION, **data}, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    (stimuli.folder / STIMULI).write_text(text + "\n", "utf-8")


def read_stimuli(folder: Path) -> StimulusSet:
    """Read a stimulus set whose files all match its manifest.

    Raises:
        ArtefactError: when a file is missing, damaged or of another version.
    """
    manifest = verify(folder)
    path = folder / STIMULI
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ArtefactError(f"{path} cannot be read: {error}") from error
    if data.get("version") != VERSION:
        raise ArtefactError(
            f"{path} has version {data.get('version')!r}, this Binome reads {VERSION}; build the stimuli again"
        )
    return StimulusSet(
        folder=folder,
        task=_task(data["task"]),
        predictor=PredictorCard(**data["predictor"]),
        explanations=tuple(_card(card) for card in data["explanations"]),
        legend=Legend(**{**data["legend"], "colours": tuple(data["legend"]["colours"])}),
        items=tuple(_stimulus(item) for item in data["items"]),
        views=data["views"],
        key=manifest["key"],
    )


def _task(data: Mapping[str, Any]) -> Task:
    decisions = tuple(Decision(**decision) for decision in data["decisions"])
    features = tuple(Feature(**feature) for feature in data["features"])
    number = None if data["number"] is None else Number(**data["number"])
    return Task(**{**data, "decisions": decisions, "features": features, "number": number})


def _card(data: Mapping[str, Any]) -> ExplanationCard:
    return ExplanationCard(**{**data, "rendering": Rendering(**data["rendering"])})


def _stimulus(data: Mapping[str, Any]) -> Stimulus:
    given = {
        "case": tuple(data["case"]),
        "contributions": {name: tuple(values) for name, values in data["contributions"].items()},
        "examples": {name: tuple(map(_example, shown)) for name, shown in data["examples"].items()},
        "counterfactuals": {
            name: tuple(map(_counterfactual, found)) for name, found in data["counterfactuals"].items()
        },
    }
    return Stimulus(**{**data, **given})


def _example(data: Mapping[str, Any]) -> Example:
    return Example(**{**data, "case": tuple(data["case"])})


def _counterfactual(data: Mapping[str, Any]) -> Counterfactual:
    return Counterfactual(**{**data, "changes": tuple(Change(**change) for change in data["changes"])})
