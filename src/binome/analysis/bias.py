"""Biases in taking advice: anchoring, confirmation, aversion after an error."""

from __future__ import annotations

import numpy as np
import polars as pl

from binome.analysis.measure import Statistic, combine, measure, of_baseline, ratio
from binome.analysis.sample import Codes, Floats, Sample

DECISIONS = ("truth", "advice", "initial", "final")


@measure(
    "anchoring",
    needs={"item", "advice", "initial", "final"},
    family="bias",
    paper="Jacowitz & Kahneman 1995",
    unit="difference",
)
def anchoring(sample: Sample) -> Statistic:
    """How much oftener the answer is the advice seen first than the advice seen after an own answer, on the same items.

    Only items that were met in both ways count.
    """
    advised = sample.known("item", "advice", "final") & sample.advised & sample.decided
    first, after = advised & ~sample.known("initial"), advised & sample.known("initial")
    items = sample.trials["item"]
    both = set(items.filter(pl.Series(first))) & set(items.filter(pl.Series(after)))
    shared = items.is_in(list(both)).fill_null(False).to_numpy()
    followed = sample.final == sample.advice
    return combine(np.subtract, ratio(followed, first & shared), of_baseline(ratio(followed, after & shared)))


@measure("confirmation", needs=DECISIONS, family="bias", unit="difference")
def confirmation(sample: Sample) -> Statistic:
    """How much oftener advice is accepted that confirms the initial decision, for right and wrong advice, averaged."""
    known = sample.known(*DECISIONS) & sample.advised
    accepted, same, right = sample.final == sample.advice, sample.initial == sample.advice, sample.right("advice")
    parts = [ratio(accepted, known & agreement & kind) for kind in (right, ~right) for agreement in (same, ~same)]
    return combine(_mean_difference, *parts)


@measure(
    "aversion_after_error",
    needs={"position", "truth", "advice", "final"},
    family="bias",
    paper="Dietvorst et al. 2015",
    unit="difference",
)
def aversion_after_error(sample: Sample) -> Statistic:
    """How much oftener advice is followed after wrong than after right advice in the trial before, within operators.

    The slope of a linear model of following with an intercept for each operator. Below 0: aversion.
    """
    known = sample.known("position", "truth", "advice", "final") & sample.advised
    learnt = known & sample.flag("feedback") if "feedback" in sample.trials.columns else known
    before = _before(sample)
    follows = known & (before >= 0) & learnt[before]
    wrong = follows & ~sample.right("advice")[before]
    followed = (sample.final == sample.advice).astype(np.float64)
    terms = np.column_stack([followed * wrong, wrong, followed * (follows & ~wrong), follows & ~wrong])
    return Statistic(terms.astype(np.float64), _slope, follows, each=_within)


def _mean_difference(*shares: Floats) -> Floats:
    right_same, right_other, wrong_same, wrong_other = shares
    return np.asarray(((right_same - right_other) + (wrong_same - wrong_other)) / 2)


def _before(sample: Sample) -> Codes:
    """The row of the same operator's position before, in the same condition and block; −1 where there is none."""
    key = [name for name in ("study", "operator", "condition", "block") if name in sample.trials.columns]
    rows = sample.trials.select(*key, "position").with_row_index("_row")
    former = rows.with_columns(pl.col("position") + 1).unique([*key, "position"], keep="first", maintain_order=True)
    joined = rows.join(former, on=[*key, "position"], how="left", nulls_equal=True, maintain_order="left")
    return joined["_row_right"].cast(pl.Int64).fill_null(-1).to_numpy()


def _within(sums: Floats) -> Floats:
    """Of one operator: the difference of the two shares times its weight, and the weight n₁n₀ / (n₁ + n₀)."""
    after_wrong, wrong, after_right, right = np.moveaxis(sums, -1, 0)
    n = np.maximum(wrong + right, 1)
    return np.stack([(after_wrong * right - after_right * wrong) / n, wrong * right / n], axis=-1)


def _slope(sums: Floats) -> Floats:
    weight = sums[..., 1]
    slope: Floats = np.divide(sums[..., 0], weight, out=np.full(weight.shape, np.nan), where=weight > 0)
    return slope
