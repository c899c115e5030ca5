"""Splits of case files: a quarter to test, 15 % to calibrate, the rest to train, the same share of every class."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from binome.contexts.context import SplitName
from binome.contexts.splitting import stratified

TEST, CALIBRATION, SEED = 0.25, 0.15, 0
BINS = 5
LEAST = 10
"""Rows of a class, so that every split has two of it at least."""

Places = npt.NDArray[np.int64]


def divide(truths: npt.NDArray[Any], estimates: bool) -> dict[SplitName, Places]:
    """The places of each split's items, in increasing order; the same truths give the same split.

    Args:
        truths: (n,), indices of decisions, or numbers to estimate.
        estimates: whether they are numbers; fifths of them, by size, are then the classes.
    """
    labels = np.argsort(np.argsort(truths, kind="stable"), kind="stable") * BINS // len(truths) if estimates else truths
    generator = np.random.default_rng(SEED)
    test = stratified(labels, round(TEST * len(labels)), generator)
    rest = np.flatnonzero(~test)
    calibration = np.zeros_like(test)
    calibration[rest[stratified(labels[rest], round(CALIBRATION * len(labels)), generator)]] = True
    return {
        "train": np.flatnonzero(~(test | calibration)),
        "calibration": np.flatnonzero(calibration),
        "test": np.flatnonzero(test),
    }
