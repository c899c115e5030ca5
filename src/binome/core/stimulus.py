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
from binome.core.text import Text

STIMULI = "stimuli.json"
MEDIA = "media"
VERSION = 3

Role = Literal["trial", "practice"]
RenderingKind = Literal[
    "overlay", "contour", "regions", "side_by_side", "bars", "sentence", "examples", "counterfactuals"
]
ExampleKind = Literal["alike", "prototype", "contrast"]


Answer = str | float
"""A decision's id, or a number where the task is to estimate one."""


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
