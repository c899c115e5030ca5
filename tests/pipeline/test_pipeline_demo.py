"""The whole path by the command line: `binome demo --quick`, with real training and a real server."""

import json
import re
import shutil
import subprocess
import sys

import polars as pl
import pytest

from binome import analysis
from binome.core.stimulus import read_stimuli

BINOME = [sys.executable, "-c", "from binome.cli import main; main()"]


def run(*args, cwd, status=0):
    done = subprocess.run([*BINOME, *map(str, args)], cwd=cwd, capture_output=True, text=True, timeout=500)
    assert done.returncode == status, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = run("demo", "--quick", "--no-serve", "--json", cwd=folder)
    return folder / "digits-quick", json.loads(done.stdout)


def artefacts(study):
    return {path.name: (path / "manifest.json").stat().st_mtime_ns for path in (study / "artefacts").iterdir()}


def test_every_stage_is_made(demo):
    study, said = demo
    assert [stage["made"] for stage in said["stages"]] == [True] * len(said["stages"])
    kinds = {name.partition("-")[0] for name in artefacts(study)}
    assert kinds == {"predictor", "overview", "selection", "explanation", "variation", "stimuli"}


def test_the_stimuli_are_what_the_study_declares(demo):
    study, _ = demo
    stimuli = read_stimuli(next((study / "artefacts").glob("stimuli-*")))
    trial = stimuli.by_role("trial")
    assert (len(trial), len(stimuli.by_role("practice"))) == (20, 2)
    assert sum(item.truth == item.advice for item in trial) == 16
    assert {sum(item.truth == d.id for item in trial) for d in stimuli.task.decisions} == {2}
    assert all(set(item.explanations) == {"ig", "rollout", "placebo"} for item in stimuli.items)
    assert all(item.scores["ig"]["deletion"] is not None for item in trial)


def test_the_report_says_what_the_trials_say(demo, here):
    study, _ = demo
    here("export", study)
    trials = analysis.read_trials(study / "results" / "export" / "trials.csv")
    assert trials["operator"].n_unique() == 16
    used = trials.filter(~pl.col("practice") & ~pl.col("attention_check") & ~pl.col("excluded"))
    by_hand = {
        condition: (part["final"] == part["truth"]).mean()
        for (condition,), part in used.partition_by("condition", as_dict=True).items()
    }
    table = pl.read_csv(study / "results" / "tables" / "measures.csv").filter(pl.col("measure") == "accuracy")
    assert dict(zip(table["condition"], table["value"], strict=True)) == pytest.approx(by_hand)
    for name, banner in (("report.html", "Simulated operators."), ("report.fr.html", "Opérateurs simulés.")):
        page = (study / "results" / name).read_text("utf-8")
        assert banner in page
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
        accuracy = f"{by_hand['explained']:.3f}"
        assert (accuracy if name == "report.html" else accuracy.replace(".", ",")) in page


def test_a_second_run_makes_nothing(demo, here):
    study, _ = demo
    before = artefacts(study)
    said = json.loads(run("demo", "--quick", "--no-serve", "--json", cwd=study.parent).stdout)
    assert [stage["made"] for stage in said["stages"]] == [False] * len(said["stages"])
    assert artefacts(study) == before
    assert not json.loads(here("report", study, "--json").out)["made"]


