"""What was varied and computed, in words: configurations, items, predictions, metrics, scores and maps."""

from __future__ import annotations

import numpy as np
import polars as pl

from binome.explain import recorded
from binome.variation.metric import registry
from binome.variation.sweep.cost import cost_of
from binome.variation.sweep.varied import Part, Varied, levels


def configurations(varied: Varied) -> pl.DataFrame:
    """One row a configuration; those of references follow the study's."""
    rows, number = [], 0
    for reference, part in varied.parts.items():
        for place, one in enumerate(part.grid.configurations):
            cost = cost_of(part.job, place, varied.probes)
            rows.append(
                {
                    "configuration": number,
                    **levels(one, part.grid),
                    "reference": reference,
                    "forward": cost.forward,
                    "backward": cost.backward,
                }
            )
            number += 1
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col("seed").cast(pl.Int64))


def items(varied: Varied) -> pl.DataFrame:
    """One row an item; truths and pictures are the caller's to add."""
    part = varied.part
    included = np.zeros(len(part.job.items), bool)
    included[varied.included(part)] = True
    return pl.DataFrame(
        {
            "item": list(part.job.items),
            "target": part.job.targets.numpy(),
            "kept": part.kept.mean((0, 1)),
            "included": included,
        }
    )


def predictions(varied: Varied) -> pl.DataFrame:
    """One row a predictor, noise level and item."""
    return pl.concat(_predictions(reference, part) for reference, part in varied.parts.items())


def _predictions(reference: str, part: Part) -> pl.DataFrame:
    grid, count = part.grid, len(part.job.items)
    p, z, i = (axis.ravel() for axis in np.indices((len(grid.predictors), len(grid.noise), count)))
    return pl.DataFrame(
        {
            "predictor": [grid.predictors[place].name for place in p],
            "noise": [grid.noise[place] for place in z],
            "item": [part.job.items[place] for place in i],
            "decision": part.decisions.ravel(),
            "probability": part.probabilities.ravel(),
            "kept": part.kept.ravel(),
            "reference": [reference] * len(p),
        }
    ).with_columns(pl.col("probability").fill_nan(None))


def metrics(varied: Varied) -> pl.DataFrame:
    """One row a metric."""
    schema = dict.fromkeys(("metric", "name", "family", "better", "paper", "parameters"), pl.String)
    rows = []
    for label, (name, params) in varied.part.job.metrics.items():
        declared = registry.get(name).declared
        told = ", ".join(f"{key} {recorded(value)}" for key, value in params.items())
        rows.append(
            {
                "metric": label,
                "name": name,
                "family": declared.get("family", "other"),
                "better": declared.get("better", "higher"),
                "paper": declared.get("paper", ""),
                "parameters": told,
            }
        )
    return pl.DataFrame(rows, schema=schema)


def scores(varied: Varied) -> pl.DataFrame:
    """One row a configuration, item and metric."""
    part = varied.part
    values = part.known.scores
    labels = list(part.job.metrics)
    c, i, m = (axis.ravel() for axis in np.indices(values.shape))
    names, texts = pl.Series(part.job.items, dtype=pl.String), pl.Series(labels, dtype=pl.String)
    return pl.DataFrame(
        {
            "configuration": c,
            "item": names.gather(i) if len(i) else names.clear(),
            "metric": texts.gather(m) if len(m) else texts.clear(),
            "value": values.ravel(),
        }
    ).with_columns(pl.col("value").fill_nan(None))


def maps(varied: Varied) -> pl.DataFrame:
    """One row a configuration of the study and item."""
    part = varied.part
    count, number, pixels = part.maps.shape
    c, i = (axis.ravel() for axis in np.indices((count, number)))
    return pl.DataFrame(
        {
            "configuration": c,
            "item": pl.Series(part.job.items).gather(i),
            "map": pl.Series(part.maps.reshape(-1, pixels), dtype=pl.Array(pl.Float32, pixels)),
        }
    )
