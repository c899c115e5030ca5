"""`build`: freeze a stimulus set, the only thing that the human half knows of the machine half."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from binome.contexts import Shown
from binome.core import BinomeError, digest
from binome.core.stimulus import (
    MEDIA,
    Answer,
    Counterfactual,
    ExplanationCard,
    Legend,
    PredictorCard,
    Role,
    Stimulus,
    StimulusSet,
    Task,
    write_stimuli,
)
from binome.stimuli.drawing import DRAWN, draw
from binome.stimuli.example import Given, distinct, freeze
from binome.stimuli.rendering import PALETTE, Maps, enlarge, file_name, legend_colours, pad_alike, png
from binome.stimuli.sentence import of_case, of_picture

LEGEND = Legend(
    palette=PALETTE,
    colours=legend_colours(),
    low={"en": "weighed little", "fr": "a peu pesé"},
    high={"en": "weighed much", "fr": "a beaucoup pesé"},
)
Contributions = npt.NDArray[np.float32]
Scores = Mapping[str, Mapping[str, Mapping[str, float | None]]]
"""By explanation, metric and source item."""


def build(
    folder: Path,
    *,
    task: Task,
    predictor: PredictorCard,
    roles: Sequence[Role],
    ids: Sequence[str],
    truths: Sequence[Answer],
    advice: Sequence[Answer],
    confidence: Sequence[float],
    show: Callable[[str], Shown],
    maps: Mapping[str, Maps] | None = None,
    contributions: Mapping[str, Contributions] | None = None,
    inputs_of: Sequence[int] = (),
    examples: Given | None = None,
    counterfactuals: Mapping[str, Sequence[Sequence[Counterfactual]]] | None = None,
    explanations: Sequence[ExplanationCard],
    scores: Scores | None = None,
    covariates: Mapping[str, Sequence[str | float | None]] | None = None,
    views: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 0,
    size: int = 280,
) -> StimulusSet:
    """Render the chosen items and write `stimuli.json` and `media/` into a folder.

    Args:
        roles, ids, truths, advice, confidence: of each chosen item, in order; `ids` are the context's.
        show: the item as the operator sees it.
        maps: by explanation of pictures or boards, (items, height, width), 0 or more.
        contributions: by explanation of case files, (items, inputs), signed.
        inputs_of: for case files, the place of each input among the task's features.
        examples: by explanation, one sequence an item; `show` must know each example's source.
        counterfactuals: by explanation, one sequence an item, which may be empty.
        explanations: a card for each explanation; it says how the explanation is shown.
        scores: what the variation study found on these items.
        covariates: by name, what is known of each item; None where it is not.
        views: by side, what that side saw of the items.
        seed: item ids hang on it, so that they cannot be guessed from the context's.
        size: pictures are enlarged to at most so many pixels.

    Raises:
        BinomeError: when the lists' lengths differ, an explanation has no card, or a counterfactual changes a line
            that the task does not have.
    """
    maps, contributions, covariates = maps or {}, contributions or {}, covariates or {}
    examples, counterfactuals, show = examples or {}, counterfactuals or {}, cache(show)
    lists: list[Any] = [roles, ids, truths, advice, confidence]
    for given in (maps, contributions, examples, counterfactuals, covariates):
        lists += given.values()
    lengths = {len(values) for values in lists}
    if len(lengths) != 1:
        raise BinomeError(f"the lists of a stimulus set must be equally long, found lengths {sorted(lengths)}")
    shown = [show(item) for item in ids]
    pictures = [_enlarged(item, size) for item in shown if item.picture is not None]
    if len(pictures) not in (0, len(ids)):
        raise BinomeError(f"{len(pictures)} of {len(ids)} items have a picture; all must, or none")
    cards = {card.name: card for card in explanations}
    for name in (*maps, *contributions, *examples, *counterfactuals):
        if name not in cards:
            raise BinomeError(f"explanation {name!r} has no card among {', '.join(cards) or 'none'}")
    places = {c.feature for lists in counterfactuals.values() for found in lists for one in found for c in one.changes}
    if places and not 0 <= min(places) <= max(places) < len(task.features):
        raise BinomeError(f"counterfactuals change lines {sorted(places)}, the task has {len(task.features)}")

    def in_words(name: str) -> bool:
        return cards[name].rendering.has_sentence

    media = folder / MEDIA
    media.mkdir(parents=True, exist_ok=True)
    images = _write(media, [png(picture) for picture in pictures])
    names = [name for name in maps if cards[name].rendering.kind in DRAWN]
    drawn = [
        png(draw(np.asarray(maps[name][i]), pictures[i].size, cards[name].rendering))
        for name in names
        for i in range(len(ids))
    ]
    overlays = _write(media, drawn)
    cited = [source for source in distinct(examples) if show(source).picture is not None]
    cited_images = dict(
        zip(cited, _write(media, [png(_enlarged(show(source), size)) for source in cited]), strict=True)
    )
    by_feature = {
        name: [_by_feature(row, inputs_of, len(task.features)) for row in values]
        for name, values in contributions.items()
    }

    said = {
        **{name: [of_picture(np.asarray(row)) for row in maps[name]] for name in maps if in_words(name)},
        **{
            name: [of_case(row, item.case, task) for row, item in zip(by_feature[name], shown, strict=True)]
            for name in contributions
            if in_words(name)
        },
    }
    items = tuple(
        Stimulus(
            id=item_id(seed, source),
            source=source,
            role=roles[i],
            truth=truths[i],
            advice=advice[i],
            advice_confidence=round(float(confidence[i]), 6),
            image=images[i] if images else None,
            case=shown[i].case,
            note=shown[i].note,
            covariates={name: value for name, values in covariates.items() if (value := values[i]) is not None},
            explanations={name: overlays[n * len(ids) + i] for n, name in enumerate(names)},
            contributions={name: values[i] for name, values in by_feature.items()},
            examples={name: freeze(lists[i], show, cited_images) for name, lists in examples.items()},
            counterfactuals={name: tuple(lists[i]) for name, lists in counterfactuals.items()},
            sentences={name: texts[i] for name, texts in said.items()},
            scores={name: {m: values.get(source) for m, values in by.items()} for name, by in (scores or {}).items()},
        )
        for i, source in enumerate(ids)
    )
    built = StimulusSet(folder, task, predictor, tuple(explanations), LEGEND, items, dict(views or {}))
    write_stimuli(built)
    return built


def item_id(seed: int, source: str) -> str:
    """An id that tells nothing of the item."""
    return "i" + digest([seed, source])[:12]


def _enlarged(item: Shown, size: int) -> Image.Image:
    assert item.picture is not None
    return enlarge(item.picture, size)


def _by_feature(values: Contributions, inputs_of: Sequence[int], features: int) -> tuple[float | None, ...]:
    """Contributions in the order of the task's features; None for one that the predictor did not see."""
    found: list[float | None] = [None] * features
    for place, value in zip(inputs_of, values, strict=True):
        found[place] = round(float(value), 6)
    return tuple(found)


def _write(folder: Path, pictures: Sequence[bytes]) -> list[str]:
    names = []
    for data in pad_alike(pictures):
        name = file_name(data)
        (folder / name).write_bytes(data)
        names.append(name)
    return names
