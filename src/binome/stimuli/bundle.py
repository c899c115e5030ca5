"""`build`: freeze a stimulus set, the only thing that the human half knows of the machine half."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from binome.core import BinomeError, digest
from binome.core.stimulus import (
    MEDIA,
    ExplanationCard,
    Legend,
    PredictorCard,
    Role,
    Stimulus,
    StimulusSet,
    Task,
    write_stimuli,
)
from binome.stimuli.rendering import PALETTE, Maps, enlarge, file_name, legend_colours, overlay, pad_alike, png

LEGEND = Legend(
    palette=PALETTE,
    colours=legend_colours(),
    low={"en": "weighed little", "fr": "a peu pesé"},
    high={"en": "weighed much", "fr": "a beaucoup pesé"},
)
Scores = Mapping[str, Mapping[str, Mapping[str, float | None]]]
"""By explanation, metric and source item."""


def build(
    folder: Path,
    *,
    task: Task,
    predictor: PredictorCard,
    roles: Sequence[Role],
    ids: Sequence[str],
    truths: Sequence[str],
    advice: Sequence[str],
    confidence: Sequence[float],
    picture: Callable[[str], Image.Image],
    maps: Mapping[str, Maps],
    explanations: Sequence[ExplanationCard],
    scores: Scores | None = None,
    seed: int = 0,
    size: int = 280,
) -> StimulusSet:
    """Render the chosen items and write `stimuli.json` and `media/` into a folder.

    Args:
        roles, ids, truths, advice, confidence: of each chosen item, in order; `ids` are the context's.
        picture: the item as the operator sees it.
        maps: by explanation, (items, height, width), 0 or more.
        scores: what the variation study found on these items.
        seed: item ids hang on it, so that they cannot be guessed from the context's.
        size: pictures are enlarged to at most so many pixels.

    Raises:
        BinomeError: when the lists' lengths differ.
    """
    lists: list[Any] = [roles, ids, truths, advice, confidence, *maps.values()]
    lengths = {len(values) for values in lists}
    if len(lengths) != 1:
        raise BinomeError(f"the lists of a stimulus set must be equally long, found lengths {sorted(lengths)}")
    shown = [enlarge(picture(item), size) for item in ids]
    media = folder / MEDIA
    media.mkdir(parents=True, exist_ok=True)
    images = _write(media, [png(image) for image in shown])
    names = list(maps)
    drawn = [png(overlay(np.asarray(maps[name][i]), shown[i].size)) for name in names for i in range(len(ids))]
    overlays = _write(media, drawn)
    items = tuple(
        Stimulus(
            id=item_id(seed, source),
            source=source,
            role=roles[i],
            truth=truths[i],
            advice=advice[i],
            advice_confidence=round(float(confidence[i]), 6),
            image=images[i],
            explanations={name: overlays[n * len(ids) + i] for n, name in enumerate(names)},
            scores={name: {m: values.get(source) for m, values in by.items()} for name, by in (scores or {}).items()},
        )
        for i, source in enumerate(ids)
    )
    built = StimulusSet(folder, task, predictor, tuple(explanations), LEGEND, items)
    write_stimuli(built)
    return built


def item_id(seed: int, source: str) -> str:
    """An id that tells nothing of the item."""
    return "i" + digest([seed, source])[:12]


def _write(folder: Path, pictures: Sequence[bytes]) -> list[str]:
    names = []
    for data in pad_alike(pictures):
        name = file_name(data)
        (folder / name).write_bytes(data)
        names.append(name)
    return names
