"""Evidence for the report's tests: simulated trials, painted stimuli, a made-up model card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from binome import analysis
from binome.core.stimulus import (
    Decision,
    ExplanationCard,
    Legend,
    PredictorCard,
    Stimulus,
    StimulusSet,
    Task,
    write_stimuli,
)
from binome.protocol import Study
from binome.report import Evidence

CONDITIONS = ("alone", "advised", "explained", "placebo")
CLASSES = ("cat", "dog", "hen", "owl")
STUDY = {
    "binome": 1,
    "study": "animals",
    "title": {"en": "Naming animals <with> a machine", "fr": "Nommer des animaux avec une machine"},
    "context": {"name": "animals"},
    "predictor": {"architecture": "tiny", "epochs": 2, "seed": 7},
    "explanations": {
        "ig": {"method": "integrated_gradients", "steps": 8},
        "rollout": {"method": "attention_rollout"},
        "sham": {"method": "shuffled", "of": "ig"},
    },
    "stimuli": {"items": 40, "predictor_accuracy": 0.7, "seed": 3},
    "conditions": {
        "alone": {"advice": "none"},
        "advised": {"advice": "after_initial", "confidence": True},
        "explained": {"advice": "after_initial", "confidence": True, "explanation": "ig"},
        "placebo": {"advice": "after_initial", "confidence": True, "explanation": "sham"},
    },
    "design": {"kind": "within", "operators": 60},
    "questionnaires": {"after_block": ["raw_tlx"]},
    "analysis": {"primary": {"measure": "accuracy", "contrast": ["explained", "advised"]}, "resamples": 200},
}


def make_trials(operators: int = 24, per_condition: int = 10, seed: int = 0, effect: float = 0.0) -> pl.DataFrame:
    """Two-stage decisions on forty items; `effect` is added to the chance of taking right advice when explained."""
    rng = np.random.default_rng(seed)
    skill, hard = rng.normal(0.55, 0.12, operators), rng.normal(0, 0.1, 40)
    rows: list[dict[str, Any]] = []
    for o in range(operators):
        items = rng.permutation(40)
        for c, condition in enumerate(CONDITIONS):
            for item in items[c * per_condition : (c + 1) * per_condition]:
                truth, right = int(item) % 4, item % 10 < 7
                advice = truth if right else (truth + 1) % 4
                knows = rng.random() < np.clip(skill[o] - hard[item], 0.05, 0.95)
                initial = truth if knows else (truth + 1 + int(rng.integers(3))) % 4
                takes = 0.4 + (effect if condition == "explained" and right else 0.0)
                advised = condition != "alone"
                final = advice if advised and initial != advice and rng.random() < takes else initial
                rows.append(
                    {
                        "study": "animals", "operator": f"o{o:02}", "simulated": True, "condition": condition,
                        "item": f"i{item:02}", "truth": CLASSES[truth], "advice": CLASSES[advice],
                        "advice_shown": advised, "initial": CLASSES[initial] if advised else None,
                        "final": CLASSES[final], "practice": False, "attention_check": False,
                        "excluded": o == 0, "exclusion_reason": "attention" if o == 0 else None,
                    }
                )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def make_stimuli(folder: Path) -> StimulusSet:
    """Forty painted items, each with three overlays."""
    (folder / "media").mkdir(parents=True)
    rng = np.random.default_rng(1)

    def paint(name: str, mode: str) -> str:
        shape = (24, 24) if mode == "L" else (24, 24, 4)
        Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(folder / "media" / name)
        return name

    names = ("ig", "rollout", "sham")
    pictures = {"image": paint("item.png", "L"), **{name: paint(f"{name}.png", "RGBA") for name in names}}
    items = tuple(
        Stimulus(
            id=f"i{i:02}",
            source=f"test-{i}",
            role="trial",
            truth=CLASSES[i % 4],
            advice=CLASSES[i % 4] if i % 10 < 7 else CLASSES[(i + 1) % 4],
            advice_confidence=0.5 + i / 100,
            image=pictures["image"],
            explanations={name: pictures[name] for name in names},
        )
        for i in range(40)
    )
    stimuli = StimulusSet(
        folder=folder,
        task=Task("animals", "Animals", "Which?", tuple(Decision(c, {"en": c, "fr": f"{c} (fr)"}) for c in CLASSES)),
        predictor=PredictorCard("tiny", 0.8, 0.75, 0.85, 200, 0.03),
        explanations=(
            ExplanationCard("ig", "integrated_gradients", "gradient", False, {"steps": 8, "seed": 0}),
            ExplanationCard("rollout", "attention_rollout", "attention", False, {"seed": 0}),
            ExplanationCard("sham", "shuffled", "control", True, {"of": "ig", "seed": 0}),
        ),
        legend=Legend(
            "magma", ("#2a1160", "#e0526c", "#fcfdbf"), {"en": "little", "fr": "peu"}, {"en": "much", "fr": "beaucoup"}
        ),
        items=items,
        key="0123456789abcdef0123",
    )  # fmt: skip
    write_stimuli(stimuli)
    return stimuli


def make_card() -> dict[str, Any]:
    """A model card in the form of `models.evaluate`; one class without an item, one empty bin."""
    confusion = [[40, 5, 5, 0], [10, 30, 10, 0], [2, 3, 95, 0], [0, 0, 0, 0]]
    bins = [
        {"low": i / 4, "high": (i + 1) / 4, "n": n, "confidence": c, "accuracy": a}
        for i, (n, c, a) in enumerate([(0, None, None), (20, 0.4, 0.35), (60, 0.66, 0.7), (120, 0.9, 0.92)])
    ]
    return {
        "context": "animals", "architecture": "tiny", "parameters": 1234567, "n": 200,
        "training": {"seconds": 12.3, "epochs": 2, "train_items": 1000, "seed": 7},
        "accuracy": {"value": 0.825, "low": 0.766, "high": 0.873},
        "balanced_accuracy": {"value": None, "low": None, "high": None},
        "per_class": [
            {
                "id": name, "label": {"en": name, "fr": f"{name} (fr)"}, "n": sum(confusion[i]), "precision": None,
                "recall": {"value": value, "low": low, "high": high},
            }
            for i, (name, value, low, high) in enumerate(
                [
                    ("cat", 0.8, 0.67, 0.89),
                    ("dog", 0.6, 0.46, 0.72),
                    ("hen", 0.95, 0.89, 0.98),
                    ("owl", None, None, None),
                ]
            )
        ],
        "calibration": {
            "temperature": 1.1, "ece_before": 0.05, "ece_after": 0.03, "edges": [0, 0.25, 0.5, 0.75, 1],
            "closed": "right", "bins": bins,
        },
        "confusion": confusion,
    }  # fmt: skip


def make_scores() -> pl.DataFrame:
    """Deletion and insertion of three explanations on thirty items; two values are undefined."""
    rng = np.random.default_rng(2)
    rows = [
        (name, metric, f"test-{i}", float(rng.beta(2 + 3 * (name == "sham"), 5)))
        for name in ("ig", "rollout", "sham")
        for metric in ("deletion", "insertion")
        for i in range(30)
    ]
    table = pl.DataFrame(rows, schema=["explanation", "metric", "item", "value"], orient="row")
    lost = (pl.col("explanation") == "rollout") & pl.col("item").is_in(["test-3", "test-4"])
    return table.with_columns(value=pl.when(~lost).then("value"))


def make_agreements() -> pl.DataFrame:
    rng = np.random.default_rng(3)
    rows = [
        (a, b, "spearman", f"test-{i}", float(np.tanh(rng.normal(0.4, 0.3))))
        for a, b in (("ig", "rollout"), ("ig", "sham"), ("rollout", "sham"))
        for i in range(30)
    ]
    return pl.DataFrame(rows, schema=["a", "b", "measure", "item", "value"], orient="row")


def make_people(operators: int = 24) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of the export's tables of operators and answers."""
    people = [
        {
            "operator": f"o{o:02}", "simulated": True, "language": "fr" if o % 2 else "en",
            "status": "completed", "duration_seconds": 600.0 + 10 * o, "exclusion_reason": None,
        }
        for o in range(operators)
    ]  # fmt: skip
    people.append({**people[0], "operator": "lost", "status": "expired", "duration_seconds": None})
    answers = [
        {
            "operator": f"o{o:02}", "simulated": True, "questionnaire": "raw_tlx", "condition": condition, "block": b,
            "kind": "score", "name": "raw_tlx", "value": None if o == 3 else 40.0 + o,
        }
        for o in range(operators)
        for b, condition in enumerate(CONDITIONS)
    ]  # fmt: skip
    return people, answers


def make_evidence(folder: Path, trials: pl.DataFrame, study: dict[str, Any] | None = None) -> Evidence:
    read = Study.model_validate(STUDY | (study or {}))
    primary = read.analysis.primary
    people, answers = make_people()
    return Evidence(
        study=read,
        stimuli=make_stimuli(folder),
        card=make_card(),
        scores=make_scores(),
        agreements=make_agreements(),
        analysis=analysis.analyse(
            trials,
            measures=["accuracy", "complementarity", "rair", "rsr", "overreliance", "underreliance"],
            primary=primary.model_dump() if primary else None,
            conditions=CONDITIONS,
            resamples=200,
        ),
        operators=people,
        answers=answers,
        provenance={
            "artefacts": {"stimuli": {"key": "ab" * 32, "content": "cd" * 32}},
            "versions": {"binome": "0.1.0"},
            "commands": ["binome build animals", "binome report animals"],
        },
    )


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Twenty-four simulated operators, one of them left out; no effect of any condition was put in."""
    return make_evidence(tmp_path_factory.mktemp("evidence") / "stimuli", make_trials())
