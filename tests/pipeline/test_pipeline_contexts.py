"""Studies of case files, estimates, games and one's own data, from the file to the report."""

import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from binome import cli, protocol
from binome.core import BinomeError
from binome.core.stimulus import read_stimuli
from binome.pipeline import Experiment, open_study
from binome.stimuli import select
from binome.stimuli.selection import whole_counts

STUDIES = Path(__file__).parents[2] / "studies"


def study(folder, like, **changes):
    """A copy of an example with some of its parts changed."""
    target = folder / like
    target.mkdir(parents=True, exist_ok=True)
    for file in (STUDIES / like).glob("*.*"):
        if file.suffix in (".yaml", ".md"):
            shutil.copy(file, target / file.name)
    change(target, **changes)
    return target


def change(target, **changes):
    path = target / "study.yaml"
    data = yaml.safe_load(path.read_text("utf-8"))
    for key, value in changes.items():
        data[key] = {**data.get(key, {}), **value} if isinstance(value, dict) and key != "conditions" else value
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")


SMALL = {"design": {"operators": 6}, "questionnaires": {"before": [], "after": []}}


def whole(target, operators=6):
    pipeline = open_study(target)
    pipeline.build()
    experiment = Experiment(pipeline)
    experiment.simulate(operators=operators)
    experiment.report("simulated")
    return pipeline, experiment.trials(), (target / "results" / "report.fr.html").read_text("utf-8")


@pytest.fixture(scope="module")
def case_files(tmp_path_factory):
    return whole(study(tmp_path_factory.mktemp("cases"), "recidivism-pilot", **SMALL))


def test_case_files_are_shown_as_lines_with_what_the_model_did_not_see(case_files):
    pipeline, _, _ = case_files
    stimuli = pipeline.read_stimuli()
    names = [feature.id for feature in stimuli.task.features]
    assert stimuli.views == {
        "operator": {"hide": ["race"], "note": "juvenile_felonies"},
        "predictor": {"hide": ["race", "juvenile_misdemeanours"]},
    }
    for item in stimuli.items:
        assert item.image is None
        case, bars = (
            dict(zip(names, item.case, strict=True)),
            dict(zip(names, item.contributions["ablation"], strict=True)),
        )
        assert not {"race", "juvenile_felonies"} & set(names)  # neither side has them as a line
        assert item.note["en"].startswith("Felonies as a minor: ")
        assert bars["juvenile_misdemeanours"] is None
        assert case["juvenile_misdemeanours"] is not None
        assert isinstance(bars["priors"], float)
        assert sorted(bars, key=str) == sorted(names)


def test_placebo_bars_are_the_same_numbers_elsewhere(case_files):
    for item in case_files[0].read_stimuli().items:
        real, placebo = (
            sorted(value for value in item.contributions[name] if value is not None) for name in ("ablation", "placebo")
        )
        assert real == pytest.approx(placebo, abs=2e-6)


def test_the_side_that_should_be_right_is_in_its_declared_share(case_files):
    pipeline, trials, _ = case_files
    sides = [item.covariates["complementarity"] for item in pipeline.read_stimuli().by_role("trial")]
    assert {side: sides.count(side) for side in sides} == whole_counts(
        {"both": 0.4, "predictor": 0.25, "operator": 0.1, "neither": 0.25}, 32
    )
    right = [item.advice == item.truth for item in pipeline.read_stimuli().by_role("trial")]
    assert [side in ("both", "predictor") for side in sides] == right
    assert {"item_complementarity", "item_difficulty", "item_race", "item_sex", "item_age"} <= set(trials.columns)


def test_what_each_side_saw_is_in_every_trial(case_files):
    _, trials, report = case_files
    shown = trials.filter(~pl.col("attention_check"))
    assert json.loads(shown["operator_view"][0]) == {"hide": ["race"], "note": "juvenile_felonies"}
    assert json.loads(shown["predictor_view"][0]) == {"hide": ["race", "juvenile_misdemeanours"]}
    assert shown["note"].str.contains(r"^(Felonies as a minor: |Crimes commis mineur)").all()
    assert "Infractions antérieures" in report


def test_the_card_and_the_overview_are_pages(case_files):
    pipeline, _, _ = case_files
    folder = pipeline.store.path(pipeline.recipes.predictor)
    assert "Chiffres sur des exemples non vus, par attribut protégé" in (folder / "card.fr.html").read_text("utf-8")
    overview = pipeline.store.path(pipeline.recipes.overview) / "overview.fr.html"
    assert "Infractions antérieures" in overview.read_text("utf-8")


