"""A study with every kind of page, small enough to be done in a minute: drawn garments, invented advice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from binome import protocol
from binome.core import ArtefactStore, Recipe
from binome.core.stimulus import (
    Decision,
    ExplanationCard,
    Legend,
    PredictorCard,
    Stimulus,
    StimulusSet,
    Task,
    read_stimuli,
    write_stimuli,
)

SIDE = 280
COLOURS = ("#000004", "#51127c", "#b73779", "#fc8961", "#fcfdbf")
GARMENTS = {
    "t-shirt": ("T-shirt", "T-shirt"), "trousers": ("Trousers", "Pantalon"), "pullover": ("Pullover", "Pull"),
    "dress": ("Dress", "Robe"), "coat": ("Coat", "Manteau"), "sandal": ("Sandal", "Sandale"),
    "shirt": ("Shirt", "Chemise"), "sneaker": ("Sneaker", "Basket"), "bag": ("Bag", "Sac"),
    "boot": ("Ankle boot", "Bottine"),
}  # fmt: skip
STUDY = """
binome: 1
study: tiny
title: {en: Sorting clothes with a machine, fr: Trier des vêtements avec une machine}
context: {name: fashion}
predictor: {architecture: vit_micro, epochs: 1, seed: 0}
explanations:
  ig: {method: integrated_gradients}
stimuli: {items: 4, predictor_accuracy: 0.5, seed: 3}
conditions:
  alone: {advice: none}
  explained: {advice: after_initial, confidence: true, explanation: ig}
design: {kind: within, order: williams, operators: 8}
operators: {languages: [fr, en], consent: consent.md, practice: 1, attention_checks: 1}
questionnaires: {before: [demographics], after: [raw_tlx]}
"""
CONSENT = {
    "consent.md": "# Taking part\n\nYou will sort pictures of clothes.\n\n- It takes five minutes.\n- You can stop.\n",
    "consent.fr.md": "# Participer\n\nVous allez trier des images.\n\n- Cela dure cinq minutes.\n- Sans engagement.\n",
}


def make_study(folder: Path) -> tuple[protocol.Protocol, StimulusSet]:
    """Write the study and its stimulus set into a folder."""
    (folder / "study.yaml").write_text(STUDY, "utf-8")
    for name, text in CONSENT.items():
        (folder / name).write_text(text, "utf-8")
    built = ArtefactStore(folder / "artefacts").make(Recipe("stimuli", {"tiny": 1}), _draw_stimuli)
    return protocol.load(folder), read_stimuli(built)


def _draw_stimuli(folder: Path) -> None:
    media = folder / "media"
    media.mkdir(exist_ok=True)
    ids = list(GARMENTS)
    items: list[Stimulus] = []
    for index, truth in enumerate(("t-shirt", "dress", "t-shirt", "dress", "coat")):
        garment(index).save(media / f"item{index}.png")
        heat(index).save(media / f"heat{index}.png")
        right = index in (0, 1, 4)
        items.append(
            Stimulus(
                id=f"s{index}", source=str(index), role="practice" if index == 4 else "trial", truth=truth,
                advice=truth if right else ids[(ids.index(truth) + 2) % len(ids)], advice_confidence=0.6 + 0.07 * index,
                image=f"item{index}.png", explanations={"ig": f"heat{index}.png"},
            )
        )  # fmt: skip
    write_garments(folder, items)


def write_garments(folder: Path, items: Sequence[Stimulus]) -> None:
    """The stimulus set of these items, whose pictures are in the folder already."""
    write_stimuli(
        StimulusSet(
            folder=folder,
            task=Task(
                "fashion",
                {"en": "Sorting clothes", "fr": "Trier des vêtements"},
                {"en": "Which garment is this?", "fr": "Quel vêtement est-ce ?"},
                tuple(Decision(name, {"en": en, "fr": fr}) for name, (en, fr) in GARMENTS.items()),
            ),
            predictor=PredictorCard("vit_micro", 0.86, 0.85, 0.87, 10_000, 0.02),
            explanations=(ExplanationCard("ig", "integrated_gradients", "gradient", False, {"seed": 0}),),
            legend=Legend("magma", COLOURS, {"en": "little", "fr": "peu"}, {"en": "much", "fr": "beaucoup"}),
            items=tuple(items),
        )
    )


def garment(index: int) -> Image.Image:
    """A pale garment on black at 28 pixels, enlarged and blurred as the operator's view is."""
    small = Image.new("L", (28, 28))
    draw = ImageDraw.Draw(small)
    shade = 150 + 20 * index
    draw.polygon(
        [(9, 4), (19, 4), (26, 9), (23, 13), (20, 11), (20, 25), (8, 25), (8, 11), (5, 13), (2, 9)], fill=shade
    )
    draw.line([(14, 5), (14, 24)], fill=shade - 50)
    return small.resize((SIDE, SIDE), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(3))


def heat(index: int) -> Image.Image:
    """A warm blob, transparent away from its centre."""
    alpha = Image.new("L", (SIDE, SIDE))
    x, y = 110 + 15 * index, 90 + 20 * index
    ImageDraw.Draw(alpha).ellipse([x - 45, y - 45, x + 45, y + 45], fill=255)
    alpha = alpha.filter(ImageFilter.GaussianBlur(22))
    heat = Image.new("RGBA", (SIDE, SIDE), "#fc8961")
    heat.putalpha(alpha)
    return heat
