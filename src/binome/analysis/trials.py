"""Read trials of any origin and check them against the trial dictionary."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from binome.analysis import dictionary
from binome.analysis.conform import conform
from binome.analysis.guessing import guess_columns
from binome.analysis.impossible import impossible, incomparable
from binome.analysis.problems import BadValue, TrialsError
from binome.analysis.reading import read_table
from binome.analysis.sample import Codes
from binome.analysis.trialmap import Given, TrialMap, apply_map, read_map
from binome.core import did_you_mean

REJECTED = {"row": pl.Int64, "column": pl.String, "found": pl.String, "expected": pl.String, "hint": pl.String}


@dataclass(frozen=True)
class Sifted:
    """Trials that can be used, and the others.

    Attributes:
        trials: as `read_trials` gives them.
        rejected: one row a reason: `row` (in the file, from 1, without the header), `column`, `found`, `expected`,
            `hint`, as an error would have said it.
    """

    trials: pl.DataFrame
    rejected: pl.DataFrame


def read_trials(
    path: str | Path,
    mapping: Given = None,
    *,
    missing: Collection[str] = (),
    labels: Collection[str] = (),
    initial_in: Collection[str] = (),
) -> pl.DataFrame:
    """Trials from a file of any origin, one row a decision, checked.

    Decisions (truth, advice, initial, final) come back in one type: numbers when all of them are
    numbers, else labels. An empty field is missing; `None` in a decision is a label. NA, N/A and NaN are missing
    too, but for decisions whose truths, or `labels`, have them as a label.
    A decision missing where `delegated` is true is the advice; one missing elsewhere stays missing
    and every measure counts it as undefined.

    Args:
        path: CSV (comma, semicolon or tab, UTF-8), Parquet, or JSON as jsPsych and JATOS write it.
        mapping: column names, as `{"ours": "theirs"}`, e.g. `{"operator": "participant_id"}`. The other
            direction is understood when only that one fits the file. Columns that are not named keep
            their names, and give way to a mapped column of the same name. More can be said with the parts of a
            `TrialMap` (`columns`, `where`, `wide`, …), here or in a YAML file whose path this is.
        missing: further spellings of a missing field, e.g. `["NA", "-99"]`.
        labels: the decisions that the study knows; empty for any.
        initial_in: conditions that ask for an initial decision; a final one without it is impossible there.

    Raises:
        TrialsError: naming row and column of each value that cannot be used.
        BinomeError: when the file cannot be read or the mapping does not fit it.
    """
    sifted, problems = _sifted_file(path, mapping, missing, labels, initial_in)
    if problems:
        raise TrialsError(Path(path).name, problems)
    return sifted


def sift_trials(
    path: str | Path,
    mapping: Given = None,
    *,
    missing: Collection[str] = (),
    labels: Collection[str] = (),
    initial_in: Collection[str] = (),
) -> Sifted:
    """As `read_trials`, but rows that cannot be used are left out and listed; of doubles, the first stays.

    Raises:
        TrialsError: for a whole column that cannot be used.
        BinomeError: when the file cannot be read or the mapping does not fit it.
    """
    trials, problems = _sifted_file(path, mapping, missing, labels, initial_in)
    rows = [(p.row, p.column, p.found, p.expected, p.hint) for p in problems]
    return Sifted(trials, pl.DataFrame(rows, schema=REJECTED, orient="row"))


def check_trials(rows: pl.DataFrame | Iterable[Mapping[str, Any]], source: str = "trials") -> pl.DataFrame:
    """Trials that are already in memory, checked as `read_trials` checks a file.

    Decisions keep their type (the labels "0" to "9" stay labels). No row at all gives an empty table
    with every known column.

    Raises:
        TrialsError: naming row and column of each value that cannot be used.
    """
    frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(list(rows), infer_schema_length=None)
    if not frame.columns:
        return conform(pl.DataFrame(schema=dict.fromkeys(sorted(dictionary.COLUMNS), pl.Null)))
    trials, problems = _sifted(frame, np.arange(1, frame.height + 1), TrialMap(), source, from_text=False)
    if problems:
        raise TrialsError(source, problems)
    return trials


def _sifted_file(
    path: str | Path, mapping: Given, missing: Collection[str], labels: Collection[str], initial_in: Collection[str]
) -> tuple[pl.DataFrame, list[BadValue]]:
    path, given = Path(path), read_map(mapping)
    given = replace(
        given,
        missing=[*given.missing, *missing],
        labels=[*given.labels, *labels],
        initial_in=[*given.initial_in, *initial_in],
    )
    raw, from_text = read_table(path)
    raw = raw.with_columns(_row=pl.int_range(1, pl.len() + 1))
    if all(raw[name].null_count() for name in raw.columns if name != "_row"):
        raw = raw.filter(~pl.all_horizontal(pl.exclude("_row").is_null()))
    raw = apply_map(raw, given, path.name)
    return _sifted(raw.drop("_row"), raw["_row"].to_numpy(), given, path.name, from_text=from_text)


def _sifted(
    raw: pl.DataFrame, rows: Codes, given: TrialMap, source: str, *, from_text: bool
) -> tuple[pl.DataFrame, list[BadValue]]:
    """The rows that can be used, and what is wrong with the others, sorted by row."""
    _require_columns(raw, source)
    problems: list[BadValue] = []
    while True:
        try:
            trials = conform(raw, source, from_text=from_text, labels=given.labels)
            break
        except TrialsError as error:
            if any(problem.row is None for problem in error.problems):
                raise
            kept = np.ones(raw.height, dtype=np.bool_)
            for problem in error.problems:
                place = (problem.row or 1) - 1
                kept[place] = False
                problems.append(replace(problem, row=int(rows[place])))
            raw, rows = raw.filter(pl.Series(kept)), rows[kept]
    if {"final", "delegated", "advice"} <= set(trials.columns):
        trials = trials.with_columns(
            pl.when(pl.col("delegated").fill_null(False) & pl.col("final").is_null())
            .then("advice")
            .otherwise("final")
            .alias("final")
        )
    whole = incomparable(trials)
    if whole:
        raise TrialsError(source, [*problems, *whole])
    found = impossible(trials, rows, given.labels, given.initial_in)
    if found:
        trials = trials.filter(~pl.Series(rows).is_in([problem.row for problem in found]))
    return trials, sorted([*problems, *found], key=lambda problem: (problem.row or 0, problem.column))


def _require_columns(raw: pl.DataFrame, source: str) -> None:
    listing = ", ".join(raw.columns) or "none"
    problems = []
    if "operator" not in raw.columns:
        near = did_you_mean("operator", raw.columns)
        expected = "one that says who decided"
        hint = near or _naming("operator", raw.columns)
        problems.append(BadValue("operator", f"no such column among {listing}", expected, hint=hint))
    if not {"final", "delegated"} & set(raw.columns):
        hint = _naming("final", raw.columns)
        problems.append(BadValue("final", f"no such column among {listing}", "the decisions", hint=hint))
    elif "delegated" not in raw.columns and raw.height and raw["final"].null_count() == raw.height:
        hint = _naming("final", raw.columns)
        problems.append(BadValue("final", "no decision in any row", "the decisions", hint=hint))
    if problems:
        raise TrialsError(source, problems)


def _naming(ours: str, names: list[str]) -> str:
    theirs = guess_columns(names).get(ours)
    if theirs is None:
        return 'name yours with mapping={"ours": "theirs"}'
    return f'perhaps mapping={{"{ours}": "{theirs}"}}'