def test_estimates_are_numbers_from_the_stimuli_to_the_report(tmp_path):
    more = {
        "otherwise": {"method": "counterfactuals", "by": 20},
        "shares": {"method": "linear"},
        "alike": {"method": "nearest_examples"},
    }
    target = study(tmp_path, "diabetes-advice", **SMALL, explanations=more)
    pipeline, trials, report = whole(target)
    for item in pipeline.read_stimuli().items:
        # An estimate that is said in whole steps has moved by a step less than it did.
        assert all(abs(one.decision - item.advice) >= 19 for one in item.counterfactuals["otherwise"])
        assert all(isinstance(example.label, float) for example in item.examples["alike"])
    items = pipeline.read_stimuli().by_role("trial")
    assert all(isinstance(item.advice, float) and item.advice == round(item.advice) for item in items)
    right = [abs(item.advice - item.truth) <= 40 for item in items]
    assert sum(right) == 12
    measured = trials.filter(~pl.col("practice") & ~pl.col("attention_check"))
    assert measured["final"].dtype == pl.Float64
    assert set(measured["tolerance"].unique()) == {40.0}
    by_hand = (measured["final"] - measured["truth"]).abs().mean()
    assert 10 < by_hand < 120
    assert "Poids du conseil" in report
    scores = pl.read_parquet(pipeline.store.path(pipeline.recipes.variation) / "scores.parquet")
    assert scores["value"].is_not_null().all()


def test_a_balance_of_estimates_is_refused(tmp_path):
    target = study(tmp_path, "diabetes-advice", stimuli={"balance": ["truth"]})
    with pytest.raises(BinomeError, match=r"stimuli\.balance: .* estimates have no classes"):
        open_study(target).select()


def test_a_game_is_played_through(tmp_path, monkeypatch):
    pytest.importorskip("bitbully")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    target = study(
        tmp_path, "connect-four", **SMALL, stimuli={"items": 8, "predictor_accuracy": None},
        context={"positions": {"train": 150, "calibration": 60, "test": 120}, "plies": [22, 30]},
        predictor={"epochs": 1, "limit": 200}, variation={"items": 8},
        explanations={"alike": {"method": "nearest_examples"}, "typical": {"method": "prototypes", "count": 1}},
    )  # fmt: skip
    pipeline, trials, _ = whole(target)
    stimuli = pipeline.read_stimuli()
    assert [decision.id for decision in stimuli.task.decisions] == list("1234567")
    for item in stimuli.items:
        assert len(item.examples["alike"]) == 3
        assert all(example.image for example in item.examples["alike"])
        assert {example.label for example in item.examples["typical"]} <= {item.advice}
    split = pipeline.context.split("test")
    one_best = {item for item, row in zip(split.ids, split.accepted, strict=True) if int(row.sum()) == 1}
    assert {item.source for item in stimuli.items} <= one_best
    assert set(trials["final"].unique()) <= set("1234567")
    card = json.loads((pipeline.store.path(pipeline.recipes.predictor) / "card.json").read_text("utf-8"))
    assert card["several_right"] == 120 - len(one_best)


@pytest.fixture
def loans(tmp_path):
    """A study of one's own table."""
    target = study(
        tmp_path, "recidivism-pilot", **SMALL, predictor={"architecture": "linear", "seed": 0},
        explanations={"ablation": {"method": "feature_ablation"}, "placebo": {"method": "shuffled", "of": "ablation"}},
        variation={"items": 20},
    )  # fmt: skip
    data = yaml.safe_load((target / "study.yaml").read_text("utf-8"))
    data["context"] = {"name": "table", "file": "loans.csv", "target": "repaid"}
    data["stimuli"] = {"items": 8, "seed": 0}
    data["predictor"] = {"architecture": "linear", "seed": 0}
    (target / "study.yaml").write_text(yaml.safe_dump(data), "utf-8")
    write(target / "loans.csv")
    return target


def write(path, broken=()):
    draw = np.random.default_rng(0)
    rows = ["age,amount,town,repaid"]
    for place in range(200):
        age, amount = draw.integers(18, 80), draw.integers(500, 9000)
        repaid = "yes" if amount / 100 + draw.normal(0, 20) < age else "no"
        rows.append(f"{'' if place in broken else age},{amount},{'ab'[place % 2]},{repaid}")
    path.write_text("\n".join(rows) + "\n", "utf-8")


