"""Rows that cannot be what they say: no operator, unknown labels, impossible sequences, a decision twice."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from binome.analysis import dictionary
from binome.analysis.problems import BadValue
from binome.analysis.sample import Codes

MARKS = {"trial": ("study",), "position": ("study", "condition", "block"), "item": ("study", "condition", "block")}
"""What tells an operator's decisions apart, and within what."""


def impossible(
    trials: pl.DataFrame, rows: Codes, labels: Collection[str] = (), initial_in: Collection[str] = ()
) -> list[BadValue]:
    """Every row that must go, with its reason; of doubles, all but the first.

    Args:
        rows: int64 (trials,), the number of each row in its file.
        labels: the decisions that the study knows; empty for any.
        initial_in: conditions in which an initial decision was asked for.
    """
    return [
        *_missing_operators(trials, rows),
        *_unknown_labels(trials, rows, labels),
        *_sequences(trials, rows, initial_in),
        *_doubles(trials, rows),
    ]


def incomparable(trials: pl.DataFrame) -> list[BadValue]:
    """Truths and decisions without one label in common, though both repeat: two spellings of the same thing."""
    if not {"truth", "final"} <= set(trials.columns) or trials["final"].dtype != pl.String:
        return []
    truths, finals = (set(trials[name].drop_nulls().unique().to_list()) for name in ("truth", "final"))
    if min(len(truths), len(finals)) < 2 or truths & finals or trials.height < 4 * len(truths | finals):
        return []
    found = f"the labels {_some(finals)}, of which the column 'truth' has none: {_some(truths)}"
    return [BadValue("final", found, "the labels of the column 'truth'")]


def _some(labels: Collection[str]) -> str:
    return ", ".join(sorted(labels)[:5]) + (", …" if len(labels) > 5 else "")


def _missing_operators(trials: pl.DataFrame, rows: Codes) -> list[BadValue]:
    return [
        BadValue("operator", "nothing", "who decided", int(rows[i])) for i in trials["operator"].is_null().arg_true()
    ]


def _unknown_labels(trials: pl.DataFrame, rows: Codes, labels: Collection[str]) -> list[BadValue]:
    if not labels:
        return []
    expected = f"a label of the study: {', '.join(labels)}"
    measured = _measured(trials)
    found = []
    for name in (name for name in dictionary.DECISIONS if name in trials.columns):
        text = trials[name].cast(pl.String)
        unknown = (text.is_not_null() & ~text.is_in(list(labels))) & measured
        found += [BadValue(name, repr(trials[name][i]), expected, int(rows[i])) for i in unknown.arg_true()]
    return found


def _sequences(trials: pl.DataFrame, rows: Codes, initial_in: Collection[str]) -> list[BadValue]:
    """Stages that cannot have followed each other."""
    checks = [
        ("initial", _asked(trials, initial_in), "nothing, though the condition asks for it", "the initial decision"),
        ("advice", _flag(trials, "advice_shown"), "nothing, though advice was shown", "the advice"),
        ("explanation", _flag(trials, "explanation_opened"), "nothing, though it was opened", "its name"),
    ]
    measured, found = _measured(trials), []
    for column, needed, what, expected in checks:
        lacking = trials[column].is_null() if column in trials.columns else pl.repeat(True, trials.height, eager=True)
        found += [BadValue(column, what, expected, int(rows[i])) for i in (needed & lacking & measured).arg_true()]
    return found


def _asked(trials: pl.DataFrame, initial_in: Collection[str]) -> pl.Series:
    """Decided by the operator in a condition that asks for an initial decision."""
    if not initial_in or not {"condition", "final"} <= set(trials.columns):
        return pl.repeat(False, trials.height, eager=True)
    asked = trials["condition"].is_in(list(initial_in)).fill_null(False) & trials["final"].is_not_null()
    if "decided_by" in trials.columns:
        asked &= (trials["decided_by"] != "model").fill_null(True)
    return asked & ~_flag(trials, "delegated")


def _flag(trials: pl.DataFrame, name: str) -> pl.Series:
    return trials[name].fill_null(False) if name in trials.columns else pl.repeat(False, trials.height, eager=True)


def _measured(trials: pl.DataFrame) -> pl.Series:
    """Rows that are neither practice nor attention checks nor excluded."""
    flags = [name for name in dictionary.LEAVES_OUT if name in trials.columns]
    return trials.select(
        ~pl.any_horizontal(pl.repeat(False, pl.len()), *(pl.col(name).fill_null(False) for name in flags))
    ).to_series()


def _doubles(trials: pl.DataFrame, rows: Codes) -> list[BadValue]:
    """Rows that name the same decision twice: the same trial, else position, else item of one operator."""
    mark = next((name for name in MARKS if name in trials.columns and trials[name].null_count() < trials.height), None)
    if mark is None:
        return []
    key = [*(name for name in MARKS[mark] if name in trials.columns), "operator", mark]
    numbered = (
        trials.select(key).with_columns(_row=pl.Series(rows)).filter(_measured(trials) & trials[mark].is_not_null())
    )
    twice = numbered.filter(numbered.select(key).is_duplicated())
    first = twice.with_columns(_first=pl.col("_row").min().over(key)).filter(pl.col("_row") != pl.col("_first"))
    hint = "remove one, or keep the column that tells them apart: block, position"
    return [
        BadValue(
            mark,
            f"{row[mark]!r} of operator {row['operator']!r} again (first in row {row['_first']})",
            "one row a decision",
            int(row["_row"]),
            hint,
        )
        for row in first.iter_rows(named=True)
    ]
