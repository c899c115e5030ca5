"""Other platforms' tables: JSON, wide tables, YAML mappings, rejected rows with their reasons, a million rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from binome import analysis
from binome.core import BinomeError

JSPSYCH = [
    {"trial_type": "instructions", "rt": 812, "subject": "s1", "response": None, "trial_index": 0},
    {"trial_type": "image-button-response", "rt": 1500, "subject": "s1", "stimulus": "a.png", "response": 0,
     "right": "cat", "data": {"advice": "dog", "sure": 0.7}, "trial_index": 1, "shown": True},
    {"trial_type": "survey", "rt": 9000, "subject": "s1", "response": {"Q0": "fine"}, "trial_index": 2},
    {"trial_type": "image-button-response", "rt": 2250.5, "subject": "s1", "stimulus": "b.png", "response": 1,
     "right": "dog", "data": {"advice": "dog", "sure": 0.9}, "trial_index": 3, "shown": False},
]  # fmt: skip
MAP = """
columns: {operator: subject, item: stimulus, truth: right, advice: data.advice, advice_confidence: data.sure,
          advice_shown: shown, final: response, final_seconds: rt}
where: {trial_type: image-button-response}
values: {final: {0: cat, 1: dog}}
scale: {final_seconds: 0.001}
"""


def write(folder: Path, text: str, name: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("layout", ["list", "lines of lists", "lines", "object", "list of lists"])
def test_jspsych_s_own_json_with_a_yaml_mapping(tmp_path: Path, layout: str) -> None:
    second = [{**row, "subject": "s2"} for row in JSPSYCH]
    texts = {
        "list": json.dumps(JSPSYCH + second),
        "list of lists": json.dumps([JSPSYCH, second]),
        "lines of lists": json.dumps(JSPSYCH) + "\n" + json.dumps(second) + "\n",
        "lines": "\n".join(json.dumps(row) for row in JSPSYCH + second),
        "object": json.dumps({"version": 8, "trials": JSPSYCH + second}),
    }
    path, mapping = write(tmp_path, texts[layout], "data.json"), write(tmp_path, MAP, "map.yaml")
    trials = analysis.read_trials(path, mapping)
    assert trials["operator"].to_list() == ["s1", "s1", "s2", "s2"]
    assert trials["final"].to_list() == ["cat", "dog"] * 2
    assert trials["final_seconds"].to_list() == [1.5, 2.2505] * 2
    assert trials["advice_confidence"].to_list() == [0.7, 0.9] * 2
    assert trials["advice_shown"].to_list() == [True, False] * 2
    assert analysis.measure(trials, "accuracy", resamples=0)["value"].item() == 1.0


def test_wide_tables_become_long(tmp_path: Path) -> None:
    header = "pid,age,answer_i1,answer_i2,first_i1,first_i2,truth_i1,truth_i2\n"
    text = header + "u,30,x,y,y,y,x,x\nv,41,,x,,x,x,x\nw,28,,,,,,\n"
    path = write(tmp_path, text, "wide.csv")
    wide = {"final": "answer_{}", "initial": "first_{}", "truth": "truth_{}"}
    trials = analysis.read_trials(path, {"columns": {"operator": "pid"}, "wide": wide})
    assert trials.select("operator", "age", "item", "initial", "final", "truth").rows() == [
        ("u", 30, "i1", "y", "x", "x"), ("u", 30, "i2", "y", "y", "x"), ("v", 41, "i1", None, None, "x"),
        ("v", 41, "i2", "x", "x", "x"),
    ]  # fmt: skip
    with pytest.raises(BinomeError, match=r"no column like 'reply_\{\}'; it has: age, answer_i1"):
        analysis.read_trials(path, {"columns": {"operator": "pid"}, "wide": {"final": "reply_{}"}})
    with pytest.raises(BinomeError, match=r"needs \{\} once"):
        analysis.read_trials(path, {"columns": {"operator": "pid"}, "wide": {"final": "answer_"}})


def test_problems_in_a_wide_table_name_its_row(tmp_path: Path) -> None:
    text = "operator,answer_1,sure_1,answer_2,sure_2\nu,x,0.5,y,0.5\nv,x,0.5,y,50\n"
    path = write(tmp_path, text, "wide.csv")
    mapping = {"wide": {"final": "answer_{}", "final_confidence": "sure_{}"}}
    with pytest.raises(analysis.TrialsError, match=r"row 2, column 'final_confidence': found '50'"):
        analysis.read_trials(path, mapping)
    assert analysis.sift_trials(path, mapping).trials.height == 3


REJECTS = """operator,condition,item,truth,advice,initial,final,final_seconds,advice_shown
a,alone,1,x,x,,x,1,false
a,advised,1,x,x,x,x,1,true
a,advised,2,x,x,,y,1,true
,advised,3,x,x,x,x,1,true
a,advised,1,x,x,x,y,1,true
a,advised,4,x,x,x,z,1,true
b,advised,1,x,x,x,x,-3,true
b,advised,2,x,,x,x,1,true
b,advised,3,y,x,x,x,soon,true
b,advised,5,y,x,x,y,2,true
"""


def test_every_rejected_row_has_its_reason(tmp_path: Path) -> None:
    path = write(tmp_path, REJECTS, "trials.csv")
    options: dict[str, Any] = {"labels": ["x", "y"], "initial_in": ["advised"]}
    sifted = analysis.sift_trials(path, **options)
    assert sifted.rejected.select("row", "column", "found").rows() == [
        (3, "initial", "nothing, though the condition asks for it"),
        (4, "operator", "nothing"),
        (5, "item", "'1' of operator 'a' again (first in row 2)"),
        (6, "final", "'z'"),
        (7, "final_seconds", "'-3'"),
        (8, "advice", "nothing, though advice was shown"),
        (9, "final_seconds", "'soon'"),
    ]
    assert sifted.trials.select("operator", "condition", "item").rows() == [
        ("a", "alone", "1"), ("a", "advised", "1"), ("b", "advised", "5")
    ]  # fmt: skip
    with pytest.raises(analysis.TrialsError) as error:
        analysis.read_trials(path, **options)
    assert [problem.row for problem in error.value.problems] == [3, 4, 5, 6, 7, 8, 9]
    assert "expected a label of the study: x, y" in str(error.value)


def test_a_table_without_faults_rejects_nothing(tmp_path: Path, trials: pl.DataFrame) -> None:
    trials.write_csv(tmp_path / "t.csv")
    sifted = analysis.sift_trials(tmp_path / "t.csv")
    assert sifted.trials.equals(analysis.read_trials(tmp_path / "t.csv"))
    assert sifted.rejected.is_empty()


def test_practice_may_lack_what_measured_trials_need(tmp_path: Path) -> None:
    text = "operator,condition,item,initial,final,practice\na,c,1,,w,yes\na,c,1,x,x,no\n"
    path = write(tmp_path, text, "t.csv")
    assert analysis.read_trials(path, labels=["x"], initial_in=["c"]).height == 2


def test_a_handed_over_trial_needs_no_initial_decision(tmp_path: Path) -> None:
    text = "operator,condition,item,initial,final,delegated,decided_by\na,c,1,,x,true,model\na,c,2,,x,false,model\n"
    path = write(tmp_path, text + "a,c,3,,x,false,operator\n", "t.csv")
    assert analysis.sift_trials(path, initial_in=["c"]).rejected["row"].to_list() == [3]


def test_missing_and_labels_may_stand_in_the_map(tmp_path: Path) -> None:
    path = write(tmp_path, "pid,final\na,yes\nb,-99\nc,maybe\n", "t.csv")
    mapping = write(tmp_path, "columns: {operator: pid}\nmissing: [-99]\nlabels: ['yes', 'no']\n", "m.yaml")
    sifted = analysis.sift_trials(path, mapping)
    assert sifted.trials["final"].to_list() == ["yes", None]
    assert sifted.rejected["row"].to_list() == [3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colums: {operator: pid}\nwide: {}\n", r"no part 'colums'; did you mean 'columns'"),
        ("[1, 2]", r"must be a mapping such as"),
        ("columns: [operator]\n", r"columns: found \['operator'\], expected a mapping"),
        ("labels: yes\n", r"labels: found True, expected a list"),
        ("into: [a]\n", r"into: found \['a'\], expected a name"),
        ("columns: {operator: pdi}\n", r"no column 'pdi' to map; did you mean 'pid'"),
        ("where: {kind: x}\n", r"no column 'kind' to map"),
        ("a: [\n", r"cannot be read as a mapping"),
    ],
)
def test_maps_that_do_not_fit(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, "pid,final\na,yes\n", "t.csv")
    with pytest.raises(BinomeError, match=message):
        analysis.read_trials(path, write(tmp_path, text, "m.yaml"))


@pytest.mark.parametrize("text", ["{", "[1, 2]", '{"a": 1}\n{'])
def test_json_that_is_no_table(tmp_path: Path, text: str) -> None:
    with pytest.raises(BinomeError, match="cannot be read as a table"):
        analysis.read_trials(write(tmp_path, text, "t.json"))


def test_a_decimal_comma_between_semicolons(tmp_path: Path) -> None:
    text = "operator;final;final_confidence;advice\na;x;0,25;1,5 m\nb;y;1;2 m\n"
    trials = analysis.read_trials(write(tmp_path, text, "t.csv"))
    assert trials["final_confidence"].to_list() == [0.25, 1.0]
    assert trials["advice"].to_list() == ["1,5 m", "2 m"]


def test_what_is_no_number_leaves_the_others_scaled(tmp_path: Path) -> None:
    """One NA, or one bad value that is left out, must not leave milliseconds in a column of seconds."""
    mapping = {"scale": {"final_seconds": 0.001, "truth": 0.01, "final": 0.01}}
    text = "operator,truth,final,final_seconds\na,50,25,1500\na,100,NA,NA\nb,NA,75,250.5\n"
    trials = analysis.read_trials(write(tmp_path, text, "t.csv"), mapping)
    assert trials["final_seconds"].to_list() == pytest.approx([1.5, None, 0.2505])
    assert trials["final"].to_list() == [0.25, None, 0.75]
    assert trials["truth"].to_list() == [0.5, 1.0, None]
    sifted = analysis.sift_trials(write(tmp_path, text + "b,1,1,soon\n", "t.csv"), mapping)
    assert sifted.trials["final_seconds"].to_list() == pytest.approx([1.5, None, 0.2505])
    assert sifted.rejected.row(0)[:3] == (4, "final_seconds", "'soon'")


def test_values_are_found_however_a_number_is_written(tmp_path: Path) -> None:
    mapping = {"values": {"truth": {0: "cat", 1: "dog"}, "final": {0: "cat", 1: "dog"}}}
    trials = analysis.read_trials(write(tmp_path, "operator,truth,final\na,0,1.0\nb,1,\nb,1,0.0\n", "t.csv"), mapping)
    assert trials["final"].to_list() == ["dog", None, "cat"]
    pl.DataFrame({"operator": ["a", "b"], "truth": [0, 1], "final": [1.0, 0.0]}).write_parquet(tmp_path / "t.parquet")
    trials = analysis.read_trials(tmp_path / "t.parquet", mapping)
    assert trials.select("truth", "final").rows() == [("cat", "dog"), ("dog", "cat")]


def test_codes_for_missing_are_missing_in_typed_tables_too(tmp_path: Path) -> None:
    rows = {"operator": ["a", "b"], "truth": [1, 2], "final": [-99, 2], "final_seconds": [1.5, -99.0]}
    pl.DataFrame(rows).write_parquet(tmp_path / "t.parquet")
    trials = analysis.read_trials(tmp_path / "t.parquet", missing=["-99", "n/a"])
    assert trials.select("final", "final_seconds").rows() == [(None, 1.5), (2, None)]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas_beside_missing_numbers(tmp_path: Path, separator: str) -> None:
    text = "operator;initial;advice;final\na;1,5;3;2,5\nb;NA;4;\n".replace(";", separator)
    trials = analysis.read_trials(write(tmp_path, text, "t.csv"))
    assert trials["initial"].to_list() == [1.5, None]
    assert trials["final"].to_list() == [2.5, None]


def test_a_million_rows(tmp_path: Path) -> None:
    """No row is looked at on its own: the same table as in small, and the one double in it is found."""
    size = 1_000_000
    rng = np.random.default_rng(0)
    labels = np.array(["yes", "no"])
    place = np.arange(size)
    table = pl.DataFrame(
        {
            "operator": pl.Series(place // 100).cast(pl.String), "item": place % 100,
            "truth": labels[rng.integers(0, 2, size)], "final": labels[rng.integers(0, 2, size)],
            "final_seconds": rng.random(size),
        }
    )  # fmt: skip
    table[-1, "item"] = 98
    table.write_csv(tmp_path / "t.csv")
    sifted = analysis.sift_trials(tmp_path / "t.csv")
    assert sifted.rejected.select("row", "column").rows() == [(size, "item")]
    assert sifted.trials.height == size - 1
    row = analysis.measure(sifted.trials, "accuracy", resamples=20).row(0, named=True)
    assert row["value"] == (table["truth"] == table["final"]).head(size - 1).mean()
