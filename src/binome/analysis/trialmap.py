"""What has to be said of another platform's table so that it can be read as trials."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from binome.analysis import dictionary
from binome.analysis.staging import join_stages
from binome.core import BinomeError, did_you_mean

Given = Mapping[str, Any] | str | Path | None


@dataclass(frozen=True)
class TrialMap:
    """How another table says what trials say.

    Attributes:
        columns: ours by theirs, `{"operator": "participant_id"}`.
        where: rows to keep, by their column, one value or several: `{"trial_type": "image-button-response"}`.
        wide: for tables with one row an operator: our columns by a template of theirs, `{"final": "answer_{}"}`.
        into: the column that gets what stands for `{}`.
        stages: for tables with one row a stage: the `column` that tells stages apart, and what it holds in rows of the
            `initial` and of the `final` answer; both answers are in our column `final`.
        values: ours by theirs within one of our columns, `{"final": {"0": "cat"}}`; others stay as they are.
        scale: a factor by one of our columns, `{"final_seconds": 0.001}`.
        missing: further spellings of a missing field.
        labels: the labels that the study knows; empty for any.
        initial_in: conditions in which an initial decision was asked for.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    wide: Mapping[str, str] = field(default_factory=dict)
    into: str = "item"
    stages: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    scale: Mapping[str, float] = field(default_factory=dict)
    missing: Collection[str] = ()
    labels: Collection[str] = ()
    initial_in: Collection[str] = ()


KEYS = frozenset(part.name for part in fields(TrialMap))


