"""Cross-validation: how much a predictor's worth hangs on which items it was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from binome.contexts import Context, Shown, Split, SplitName
from binome.core import BinomeError, derive_seed
from binome.core.progress import bar
from binome.core.stimulus import Task
from binome.models.evaluation import evaluate
from binome.models.fitting import fit

FIGURES = ("accuracy", "balanced_accuracy", "macro_f1", "auroc", "brier", "error")


def cross_validate(
    context: Context, architecture: str, seed: int = 0, *, folds: int = 5, **settings: Any
) -> dict[str, Any]:
    """Train on all folds but one and evaluate on that one, for each in turn.

    The folds are drawn from the training and calibration items, stratified by truth (an estimate's, by tenths), so the
    test split stays untouched. In each turn a ninth of the training items, or as many as the context's own share,
    calibrate.

    Returns:
        `folds`: each fold's figures; `mean` and `deviation` (of the folds, n − 1) of each figure: accuracy,
        balanced_accuracy, macro_f1, auroc and brier, or accuracy (within the tolerance) and error. A figure that is
        undefined in some fold has no mean.

    Raises:
        BinomeError: for fewer than two folds, or more than items of some class.
    """
    pool = _joined(context.split("train"), context.split("calibration"))
    share = len(context.split("calibration")) / len(pool)
    labels = _strata(pool, context)
    if folds < 2 or folds > np.bincount(labels)[np.unique(labels)].min():
        fewest = int(np.bincount(labels)[np.unique(labels)].min())
        raise BinomeError(f"folds is {folds}; give 2 to {fewest}, the items of the rarest class")
    fold = _folds(labels, folds, derive_seed(seed, "folds"))
    rows = []
    with bar(f"cross-validating {architecture}", folds) as progress:
        for number in range(folds):
            part = _Fold(context, pool, fold == number, labels, share, derive_seed(seed, "calibration", number))
            predictor = fit(part, architecture, seed, **settings)
            figures = evaluate(predictor, part, resamples=0, robustness=0).as_dict()
            values = {name: _value(figures[name]) for name in FIGURES if name in figures}
            rows.append({"fold": number, "n": figures["n"], **values})
            progress.advance()
    named = [name for name in FIGURES if name in rows[0]]
    return {
        "folds": rows,
        "mean": {name: _over(rows, name, np.mean) for name in named},
        "deviation": {name: _over(rows, name, lambda values: np.std(values, ddof=1)) for name in named},
    }


class _Fold:
    """A context whose test items are one fold, and whose training and calibration items are the others."""

    def __init__(
        self,
        context: Context,
        pool: Split,
        held_out: npt.NDArray[np.bool_],
        labels: npt.NDArray[np.int64],
        share: float,
        seed: int,
    ) -> None:
        self._context = context
        kept = np.flatnonzero(~held_out)
        count = max(2, round(1 / share))
        calibrating = _folds(labels[kept], count, seed) == 0
        places = {"train": kept[~calibrating], "calibration": kept[calibrating], "test": np.flatnonzero(held_out)}
        self._splits = {name: pool.take(torch.from_numpy(index)) for name, index in places.items()}

    @property
    def name(self) -> str:
        return self._context.name

    @property
    def task(self) -> Task:
        return self._context.task

    @property
    def input_shape(self) -> tuple[int, ...]:
        return self._context.input_shape

    @property
    def categories(self) -> tuple[int, ...]:
        return self._context.categories

    @property
    def inputs_of(self) -> tuple[int, ...]:
        return self._context.inputs_of

    @property
    def mirrors(self) -> bool:
        return self._context.mirrors

    @property
    def operator_view(self) -> Mapping[str, Any]:
        return self._context.operator_view

    @property
    def predictor_view(self) -> Mapping[str, Any]:
        return self._context.predictor_view

    @property
    def skipped(self) -> tuple[str, ...]:
        return self._context.skipped

    def split(self, name: SplitName) -> Split:
        return self._splits[name]

    def show(self, item: str) -> Shown:
        return self._context.show(item)


def _folds(labels: npt.NDArray[np.int64], count: int, seed: int) -> npt.NDArray[np.int64]:
    """A fold for each item: every class is dealt out in turn, in random order."""
    generator, fold = np.random.default_rng(seed), np.zeros(len(labels), dtype=np.int64)
    dealt = 0
    for label in np.unique(labels):
        members = generator.permutation(np.flatnonzero(labels == label))
        fold[members] = (dealt + np.arange(len(members))) % count
        dealt += len(members)
    return fold


def _strata(pool: Split, context: Context) -> npt.NDArray[np.int64]:
    truths = pool.truths.numpy()
    if context.task.number is None:
        return np.asarray(truths, dtype=np.int64)
    ranks = np.argsort(np.argsort(truths, kind="stable"), kind="stable")
    return np.asarray(ranks * 10 // len(truths), dtype=np.int64)


def _joined(one: Split, other: Split) -> Split:
    def both(a: torch.Tensor | None, b: torch.Tensor | None) -> torch.Tensor | None:
        return None if a is None or b is None else torch.cat([a, b])

    return Split(
        one.ids + other.ids,
        torch.cat([one.inputs, other.inputs]),
        torch.cat([one.truths, other.truths]),
        both(one.accepted, other.accepted),
        both(one.values, other.values),
        {name: values + other.groups[name] for name, values in one.groups.items()},
    )


def _value(figure: Mapping[str, float | None]) -> float | None:
    return figure["value"]


def _over(rows: list[dict[str, Any]], name: str, statistic: Any) -> float | None:
    values = [row[name] for row in rows]
    return None if None in values else float(statistic(values))
