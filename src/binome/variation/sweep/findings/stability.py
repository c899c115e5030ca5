"""Where on the picture a method's maps can be depended on, over all its configurations."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from binome.variation.sweep.varied import Varied

MOST = 12
"""Items that are told pixel by pixel."""


def stability(varied: Varied) -> pl.DataFrame:
    """One row an item and method: mean and standard deviation of |value| by pixel, maps divided by their mean size, and
    dependability (m − M)² / ((m − M)² + s²) (after Brennan & Kane 1977), M the mean over pixels: how far one map tells
    whether the pixel weighs more than most."""
    part = varied.part
    pixels = part.maps.shape[-1]
    wanted = pl.Array(pl.Float32, pixels)
    schema: dict[str, Any] = {
        "item": pl.String,
        "method": pl.String,
        "mean": wanted,
        "deviation": wanted,
        "dependability": wanted,
    }
    rows = [
        {"item": part.job.items[item], "method": method.name, **_of(part.maps[part.of_method(place), item])}
        for item in varied.included(part)[:MOST]
        for place, method in enumerate(part.grid.methods)
    ]
    return pl.DataFrame([row for row in rows if "mean" in row], schema=schema)


def _of(maps: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> dict[str, Any]:
    size = np.abs(maps.astype(np.float64))
    there = size.mean(1) > 0
    if there.sum() < 2:
        return {}
    scaled = size[there] / size[there].mean(1, keepdims=True)
    mean, spread = scaled.mean(0), scaled.std(0, ddof=1)
    apart = (mean - mean.mean()) ** 2
    with np.errstate(invalid="ignore"):
        dependability = apart / (apart + spread**2)
    values = {"mean": mean, "deviation": spread, "dependability": dependability}
    return {name: value.astype(np.float32) for name, value in values.items()}
