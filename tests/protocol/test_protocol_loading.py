"""`load` and `check`: every kind of bad input is refused with its line, field and mend."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from binome import protocol
from binome.core import StudyError

Write = Callable[..., Path]
ROOT = Path(__file__).parents[2]

# The study folder's example in the design document, to the letter.
EXAMPLE = """\
binome: 1
study: fashion-pilot
title: {en: Sorting clothes with a machine, fr: Trier des vêtements avec une machine}
context: {name: fashion, operator_view: {blur: 1.0}, predictor_view: {crop: 0.8}}
predictor: {architecture: vit_micro, epochs: 5, seed: 0}
explanations:
  ig:      {method: integrated_gradients, steps: 64}
  rollout: {method: attention_rollout}
  placebo: {method: shuffled, of: ig}
stimuli: {items: 40, predictor_accuracy: 0.7, balance: [truth], seed: 3}
conditions:
  alone:     {advice: none}
  advised:   {advice: after_initial, confidence: true}
  explained: {advice: after_initial, confidence: true, explanation: ig}
  placebo:   {advice: after_initial, confidence: true, explanation: placebo}
  delegated: {advice: none, delegation: true}
design: {kind: within, order: williams, operators: 40}
operators: {languages: [fr, en], consent: consent.md, practice: 4, attention_checks: 2}
questionnaires: {before: [demographics], after_block: [raw_tlx], after: [explanation_satisfaction]}
analysis: {primary: {measure: accuracy, contrast: [explained, advised]}, measures: [rair, rsr, overreliance]}
"""


def test_the_designs_example_loads_with_its_consent_alone(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(EXAMPLE, "utf-8")
    (tmp_path / "consent.md").write_text("You may stop.\n", "utf-8")
    loaded = protocol.load(tmp_path)
    assert list(loaded.study.conditions) == ["alone", "advised", "explained", "placebo", "delegated"]
    assert set(loaded.questionnaires) == {"demographics", "raw_tlx", "explanation_satisfaction"}
    assert loaded.consent["fr"] == loaded.consent["en"]
    assert [warning.field for warning in loaded.warnings] == ["operators.consent"]
    assert protocol.load(tmp_path / "study.yaml") == loaded
    assert (loaded.folder, loaded.source) == (tmp_path, tmp_path / "study.yaml")


@pytest.mark.parametrize("study", sorted(path.parent for path in (ROOT / "studies").glob("*/study.yaml")))
def test_shipped_studies_load_without_a_warning(study: Path) -> None:
    assert protocol.load(study).warnings == ()


BAD = [
    # old, new, line, field, found, expected, hint
    ("predictor:", "predicter:", 5, "predicter", "unknown key", "predictor", "did you mean 'predictor'?"),
    ("practice: 2", "practise: 2", 16, "operators.practise", "unknown key", "practice", "did you mean 'practice'?"),
    ("items: 24", "items: many", 9, "stimuli.items", "'many'", "a whole number", ""),
    ("0.75", "1.5", 9, "stimuli.predictor_accuracy", "1.5", "at most 1", ""),
    ("items: 24, ", "", 9, "stimuli.items", "nothing", "this key", ""),
    ("study: small\n", "", 1, "study", "nothing", "this key", ""),
    ("williams", "wiliams", 15, "design.order", "'wiliams'", "latin", "did you mean 'williams'?"),
    ("explanation: ig", "explanation: igs", 13, "conditions.explained.explanation", "'igs'", "one of ig", "ig"),
    ("of: ig", "of: igg", 8, "explanations.placebo.of", "'igg'", "one of ig", "did you mean 'ig'?"),
    ("of: ig", "of: placebo", 8, "explanations.placebo.of", "itself", "not made from this", ""),
    ("[sus]", "[suss]", 17, "questionnaires.after.0", "'suss'", "sus", "did you mean 'sus'?"),
    ("[explained,", "[explaned,", 18, "analysis.primary.contrast.0", "'explaned'", "one of", "'explained'?"),
    ("[explained, advised]", "[advised, advised]", 18, "analysis.primary.contrast", "twice", "two conditions", ""),
    ("[explained, advised]", "[explained]", 18, "analysis.primary.contrast", "1 entries", "at least 2", ""),
    ("analysis: {", "analysis: {interval: bca, draw: operators_and_items, ", 18, "analysis.interval", "bca",
     "percentile", ""),
    ("[en, fr], p", "[en, fx], p", 16, "operators.languages.1", "'fx'", "fr, or its words in languages/fx.yaml", ""),
    ("study: small", "study: on", 2, "study", "True", "a text", "YAML reads"),
    ("operators: 16", "operators: true", 15, "design.operators", "True", "a whole number", ""),
    ("practice: 2", 'practice: "2"', 16, "operators.practice", "'2'", "a whole number", ""),
    ("practice: 2", "completion_url: app.example/done", 16, "operators.completion_url", "app.example", "https://", ""),
    ("practice: 2", 'completion_url: "javascript:alert(1)"', 16, "operators.completion_url", "alert", "https://", ""),
    ("practice: 2", "breaks: .inf", 16, "operators.breaks", "inf", "a finite number", ""),
    ("0.75", ".nan", 9, "stimuli.predictor_accuracy", "nan", "a finite number", ""),
    ("alone: {advice: none}", "alone: {advice: no}", 11, "conditions.alone.advice", "False", "one of none", "YAML"),
    ("alone: {advice: none}", "alone: {confidence: true}", 11, "conditions.alone.confidence", "without advice", "", ""),
    ("confidence: true}\n", "confidence: perhaps}\n", 12, "conditions.advised.confidence", "'perhaps'", "true or", ""),
    ("  alone:", "  Alone:", 11, "conditions.Alone", "'Alone'", "lower-case", ""),
    ("items: 24", "items: 3", 9, "stimuli.items", "3", "at least 4", ""),
    ("attention_checks: 3", "attention_checks: 21", 16, "operators.attention_checks", "21", "at most 20", ""),
    ("kind: within, order: williams, operators: 16", "kind: between, operators: 3", 15, "design.operators", "3",
     "reached by nobody", ""),
    ("practice: 2", "consent: agree.md", 16, "operators.consent", "agree.md", "a text there", ""),
    ("binome: 1", "binome: 2", 1, "binome", "2", "1", ""),
    ("predictor_accuracy: 0.75", "balance: [advice]", 9, "stimuli.balance.0", "'advice'", "truth", ""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "field", "found", "expected", "hint"), BAD)
def test_bad_values_are_refused_where_they_stand(
    write_study: Write, old: str, new: str, line: int, field: str, found: str, expected: str, hint: str
) -> None:
    folder = write_study((old, new))
    problems = {problem.field: problem for problem in protocol.check(folder)}
    assert field in problems, problems
    problem = problems[field]
    assert problem.file == str(folder / "study.yaml")
    assert problem.line == line
    assert found in problem.found
    assert expected in problem.expected
    assert hint in problem.hint
    assert len(problems) == (2 if old == "predictor:" else 1)
    with pytest.raises(StudyError):
        protocol.load(folder)


def test_two_conditions_of_one_name_name_both_lines(write_study: Write) -> None:
    (problem,) = protocol.check(write_study(("  advised:", "  alone:"), ("[explained, advised]", "[explained, alone]")))
    assert (problem.field, problem.line) == ("conditions.alone", 12)
    assert problem.found == "two conditions of one name (lines 11 and 12)"


def test_all_problems_come_together_in_the_order_of_the_file(write_study: Write) -> None:
    folder = write_study(
        ("epochs: 2}", "epochs: 2, seed: x}"), ("of: ig", "of: gig"), ("items: 24,", "items: 24, item: 3,"),
        ("explanation: ig", "explanation: ij"), ("[sus]", "[saas]"),
    )  # fmt: skip
    (folder / "consent.md").unlink()
    assert [(problem.line, problem.field) for problem in protocol.check(folder)] == [
        (5, "predictor.seed"), (8, "explanations.placebo.of"), (9, "stimuli.item"),
        (13, "conditions.explained.explanation"), (16, "operators.consent"), (17, "questionnaires.after.0"),
    ]  # fmt: skip


def test_a_malformed_value_is_told_once(write_study: Write) -> None:
    folder = write_study(
        ("explained: {advice: after_initial, confidence: true,", "explained: {advice: after, confidence: true,")
    )
    assert [problem.field for problem in protocol.check(folder)] == ["conditions.explained.advice"]


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("", 1, "empty"),
        ("- a\n- b\n", 1, "no mapping"),
        ("study: [a\ntitle: b\n", 2, "expected"),
        ("study: a\n\ttitle: b\n", 2, "cannot start any token"),
        ("a: &x\n  b: *x\n", 2, "alias"),
        ("a: \x01\n", None, "unacceptable"),
    ],
)
def test_files_that_are_not_yaml(tmp_path: Path, text: str, line: int | None, found: str) -> None:
    (tmp_path / "study.yaml").write_text(text, "utf-8")
    (problem,) = protocol.check(tmp_path)
    assert problem.line == line
    assert found in problem.found


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (problem,) = protocol.check(tmp_path / "nowhere")
    assert "study.yaml" in problem.file
    (tmp_path / "study.yaml").write_bytes(b"study: \xff\n")
    assert "UTF-8" in protocol.check(tmp_path)[0].expected


def test_known_names_are_checked_where_given(write_study: Write) -> None:
    folder = write_study()
    assert protocol.check(folder, protocol.Known(contexts=["digits"], architectures=["vit_micro"])) == []
    known = protocol.Known(["digit"], ["shuffled"], ["deletion"], ["spearman"], ["rair"], ["vit"])
    assert {problem.field: problem.hint for problem in protocol.check(folder, known)} == {
        "context.name": "did you mean 'digit'?",
        "predictor.architecture": "",
        "explanations.ig.method": "",
        "variation.metrics.1": "did you mean 'deletion'?",
        "variation.agreements.1": "",
        "analysis.measures.0": "",
        "analysis.primary.measure": "",
    }


def test_designs_that_do_not_come_out_even_are_warned_of(write_study: Write) -> None:
    folder = write_study(("operators: 16", "operators: 18"), ("items: 24", "items: 25"), (", fr: Petit", ""))
    warnings = protocol.load(folder).warnings
    assert {warning.field for warning in warnings} == {"design.operators", "stimuli.items", "title"}
    folder = write_study(("kind: within", "kind: between"), ("operators: 16", "operators: 18"))
    assert [warning.field for warning in protocol.load(folder).warnings] == ["design.operators"]


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("attention_failed: 4", "4, where each operator has 3 attention checks"),
        ("attention_failed: 3", None),
        ("slow_minutes: 2", "2, where the steps take about"),
        ("slow_minutes: 90", None),
    ],
)
def test_rules_that_leave_out_nobody_or_nearly_all_are_warned_of(
    write_study: Write, rule: str, found: str | None
) -> None:
    warnings = protocol.load(write_study(("practice: 2", f"practice: 2, exclude: {{{rule}}}"))).warnings
    assert [warning.found.startswith(found or "") for warning in warnings] == [True] * (found is not None)
    assert all(warning.field == f"operators.exclude.{rule.partition(':')[0]}" for warning in warnings)


def test_consent_in_one_language_is_warned_of_and_none_refused(write_study: Write) -> None:
    folder = write_study()
    assert protocol.load(folder).consent["fr"].blocks[0].text == "Accord"
    (folder / "consent.fr.md").unlink()
    loaded = protocol.load(folder)
    assert loaded.consent["fr"].blocks[0].text == "Consent"
    assert "consent.fr.md" in loaded.warnings[0].found
    (folder / "consent.md").write_text("text with **bold**\n\n1. one\n", "utf-8")
    assert [(p.file, p.line) for p in protocol.check(folder)] == [
        (str(folder / "consent.md"), 1),
        (str(folder / "consent.md"), 3),
    ]


def test_problems_point_at_fields(write_study: Write) -> None:
    problem = protocol.load(write_study()).problem("stimuli.predictor_accuracy", "0.75", "at most 0.7")
    assert problem.line == 9


def test_the_published_schema_is_current() -> None:
    published = ROOT / "docs" / "reference" / "study.schema.json"
    assert published.read_text("utf-8") == protocol.schema_json()


def test_the_import_reaches_nothing_heavy() -> None:
    code = (
        "import sys, binome.protocol; print([m for m in ('torch', 'numpy', 'polars', 'fastapi') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
