"""Read trials of any origin and check them against the trial dictionary."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from binome.analysis import dictionary
from binome.analysis.conform import conform
from binome.analysis.problems import BadValue, TrialsError
from binome.core import BinomeError, did_you_mean


def read_trials(
    path: str | Path, mapping: Mapping[str, str] | None = None, *, missing: Collection[str] = ()
) -> pl.DataFrame:
    """Trials from a file of any origin, one row a decision, checked.

    Decisions (truth, advice, initial, final) come back in one type: numbers when all of them are
    numbers, else labels. Only an empty field is missing: `None` or `NA` in a decision is a label. In
    a column of numbers or of true/false, where no label can be, NA and NaN are missing too.
    A decision missing where `delegated` is true is the advice; one missing elsewhere stays missing
    and every measure counts it as undefined.

    Args:
        path: CSV (comma, semicolon or tab, UTF-8) or Parquet.
        mapping: column names, as `{"ours": "theirs"}`, e.g. `{"operator": "participant_id"}`. The other
            direction is understood when only that one fits the file. Columns that are not named keep
            their names, and give way to a mapped column of the same name.
        missing: further spellings of a missing field, e.g. `["NA", "-99"]`.

    Raises:
        TrialsError: naming row and column of each value that cannot be used.
        BinomeError: when the file cannot be read or the mapping does not fit it.
    """
    path = Path(path)
    raw = _read(path)
    if missing:
        text = [name for name in raw.columns if raw[name].dtype == pl.String]
        raw = raw.with_columns(pl.when(~pl.col(text).is_in(list(missing))).then(pl.col(text)))
    if mapping:
        raw = _renamed(raw, mapping, path.name)
    return _checked(raw, path.name, from_text=path.suffix.lower() != ".parquet")


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
    return _checked(frame, source, from_text=False)


def _read(path: Path) -> pl.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path)
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline()
        separator = max(",;\t", key=header.count)
        return pl.read_csv(path, infer_schema=False, separator=separator)
    except (OSError, UnicodeDecodeError, PolarsError) as error:
        raise BinomeError(f"{path} cannot be read as a table: {error}") from error


def _renamed(raw: pl.DataFrame, mapping: Mapping[str, str], source: str) -> pl.DataFrame:
    forward = all(theirs in raw.columns for theirs in mapping.values())
    backward = all(name in raw.columns for name in mapping) and len(set(mapping.values())) == len(mapping)
    theirs_first = set(mapping.values()) <= dictionary.COLUMNS and not set(mapping) <= dictionary.COLUMNS
    if backward and (not forward or theirs_first):
        mapping = {ours: theirs for theirs, ours in mapping.items()}
    elif not forward:
        lost = next(theirs for theirs in mapping.values() if theirs not in raw.columns)
        near = did_you_mean(lost, raw.columns)
        raise BinomeError(
            f"{source} has no column {lost!r} to map; {near + ' ' if near else ''}it has: {', '.join(raw.columns)} "
            '(a mapping reads {"ours": "theirs"})'
        )
    kept = [name for name in raw.columns if name not in mapping.values() and name not in mapping]
    return raw.select(*kept, *(pl.col(theirs).alias(ours) for ours, theirs in mapping.items()))


def _checked(raw: pl.DataFrame, source: str, *, from_text: bool) -> pl.DataFrame:
    _require_columns(raw, source)
    trials = conform(raw, source, from_text=from_text)
    if {"final", "delegated", "advice"} <= set(trials.columns):
        trials = trials.with_columns(
            pl.when(pl.col("delegated").fill_null(False) & pl.col("final").is_null())
            .then("advice")
            .otherwise("final")
            .alias("final")
        )
    problems = [*_missing_operators(trials), *_incomparable(trials), *_doubles(trials)]
    if problems:
        raise TrialsError(source, problems)
    return trials


def _require_columns(raw: pl.DataFrame, source: str) -> None:
    listing = ", ".join(raw.columns) or "none"
    hint = 'name yours with mapping={"ours": "theirs"}'
    problems = []
    if "operator" not in raw.columns:
        near = did_you_mean("operator", raw.columns)
        expected = "one that says who decided"
        problems.append(BadValue("operator", f"no such column among {listing}", expected, hint=near or hint))
    if not {"final", "delegated"} & set(raw.columns):
        problems.append(BadValue("final", f"no such column among {listing}", "the decisions", hint=hint))
    elif "final" in raw.columns and raw.height and raw["final"].null_count() == raw.height:
        problems.append(BadValue("final", "no decision in any row", "the decisions", hint=hint))
    if problems:
        raise TrialsError(source, problems)


def _missing_operators(trials: pl.DataFrame) -> list[BadValue]:
    rows = trials["operator"].is_null().arg_true()
    return [BadValue("operator", "nothing", "who decided", row + 1) for row in rows]


def _incomparable(trials: pl.DataFrame) -> list[BadValue]:
    """Truths and decisions without one label in common, though both repeat: two spellings of the same thing."""
    if not {"truth", "final"} <= set(trials.columns) or trials["final"].dtype != pl.String:
        return []
    truths, finals = (set(trials[name].drop_nulls().to_list()) for name in ("truth", "final"))
    if min(len(truths), len(finals)) < 2 or truths & finals or trials.height < 4 * len(truths | finals):
        return []
    found = f"the labels {_some(finals)}, of which the column 'truth' has none: {_some(truths)}"
    return [BadValue("final", found, "the labels of the column 'truth'")]


def _some(labels: set[str]) -> str:
    return ", ".join(sorted(labels)[:5]) + (", …" if len(labels) > 5 else "")


def _doubles(trials: pl.DataFrame) -> list[BadValue]:
    """Rows that name the same decision twice: the same trial, else position, else item of one operator."""
    counted = ~pl.any_horizontal(
        pl.lit(False), *(pl.col(name).fill_null(False) for name in dictionary.LEAVES_OUT if name in trials.columns)
    )
    within = {"trial": ("study",), "position": ("study", "condition", "block"), "item": ("study", "condition", "block")}
    for mark, context in within.items():
        if mark not in trials.columns or trials[mark].null_count() == trials.height:
            continue
        key = [*(name for name in context if name in trials.columns), "operator", mark]
        rows = trials.with_row_index("_row").filter(counted & pl.col(mark).is_not_null())
        first = rows.with_columns(_first=pl.col("_row").min().over(key)).filter(pl.col("_row") != pl.col("_first"))
        hint = "remove one, or keep the column that tells them apart: block, position"
        return [
            BadValue(
                mark,
                f"{row[mark]!r} of operator {row['operator']!r} again (first in row {row['_first'] + 1})",
                "one row a decision",
                row["_row"] + 1,
                hint,
            )
            for row in first.iter_rows(named=True)
        ]
    return []
