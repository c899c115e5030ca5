"""Intervals that resample items."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from binome.core import derive_seed

Floats = npt.NDArray[np.float64]
LEVEL = 0.95


def counts(items: int, resamples: int, seed: int) -> Floats:
    """How often each item is drawn in each resample, float64 (resamples, items); the same for all that is resampled."""
    generator = np.random.default_rng(derive_seed(seed, "variation", "resamples"))
    return generator.multinomial(items, np.full(items, 1 / items), size=resamples).astype(np.float64)


def means(values: Floats, drawn: Floats) -> tuple[Floats, Floats]:
    """Means over items of values (…, items), (…), and in each resample, (…, resamples); NaN values do not count."""
    there = np.isfinite(values)
    filled = np.where(there, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(-1) / there.sum(-1)
        resampled = (filled @ drawn.T) / (there.astype(np.float64) @ drawn.T)
    return mean, resampled


def limits(resampled: Floats) -> tuple[Floats, Floats]:
    """Percentile limits over the last axis; NaN where a twentieth of the resamples or more has no value."""
    share = (1 - LEVEL) / 2
    enough = np.isfinite(resampled).mean(-1) >= LEVEL
    found = np.full((2, *resampled.shape[:-1]), np.nan)
    if enough.any():
        found[:, enough] = np.nanquantile(resampled[enough], [share, 1 - share], axis=-1)
    return found[0], found[1]


def with_limits(values: Floats, drawn: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean over items, and its limits, of values (…, items)."""
    mean, resampled = means(values, drawn)
    return mean, *limits(resampled)


def undefined(values: Floats) -> npt.NDArray[np.int64]:
    """How many of the values (…, items) there are not."""
    return np.asarray((~np.isfinite(values)).sum(-1))
