"""One self-contained page in one language, from the evidence."""

from __future__ import annotations

import base64
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
from markupsafe import Markup

from binome.core.text import say
from binome.report import figures
from binome.report.evidence import Evidence
from binome.report.wording import Wording

TEMPLATES = Path(__file__).parent
GALLERY = 4


def render(evidence: Evidence, words: Wording, other: str) -> tuple[str, list[figures.Figure]]:
    """The page, and the figures on it; `other` is the file name of the page in the other language."""
    names = [card.name for card in evidence.stimuli.explanations]
    controls = {card.name for card in evidence.stimuli.explanations if card.control}
    analysis, card = evidence.analysis, evidence.card
    drawn = {
        "accuracy": figures.accuracy(analysis, 1 / len(evidence.stimuli.task.decisions), words),
        "plane": figures.plane(analysis, words),
        "reliance": figures.reliance(analysis, words),
        "odds": figures.odds(analysis.model, words) if analysis.model else None,
        "scores": figures.scores(evidence.scores, names, controls, words),
        "agreement": figures.agreement(evidence.agreements, names, controls, words),
        "recall": figures.recall(card, words),
        "reliability": figures.reliability(card, words),
    }
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(figure=_figure)
    page = environment.get_template("report.html").render(
        w=words,
        e=evidence,
        a=analysis,
        other=other,
        title=say(evidence.study.title, words.language),
        style=Markup((TEMPLATES / "report.css").read_text("utf-8")),
        figures=drawn,
        answer=answer(evidence, words),
        primary=evidence.study.analysis.primary,
        measures=measure_rows(analysis.measures, list(analysis.conditions), words),
        gallery=_gallery(evidence, words),
        names=names,
        controls=controls,
        people=_people(evidence, words),
        predictor=_predictor(card, words),
    )
    return page, [figure for figure in drawn.values() if figure is not None]


def answer(evidence: Evidence, words: Wording) -> str:
    """The primary contrast as one sentence made from its numbers."""
    spec, found = evidence.study.analysis.primary, evidence.analysis.primary
    if spec is None:
        return words["answer_missing"]
    names = {"measure": words.measure(spec.measure), "first": spec.contrast[0], "second": spec.contrast[1]}
    row: dict[str, Any] = found.to_dicts()[0] if found is not None else {"value": None, "low": None}
    if row["value"] is None or row["low"] is None:
        return words.say("answer_undefined", **names)
    interval = words.interval(row["value"], row["low"], row["high"])
    difference = words.say("difference", interval=interval, p=words.p(row["p"]))
    if row["low"] <= 0 <= row["high"]:
        return words.say("answer_none", **names, difference=difference)
    return words.say("answer_up" if row["value"] > 0 else "answer_down", **names, difference=difference)


def measure_rows(table: pl.DataFrame, conditions: Sequence[str], words: Wording) -> list[dict[str, Any]]:
    """One row a measure, one cell a condition: text and count."""
    rows = []
    for name in table["measure"].unique(maintain_order=True):
        cells = []
        for condition in conditions:
            found = table.filter((pl.col("measure") == name) & (pl.col("condition") == condition)).to_dicts()
            row = found[0] if found else {"value": None, "low": None, "high": None, "n": 0, "undefined": 0}
            cells.append(
                {
                    "value": words.number(row["value"]),
                    "interval": words.interval(row["value"], row["low"], row["high"]).partition(" ")[2],
                    "n": row["n"],
                    "undefined": row["undefined"],
                }
            )
        rows.append({"name": words.measure(name), "cells": cells})
    return rows


def _figure(figure: figures.Figure | None) -> Markup:
    if figure is None:
        return Markup("")
    return Markup('<div class="figure" role="img" aria-label="{}">{}</div>').format(figure.alt, Markup(figure.svg))


def _gallery(evidence: Evidence, words: Wording) -> list[dict[str, Any]]:
    """A few trial items, right and wrong advice in turn, with every explanation laid over the picture."""
    labels = {decision.id: say(decision.label, words.language) for decision in evidence.stimuli.task.decisions}
    trials = sorted(evidence.stimuli.by_role("trial"), key=lambda item: item.id)
    right = [item for item in trials if item.truth == item.advice]
    wrong = [item for item in trials if item.truth != item.advice]
    chosen = [item for pair in zip(right, wrong, strict=False) for item in pair][:GALLERY] or trials[:GALLERY]
    return [
        {
            "image": _data_uri(evidence, item.image),
            "overlays": [_data_uri(evidence, item.explanations[name]) for name in item.explanations],
            "names": list(item.explanations),
            "right": item.truth == item.advice,
            "caption": words.say(
                "gallery_item",
                truth=labels[item.truth],
                advice=labels[item.advice],
                confidence=words.number(100 * item.advice_confidence, 0),
            ),
        }
        for item in chosen
    ]


def _data_uri(evidence: Evidence, name: str) -> str:
    return "data:image/png;base64," + base64.b64encode(evidence.stimuli.media(name).read_bytes()).decode()


def _people(evidence: Evidence, words: Wording) -> dict[str, Any]:
    done = [row for row in evidence.operators if row["status"] == "completed"]
    minutes = [row["duration_seconds"] / 60 for row in done if row["duration_seconds"] is not None]
    # A program's session time says nothing of a person's.
    if evidence.analysis.simulated > 0:
        sentence = words.say("people_simulated", completed=len(done))
    else:
        middle = words.number(statistics.median(minutes), 1) if minutes else words.number(None)
        sentence = words.say("people_text", completed=len(done), minutes=middle)
    reasons: Mapping[str, str] = words.words["reasons"]
    left_out = [
        {**row, "reason": reasons.get(row["reason"], row["reason"])}
        for row in evidence.analysis.left_out.to_dicts()
        if row["trials"]
    ]
    return {"sentence": sentence, "left_out": left_out, "scores": _scores(evidence, words)}


def _scores(evidence: Evidence, words: Wording) -> list[dict[str, str]]:
    """Mean questionnaire scores by scale and condition, with how many answered."""
    found: dict[tuple[str, str], list[float]] = {}
    for row in evidence.answers:
        if row["kind"] == "score" and row["value"] is not None:
            found.setdefault((row["name"], row["condition"] or ""), []).append(float(row["value"]))
    return [
        {
            "scale": scale.replace("_", " "),
            "condition": condition or "–",
            "mean": words.number(statistics.mean(values), 2),
            "n": str(len(values)),
        }
        for (scale, condition), values in sorted(found.items())
    ]


def _predictor(card: Mapping[str, Any], words: Wording) -> str:
    accuracy, calibration = card["accuracy"], card["calibration"]
    return words.say(
        "predictor_text",
        architecture=card["architecture"],
        accuracy=words.interval(accuracy["value"], accuracy["low"], accuracy["high"]),
        n=card["n"],
        ece=words.number(calibration["ece_after"]),
        before=words.number(calibration["ece_before"]),
    )
