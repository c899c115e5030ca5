import csv
import os
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from binome import contexts
from binome.contexts.tables import source
from binome.contexts.tables.source import Source
from binome.core import BinomeError, UnknownNameError, say
from binome.testing import check_context

HEADER = ["name", "age", "height", "town", "answer"]


def people(count, seed=0):
    """Rows of a made-up file: a name, an age, a height with two decimals, a town, an answer that depends on them."""
    draw = random.Random(seed)
    for place in range(count):
        age, height = draw.randint(18, 80), draw.uniform(1.5, 2)
        town = draw.choices(("Lyon", "Paris", "Nice, Côte d’Azur"), (5, 3, 2))[0]
        answer = "yes" if age + (10 if town == "Lyon" else 0) + draw.gauss(0, 5) > 50 else "no"
        yield [f"p{place}", str(age), f"{height:.2f}", town, answer]


def write(path, rows, header=HEADER, delimiter=","):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return path


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "people.csv", people(200))


FEATURES = ["age", "height", "town"]


def load(path, **params):
    return contexts.load(path, **{"target": "answer", "features": FEATURES, **params})


def inputs(context):
    return torch.cat([context.split(name).inputs for name in ("train", "calibration", "test")])


def test_a_csv_file_keeps_the_contract_and_agrees_with_its_rows(file):
    context = load(file)
    check_context(context)
    rows = list(people(200))
    assert context.categories == (0, 0, 3)
    assert [d.id for d in context.task.decisions] == ["no", "yes"]
    assert context.task.title == "people"
    assert context.task.question["fr"] == "Que vaut answer\u00a0?"
    train = context.split("train")
    kept = [rows[int(item.removeprefix("row-")) - 2] for item in train.ids]
    ages = np.array([float(row[1]) for row in kept])
    np.testing.assert_allclose(train.inputs[:, 0].numpy(), (ages - np.median(ages)) / ages.std(), atol=1e-6)
    towns = [town for town, _ in Counter(row[3] for row in kept).most_common()]
    assert [towns[int(code)] for code in train.inputs[:, 2]] == [row[3] for row in kept]
    assert [context.task.decisions[truth].id for truth in train.truths.tolist()] == [row[4] for row in kept]
    item = train.ids[0]
    assert [say(value, "fr") for value in context.show(item).case] == [
        kept[0][1], kept[0][2].replace(".", ","), kept[0][3],
    ]  # fmt: skip


def test_the_same_rows_in_other_forms_give_the_same_context(file, tmp_path):
    rows = list(people(200))
    comma = [[*row[:2], row[2].replace(".", ","), *row[3:]] for row in rows]
    frame = pl.read_csv(file)
    frame.write_parquet(tmp_path / "people.parquet")
    bom = tmp_path / "bom.csv"
    bom.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    windows = tmp_path / "windows.csv"
    windows.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    expected = load(file)
    for path in (
        write(tmp_path / "people.tsv", rows, delimiter="\t"), write(tmp_path / "french.csv", comma, delimiter=";"),
        tmp_path / "people.parquet", bom, windows,
    ):  # fmt: skip
        context = load(path)
        assert torch.equal(inputs(context), inputs(expected)), path
        shift = 1 if path.suffix == ".parquet" else 0
        item = expected.split("test").ids[0]
        other = context.split("test").ids[0]
        assert int(other.removeprefix("row-")) + shift == int(item.removeprefix("row-"))
        assert context.show(other) == expected.show(item)


def test_what_is_said_of_features_and_decisions_is_shown(file):
    features = {
        "age": {"label": {"en": "Age", "fr": "Âge"}, "unit": {"en": "years", "fr": "ans"}, "protected": True,
                "bands": [30, 60]},
        "town": {"values": {"Nice, Côte d’Azur": "Nice", "Paris": "Paris", "Lyon": {"en": "Lyons", "fr": "Lyon"}},
                 "help": "Where they live.", "protected": True},
        "height": None,
    }  # fmt: skip
    context = load(
        file, features=features, decisions={"yes": {"en": "Yes", "fr": "Oui"}, "no": {"en": "No", "fr": "Non"}},
        title={"en": "People", "fr": "Gens"}, question="Yes?", operator_view={"note": "height"},
    )  # fmt: skip
    check_context(context)
    assert [f.id for f in context.task.features] == ["age", "town"]
    assert context.task.features[1].help == "Where they live."
    assert [d.id for d in context.task.decisions] == ["yes", "no"]
    rows = list(people(200))
    counts = Counter()
    for name in ("train", "calibration", "test"):
        split = context.split(name)
        for item, truth, *groups in zip(split.ids, split.truths.tolist(), *split.groups.values(), strict=True):
            row = rows[int(item.removeprefix("row-")) - 2]
            age = int(row[1])
            assert groups == ["under-30" if age < 30 else "over-60" if age > 60 else "30-60", row[3]]
            assert row[4] == ("yes", "no")[truth]
            counts[groups[1], row[4]] += 1
    assert counts == Counter((row[3], row[4]) for row in rows)
    lyon = next(place for place, row in enumerate(rows) if row[3] == "Lyon")
    seen = context.show(f"row-{lyon + 2}")
    assert seen.case[1] == {"en": "Lyons", "fr": "Lyon"}
    assert say(seen.note, "fr") == f"height\u00a0: {rows[lyon][2].replace('.', ',')}"


