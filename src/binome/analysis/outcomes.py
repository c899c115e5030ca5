"""What a trial can come to: right or wrong, advice followed or not, relied on as it should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from binome.analysis.resampling import require_columns
from binome.analysis.sample import Mask, Sample
from binome.core import BinomeError, UnknownNameError

Outcome = Callable[[Sample], tuple[Mask, Mask]]
"""From trials to where it holds, and where it can be asked."""


def outcome_of(trials: pl.DataFrame, name: str) -> pl.Series:
    """One value a trial, null where the trial cannot tell: true and false, or the numbers of a column.

    Args:
        trials: conformed, those that count.
        name: `correct` (F = Y), `followed` (F = A), `appropriate` (right advice followed or wrong advice rejected),
            `followed_right` (F = A, of right advice), `rejected_wrong` (F ≠ A, of wrong advice), the four of these on
            trials with shown advice; or a column of true and false, or of numbers.

    Raises:
        UnknownNameError: for what is neither.
        BinomeError: naming a column that is missing, or one that holds text.
    """
    if name in trials.columns:
        column = trials[name]
        if column.dtype != pl.Boolean and not column.dtype.is_numeric():
            raise BinomeError(f"outcome {name!r}: the column must hold true and false or numbers, found {column.dtype}")
        return column
    if name not in OUTCOMES:
        raise UnknownNameError("outcome", name, [*OUTCOMES, *trials.columns])
    needs, function = OUTCOMES[name]
    require_columns(trials, f"outcome {name!r}", needs)
    holds, asked = function(Sample(trials))
    return pl.Series(name, holds).set(pl.Series(~asked), None)


def is_binary(values: pl.Series) -> bool:
    """Whether it holds true and false, or nothing but 1 and 0."""
    return values.dtype == pl.Boolean or bool(values.cast(pl.Float64).drop_nulls().is_in([0.0, 1.0]).all())


def _correct(sample: Sample) -> tuple[Mask, Mask]:
    return sample.right("final"), sample.known("truth", "final")


def _followed(sample: Sample) -> tuple[Mask, Mask]:
    return sample.final == sample.advice, sample.known("advice", "final") & sample.advised


def _appropriate(sample: Sample) -> tuple[Mask, Mask]:
    followed, asked = _followed(sample)
    as_it_should: Mask = np.equal(followed, sample.right("advice"))
    return as_it_should, asked & sample.known("truth")


def _followed_right(sample: Sample) -> tuple[Mask, Mask]:
    followed, asked = _followed(sample)
    return followed, asked & sample.known("truth") & sample.right("advice")


def _rejected_wrong(sample: Sample) -> tuple[Mask, Mask]:
    followed, asked = _followed(sample)
    return ~followed, asked & sample.known("truth") & ~sample.right("advice")


OUTCOMES: Mapping[str, tuple[tuple[str, ...], Outcome]] = {
    "correct": (("truth", "final"), _correct),
    "followed": (("advice", "final"), _followed),
    "appropriate": (("truth", "advice", "final"), _appropriate),
    "followed_right": (("truth", "advice", "final"), _followed_right),
    "rejected_wrong": (("truth", "advice", "final"), _rejected_wrong),
}
