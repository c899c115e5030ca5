"""The variation grid of a study: from its file over its cells to its tables and pages."""

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from binome import cli, protocol
from binome.pipeline import Experiment, Sweep, known_names, open_study
from binome.pipeline.analysing import explanation_scores

STUDIES = Path(__file__).parents[2] / "studies"
GRID = {
    "methods": {
        "smooth": {"method": "smooth_grad", "settings": [{"samples": 3}, {"samples": 6}]},
        "ablation": {"method": "feature_ablation", "baseline": "background"},
        "placebo": {"method": "shuffled", "of": "saliency"},
    },
    "items": 8,
    "trainings": 2,
    "architectures": {"mlp_micro": {"epochs": 1}},
    "seeds": 2,
    "noise": [0, 0.1],
    "metrics": ["deletion", {"metric": "deletion", "imputer": "mean"}, "gini"],
    "agreements": ["spearman"],
    "references": 2,
    "resamples": 100,
}
STUDY = {
    "binome": 1,
    "study": "varied",
    "title": {"en": "Varied", "fr": "Varié"},
    "context": {"name": "recidivism"},
    "predictor": {"architecture": "linear"},
    "explanations": {"ablation": {"method": "feature_ablation", "baseline": "background"}},
    "variation": {"items": 10, "metrics": ["deletion"], "agreements": ["spearman"], "grid": GRID},
    "stimuli": {"items": 4},
    "conditions": {"alone": {"advice": "none"}, "advised": {"advice": "before", "explanation": "ablation"}},
    "design": {"kind": "within", "order": "williams", "operators": 4},
}


def declare(folder, **changes):
    shutil.copy(STUDIES / "recidivism-pilot" / "consent.md", folder)
    variation = {**STUDY["variation"], "grid": {**GRID, **changes}}
    text = yaml.safe_dump({**STUDY, "variation": variation}, sort_keys=False, allow_unicode=True)
    (folder / "study.yaml").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def varied(tmp_path_factory):
    pipeline = open_study(declare(tmp_path_factory.mktemp("varied")))
    return pipeline, pipeline.vary(Sweep(workers=1))


def test_the_grid_is_as_declared(varied):
    pipeline, folder = varied
    configurations = pl.read_parquet(folder / "configurations.parquet").filter(pl.col("reference") == "")
    assert configurations.height == 4 * 2 * (2 * 2 + 1 + 2)
    assert configurations["predictor"].unique().sort().to_list() == [
        "linear 0",
        "linear 1",
        "mlp_micro 0",
        "mlp_micro 1",
    ]
    items = pl.read_parquet(folder / "items.parquet")
    assert items.height == 8
    assert items["picture"].is_null().all()
    decisions = {decision.id for decision in pipeline.context.task.decisions}
    assert set(items["target"]) <= decisions
    assert set(items["truth"]) <= decisions
    scores = pl.read_parquet(folder / "scores.parquet")
    assert set(scores["metric"]) == {"deletion (zero)", "deletion (mean)", "gini"}


def test_the_trial_items_come_first(varied):
    pipeline, folder = varied
    answers = pipeline._answers()["item"]
    trial = [answers[place] for place in pipeline._selection()["trial"]]
    assert pl.read_parquet(folder / "items.parquet")["item"].to_list()[:4] == trial


def test_the_pages_are_written_in_both_languages(varied):
    pipeline, _ = varied
    results = pipeline.protocol.folder / "results"
    assert "Varied" in (results / "variation.html").read_text("utf-8")
    assert "Varié" in (results / "variation.fr.html").read_text("utf-8")


def test_nothing_is_done_twice_and_build_does_not_run_the_grid(varied, monkeypatch):
    pipeline, _ = varied
    monkeypatch.setattr("binome.pipeline.varying.vary", lambda *args: pytest.fail("the grid was run"))
    monkeypatch.setattr("binome.report.publish_variation", lambda *args, **kwargs: pytest.fail("the page was made"))
    stages = []
    again = open_study(pipeline.protocol.folder, stages.append)
    again.vary()
    assert not any(stage.made for stage in stages)
    again.build()


