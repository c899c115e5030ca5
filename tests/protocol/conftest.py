"""A small valid study in a temporary folder, and stimuli to plan with."""

from collections.abc import Callable
from pathlib import Path

import pytest

from binome.core.stimulus import Decision, ExplanationCard, Legend, PredictorCard, Stimulus, StimulusSet, Task

STUDY = """\
binome: 1
study: small
title: {en: Small, fr: Petit}
context: {name: digits}
predictor: {architecture: vit_micro, epochs: 2}
explanations:
  ig: {method: integrated_gradients}
  placebo: {method: shuffled, of: ig}
stimuli: {items: 24, predictor_accuracy: 0.75}
conditions:
  alone: {advice: none}
  advised: {advice: after_initial, confidence: true}
  explained: {advice: after_initial, confidence: true, explanation: ig}
  placebo: {advice: after_initial, confidence: true, explanation: placebo}
design: {kind: within, order: williams, operators: 16}
operators: {languages: [en, fr], practice: 2, attention_checks: 3}
questionnaires: {before: [demographics], after_block: [trust_now], after: [sus]}
analysis: {primary: {measure: accuracy, contrast: [explained, advised]}}
"""


@pytest.fixture
def write_study(tmp_path: Path) -> Callable[..., Path]:
    """Writes the small study, with pieces of its text replaced, and returns its folder."""

    def write(*changes: tuple[str, str], study: str = STUDY) -> Path:
        for old, new in changes:
            assert old in study, old
            study = study.replace(old, new)
        (tmp_path / "study.yaml").write_text(study, "utf-8")
        (tmp_path / "consent.md").write_text("# Consent\n\nYou may stop.\n", "utf-8")
        (tmp_path / "consent.fr.md").write_text("# Accord\n\nVous pouvez arrêter.\n", "utf-8")
        return tmp_path

    return write


@pytest.fixture
def make_stimuli() -> Callable[..., StimulusSet]:
    def make(trials: int = 24, practice: int = 4, accuracy: float = 0.75) -> StimulusSet:
        classes = ["a", "b"]
        items = []
        for i in range(trials + practice):
            truth = classes[i % 2]
            right = i >= trials or i < round(accuracy * trials)
            items.append(
                Stimulus(
                    id=f"s{i:03}",
                    source=str(i),
                    role="trial" if i < trials else "practice",
                    truth=truth,
                    advice=truth if right else classes[1 - i % 2],
                    advice_confidence=0.8,
                    image=f"{i}.png",
                )
            )
        return StimulusSet(
            folder=Path("nowhere"),
            task=Task("digits", "Digits", {"en": "Which?", "fr": "Lequel ?"}, (Decision("a", "A"), Decision("b", "B"))),
            predictor=PredictorCard("vit_micro", 0.912, 0.9, 0.93, 500, 0.02),
            explanations=(
                ExplanationCard("ig", "integrated_gradients", "gradient", False, {}),
                ExplanationCard("placebo", "shuffled", "control", True, {"of": "ig"}),
            ),
            legend=Legend("cividis", ("#000000", "#ffffff"), "low", "high"),
            items=tuple(items),
        )

    return make
