"""Reading trials: mappings, types, labels, and errors that name row and column."""

from pathlib import Path

import polars as pl
import pytest

from binome import analysis
from binome.core import BinomeError

HEADER = "operator,item,truth,advice,initial,final,final_confidence,practice\n"


def write(folder: Path, text: str, name: str = "trials.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_none_and_na_are_labels_and_empty_is_missing(tmp_path: Path) -> None:
    rows = 'a,1,None,NA,,None,0.5,no\na,2,NA,None,"",NA,,no\n'
    trials = analysis.read_trials(write(tmp_path, HEADER + rows))
    assert trials["truth"].to_list() == ["None", "NA"]
    assert trials["final"].to_list() == ["None", "NA"]
    assert trials["initial"].to_list() == [None, None]
    assert trials["final_confidence"].to_list() == [0.5, None]
    assert analysis.measure(trials, "accuracy", resamples=0)["value"].item() == 1.0


def test_na_is_missing_where_no_truth_has_it_as_a_label(tmp_path: Path) -> None:
    """R and pandas write NA for what was not asked: among numbers, and among labels that are never NA."""
    numbers = analysis.read_trials(write(tmp_path, HEADER + "a,1,7,9,NA,8.5,,\na,2,.5,1,.25,NA,,\na,3,NA,1,-.5,5.,,\n"))
    assert numbers["initial"].to_list() == [None, 0.25, -0.5]
    assert numbers["final"].to_list() == [8.5, None, 5.0]
    assert numbers["truth"].to_list() == [7.0, 0.5, None]
    labels = analysis.read_trials(write(tmp_path, HEADER + "a,1,cat,dog,NA,None,,\na,2,dog,N/A,cat,dog,,\n"))
    assert labels["initial"].to_list() == [None, "cat"]
    assert labels["final"].to_list() == ["None", "dog"]
    table = analysis.measure(labels, "accuracy_initial", resamples=0)
    assert table.select("value", "n", "undefined").row(0) == (0.0, 1, 1)
    kept = analysis.read_trials(tmp_path / "trials.csv", labels=["cat", "dog", "None", "NA", "N/A"])
    assert kept["initial"].to_list() == ["NA", "cat"]


def test_na_is_no_explanation(tmp_path: Path) -> None:
    trials = analysis.read_trials(write(tmp_path, "operator,final,explanation\na,x,NA\na,x,ig\nb,y,\n"))
    assert trials["explanation"].to_list() == [None, "ig", None]


def test_digits_have_one_type_in_all_decisions(tmp_path: Path) -> None:
    numbers = analysis.read_trials(write(tmp_path, HEADER + "a,1,7,7,,7,,\nb,1,3,7,3,3,,\n"))
    assert {numbers[name].dtype for name in ("truth", "advice", "initial", "final")} == {pl.Int64}
    mixed = analysis.read_trials(write(tmp_path, HEADER + "a,1,7,7,,7,,\nb,1,3,7,3,unsure,,\n"))
    assert {mixed[name].dtype for name in ("truth", "advice", "initial", "final")} == {pl.String}
    assert (mixed["truth"] == mixed["final"]).to_list() == [True, False]
    decimals = analysis.read_trials(write(tmp_path, HEADER + "a,1,7,7.5,,7,,\nb,1,3,7,3,3,,\n"))
    assert (decimals["truth"] == decimals["final"]).to_list() == [True, True]
    zeros = analysis.read_trials(write(tmp_path, HEADER + "a,1,07,7,,07,,\nb,1,3,7,3,3,,\n"))
    assert zeros["truth"].to_list() == ["07", "3"]


def test_typed_tables_keep_labels_and_agree(tmp_path: Path) -> None:
    labels = analysis.check_trials([{"operator": "a", "truth": "7", "final": "7", "initial": None}])
    assert labels["truth"].to_list() == ["7"]
    path = tmp_path / "trials.parquet"
    pl.DataFrame({"operator": [1, 2], "truth": [7, 3], "final": ["7", "4"], "advice": [7.0, None]}).write_parquet(path)
    trials = analysis.read_trials(path)
    assert trials["operator"].to_list() == ["1", "2"]
    assert (trials["truth"] == trials["final"]).to_list() == [True, False]
    assert trials["advice"].to_list() == [7.0, None]


@pytest.mark.parametrize("spelling", [("true", "false"), ("TRUE", "False"), ("1", "0"), ("yes", "No"), ("oui", "non")])
def test_flags_in_several_spellings(tmp_path: Path, spelling: tuple[str, str]) -> None:
    rows = "".join(f"a,{i},x,x,x,x,0.5,{value}\n" for i, value in enumerate([*spelling, ""]))
    assert analysis.read_trials(write(tmp_path, HEADER + rows))["practice"].to_list() == [True, False, None]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_byte_order_mark_and_unknown_columns(tmp_path: Path, separator: str) -> None:
    text = "\ufeffoperator,final,age,hair\np1,yes,31,brown\np2,no,27.5,\n".replace(",", separator)
    trials = analysis.read_trials(write(tmp_path, text))
    assert trials.columns == ["operator", "final", "age", "hair"]
    assert trials["age"].to_list() == [31.0, 27.5]
    assert trials["hair"].to_list() == ["brown", None]


THEIRS = "pid,label,final,answer\n3,cat,x,cat\n4,dog,y,cat\n"


@pytest.mark.parametrize(
    "mapping",
    [
        {"operator": "pid", "truth": "label", "final": "answer"},
        {"pid": "operator", "label": "truth", "answer": "final"},
    ],
)
def test_mapping_in_either_direction(tmp_path: Path, mapping: dict[str, str]) -> None:
    trials = analysis.read_trials(write(tmp_path, THEIRS), mapping)
    assert sorted(trials.columns) == ["final", "operator", "truth"]
    assert trials["final"].to_list() == ["cat", "cat"]
    assert trials["operator"].to_list() == ["3", "4"]


def test_mapping_may_swap_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "operator,initial,final\na,x,y\n")
    assert analysis.read_trials(path, {"initial": "final", "final": "initial"})["final"].to_list() == ["x"]


