"""`digits`: scikit-learn's 1,797 handwritten digits of 8 × 8 pixels, embedded in the package."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from binome.contexts.context import SplitName, context
from binome.contexts.images.pictures import ImageContext, Pictures
from binome.contexts.splitting import stratified
from binome.core.stimulus import Decision, Task

TASK = Task(
    context="digits",
    title={"en": "Reading digits", "fr": "Lire des chiffres"},
    question={"en": "Which digit is this?", "fr": "Quel est ce chiffre ?"},
    decisions=tuple(Decision(str(digit), str(digit)) for digit in range(10)),
)
TEST, CALIBRATION, SPLIT_SEED = 500, 200, 0


@context("digits")
def digits(
    operator_view: Mapping[str, float] | None = None, predictor_view: Mapping[str, float] | None = None
) -> ImageContext:
    """Handwritten digits of 8 × 8 pixels (Alpaydin & Kaynak 1998, by scikit-learn): 1,797 items, ten classes."""
    from sklearn.datasets import load_digits

    data = load_digits()
    # Sixteen grey levels become the usual 256.
    pixels = np.rint(data.images * (255 / 16)).astype(np.uint8)[:, None]
    labels = data.target.astype(np.int64)
    generator = np.random.default_rng(SPLIT_SEED)
    test = stratified(labels, TEST, generator)
    rest = np.flatnonzero(~test)
    calibration = np.zeros_like(test)
    calibration[rest[stratified(labels[rest], CALIBRATION, generator)]] = True
    masks: dict[SplitName, npt.NDArray[np.bool_]] = {
        "train": ~(test | calibration),
        "calibration": calibration,
        "test": test,
    }
    splits = {name: Pictures(pixels[mask], labels[mask]) for name, mask in masks.items()}
    return ImageContext(TASK, splits, mirrors=False, operator_view=operator_view, predictor_view=predictor_view)
