"""`compare`: several explanations of the same items, scored by each metric and compared in pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import polars as pl
from torch import nn

from binome.core import BinomeError, Spec
from binome.core.progress import bar
from binome.variation.agreement import agree, check_pair
from binome.variation.features import Features
from binome.variation.metric import Scores, Source, label
from binome.variation.scoring import score_all


@dataclass(frozen=True)
class Comparison:
    """Long tables, one row a value; null where undefined.

    Attributes:
        scores: explanation, metric, item, value.
        agreements: a, b, measure, item, value; each unordered pair once.
    """

    scores: pl.DataFrame
    agreements: pl.DataFrame


def compare(
    predictor: nn.Module,
    inputs: Any,
    targets: Any,
    maps: Mapping[str, Any],
    *,
    items: Sequence[str],
    metrics: Sequence[str | Spec],
    agreements: Sequence[str],
    seed: int = 0,
    sources: Mapping[str, Source] | None = None,
    masks: Any = None,
    progress: bool = False,
    batch_size: int | None = None,
) -> Comparison:
    """Score and compare explanations.

    Args:
        maps: by explanation name, maps of the inputs' shape.
        items: ids, in the order of the inputs.
        metrics: names, or specs of kind `metric` with parameters; a spec's rows carry `variation.label`.
        agreements: names of measures, computed a pixel (channels summed) with their default parameters.
        sources: how the maps were made, by explanation name; metrics that make them again are undefined for the others.
        masks: as for `score`.
        batch_size: most inputs in one forward pass, by default what suits the device.

    Raises:
        BinomeError: as `score` and `agreement` do; for ids that are not one an item, or come twice.
    """
    if len(items) != len(inputs) or len(set(items)) != len(items):
        raise BinomeError(f"{len(items)} ids ({len(set(items))} different) for {len(inputs)} items; give one each")
    pairs = list(combinations(maps, 2))
    named = {m if isinstance(m, str) else label(m.name, **m.params): _parts(m) for m in metrics}
    cells = len(named) * len(maps) * len(inputs)
    score_rows, agreement_rows = [], []
    with bar("scoring" if progress else None, cells + len(agreements) * len(pairs)) as counter:
        scores = score_all(
            predictor, inputs, targets, maps, named, seed, sources=sources, masks=masks, batch_size=batch_size,
            advance=counter.advance,
        )  # fmt: skip
        for (metric, name), values in scores.items():
            score_rows.append(_rows({"explanation": name, "metric": metric}, items, values))
        features = {name: Features.of(_pixels(values), f"maps {name}") for name, values in maps.items()}
        for measure in agreements:
            for a, b in pairs:
                check_pair(features[a], features[b])
                values = agree(features[a], features[b], measure)
                agreement_rows.append(_rows({"a": a, "b": b, "measure": measure}, items, values))
                counter.advance()
    return Comparison(
        _table(score_rows, ("explanation", "metric")),
        _table(agreement_rows, ("a", "b", "measure")),
    )


def _parts(metric: str | Spec) -> tuple[str, Mapping[str, Any]]:
    return (metric, {}) if isinstance(metric, str) else (metric.name, metric.params)


def _pixels(maps: Any) -> Any:
    """A pixel is one feature: its channels are added, as they are when it is shown."""
    return maps.sum(1) if maps.ndim == 4 else maps


def _rows(labels: Mapping[str, str], items: Sequence[str], values: Scores) -> pl.DataFrame:
    table = pl.DataFrame({"item": list(items), "value": values}).with_columns(pl.col("value").fill_nan(None))
    return table.select(*(pl.lit(value).alias(name) for name, value in labels.items()), "item", "value")


def _table(rows: Sequence[pl.DataFrame], labels: tuple[str, ...]) -> pl.DataFrame:
    if rows:
        return pl.concat(rows)
    return pl.DataFrame(schema={**dict.fromkeys((*labels, "item"), pl.String), "value": pl.Float64})
