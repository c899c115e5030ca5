"""Questionnaires: scores against values worked by hand, files checked, every shipped one complete."""

import random
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from binome import protocol
from binome.core import StudyError
from binome.protocol.question import QuestionSpec, asked
from binome.protocol.questionnaire import available, read_questionnaire

Write = Callable[..., Path]
SHIPPED = available(Path("nowhere"))
PASTED = ("ati", "nfc6", "trust_automation")
"""Those whose items the researcher pastes."""


def shipped(name: str) -> protocol.Questionnaire:
    return read_questionnaire(SHIPPED[name], [] if name in PASTED else ["en", "fr"])


def test_what_ships() -> None:
    assert protocol.shipped() == sorted(SHIPPED)
    assert set(SHIPPED) == {
        "demographics", "raw_tlx", "sus", "xai_trust", "explanation_satisfaction", "tia", "trust_now",
        "model_correct_of_ten", "who_decided", "comprehension", "screening", *PASTED,
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_shipped_questionnaires_say_where_they_come_from(name: str) -> None:
    spec = shipped(name).spec
    assert spec.citation
    assert spec.licence
    assert set(spec.status) == {"en", "fr"}


def test_french_of_published_instruments_is_flagged() -> None:
    for name in ("raw_tlx", "xai_trust", "explanation_satisfaction", "tia"):
        assert shipped(name).spec.status["fr"] == "project-translation"
    # The French of Gronier and Baudet (2021), not ours.
    assert shipped("sus").spec.status["fr"] == "validated"
    assert shipped("sus").questions[1].text["fr"] == "Ce système est inutilement complexe."  # type: ignore[index]


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ([5, 1] * 5, 100),
        ([1, 5] * 5, 0),
        ([3] * 10, 50),
        # (3 + 2 + 4 + 1 + 2 + 3 + 1 + 4 + 3 + 0) * 2.5, by Brooke's own recipe
        ([4, 3, 5, 4, 3, 2, 2, 1, 4, 5], 57.5),
    ],
)
def test_sus(answers: list[int], score: float) -> None:
    given = {f"sus_{i}": answer for i, answer in enumerate(answers, 1)}
    assert shipped("sus").score(given) == {"sus": score}


def test_raw_tlx_is_the_mean_of_six() -> None:
    ids = ("mental", "physical", "temporal", "performance", "effort", "frustration")
    answers = dict(zip(ids, (70, 10, 35, 20, 65, 40), strict=True))
    assert shipped("raw_tlx").score(answers) == {"raw_tlx": 40}
    assert [(q.low, q.high, q.step, len(q.labels)) for q in shipped("raw_tlx").questions] == [(0, 100, 5, 2)] * 6


def test_xai_trust_reverses_the_sixth_item() -> None:
    questions = [question.id for question in shipped("xai_trust").questions]
    assert len(questions) == 8
    answers = dict.fromkeys(questions, 4)
    assert shipped("xai_trust").score(answers | {questions[5]: 2}) == {"xai_trust": 4}
    assert shipped("xai_trust").score(answers | {questions[5]: 4}) == {"xai_trust": 3.75}


@pytest.mark.parametrize("nothing", [None, "", "4", True])
def test_a_missing_answer_gives_no_score_never_zero(nothing: object) -> None:
    answers = {f"sus_{i}": 3 for i in range(1, 11)} | {"sus_4": nothing}
    assert shipped("sus").score(answers) == {"sus": None}
    assert shipped("sus").score({}) == {"sus": None}


def test_demographics_force_nothing_and_have_no_score() -> None:
    assert not any(question.required for question in shipped("demographics").questions)
    assert shipped("demographics").score({"age": "25-34"}) == {}


OPTIONS = 'kind: choice, text: "B?", options: [{id: a, label: A}, {id: b, label: B}]'
OWN = """\
title: {en: Mine, fr: Le mien}
citation: me
licence: CC0-1.0
status: {en: published, fr: project-translation}
questions:
  - {id: one, kind: likert, low: 1, high: 3, text: {en: "A?", fr: "A ?"}, labels: [x, y, z]}
  - {id: two, kind: choice, text: "B?", options: [{id: a, label: A}, {id: b, label: B}]}
scales:
  mine: {items: [one], reversed: [one]}
"""


