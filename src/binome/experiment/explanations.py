"""An explanation as the API sends it, by how the stimulus set says that it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from binome.core.explanation import line_width
from binome.core.stimulus import Example, ExplanationCard, Stimulus, StimulusSet
from binome.core.text import say
from binome.experiment import exhibit
from binome.protocol import alternatives, contributions, lines_of, say_answer, text


@dataclass(frozen=True)
class Showing:
    """What it takes to show an item's explanation.

    Attributes:
        picture: the picture of a file and of an alternative text's key and values.
        confident: whether the condition tells how sure the model is.
        evidence: whether it is shown without the advice, which it must not give away.
    """

    stimuli: StimulusSet
    item: Stimulus
    language: str
    picture: Callable[..., exhibit.Picture]
    confident: bool
    evidence: bool = False


def explanation(showing: Showing, name: str) -> exhibit.Explanation:
    """The explanation of that name, which the item must have.

    Raises:
        KeyError: when it has none.
    """
    item, language = showing.item, showing.language
    card = next(card for card in showing.stimuli.explanations if card.name == name)
    parts = PARTS[card.rendering.kind](showing, card)
    if card.rendering.has_sentence:
        parts["sentence"] = say(item.sentences[name], language)
    return exhibit.Explanation(kind=card.rendering.kind, **parts)


def _scaled(showing: Showing, card: ExplanationCard) -> dict[str, Any]:
    """A map in the study's colours, with their scale."""
    legend, language = showing.stimuli.legend, showing.language
    shown = exhibit.Legend(colours=list(legend.colours), low=say(legend.low, language), high=say(legend.high, language))
    return {**_picture(showing, card), "legend": shown}


def _contour(showing: Showing, card: ExplanationCard) -> dict[str, Any]:
    legend = showing.stimuli.legend
    lines = [
        exhibit.Contour(share=level, colour=legend.colour_at(level), width=line_width(level))
        for level in card.rendering.params["levels"]
    ]
    return {**_picture(showing, card), "contours": lines}


def _regions(showing: Showing, card: ExplanationCard) -> dict[str, Any]:
    params = card.rendering.params
    return {
        **_picture(showing, card),
        "regions": exhibit.Regions(share=params["share"], count=params.get("count")),
    }


def _picture(showing: Showing, card: ExplanationCard) -> dict[str, Any]:
    return {"picture": showing.picture(showing.item.explanations[card.name], "map_alt")}


def _bars(showing: Showing, card: ExplanationCard) -> dict[str, Any]:
    shown = contributions(showing.item, card.name)
    if showing.evidence and showing.stimuli.task.number is None:
        # How much each line weighed: for which answer it speaks would tell the advice.
        lengths = [None if value is None else abs(value) for value in shown.values]
        rest = None if shown.rest is None else abs(shown.rest)
        return {"bars": exhibit.Bars(values=lengths, rest=rest, low="", high=text("bars_weight", showing.language))}
    low, high = ("bars_against", "bars_for") if showing.stimuli.task.number is None else ("bars_lower", "bars_raise")
    ends = {"low": text(low, showing.language), "high": text(high, showing.language)}
    return {"bars": exhibit.Bars(values=list(shown.values), rest=shown.rest, **ends)}


def _sentence(showing: Showing, card: ExplanationCard) -> dict[str, Any]:
    return {}


def _examples(showing: Showing, card: ExplanationCard) -> dict[str, Any]:
    shown = showing.item.examples[card.name]
    return {"examples": [_example(showing, example, number) for number, example in enumerate(shown, 1)]}


def _example(showing: Showing, example: Example, number: int) -> exhibit.Example:
    task, language = showing.stimuli.task, showing.language
    lines = lines_of(task, example.case, language)
    return exhibit.Example(
        kind=example.kind,
        label=say_answer(task, example.label, language),
        similarity=example.similarity,
        picture=showing.picture(example.image, "example_alt", number=number) if example.image else None,
        case=[exhibit.Line(id=line.id, label=line.label, value=line.value) for line in lines],
    )


def _counterfactuals(showing: Showing, card: ExplanationCard) -> dict[str, Any]:
    found = alternatives(showing.stimuli.task, showing.item, card.name, showing.language)
    return {
        "counterfactuals": [
            exhibit.Alternative(
                label=one.decision,
                confidence=round(one.confidence, 2) if showing.confident else None,
                changes=[exhibit.Change(label=c.label, before=c.before, after=c.after) for c in one.changes],
                hidden=one.hidden,
            )
            for one in found
        ]
    }


PARTS: Mapping[str, Callable[[Showing, ExplanationCard], dict[str, Any]]] = {
    "overlay": _scaled, "side_by_side": _scaled, "contour": _contour, "regions": _regions, "bars": _bars,
    "sentence": _sentence, "examples": _examples, "counterfactuals": _counterfactuals,
}  # fmt: skip
