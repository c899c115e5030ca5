"""One self-contained page in one language, from the findings."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from binome.analysis import Analysis, Relations
from binome.analysis.findings import Findings
from binome.core import Text, say
from binome.report import figures as shared
from binome.report.analysis import figures
from binome.report.analysis.sections import (
    accuracy,
    biases,
    confidence,
    course,
    head,
    measures,
    meeting,
    model,
    people,
    relations,
    reliance,
    trust,
)
from binome.report.analysis.sections.estimates import estimates
from binome.report.analysis.sections.missing import Missing, missing, reason
from binome.report.analysis.wording import Words
from binome.report.figures import Figure
from binome.report.page import OtherPage, Page
from binome.report.sections.answer import scale
from binome.report.sections.measures import by_condition, contrasts
from binome.report.sections.model import model as model_tables
from binome.report.tables import Table
from binome.report.templates import style, template

HERE = Path(__file__).parent
SECTIONS = (
    "accuracy", "reliance", "confidence", "course", "relations", "biases", "trust", "meeting", "measures", "model",
    "people", "made",
)  # fmt: skip
PARTS = (
    "calibration", "course", "relations", "biases", "trust", "mediation", "meeting", "with_excluded",
)  # fmt: skip
RELIANCE = (
    "overreliance", "underreliance", "rair", "rsr", "agreement", "switch_fraction", "reliance_resolution",
    "weight_of_advice",
)  # fmt: skip


def render(
    findings: Findings, words: Words, title: Text, other: OtherPage | None, by: str, report: str | None = None
) -> Page:
    """The page in the language of `words`.

    Args:
        findings: their columns already named `condition`.
        other: the same page in another language.
        by: the column that was compared, by its own name.
        report: the page of the study's report, where there is one.
    """
    analysis = findings.analysis
    drawn = _figures(findings, words)
    html = template(HERE / "analysis.html").render(
        w=words,
        a=analysis,
        by=by,
        other=other,
        report=report,
        title=say(title, words.language),
        source=Path(findings.source).name,
        version=version("binome"),
        style=Markup(style(HERE / "analysis.css")),
        sections=SECTIONS,
        looks=shared.looks(analysis.conditions),
        figures=drawn,
        why=_reasons(findings, words),
        head=head.head(findings, words),
        accuracy=accuracy.finding(analysis, words),
        contrasts=contrasts(analysis, words),
        reliance=reliance.finding(analysis, words),
        reliance_table=_reliance(analysis, words),
        confidence=None if findings.calibration is None else confidence.finding(findings.calibration, words),
        calibration_table=_calibration(findings, words),
        course=None if findings.course is None else course.finding(findings.course, words),
        course_table=_course(findings, words),
        relations=_relations(findings.relations, analysis.conditions, words),
        biases=_biases(findings.biases, words),
        trust=trust.shown(findings.trust, words),
        mediation=trust.mediation_shown(findings.mediation, words),
        meeting=meeting.shown(findings.meeting, words),
        measures=measures.finding(analysis, words),
        families=measures.families(analysis, words),
        visible=measures.OPEN,
        factors=measures.factors(findings, words),
        model=model_tables(analysis, words),
        model_said=model.finding(analysis, words),
        factorial=model.factorial(findings.factorial, words),
        no_model=reason(analysis.model_reason or "not_computed", words),
        people=_people(findings, words),
    )
    return Page(html, tuple(figure for figure in drawn.values() if figure is not None))


def _figures(findings: Findings, words: Words) -> dict[str, Figure | None]:
    analysis = findings.analysis
    conditions, note = analysis.conditions, words["simulated_note"] if analysis.simulated else ""
    related, mediated, whole = findings.relations, findings.mediation, findings.with_excluded
    return {
        "primary": _primary(analysis, words),
        "accuracy": shared.accuracy(
            analysis, accuracy.chance(analysis), accuracy.advice_accuracy(analysis), words, note
        ),
        "reliance": shared.reliance(analysis, words, note),
        "plane": shared.plane(analysis, words, note),
        "weight": shared.weight(analysis, words, note),
        "calibration": _if(findings.calibration, lambda t: figures.calibration(t, conditions, words, note)),
        "course": _if(findings.course, lambda t: figures.course(t, conditions, words, note)),
        "profiles": _if(related, lambda r: figures.profiles(r.shares, conditions, words, note)),
        "classes": _if(related, lambda r: figures.classes(r.members, words, note)),
        "streams": _if(related, lambda r: figures.streams(r.flow, conditions, words, note)),
        "biases": _if(findings.biases, lambda t: figures.biases(t, conditions, words, note)),
        "trust": _if(findings.trust, lambda t: figures.trust(t.calibration, words, note)),
        "paths": _if(mediated, lambda m: figures.paths(m, words, note)),
        "effects": _if(mediated, lambda m: figures.effects(m, words, note)),
        "sensitivity": _if(mediated, lambda m: figures.sensitivity(m, words, note)),
        "meeting": _if(findings.meeting, lambda m: figures.meeting(m, words, note)),
        "odds": _if(analysis.model, lambda m: shared.odds(m, conditions, words, note)),
        "participants": figures.participants(findings.flow, words, note),
        "exclusions": _if(whole, lambda o: figures.exclusions(analysis.measures, o.measures, conditions, words, note)),
    }


def _if(found: Any, paint: Any) -> Figure | None:
    figure: Figure | None = None if found is None else paint(found)
    return figure


def _primary(analysis: Analysis, words: Words) -> Figure | None:
    if analysis.primary is None:
        return None
    shown = scale(analysis.primary["measure"][0])
    return shared.primary(analysis.primary, shown.factor, words[f"{shown.unit}_axis"], words)


def _reasons(findings: Findings, words: Words) -> dict[str, Missing]:
    """Why parts are missing, for those that are."""
    return {part: missing(findings, part, words) for part in PARTS if getattr(findings, part) is None}


def _reliance(analysis: Analysis, words: Words) -> Table | None:
    present = set(analysis.measures["measure"])
    names = [name for name in RELIANCE if name in present]
    return (
        by_condition(
            analysis, words, why=measures.why(analysis), primary=None, names=names, caption=words["section_reliance"]
        )
        if names
        else None
    )


def _calibration(findings: Findings, words: Words) -> Table | None:
    if findings.calibration is None:
        return None
    columns = ["condition", "from", "to", "confidence"]
    return estimates(findings.calibration, columns, words["calibration_caption"], words)


def _course(findings: Findings, words: Words) -> Table | None:
    if findings.course is None:
        return None
    counted = findings.course.with_columns(pl.col("first", "last") + 1)
    return estimates(counted, ["measure", "condition", "first", "last"], words["course_caption"], words)


def _relations(found: Relations | None, conditions: tuple[str, ...], words: Words) -> dict[str, Any] | None:
    if found is None:
        return None
    shares = found.shares.drop_nulls("value")
    return {
        "said": relations.finding(found, conditions, words),
        "coding": relations.coding(found, words),
        "shares": None
        if shares.is_empty()
        else estimates(shares, ["condition", "relation"], words["profiles_title"], words),
        "evidence": relations.evidence_table(found, words),
        "classes_said": relations.classes_said(found, words),
        "classes": relations.class_table(found, words),
        "flow": relations.flow_table(found, words),
        "no_flow": reason(found.reasons.get("flow", "too_few_to_follow"), words),
        "between": relations.between_table(found, words),
    }


def _biases(found: pl.DataFrame | None, words: Words) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "said": biases.finding(found, words),
        "sentences": biases.sentences(found, words),
        "table": biases.bias_table(found, words),
        "unknown": biases.unknown(found, words),
    }


def _people(findings: Findings, words: Words) -> dict[str, Any]:
    return {
        "said": people.finding(findings, words),
        "flow": people.flow_table(findings, words),
        "rejected": people.rejected(findings, words),
        "changed": people.changed(findings, words),
        "side_by_side": people.side_by_side(findings, words),
    }