def test_explanations_meet_people_by_the_scores_of_the_set_and_of_the_grid(varied):
    pipeline, folder = varied
    pipeline.build()
    table = explanation_scores(Experiment(pipeline))
    shown = {item.source: item for item in pipeline.read_stimuli().by_role("trial")}
    assert set(table["item"]) <= {item.id for item in shown.values()}
    assert set(table["explanation"]) == {"ablation"}  # the grid's other methods were not shown to anybody
    assert {"deletion", "gini", "dependability"} <= set(table["metric"])
    value = {(row["item"], row["metric"]): row["value"] for row in table.to_dicts()}
    source, item = next((name, item) for name, item in shown.items() if (item.id, "gini") in value)
    assert value[item.id, "deletion"] == item.scores["ablation"]["deletion"]
    cells = pl.read_parquet(folder / "configurations.parquet").filter(reference="", method="ablation", noise=0.0)
    gini = pl.read_parquet(folder / "scores.parquet").filter(item=source, metric="gini")
    by_hand = gini.join(cells, on="configuration")["value"].mean()
    assert value[item.id, "gini"] == pytest.approx(by_hand)
    phi = pl.read_parquet(folder / "item_dependability.parquet").filter(item=source, method="ablation")["phi"].item()
    assert value[item.id, "dependability"] == pytest.approx(phi)


def test_categories_are_not_noised(varied):
    pipeline, _ = varied
    from binome.pipeline.varying import _noise_scale

    scale = _noise_scale(pipeline.context)
    assert scale is not None
    assert [bool(value) for value in scale] == [not values for values in pipeline.context.categories]
    assert 0 < np.asarray(scale).sum() < len(scale)


def test_one_more_metric_makes_another_artefact_of_the_same_cells(varied, tmp_path, monkeypatch):
    pipeline, _ = varied
    copy = shutil.copytree(pipeline.protocol.folder, tmp_path / "copy")
    declare(copy, metrics=["deletion", {"metric": "deletion", "imputer": "mean"}, "gini", "tied_pixels"])
    monkeypatch.setattr("binome.variation.sweep.unit.attribute", lambda *args, **kwargs: pytest.fail("explained again"))
    folder = open_study(copy).vary(Sweep(workers=1))
    assert "tied_pixels" in set(pl.read_parquet(folder / "scores.parquet")["metric"])


def test_the_command_estimates_and_keeps_to_a_budget(tmp_path, monkeypatch, capsys):
    folder = declare(tmp_path, architectures={}, trainings=1)
    monkeypatch.setattr("sys.argv", ["binome", "vary", str(folder), "--estimate", "--json"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    told = json.loads(capsys.readouterr().out)
    # Gradients of a linear predictor do not change with noise: `smooth` draws nothing here.
    assert told["estimate"]["missing"] == (8 + 2) * 2 * (2 + 1 + 2)
    assert not list((folder / "artefacts").glob("grid-*"))
    monkeypatch.setattr("sys.argv", ["binome", "vary", str(folder), "--budget", "0s", "--workers", "1"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    assert "over the budget" in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.parametrize(
    ("changes", "line", "says"),
    [
        ({"methods": {"a": {"method": "salience"}}}, "methods.a.method", "did you mean 'saliency'"),
        ({"methods": {"a": {"method": "rise", "sample": 3}}}, "methods.a.sample", "did you mean 'samples'"),
        ({"methods": {"a": {"method": "rise", "settings": [{"sample": 3}]}}}, "a.settings.0.sample", "samples"),
        ({"methods": {"a": {"method": "counterfactuals"}}}, "methods.a", "gives counterfactuals"),
        ({"methods": {"a": {"method": "rise", "settings": [{}, {}]}}}, "a.settings", "each setting once"),
        ({"metrics": ["deletions"]}, "metrics.0", "did you mean 'deletion'"),
        ({"metrics": [{"metric": "deletions"}]}, "metrics.0", "did you mean 'deletion'"),
        ({"agreements": ["spearmen"]}, "agreements.0", "did you mean 'spearman'"),
        ({"architectures": {"linear": {}}}, "architectures.linear", "always there"),
        ({"noise": [0.1, 0.1]}, "noise", "each noise level once"),
        ({"fraction": 4}, "fraction", "1 for the full grid, or a prime number"),
        ({"trainings": 0}, "trainings", "at least 1"),
        ({"nois": [0]}, "nois", "did you mean 'noise'"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_place(tmp_path, changes, line, says):
    problems = protocol.check(declare(tmp_path, **changes), known=known_names())
    assert [problem for problem in problems if problem.field.endswith(line) and says in str(problem)], problems
    assert all(problem.line for problem in problems)
