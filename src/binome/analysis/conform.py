"""Give each known column its type; collect what does not fit."""

from __future__ import annotations

from collections.abc import Callable, Collection

import polars as pl

from binome.analysis import dictionary
from binome.analysis.problems import BadValue, TrialsError

NUMBER = r"^[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
WHOLE = r"^[+-]?(0|[1-9]\d*)$"
Problems = list[BadValue]


def conform(
    trials: pl.DataFrame, source: str = "trials", *, from_text: bool = False, labels: Collection[str] = ()
) -> pl.DataFrame:
    """The same rows with every known column in its type; other columns as they are.

    Args:
        from_text: all columns are text (a CSV file): decisions and unknown columns that hold nothing but
            numbers then become numbers, and a decision that is only spelt as missing is missing. Typed tables keep
            the types of their decisions, made equal.
        labels: the decisions that the study knows; empty for any.

    Raises:
        TrialsError: naming row and column of every value of a wrong type or out of bounds.
    """
    problems: Problems = []
    columns = {name: _stripped(trials[name]) for name in trials.columns}
    if from_text and "explanation" in columns:
        shown = columns["explanation"]
        columns["explanation"] = shown.set(shown.is_in(dictionary.NOT_A_NUMBER), None)
    known: list[tuple[tuple[str, ...], Callable[[pl.Series, Problems], pl.Series]]] = [
        (dictionary.NAMES, _names),
        (dictionary.FLAGS, _flags),
        (dictionary.SHARES, _shares),
        (dictionary.SECONDS, _seconds),
        (dictionary.AMOUNTS, _amounts),
        (dictionary.WHOLES, _wholes),
    ]
    for names, convert in known:
        columns |= {name: convert(columns[name], problems) for name in names if name in columns}
    decisions = {name: columns[name] for name in dictionary.DECISIONS if name in columns}
    columns |= _decisions(_without_missing(decisions, labels) if from_text else decisions, from_text, problems)
    if from_text:
        others = [name for name in columns if name not in dictionary.COLUMNS or name == "block"]
        columns |= {name: _as_numbers(columns[name]) for name in others if _all_match(columns[name], NUMBER)}
    if problems:
        raise TrialsError(source, sorted(problems, key=lambda problem: (problem.row or 0, problem.column)))
    return pl.DataFrame(columns)


def _stripped(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.Categorical | pl.Enum):
        column = column.cast(pl.String)
    if column.dtype == pl.String:
        column = column.str.strip_chars()
        return column.set(column == "", None)
    if column.dtype.is_decimal():
        column = column.cast(pl.Float64)
    return column.fill_nan(None) if column.dtype.is_float() else column


def _names(column: pl.Series, problems: Problems) -> pl.Series:
    return _as_text(column)


def _as_text(column: pl.Series) -> pl.Series:
    """Whole floats lose their `.0`, so that 3 and 3.0 name the same thing."""
    if column.dtype.is_float() and (column.drop_nulls() % 1 == 0).all():
        column = column.cast(pl.Int64, strict=False)
    return column.cast(pl.String)


def _flags(column: pl.Series, problems: Problems) -> pl.Series:
    if column.dtype in (pl.Boolean, pl.Null):
        return column.cast(pl.Boolean)
    text = column.cast(pl.String).str.to_lowercase()
    missing = column.cast(pl.String).is_in(dictionary.NOT_A_NUMBER)
    true, false = text.is_in(list(dictionary.TRUE)), text.is_in(list(dictionary.FALSE))
    _collect(column, ~(true | false | missing), "true or false", problems)
    return true.set(missing | column.is_null(), None).alias(column.name)


def _numbers(column: pl.Series, expected: str, problems: Problems) -> pl.Series:
    if column.dtype == pl.String:
        column = column.set(column.is_in(dictionary.NOT_A_NUMBER), None)
    elif not (column.dtype.is_numeric() or column.dtype == pl.Null):
        problems.append(BadValue(column.name, f"type {column.dtype}", expected))
        return column
    numbers = column.cast(pl.Float64, strict=False)
    _collect(column, column.is_not_null() & (numbers.is_null() | ~numbers.is_finite()), expected, problems)
    return numbers


