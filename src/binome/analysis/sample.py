"""Trials as arrays: what a measure is computed from."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.analysis import dictionary
from binome.core import BinomeError, UnknownNameError

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Label = str | int | float
SLACK = 1e-6
"""Share of a tolerance by which an estimate may exceed it: rounding on one machine decides nothing."""


class Sample:
    """The trials of one analysis, column by column, each array of shape (trials,).

    Decisions are codes that can be compared with each other: equal labels (or numbers) have equal
    codes; a missing one is -1, so that a mask must ask `known` before it compares.

    Args:
        positive: of two labels, the one that says that what is looked for is there; the later in sorted order (yes
            after no, 1 after 0) where it is not said.
    """

    def __init__(self, trials: pl.DataFrame, positive: Label | None = None) -> None:
        self.trials = trials
        self.size = trials.height
        self._asked_positive = positive
        self._present: dict[str, Mask] = {}
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
            if column not in self._present:
                self._present[column] = self.trials[column].is_not_null().to_numpy()
            present &= self._present[column]
        return present

    @cached_property
    def advised(self) -> Mask:
        """Trials in which advice was shown: it is known, and no column `advice_shown` denies it."""
        shown = self.known("advice")
        if "advice_shown" in self.trials.columns:
            shown &= self.trials["advice_shown"].fill_null(True).to_numpy()
        return shown

    @cached_property
    def decided(self) -> Mask:
        """Trials that the operator decided: not handed over, and not left to the model by a column `decided_by`."""
        own = np.ones(self.size, dtype=np.bool_)
        if "delegated" in self.trials.columns:
            own &= ~self.flag("delegated")
        if "decided_by" in self.trials.columns:
            own &= ~(self.trials["decided_by"] == "model").fill_null(False).to_numpy()
        return own

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

    def positive(self, column: str) -> Mask:
        """Of decisions between two labels: trials in which a column holds the positive one.

        Raises:
            BinomeError: naming the labels when there are more than two.
            UnknownNameError: when the label asked for as positive is neither of them.
        """
        if self._positive is None:
            return np.zeros(self.size, dtype=np.bool_)
        same: Mask = (self.trials[column] == self._positive).fill_null(False).to_numpy()
        return same

    @cached_property
    def _positive(self) -> Any:
        columns = [name for name in dictionary.DECISIONS if name in self.trials.columns]
        labels = pl.concat([self.trials[name].rename("label") for name in columns]).drop_nulls().unique().sort()
        if len(labels) > 2:
            listing = ", ".join(map(str, labels[:5].to_list())) + (", …" if len(labels) > 5 else "")
            raise BinomeError(
                f"it is for decisions between two labels, and the columns {', '.join(columns)} "
                f"hold {len(labels)}: {listing}"
            )
        if self._asked_positive is None:
            return labels[-1] if len(labels) else None
        by_text = {str(label): label for label in labels.to_list()}
        if len(labels) == 2 and str(self._asked_positive) not in by_text:
            raise UnknownNameError("positive label", str(self._asked_positive), by_text)
        return by_text.get(str(self._asked_positive))

    def flag(self, column: str) -> Mask:
        """A column of true and false, or of their spellings; missing is false."""
        values = self.trials[column]
        if values.dtype == pl.String:
            values = values.str.to_lowercase().is_in(list(dictionary.TRUE))
        return values.cast(pl.Boolean).fill_null(False).to_numpy()

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
