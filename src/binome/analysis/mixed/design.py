"""From trials to what a mixed model is fitted to: response, fixed-effects matrix, random effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from binome.analysis.mixed.crossed import Block
from binome.analysis.mixed.family import Family, family_of, read_response
from binome.analysis.mixed.formula import Formula
from binome.analysis.mixed.random import Random, random_effects
from binome.analysis.mixed.separation import check_cells, separated_levels
from binome.analysis.resampling import require_columns
from binome.analysis.sample import Floats, right
from binome.core import BinomeError, UnknownNameError

INTERCEPT = "(Intercept)"
Column = tuple[tuple[str, str | None], ...]
"""A column of the matrix: columns of trials that are multiplied, each with its level if it is categorical."""


@dataclass(frozen=True)
class Design:
    """Arrays of a mixed model, and what it says aloud about how they were made.

    Attributes:
        family: of the response.
        response: float64 (n,), as `read_response` gives it.
        categories: names of the response's categories; none but for ordinal ones.
        matrix: float64 (n, k), the intercept first (ordinal: none, the thresholds stand for it).
        columns: what the k columns are.
        levels: by categorical column, its levels, the reference first.
        means: by numeric column, its mean.
        interactions: of categorical columns.
        random: the random effects, in the formula's order.
        separated: levels without a finite estimate, as `(column, level)`; their rows are not among the n.
        messages: plain sentences.
    """

    family: Family
    response: Floats
    categories: tuple[str, ...]
    matrix: Floats
    columns: tuple[Column, ...]
    levels: Mapping[str, tuple[str, ...]]
    means: Mapping[str, float]
    interactions: tuple[tuple[str, ...], ...]
    random: tuple[Random, ...]
    separated: tuple[tuple[str, str], ...]
    messages: tuple[str, ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """The k columns' names; `condition[advised]` is a level of a categorical column."""
        return tuple(term_of(column) for column in self.columns)

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(effect.block for effect in self.random)

    def present(self, name: str) -> tuple[str, ...]:
        """A column's levels that have a finite estimate."""
        return tuple(level for level in self.levels[name] if (name, level) not in self.separated)

    def profile(self, chosen: Mapping[str, str]) -> Floats:
        """The row (k,) of chosen levels; other categorical columns averaged with equal weights, numbers at their mean.

        NaN where a level has no finite estimate.
        """
        if any(level in self.separated for level in chosen.items()):
            return np.full(len(self.columns), np.nan)
        return np.array([np.prod([self._share(*part, chosen) for part in column]) for column in self.columns])

    def _share(self, name: str, level: str | None, chosen: Mapping[str, str]) -> float:
        if level is None:
            return self.means[name]
        return float(chosen[name] == level) if name in chosen else 1 / len(self.present(name))


def make_design(formula: Formula, trials: pl.DataFrame, reference: Mapping[str, str], family: str | None) -> Design:
    """Arrays for `formula`; rows with a missing value are left out, and counted in the messages.

    Raises:
        UnknownNameError: for a reference that is not a level, a family that does not exist.
        BinomeError: for a missing column, a response that is not of the family or does not vary, a term or a group
            with one level, terms that say the same thing twice, effects without a finite estimate, random effects
            that cannot be told apart.
    """
    trials = _with_correct(formula, trials)
    require_columns(trials, "the model", formula.columns)
    table = trials.select(
        pl.col(name).fill_nan(None) if trials[name].dtype.is_float() else name for name in formula.columns
    ).drop_nulls()
    messages = []
    if trials.height > table.height:
        messages.append(f"{trials.height - table.height} of {trials.height} trials lack a value and were left out.")
    names = dict.fromkeys(name for term in formula.fixed for name in term)
    levels = {name: _levels(table[name], reference) for name in names if not table[name].dtype.is_numeric()}
    for name in reference:
        if name not in levels:
            raise UnknownNameError("categorical term", name, levels)
    kind = family_of(family, table[formula.response])
    response, categories = read_response(kind, table[formula.response])
    separated = separated_levels(table, response, levels, kind, len(categories))
    for name, level in separated:
        rows = (table[name].cast(pl.String) == level).to_numpy()
        what = _said(kind, table[formula.response].filter(rows)[0])
        messages.append(
            f"{formula.response} is {what} in all {rows.sum()} trials with {name} {level!r}: "
            "its effect has no finite estimate (complete separation)."
        )
        table, response = table.filter(~pl.Series(rows)), response[~rows]
    present = {name: tuple(at for at in known if (name, at) not in separated) for name, known in levels.items()}
    interactions = tuple(term for term in formula.fixed if len(term) > 1 and all(name in levels for name in term))
    for term in interactions:
        check_cells(table, response, term, present, kind, len(categories))
    columns = _columns(formula, present, intercept=kind.name != "ordinal")
    random, said = random_effects(formula, table, kind, present)
    means = {name: float(table[name].cast(pl.Float64).to_numpy().mean()) for name in names if name not in levels}
    return Design(
        kind, response, categories, _matrix(table, columns, kind), columns, levels, means, interactions, random,
        separated, (*messages, *said),
    )  # fmt: skip


def _said(family: Family, value: object) -> str:
    if family.name != "binomial":
        return f"{value}"
    return "true" if value in (True, 1, "1", "true") else "false"


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


def _columns(formula: Formula, present: Mapping[str, tuple[str, ...]], *, intercept: bool) -> tuple[Column, ...]:
    columns: list[Column] = [()] if intercept else []
    for term in formula.fixed:
        made: list[Column] = [()]
        # The first factor varies fastest, as in R.
        for name in reversed(term):
            parts = [(name, level) for level in present[name][1:]] if name in present else [(name, None)]
            made = [(part, *rest) for rest in made for part in parts]
        columns += made
    return tuple(columns)


def term_of(column: Column) -> str:
    """The name of a coefficient."""
    return ":".join(name if level is None else f"{name}[{level}]" for name, level in column) or INTERCEPT


def _matrix(table: pl.DataFrame, columns: tuple[Column, ...], family: Family) -> Floats:
    parts: dict[tuple[str, str | None], Floats] = {}
    for name, level in dict.fromkeys(part for column in columns for part in column):
        values = table[name] if level is None else table[name].cast(pl.String) == level
        parts[name, level] = values.cast(pl.Float64).to_numpy()
    matrix = np.ones((table.height, len(columns)))
    for place, column in enumerate(columns):
        for part in column:
            matrix[:, place] *= parts[part]
    whole = np.column_stack([np.ones(table.height), matrix]) if family.name == "ordinal" else matrix
    size = np.abs(whole).max(axis=0, initial=0.0)
    if np.linalg.matrix_rank(whole / np.where(size > 0, size, 1)) < whole.shape[1]:
        for name in (name for name, level in parts if level is None):
            if table[name].n_unique() == 1:
                raise BinomeError(
                    f"{name!r} is {table[name][0]} in every row, so that it explains nothing; leave it out"
                )
        terms = ", ".join(term_of(column) for column in columns)
        raise BinomeError(f"the fixed terms {terms} say the same thing twice; leave one out")
    return matrix
