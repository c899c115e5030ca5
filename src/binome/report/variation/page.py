"""One self-contained page in one language, from the findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
from markupsafe import Markup

from binome.core import Text, say
from binome.report import figures as shared
from binome.report.figures import Figure
from binome.report.page import OtherPage, Page
from binome.report.templates import style, template
from binome.report.variation import figures
from binome.report.variation.findings import Findings
from binome.report.variation.maps import CIVIDIS, MAGMA
from binome.report.variation.sections import agreement, choice, drill, head, making, quality, stability, variance
from binome.report.variation.wording import Words

HERE = Path(__file__).parent
SECTIONS = ("choice", "variance", "agreement", "quality", "where", "items", "made")
VISIBLE_MEASURES = 2
"""Measures of agreement that are shown at once; the others open on demand."""


@dataclass(frozen=True)
class Pictures:
    """What is the same in every language, and takes time to draw."""

    places: tuple[stability.Place, ...]
    pixels: pl.DataFrame
    items: tuple[drill.Illustrated, ...]

    @classmethod
    def of(cls, findings: Findings) -> Pictures:
        return cls(stability.places(findings), stability.data(findings), drill.illustrated(findings))


def render(
    findings: Findings,
    pictures: Pictures,
    words: Words,
    title: Text,
    other: OtherPage | None,
    report: str | None = None,
) -> Page:
    """The page in the language of `words`, linked to the `other` one, and to the study's `report`."""
    methods, controls = findings.methods, findings.controls
    heat = quality.heat(findings, words)
    places = pictures.places
    drawn: dict[str, Figure | None] = {
        "choice": figures.choice(findings.choice, controls, words) if len(methods) > 1 else None,
        "parts": figures.parts(findings.components, methods, words),
        "facets": figures.facets(findings.meant(findings.facets), findings.overall, words),
        "dependability": figures.dependability(findings.dependability, methods, words),
        "curves": figures.curves(findings.meant(findings.decisions), methods, words),
        "concordance": figures.concordance(findings.ranking, words),
        "differences": figures.differences(findings.differences, "all", controls, words),
    }
    agreements = [
        (measure, _matrix(findings, measure, words), figures.alike(findings.agreements, measure, controls, words))
        for measure in agreement.measures(findings)
    ]
    by_metric = [
        (metric, figures.differences(findings.differences, metric, controls, words, wide=False))
        for metric in findings.metrics["metric"]
    ]
    pixels = [figures.pixels(place, i + 1, pictures.pixels, words) for i, place in enumerate(places)]
    html = template(HERE / "variation.html").render(
        w=words,
        f=findings,
        other=other,
        report=report,
        title=say(title, words.language),
        style=Markup(style(HERE / "variation.css")),
        sections=SECTIONS,
        figures=drawn,
        head=head.head(findings, words),
        choice=choice.finding(findings, words),
        criteria=choice.criteria(findings, words),
        variance=variance.findings_said(findings, words),
        within=variance.within(findings, words),
        needed=variance.needed(findings, words),
        advice=variance.advice(findings, words),
        agreement=agreement.finding(findings, words),
        agreements=[(name, matrix, rows) for name, matrix, rows in agreements if matrix or rows],
        visible=VISIBLE_MEASURES,
        quality=quality.finding(findings, words),
        heat=heat,
        worth=quality.scores_worth(findings, words),
        by_setting=quality.by_setting(findings, words),
        by_metric=[(metric, figure) for metric, figure in by_metric if figure is not None],
        where=stability.finding(findings, words),
        places=places,
        items=drill.finding(findings, words),
        specimens=drill.specimens(pictures.items, findings, words),
        making=making.making(findings, words),
        magma=MAGMA,
        cividis=CIVIDIS,
    )
    every = [
        *drawn.values(),
        *(figure for _, matrix, rows in agreements for figure in (matrix, rows)),
        *(figure for _, figure in by_metric),
        figures.heat(heat, findings.summary, words) if heat else None,
        *pixels,
    ]
    return Page(html, tuple(figure for figure in every if figure is not None))


def _matrix(findings: Findings, measure: str, words: Words) -> Figure | None:
    """Agreement between methods, as in the report."""
    between = findings.agreements.filter(
        (pl.col("facet") == "method") & (pl.col("reference") == "") & pl.col("value").is_not_null()
    )
    return shared.agreement(between, measure, findings.methods, findings.controls, words)
