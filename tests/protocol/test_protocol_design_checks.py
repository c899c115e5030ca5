"""Designs that cannot be filled are refused where they are declared; those that do not come out even are told of."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from binome import protocol
from binome.protocol.schema import DesignSpec

Write = Callable[..., Path]
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "designs.md"
DESIGN = "{kind: within, order: williams, operators: 16}"
SCREENING = ("practice: 2", "screening: {questionnaire: who}, practice: 2")
NO_CHECKS = ("attention_checks: 3", "attention_checks: 0")
WHO = """\
title: Who are you?
citation: us
licence: CC0-1.0
status: {en: published, fr: published}
questions:
  - {id: age, kind: choice, text: How old, options: [{id: young, label: Young}, {id: old, label: Old}]}
"""
FACTOR = "help: {levels: {little: [alone, advised], much: [explained, placebo]}}"
SEVEN = ("conditions:\n", "conditions:\n  a: {advice: before}\n  b: {advice: before}\n  c: {advice: before}\n")
BAD = [
    # design, other changes, field, found, expected
    ("kind: mixed, operators: 8", [], "design.groups", "nothing", "the groups of a mixed design"),
    ("kind: factorial, operators: 8", [], "design.factors", "nothing", "the factors of a factorial design"),
    ("groups: {a: [alone]}, operators: 8", [], "design.groups", "groups in a within design", "`kind: mixed`"),
    (f"kind: between, factors: {{{FACTOR}}}, operators: 8", [], "design.factors", "in a between", "`kind: factorial`"),
    ("kind: mixed, groups: {a: [alone, advised, explaned], b: [explained, placebo]}, operators: 8", [],
     "design.groups.a.2", "'explaned'", "one of advised"),
    ("kind: mixed, groups: {a: [alone, advised, alone], b: [explained, placebo]}, operators: 8", [],
     "design.groups.a.2", "'alone' twice", "each condition once"),
    ("kind: mixed, groups: {a: [], b: [alone, advised, explained, placebo]}, operators: 8", [],
     "design.groups.a", "no condition", "at least one"),
    ("kind: mixed, groups: {a: [alone, advised], b: [alone, explained]}, operators: 8", [],
     "design.groups", "'placebo' in no group", "reached by nobody"),
    ("kind: factorial, operators: 8, factors: {help: {levels: {little: [alone, advised], much: [explained]}}}", [],
     "design.factors.help.levels", "'placebo' at no level of help", "reached by nobody"),
    ("kind: factorial, operators: 8, factors: {help: {levels: {little: [alone, advised], "
     "much: [advised, explained, placebo]}}}", [], "design.factors.help.levels", "'advised' at little and at much",
     "each condition at one level"),
    (f"kind: factorial, operators: 8, factors: {{{FACTOR}}}", [], "design.factors",
     "'advised' and 'alone' at help: little", "one condition for each"),
    (f"kind: factorial, operators: 8, factors: {{{FACTOR}, sort: {{levels: {{one: [alone, explained], "
     "other: [advised], third: [placebo]}}}", [], "design.factors", "no condition at help: little and sort: third",
     "one condition for each"),
    ("kind: mixed, groups: {a: [alone, advised], b: [explained, placebo]}, operators: 1", [],
     "design.operators", "1", "at least 2, or a condition is reached by nobody"),
    ("order: complete, operators: 8", [SEVEN], "design.order", "complete, of 7 conditions", "at most 6"),
    ("blocks: 7, operators: 8", [], "stimuli.items", "24", "at least 28, one for each block"),
    ("items_each: 25, operators: 8", [], "design.items_each", "25", "at most 24"),
    ("items_each: 3, operators: 8", [], "design.items_each", "3", "at least 4, one for each condition"),
    ("blocks: 6, operators: 8", [], "operators.attention_checks", "3", "at most 0"),
    ("sittings: {count: 5, days: 1}, operators: 8", [], "design.sittings.count", "5", "at most 4"),
    ("sittings: {count: 2, days: 7, within: 7}, operators: 8", [], "design.sittings.within", "7", "more than 7"),
    ("errors: {at: [2, 2]}, items_each: 12, operators: 8", [("accuracy: 0.75", "accuracy: 0.5")],
     "design.errors.at.1", "2 twice", "each place once"),
    ("errors: {at: [7]}, operators: 8", [("accuracy: 0.75", "accuracy: 1.0")],
     "design.errors.at.0", "7", "at most 6, the trials of the shortest block"),
    ("errors: {at: [2], none_among_first: 2}, operators: 8", [("accuracy: 0.75", "accuracy: 0.8333")],
     "design.errors.at.0", "2", "more than 2"),
    ("errors: {at: [2, 3, 4], most_in_a_row: 2}, operators: 8", [("accuracy: 0.75", "accuracy: 0.5")],
     "design.errors.at", "3 places in a row", "at most 2"),
    ("errors: {none_among_first: 7}, operators: 8", [], "design.errors.none_among_first", "7", "at most 6"),
    ("errors: {none_among_first: 5}, operators: 8", [], "design.errors", "none among the first 5, where blocks of 6 "
     "trials have 2 wrong advices", "fewer wrong advices"),
    ("errors: {none_among_first: 1, most_in_a_row: 1}, operators: 8", [("accuracy: 0.75", "accuracy: 0.25")],
     "design.errors", "none among the first 1 and at most 1 in a row", "a rule that so many can follow"),
    ("errors: {at: [1, 2]}, operators: 8", [(", predictor_accuracy: 0.75", ", complementarity: {both: 0.5, "
     "predictor: 0.25, neither: 0.25}, proxy: {architecture: vit_micro}")], "design.errors.at",
     "8 wrong advices among the 24 items", "6 wrong ones of 24"),
    ("assignment: {kind: stratified, by: [experience_task]}, operators: 8", [], "design.assignment.by",
     "experience_task, and no screening questionnaire", "which asks for it"),
    ("kind: between, assignment: {kind: stratified, by: [age, age]}, operators: 8", [SCREENING],
     "design.assignment.by.1", "'age' twice", "each question once"),
    ("assignment: {kind: minimisation, by: [age]}, operators: 8", [SCREENING], "design.assignment.kind",
     "all operators meet the same conditions", "stratified, or"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def who(tmp_path: Path) -> None:
    """A questionnaire of the study's own, to screen with."""
    (tmp_path / "questionnaires").mkdir()
    (tmp_path / "questionnaires" / "who.yaml").write_text(WHO, "utf-8")


