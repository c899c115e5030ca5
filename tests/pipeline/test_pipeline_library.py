"""The library by the command line: listed, copied, checked; and (slow) run whole, through HTTP, to a report."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from binome import analysis, cli, protocol

STUDIES = Path(__file__).parents[2] / "studies"
LIBRARY = (
    "judge-advisor", "cognitive-forcing", "confidence-explanation", "attribution-controls", "examples-features",
    "delegation", "supervision", "game-advice",
)  # fmt: skip
EXAMPLES = ("fashion-pilot", "digits-quick", "recidivism-pilot", "diabetes-advice", "connect-four")


def texts(folder):
    """What a person wrote of a study."""
    files = [*folder.glob("*.yaml"), *folder.glob("*.md"), *folder.glob("questionnaires/*.yaml")]
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_the_list_says_what_each_study_is(here):
    said = json.loads(here("new", "--list", "--json").out)
    assert set(said) >= {*LIBRARY, *EXAMPLES}
    assert said["judge-advisor"].startswith("Judge-advisor: own answer, advice, final answer")
    assert all(len(text) > 20 for text in said.values())
    lines = here("new", "--list").out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(said)


@pytest.mark.parametrize("name", LIBRARY)
def test_a_copy_is_whole_and_loads(here, tmp_path, name):
    here("new", "mine", "--like", name)
    assert texts(tmp_path / "mine") == texts(STUDIES / name)
    assert protocol.load(tmp_path / "mine").study.study == name


def test_what_a_run_left_behind_is_not_copied(here, tmp_path, monkeypatch):
    packaged = tmp_path / "binome" / "example_studies" / "judge-advisor"
    shutil.copytree(STUDIES / "judge-advisor", packaged, ignore=shutil.ignore_patterns("artefacts", "results"))
    (packaged / "artefacts" / "predictor").mkdir(parents=True)
    (packaged / "artefacts" / "predictor" / "card.en.md").write_text("left behind", "utf-8")
    (packaged / "study.db").write_bytes(b"answers")
    monkeypatch.setattr(cli, "__file__", str(tmp_path / "binome" / "cli.py"))
    here("new", "mine", "--like", "judge-advisor")
    assert texts(tmp_path / "mine") == texts(STUDIES / "judge-advisor")
    assert sorted(path.name for path in (tmp_path / "mine").iterdir() if path.is_dir()) == ["questionnaires"]
    assert not (tmp_path / "mine" / "study.db").exists()


def test_an_unknown_name_and_no_name_are_refused(here, tmp_path):
    refused = here("new", "mine", "--like", "judge-adviser", status=2).err
    assert "did you mean 'judge-advisor'" in refused
    assert all(name in refused for name in LIBRARY)
    assert "--list" in here("new", status=2).err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", LIBRARY)
def test_it_runs_with_simulated_operators_to_a_report(here, tmp_path, name):
    here("new", name, "--like", name)
    assert "nothing wrong" in here("check", name).out
    here("build", name)
    assert "nothing wrong" in here("check", name).out  # and the pool supplies what is declared
    loaded = protocol.load(tmp_path / name)
    groups = protocol.groups_of(loaded.study)
    operators = 2 * len(groups) * (2 if loaded.study.design.assignment else 1)
    here("simulate", name, "--operators", operators)
    here("report", name)
    here("export", name)
    for page in ("report.html", "report.fr.html"):
        assert (tmp_path / name / "results" / page).stat().st_size > 10_000
    trials = analysis.read_trials(tmp_path / name / "results" / "export" / "trials.csv")
    assert trials["operator"].n_unique() == operators
    measured = trials.filter(~pl.col("practice") & ~pl.col("attention_check"))
    each = loaded.study.design.items_each or loaded.study.stimuli.items
    finished = measured.group_by("operator").len().filter(pl.col("len") == each)
    assert finished.height >= operators - 1  # one may fail the comprehension questions, and stops there
    assert set(measured["condition"]) == set(loaded.study.conditions)
    CHECKS.get(name, lambda trials: None)(measured)
    analysed(here, tmp_path / name, measured)


def analysed(here, study, measured):
    """`binome analyse` gives the study's findings and, from its exported trials alone, the same numbers."""
    found = json.loads(here("analyse", study, "--json", "--resamples", "200").out)
    assert Path(found["page"]) == study / "results" / "analysis.html"
    counted = measured.filter(~pl.col("excluded").fill_null(False))
    assert found["trials"] == counted.height
    assert found["flow"][-1]["operators"] == counted["operator"].n_unique()
    elsewhere = study.parent / "elsewhere"
    trials = study / "results" / "export" / "trials.csv"
    alone = json.loads(here("analyse", trials, "--json", "--resamples", "200", "--to", elsewhere).out)
    assert (elsewhere / "analysis.fr.html").stat().st_size > 10_000
    values = {(row["measure"], row["condition"]): row["value"] for row in alone["measures"]}
    for row in found["measures"]:
        assert values[row["measure"], row["condition"]] == pytest.approx(row["value"], nan_ok=True)


def both_ways(trials):
    """People hand some items over and keep others; the model keeps some, and hands the rest over."""
    handed = dict(trials.group_by("condition").agg(pl.col("delegated").mean()).iter_rows())
    assert 0 < handed["delegation"] < 1
    assert handed["alone"] == handed["inversion"] == 0
    by_model = dict(trials.group_by("condition").agg((pl.col("decided_by") == "model").mean()).iter_rows())
    assert by_model["alone"] == 0
    assert by_model["delegation"] == handed["delegation"]
    assert 0 < by_model["inversion"] < 1
    given = trials.filter(pl.col("decided_by") == "model")
    assert (given["final"] == given["advice"]).all()
    assert given.filter(pl.col("condition") == "inversion")["advice_confidence"].min() >= 0.9


def vetoes(trials):
    """What is not vetoed stands; failures are one item of eight; by hand there is nothing to veto."""
    automated = trials.filter(pl.col("condition") == "automated")
    stood = automated.filter(~pl.col("vetoed"))
    assert 0 < stood.height < automated.height
    assert (stood["final"] == stood["advice"]).all()
    assert trials.filter(pl.col("condition") == "manual")["vetoed"].null_count() == trials.height - automated.height
    assert (automated["advice"] != automated["truth"]).mean() == pytest.approx(0.125, abs=0.02)


def on_demand(trials):
    """The advice is asked for by some and not by all; elsewhere it cannot be asked for."""
    asked = trials.filter(pl.col("condition") == "on_demand")["advice_requested"]
    assert 0 < asked.mean() < 1
    assert trials["advice_requested"].null_count() == trials.height - asked.len()


def reasons(trials):
    """Who ends with another answer than the first says why."""
    changed = trials.filter(pl.col("final") != pl.col("initial"))
    assert changed.height > 0
    assert changed["reason"].null_count() == 0


def two_sittings(trials):
    assert trials.group_by("operator", "sitting").len()["len"].unique().to_list() == [12]


CHECKS = {
    "cognitive-forcing": on_demand,
    "delegation": both_ways,
    "examples-features": reasons,
    "game-advice": two_sittings,
    "supervision": vetoes,
}
