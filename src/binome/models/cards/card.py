"""The model card: what `evaluate` found, as data, as Markdown and as one HTML page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from binome.core.text import say
from binome.models.cards.drawing import bars, curve
from binome.models.cards.page import Drawing, Page, Section, Table
from binome.models.cards.wording import Wording

MOST_CONFUSIONS = 8
SEVERITIES = (1, 2, 3)


@dataclass(frozen=True)
class Card:
    """A model card (Mitchell et al. 2019, arXiv 1810.03993): plain JSON values, see docs/reference/contexts.md."""

    figures: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return dict(self.figures)

    def to_markdown(self, language: str = "en") -> str:
        """The card as a page of Markdown in English (`en`) or French (`fr`).

        Raises:
            UnknownNameError: for another language.
        """
        return self.page(language).to_markdown()

    def to_html(self, language: str = "en") -> str:
        """The card as one HTML file, with figures."""
        return self.page(language).to_html()

    def page(self, language: str) -> Page:
        words, figures = Wording(language), self.figures
        parts = [
            _worth(figures, words), _classes(figures, words), _confusions(figures, words), _calibration(figures, words),
            _groups(figures, words), _robustness(figures, words), _training(figures, words),
        ]  # fmt: skip
        return Page(
            language=language,
            title=words.say("title", architecture=figures["architecture"], context=figures["context"]),
            lead=words["use"],
            sections=tuple(part for part in parts if part is not None),
            colon=words["colon"],
        )


Figures = Mapping[str, Any]


def _worth(figures: Figures, words: Wording) -> Section:
    facts = [(words["held_out"], words.count(figures["n"]))]
    if "error" in figures:
        unit = say(figures["unit"], words.language)
        tolerance = f"{words.number(figures['tolerance'], 0)}\u00a0{unit}".strip()
        facts += [
            (words["error"], words.limits(figures["error"], 1, unit)),
            (words.say("accuracy_within", tolerance=tolerance), words.interval(figures["accuracy"])),
            (words["root"], f"{words.number(figures['error_root_mean_square'], 1)}\u00a0{unit}"),
            (words["bias"], words.limits(figures["bias"], 1, unit)),
            (words["explained"], words.percent(figures["explained"])),
        ]
    else:
        facts += [
            (words["accuracy"], words.interval(figures["accuracy"])),
            (words["balanced"], words.interval(figures["balanced_accuracy"])),
            (words["macro_f1"], words.interval(figures["macro_f1"])),
            (words["auroc"], words.limits(figures["auroc"])),
            (words["brier"], words.limits(figures["brier"])),
        ]
    if figures["several_right"]:
        facts.append((words["several"], words.count(figures["several_right"])))
    return Section(words["worth"], facts=tuple(facts))


def _classes(figures: Figures, words: Wording) -> Section | None:
    rows = figures.get("per_class")
    if not rows:
        return None
    named = [(say(row["label"], words.language), row) for row in rows]
    head = (words["class"], words["items"], words["recall"], words["precision"])
    cells = tuple(
        (name, words.count(row["n"]), words.interval(row["recall"]), words.percent(row["precision"]))
        for name, row in named
    )
    drawn = bars(
        [(name, row["recall"], words.percent(row["recall"]["value"])) for name, row in named], 1.0, words["by_class"]
    )
    return Section(words["by_class"], drawings=(Drawing(drawn, words["recall_caption"]),), tables=(Table(head, cells),))


def confusions(figures: Figures, language: str) -> list[tuple[str, str, int, float]]:
    """Truth, what it is taken for, how often, and as a share of the truth's items; the most frequent first."""
    names = [say(row["label"], language) for row in figures["per_class"]]
    found = [
        (names[i], names[j], count, count / sum(row))
        for i, row in enumerate(figures["confusion"])
        for j, count in enumerate(row)
        if i != j and count
    ]
    return sorted(found, key=lambda error: -error[2])


