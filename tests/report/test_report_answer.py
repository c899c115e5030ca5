"""The answer in words, and the tables' sentences, follow from the numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from binome.report import Evidence
from binome.report.sections.answer import answer, scale
from binome.report.sections.conditions import conditions
from binome.report.sections.explanations import gallery
from binome.report.sections.measures import contrasts
from binome.report.sections.model import model
from binome.report.wording import wording

EN, FR = wording("en"), wording("fr")


def with_primary(evidence: Evidence, measure: str = "accuracy", /, **numbers: Any) -> Evidence:
    """The evidence with another result of the primary contrast."""
    table = evidence.analysis.primary
    assert table is not None
    table = table.with_columns(pl.lit(value, pl.Float64).alias(name) for name, value in numbers.items())
    table = table.with_columns(measure=pl.lit(measure))
    primary = evidence.study.analysis.primary
    assert primary is not None
    declared = evidence.study.analysis.model_copy(update={"primary": primary.model_copy(update={"measure": measure})})
    study = evidence.study.model_copy(update={"analysis": declared})
    return replace(evidence, study=study, analysis=replace(evidence.analysis, primary=table))


@pytest.mark.parametrize(
    ("numbers", "english", "french"),
    [
        (
            {"value": 0.027, "low": -0.015, "high": 0.069, "p": 0.227},
            "No clear difference in accuracy between “explained” and “advised”.",
            "Exactitude\xa0: pas de différence nette entre «\xa0explained\xa0» et «\xa0advised\xa0».",
        ),
        (
            {"value": 0.08, "low": 0.02, "high": 0.14, "p": 0.0004},
            "Accuracy was higher with “explained” than with “advised”.",
            "Exactitude\xa0: valeur plus haute avec «\xa0explained\xa0» qu’avec «\xa0advised\xa0».",
        ),
        (
            {"value": -0.08, "low": -0.14, "high": -0.02, "p": 0.01},
            "Accuracy was lower with “explained” than with “advised”.",
            "Exactitude\xa0: valeur plus basse avec «\xa0explained\xa0» qu’avec «\xa0advised\xa0».",
        ),
    ],
)
def test_the_verdict_follows_the_interval(
    evidence: Evidence, numbers: dict[str, float], english: str, french: str
) -> None:
    changed = with_primary(evidence, **numbers)
    assert answer(changed, EN).verdict == english
    assert answer(changed, FR).verdict == french
    holds_zero = numbers["low"] <= 0 <= numbers["high"]
    assert answer(changed, EN).detail[-1] == EN["detail_zero" if holds_zero else "detail_beyond"]


def test_the_details_are_the_numbers(evidence: Evidence) -> None:
    changed = with_primary(evidence, value=0.027, low=-0.015, high=0.069, p=0.0004)
    own = evidence.analysis.measures.filter(pl.col("measure") == "accuracy")
    values = dict(zip(own["condition"], own["value"], strict=True))
    values_said, difference, _ = answer(changed, EN).detail
    assert f"With “explained”: {100 * values['explained']:.1f}%" in values_said
    assert difference == "Difference: +2.7 points, 95% interval [−1.5, +6.9], p\u00a0<\u00a00.001."
    assert "+2,7 points" in answer(changed, FR).detail[1]


def test_an_interval_that_touches_zero_settles_nothing(evidence: Evidence) -> None:
    assert "No clear difference" in answer(with_primary(evidence, value=0.05, low=0.0, high=0.1), EN).verdict


def test_an_undefined_primary_is_said_to_be(evidence: Evidence) -> None:
    undefined = answer(with_primary(evidence, value=None, low=None, high=None, p=None), EN)
    assert undefined.verdict == "Accuracy cannot be compared between “explained” and “advised”."
    without_interval = answer(with_primary(evidence, value=0.1, low=None, high=None), EN)
    assert without_interval.verdict == undefined.verdict
    missing = replace(evidence, analysis=replace(evidence.analysis, primary=None, primary_reason="no such trials"))
    assert answer(missing, EN).detail == ("no such trials",)


def test_without_a_primary_everything_is_exploratory(evidence: Evidence) -> None:
    declared = evidence.study.analysis.model_copy(update={"primary": None})
    bare = replace(evidence, study=evidence.study.model_copy(update={"analysis": declared}))
    found = answer(bare, EN)
    assert (found.question, found.verdict, found.detail) == ("", EN["verdict_missing"], ())


def test_differences_are_said_in_their_unit(evidence: Evidence) -> None:
    assert scale("accuracy").said(0.05, EN) == "+5.0 points"
    assert scale("complementarity").said(-0.05, EN) == "−5.0 points"
    assert scale("decision_time").said(1.234, FR) == "+1,23 s"
    assert scale("brier").said(0.1, EN) == "+0.100"
    changed = with_primary(evidence, "rair", value=0.1, low=0.05, high=0.15)
    assert answer(changed, EN).verdict.startswith("RAIR was higher")
    assert "RAIR" in answer(changed, EN).question


def test_conditions_are_described(evidence: Evidence) -> None:
    said = dict(conditions(evidence, EN))
    assert said["alone"] == "Decides without help."
    assert "a heat map shows why (integrated gradients)" in said["explained"]
    assert "placebo heat map" in said["placebo"]
    undeclared = replace(evidence, analysis=replace(evidence.analysis, conditions=("all",)))
    assert conditions(undeclared, EN) == [("all", "")]


def test_contrasts_are_all_pairs_with_holm(evidence: Evidence) -> None:
    table = contrasts(evidence.analysis, EN)
    assert len(table.rows) == 6
    row = evidence.analysis.contrasts.to_dicts()[0]
    assert table.rows[0][1].text == f"{EN.signed(100 * row['value'], 1)} points"
    assert table.rows[0][4].text == EN.bare_p(row["p_holm"])


def test_a_model_that_failed_says_so(evidence: Evidence) -> None:
    fit = evidence.analysis.model
    assert fit is not None
    broken = replace(fit, converged=False, singular=True, messages=("beware",))
    shown = model(replace(evidence.analysis, model=broken), EN)
    assert shown is not None
    assert not shown.sound
    assert EN["model_failed"] in shown.state
    assert EN["model_singular"] in shown.state
    assert shown.warnings == ("beware",)
    nulls = fit.fixed.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("low", "high", "odds_ratio"))
    dashes = model(replace(evidence.analysis, model=replace(fit, fixed=nulls)), EN)
    assert dashes is not None
    assert {row[6].text for row in dashes.fixed.rows} == {"–"}


def test_the_gallery_shows_a_right_and_a_wrong_advice(evidence: Evidence) -> None:
    shown = gallery(evidence, FR)
    assert [exhibit.right for exhibit in shown] == [True, False]
    assert [overlay.name for overlay in shown[0].overlays] == ["ig", "rollout", "sham"]
    # The most confident right advice is on item 36 (class cat, 0.86), the most confident wrong one on item 39.
    assert "cat (fr), sûr à 86" in shown[0].caption
    assert "sûr à 89" in shown[1].caption
    assert all(overlay.picture.startswith("data:image/png;base64,") for overlay in shown[0].overlays)
    assert shown[0].picture != shown[0].overlays[0].picture
