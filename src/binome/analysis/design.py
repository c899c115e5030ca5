"""From trials to what a mixed model is fitted to: response, fixed-effects matrix, groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.analysis.formula import Formula
from binome.analysis.resampling import require_columns
from binome.analysis.sample import Floats, right
from binome.core import BinomeError, UnknownNameError

INTERCEPT = "(Intercept)"


@dataclass(frozen=True)
class Design:
    """Arrays of a mixed model, and what it says aloud about how they were made.

    Attributes:
        response: float64 (n,).
        matrix: float64 (n, k), the intercept first.
        terms: the k columns' names; `condition[advised]` is a level of a categorical column.
        levels: by categorical column, its levels, the reference first.
        groups: int64 (n, random intercepts).
        separated: levels without a finite estimate, as `(column, level)`; their rows are not among the n.
        messages: plain sentences.
    """

    response: Floats
    matrix: Floats
    terms: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]
    groups: npt.NDArray[np.int64]
    separated: tuple[tuple[str, str], ...]
    messages: tuple[str, ...]


def make_design(formula: Formula, trials: pl.DataFrame, reference: Mapping[str, str]) -> Design:
    """Arrays for `formula`; rows with a missing value are left out, and counted in the messages.

    Raises:
        UnknownNameError: for a reference that is not a level.
        BinomeError: for a missing column, a response that is not binary or does not vary, a term or a group with
            one level, terms that say the same thing twice, a reference level without a finite estimate.
    """
    trials = _with_correct(formula, trials)
    columns = [formula.response, *formula.fixed, *formula.random]
    require_columns(trials, "the model", columns)
    table = trials.select(pl.col(name).fill_nan(None) if trials[name].dtype.is_float() else name for name in columns)
    table = table.drop_nulls()
    messages = []
    if trials.height > table.height:
        messages.append(f"{trials.height - table.height} of {trials.height} trials lack a value and were left out.")
    levels = {name: _levels(table[name], reference) for name in formula.fixed if not table[name].dtype.is_numeric()}
    for name in reference:
        if name not in levels:
            raise UnknownNameError("categorical term", name, levels)
    response = _response(table[formula.response])
    separated = _separated(table, response, levels)
    for name, level in separated:
        rows = (table[name].cast(pl.String) == level).to_numpy()
        what = "true" if response[rows][0] else "false"
        messages.append(
            f"{formula.response} is {what} in all {rows.sum()} trials with {name} {level!r}: "
            "its effect has no finite estimate (complete separation)."
        )
        table, response = table.filter(~pl.Series(rows)), response[~rows]
    matrix, terms = _matrix(table, formula, {name: _without(name, found, separated) for name, found in levels.items()})
    return Design(response, matrix, terms, levels, _groups(table, formula), separated, tuple(messages))


def _with_correct(formula: Formula, trials: pl.DataFrame) -> pl.DataFrame:
    if formula.response != "correct" or "correct" in trials.columns:
        return trials
    require_columns(trials, "correct", ["truth", "final"])
    return trials.with_columns(correct=right(trials, "final"))


def _levels(values: pl.Series, reference: Mapping[str, str]) -> tuple[str, ...]:
    found = sorted(values.cast(pl.String).unique().to_list())
    if len(found) < 2:
        only = repr(found[0]) if found else "no level at all"
        raise BinomeError(f"the model compares levels of {values.name!r}, and the trials have only {only}")
    base = str(reference.get(values.name, found[0]))
    if base not in found:
        raise UnknownNameError(values.name, base, found)
    return (base, *(level for level in found if level != base))


def _response(values: pl.Series) -> Floats:
    numbers = values.cast(pl.Float64, strict=False)
    if numbers.is_null().any() or not numbers.is_in([0.0, 1.0]).all():
        raise BinomeError(f"{values.name!r} must be true or false (1 or 0) in every row")
    if numbers.n_unique() < 2:
        found = "nothing" if not len(numbers) else "true" if numbers[0] else "false"
        raise BinomeError(f"{values.name!r} is {found} in every row: there is nothing to model")
    return numbers.to_numpy()


def _separated(
    table: pl.DataFrame, response: Floats, levels: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, str], ...]:
    """Levels in which every response is the same. Their likelihood is 1 at infinity, whatever the other terms."""
    found = []
    for name, known in levels.items():
        shares = (
            table.select(pl.col(name).cast(pl.String), y=pl.Series(response)).group_by(name).agg(pl.col("y").mean())
        )
        constant = shares.filter(pl.col("y").is_in([0.0, 1.0]))[name].to_list()
        if known[0] in constant or len(known) - len(constant) < 2:
            level = known[0] if known[0] in constant else sorted(constant)[0]
            raise BinomeError(
                f"the response is the same in every trial with {name} {level!r}: compared with it, nothing has "
                "a finite estimate; choose another reference, or leave that level out"
            )
        found += [(name, level) for level in known if level in constant]
    return tuple(found)


def _without(name: str, known: tuple[str, ...], separated: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(level for level in known if (name, level) not in separated)


def _matrix(
    table: pl.DataFrame, formula: Formula, levels: Mapping[str, tuple[str, ...]]
) -> tuple[Floats, tuple[str, ...]]:
    columns, terms = [np.ones(table.height)], [INTERCEPT]
    for name in formula.fixed:
        if name not in levels:
            columns.append(table[name].cast(pl.Float64).to_numpy())
            terms.append(name)
            continue
        text = table[name].cast(pl.String)
        columns += [(text == level).cast(pl.Float64).to_numpy() for level in levels[name][1:]]
        terms += [term_of(name, level) for level in levels[name][1:]]
    matrix = np.column_stack(columns)
    if np.linalg.matrix_rank(matrix) < matrix.shape[1]:
        raise BinomeError(f"the fixed terms {', '.join(terms)} say the same thing twice; leave one out")
    return matrix, tuple(terms)


def term_of(column: str, level: str) -> str:
    """The name of a level's coefficient."""
    return f"{column}[{level}]"


def _groups(table: pl.DataFrame, formula: Formula) -> npt.NDArray[np.int64]:
    for name in formula.random:
        if table[name].n_unique() < 2:
            raise BinomeError(f"(1|{name}) needs two or more of {name!r}, and the trials have one")
        if table[name].n_unique() == table.height:
            raise BinomeError(f"(1|{name}) needs repeated trials of each {name!r}, and every trial has its own")
    return np.column_stack([table[name].rank("dense").cast(pl.Int64).to_numpy() for name in formula.random])
