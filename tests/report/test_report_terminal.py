"""The terminal's table is the page's, in plain text where nobody looks at colours."""

from __future__ import annotations

import io
from dataclasses import replace

import polars as pl
from rich.console import Console

from binome.analysis import Findings
from binome.report import Evidence, terminal


def printed(evidence: Evidence, language: str = "en", width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(terminal(evidence, language))
    return out.getvalue()


def test_one_line_a_measure_and_condition(evidence: Evidence) -> None:
    text = printed(evidence)
    assert "\x1b" not in text
    for row in evidence.analysis.measures.iter_rows(named=True):
        value = "–" if row["value"] is None else f"{row['value']:.3f}".replace("-", "−")
        found = [line.split() for line in text.splitlines() if f" {row['condition']} " in f" {line} "]
        assert any(value in line and f"{row['n']}" in line and f"{row['undefined']}" in line for line in found), row


def test_undefined_is_a_dash_and_nothing_is_cut(evidence: Evidence) -> None:
    text = printed(evidence)
    rair = next(line for line in text.splitlines() if line.startswith("RAIR"))
    assert rair.split() == ["RAIR", "alone", "–", "–", "0", "230"]
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_it_says_what_the_decisions_are(evidence: Evidence) -> None:
    assert "Simulated operators." in printed(evidence)
    assert "Opérateurs simulés." in printed(evidence, "fr")
    assert "23 operators, 920 decisions" in printed(evidence)
    assert "explained − advised" in printed(evidence)
    assert "condition[advised]" in printed(evidence)
    people = replace(evidence, analysis=replace(evidence.analysis, simulated=0.0))
    assert "Simulated" not in printed(people)


def test_analysis_and_evidence_print_alike_and_missing_parts_say_why(evidence: Evidence) -> None:
    out = io.StringIO()
    Console(file=out, width=80).print(terminal(evidence.analysis))
    assert out.getvalue() == printed(evidence)
    bare = replace(
        evidence.analysis, primary=None, primary_reason="no trials", model=None, model_reason="one condition"
    )
    text = printed(replace(evidence, analysis=bare))
    assert "none: no trials" in text
    assert "none: one condition" in text


def test_findings_print_what_was_declared_first_then_all_else(evidence: Evidence) -> None:
    biases = pl.DataFrame(
        {
            "bias": ["confirmation", "anchoring"], "group": ["advised", None], "against": [None, "advice_after"],
            "value": [0.2, None], "low": [0.1, None], "high": [0.3, None], "scale": ["difference"] * 2, "n": [10, 0],
            "undefined": [0, 0], "identifiable": [True, False], "reason": [None, "no_advice_first"],
            "needs": ["initial_answer", "both_orders"],
        }
    )  # fmt: skip
    found = Findings("t", "t.csv", evidence.analysis, None, pl.DataFrame(), biases=biases,
                     rejected=pl.DataFrame({"row": [2, 2, 5], "column": ["a", "b", "a"]}))  # fmt: skip
    out = io.StringIO()
    Console(file=out, width=80).print(terminal(found))
    text = out.getvalue()
    assert "2 rows of the file could not be used." in text
    assert text.index("Primary (confirmatory)") < text.index("Exploratory") < text.index("Mixed model")
    assert next(line for line in text.splitlines() if line.startswith("Confirmation")).split()[1:] == [
        "advised", "+0.200", "[0.100,", "0.300]",
    ]  # fmt: skip
    assert "1 more" in text
    assert "…" not in text