def _confusions(figures: Figures, words: Wording) -> Section | None:
    if "confusion" not in figures:
        return None
    found = confusions(figures, words.language)[:MOST_CONFUSIONS]
    if not found:
        return None
    rows = tuple((truth, taken, words.count(count), words.percent(share)) for truth, taken, count, share in found)
    head = (words["truth"], words["taken_for"], words["items"], words["share_of_class"])
    return Section(words["confusions"], tables=(Table(head, rows, words["confusions_caption"]),))


def _calibration(figures: Figures, words: Wording) -> Section:
    found = figures["calibration"]
    if "bins" not in found:
        text = words.say(
            "calibration_estimates",
            confidence=words.percent(found["confidence"]),
            gap=words.percent(found["ece_after"]),
        )
        return Section(words["calibration"], text=(text,))
    text = words.say(
        "calibration_text",
        before=words.percent(found["ece_before"]),
        after=words.percent(found["ece_after"]),
        temperature=words.number(found["temperature"]),
    )
    filled = [row for row in found["bins"] if row["n"]]
    drawn = curve(
        [(row["confidence"], row["accuracy"]) for row in filled],
        x_range=(0, 1), y_range=(0, 1), x_ends=(words.percent(0, 0), words.percent(1, 0)),
        y_ends=(words["never"], words["always"]), alt=words["calibration"], ideal=True,
        sizes=[row["n"] / max(other["n"] for other in filled) for row in filled],
    )  # fmt: skip
    return Section(words["calibration"], text=(text,), drawings=(Drawing(drawn, words["calibration_caption"]),))


def _groups(figures: Figures, words: Wording) -> Section | None:
    if not figures["groups"]:
        return None
    tables = []
    for attribute in dict.fromkeys(row["attribute"] for row in figures["groups"]):
        rows = [row for row in figures["groups"] if row["attribute"] == attribute]
        head: tuple[str, ...] = (words["group"], words["items"], words["group_accuracy"])
        decides = "per_class" in figures
        if decides:
            last = say(figures["per_class"][-1]["label"], words.language)
            head += (words.say("advised_last", label=last), words.say("true_last", label=last))
        cells = []
        for row in rows:
            shares = [row.get("accuracy"), *((row.get("advised_last"), row.get("true_last")) if decides else ())]
            cells.append(
                (row["value"], words.count(row["n"]), *("–" if s is None else words.interval(s) for s in shares))
            )
        tables.append(Table(head, tuple(cells), say(rows[0]["label"], words.language)))
    return Section(words["groups"], text=(words["groups_text"],), tables=tuple(tables))


def _robustness(figures: Figures, words: Wording) -> Section | None:
    rows = figures["robustness"]
    if not rows:
        return None
    found = {(row["corruption"], row["severity"]): row["accuracy"] for row in rows}
    names = dict.fromkeys(row["corruption"] for row in rows if row["severity"])
    cells = tuple(
        (words[name], *(words.percent(found[name, severity]["value"]) for severity in SEVERITIES)) for name in names
    )
    plain = words.interval(found["none", 0])
    head = (words["corruption"], *(words.say("severity", number=severity) for severity in SEVERITIES))
    text = words.say("robustness_text", n=words.count(rows[0]["n"]))
    return Section(
        words["robustness"], text=(text,), facts=((words["as_they_are"], plain),), tables=(Table(head, cells),)
    )


LISTED = ("train_items", "calibration_items", "seconds")


def _training(figures: Figures, words: Wording) -> Section:
    record = figures["training"]
    settings = {name: value for name, value in record.items() if name not in LISTED and value is not None}
    view = figures["views"]["predictor"]
    facts = [
        (words["trained_on"], f"{words.count(record.get('train_items'))} {words['items']}"),
        (words["calibrated_on"], f"{words.count(record.get('calibration_items'))} {words['items']}"),
        (words["parameters"], words.count(figures["parameters"])),
        (words["views"], json.dumps(view, ensure_ascii=False) if view else words["views_all"]),
    ]
    listed = " · ".join(f"{name} {value}" for name, value in settings.items())
    if figures["skipped"]:
        facts.append((words["skipped"], words.count(figures["skipped"])))
    return Section(words["training"], text=(f"{words['settings']}{words['colon']} {listed}.",), facts=tuple(facts))