def test_ids_and_splits_of_the_file_are_kept(tmp_path):
    rows = list(people(60))
    parts = ["train"] * 30 + ["calibration"] * 10 + ["test"] * 20
    path = write(tmp_path / "a.csv", [[*row, part] for row, part in zip(rows, parts, strict=True)], [*HEADER, "part"])
    context = contexts.load(path, target="answer", id="name", split="part")
    check_context(context)
    assert [f.id for f in context.task.features] == FEATURES
    assert context.split("test").ids == tuple(f"p{place}" for place in range(40, 60))
    assert say(context.show("p3").case[0], "en") == rows[3][1]
    with pytest.raises(BinomeError, match="ids look like 'p40'"):
        context.show("row-2")


def test_a_target_of_many_numbers_is_an_estimate_whose_scale_is_inferred(file):
    context = contexts.load(file, target="height", features=["age", "town"])
    check_context(context)
    number = context.task.number
    heights = [float(row[2]) for row in people(200)]
    assert (min(heights), max(heights)) == (1.5, 2.0)
    # Half a metre by at most 100 steps of 1, 2 or 5 times a power of ten.
    assert (number.low, number.high, number.step) == (1.5, 2.0, 0.005)
    train = context.split("train").truths.double().numpy()
    assert number.tolerance == pytest.approx(np.ceil(train.std() / 2 / 0.005) * 0.005)
    said = {"low": 1, "high": 2.5, "step": 0.1, "unit": "m", "tolerance": 0.05}
    given = contexts.load(file, target="height", features=["age", "town"], estimate=said).task.number
    assert (given.low, given.high, given.step, given.unit, given.tolerance) == (1, 2.5, 0.1, "m", 0.05)
    whole = contexts.load(file, target="age", features=["height", "town"]).task.number
    assert (whole.low, whole.high, whole.step) == (18, 80, 1)
    # Told so, numbers are decisions, and few numbers an estimate.
    with pytest.raises(BinomeError, match="expected one of 18, 19"):
        contexts.load(file, target="age", features=["town"], decisions={"18": "18", "19": "19"})


def test_limit_draws_rows_of_the_whole_file(file):
    context = load(file, limit=60)
    drawn = sorted(int(i.removeprefix("row-")) for n in ("train", "calibration", "test") for i in context.split(n).ids)
    assert len(drawn) == 60
    assert drawn[0] < 30
    assert drawn[-1] > 170
    assert inputs(load(file, limit=1000)).shape == (200, 3)
    with pytest.raises(BinomeError, match="limit is 0; give a whole number"):
        load(file, limit=0)


def broken(tmp_path, changes, name="bad.csv", header=HEADER, count=100):
    rows = list(people(count))
    for row, column, text in changes:
        rows[row - 2][HEADER.index(column)] = text
    return write(tmp_path / name, rows, header)


BAD = [(5, "age", ""), (9, "age", "old"), (17, "height", "NaN"), (17, "answer", ""), (20, "height", "-inf"),
       (30, "town", "  ")]  # fmt: skip


def test_bad_rows_are_all_named_at_once(tmp_path):
    path = broken(tmp_path, BAD)
    with pytest.raises(BinomeError) as caught:
        load(path)
    assert str(caught.value) == (
        "bad.csv has 5 rows that cannot be used:\n"
        "  bad.csv row 5: age is empty\n"
        "  bad.csv row 9: age is 'old', which is no number\n"
        "  bad.csv row 17: height is 'NaN', which is no finite number, answer is empty\n"
        "  bad.csv row 20: height is '-inf', which is no finite number\n"
        "  bad.csv row 30: town is empty\n"
        "mend the file, or give skip_bad: true to leave such rows out"
    )
    assert path.read_text().splitlines()[8].split(",")[1] == "old"  # the ninth line


