"""`table`: the rows of any CSV, TSV or Parquet file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from binome.contexts.context import SplitName, context
from binome.contexts.tables.declaring import check_labels, check_text, declare, read_wishes, values_of
from binome.contexts.tables.reading import SPLITS, Reader, Target
from binome.contexts.tables.rows import BadRows
from binome.contexts.tables.scale import check_scale, scale_of
from binome.contexts.tables.source import Source
from binome.contexts.tables.splitting import BINS, LEAST, Places, divide
from binome.contexts.tables.survey import Found, survey
from binome.contexts.tables.table import Cases, TableContext
from binome.core import BinomeError
from binome.core.stimulus import Decision, Task
from binome.core.text import Text

MOST_DECISIONS, MOST_NUMBERS = 50, 10
"""Most decisions that a task may have, and most different numbers that are taken for decisions, not for an estimate."""
LIMIT_SEED = 0


@context("table", paths=("file",))
def table(
    file: str,
    target: str | None = None,
    title: Text | None = None,
    question: Text | None = None,
    features: Sequence[str] | Mapping[str, Mapping[str, Any] | None] | None = None,
    decisions: Mapping[Any, Text] | None = None,
    estimate: Mapping[str, Any] | None = None,
    id: str | None = None,
    split: str | None = None,
    limit: int | None = None,
    skip_bad: bool = False,
    operator_view: Mapping[str, Any] | None = None,
    predictor_view: Mapping[str, Any] | None = None,
) -> TableContext:
    """The rows of a CSV, TSV or Parquet file, one an item.

    The file is read twice, in batches; what is kept of a row is a byte a category and four a number (eight where four
    would lose digits).

    Args:
        file: its path; a header is needed.
        target: the column to decide on, or to estimate.
        title, question: as the operator reads them.
        features: a list of columns; or by column some of `label`, `unit`, `help`, `kind` (`number` or `category`),
            `values` (a label by value: a category, and other values are mistakes), `decimals`, `protected` and
            `bands` (where a protected number's groups part); all columns by default. A column is one of numbers when
            nine cells of ten are.
        decisions: a label by value of the target, in the order of the buttons; its values by default.
        estimate: the scale, some of `low`, `high`, `step`, `unit`, `tolerance` (see `scale_of` for the others). A
            target with more than ten different numbers is an estimate without being told.
        id: a column with the items' ids; `row-…` by default.
        split: a column of `train`, `calibration` and `test`; drawn by default, see `divide`.
        limit: use only so many rows, drawn with a fixed seed.
        skip_bad: leave rows out that cannot be used, and list them in `skipped`.

    Raises:
        BinomeError: naming the file, its rows or columns, what was found and the mend.
    """
    source = Source(Path(file))
    if target is None:
        raise BinomeError(f"{file} needs a target, the column to decide on; it has: {', '.join(source.names)}")
    for name, field in ((target, "target"), (id, "id"), (split, "split")):
        if name is not None:
            source.check(name, field)
    for text, field in ((title, "title"), (question, "question")):
        if text is not None:
            check_text(text, field)
    if decisions is not None and estimate is not None:
        raise BinomeError("decisions and estimate are both given; a target is one or the other, drop one")
    if decisions is not None:
        check_labels(decisions, "decisions")
    said = check_scale(estimate if estimate is not None else {})
    wishes = read_wishes(features, [name for name in (target, id, split) if name is not None], source)
    rows, found = survey(source, [*wishes, target], skip_bad=skip_bad)
    columns = [declare(name, wish, found[name], source) for name, wish in wishes.items()]
    estimates = _estimates(found[target], decisions, estimate)
    choices = () if estimates else _choices(target, decisions, found[target], source)
    aim = Target(target, tuple(each.id for each in choices), said.get("low"), said.get("high"))
    bad = BadRows(source.path.name, skip_bad)
    cases, marks = Reader(source, columns, aim, found, _taken(rows, limit), id, split, bad).read()
    if estimates:
        _check_amount(source, len(cases.rows))
    else:
        _check_classes(source, aim, cases.truths, divided=split is None)
    splits = divide(cases.truths, estimates) if split is None else _marked(source, aim, cases, marks)
    number = scale_of(said, found[target], cases.truths[splits["train"]], target) if estimates else None
    task = Task(
        "table",
        title if title is not None else source.path.stem,
        question if question is not None else _question(target),
        choices,
        number,
    )
    return TableContext(
        task, columns, cases, splits,
        operator_view=operator_view, predictor_view=predictor_view, skipped=bad.listing,
    )  # fmt: skip


def _question(target: str) -> Text:
    return {"en": f"What is {target}?", "fr": f"Que vaut {target}\u00a0?"}


def _taken(rows: int, limit: int | None) -> npt.NDArray[np.bool_]:
    """Which rows to use."""
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise BinomeError(f"limit is {limit!r}; give a whole number, 1 or more")
    if limit is None or limit >= rows:
        return np.ones(rows, dtype=bool)
    taken = np.zeros(rows, dtype=bool)
    taken[np.random.default_rng(LIMIT_SEED).choice(rows, limit, replace=False)] = True
    return taken


def _estimates(found: Found, decisions: object, estimate: object) -> bool:
    if decisions is not None or estimate is not None:
        return estimate is not None
    return found.is_number and len(found.values) > MOST_NUMBERS


def _choices(target: str, labels: Mapping[Any, Text] | None, found: Found, source: Source) -> tuple[Decision, ...]:
    if labels is None and len(found.values) > MOST_DECISIONS:
        raise BinomeError(
            f"{source.path}: column {target!r} holds more than {MOST_DECISIONS} different texts, too many to choose "
            f"from; take another target"
        )
    if labels is not None and len(labels) > MOST_DECISIONS:
        raise BinomeError(f"decisions has {len(labels)} values; give {MOST_DECISIONS} at most")
    values = values_of(target, labels, found, source)
    if len(values) < 2:
        only = f"only {values[0].id!r}" if values else "nothing"
        raise BinomeError(f"{source.path}: column {target!r} holds {only}; take a target with two values or more")
    return tuple(Decision(value.id, value.label) for value in values)


def _check_amount(source: Source, rows: int) -> None:
    least = LEAST * BINS
    if rows < least:
        raise BinomeError(f"{source.path} has {rows} usable rows, an estimate needs {least}; gather more")


def _check_classes(source: Source, target: Target, truths: npt.NDArray[Any], *, divided: bool) -> None:
    """Refuse a target of one class, or classes that are too rare to be in every split."""
    counts = dict(zip(target.decisions, np.bincount(truths, minlength=len(target.decisions)).tolist(), strict=True))
    present = [name for name, count in counts.items() if count]
    if len(present) < 2:
        only = f"only {present[0]!r}" if present else "nothing"
        raise BinomeError(
            f"{source.path}: in the usable rows, {target.column!r} is {only}; take a target with two values or more"
        )
    least = LEAST if divided else 1
    rare = [f"{name!r} in {count}" for name, count in counts.items() if count < least]
    if rare:
        raise BinomeError(
            f"{source.path}: {target.column!r} is {', '.join(rare)} of the usable rows, and each decision needs "
            f"{least} so that every split has some; gather more rows, or merge or drop such decisions"
        )


def _marked(source: Source, target: Target, cases: Cases, marks: npt.NDArray[np.uint8]) -> dict[SplitName, Places]:
    """The splits that the file marks, each with the same decisions."""
    splits = {name: np.flatnonzero(marks == place) for place, name in enumerate(SPLITS)}
    for name, places in splits.items():
        if not len(places):
            raise BinomeError(f"{source.path} has no usable row marked {name}; mark some, or drop split")
    if not target.decisions:
        return splits
    known = set(np.unique(cases.truths[splits["train"]]).tolist())
    for name, places in splits.items():
        here = set(np.unique(cases.truths[places]).tolist())
        for side, odd in (("has", here - known), ("lacks", known - here)):
            if odd:
                listing = ", ".join(repr(target.decisions[place]) for place in sorted(odd))
                other = "lacks" if side == "has" else "has"
                raise BinomeError(
                    f"{source.path}: the {name} split {side} {target.column} {listing}, which the train split {other}; "
                    f"mark the rows so that every split has every decision"
                )
    return splits
