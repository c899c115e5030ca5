"""Trials as arrays: what a measure is computed from."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.analysis import dictionary
from binome.core import BinomeError

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SLACK = 1e-6
"""Share of a tolerance by which an estimate may exceed it: rounding on one machine decides nothing."""


class Sample:
    """The trials of one analysis, column by column, each array of shape (trials,).

    Decisions are codes that can be compared with each other: equal labels (or numbers) have equal
    codes; a missing one is -1, so that a mask must ask `known` before it compares.
    """

    def __init__(self, trials: pl.DataFrame) -> None:
        self.trials = trials
        self.size = trials.height
        self._codes = _encode([trials[name] for name in dictionary.DECISIONS if name in trials.columns])

    @property
    def truth(self) -> Codes:
        return self._codes["truth"]

    @property
    def advice(self) -> Codes:
        return self._codes["advice"]

    @property
    def initial(self) -> Codes:
        return self._codes["initial"]

    @property
    def final(self) -> Codes:
        return self._codes["final"]

    def known(self, *columns: str) -> Mask:
        """Trials in which none of the columns is missing."""
        present = np.ones(self.size, dtype=np.bool_)
        for column in columns:
            present &= self.trials[column].is_not_null().to_numpy()
        return present

    @cached_property
    def advised(self) -> Mask:
        """Trials in which advice was shown: it is known, and no column `advice_shown` denies it."""
        shown = self.known("advice")
        if "advice_shown" in self.trials.columns:
            shown &= self.trials["advice_shown"].fill_null(True).to_numpy()
        return shown

    def right(self, column: str) -> Mask:
        """Trials in which the decision of a column counts as right: the truth, or an estimate that near to it.

        A mask must ask `known` of both before it believes this.
        """
        if self.estimates:
            return right(self.trials, column).fill_null(False).to_numpy()
        same: Mask = self._codes[column] == self.truth
        return same

    @cached_property
    def estimates(self) -> bool:
        """Whether decisions are estimates: numbers of which some trial says how near to the truth counts as right."""
        return are_estimates(self.trials)

    def flag(self, column: str) -> Mask:
        """A column of true and false; missing is false."""
        return self.trials[column].fill_null(False).to_numpy()

    def numbers(self, column: str) -> Floats:
        """A column of numbers, NaN where missing.

        Raises:
            BinomeError: when it holds labels.
        """
        values = self.trials[column]
        if not (values.dtype.is_numeric() or values.dtype == pl.Null):
            example = values.drop_nulls()
            found = f"labels such as {example[0]!r}" if len(example) else "labels"
            raise BinomeError(f"column {column!r} holds {found}, where numbers are needed")
        return values.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def right(trials: pl.DataFrame, column: str) -> pl.Series:
    """Whether each decision of a column counts as right, null where it or the truth is missing.

    Equal to the truth; for numbers with a `tolerance`, at most so far from it.
    """
    answers, truths = trials[column], trials["truth"]
    equal = answers == truths
    if not are_estimates(trials) or not (answers.dtype.is_numeric() and truths.dtype.is_numeric()):
        return equal
    tolerance = trials["tolerance"].cast(pl.Float64).fill_null(0.0)
    near = (answers.cast(pl.Float64) - truths.cast(pl.Float64)).abs() <= tolerance * (1 + SLACK)
    return equal | near


def are_estimates(trials: pl.DataFrame) -> bool:
    """Whether some decision has a tolerance. Numbers without one may be labels, as in many published tables."""
    return "tolerance" in trials.columns and trials["tolerance"].null_count() < trials.height


def _encode(columns: list[pl.Series]) -> dict[str, Codes]:
    if not columns:
        return {}
    stacked = pl.concat([column.rename("decision") for column in columns])
    # Hashing is ten times faster than ranking on a million labels; numbers have no categories.
    ranked = stacked.cast(pl.Categorical).to_physical() if stacked.dtype == pl.String else stacked.rank("dense")
    codes = ranked.cast(pl.Int64).fill_null(-1).to_numpy()
    parts = np.split(codes, len(columns))
    return {column.name: part for column, part in zip(columns, parts, strict=True)}