def test_tia_is_six_means_and_no_total() -> None:
    tia = shipped("tia")
    assert [question.id for question in tia.questions] == [f"tia_{i}" for i in range(1, 20)]
    given = [4, 5, 1, 3, 2, 4, 1, 4, 5, 2, 3, 3, 5, 4, 3, 2, 2, 5, 4]
    answers = {f"tia_{i}": answer for i, answer in enumerate(given, 1)}
    # With 6 - x for the reversed ones: (4 + 4 + 4 + 5 + 3 + 4) / 6, (5 + 5 + 3 + 4) / 4, (1 + 2) / 2, (3 + 4) / 2,
    # (4 + 3 + 5) / 3, (5 + 4) / 2.
    scores = {
        "reliability_competence": 4, "understanding_predictability": 4.25, "familiarity": 1.5,
        "intention_of_developers": 3.5, "propensity_to_trust": 4, "trust_in_automation": 4.5,
    }  # fmt: skip
    assert tia.score(answers) == scores
    assert tia.score(answers | {"tia_8": "no_response"}) == scores | {"intention_of_developers": None}
    assert tia.spec.licence == "CC BY-SA 4.0"


def test_distrust_and_trust_are_two_scores() -> None:
    answers = {f"jian_{i}": 2 if i <= 5 else 6 for i in range(1, 13)}
    assert shipped("trust_automation").score(answers | {"jian_1": 7, "jian_6": 5}) == {"distrust": 3, "trust": 41 / 7}


@pytest.mark.parametrize(
    ("name", "prefix", "count", "reversed_"), [("ati", "ati", 9, (3, 6, 8)), ("nfc6", "nfc", 6, (3, 4))]
)
def test_reversed_items_are_mirrored(name: str, prefix: str, count: int, reversed_: tuple[int, ...]) -> None:
    most = {"ati": 6, "nfc6": 5}[name]
    answers = {f"{prefix}_{i}": 1 if i in reversed_ else most for i in range(1, count + 1)}
    assert shipped(name).score(answers) == {name: most}


@pytest.mark.parametrize("name", PASTED)
def test_items_that_binome_may_not_ship_are_pasted(write_study: Write, name: str) -> None:
    folder = write_study(("after: [sus]", f"after: [{name}]"))
    with pytest.raises(StudyError) as refused:
        protocol.load(folder)
    [problem] = refused.value.problems
    assert problem.file == str(SHIPPED[name])
    assert f"questionnaires/{name}.yaml" in problem.expected
    own = folder / "questionnaires" / f"{name}.yaml"
    own.parent.mkdir()
    own.write_text(SHIPPED[name].read_text("utf-8"), "utf-8")
    with pytest.raises(StudyError) as refused:
        protocol.load(folder)
    items = shipped(name).questions
    assert [(p.file, p.field) for p in refused.value.problems] == [
        (str(own), f"questions.{i}.text") for i in range(len(items))
    ]
    own.write_text(own.read_text("utf-8").replace('en: "", fr: ""', "en: Item, fr: Question"), "utf-8")
    assert len(protocol.load(folder).questionnaires[name].questions) == len(items)


def test_a_studys_own_questionnaire_goes_before_the_shipped(write_study: Callable[..., Path]) -> None:
    folder = write_study()
    (folder / "questionnaires").mkdir()
    (folder / "questionnaires" / "sus.yaml").write_text(OWN, "utf-8")
    own = protocol.load(folder).questionnaires["sus"]
    assert own.score({"one": 1}) == {"mine": 3}


def test_own_matrix_scores_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    rows = "[{id: fast, text: Fast}, {id: right, text: Right}]"
    matrix = f"{{id: grid, kind: matrix, low: 1, high: 5, text: T, labels: [little, much], rows: {rows}}}"
    path.write_text(
        OWN.replace("scales:", f"  - {matrix}\nscales:\n  grid: {{items: [fast, right], reversed: [right]}}"), "utf-8"
    )
    own = read_questionnaire(path, ["en", "fr"])
    assert own.score({"one": 3, "fast": 2, "right": 1}) == {"grid": 3.5, "mine": 1}
    assert own.score({"one": 3, "fast": 2}) == {"grid": None, "mine": 1}


def test_the_example_in_the_docs(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "questionnaires.md").read_text("utf-8")
    [example] = [text for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if text.startswith("title")]
    (tmp_path / "own.yaml").write_text(example, "utf-8")
    own = read_questionnaire(tmp_path / "own.yaml", ["en", "fr"])
    assert {question.kind for question in own.questions} == {"likert", "matrix", "slider", "choice", "number", "text"}
    assert own.score({"liking": "no_response", "fast": 3, "opaque": 1}) == {"liking": None, "clarity": 5}
    for name in protocol.shipped():
        assert f"| `{name}` |" in page


