"""Splits: which items are trained on, calibrated on and tested on, the same on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]


def stratified(labels: Labels, count: int, generator: np.random.Generator) -> npt.NDArray[np.bool_]:
    """A mask that draws about `count` items, the same share of every class."""
    chosen = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        chosen[generator.permutation(members)[: round(count * len(members) / len(labels))]] = True
    return chosen
