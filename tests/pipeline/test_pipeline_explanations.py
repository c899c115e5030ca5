"""Explanations of every kind in a study: from its file, over their artefacts, to the frozen set."""

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from binome import cli, contexts, explain, models, protocol
from binome.core import StudyError
from binome.pipeline import known_names, open_study
from binome.pipeline.explaining import background

STUDIES = Path(__file__).parents[2] / "studies"
EXPLANATIONS = {
    "ablation": {"method": "feature_ablation", "baseline": "background", "background": 20},
    "sampled": {"method": "kernel_shap", "samples": 40},
    "again": {"method": "kernel_shap", "samples": 40, "seed": 1},
    "agreed": {"method": "consensus", "of": ["ablation", "sampled", "again"], "veil": None},
    "smooth": {"method": "smooth_grad", "of": "ramp", "samples": 3},
    "ramp": {"method": "integrated_gradients", "steps": 5},
    "random": {"method": "random_weights", "of": {"method": "saliency"}},
    "captum": {"method": "captum:FeatureAblation"},
    "alike": {"method": "nearest_examples", "count": 2, "contrast": 1},
    "chance": {"method": "random_examples"},
    "otherwise": {"method": "counterfactuals", "count": 2},
}
VIEW = {"hide": ["race"]}
STUDY = {
    "binome": 1,
    "study": "explained",
    "title": {"en": "Explained", "fr": "Expliqué"},
    "context": {"name": "recidivism", "operator_view": VIEW, "predictor_view": VIEW},
    "predictor": {"architecture": "linear"},
    "variation": {"items": 10, "metrics": ["deletion"], "agreements": ["spearman"]},
    "stimuli": {"items": 12},
    "conditions": {
        "alone": {"advice": "none"},
        "alike": {"advice": "before", "explanation": "alike"},
        "otherwise": {"advice": "before", "explanation": "otherwise"},
    },
    "design": {"kind": "within", "order": "williams", "operators": 6},
}


def declare(folder, **more):
    shutil.copy(STUDIES / "recidivism-pilot" / "consent.md", folder)
    data = {**STUDY, "explanations": {**EXPLANATIONS, **more}}
    (folder / "study.yaml").write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), "utf-8")
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    pipeline = open_study(declare(tmp_path_factory.mktemp("explained")), memory="200MiB")
    pipeline.build()
    return pipeline


def made(pipeline, name):
    return pipeline.store.path(pipeline.recipes.explanations[name])


def test_counterfactuals_are_frozen_in_words_that_the_predictor_confirms(built):
    stimuli, predictor = built.read_stimuli(), models.load(built.store.path(built.recipes.predictor))
    context = contexts.load("recidivism", operator_view=VIEW, predictor_view=VIEW)
    train, test = context.split("train"), context.split("test")
    explained = [test.ids[place] for place in built._explained()]
    lists = json.loads((made(built, "otherwise") / "counterfactuals.json").read_text("utf-8"))
    seen = 0
    for item in stimuli.items:
        raw = lists[explained.index(item.source)]
        assert len(raw) == len(item.counterfactuals["otherwise"])
        for one, frozen in zip(raw, item.counterfactuals["otherwise"], strict=True):
            inputs = test.inputs[test.ids.index(item.source)].clone()
            donor = train.ids.index(one["source"])
            places = [context.inputs_of.index(line) for line in one["lines"]]
            inputs[places] = train.inputs[donor][places]
            answer = predictor.predict(inputs[None])
            assert context.task.decisions[int(answer.decisions)].id == frozen.decision != item.advice
            assert float(answer.confidence) == pytest.approx(frozen.confidence, abs=1e-5)
            case = context.show(one["source"]).case
            assert [(c.feature, c.value) for c in frozen.changes] == [(line, case[line]) for line in one["lines"]]
            features = {stimuli.task.features[c.feature].id for c in frozen.changes}
            assert not features & {"age", "sex", "race"}  # protected, so nobody is told to change them
            seen += 1
    assert seen > 3


def test_examples_are_training_items_with_their_true_answers(built):
    stimuli = built.read_stimuli()
    context = contexts.load("recidivism", operator_view=VIEW)
    train = context.split("train")
    lists = json.loads((made(built, "alike") / "examples.json").read_text("utf-8"))
    for example in (one for row in lists for one in row):
        place = train.ids.index(example["source"])
        assert example["label"] == context.task.decisions[int(train.truths[place])].id
    for item in stimuli.items:
        kinds = [example.kind for example in item.examples["alike"]]
        assert kinds == ["alike", "alike", "contrast"]
        assert item.examples["alike"][2].label != item.advice
        assert all(None not in example.case for example in item.examples["alike"])
        assert [example.similarity for example in item.examples["chance"]] == [None] * 3