def problems_of(tmp_path: Path, text: str) -> list[tuple[int | None, str]]:
    path = tmp_path / "own.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(StudyError) as refused:
        read_questionnaire(path, ["en", "fr"])
    return [(problem.line, problem.field) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ("items: [one], reversed: [one]", "items: [won]", 9, "scales.mine.items.0"),
        ("items: [one], reversed: [one]", "items: [two]", 9, "scales.mine.items.0"),
        ("reversed: [one]", "reversed: [two]", 9, "scales.mine.reversed.0"),
        ("items: [one]", "items: [one, one]", 9, "scales.mine.items.1"),
        ("[x, y, z]", "[x, y, z, zz]", 6, "questions.0.labels"),
        ("[x, y, z]", '[x, y, ""]', 6, "questions.0.labels.2"),
        ("[x, y, z]", "[x, y, {en: z}]", 6, "questions.0.labels.2"),
        ("high: 3", "high: 1", 6, "questions.0.high"),
        ("high: 3", "high: 3, step: 0.7", 6, "questions.0.step"),
        ("low: 1, high: 3, text", "text", 6, "questions.0.kind"),
        ("high: 3", "high: 22", 6, "questions.0.kind"),
        (OPTIONS, 'kind: slider, step: 3, text: "B?"', 7, "questions.1.step"),
        ("{id: b, label: B}", "", 7, "questions.1.options"),
        ("{id: b, label: B}", "{id: a, label: B}", 7, "questions.1.options"),
        ("{id: b, label: B}", "{id: b, label: {en: B}}", 7, "questions.1.options.1.label"),
        ("kind: choice", "kind: slider", 7, "questions.1.options"),
        ("id: two", "id: one", 7, "questions.1.id"),
        ("kind: choice", "kind: chose", 7, "questions.1.kind"),
        ("licence: CC0-1.0\n", "", 1, "licence"),
        (', fr: "A ?"', "", 6, "questions.0.text"),
        ('fr: "A ?"', 'fr: " "', 6, "questions.0.text"),
        ('text: "B?"', 'text: "B?", help: {en: Why}', 7, "questions.1.help"),
        (", fr: Le mien", "", 1, "title"),
        (", fr: project-translation", "", 4, "status"),
        ("labels: [x, y, z]", "labels: [x, y, z], many: true", 6, "questions.0.many"),
        ("labels: [x, y, z]", "rows: [{id: three, text: T}]", 6, "questions.0.rows"),
        ("kind: likert", "kind: matrix", 6, "questions.0.rows"),
        ('text: "B?"', 'text: "B?", correct: c', 7, "questions.1.correct"),
        ('text: "B?"', 'text: "B?", correct: a, many: true', 7, "questions.1.correct"),
        ('text: "B?"', 'text: "B?", correct: a, show_if: {one: [1]}', 7, "questions.1.show_if"),
        ('text: "B?"', 'text: "B?", show_if: {two: [a]}', 7, "questions.1.show_if.two"),
        ('text: "B?"', 'text: "B?", show_if: {one: [1, 4]}', 7, "questions.1.show_if.one.1"),
        ('text: "B?"', 'text: "B?", show_if: {one: [1.5]}', 7, "questions.1.show_if.one.0"),
        ('text: "B?"', 'text: "B?", show_if: {one: [yes]}', 7, "questions.1.show_if.one.0"),
        ('text: "B?"', 'text: "B?", show_if: {one: []}', 7, "questions.1.show_if.one"),
    ],
)
def test_broken_questionnaires_are_refused(tmp_path: Path, old: str, new: str, line: int, field: str) -> None:
    assert old in OWN
    text = OWN.replace(old, new)
    if "kind: matrix" in new:
        text = text.replace("items: [one], reversed: [one]", "items: [four]")
        text = text.replace("scales:", "  - {id: four, kind: number, text: N}\nscales:")
    assert problems_of(tmp_path, text) == [(line, field)]


def test_rows_share_the_questions_ids_and_have_texts_in_all_languages(tmp_path: Path) -> None:
    rows = "[{id: one, text: T}, {id: four, text: {en: T}}]"
    text = OWN.replace("scales:", f"  - {{id: three, kind: matrix, low: 1, high: 2, text: T, rows: {rows}}}\nscales:")
    assert problems_of(tmp_path, text) == [(8, "questions.2.rows.0.id"), (8, "questions.2.rows.1.text")]


def test_unquoted_yes_is_explained(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN.replace('text: "B?"', 'text: "B?", show_if: {one: [yes]}'), "utf-8")
    with pytest.raises(StudyError, match="write them in quotes"):
        read_questionnaire(tmp_path / "own.yaml")


def branching(conditions: list[dict[str, list[Any]]], many: bool) -> dict[str, Any]:
    options = [{"id": name, "label": name} for name in "abc"]
    questions = [
        {"id": f"q{i}", "kind": "choice", "text": "?", "options": options, "many": many and i == 0, "show_if": needs}
        for i, needs in enumerate(conditions)
    ]
    return {"title": "T", "citation": "me", "licence": "CC0", "status": {"en": "published"}, "questions": questions}