def read_map(given: Given) -> TrialMap:
    """A mapping, a YAML file of one, or nothing. A mapping of names to names alone is its `columns`.

    Raises:
        BinomeError: when the file cannot be read, or holds a key that does not exist.
    """
    source = "the mapping"
    if isinstance(given, str | Path):
        source = str(given)
        try:
            given = yaml.safe_load(Path(given).read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise BinomeError(f"{source} cannot be read as a mapping: {error}") from error
    if not given:
        return TrialMap()
    if not isinstance(given, Mapping):
        raise BinomeError(
            f"{source} must be a mapping such as {{columns: {{operator: participant_id}}}}, found {given!r}"
        )
    if all(isinstance(value, str) for value in given.values()) and not set(given) <= KEYS:
        return TrialMap(columns={str(ours): theirs for ours, theirs in given.items()})
    for key in given:
        if key not in KEYS:
            near = did_you_mean(str(key), KEYS)
            raise BinomeError(
                f"{source} has no part {key!r}; {near + ' ' if near else ''}it has: {', '.join(sorted(KEYS))}"
            )
    return TrialMap(**{key: _checked(source, key, value) for key, value in given.items() if value is not None})


def apply_map(raw: pl.DataFrame, given: TrialMap, source: str) -> pl.DataFrame:
    """The table with our names, in long form. A column `_row` (from 1), if there, stays what it is.

    Raises:
        BinomeError: naming a column that the table lacks.
    """
    raw = _where(raw, given.where, source)
    if given.missing:
        raw = _without(raw, list(given.missing))
    if given.columns:
        raw = _renamed(raw, given.columns, source)
    if given.wide:
        raw = _long(raw, given.wide, given.into, source)
    if given.stages:
        raw = join_stages(raw, {part: json_name(value) for part, value in given.stages.items()}, source)
    for name, table in given.values.items():
        _require(raw, name, source)
        # YAML reads 0: cat as a number's name, and yes as true.
        names = {json_name(theirs): str(ours) for theirs, ours in table.items()}
        # A column of numbers with a gap is written 0.0 and 1.0 by many a program.
        names = {f"{theirs}.0": ours for theirs, ours in names.items() if theirs.lstrip("+-").isdecimal()} | names
        raw = raw.with_columns(pl.col(name).cast(pl.String).replace(names))
    for name, factor in given.scale.items():
        _require(raw, name, source)
        scaled = raw[name].cast(pl.Float64, strict=False) * float(factor)
        if (scaled.is_null() & raw[name].is_not_null()).any():
            # What is no number stays as it is: the check of the column's type says whether it may.
            scaled = scaled.cast(pl.String).zip_with(scaled.is_not_null(), raw[name].cast(pl.String))
        raw = raw.with_columns(scaled.alias(name))
    return raw


def _without(raw: pl.DataFrame, missing: list[str]) -> pl.DataFrame:
    """The table with what is spelt as missing empty, in columns of text and of numbers."""
    text = [name for name in raw.columns if raw[name].dtype == pl.String]
    numbers = [name for name in raw.columns if raw[name].dtype.is_numeric() and name != "_row"]
    codes = pl.Series(missing, dtype=pl.String).cast(pl.Float64, strict=False).drop_nulls().to_list()
    return raw.with_columns(
        pl.when(~pl.col(text).is_in(missing)).then(pl.col(text)),
        pl.when(~pl.col(numbers).cast(pl.Float64).is_in(codes)).then(pl.col(numbers)),
    )


def json_name(value: Any) -> str:
    """How a value of YAML is written in a table: truth values as true and false."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _checked(source: str, key: str, value: Any) -> Any:
    if key in ("missing", "labels", "initial_in") and isinstance(value, list | tuple | set | frozenset):
        return [json_name(part) for part in value]
    expected = "a name" if key == "into" else "a list" if key in ("missing", "labels", "initial_in") else "a mapping"
    if not isinstance(value, {"a name": str, "a mapping": Mapping}.get(expected, ())):
        raise BinomeError(f"{source}: {key}: found {value!r}, expected {expected}")
    return value


def _where(raw: pl.DataFrame, where: Mapping[str, Any], source: str) -> pl.DataFrame:
    for name, kept in where.items():
        _require(raw, name, source)
        values = [json_name(value) for value in (kept if isinstance(kept, list | tuple) else [kept])]
        raw = raw.filter(pl.col(name).cast(pl.String).is_in(values))
    return raw


def _renamed(raw: pl.DataFrame, mapping: Mapping[str, str], source: str) -> pl.DataFrame:
    forward = all(theirs in raw.columns for theirs in mapping.values())
    backward = all(name in raw.columns for name in mapping) and len(set(mapping.values())) == len(mapping)
    theirs_first = set(mapping.values()) <= dictionary.COLUMNS and not set(mapping) <= dictionary.COLUMNS
    if backward and (not forward or theirs_first):
        mapping = {ours: theirs for theirs, ours in mapping.items()}
    elif not forward:
        lost = next(theirs for theirs in mapping.values() if theirs not in raw.columns)
        _require(raw, lost, source)
    kept = [name for name in raw.columns if name not in mapping.values() and name not in mapping]
    return raw.select(*kept, *(pl.col(theirs).alias(ours) for ours, theirs in mapping.items()))


def _long(raw: pl.DataFrame, wide: Mapping[str, str], into: str, source: str) -> pl.DataFrame:
    """One row for each row and each text that stands for `{}`; rows in which all those columns are empty go."""
    found: dict[str, dict[str, str]] = {}
    for ours, template in wide.items():
        if template.count("{}") != 1:
            raise BinomeError(
                f"the mapping's wide column {ours!r} needs {{}} once, as in 'answer_{{}}'; found {template!r}"
            )
        before, after = map(re.escape, template.split("{}"))
        matches = {name: re.fullmatch(f"{before}(.+){after}", name) for name in raw.columns}
        found[ours] = {match[1]: name for name, match in matches.items() if match}
        if not found[ours]:
            raise BinomeError(f"{source} has no column like {template!r}; it has: {', '.join(_shown(raw))}")
    taken = {name for names in found.values() for name in names.values()}
    kept = [name for name in raw.columns if name not in taken and name != into and name not in wide]
    keys = list(dict.fromkeys(key for names in found.values() for key in names))
    parts = [
        raw.select(
            *kept,
            pl.lit(key).alias(into),
            *(
                pl.col(names[key]).alias(ours) if key in names else pl.lit(None).alias(ours)
                for ours, names in found.items()
            ),
        )
        for key in keys
    ]
    # Interleaved, so that an operator's rows stay together, in the order of the columns.
    order = np.arange(len(keys) * raw.height).reshape(len(keys), raw.height).T.ravel()
    table = pl.concat(parts, how="vertical_relaxed")[order]
    return table.filter(~pl.all_horizontal(pl.col(list(wide)).is_null()))


def _require(raw: pl.DataFrame, name: str, source: str) -> None:
    if name not in raw.columns:
        near = did_you_mean(name, _shown(raw))
        raise BinomeError(
            f"{source} has no column {name!r} to map; {near + ' ' if near else ''}it has: {', '.join(_shown(raw))} "
            '(a mapping reads {"ours": "theirs"})'
        )


def _shown(raw: pl.DataFrame) -> list[str]:
    return [name for name in raw.columns if name != "_row"]