def test_what_gives_no_maps_is_not_scored_and_the_rest_is(built):
    scores = pl.read_parquet(built.store.path(built.recipes.variation) / "scores.parquet")
    assert set(scores["explanation"]) == {
        "ablation",
        "sampled",
        "again",
        "agreed",
        "captum",
        "smooth",
        "ramp",
        "random",
    }


def test_the_consensus_takes_the_declared_maps_and_a_methods_seeds_as_one(built):
    names = ("ablation", "sampled", "again", "agreed")
    maps = {name: np.load(made(built, name) / "maps.npy").astype(float) for name in names}
    scaled = {name: one / np.abs(one).mean(1, keepdims=True) for name, one in maps.items()}
    by_hand = (scaled["ablation"] + (scaled["sampled"] + scaled["again"]) / 2) / 2
    np.testing.assert_allclose(maps["agreed"], by_hand, rtol=1e-4, atol=1e-6)
    assert (made(built, "agreed") / "dependability.npy").exists()
    assert (made(built, "sampled") / "seed_deviation.npy").exists()


def test_what_runs_a_method_itself_is_told_the_method_of_the_explanation(built):
    predictor = models.load(built.store.path(built.recipes.predictor))
    inputs, targets = built._explained_inputs()
    smooth = explain.attribute(
        predictor, inputs, targets, "smooth_grad", of="integrated_gradients", of_params={"steps": 5}, samples=3
    )
    np.testing.assert_allclose(np.load(made(built, "smooth") / "maps.npy"), smooth.numpy(), rtol=1e-4, atol=1e-6)
    drawn = explain.attribute(predictor, inputs, targets, "random_weights", of="saliency")
    np.testing.assert_allclose(np.load(made(built, "random") / "maps.npy"), drawn.numpy(), rtol=1e-4, atol=1e-6)


def test_the_background_is_drawn_from_the_training_items(built):
    context = contexts.load("recidivism", predictor_view=VIEW)
    drawn = background(built.study.explanations["ablation"], context)
    train = {tuple(row) for row in context.split("train").inputs.tolist()}
    assert len(drawn) == 20
    assert all(tuple(row) in train for row in drawn.tolist())


def test_a_memory_budget_changes_no_map(built, tmp_path):
    free = open_study(declare(tmp_path))
    free.explain()
    for name in ("ablation", "sampled"):
        a, b = (np.load(made(pipeline, name) / "maps.npy") for pipeline in (built, free))
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"new": {"method": "saliencyy"}}, "explanations.new.method", "'saliency'"),
        ({"new": {"method": "rise", "sample": 3}}, "explanations.new.sample", "did you mean 'samples'"),
        ({"new": {"method": "captum:Salience"}}, "explanations.new.method", "did you mean 'Saliency'"),
        ({"new": {"method": "nowhere.at_all:f"}}, "explanations.new.method", "cannot be imported"),
        ({"new": {"method": "shuffled", "of": "alike"}}, "explanations.new.of", "gives examples"),
        ({"new": {"method": "consensus", "of": ["ablation", "nobody"]}}, "explanations.new.of", "'nobody'"),
        ({"new": {"method": "consensus", "of": ["ablation", "new"]}}, "explanations.new.of", "itself"),
        (
            {"new": {"method": "shuffled", "of": {"method": "salience"}}},
            "explanations.new.of",
            "did you mean 'saliency'",
        ),
        ({"new": {"method": "shuffled", "of": {"steps": 3}}}, "explanations.new.of", "an explanation's name"),
        ({"new": {"method": "saliency", "background": 0}}, "explanations.new.background", "at least 1"),
    ],
)
def test_an_explanation_that_cannot_be_is_told_before_anything_is_trained(tmp_path, more, field, says):
    problems = protocol.check(declare(tmp_path, **more), known=known_names())
    assert [problem.field for problem in problems] == [field]
    assert says in str(problems[0])


def test_a_rendering_that_a_method_cannot_have_is_refused(tmp_path):
    target = declare(tmp_path, new={"method": "nearest_examples", "rendering": "overlay"})
    with pytest.raises(StudyError, match="examples"):
        open_study(target).explain()


def test_plugins_tell_what_an_explainer_needs_and_costs(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["binome", "plugins", "explainer", "--json"])
    with pytest.raises(SystemExit):
        cli.main()
    rows = {row["name"]: row["declared"] for row in json.loads(capsys.readouterr().out)}
    assert rows["attention_rollout"]["needs"] == "a timm Vision Transformer"
    assert rows["counterfactuals"]["gives"] == "counterfactuals"
    assert all({"family", "forward", "backward", "needs", "paper"} <= set(declared) for declared in rows.values())
    monkeypatch.setattr("sys.argv", ["binome", "plugins", "explainers"])
    with pytest.raises(SystemExit):
        cli.main()
    assert "did you mean 'explainer'" in capsys.readouterr().err