def test_mapping_that_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(BinomeError, match=r"no column 'anwser' to map; did you mean 'answer'"):
        analysis.read_trials(write(tmp_path, THEIRS), {"operator": "pid", "final": "anwser"})


def test_missing_spellings(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "a,1,x,x,-99,x,NA,\na,2,y,x,y,y,1,\n")
    trials = analysis.read_trials(path, missing=["-99"])
    assert trials["initial"].to_list() == [None, "y"]
    assert trials["final_confidence"].to_list() == [None, 1.0]


def test_a_delegated_decision_is_the_advice() -> None:
    rows = [
        {"operator": "a", "advice": "x", "final": None, "delegated": True},
        {"operator": "a", "advice": "x", "final": None, "delegated": False},
        {"operator": "a", "advice": "x", "final": "y", "delegated": True},
    ]
    assert analysis.check_trials(rows)["final"].to_list() == ["x", None, "y"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("item,final\n1,x\n", r"trials.csv: column 'operator': found no such column among item, final"),
        ("operator,item\na,1\n", r"column 'final': found no such column among operator, item"),
        ("operator,final\na,\nb,\n", r"column 'final': found no decision in any row"),
        ("operator,final\na,x\n,y\n", r"row 2, column 'operator': found nothing"),
        (HEADER + "a,1,x,x,x,x,0.5,no\na,2,x,x,x,x,73,no\n", r"row 2, column 'final_confidence': found '73'"),
        (HEADER + "a,1,x,x,x,x,high,no\n", r"row 1, column 'final_confidence': found 'high'"),
        (HEADER + "a,1,x,x,x,x,,perhaps\n", r"row 1, column 'practice': found 'perhaps', expected true or false"),
        ("operator,final,final_seconds\na,x,-2\n", r"row 1, column 'final_seconds': found '-2'.*backwards"),
        ("operator,final,final_seconds\na,x,inf\n", r"row 1, column 'final_seconds': found 'inf'"),
        ("operator,final,position\na,x,1.5\n", r"row 1, column 'position': found '1.5', expected a whole number"),
        ("operator,final,position\na,x,4\na,y,4\n", r"row 2, column 'position': found 4.*first in row 1"),
        ("operator,final,item\na,x,i\nb,x,i\na,y,i\n", r"row 3, column 'item': found 'i' of operator 'a' again"),
    ],
)  # fmt: skip
def test_errors_name_row_and_column(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(analysis.TrialsError, match=message):
        analysis.read_trials(write(tmp_path, text))


def test_every_problem_is_reported(tmp_path: Path) -> None:
    rows = "".join(f"a,{i},x,x,x,x,2,maybe\n" for i in range(15))
    with pytest.raises(analysis.TrialsError, match="and 10 more") as error:
        analysis.read_trials(write(tmp_path, HEADER + rows))
    assert len(error.value.problems) == 30
    assert [problem.row for problem in error.value.problems[:3]] == [1, 1, 2]


def test_two_spellings_of_the_labels_are_refused() -> None:
    rows = [{"operator": f"{i}", "truth": "AB"[i % 2], "final": "ab"[i % 2]} for i in range(20)]
    with pytest.raises(
        analysis.TrialsError, match="'final': found the labels a, b, of which the column 'truth' has none"
    ):
        analysis.check_trials(rows)


def test_the_same_item_in_two_conditions_is_no_double() -> None:
    rows = [{"operator": "a", "item": "i", "condition": c, "final": "x"} for c in ("alone", "advised")]
    assert analysis.check_trials(rows).height == 2


def test_practice_may_repeat_and_has_no_position() -> None:
    rows = [{"operator": "a", "position": None, "practice": True, "final": "x"}] * 2
    rows += [{"operator": "a", "position": 0, "practice": False, "final": "x"}]
    assert analysis.check_trials(rows).height == 3


def test_no_rows_have_every_column() -> None:
    trials = analysis.check_trials([])
    assert trials.is_empty()
    assert trials["simulated"].dtype == pl.Boolean
    assert trials["final_seconds"].dtype == pl.Float64


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(BinomeError, match="cannot be read as a table"):
        analysis.read_trials(tmp_path / "nothing.csv")
    with pytest.raises(BinomeError, match="cannot be read as a table"):
        analysis.read_trials(write(tmp_path, "not parquet", "trials.parquet"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"operator,final\na,\xe9t\xe9\n", "it is not UTF-8; save it as such"),
        (b"operator;r\xe9ponse\na;x\n", "it is not UTF-8; save it as such"),
        (b"operator,final\na,x\nb,y,z\n", "line 3 has 3 fields, and the header has 2"),
        (b'operator,final\na,"x\nb,y\n', "is a quotation mark opened and not closed"),
        (b"operator,final, final\na,x,y\n", "has the column 'final' twice"),
    ],
)
def test_broken_files_say_where(tmp_path: Path, text: bytes, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(text)
    with pytest.raises(BinomeError, match=message):
        analysis.read_trials(path)


def test_empty_lines_and_spaces_around_names_say_nothing(tmp_path: Path) -> None:
    text = " operator , final, truth\na,x,x\n\n,,\nb,y,x\n"
    trials = analysis.read_trials(write(tmp_path, text))
    assert trials.rows() == [("a", "x", "x"), ("b", "y", "x")]
    sifted = analysis.sift_trials(write(tmp_path, text + ",y,x\n"))
    assert sifted.rejected["row"].to_list() == [5]


def test_what_is_missing_is_guessed_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(BinomeError, match=r'perhaps mapping=\{"operator": "participant_id"\}') as error:
        analysis.read_trials(write(tmp_path, "participant_id,final_guess\na,x\n"))
    assert 'perhaps mapping={"final": "final_guess"}' in str(error.value)


def test_decimals_of_a_typed_table_keep_what_follows_the_point(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    rows = {"operator": ["a", "b"], "initial": [10.0, 20.0], "advice": [11.0, 21.0], "final": [10.5, 20.25]}
    money = pl.DataFrame(rows).with_columns(pl.col("initial", "advice", "final").cast(pl.Decimal(10, 2)))
    money.write_parquet(path)
    trials = analysis.read_trials(path)
    assert trials["final"].to_list() == [10.5, 20.25]
    assert analysis.measure(trials, "weight_of_advice", resamples=0)["value"].item() == 0.375


def test_kinds_of_files_that_are_not_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(BinomeError, match=r"files of the kind \.xlsx are not read; save it as CSV"):
        analysis.read_trials(write(tmp_path, "PK", "t.xlsx"))


def test_all_decisions_may_be_handed_over(tmp_path: Path) -> None:
    trials = analysis.read_trials(write(tmp_path, "operator,advice,final,delegated\na,x,,yes\nb,y,,yes\n"))
    assert trials["final"].to_list() == ["x", "y"]


def test_csv_and_parquet_give_the_same_trials(tmp_path: Path, trials: pl.DataFrame) -> None:
    trials.write_csv(tmp_path / "t.csv")
    trials.write_parquet(tmp_path / "t.parquet")
    assert analysis.read_trials(tmp_path / "t.csv").equals(analysis.read_trials(tmp_path / "t.parquet"))
