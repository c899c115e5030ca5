"""The overview: what a model is like as a whole, in plain words, for an operator who is about to work with it.

A global explanation. All of it is computed on calibration items, which no trial ever shows, but for the accuracy,
which is the card's.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from binome.contexts import Context, Split
from binome.core import derive_seed
from binome.core.text import Text, say
from binome.models.cards.card import Card, confusions
from binome.models.cards.drawing import bars, curve, grid
from binome.models.cards.page import Drawing, Example, Page, Section
from binome.models.cards.wording import Wording
from binome.models.predictor import Predictor

ITEMS, REPEATS, GRID = 400, 3, 5
MOST_FEATURES, MOST_CURVES, MOST_LINES, EXAMPLES = 10, 4, 8, 6
SURE = 0.9


@dataclass(frozen=True)
class Dependence:
    """How the answer changes with one feature.

    Attributes:
        feature: its place among the inputs.
        values: in words.
        answers: mean probability of the last decision, or mean estimate, for each value.
        number: whether the values are ordered.
    """

    feature: int
    values: tuple[Text, ...]
    answers: tuple[float, ...]
    number: bool


@dataclass(frozen=True)
class Overview:
    """What a model is like.

    Attributes:
        importance: what is lost when a part of the input is mixed up between items: (features,) for a case file,
            (rows, columns) for pictures and boards; in accuracy, or in the task's unit for estimates.
        dependences: of the features that matter most.
        right, wrong: items of typical successes and failures, with the decision and its confidence.
    """

    context: Context
    card: Card
    importance: np.ndarray[Any, np.dtype[np.float64]]
    dependences: tuple[Dependence, ...]
    right: tuple[tuple[str, float, float, float], ...]
    wrong: tuple[tuple[str, float, float, float], ...]
    n: int

    def to_html(self, language: str = "en") -> str:
        """The page an operator can be shown, as one HTML file.

        Raises:
            UnknownNameError: for a language without words.
        """
        return self.page(language).to_html()

    def page(self, language: str) -> Page:
        words, task = Wording(language), self.context.task
        return Page(
            language=language,
            title=words["overview_title"],
            lead=words.say("overview_lead", title=say(task.title, language)),
            sections=tuple(
                part
                for part in (
                    _learned(self, words), _how_often(self, words), _errors(self, words), _matters(self, words),
                    _examples(self, words, "right"), _examples(self, words, "wrong"),
                )
                if part is not None
            ),
            colon=words["colon"],
        )  # fmt: skip


def overview(predictor: Predictor, context: Context, card: Card, *, seed: int = 0) -> Overview:
    """Find out what a model is like.

    Costs `ITEMS` × `REPEATS` forward passes a feature, or a cell of a `GRID` × `GRID` grid.
    """
    everything = context.split("calibration")
    draw = np.random.default_rng(derive_seed(seed, "overview"))
    places = np.sort(draw.permutation(len(everything))[:ITEMS])
    items = everything.take(torch.from_numpy(places))
    importance = permutation_importance(predictor, context, items, seed=seed)
    strongest = np.argsort(-importance, kind="stable")[:MOST_CURVES].tolist() if context.categories else []
    right, wrong = _typical(predictor, context, everything)
    return Overview(
        context=context,
        card=card,
        importance=importance,
        dependences=tuple(partial_dependence(predictor, context, items, place) for place in strongest),
        right=right,
        wrong=wrong,
        n=len(items),
    )


def permutation_importance(
    predictor: Predictor, context: Context, items: Split, *, repeats: int = REPEATS, seed: int = 0
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """How much worse a predictor does when one part of its input is permuted between items (Breiman 2001).

    Returns:
        float64 (features,) for a case file, (rows, columns) for pictures and boards: the mean loss of accuracy over
        the repeats, or the mean gain of absolute error in the task's unit.
    """
    whole = _badness(predictor, context, items, items.inputs)
    parts, shape = _parts(context)
    found = np.zeros(len(parts))
    for number, part in enumerate(parts):
        for repeat in range(repeats):
            generator = torch.Generator().manual_seed(derive_seed(seed, "permute", number, repeat))
            order = torch.randperm(len(items), generator=generator)
            mixed = items.inputs.clone()
            mixed[(slice(None), *part)] = items.inputs[order][(slice(None), *part)]
            found[number] += (_badness(predictor, context, items, mixed) - whole) / repeats
    return found.reshape(shape)


def partial_dependence(predictor: Predictor, context: Context, items: Split, feature: int) -> Dependence:
    """The mean answer when one feature has the same value in all items (Friedman 2001), at values that items have."""
    column = items.inputs[:, feature]
    number = context.categories[feature] == 0
    if number:
        order = column.argsort(stable=True)
        chosen = order[torch.linspace(0, len(order) - 1, 11).round().long()]
        _, first = np.unique(column[chosen].numpy(), return_index=True)
        chosen = chosen[torch.from_numpy(first)]
    else:
        _, places = np.unique(column.numpy(), return_index=True)
        chosen = torch.from_numpy(places)
    answers = []
    for value in column[chosen]:
        same = items.inputs.clone()
        same[:, feature] = value
        answer = predictor.predict(same)
        answers.append(answer.decisions.mean() if predictor.estimates else answer.probabilities[:, -1].mean())
    place = context.inputs_of[feature]
    shown = [context.show(items.ids[i]).case[place] for i in chosen.tolist()]
    values = tuple(
        text if text is not None else f"{float(column[i]):+.1f}" for text, i in zip(shown, chosen.tolist(), strict=True)
    )
    return Dependence(feature, values, tuple(float(answer) for answer in answers), number)


def _badness(predictor: Predictor, context: Context, items: Split, inputs: torch.Tensor) -> float:
    """The share of wrong answers, or the mean absolute error."""
    answers = predictor.predict(inputs).decisions
    if predictor.estimates:
        return float((answers.double() - items.truths.double()).abs().mean())
    return 1 - float(items.right(answers).double().mean())


def _parts(context: Context) -> tuple[list[tuple[Any, ...]], tuple[int, ...]]:
    """The parts of an input that are permuted, as indices, and the shape that they make."""
    if context.categories:
        return [(place,) for place in range(len(context.categories))], (len(context.categories),)
    _, height, width = context.input_shape
    board = context.split("calibration").values is not None
    rows, columns = (height, width) if board else (min(GRID, height), min(GRID, width))
    tops, lefts = (
        np.linspace(0, side, count + 1).round().astype(int) for side, count in ((height, rows), (width, columns))
    )
    cells: list[tuple[Any, ...]] = [
        (slice(None), slice(tops[i], tops[i + 1]), slice(lefts[j], lefts[j + 1]))
        for i in range(rows)
        for j in range(columns)
    ]
    return cells, (rows, columns)


Shown = tuple[tuple[str, float, float, float], ...]


def _typical(predictor: Predictor, context: Context, items: Split) -> tuple[Shown, Shown]:
    """Items with advice, confidence and truth: the surest right and wrong ones, from as many classes as there are."""
    answers = predictor.predict(items.inputs)
    right = items.right(answers.decisions, context.task.number).numpy()
    if predictor.estimates:
        gaps = (answers.decisions.double() - items.truths.double()).abs().numpy()
        orders = (np.argsort(gaps, kind="stable"), np.argsort(-gaps, kind="stable"))
    else:
        by_confidence = np.argsort(-answers.confidence.numpy(), kind="stable")
        orders = (by_confidence, by_confidence)
    found = []
    for wanted, order in zip((True, False), orders, strict=True):
        taken: list[int] = []
        classes: set[float] = set()
        pool = [int(i) for i in order if right[i] == wanted]
        for fresh_only in (True, False):
            for i in pool:
                truth = float(items.truths[i])
                if len(taken) < EXAMPLES and i not in taken and not (fresh_only and truth in classes):
                    taken.append(i)
                    classes.add(truth)
        found.append(
            tuple(
                (items.ids[i], float(answers.decisions[i]), float(answers.confidence[i]), float(items.truths[i]))
                for i in taken
            )
        )
    return found[0], found[1]


def _learned(found: Overview, words: Wording) -> Section:
    record, context = found.card.figures["training"], found.context
    text = [words.say("learned_text", items=words.count(record.get("train_items")))]
    if context.categories:
        lacking = _lacking(context, words)
        text += [words.say("learned_hidden", names=", ".join(lacking))] if lacking else []
    elif context.predictor_view:
        text.append(words.say("learned_view", view=_view(context.predictor_view, words)))
    return Section(words["learned"], text=tuple(text))


def _lacking(context: Context, words: Wording) -> list[str]:
    """The lines of a case file that the operator sees and the model does not."""
    shown = context.show(context.split("calibration").ids[0]).case
    return [
        say(feature.label, words.language)
        for place, (feature, value) in enumerate(zip(context.task.features, shown, strict=True))
        if value is not None and place not in context.inputs_of
    ]


def _view(view: Mapping[str, Any], words: Wording) -> str:
    parts = []
    for key, value in view.items():
        amount = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
        parts.append(f"{words.get(f'view_{key}', key)} ({amount})")
    return ", ".join(parts)


def _how_often(found: Overview, words: Wording) -> Section:
    figures = found.card.figures
    hits = words.count(round(100 * figures["accuracy"]["value"]))
    if "error" in figures:
        unit = say(figures["unit"], words.language)
        text = words.say(
            "how_often_estimate", n=words.count(figures["n"]), hits=hits,
            error=f"{words.number(figures['error']['value'], 1)}\u00a0{unit}",
            tolerance=f"{words.number(figures['tolerance'], 0)}\u00a0{unit}",
        )  # fmt: skip
        return Section(words["how_often"], text=(text,))
    text = words.say("how_often_text", n=words.count(figures["n"]), hits=hits)
    sure = [row for row in figures["calibration"]["bins"] if row["low"] >= SURE - 1e-9 and row["n"]]
    texts = [text]
    if sure:
        share = sum(row["accuracy"] * row["n"] for row in sure) / sum(row["n"] for row in sure)
        texts.append(words.say("sure_text", share=words.percent(share, 0)))
    return Section(words["how_often"], text=tuple(texts))


def _errors(found: Overview, words: Wording) -> Section | None:
    figures = found.card.figures
    rows = [row for row in figures.get("per_class", []) if row["recall"]["value"] is not None]
    if not rows:
        return None
    ranked = sorted(rows, key=lambda row: -row["recall"]["value"])
    best, worst = ranked[0], ranked[-1]
    texts = [
        words.say(
            "where_text",
            best=say(best["label"], words.language), best_share=words.percent(best["recall"]["value"], 0),
            worst=say(worst["label"], words.language), worst_share=words.percent(worst["recall"]["value"], 0),
        )
    ]  # fmt: skip
    errors = confusions(figures, words.language)
    if errors:
        texts.append(words.say("confused", truth=errors[0][0], taken=errors[0][1]))
    shares = [(row["label"], row["recall"], words.percent(row["recall"]["value"], 0)) for row in ranked]
    drawn = bars([(say(label, words.language), share, text) for label, share, text in shares], 1.0, words["where_errs"])
    return Section(words["where_errs"], text=tuple(texts), drawings=(Drawing(drawn, words["recall_caption"]),))


def _matters(found: Overview, words: Wording) -> Section:
    task, importance = found.context.task, found.importance
    if importance.ndim == 2:
        drawn = grid(importance.clip(0).tolist(), words["what_matters"])
        return Section(words["what_matters"], drawings=(Drawing(drawn, words["matters_places"]),))
    names = [say(task.features[place].label, words.language) for place in found.context.inputs_of]
    order = np.argsort(-importance, kind="stable")[:MOST_FEATURES]
    scale = 1.0 if task.number is not None else 100.0
    rows = [
        (names[i], {"value": max(0.0, float(importance[i])) * scale}, words.number(float(importance[i]) * scale, 1))
        for i in order
    ]
    unit = words["matters_unit_accuracy"]
    if task.number is not None:
        unit = words.say("matters_unit_error", unit=say(task.number.unit, words.language))
    top = max([row[1]["value"] for row in rows] + [1e-9])
    drawings = [Drawing(bars(rows, top, words["what_matters"]), f"{words['matters_features']} ({unit})")]
    drawings += [_dependence(found, dependence, names, words) for dependence in found.dependences]
    return Section(words["what_matters"], drawings=tuple(drawings))


def _dependence(found: Overview, dependence: Dependence, names: list[str], words: Wording) -> Drawing:
    task, n = found.context.task, words.count(found.n)
    values = [say(value, words.language) for value in dependence.values]
    caption = words.say("dependence", feature=names[dependence.feature], n=n)
    if task.number is None:
        label = say(task.decisions[-1].label, words.language)
        caption += f" ({words.say('dependence_share', label=label)})"
        low, high, ends = 0.0, 1.0, (words.percent(0, 0), words.percent(1, 0))
    else:
        low, high = task.number.low, task.number.high
        ends = (words.number(low, 0), words.number(high, 0))
    if dependence.number:
        points = [(float(i), answer) for i, answer in enumerate(dependence.answers)]
        drawn = curve(
            points, x_range=(0, max(1, len(points) - 1)), y_range=(low, high), x_ends=(values[0], values[-1]),
            y_ends=ends, alt=caption,
        )  # fmt: skip
    else:
        texts = [
            words.percent(answer, 0) if task.number is None else words.number(answer, 1)
            for answer in dependence.answers
        ]
        rows = [
            (value, {"value": answer - low}, text)
            for value, answer, text in zip(values, dependence.answers, texts, strict=True)
        ]
        drawn = bars(rows[:12], high - low, caption)
    return Drawing(drawn, caption)


def _examples(found: Overview, words: Wording, kind: str) -> Section:
    rows = found.right if kind == "right" else found.wrong
    if not rows:
        return Section(words[f"examples_{kind}"], text=(words["no_failure"],))
    examples = tuple(_example(found, row, words, kind == "right") for row in rows)
    return Section(words[f"examples_{kind}"], text=(words[f"examples_{kind}_text"],), examples=examples)


def _example(found: Overview, row: tuple[str, float, float, float], words: Wording, right: bool) -> Example:
    task, (item, advice, confidence, truth) = found.context.task, row
    shown = found.context.show(item)
    if task.number is not None:
        unit = say(task.number.unit, words.language)
        said, was = (f"{words.number(value, 0)}\u00a0{unit}" for value in (advice, truth))
        caption = words.say("example_estimate", advice=said, truth=was)
    else:
        said, was = (say(task.decisions[int(value)].label, words.language) for value in (advice, truth))
        key = "example_right" if right else "example_wrong"
        caption = words.say(key, advice=said, truth=was, confidence=words.percent(confidence, 0))
    picture = ""
    if shown.picture is not None:
        buffer = io.BytesIO()
        shown.picture.save(buffer, "PNG")
        picture = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    return Example(caption, right, picture, _lines(found, shown.case, words))


def _lines(found: Overview, case: tuple[Text | None, ...], words: Wording) -> tuple[tuple[str, str], ...]:
    """The lines of a case file that matter most to the model, among those that the operator sees."""
    if not case:
        return ()
    weight = np.full(len(case), -np.inf)
    for place, value in zip(found.context.inputs_of, found.importance, strict=True):
        weight[place] = value
    order = [int(i) for i in np.argsort(-weight, kind="stable") if case[int(i)] is not None][:MOST_LINES]
    features = found.context.task.features
    return tuple((say(features[i].label, words.language), say(case[i] or "", words.language)) for i in order)
