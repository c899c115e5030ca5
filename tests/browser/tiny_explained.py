"""Small studies that show each kind of explanation, frozen by `stimuli.build`: drawn garments and invented files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import yaml
from PIL import Image, ImageDraw

from binome import protocol, stimuli
from binome.contexts import Shown
from binome.core import ArtefactStore, Recipe
from binome.core.stimulus import (
    Change,
    Counterfactual,
    Decision,
    ExplanationCard,
    Feature,
    PredictorCard,
    StimulusSet,
    Task,
    read_stimuli,
)
from binome.protocol import rendering_of

PICTURES: dict[str, Any] = {
    "overlay": "overlay", "contour": {"kind": "contour", "text": True},
    "regions": {"kind": "regions", "share": 0.2, "count": 2}, "side_by_side": "side_by_side", "sentence": "sentence",
    "examples": "examples",
}  # fmt: skip
"""By study, how its explanation is shown; those of pictures, then those of case files."""
CASES: dict[str, Any] = {
    "case_bars": {"kind": "bars", "text": True}, "case_sentence": "sentence", "case_examples": "examples",
    "counterfactuals": "counterfactuals",
}  # fmt: skip
KINDS = (*PICTURES, *CASES)
METHODS = {"examples": "nearest_examples", "counterfactuals": "counterfactuals"}
ITEMS = 3
SIDE = 28
GARMENTS = {"coat": ("Coat", "Manteau"), "dress": ("Dress", "Robe"), "pullover": ("Pullover", "Pull")}
FEATURES = (
    Feature("age", {"en": "Age", "fr": "Âge"}),
    Feature("priors", {"en": "Prior offences", "fr": "Infractions antérieures"}),
    Feature("charge", {"en": "Offence charged", "fr": "Infraction reprochée"}),
    Feature("minor", {"en": "Misdemeanours as a minor", "fr": "Délits commis mineur"}),
    Feature("district", {"en": "District", "fr": "Quartier"}),
)
HIDDEN = 4
"""The line that only the model sees."""


def make_explained(folder: Path, kind: str) -> tuple[protocol.Protocol, StimulusSet]:
    """A study whose explanation `shown` is of one of `KINDS`, and its stimulus set, in a folder."""
    case = kind in CASES
    rendering = (CASES if case else PICTURES)[kind]
    gives = {"examples": "examples", "counterfactuals": "counterfactuals"}.get(str(rendering), "maps")
    study = {
        "binome": 1,
        "study": "explained",
        "title": {"en": "Deciding with a machine", "fr": "Décider avec une machine"},
        "context": {"name": "fashion"},
        "predictor": {"architecture": "vit_micro"},
        "explanations": {"shown": {"method": METHODS.get(gives, "integrated_gradients"), "rendering": rendering}},
        "stimuli": {"items": 2},
        "conditions": {"explained": {"advice": "after_initial", "confidence": True, "explanation": "shown"}},
        "design": {"kind": "within", "order": "fixed", "operators": 4},
        "operators": {"languages": ["fr", "en"], "practice": 1},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(yaml.safe_dump(study, allow_unicode=True), "utf-8")
    (folder / "consent.md").write_text("# Taking part\n\nYou will decide three times.\n", "utf-8")
    (folder / "consent.fr.md").write_text("# Participer\n\nVous allez décider trois fois.\n", "utf-8")
    loaded = protocol.load(folder)
    shown = rendering_of(loaded.study, "shown", gives, case)
    card = ExplanationCard("shown", METHODS.get(gives, "integrated_gradients"), "other", False, {}, shown)
    parts = _cases(gives) if case else _pictures(gives)

    def build(place: Path) -> None:
        stimuli.build(
            place, predictor=PredictorCard("vit_micro", 0.86, 0.85, 0.87, 10_000, 0.02), explanations=[card],
            roles=["trial", "trial", "practice"], ids=["0", "1", "2"], confidence=[0.8, 0.65, 0.9], seed=1, **parts,
        )  # fmt: skip

    built = ArtefactStore(folder / "artefacts").make(Recipe("stimuli", {"explained": kind}), build)
    return loaded, read_stimuli(built)


def _pictures(gives: str) -> dict[str, Any]:
    labels = tuple(Decision(name, {"en": en, "fr": fr}) for name, (en, fr) in GARMENTS.items())
    question = {"en": "Which garment is this?", "fr": "Quel vêtement est-ce\u00a0?"}
    task = Task("fashion", {"en": "Clothes", "fr": "Vêtements"}, question, labels)
    answers = {"truths": ["coat", "dress", "coat"], "advice": ["coat", "pullover", "coat"]}
    parts: dict[str, Any] = {"task": task, "show": lambda item: Shown(garment(int(item))), **answers}
    if gives == "maps":
        return {**parts, "maps": {"shown": np.stack([heat(i) for i in range(ITEMS)])}}
    chosen = [("10", "coat", "alike", 0.93), ("11", "coat", "prototype", None), ("12", "dress", "contrast", 0.61)]
    return {**parts, "examples": {"shown": [[stimuli.ExampleSource(*one) for one in chosen]] * ITEMS}}  # type: ignore[arg-type]


def _cases(gives: str) -> dict[str, Any]:
    verdicts = (Decision("no", {"en": "No", "fr": "Non"}), Decision("yes", {"en": "Yes", "fr": "Oui"}))
    question = {
        "en": "Will this person be charged again?",
        "fr": "Cette personne sera-t-elle de nouveau poursuivie\u00a0?",
    }
    task = Task("files", {"en": "Files", "fr": "Dossiers"}, question, verdicts, features=FEATURES)
    answers = {"truths": ["yes", "no", "yes"], "advice": ["yes", "yes", "yes"]}
    parts: dict[str, Any] = {"task": task, "show": lambda item: Shown(case=case(int(item))), **answers}
    if gives == "maps":
        values = np.array([[-0.9, 1.6, 0.3, 0.05, 0.4], [0.2, 1.1, -0.6, 0.0, -0.5], [1.0, 0.5, 0.2, -0.1, 0.1]])
        return {**parts, "contributions": {"shown": values.astype(np.float32)}, "inputs_of": range(len(FEATURES))}
    if gives == "examples":
        chosen = [("20", "yes", "alike", 0.91), ("21", "no", "contrast", 0.66)]
        return {**parts, "examples": {"shown": [[stimuli.ExampleSource(*one) for one in chosen]] * ITEMS}}  # type: ignore[arg-type]
    fewer = Change(1, "0")
    older = Change(0, {"en": "51\u00a0years", "fr": "51\u00a0ans"})
    lesser = Change(2, {"en": "misdemeanour", "fr": "délit"})
    found = [
        Counterfactual("no", 0.72, (fewer,)),
        Counterfactual("no", 0.64, (older, lesser)),
        Counterfactual("no", 0.58, (lesser, Change(HIDDEN, "B"))),
    ]
    return {**parts, "counterfactuals": {"shown": [found, found[:1], found]}}


def garment(number: int) -> Image.Image:
    """A dark garment on black, its shade by its number."""
    picture = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(picture)
    shade = 60 + 35 * (number % 4)
    draw.polygon(
        [(9, 4), (19, 4), (26, 9), (23, 13), (20, 11), (20, 25), (8, 25), (8, 11), (5, 13), (2, 9)], fill=shade
    )
    draw.line([(14, 5), (14, 24)], fill=shade - 40)
    return picture


def heat(number: int) -> npt.NDArray[np.float32]:
    """Two blobs, the left one stronger, over a little noise."""
    y, x = np.mgrid[:SIDE, :SIDE]
    left = np.exp(-((x - 8 - 2 * number) ** 2 + (y - 9) ** 2) / 18)
    right = 0.7 * np.exp(-((x - 19) ** 2 + (y - 18) ** 2) / 10)
    noise = 0.1 * np.random.default_rng(number).random((SIDE, SIDE))
    values: npt.NDArray[np.float32] = (left + right + noise).astype(np.float32)
    return values


def case(number: int) -> tuple[Any, ...]:
    """A file's lines in words; the last one is hidden from operators."""
    age = 24 + 5 * (number % 7)
    felony = {"en": "felony", "fr": "crime"} if number % 2 == 0 else {"en": "misdemeanour", "fr": "délit"}
    return ({"en": f"{age}\u00a0years", "fr": f"{age}\u00a0ans"}, str(number % 4 + 1), felony, "0", None)
