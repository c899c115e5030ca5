"""`binome analyse` on files of trials from elsewhere: columns guessed, mapped, bad rows listed, the page written."""

import json

import numpy as np
import polars as pl
import pytest

from binome.pipeline.analysing import better_of


def foreign(rows: int = 240) -> pl.DataFrame:
    """Another platform's table: its own names, milliseconds, codes for labels."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, rows)
    advice = np.where(rng.random(rows) < 0.75, truth, 1 - truth)
    first = np.where(rng.random(rows) < 0.65, truth, 1 - truth)
    final = np.where(rng.random(rows) < 0.5, advice, first)
    return pl.DataFrame(
        {
            "participant_id": [f"s{i // 24}" for i in range(rows)],
            "treatment": np.where((np.arange(rows) // 12) % 2, "explained", "advised"),
            "stimulus": [f"i{i % 24}" for i in range(rows)],
            "ground_truth": truth,
            "ai_advice": advice,
            "initial_decision": first,
            "response": final,
            "rt": rng.lognormal(7, 0.4, rows).round(),
        }
    )


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "theirs.csv"
    foreign().write_csv(path)
    return path


MAP = """
columns: {operator: participant_id, condition: treatment, item: stimulus, truth: ground_truth, advice: ai_advice,
          initial: initial_decision, final: response, final_seconds: rt}
