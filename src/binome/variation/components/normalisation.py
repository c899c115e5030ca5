"""How maps are made comparable before their variance is decomposed."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from binome.core import BinomeError

Floats = npt.NDArray[np.float64]
Norm = Literal["size", "rank", "zscore"]
BLOCK = 1 << 22


def normalise(maps: Any, how: Norm = "size", axis: int = -1) -> tuple[Floats, int]:
    """Maps on one scale, each for itself.

    Signs are kept: whether a map's size or its signed values are compared is decided before.

    Args:
        maps: (…, pixels, …) of any kind, NaN where missing; left as they are.
        how: `size`, divided by the mean of |value|; `rank`, average ranks from 0 to 1; `zscore`, mean 0 and standard
            deviation 1.
        axis: the pixels'.

    Returns:
        float64 of the maps' shape, NaN for every map that is undefined: constant, or with a value that is missing or
        infinite; and how many these are, without those that are missing as a whole.

    Raises:
        BinomeError: for another `how`, or maps of fewer than two pixels.
    """
    if how not in get_args(Norm):
        raise BinomeError(f"how is {how!r}; give {', '.join(get_args(Norm))}")
    array = np.asarray(maps)
    if array.ndim < 1 or array.shape[axis] < 2:
        raise BinomeError(f"maps have shape {array.shape}; give two pixels or more along axis {axis}")
    found = np.empty(array.shape, dtype=np.float64)
    # Reshaping what was moved copies it; maps are read and written through views, some at a time.
    read, write = np.moveaxis(array, axis, -1), np.moveaxis(found, axis, -1)
    undefined = 0
    for place in _blocks(read.shape):
        values = read[place].astype(np.float64)
        missing = np.isnan(values).all(-1)
        with np.errstate(invalid="ignore"):
            unusable = ~np.isfinite(values).all(-1) | (np.ptp(values, axis=-1) == 0)
        values[unusable] = np.nan
        write[place] = _scaled(values, how)
        undefined += int(np.count_nonzero(unusable & ~missing))
    return found, undefined


def _blocks(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Places of arrays with some millions of values at most, along the first axes."""
    axes = 0
    while axes < len(shape) - 1 and np.prod(shape[axes:]) > BLOCK:
        axes += 1
    return list(np.ndindex(shape[:axes]))


def _scaled(values: Floats, how: Norm) -> Floats:
    if how == "rank":
        # Ranks of NaN are NaN, for the map as a whole.
        ranks = rankdata(values, axis=-1, nan_policy="propagate")
        return np.asarray((ranks - 1) / (values.shape[-1] - 1))
    # To 1 first: squares of tiny or huge values would leave the range of floating-point numbers.
    values = values / np.abs(values).max(-1, keepdims=True)
    if how == "size":
        return np.asarray(values / np.abs(values).mean(-1, keepdims=True))
    values = values - values.mean(-1, keepdims=True)
    return np.asarray(values / np.sqrt((values**2).mean(-1, keepdims=True)))
