"""Difficulty and complementarity: how hard an item is for each side, and which side should be right on it.

No operator has decided yet, so the operator's side is stood for by a *proxy*: a model trained on the operator's view.
What it finds hard need not be what people find hard; studies that can should use answers of a pilot instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
import torch

from binome.contexts import Split
from binome.core.stimulus import Number
from binome.models.predictor import Predictor

Side = Literal["both", "operator", "predictor", "neither"]
SIDES: tuple[Side, ...] = ("both", "operator", "predictor", "neither")


@dataclass(frozen=True)
class Sides:
    """By item.

    Attributes:
        difficulty_operator, difficulty_predictor: float64 (n,), 1 less the probability of a right answer; for
            estimates, the distance from the truth in tolerances.
        complementarity: which side should be right.
    """

    items: tuple[str, ...]
    difficulty_operator: npt.NDArray[np.float64]
    difficulty_predictor: npt.NDArray[np.float64]
    complementarity: tuple[Side, ...]

    def as_table(self) -> pl.DataFrame:
        """One row an item: item, difficulty_operator, difficulty_predictor, complementarity."""
        return pl.DataFrame(
            {
                "item": list(self.items),
                "difficulty_operator": self.difficulty_operator,
                "difficulty_predictor": self.difficulty_predictor,
                "complementarity": list(self.complementarity),
            }
        )


def difficulty(predictor: Predictor, items: Split, number: Number | None = None) -> npt.NDArray[np.float64]:
    """How hard each item is for a model, float64 (n,): see `Sides`."""
    answers = predictor.predict(items.inputs)
    if number is not None:
        gaps = (answers.decisions.double() - items.truths.double()).abs()
        found: Any = gaps / number.tolerance
    else:
        right = items.accepted if items.accepted is not None else _one_hot(items, answers.probabilities.shape[1])
        found = 1 - (answers.probabilities.double() * right).sum(1).clamp(0, 1)
    return np.asarray(found.numpy(), dtype=np.float64)


def sides(
    predictor: Predictor, seen: Split, proxy: Predictor, seen_by_operator: Split, number: Number | None = None
) -> Sides:
    """Compare the predictor with a proxy of the operator on the same items.

    Args:
        predictor, seen: the predictor and the items as it sees them.
        proxy, seen_by_operator: a model of the operator, and the items as the operator sees them.
        number: the task's scale, for estimates.
    """
    rights = [
        split.right(model.predict(split.inputs).decisions, number).numpy()
        for model, split in ((proxy, seen_by_operator), (predictor, seen))
    ]
    names: dict[tuple[bool, bool], Side] = {
        (True, True): "both", (True, False): "operator", (False, True): "predictor", (False, False): "neither",
    }  # fmt: skip
    return Sides(
        seen.ids,
        difficulty(proxy, seen_by_operator, number),
        difficulty(predictor, seen, number),
        tuple(names[bool(a), bool(b)] for a, b in zip(*rights, strict=True)),
    )


def _one_hot(items: Split, count: int) -> torch.Tensor:
    return torch.nn.functional.one_hot(items.truths, count).bool()