values: {truth: {0: cat, 1: dog}, advice: {0: cat, 1: dog}, initial: {0: cat, 1: dog}, final: {0: cat, 1: dog}}
scale: {final_seconds: 0.001}
"""
FEW = ("--resamples", "60")


def test_guessed_columns_want_an_agreement(here, table):
    said = here("analyse", table, status=1).err
    assert "operator: participant_id" in said
    assert "--yes" in said
    found = json.loads(here("analyse", table, "--yes", "--no-page", "--json", *FEW).out)
    assert (found["operators"], found["trials"], found["page"]) == (10, 240, None)
    names = {row["measure"] for row in found["measures"]}
    assert {"accuracy", "rair", "rsr", "overreliance"} <= names
    assert "decision_time" not in names  # "rt" may be in any unit: nobody guesses that


def test_a_guess_of_wide_columns_can_be_written_into_a_map(here, tmp_path):
    rows = {"ResponseId": ["a", "b", "c"]}
    for item in range(1, 5):
        rows[f"q{item}_truth"] = ["x"] * 3
        rows[f"q{item}_final"] = ["x", "x", "y"]
    pl.DataFrame(rows).write_csv(tmp_path / "wide.csv")
    said = here("analyse", "wide.csv", "--no-page", status=1).err
    lines = [line for line in said.splitlines() if line.startswith(("columns:", "wide:"))]
    assert len(lines) == 2
    (tmp_path / "map.yaml").write_text("\n".join(lines))
    for agreed in (("--yes",), ("--map", "map.yaml")):
        found = json.loads(here("analyse", "wide.csv", *agreed, "--no-page", "--json", *FEW).out)
        assert (found["operators"], found["trials"]) == (3, 12)
        assert found["measures"][0]["value"] == pytest.approx(2 / 3)


def test_what_a_table_of_ours_lacks_is_guessed_too(here, table, tmp_path):
    ours = foreign().rename({"participant_id": "operator", "response": "final", "ground_truth": "truth"})
    ours.write_csv(table)
    assert "advice: ai_advice" in here("analyse", table, "--no-page", status=1).err
    (tmp_path / "none.yaml").write_text("")
    ignored = json.loads(here("analyse", table, "--map", "none.yaml", "--no-page", "--json", *FEW).out)
    assert {row["measure"] for row in ignored["measures"]} == {"accuracy", "balanced_accuracy", "d_prime", "criterion"}
    agreed = json.loads(here("analyse", table, "--yes", "--no-page", "--json", *FEW).out)
    assert agreed["conditions"] == ["advised", "explained"]
    assert "rair" in {row["measure"] for row in agreed["measures"]}
    # Nothing that a measure could not do without: nobody is asked.
    ours.select("operator", "final", "truth", "treatment").write_csv(table)
    assert json.loads(here("analyse", table, "--no-page", "--json", *FEW).out)["conditions"] == ["all"]


def test_a_table_of_answers_alone_says_what_is_needed(here, table):
    foreign().select(operator="participant_id", final="response").write_csv(table)
    assert "being right needs the column 'truth'" in " ".join(here("analyse", table, status=1).err.split())


def test_a_table_of_which_no_row_can_be_used_says_why(here, table):
    foreign(24).with_columns(confidence=pl.lit(90)).write_csv(table)
    said = here("analyse", table, "--yes", "--skip-bad", "--no-page", status=1).err
    assert "no row can be used; 24 reasons" in said
    assert "row 1, column 'final_confidence': found '90', expected a number in [0, 1]" in said


@pytest.mark.parametrize(
    ("options", "message", "status"),
    [
        (("--by", "treatmnt"), "needs the column 'treatmnt', which these trials lack", 1),
        (("--positive", "maybe"), "unknown positive label 'maybe'", 2),
    ],
)
def test_names_that_do_not_exist_are_said(here, table, options, message, status):
    said = here("analyse", table, "--yes", "--no-page", *options, *FEW, status=status).err
    assert message in " ".join(said.split())


def test_a_mapping_gives_the_page_its_figures_and_its_tables(here, table, tmp_path):
    (tmp_path / "map.yaml").write_text(MAP)
    found = json.loads(here("analyse", table, "--map", "map.yaml", "--json", "--positive", "dog", *FEW).out)
    times = [row for row in found["measures"] if row["measure"] == "decision_time"]
    raw = foreign()
    for row in times:
        mine = raw.filter(pl.col("treatment") == row["condition"])["rt"].to_numpy() / 1000
        assert row["value"] == pytest.approx(np.exp(np.log(mine).mean()))
    assert {"d_prime", "criterion"} <= {row["measure"] for row in found["measures"]}
    assert found["page"] == str(tmp_path / "results" / "analysis.html")
    for name in ("analysis.html", "analysis.fr.html"):
        assert "<html" in (tmp_path / "results" / name).read_text("utf-8")
    figures = list((tmp_path / "results").rglob("*.svg"))
    assert figures
    assert all(figure.with_name(figure.name.split(".")[0] + ".csv").exists() for figure in figures)


def test_bad_rows_are_an_error_or_left_out_and_listed(here, table, tmp_path):
    (tmp_path / "map.yaml").write_text(MAP + "labels: [cat, dog]\n")
    rows = foreign().with_columns(response=pl.col("response").cast(pl.String))
    rows[4, "response"], rows[9, "participant_id"] = "bird", None
    rows.write_csv(table)
    said = here("analyse", table, "--map", "map.yaml", "--no-page", *FEW, status=1).err
    assert "row 5" in said
    assert "row 10" in said
    printed = here("analyse", table, "--map", "map.yaml", "--skip-bad", *FEW)
    assert "row 5, column 'final': found" in printed.err
    assert "row 10, column 'operator'" in printed.err
    left = pl.read_csv(next((tmp_path / "results").rglob("rejected.csv")))
    assert left["row"].to_list() == [5, 10]


def test_declared_measures_and_another_grouping(here, table, tmp_path):
    args = ("--yes", "--no-page", "--json", "--by", "stimulus", "--measures", "rsr, rair", *FEW)
    (tmp_path / "map.yaml").write_text(MAP.replace("item: stimulus, ", ""))
    found = json.loads(here("analyse", table, "--map", "map.yaml", *args).out)
    assert next(row["measure"] for row in found["measures"]) == "rsr"
    assert len({row["stimulus"] for row in found["measures"]}) == 24


def test_every_metric_goes_its_own_way():
    metrics = ["deletion (zero)", "insertion", "infidelity", "agreement: spearman", "dependability"]
    assert better_of(metrics) == {
        "deletion (zero)": "lower",
        "insertion": "higher",
        "infidelity": "lower",
        "agreement: spearman": "higher",
        "dependability": "higher",
    }


def test_what_is_not_there_is_said(here):
    assert "nowhere.csv is not there" in here("analyse", "nowhere.csv", status=1).err