def test_bad_rows_are_left_out_and_listed(tmp_path):
    path = broken(tmp_path, BAD)
    context = load(path, skip_bad=True)
    check_context(context)
    assert context.skipped == (
        "bad.csv row 5: age is empty",
        "bad.csv row 9: age is 'old', which is no number",
        "bad.csv row 17: height is 'NaN', which is no finite number, answer is empty",
        "bad.csv row 20: height is '-inf', which is no finite number",
        "bad.csv row 30: town is empty",
    )
    assert len(inputs(context)) == 95
    with pytest.raises(BinomeError, match="no item 'row-17'"):
        context.show("row-17")
    assert say(context.show("row-18").case[0], "en") == list(people(100))[16][1]
    assert load(broken(tmp_path, []), skip_bad=True).skipped == ()


def test_of_many_bad_rows_the_first_are_listed(tmp_path):
    path = broken(tmp_path, [(row, "age", "") for row in range(10, 40)])
    with pytest.raises(BinomeError, match=r"has 30 rows that.*\n(  .*age is empty\n){10}  and 20 more rows\n"):
        load(path)
    assert len(load(path, skip_bad=True).skipped) == 30


def test_blank_lines_and_lines_of_another_length(tmp_path):
    lines = write(tmp_path / "a.csv", people(100)).read_text().splitlines()
    lines[10] = ""
    lines[20] = ",".join(lines[20].split(",")[:2])
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(BinomeError, match=r"row 11: the row is empty\n.*row 21: height is empty, town is empty, ans"):
        load(tmp_path / "a.csv")
    lines[30] += ",more"
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(BinomeError, match=r"a\.csv: row 31 has 6 fields, the header has 5; quote fields"):
        load(tmp_path / "a.csv")
    context = load(tmp_path / "a.csv", skip_bad=True)
    assert [line.split(":")[0] for line in context.skipped] == [f"a.csv row {row}" for row in (11, 21, 31)]
    assert len(inputs(context)) == 97


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"target": None}, "needs a target.*it has: name, age, height, town, answer"),
        ({"target": "anwser"}, r"column of people\.csv in target 'anwser'; did you mean 'answer'"),
        ({"features": ["agee"]}, r"column of people\.csv in features 'agee'; did you mean 'age'"),
        ({"features": ["age", "answer"]}, "features names 'answer', which is the target"),
        ({"features": "age"}, "features is 'age'; give a list of columns"),
        ({"features": []}, "has no feature"),
        ({"features": {"age": {"lable": "Age"}}}, r"features\.age has no key 'lable'; did you mean 'label'"),
        ({"features": {"age": {"kind": "numbre"}}}, r"features\.age\.kind is 'numbre'; give number or category"),
        ({"features": {"age": {"protected": True}}}, r"features\.age is a protected number; give its bands"),
        ({"features": {"age": {"bands": [45, 25]}}}, r"features\.age\.bands is \[45, 25\]; give increasing"),
        ({"features": {"age": {"decimals": -1}}}, r"features\.age\.decimals is -1"),
        ({"features": {"age": {"label": 3}}}, r"features\.age\.label is 3; give a text"),
        ({"features": {"age": {"protected": "yes"}}}, r"features\.age\.protected is 'yes'; give true or false"),
        ({"features": {"age": {"kind": "number", "values": {"1": "1"}}}}, "a number with values"),
        ({"features": {"age": {"values": []}}}, r"features\.age\.values is \[\]; give a label by value"),
        ({"features": {"age": "Age"}}, r"features\.age is 'Age'; give what is to be said of it"),
        ({"features": {"town": {"kind": "number"}}}, "row 2: town is '.*', which is no number"),
        ({"features": {"town": {"values": {"Lyon": "L", "Pari": "P"}}}}, "town is 'Paris', expected one of Lyon, P"),
        ({"id": "nam"}, "in id 'nam'; did you mean 'name'"),
        ({"id": "town", "features": ["age"]}, "town is '.*', as in row"),
        ({"split": "town", "features": ["age"]}, "expected one of train, calibration, test"),
        ({"target": "name", "features": ["age"]}, "'name' holds more than 50 different texts, too many to choose"),
        ({"decisions": {"yes": "Yes"}}, "'answer' holds only 'yes'"),
        ({"decisions": {"yes": "Yes", "maybe": "Maybe"}}, "answer is 'no', expected one of yes, maybe"),
        ({"decisions": {"yes": "Y", "no": "N", "maybe": "M"}}, "'answer' is 'maybe' in 0 of the usable rows"),
        ({"decisions": {"yes": "Y", "no": "N"}, "estimate": {}}, "decisions and estimate are both given"),
        ({"estimate": {"lo": 1}}, "estimate has no key 'lo'; did you mean 'low'"),
        ({"target": "age", "features": ["town"], "estimate": {"high": 60}}, "age is .*, the scale .* has 60"),
        ({"estimate": {"low": 5, "high": 5}}, "goes from 5 to 5; give a high above the low"),
        ({"estimate": {"step": 0}}, r"estimate\.step is 0; give a number above 0"),
        ({"estimate": {"tolerance": -1}}, r"estimate\.tolerance is -1"),
        ({"estimate": {"low": "1"}}, r"estimate\.low is '1'; give a number"),
        ({"estimate": 3}, "estimate is 3; give some of"),
        ({"title": 3}, "title is 3; give a text"),
        ({"feature": []}, "no parameter 'feature'; did you mean 'features'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_mend(file, params, says):
    with pytest.raises(BinomeError, match=says):
        load(file, **params)


def test_a_feature_of_names_is_no_category(tmp_path):
    path = write(tmp_path / "many.csv", people(300))
    with pytest.raises(BinomeError, match=r"'name' holds more than 255 different texts.*leave it out of the feat"):
        contexts.load(path, target="answer")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no header"),
        ("a,b,a,y\n1,2,3,x\n", "row 1: columns 1 and 3 are both named 'a'; rename one"),
        (",b,y\n1,2,x\n", "row 1: column 1 has no name"),
        ("a,y\n", "column 'a' is empty"),
        ("a,y\n" + "1,x\n" * 30, "column 'y' holds only 'x'; take a target with two values"),
        ("a,y\n" + "1,x\n" * 30 + "1,z\n" * 3, "'y' is 'z' in 3 of the usable rows, and each decision needs 10"),
        ("a,y\n" + "".join(f"1,{n}\n" for n in range(20)), "has 20 usable rows, an estimate needs 50"),
        ('a,y\n"1,x\n', "cannot be read|is empty"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, text, says):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(BinomeError, match=says):
        contexts.load(tmp_path / "a.csv", target="y")


def test_files_that_are_not_what_they_are_called(tmp_path):
    (tmp_path / "latin.csv").write_bytes(b"a,y\n" + "é,x\n".encode("latin1") * 30)
    with pytest.raises(BinomeError, match=r"latin\.csv is not UTF-8"):
        contexts.load(tmp_path / "latin.csv", target="y")
    (tmp_path / "a.parquet").write_text("a,y\n")
    with pytest.raises(BinomeError, match="is no Parquet file"):
        contexts.load(tmp_path / "a.parquet", target="y")
    with pytest.raises(BinomeError, match="there is no file"):
        contexts.load(tmp_path / "b.csv", target="y")
    pl.DataFrame({"a": [[1], [2]], "y": ["n", "m"]}).write_parquet(tmp_path / "nested.parquet")
    with pytest.raises(BinomeError, match=r"column 'a' holds List\(Int64\); leave it out"):
        contexts.load(tmp_path / "nested.parquet", target="y")


def test_splits_of_the_file_must_have_the_same_decisions(tmp_path):
    def marked(answers):
        parts = ["train"] * 4 + ["calibration"] * 4 + ["test"] * 4
        rows = [[str(n), answer, part] for n, (answer, part) in enumerate(zip(answers, parts, strict=True))]
        path = write(tmp_path / "m.csv", rows, ["x", "y", "part"])
        return contexts.load(path, target="y", split="part")

    check_context(marked("abab" * 3))
    with pytest.raises(BinomeError, match="the test split has y 'c', which the train split lacks"):
        marked("abab" * 2 + "abac")
    with pytest.raises(BinomeError, match="the calibration split lacks y 'b', which the train split has"):
        marked("abab" + "aaaa" + "abab")
    path = write(tmp_path / "t.csv", [["1", "a", "train"], ["2", "b", "test"]], ["x", "y", "part"])
    with pytest.raises(BinomeError, match="no usable row marked calibration"):
        contexts.load(path, target="y", split="part")
    path = write(tmp_path / "w.csv", [["1", "a", "tset"], ["2", "b", "test"]], ["x", "y", "part"])
    with pytest.raises(BinomeError, match=r"row 2: part is 'tset', expected one of .*did you mean 'test'"):
        contexts.load(path, target="y", split="part")


def test_numbers_that_float32_would_change_are_kept(tmp_path):
    rows = [[str(16_777_217 + n), "ab"[n % 2]] for n in range(40)]
    context = contexts.load(write(tmp_path / "large.csv", rows, ["x", "y"]), target="y")
    assert say(context.show("row-2").case[0], "en") == "16,777,217"
    assert say(context.show("row-41").case[0], "fr") == "16\u202f777\u202f256"


def test_paths_start_at_the_base(file, tmp_path):
    given = {"target": "answer", "features": FEATURES, "base": tmp_path}
    assert torch.equal(inputs(contexts.load("people.csv", **given)), inputs(load(file)))
    assert torch.equal(inputs(contexts.load("table", file="people.csv", **given)), inputs(load(file)))
    with pytest.raises(UnknownNameError, match="did you mean 'table'"):
        contexts.load("tabel", file="people.csv")


def test_a_file_is_read_in_batches_of_the_columns_that_are_needed(file, monkeypatch):
    seen = []
    batches = Source.batches

    def watched(self, columns):
        for batch in batches(self, columns):
            seen.append((batch.first, batch.texts.height, tuple(batch.texts.columns)))
            yield batch

    monkeypatch.setattr(source, "BATCH", 64)
    expected = load(file)
    monkeypatch.setattr(Source, "batches", watched)
    assert torch.equal(inputs(load(file)), inputs(expected))
    # Twice through the file, never more than a batch at once, without the names.
    assert max(height for _, height, _ in seen) <= 64
    assert sum(height for _, height, _ in seen) == 400
    assert {columns for _, _, columns in seen} == {("age", "height", "town", "answer")}
    assert [first for first, _, _ in seen].count(2) == 2


MEASURE = """
import resource, sys
from binome import contexts
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
contexts.load(sys.argv[1], target="y", features=["x", "kind"]).split("test")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in kilobytes on Linux alone")
def test_a_file_is_never_whole_in_memory(tmp_path):
    """192 MB, of which 10 bytes a row are kept: reading takes far less than the file."""
    path = tmp_path / "long.csv"
    filler = "x" * 970
    block = "".join(f"{n % 1000 / 8},{'abc'[n % 3]},{filler},{'uv'[n * 7 % 11 % 2]}\n" for n in range(2000))
    with path.open("w") as out:
        out.write("x,kind,text,y\n")
        for _ in range(98):
            out.write(block)
    size = path.stat().st_size / 2**20
    assert size > 180
    environment = {**os.environ, "POLARS_MAX_THREADS": "2", "PYTHONPATH": str(Path(source.__file__).parents[3])}
    done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) / 1024 < 0.6 * size


def test_the_example_of_the_guide(tmp_path, monkeypatch, capsys):
    """Loans, a note that the operator alone has, a protected attribute."""
    text = (Path(__file__).parents[2] / "docs" / "guides" / "case-files.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(example.strip().splitlines()) < 30
    draw = random.Random(1)
    rows = [[draw.randint(18, 80), draw.randint(500, 9000), draw.choice("abc"), draw.choice(("yes", "no"))]
            for _ in range(200)]  # fmt: skip
    write(tmp_path / "loans.csv", rows, ["age", "amount", "branch", "repaid"])
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "case-files.md", "exec"), names := {})
    context, test = names["context"], names["test"]
    assert capsys.readouterr().out.startswith("torch.Size([50, 1])")
    assert context.task.decisions[0].label == {"en": "Repaid", "fr": "Remboursé"}
    assert set(test.groups["age"]) <= {"under-25", "25-45", "over-45"}
    place = int(test.ids[0].removeprefix("row-")) - 2
    seen = context.show(test.ids[0])
    amount = rows[place][1]
    thousands = f"{amount // 1000}\u202f{amount % 1000:03d}" if amount >= 1000 else str(amount)
    assert [say(value, "fr") for value in seen.case] == [f"{rows[place][0]}\u00a0ans", f"{thousands}\u00a0€"]
    assert say(seen.note, "en") == "Branch: " + {"a": "Lyon", "b": "Paris", "c": "Nice"}[rows[place][2]]
    check_context(context)