def test_a_finished_build_does_not_even_import_pytorch(demo):
    study, _ = demo
    code = (
        "import sys; from pathlib import Path; from binome.pipeline import open_study;"
        f"open_study(Path({str(study)!r})).build(); print([m for m in ('torch', 'timm', 'polars') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_same_study_gives_the_same_stimuli_byte_for_byte(demo, tmp_path):
    study, _ = demo
    copy = tmp_path / "again"
    shutil.copytree(
        study, copy, ignore=shutil.ignore_patterns("explanation-*", "variation-*", "stimuli-*", "results", "study.db*")
    )
    run("build", copy, cwd=tmp_path)
    first, second = (next((folder / "artefacts").glob("stimuli-*")) for folder in (study, copy))
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert [(first / name).read_bytes() for name in files] == [(second / name).read_bytes() for name in files]


def test_a_damaged_artefact_is_made_again(demo, here):
    study, _ = demo
    damaged = next((study / "artefacts").glob("stimuli-*"))
    picture = next((damaged / "media").iterdir())
    content = picture.read_bytes()
    picture.write_bytes(content[:-1] + b"x")
    assert "was changed after it was made" in here("serve", study, "--port", "0", status=1).err
    said = json.loads(here("build", study, "--json").out)
    assert [stage["stage"] for stage in said["stages"] if stage["made"]] == ["stimuli"]
    assert picture.read_bytes() == content


def test_a_share_that_the_trained_model_cannot_supply(demo, here, tmp_path):
    study, _ = demo
    copy = tmp_path / "greedy"
    shutil.copytree(study, copy, ignore=shutil.ignore_patterns("results", "study.db*"))
    text = (copy / "study.yaml").read_text("utf-8")
    (copy / "study.yaml").write_text(
        text.replace("items: 20, predictor_accuracy: 0.8", "items: 400, predictor_accuracy: 0.1"), "utf-8"
    )
    before = sorted(copy.rglob("*"))
    refused = here("check", copy, status=2).err
    assert re.search(r"study\.yaml:\d+: stimuli\.predictor_accuracy: found \d+ test items with wrong advice", refused)
    assert sorted(copy.rglob("*")) == before
    assert "stimuli.predictor_accuracy" in here("build", copy, status=2).err


def test_more_items_than_there_are_is_found_before_anything_is_trained(here, tmp_path):
    here("new", "many", "--like", "digits-quick")
    path = tmp_path / "many" / "study.yaml"
    path.write_text(path.read_text("utf-8").replace("items: 20", "items: 499"), "utf-8")
    said = here("build", "many", status=2).err.replace("\n", " ")
    assert re.search(r"study\.yaml:\d+: stimuli\.items: found 499, expected at most 498", said), said
    assert not list((tmp_path / "many" / "artefacts").glob("predictor-*"))


def test_analysing_somebody_elses_trials(demo, here, tmp_path):
    study, _ = demo
    here("export", study, "--to", "parquet", "--folder", tmp_path / "out")
    text = here("analyse", tmp_path / "out" / "trials.parquet", "--no-page").out
    assert "Accuracy" in text
    assert "RAIR" in text
    said = json.loads(here("analyse", study, "--json").out)
    trials = analysis.read_trials(tmp_path / "out" / "trials.parquet")
    assert said["operators"] == trials.filter(~pl.col("excluded"))["operator"].n_unique()
    assert said["simulated"] == 1
    assert (study / "results" / "analysis.fr.html").exists()


def test_new_check_plugins_and_doctor(here):
    here("new", "mine", "--like", "digits-quick")
    assert "nothing wrong" in here("check", "mine").out
    assert "not empty" in here("new", "mine", status=1).err
    assert "did you mean 'fashion-pilot'" in here("new", "other", "--like", "fashion-pilo", status=2).err
    names = {row["name"] for row in json.loads(here("plugins", "--json").out)}
    assert {"fashion", "vit_micro", "integrated_gradients", "deletion", "spearman", "rair"} <= names
    assert any(row["what"] == "torch" for row in json.loads(here("doctor", "--json").out))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("items: 20", "itms: 20"), r"study\.yaml:\d+: stimuli\.itms: found an unknown key.*did you mean 'items'"),
        (("items: 20", "items: many"), r"study\.yaml:\d+: stimuli\.items: found 'many', expected a whole number"),
        (
            ("explanation: ig}", "explanation: igg}"),
            r"conditions\.explained\.explanation: found 'igg'.*did you mean 'ig'",
        ),
        (("  advised:", "  alone:"), r"conditions\.alone: found two"),
        (("method: attention_rollout", "method: rolout"), r"explanations\.rollout\.method: found 'rolout'"),
        (
            ("vit_micro", "vit_mico"),
            r"predictor\.architecture: found 'vit_mico', expected one of 1,\d+ names such as vit_micro.*'vit_micro'",
        ),
        (("name: digits", "name: digit"), r"context\.name: found 'digit'.*did you mean 'digits'"),
        (("consent.md", "consnt.md"), r"operators\.consent: found no file \S*consnt\.md"),
        (
            ("[complementarity,", "[complementarty,"),
            r"analysis\.measures.*complementarty.*did you mean 'complementarity'",
        ),
    ],
)
def test_a_broken_study_is_refused_by_line_and_nothing_is_written(here, tmp_path, change, says):
    here("new", "mine", "--like", "digits-quick")
    path = tmp_path / "mine" / "study.yaml"
    text = path.read_text("utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change, 1), "utf-8")
    before = sorted(tmp_path.rglob("*"))
    refused = here("check", "mine", status=2)
    assert re.search(says, refused.err.replace("\n", " ")), refused.err
    assert sorted(tmp_path.rglob("*")) == before