@pytest.mark.parametrize(("design", "changes", "field", "found", "expected"), BAD)
def test_designs_that_cannot_be_are_refused(
    write_study: Write, design: str, changes: list[tuple[str, str]], field: str, found: str, expected: str
) -> None:
    problems = protocol.check(write_study((DESIGN, f"{{{design}}}"), *changes))
    assert {problem.field for problem in problems} == {field}
    assert problems[0].line is not None
    assert any(found in problem.found and expected in problem.expected for problem in problems), problems


def test_a_schedule_that_the_predictor_is_too_good_for_is_refused_once(write_study: Write) -> None:
    """12 wrong advices wanted, where 24 items with three quarters right have 6."""
    (problem,) = protocol.check(write_study((DESIGN, "{operators: 8, errors: {at: [1, 3, 5]}}")))
    assert "6 wrong" in problem.found
    assert "12" in problem.expected


@pytest.mark.parametrize(
    ("design", "changes", "field", "expected", "hint"),
    [
        ("operators: 18", [], "design.operators", "a multiple of 4, so that every order", "the next is 20"),
        ("order: complete, operators: 30", [], "design.operators", "a multiple of 24", "the next is 48"),
        ("kind: between, operators: 18", [], "design.operators", "so that all conditions have", "the next is 20"),
        ("kind: mixed, operators: 14, groups: {a: [alone, advised, placebo], b: [alone, explained]}", [],
         "design.operators", "a multiple of 12, so that every order of conditions of each group", "the next is 24"),
        (f"kind: factorial, operators: 9, order: fixed, factors: {{{FACTOR.replace('}}', '}, between: true}')}, "
         "sort: {levels: {one: [alone, explained], other: [advised, placebo]}}}", [], "design.operators",
         "a multiple of 2, so that all groups have", "the next is 10"),
        ("operators: 8, items_each: 4", [NO_CHECKS], "design.operators", "at least 24, so that every item is met", ""),
        ("operators: 24, items_each: 10", [], "design.items_each", "a multiple of 4, so that all conditions", "12"),
        ("operators: 8", [("items: 24", "items: 25")], "stimuli.items", "a multiple of 4", "the next is 28"),
        ("operators: 8, blocks: 5", [], "stimuli.items", "a multiple of 20, so that all blocks", "the next is 40"),
        ("operators: 8, errors: {most_in_a_row: 2}", [(", predictor_accuracy: 0.75", "")], "design.errors",
         "predictor_accuracy", ""),
    ],
)  # fmt: skip
def test_what_does_not_come_out_even_is_told(
    write_study: Write, design: str, changes: list[tuple[str, str]], field: str, expected: str, hint: str
) -> None:
    (warning,) = protocol.load(write_study((DESIGN, f"{{{design}}}"), *changes)).warnings
    assert warning.field == field
    assert expected in warning.expected
    assert hint in warning.hint


@pytest.mark.parametrize(
    ("design", "changes"),
    [
        ("kind: between, order: williams, operators: 20", []),
        ("operators: 24, items_each: 8, blocks: 2", [NO_CHECKS]),
        ("operators: 8, sittings: {count: 4, days: 1, within: 2}", []),
        ("operators: 8, errors: {none_among_first: 2, most_in_a_row: 1}", []),
        ("operators: 8, errors: {at: [1, 4]}", [("accuracy: 0.75", "accuracy: 0.6667")]),
        ("operators: 18, assignment: {kind: stratified, by: [age]}", [SCREENING]),
        ("kind: between, operators: 18, assignment: {kind: minimisation, by: [age]}", [SCREENING]),
    ],
)
def test_designs_that_come_out_even_are_not_spoken_of(
    write_study: Write, design: str, changes: list[tuple[str, str]]
) -> None:
    assert protocol.load(write_study((DESIGN, f"{{{design}}}"), *changes)).warnings == ()


def test_the_examples_of_the_page_are_designs() -> None:
    examples = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    kinds = {DesignSpec(**{"operators": 8} | yaml.safe_load(example)["design"]).kind for example in examples}
    assert kinds == {"within", "between", "mixed", "factorial"}