@pytest.mark.parametrize("many", [False, True])
def test_branches_that_nobody_reaches_are_found(tmp_path: Path, many: bool) -> None:
    """Against all ways to answer four questions."""
    draw = random.Random(5)
    found_some = False
    for _ in range(30):
        conditions: list[dict[str, list[Any]]] = [{}]
        for i in range(1, 4):
            named = draw.sample(range(i), draw.randint(1, min(2, i)))
            conditions.append({f"q{j}": draw.sample("abc", draw.choice([1, 1, 1, 2])) for j in named})
        file = branching(conditions, many)
        (tmp_path / "own.yaml").write_text(yaml.safe_dump(file), "utf-8")
        try:
            read_questionnaire(tmp_path / "own.yaml")
            told = set()
        except StudyError as error:
            told = {problem.field for problem in error.problems}
        questions = [QuestionSpec.model_validate(question) for question in file["questions"]]
        first: list[Any] = [[*choice] for choice in ("", "a", "b", "c", "ab", "ac", "bc", "abc")] if many else [*"abc"]
        reached = {
            question.id
            for answers in product(first, "abc", "abc", "abc")
            for question in asked(questions, dict(zip(("q0", "q1", "q2", "q3"), answers, strict=True)))
        }
        never = {f"questions.{i}.show_if" for i in range(4) if f"q{i}" not in reached}
        assert bool(never) == bool(told)
        assert {min(never)} <= told <= never if never else not told
        found_some |= bool(never)
    assert found_some


OPERATORS = "operators: {languages: [en, fr], practice: 2, attention_checks: 3"


def load_problems(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(StudyError) as refused:
        protocol.load(folder)
    return [(Path(problem.file).name, problem.field) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("screening", "fields"),
    [
        ("accept: {adulte: ['yes']}", ["accept.adulte"]),
        ("accept: {adult: [maybe]}", ["accept.adult.0"]),
        ("accept: {adult: [yes]}", ["accept.adult.0"]),
        ("accept: {adult: []}", ["accept.adult"]),
    ],
)
def test_screening_waits_for_answers_that_can_be_given(write_study: Write, screening: str, fields: list[str]) -> None:
    folder = write_study((OPERATORS, f"{OPERATORS}, screening: {{questionnaire: screening, {screening}}}"))
    assert load_problems(folder) == [("study.yaml", f"operators.screening.{field}") for field in fields]
    fine = f"{OPERATORS}, screening: {{questionnaire: screening, accept: {{adult: ['yes']}}}}"
    assert "screening" in protocol.load(write_study((OPERATORS, fine))).questionnaires


def test_comprehension_has_a_right_answer(write_study: Write) -> None:
    folder = write_study((OPERATORS, f"{OPERATORS}, comprehension: {{questionnaire: sus}}"))
    assert load_problems(folder) == [("study.yaml", "operators.comprehension.questionnaire")]
    protocol.load(write_study((OPERATORS, f"{OPERATORS}, comprehension: {{questionnaire: comprehension}}")))


@pytest.mark.parametrize(("by", "found"), [("experience", None), ("exp", 0), ("age_text", 0)])
def test_assignment_needs_a_question_with_few_answers(write_study: Write, by: str, found: int | None) -> None:
    screening = f"{OPERATORS}, screening: {{questionnaire: mine}}"
    folder = write_study(
        (OPERATORS, screening), ("operators: 16}", f"operators: 16, assignment: {{kind: stratified, by: [{by}]}}}}")
    )
    (folder / "questionnaires").mkdir(exist_ok=True)
    own = SHIPPED["screening"].read_text("utf-8") + "  - {id: age_text, kind: text, text: Age}\n"
    (folder / "questionnaires" / "mine.yaml").write_text(own, "utf-8")
    if found is None:
        protocol.load(folder)
    else:
        assert load_problems(folder) == [("study.yaml", f"design.assignment.by.{found}")]


@pytest.mark.parametrize(
    ("during", "field"),
    [
        # 24 items in four blocks: six trials each.
        ("{show: [trust_now], after: [6]}", None),
        ("{show: [trust_now], after: [3, 7]}", "after.1"),
        ("{show: [trust_now], every: 7}", "every"),
        ("{show: [trust_now]}", ""),
        ("{show: [trust], every: 3}", "show.0"),
        ("{show: [trust_now], every: 3, conditions: [advise]}", "conditions.0"),
    ],
)
def test_moments_within_blocks_exist(write_study: Write, during: str, field: str | None) -> None:
    folder = write_study(("questionnaires: {", f"questionnaires: {{during: [{during}], "))
    if field is None:
        protocol.load(folder)
    else:
        assert load_problems(folder) == [("study.yaml", f"questionnaires.during.0.{field}".rstrip("."))]
