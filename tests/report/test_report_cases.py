"""Reports of studies of case files, whose answers are verdicts or numbers."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from binome import analysis
from binome.core.stimulus import (
    Decision,
    ExplanationCard,
    Feature,
    Legend,
    Number,
    PredictorCard,
    Rendering,
    Stimulus,
    StimulusSet,
    Task,
    write_stimuli,
)
from binome.protocol import Study
from binome.report import Evidence, publish

FEATURES = (
    Feature("age", {"en": "Age", "fr": "Âge"}, {"en": "years", "fr": "ans"}),
    Feature("priors", {"en": "Earlier convictions", "fr": "Condamnations antérieures"}),
    Feature("income", {"en": "Income", "fr": "Revenu"}, "€"),
    Feature("demeanour", {"en": "Demeanour", "fr": "Attitude"}, protected=True),
)
CARDS = (
    ExplanationCard("shap", "exact_shapley", "perturbation", False, {}, Rendering("bars")),
    ExplanationCard("sham", "shuffled", "control", True, {"of": "shap"}, Rendering("bars")),
)
VERDICTS = ("release", "hold")
SCALE = Number(0, 100, 1, {"en": "points", "fr": "points"}, 7.5)
CONDITIONS = ("alone", "advised", "explained")


def make_stimuli(folder: Path, *, estimate: bool) -> StimulusSet:
    """Twenty case files: one of them with a note, income hidden from operators, demeanour from the model."""
    (folder / "media").mkdir(parents=True)
    items = []
    for i in range(20):
        truth: str | float = float(20 + 3 * i) if estimate else VERDICTS[i % 2]
        advice: str | float = (
            float(20 + 3 * i + (12 if i % 4 == 0 else 3)) if estimate else VERDICTS[(i + (i % 4 == 0)) % 2]
        )
        items.append(
            Stimulus(
                f"i{i:02}", f"test-{i}", "trial", truth, advice, 0.55 + i / 50,
                case=({"en": f"{20 + i}\u00a0years", "fr": f"{20 + i}\u00a0ans"}, str(i % 5), None,
                      {"en": "calm", "fr": "calme"}),
                note={"en": "Found work", "fr": "A trouvé du travail"} if i == 19 else None,
                covariates={"age": 20.0 + i},
                contributions={"shap": (0.2, -0.4, 0.1, None), "sham": (-0.3, 0.1, -0.6, None)},
            )
        )  # fmt: skip
    labels = tuple(Decision(name, {"en": name, "fr": f"{name} (fr)"}) for name in VERDICTS)
    task = Task("files", "Files", "Which?", () if estimate else labels, SCALE if estimate else None, FEATURES)
    legend = Legend("magma", ("#2a1160", "#fcfdbf"), "little", "much")
    card = PredictorCard("linear", 0.8, 0.7, 0.9, 200, 0.03)
    stimuli = StimulusSet(folder, task, card, CARDS, legend, tuple(items), {"operator": {"hidden": ["income"]}}, "ab12")
    write_stimuli(stimuli)
    return stimuli


def make_trials(stimuli: StimulusSet, operators: int = 18) -> pl.DataFrame:
    rng = np.random.default_rng(6)
    rows = []
    for o in range(operators):
        for i, item in enumerate(stimuli.items):
            condition = CONDITIONS[(i + o) % 3]
            advised = condition != "alone"
            if stimuli.task.number is not None:
                initial: Any = float(item.truth) + round(rng.normal(0, 10))
                weight = rng.choice([0, 0, 0.5, 1]) if advised else 0
                final: Any = float(round(initial + weight * (float(item.advice) - initial)))
            else:
                initial = item.truth if rng.random() < 0.6 else VERDICTS[1 - VERDICTS.index(str(item.truth))]
                final = item.advice if advised and rng.random() < 0.4 else initial
            rows.append(
                {
                    "study": "files", "operator": f"o{o:02}", "simulated": True, "condition": condition,
                    "item": item.id, "truth": item.truth, "advice": item.advice, "advice_shown": advised,
                    "initial": initial if advised else None, "final": final,
                    "tolerance": stimuli.task.number.tolerance if stimuli.task.number else None,
                }
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def make_card(*, estimate: bool) -> dict[str, Any]:
    """A model card in the form of `models.evaluate`, for a choice of two or for estimates."""
    card: dict[str, Any] = {
        "context": "files", "architecture": "linear", "parameters": 12, "n": 200,
        "training": {"seconds": 0.4, "epochs": 20, "train_items": 800, "seed": 0},
        "accuracy": {"value": 0.8, "low": 0.74, "high": 0.85},
    }  # fmt: skip
    if estimate:
        return card | {"error": {"value": 6.25, "low": 5.5, "high": 7.0}, "calibration": {}}
    bins = [{"low": 0.5, "high": 1.0, "n": 200, "confidence": 0.8, "accuracy": 0.8}]
    share = {"value": 0.8, "low": 0.7, "high": 0.9}
    return card | {
        "balanced_accuracy": share, "confusion": [[80, 20], [20, 80]],
        "per_class": [{"id": name, "label": name, "n": 100, "recall": share} for name in VERDICTS],
        "calibration": {"temperature": 1.0, "ece_before": 0.04, "ece_after": 0.03, "closed": "right", "bins": bins},
    }  # fmt: skip


def make_evidence(folder: Path, *, estimate: bool) -> Evidence:
    stimuli = make_stimuli(folder, estimate=estimate)
    spec = {"advice": "after_initial"}
    study = Study.model_validate(
        {
            "binome": 1, "study": "files", "title": {"en": "Judging files", "fr": "Juger des dossiers"},
            "context": {"name": "files", "operator_view": {"hidden": ["income"]}},
            "predictor": {"architecture": "linear"},
            "explanations": {"shap": {"method": "exact_shapley"}, "sham": {"method": "shuffled", "of": "shap"}},
            "stimuli": {"items": 20},
            "conditions": {
                "alone": {"advice": "none"}, "advised": spec, "explained": {**spec, "explanation": "shap"}
            },
            "design": {"operators": 18},
            "analysis": {
                "primary": {"measure": "error" if estimate else "accuracy", "contrast": ["explained", "advised"]}
            },
        }
    )  # fmt: skip
    own = ["error", "weight_of_advice", "balanced_accuracy"] if estimate else ["rair", "rsr"]
    empty = pl.DataFrame(schema={"explanation": pl.String, "metric": pl.String, "item": pl.String, "value": pl.Float64})
    pairs = pl.DataFrame(
        schema={"a": pl.String, "b": pl.String, "measure": pl.String, "item": pl.String, "value": pl.Float64}
    )
    assert study.analysis.primary is not None
    return Evidence(
        study, stimuli, make_card(estimate=estimate), empty, pairs,
        analysis.analyse(
            make_trials(stimuli), measures=["accuracy", *own], primary=study.analysis.primary.model_dump(),
            conditions=CONDITIONS, resamples=100,
        ),
        [], [], {},
    )  # fmt: skip


class Tables(HTMLParser):
    """The rows of every table of a class, cells as text; and how many images and bars there are."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.inside, self.images, self.bars = False, 0, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self.inside = given.get("class") == "casefile"
            if self.inside:
                self.tables.append([])
        elif tag == "tr" and self.inside:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.inside:
            self.tables[-1][-1].append("")
        self.images += tag == "img"
        self.bars += tag == "svg" and given.get("class") == "bar"

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "table"

    def handle_data(self, data: str) -> None:
        if self.inside and self.tables[-1] and self.tables[-1][-1]:
            self.tables[-1][-1][-1] += data.strip()


