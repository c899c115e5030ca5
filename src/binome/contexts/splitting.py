"""Splits: which items are trained on, calibrated on and tested on, the same on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from binome.contexts.context import SplitName
from binome.core import BinomeError

Labels = npt.NDArray[np.int64]
Masks = dict[SplitName, npt.NDArray[np.bool_]]

SPLIT_SEED = 0
TENTHS = 10


def stratified(labels: Labels, count: int, generator: np.random.Generator) -> npt.NDArray[np.bool_]:
    """A mask that draws about `count` items, the same share of every class."""
    chosen = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        chosen[generator.permutation(members)[: round(count * len(members) / len(labels))]] = True
    return chosen


def split_shares(labels: Labels, test: float = 0.2, calibration: float = 0.1) -> Masks:
    """Stratified masks with these shares of test and calibration items; the rest trains.

    Every class has at least one item in each split.

    Raises:
        BinomeError: when a class has fewer than three items.
    """
    generator = np.random.default_rng(SPLIT_SEED)
    masks: Masks = {name: np.zeros(len(labels), dtype=bool) for name in ("train", "calibration", "test")}
    for label in np.unique(labels):
        members = generator.permutation(np.flatnonzero(labels == label))
        if len(members) < 3:
            raise BinomeError(f"a class has {len(members)} items; three are needed, one for each split")
        tests, calibrating = (max(1, round(share * len(members))) for share in (test, calibration))
        masks["test"][members[:tests]] = True
        masks["calibration"][members[tests : tests + calibrating]] = True
        masks["train"][members[tests + calibrating :]] = True
    return masks


def tenths(values: npt.NDArray[np.float32]) -> Labels:
    """Numbers as classes of equal size, from the lowest tenth to the highest: to stratify estimates by."""
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return np.asarray(ranks * TENTHS // max(1, len(values)), dtype=np.int64)