def _shares(column: pl.Series, problems: Problems) -> pl.Series:
    expected = "a number in [0, 1]"
    numbers = _numbers(column, expected, problems)
    if numbers.dtype == pl.Float64:
        outside = numbers.is_finite() & ~numbers.is_between(0, 1)
        _collect(column, outside, expected, problems, "rescale it: a percentage is divided by 100")
    return numbers


def _seconds(column: pl.Series, problems: Problems) -> pl.Series:
    expected = "a time in seconds, zero or more"
    numbers = _numbers(column, expected, problems)
    if numbers.dtype == pl.Float64:
        _collect(column, numbers.is_finite() & (numbers < 0), expected, problems, "did the clock go backwards?")
    return numbers


def _amounts(column: pl.Series, problems: Problems) -> pl.Series:
    expected = "a number from zero"
    numbers = _numbers(column, expected, problems)
    if numbers.dtype == pl.Float64:
        _collect(column, numbers.is_finite() & (numbers < 0), expected, problems)
    return numbers


def _wholes(column: pl.Series, problems: Problems) -> pl.Series:
    if column.dtype.is_integer():
        return column.cast(pl.Int64)
    expected = "a whole number"
    numbers = _numbers(column, expected, problems)
    if numbers.dtype != pl.Float64:
        return numbers
    _collect(column, numbers.is_finite() & (numbers % 1 != 0), expected, problems)
    return numbers.cast(pl.Int64, strict=False)


def _decisions(columns: dict[str, pl.Series], from_text: bool, problems: Problems) -> dict[str, pl.Series]:
    """All decision columns in one type: Int64, Float64 or String."""
    for name, column in columns.items():
        if not (column.dtype.is_numeric() or column.dtype in (pl.String, pl.Boolean, pl.Null)):
            problems.append(BadValue(name, f"type {column.dtype}", "labels or numbers"))
            return {}
        if column.dtype.is_float():
            _collect(column, column.is_infinite(), "a finite number or a label", problems)
    given = [column for column in columns.values() if column.dtype != pl.Null]
    text = [column for column in given if column.dtype == pl.String]
    booleans = [column for column in given if column.dtype == pl.Boolean]
    numeric = len(given) > len(text) + len(booleans)
    if booleans and text:
        names = f"{booleans[0].name!r} holds true and false, {text[0].name!r} holds labels"
        problems.append(BadValue(booleans[0].name, names, "decisions of one kind, so that they can be compared"))
        return {}
    if booleans and not numeric:
        return {name: column.cast(pl.String) for name, column in columns.items()}
    if (from_text or numeric) and all(_all_match(column, NUMBER) for column in text):
        numbers = {name: _as_numbers(column) for name, column in columns.items()}
        kind = pl.Float64 if any(column.dtype == pl.Float64 for column in numbers.values()) else pl.Int64
        return {name: column.cast(kind) for name, column in numbers.items()}
    return {name: _as_text(column) for name, column in columns.items()}


def _without_missing(columns: dict[str, pl.Series], labels: Collection[str]) -> dict[str, pl.Series]:
    """Decisions without the spellings of a missing one: those that neither the study nor its truths have as a label.

    Among numbers they are missing in the truths too.
    """
    spelt = [spelling for spelling in dictionary.NOT_A_NUMBER if spelling not in labels]
    text = {name: column for name, column in columns.items() if column.dtype == pl.String}
    if not any(column.is_in(spelt).any() for column in text.values()):
        return columns
    bare = columns | {name: column.set(column.is_in(spelt), None) for name, column in text.items()}
    if all(_all_match(column, NUMBER) for column in bare.values()) or "truth" not in text:
        return bare
    truths = columns["truth"]
    spelt = [spelling for spelling in spelt if not (truths == spelling).any()]
    return columns | {name: column.set(column.is_in(spelt), None) for name, column in text.items()}


def _as_numbers(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        return column.cast(pl.Int64 if _all_match(column, WHOLE) else pl.Float64, strict=False)
    return column.cast(pl.Float64 if column.dtype.is_float() else pl.Int64)


def _all_match(column: pl.Series, pattern: str) -> bool:
    if column.dtype != pl.String:
        return column.dtype.is_numeric()
    return bool(column.drop_nulls().str.contains(pattern).all())


def _collect(column: pl.Series, bad: pl.Series, expected: str, problems: Problems, hint: str = "") -> None:
    for row in bad.fill_null(False).arg_true():
        problems.append(BadValue(column.name, repr(column[row]), expected, row + 1, hint))