Publish = Callable[[bool], Path]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Publish:
    made: dict[bool, Path] = {}

    def make(estimate: bool) -> Path:
        if estimate not in made:
            folder = tmp_path_factory.mktemp("estimate" if estimate else "case")
            publish(folder / "report", make_evidence(folder / "stimuli", estimate=estimate))
            made[estimate] = folder / "report"
        return made[estimate]

    return make


def read(path: Path) -> tuple[str, Tables]:
    html, tables = path.read_text("utf-8"), Tables()
    tables.feed(html)
    return html, tables


@pytest.mark.parametrize("estimate", [False, True])
def test_case_files_stand_in_tables_with_their_bars(published: Publish, estimate: bool) -> None:
    _, found = read(published(estimate) / "report.html")
    assert found.images == 0
    # The surest item with right advice is the last, of 39 years; with wrong advice, the seventeenth, of 36.
    assert len(found.tables) == 2
    unseen = "–The model did not see this line."
    # By hand: shares of .4 and of .6, the largest contributions; the income is all that operators cannot see.
    assert found.tables[0] == [
        ["line", "value", "shap", "shamplacebo"],
        ["Age", "39\u00a0years", "+0.50", "−0.50"],
        ["Earlier convictions", "4", "−1.00", "+0.17"],
        ["Demeanour", "calm", unseen, unseen],
        ["all that operators cannot see", "", "+0.25", "−1.00"],
    ]
    assert found.tables[1][1][1] == "36\u00a0years"
    assert found.bars == 2 * 2 * 3


