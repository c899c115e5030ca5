"""One self-contained page in one language, from the evidence."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from binome.core import say
from binome.protocol import say_tolerance, suffix
from binome.report import figures
from binome.report.evidence import Evidence
from binome.report.figures import Figure
from binome.report.items import item_means
from binome.report.sections import explanations, making, measures, people, predictor
from binome.report.sections.answer import answer, scale
from binome.report.sections.conditions import conditions
from binome.report.sections.model import model
from binome.report.templates import HERE, style, template
from binome.report.wording import Wording

SECTIONS = (
    "accuracy", "measures", "reliance", "model", "explanations", "predictor", "people", "made", "limits",
)  # fmt: skip


@dataclass(frozen=True)
class OtherPage:
    """The same report in another language."""

    file: str
    language: str


@dataclass(frozen=True)
class Page:
    """A rendered page, and the figures on it."""

    html: str
    figures: tuple[Figure, ...]


def render(evidence: Evidence, words: Wording, other: OtherPage | None, varied: str | None = None) -> Page:
    """The page in the language of `words`, linked to the `other` one, and to the variation study's in `varied`."""
    drawn, agreements = _figures(evidence, words), _agreements(evidence, words)
    legend, number = evidence.stimuli.legend, evidence.stimuli.task.number
    html = template(HERE / "report.html").render(
        w=words,
        e=evidence,
        a=evidence.analysis,
        other=other,
        varied=varied,
        title=say(evidence.study.title, words.language),
        style=Markup(style()),
        sections=SECTIONS,
        looks=figures.looks(evidence.analysis.conditions),
        figures=drawn,
        agreements=agreements,
        answer=answer(evidence, words),
        conditions=conditions(evidence, words),
        measures=measures.measures(evidence, words),
        contrasts=measures.contrasts(evidence.analysis, words),
        model=model(evidence.analysis, words),
        cards=explanations.cards(evidence, words),
        gallery=explanations.gallery(evidence, words),
        legend={
            "low": say(legend.low, words.language),
            "high": say(legend.high, words.language),
            "colours": legend.colours,
        },
        facts=predictor.facts(evidence.card, evidence.stimuli.task, words),
        case=suffix(evidence.stimuli),
        tolerance="" if number is None else say_tolerance(number, words.language),
        shown_accuracy=predictor.shown_accuracy(evidence),
        people=people.people(evidence, words),
        making=making.making(evidence, words),
    )
    present = [figure for figure in (*drawn.values(), *(figure for _, figure in agreements)) if figure is not None]
    return Page(html, tuple(present))


def _figures(evidence: Evidence, words: Wording) -> dict[str, Figure | None]:
    analysis, card = evidence.analysis, evidence.card
    names = [explanation.name for explanation in evidence.stimuli.explanations]
    note = words["simulated_note"] if analysis.simulated else ""
    means = item_means(evidence.scores, ["metric", "explanation"])
    choices = len(evidence.stimuli.task.decisions)
    chance = 1 / choices if choices else None
    return {
        "primary": _primary(evidence, words),
        "accuracy": figures.accuracy(analysis, chance, predictor.shown_accuracy(evidence), words, note),
        "plane": figures.plane(analysis, words, note),
        "weight": figures.weight(analysis, words, note),
        "reliance": figures.reliance(analysis, words, note),
        "odds": figures.odds(analysis.model, analysis.conditions, words, note) if analysis.model else None,
        "scores": figures.scores(means, names, _controls(evidence), words),
        "recall": figures.recall(card, words),
        "reliability": figures.reliability(card, words),
        "confusion": figures.confusion(card, words),
    }


def _primary(evidence: Evidence, words: Wording) -> Figure | None:
    table = evidence.analysis.primary
    if table is None:
        return None
    shown = scale(table["measure"][0])
    return figures.primary(table, shown.factor, words[f"{shown.unit}_axis"], words)


def _agreements(evidence: Evidence, words: Wording) -> list[tuple[str, Figure]]:
    """Each measure of agreement with its figure."""
    names = [explanation.name for explanation in evidence.stimuli.explanations]
    means = item_means(evidence.agreements, ["a", "b", "measure"])
    drawn = [
        (measure, figures.agreement(means, measure, names, _controls(evidence), words))
        for measure in means["measure"].unique(maintain_order=True)
    ]
    return [(measure, figure) for measure, figure in drawn if figure is not None]


def _controls(evidence: Evidence) -> set[str]:
    return {card.name for card in evidence.stimuli.explanations if card.control}
