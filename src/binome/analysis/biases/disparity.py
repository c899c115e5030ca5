"""Disparities: whether reliance and accuracy differ between groups of items or of operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from binome.analysis.biases.finding import Finding, Kind, cannot, found
from binome.analysis.biases.frame import Frame
from binome.analysis.measure import registry
from binome.analysis.sample import Floats, Mask
from binome.analysis.summing import Layout, operator_counts
from binome.core import BinomeError, did_you_mean

KINDS = {
    "overreliance": Kind("disparity_overreliance", "protected_attribute", caveat="groups_differ"),
    "underreliance": Kind("disparity_underreliance", "protected_attribute", caveat="groups_differ"),
    "accuracy": Kind("disparity_accuracy", "protected_attribute", caveat="groups_differ"),
}
MOST_LEVELS = 6
ASKED_IN = ("demographics", "screening")
"""Questionnaires whose answers divide operators into groups unless others are asked for."""


def disparity(frame: Frame) -> list[Finding]:
    """Differences of over-reliance, under-reliance and accuracy; of more than two groups, each less all others."""
    findings: list[Finding] = []
    for name, kind in KINDS.items():
        needs = registry.get(name).declared["needs"]
        if not frame.has(*needs):
            reason = "no_advice" if "advice" in needs and not frame.has("advice") else "lacks_column"
            findings.append(cannot(kind, reason, undefined=frame.sample.size))
        elif not frame.attributes:
            findings.append(cannot(kind, "no_groups", undefined=frame.sample.size))
        else:
            findings += [row for column in frame.attributes for row in _between(frame, name, kind, column)]
    return findings


def attributes(trials: pl.DataFrame, protected: Sequence[str] | None) -> tuple[str, ...]:
    """Columns that divide trials into groups: those asked for, or what is known of items and operators in few labels.

    Raises:
        BinomeError: naming a column that is asked for and missing, or that makes fewer than two groups.
    """
    if protected is None:
        columns = [name for name in trials.columns if name.startswith(("item_", "operator_"))]
        return tuple(name for name in columns if _divides(trials[name]))
    for name in protected:
        if name not in trials.columns:
            near = did_you_mean(name, trials.columns)
            raise BinomeError(
                f"protected attribute {name!r} is neither a column of the trials nor a question of the answers; "
                f"{near + ' ' if near else ''}found: {', '.join(trials.columns)}"
            )
        levels = trials[name].drop_nulls().n_unique()
        if levels < 2:
            raise BinomeError(f"protected attribute {name!r} has {levels} value(s), where two or more are needed")
    return tuple(protected)


def with_answers(
    trials: pl.DataFrame, answers: pl.DataFrame | None, protected: Sequence[str] | None
) -> tuple[pl.DataFrame, list[str] | None]:
    """Trials with what operators answered as columns `operator_NAME`, and the attributes asked for by their columns.

    Args:
        answers: as exported: operator, name, value; and, where there are any, questionnaire, kind, attempt.
    """
    if answers is None:
        return trials, None if protected is None else list(protected)
    for column in ("operator", "name", "value"):
        if column not in answers.columns:
            raise BinomeError(f"answers need the column {column!r}; found: {', '.join(answers.columns) or 'none'}")
    if "kind" in answers.columns:
        answers = answers.filter(pl.col("kind") == "answer")
    if protected is None and "questionnaire" in answers.columns:
        answers = answers.filter(pl.col("questionnaire").is_in(ASKED_IN))
    answers = answers.filter(pl.col("value").is_not_null() & pl.col("operator").is_not_null())
    names = sorted(set(answers["name"].drop_nulls()))
    if protected is not None:
        names = [name for name in names if name in protected and name not in trials.columns]
    trials = trials.with_columns(pl.col("operator").cast(pl.String))
    for name in names:
        own = (
            answers.filter(pl.col("name") == name)
            .group_by("operator", maintain_order=True)
            .agg(pl.col("value").cast(pl.String).last().alias(f"operator_{name}"))
            .with_columns(pl.col("operator").cast(pl.String))
        )
        trials = trials.drop(f"operator_{name}", strict=False).join(
            own, on="operator", how="left", maintain_order="left"
        )
    if protected is None:
        return trials, None
    return trials, [f"operator_{name}" if name in names else name for name in protected]


def _divides(column: pl.Series) -> bool:
    """Whether a column holds a few labels. Numbers, even as text, are amounts."""
    if column.dtype == pl.String:
        known = column.drop_nulls()
        if len(known) and known.cast(pl.Float64, strict=False).null_count() == 0:
            return False
    elif column.dtype != pl.Boolean:
        return False
    return 2 <= column.drop_nulls().n_unique() <= MOST_LEVELS


def _between(frame: Frame, name: str, kind: Kind, column: str) -> list[Finding]:
    statistic = registry.get(name).target(frame.sample)
    values = frame.sample.trials[column].cast(pl.String)
    levels = sorted(values.drop_nulls().unique().to_list())
    place = values.replace_strict(levels, range(len(levels)), default=len(levels), return_dtype=pl.Int64).to_numpy()
    groups = len(levels) + 1
    layout = Layout(frame.data.layout.operator, place, np.zeros(groups, np.int64), len(frame.data.operators), groups)
    if not isinstance(statistic.terms, np.ndarray):
        raise TypeError("disparities take measures of dense sums")
    sums, k = operator_counts(statistic.terms, layout), statistic.terms.shape[1]
    drawn = (frame.draws @ sums.reshape(len(sums), -1)).reshape(len(frame.draws), groups, k)
    observed = sums.sum(axis=0)[None]

    def difference(sums: Floats, first: int) -> Floats:
        others = [i for i in range(len(levels)) if i != first]
        return statistic.value(sums[:, first]) - statistic.value(sums[:, others].sum(axis=1))

    findings = []
    for first in range(1 if len(levels) == 2 else len(levels)):
        counted: Mask = statistic.counted & (place < len(levels))
        sides = counted & (place == first), counted & (place != first)
        operators = min(len(np.unique(layout.operator[side])) for side in sides)
        second = levels[1] if len(levels) == 2 else "others"
        findings.append(
            found(
                replace(kind, against=column), f"{levels[first]} − {second}",
                float(difference(observed, first)[0]), difference(drawn, first), operators, int(counted.sum()),
                int(len(counted) - counted.sum()), "one_group_only",
            )
        )  # fmt: skip
    return findings