def test_bars_go_left_for_negative_and_right_for_positive(published: Publish) -> None:
    html, _ = read(published(False) / "report.html")
    drawn = re.findall(
        r'<rect x="([-.\d]+)" y="0.15" width="([.\d]+)" height="0.7" style="fill: var\(--series-(\d)\)', html
    )
    assert [(float(x), float(width), side) for x, width, side in drawn[:4]] == [
        (0.0, 0.5, "1"), (-0.5, 0.5, "2"), (-1.0, 1.0, "2"), (0.0, 0.1667, "1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("estimate", "file", "said"),
    [
        (False, "report.html", ["To the left: speaks against the advice. To the right: speaks for it."]),
        (False, "report.fr.html", ["Vers la gauche\u00a0: plaide contre le conseil.", "39\u00a0ans", "Âge"]),
        (
            True,
            "report.html",
            [
                "An estimate counts as right when it is at most 7.5\u00a0points from the truth.",
                "The model is near enough: it says 80\u00a0points, 93% sure; it is 77\u00a0points.",
                "The model is too far off: it says 80\u00a0points, 87% sure; it is 68\u00a0points.",
                "Note, for operators only: Found work",
                "To the left: lowers the estimate.",
                "6.250 [5.500, 7.000] points",
                "within the tolerance",
                "Undefined: estimates have no classes.",
                "Weight of advice: of the way",
            ],
        ),
        (
            True,
            "report.fr.html",
            [
                "Une estimation compte comme juste si elle est à 7,5\u00a0points au plus de la vérité.",
                "Note, pour les seuls opérateurs\u00a0: A trouvé du travail",
                "Vers la gauche\u00a0: abaisse l’estimation.",
                "6,250 [5,500 ; 7,000] points",
                "Poids du conseil",
            ],
        ),
    ],
)
def test_what_the_pages_say(published: Publish, estimate: bool, file: str, said: list[str]) -> None:
    html, _ = read(published(estimate) / file)
    for text in said:
        assert text in html
    assert any(text in html for text in ("what guessing would give", "ce que donnerait le hasard")) is not estimate
    assert ("heat map" in html) is False
    assert ("pixels" in html) is False


def test_figures_are_those_that_the_task_has(published: Publish) -> None:
    choice, estimate = ({path.stem for path in (published(kind) / "figures").glob("*.csv")} for kind in (False, True))
    assert {"confusion", "recall", "reliability", "reliance-plane"} <= choice
    assert "weight-of-advice" not in choice
    assert not {"confusion", "recall", "reliability", "reliance-plane"} & estimate
    assert "weight-of-advice" in estimate
    table = pl.read_csv(published(True) / "figures" / "weight-of-advice.csv")
    shown = dict(zip(table["condition"], table["value"], strict=True))
    assert shown["alone"] is None
    assert 0.2 < shown["advised"] < 0.6


def test_a_report_without_the_weight_of_advice_says_how_to_have_it(tmp_path: Path) -> None:
    evidence = make_evidence(tmp_path / "stimuli", estimate=True)
    kept = evidence.analysis.measures.filter(pl.col("measure") != "weight_of_advice")
    bare = dataclasses.replace(evidence, analysis=dataclasses.replace(evidence.analysis, measures=kept))
    page = publish(tmp_path / "report", bare).read_text("utf-8")
    assert "The weight of advice is not among the study’s measures" in page


def test_the_accuracy_of_the_advice_shown_uses_the_tolerance(published: Publish) -> None:
    html, _ = read(published(True) / "report.html")
    # Of twenty, each fourth is 12 points off, the others 3.
    assert "On the 20 items of the study its accuracy was 0.750" in html
