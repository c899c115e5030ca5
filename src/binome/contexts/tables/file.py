"""`table`: any CSV or Parquet file, with a column to decide on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from binome.contexts.context import SplitName, context
from binome.contexts.splitting import Masks, split_shares, tenths
from binome.contexts.tables.columns import Column, Values
from binome.contexts.tables.reading import Faults, check_columns, header, infer, read
from binome.contexts.tables.table import TableContext
from binome.core import BinomeError, did_you_mean
from binome.core.stimulus import Decision, Number
from binome.core.text import Text

SPLITS: Mapping[str, SplitName] = {
    "train": "train", "calibration": "calibration", "val": "calibration", "valid": "calibration",
    "validation": "calibration", "test": "test",
}  # fmt: skip
MOST_DECISIONS = 20
SETTINGS = ("label", "unit", "help", "values", "kind", "decimals", "protected", "line", "bands")


@context("table", paths=("file",))
def table(
    file: str,
    target: str,
    title: Text = "",
    question: Text = "",
    features: Mapping[str, Mapping[str, Any]] | Sequence[str] = (),
    labels: Mapping[str, Text] | None = None,
    estimate: Mapping[str, Any] | None = None,
    id: str | None = None,
    split: str | None = None,
    limit: int | None = None,
    operator_view: Mapping[str, Any] | None = None,
    predictor_view: Mapping[str, Any] | None = None,
    skip_bad: bool = False,
) -> TableContext:
    """A CSV (comma, semicolon, tab; UTF-8) or Parquet file, one row an item, read batch by batch.

    Args:
        file: its path.
        target: the column to decide on.
        title, question: the task's words; made from the file's and the target's names without them.
        features: the columns to use, as names, or with `label`, `unit`, `help`, `values` (by value, its words), `kind`
            (`number` or `category`), `decimals`, `protected`, `line` (false: only a group), `bands`; all columns
            but the target, the id and the split by default.
        labels: by value of the target, the decision's words; their order is that of the decisions.
        estimate: `low`, `high`, `step`, `unit` and `tolerance` of an estimate; asked for, or taken where the target
            has more than 20 different numbers.
        id: a column that names each row.
        split: a column that says train, calibration (or val) or test; a seeded, stratified split without one.
        limit: use only the first so many rows.
        skip_bad: leave out rows that cannot be used, and list them.

    Raises:
        BinomeError: naming the file, and the rows or columns that cannot be used.
    """
    path = Path(file)
    if not path.is_file():
        raise BinomeError(f"there is no file {path}; correct the context's file")
    known = header(path)
    roles = [name for name in (target, id, split) if name is not None]
    check_columns(path, [*roles, *features], known)
    columns = _columns(path, features or [name for name in known if name not in roles])
    faults = Faults(path, skip_bad)
    kind = infer(path, [target])[target]
    goal = Column(target, target, category=(kind or labels is not None) and estimate is None)
    plain = [name for name in (id, split) if name is not None]
    values, texts = read(path, [*columns, goal], plain, faults)
    wanted = values.pop()
    kept = np.arange(len(wanted.numbers))[: limit or None]
    _check_splits(texts.get(split or "", []), path, split, faults)
    faults.tell()
    kept = np.array([row for row in kept if row not in faults.rows], dtype=np.int64)
    if not len(kept):
        raise BinomeError(f"{path} has no row that can be used")
    values = [_rows(each, kept) for each in values]
    wanted = _rows(wanted, kept)
    decisions, number, truths = _task(path, wanted, labels, estimate)
    given = [texts[split][row] for row in kept] if split else []
    masks = _masks(path, given, truths, number is not None)
    if id is not None and len({texts[id][row] for row in kept}) < len(kept):
        raise BinomeError(f"{path} column {id!r} names two rows alike; give an id that names each once")
    return TableContext(
        path.stem,
        title or path.stem,
        question or {"en": f"What is “{target}” here?", "fr": f"Que vaut ici « {target} » ?"},
        values,
        truths,
        masks,
        decisions=decisions,
        number=number,
        ids=[texts[id][row] for row in kept] if id else (),
        operator_view=operator_view,
        predictor_view=predictor_view,
        skipped=tuple(faults.messages),
    )


def _columns(path: Path, features: Mapping[str, Mapping[str, Any]] | Sequence[str]) -> list[Column]:
    given = features if isinstance(features, Mapping) else {name: {} for name in features}
    undeclared = [name for name, settings in given.items() if "kind" not in (settings or {})]
    categories = infer(path, undeclared) if undeclared else {}
    found = []
    for name, settings in given.items():
        options = dict(settings or {})
        for key in options:
            if key not in SETTINGS:
                near = did_you_mean(key, SETTINGS)
                raise BinomeError(
                    f"features.{name} has no setting {key!r}; {near + ' ' if near else ''}"
                    f"it takes: {', '.join(SETTINGS)}"
                )
        kind = options.pop("kind", None)
        if kind not in (None, "number", "category"):
            raise BinomeError(f"features.{name}.kind is {kind!r}; give number or category")
        options["values"] = {str(value): words for value, words in (options.get("values") or {}).items()}
        options["bands"] = tuple(options.get("bands", ()))
        category = categories[name] if kind is None else kind == "category"
        column = Column(name, **{"label": name, **options}, category=category)
        found.append(column)
    return found


def _task(
    path: Path, wanted: Values, labels: Mapping[str, Text] | None, estimate: Mapping[str, Any] | None
) -> tuple[tuple[Decision, ...], Number | None, Any]:
    """The possible decisions or the scale, and the truths."""
    target = wanted.column.id
    if not wanted.column.category:
        different = np.unique(wanted.numbers)
        if estimate is not None or len(different) > MOST_DECISIONS:
            return (), _scale(wanted.numbers, estimate or {}, target), wanted.numbers.astype(np.float32)
        names = [f"{value:g}" for value in different]
        codes = np.searchsorted(different, wanted.numbers)
    else:
        names, codes = list(wanted.names), wanted.numbers.astype(np.int64)
    if labels is not None:
        unknown = [name for name in names if name not in labels]
        if unknown:
            raise BinomeError(f"{path} column {target!r} holds {unknown[0]!r}, which labels do not name; add it there")
        order = [str(name) for name in labels if str(name) in names]
        codes = np.array([order.index(name) for name in names])[codes]
        names = order
    if len(names) < 2:
        raise BinomeError(f"{path} column {target!r} holds only {names[0]!r}; a decision needs two or more")
    if len(names) > MOST_DECISIONS:
        raise BinomeError(
            f"{path} column {target!r} has {len(names)} different values; a decision takes {MOST_DECISIONS} at most"
        )
    decisions = tuple(Decision(name, (labels or {}).get(name, name)) for name in names)
    return decisions, None, np.asarray(codes, dtype=np.int64)


def _scale(numbers: Any, given: Mapping[str, Any], target: str) -> Number:
    """The declared scale; what it leaves open from the truths: their range, a hundredth of it, half their deviation."""
    low, high = float(numbers.min()), float(numbers.max())
    step = 1.0 if high - low >= 20 else 10.0 ** np.floor(np.log10((high - low or 1.0) / 100))
    scale = Number(
        float(np.floor(low / step) * step), float(np.ceil(high / step) * step), float(step), "",
        float(f"{float(numbers.std()) / 2:.2g}"),
    )  # fmt: skip
    known = ("low", "high", "step", "unit", "tolerance")
    for key in given:
        if key not in known:
            near = did_you_mean(key, known)
            raise BinomeError(f"estimate has no {key!r}; {near + ' ' if near else ''}it takes: {', '.join(known)}")
    scale = replace(scale, **given)
    if not (scale.low <= low and high <= scale.high and scale.step > 0 and scale.tolerance >= 0):
        raise BinomeError(
            f"estimate goes from {scale.low:g} to {scale.high:g} by {scale.step:g} within {scale.tolerance:g}, "
            f"and {target!r} from {low:g} to {high:g}; widen it"
        )
    return scale


def _check_splits(given: Sequence[str], path: Path, split: str | None, faults: Faults) -> None:
    for row, name in enumerate(given):
        if name and name.strip().lower() not in SPLITS:
            faults.add(row, str(split), f"is {name!r}; give train, calibration or test")


def _masks(path: Path, given: Sequence[str], truths: Any, estimate: bool) -> Masks:
    classes = tenths(truths) if estimate else truths
    if not given:
        try:
            return split_shares(classes)
        except BinomeError as error:
            raise BinomeError(f"{path} cannot be split: {error}") from error
    named = np.array([SPLITS[name.strip().lower()] for name in given])
    masks: Masks = {name: named == name for name in ("train", "calibration", "test")}
    if not masks["calibration"].any() and masks["train"].any():
        held = np.flatnonzero(masks["train"])[
            split_shares(classes[masks["train"]], test=1e-9, calibration=0.1)["calibration"]
        ]
        masks["calibration"][held], masks["train"][held] = True, False
    for name, mask in masks.items():
        if not mask.any():
            raise BinomeError(f"{path} has no row for {name}; its split column names some for the others only")
    if not estimate:
        lost = sorted(set(np.unique(truths[masks["test"]])) - set(np.unique(truths[masks["train"]])))
        if lost:
            raise BinomeError(f"{path}: some decision is in the test rows and in no training row; split again")
    return masks


def _rows(values: Values, kept: Any) -> Values:
    """Some rows, and only the names that they hold."""
    numbers = values.numbers[kept]
    if not values.column.category:
        return Values(values.column, numbers)
    used, codes = np.unique(numbers.astype(np.int64), return_inverse=True)
    return Values(values.column, codes.astype(np.float64), tuple(values.names[place] for place in used))