def test_data_that_change_under_the_same_name_are_trained_on_again(loans):
    first, again = (open_study(loans).recipes.predictor.key for _ in range(2))
    assert first == again
    write(loans / "loans.csv", broken=())
    assert open_study(loans).recipes.predictor.key == first  # the same bytes, whatever their date
    (loans / "loans.csv").write_text((loans / "loans.csv").read_text("utf-8").replace(",yes", ",no", 1), "utf-8")
    assert open_study(loans).recipes.predictor.key != first


def test_bad_rows_are_refused_or_skipped_and_listed(loans, monkeypatch, capsys):
    write(loans / "loans.csv", broken=(3, 40))

    def binome(*args):
        monkeypatch.setattr(sys, "argv", ["binome", *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, capsys.readouterr()

    status, printed = binome("train", loans)
    assert status == 1
    assert "loans.csv row 5: age is empty" in re.sub(r"\s+", " ", printed.err)
    status, printed = binome("build", loans, "--skip-bad")
    assert status == 0, printed.err
    assert "skipped loans.csv row 42: age is empty" in re.sub(r"\s+", " ", printed.err)
    stimuli = read_stimuli(next((loans / "artefacts").glob("stimuli-*")))
    assert len(stimuli.by_role("trial")) == 8
    status, _ = binome("simulate", loans, "--operators", "2")
    assert status == 0


def test_a_file_that_is_not_there_is_named(loans):
    (loans / "loans.csv").unlink()
    with pytest.raises(BinomeError, match=r"no file or folder .*loans\.csv"):
        open_study(loans).train()


@pytest.mark.parametrize(
    ("stimuli", "says"),
    [
        ({"complementarity": {"both": 0.5, "neither": 0.2}, "proxy": {"architecture": "linear"}}, "add up to 0.7"),
        ({"complementarity": {"both": 1.0}}, "stimuli.proxy: found nothing"),
        ({"difficulty": {"of": "operator"}}, "stimuli.proxy: found nothing"),
        ({"difficulty": {"low": 0.8, "high": 0.2}}, "low below high"),
        (
            {"complementarity": {"both": 1.0}, "proxy": {"architecture": "linear"}, "predictor_accuracy": 0.5},
            "1, or leave it out",
        ),
        (
            {"complementarity": {"both": 1.0}, "proxy": {"architecture": "linear"}, "balance": ["truth"]},
            "one of the two",
        ),
    ],
)
def test_wishes_that_contradict_each_other_are_found(loans, stimuli, says):
    change(loans, stimuli=stimuli)
    found = " ".join(map(str, protocol.check(loans)))
    assert says in found


@pytest.mark.parametrize("name", ["torchvision:CIFAR10", "loans.csv"])
def test_a_name_may_be_a_data_set_or_a_file(loans, name):
    data = yaml.safe_load((loans / "study.yaml").read_text("utf-8"))
    data["context"] = {"name": name}
    (loans / "study.yaml").write_text(yaml.safe_dump(data), "utf-8")
    assert not protocol.check(loans, protocol.Known(contexts=["torchvision", "table"]))
    data["context"] = {"name": "torchvison:CIFAR10"}
    (loans / "study.yaml").write_text(yaml.safe_dump(data), "utf-8")
    (problem,) = protocol.check(loans, protocol.Known(contexts=["torchvision", "table"]))
    assert problem.field == "context.name"


def test_items_are_drawn_by_stratum_and_only_among_those_that_fit():
    strata = np.array(["a", "b"] * 50)
    among = np.arange(100) >= 20
    chosen = select(strata, strata, items=10, practice=5, among=among, strata=strata, shares={"a": 0.25, "b": 0.75})
    both = [*chosen.trial, *chosen.practice]
    assert min(both) >= 20
    assert len(set(both)) == 15
    # 2.5 and 1.25: the largest remainder is rounded up, the first of two alike.
    assert [strata[list(chosen.trial)].tolist().count(name) for name in "ab"] == [3, 7]
    assert [strata[list(chosen.practice)].tolist().count(name) for name in "ab"] == [1, 4]
    with pytest.raises(BinomeError, match="40 test items on which 'a' should be right"):
        select(strata, strata, items=60, among=among, strata=strata, shares={"a": 0.75, "b": 0.25})
