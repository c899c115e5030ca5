"""`compare`: several explanations of the same items, scored by each metric and compared in pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import polars as pl
from torch import nn

from binome.core.progress import bar
from binome.variation.agreement import agreement
from binome.variation.metric import Scores
from binome.variation.scoring import score


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
    metrics: Sequence[str],
    agreements: Sequence[str],
    seed: int = 0,
    progress: bool = False,
) -> Comparison:
    """Score and compare explanations.

    Args:
        maps: by explanation name, maps of the inputs' shape.
        items: ids, in the order of the inputs.
        metrics, agreements: names.

    Raises:
        BinomeError: as `score` and `agreement` do.
    """
    pairs = list(combinations(maps, 2))
    score_rows, agreement_rows = [], []
    with bar("scoring", len(metrics) * len(maps) + len(agreements) * len(pairs) if progress else 0) as counter:
        for metric in metrics:
            for name, values in maps.items():
                found = score(predictor, inputs, targets, values, metric=metric, seed=seed)
                score_rows.append(_rows({"explanation": name, "metric": metric}, items, found))
                counter.advance()
        for measure in agreements:
            for a, b in pairs:
                # A pixel is one feature: its channels are added, as they are when it is shown.
                found = agreement(_pixels(maps[a]), _pixels(maps[b]), measure=measure)
                agreement_rows.append(_rows({"a": a, "b": b, "measure": measure}, items, found))
                counter.advance()
    return Comparison(
        _table(score_rows, ("explanation", "metric")),
        _table(agreement_rows, ("a", "b", "measure")),
    )


def _pixels(maps: Any) -> Any:
    return maps.sum(1) if maps.ndim == 4 else maps


def _rows(labels: Mapping[str, str], items: Sequence[str], values: Scores) -> pl.DataFrame:
    table = pl.DataFrame({"item": list(items), "value": values}).with_columns(pl.col("value").fill_nan(None))
    return table.select(*(pl.lit(value).alias(label) for label, value in labels.items()), "item", "value")


def _table(rows: Sequence[pl.DataFrame], labels: tuple[str, ...]) -> pl.DataFrame:
    if rows:
        return pl.concat(rows)
    return pl.DataFrame(schema={**dict.fromkeys((*labels, "item"), pl.String), "value": pl.Float64})
