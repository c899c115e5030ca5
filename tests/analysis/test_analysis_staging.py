"""Tables with one row a stage become trials."""

from pathlib import Path
from typing import Any

import pytest

from binome import analysis
from binome.core import BinomeError

ROWS = """subject,stimulus,phase,response,rt,ai,gt
s1,i1,pre,cat,900,,cat
s1,i1,wait,,,,
s1,i1,post,dog,500,dog,
s1,i2,pre,dog,700,,dog
s1,i2,post,dog,650,dog,
s2,i1,pre,dog,800,,cat
s2,i1,post,cat,812,cat,
s2,i3,pre,dog,800,,cat
s2,i4,post,cat,812,cat,cat
"""
MAP: dict[str, Any] = {
    "columns": {
        "operator": "subject", "item": "stimulus", "final": "response", "final_seconds": "rt", "advice": "ai",
        "truth": "gt",
    },
    "stages": {"column": "phase", "initial": "pre", "final": "post"},
    "scale": {"final_seconds": 0.001, "initial_seconds": 0.001},
}  # fmt: skip


def read(folder: Path, text: str, mapping: dict[str, Any]) -> Any:
    path = folder / "t.csv"
    path.write_text(text, "utf-8")
    return analysis.read_trials(path, mapping)


def test_two_rows_become_one_trial(tmp_path: Path) -> None:
    trials = read(tmp_path, ROWS, MAP)
    assert trials.select("operator", "item", "truth", "advice", "initial", "final").rows() == [
        ("s1", "i1", "cat", "dog", "cat", "dog"),
        ("s1", "i2", "dog", "dog", "dog", "dog"),
        ("s2", "i1", "cat", "cat", "dog", "cat"),
        ("s2", "i4", "cat", "cat", None, "cat"),
    ]
    assert trials["initial_seconds"].to_list() == pytest.approx([0.9, 0.7, 0.8, None])
    assert trials["final_seconds"].to_list() == pytest.approx([0.5, 0.65, 0.812, 0.812])
    values = analysis.measure(trials, ["rair", "rsr", "accuracy_initial"], resamples=0)
    assert values["value"].to_list() == [1.0, 0.0, 2 / 3]


def test_problems_name_the_row_of_the_last_answer(tmp_path: Path) -> None:
    with pytest.raises(BinomeError, match="row 5, column 'final_seconds': found '-650'"):
        read(tmp_path, ROWS.replace("650", "-650"), {**MAP, "scale": {}})


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ({"column": "phase", "initial": "pre"}, "stages need column, initial, final"),
        ({"column": "phse", "initial": "pre", "final": "post"}, "has no column 'phse', which stages need"),
        ({"column": "phase", "initial": 1, "final": "post"}, "no row of the stage '1'; it holds 'post', 'pre', 'wait'"),
    ],
)
def test_stages_that_do_not_fit(tmp_path: Path, stages: dict[str, Any], message: str) -> None:
    with pytest.raises(BinomeError, match=message):
        read(tmp_path, ROWS, {**MAP, "stages": stages})


def test_two_first_answers_to_one_item(tmp_path: Path) -> None:
    with pytest.raises(BinomeError, match=r"row 10, column 'phase': another row .* 's1', item 'i2' \(first in row 4\)"):
        read(tmp_path, ROWS + "s1,i2,pre,cat,700,,dog\n", MAP)


def test_answers_that_nothing_joins(tmp_path: Path) -> None:
    numbered = {**MAP, "columns": {"operator": "subject", "final": "response", "position": "n"}, "scale": {}}
    rows = "subject,n,phase,response\ns1,0,pre,cat\ns1,1,post,dog\ns1,2,pre,dog\ns1,3,post,dog\n"
    with pytest.raises(
        BinomeError, match="no row of the stage 'post' has one of the stage 'pre' with the same operator"
    ):
        read(tmp_path, rows, numbered)
