"""Who took part: from opened sessions to counted operators, how long it took, what they answered."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from binome.core import say
from binome.protocol.questionnaire import SHIPPED, read_questionnaire
from binome.report.evidence import Evidence
from binome.report.tables import Cell, Table, table
from binome.report.wording import Wording


@dataclass(frozen=True)
class Stage:
    """A station on the way into the measures: how many arrived, and how many were lost before it."""

    count: str
    text: str
    lost: str


@dataclass(frozen=True)
class People:
    """`left_out` and `scores` are None where there is nothing to list; `untested` names translations."""

    flow: tuple[Stage, ...]
    durations: str
    left_out: Table | None
    scores: Table | None
    untested: tuple[str, ...]


def people(evidence: Evidence, words: Wording) -> People:
    """All that is known of the operators of the analysed cohort."""
    return People(
        flow=_flow(evidence, words),
        durations=_durations(evidence, words),
        left_out=_left_out(evidence, words),
        scores=_scores(evidence, words),
        untested=tuple(_untested(evidence, words)),
    )


def _flow(evidence: Evidence, words: Wording) -> tuple[Stage, ...]:
    opened = len(evidence.operators)
    completed = sum(row["status"] == "completed" for row in evidence.operators)
    counted = evidence.analysis.operator_count
    lost, excluded = opened - completed, completed - counted
    return (
        Stage(words.count(opened), words["flow_opened"], ""),
        Stage(words.count(completed), words["flow_completed"], words.say("flow_lost", n=lost) if lost > 0 else ""),
        Stage(
            words.count(counted),
            words["flow_analysed"],
            words.say("flow_excluded", n=excluded) if excluded > 0 else "",
        ),
    )


def _durations(evidence: Evidence, words: Wording) -> str:
    if evidence.analysis.simulated > 0:
        return words["people_simulated"]
    minutes = [
        row["duration_seconds"] / 60
        for row in evidence.operators
        if row["status"] == "completed" and row["duration_seconds"] is not None
    ]
    if len(minutes) < 2:
        return words["durations_missing"]
    low, median, high = (words.number(cut, 1) for cut in statistics.quantiles(minutes, n=4, method="inclusive"))
    return words.say("durations_text", low=low, median=median, high=high)


def _left_out(evidence: Evidence, words: Wording) -> Table | None:
    rows: list[list[Cell | str]] = [
        [words.reason(row["reason"]), words.count(row["operators"]), words.count(row["trials"])]
        for row in evidence.analysis.left_out.iter_rows(named=True)
    ]
    head = [words[key] for key in ("reason", "operators_lost", "trials")]
    return table(words["left_out_caption"], head, rows) if rows else None


def _scores(evidence: Evidence, words: Wording) -> Table | None:
    """Mean and standard deviation of each scale in each condition, and who has no score."""
    found: dict[tuple[str, str, str], list[float | None]] = {}
    for row in evidence.answers:
        if row["kind"] == "score":
            value = row["value"]
            key = (row["questionnaire"], row["name"], row["condition"] or "")
            found.setdefault(key, []).append(None if value is None or value == "" else float(value))
    order = {name: i for i, name in enumerate(evidence.analysis.conditions)}
    titles = _titles(found, words)
    rows: list[list[Cell | str]] = []
    for questionnaire, scale, condition in sorted(found, key=lambda key: (key[0], key[1], order.get(key[2], -1))):
        scores = found[questionnaire, scale, condition]
        values = [value for value in scores if value is not None and math.isfinite(value)]
        rows.append(
            [
                titles[questionnaire] if scale == questionnaire else f"{titles[questionnaire]}: {_plain(scale)}",
                Cell(condition, condition=condition) if condition else Cell(words["whole_session"]),
                words.number(statistics.mean(values) if values else None, 2),
                words.number(statistics.stdev(values) if len(values) > 1 else None, 2),
                words.count(len(values)),
                words.count(len(scores) - len(values)),
            ]
        )
    head = [words[key] for key in ("questionnaire", "condition", "mean", "sd", "n", "missing")]
    return table(words["questionnaires_caption"], head, rows, text=2) if rows else None


def _titles(found: Iterable[tuple[str, str, str]], words: Wording) -> dict[str, str]:
    titles = {}
    for name, *_ in found:
        path = SHIPPED / f"{name}.yaml"
        titles[name] = say(read_questionnaire(path).title, words.language) if path.exists() else _plain(name)
    return titles


def _untested(evidence: Evidence, words: Wording) -> list[str]:
    """Shipped questionnaires that operators answered in a translation of this project."""
    languages = sorted({row["language"] for row in evidence.operators if row["language"]})
    notes = []
    for name in sorted({row["questionnaire"] for row in evidence.answers}):
        path = SHIPPED / f"{name}.yaml"
        if not path.exists():
            continue
        questionnaire = read_questionnaire(path)
        for language in languages:
            if questionnaire.spec.status.get(language) == "project-translation":
                title = say(questionnaire.title, words.language)
                spoken = str(words.words.get(f"language_{language}", language))
                notes.append(words.say("untested_translation", title=title, language=spoken))
    return notes


def _plain(name: str) -> str:
    return name.replace("_", " ")
