"""Measures of delegation: how often, and whether it is the items to delegate that are delegated.

What the operator would have achieved is estimated out of fold: the share of right decisions that other operators made
by themselves on the same item. What the predictor achieves is its calibrated confidence, not its correctness, which
nobody could know beforehand.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from binome.analysis.measure import Statistic, combine, measure, ratio
from binome.analysis.resampling import with_condition
from binome.analysis.sample import Floats, Mask, Sample, right

NEEDS = ("operator", "item", "truth", "final", "delegated", "advice_confidence")
PAPER = "Fügener et al. 2022"


@measure("delegation_rate", needs={"delegated"}, family="delegation", paper=PAPER)
def delegation_rate(sample: Sample) -> Statistic:
    """Share of decisions left to the predictor."""
    return ratio(sample.flag("delegated"), among=sample.known("delegated"))


@measure("delegation_quality", needs=NEEDS, family="delegation", paper=PAPER, unit="difference")
def delegation_quality(sample: Sample) -> Statistic:
    """How much oftener an item is delegated that the predictor is better at than one that people are better at."""
    human, machine = _expected(sample)
    known, delegated = sample.known("delegated"), sample.flag("delegated")
    parts = (ratio(delegated, among=known & better) for better in (machine > human, machine < human))
    return combine(np.subtract, *parts)


@measure("delegation_regret", needs=NEEDS, family="delegation", paper=PAPER, unit="difference")
def delegation_regret(sample: Sample) -> Statistic:
    """Expected accuracy lost because the better of the two did not decide; 0 is best."""
    human, machine = _expected(sample)
    known = sample.known("delegated") & np.isfinite(human) & np.isfinite(machine)
    chosen = np.where(sample.flag("delegated"), machine, human)
    return ratio(np.maximum(human, machine) - chosen, among=known)


def _instead_of_advice(sample: Sample) -> Mask:
    """Trials of conditions in which items could be handed over and that ask for no initial decision.

    Only where no column says whether advice was shown: it was there to be handed over to, not to be read.
    """
    trials = sample.trials
    if "advice_shown" in trials.columns:
        return np.zeros(sample.size, dtype=np.bool_)
    asked = sample.known("initial") if "initial" in trials.columns else np.zeros(sample.size, dtype=np.bool_)
    condition = with_condition(trials, "condition")["condition"]
    seen = pl.DataFrame({"condition": condition, "handed": sample.flag("delegated"), "asked": asked})
    return seen.select((pl.col("handed").any() & ~pl.col("asked").any()).over("condition")).to_series().to_numpy()


def _expected(sample: Sample) -> tuple[Floats, Floats]:
    """Expected accuracy of the operator and of the predictor on each trial's item; NaN where unknown."""
    trials = sample.trials
    correct, alone = right(trials, "final"), sample.decided
    if "advice" in trials.columns:
        alone = alone & (~sample.advised | _instead_of_advice(sample))
    if "initial" in trials.columns:
        first = sample.known("initial")
        correct, alone = right(trials, "initial").zip_with(pl.Series(first), correct), alone | first
    own = trials.select("operator", "item").with_columns(
        right=pl.when(pl.Series(alone)).then(correct.cast(pl.Float64)), row=pl.int_range(pl.len())
    )
    known = own.filter(pl.col("right").is_not_null() & pl.col("item").is_not_null())
    item = known.group_by("item").agg(pl.col("right").sum().alias("sum"), pl.len().alias("n"))
    mine = known.group_by("item", "operator").agg(pl.col("right").sum().alias("my_sum"), pl.len().alias("my_n"))
    joined = own.join(item, on="item", how="left", maintain_order="left").join(
        mine, on=["item", "operator"], how="left", maintain_order="left"
    )
    others = joined.select(
        sum=pl.col("sum").fill_null(0) - pl.col("my_sum").fill_null(0),
        n=pl.col("n").cast(pl.Float64).fill_null(0) - pl.col("my_n").fill_null(0),
    )
    total = others["n"].to_numpy()
    human = np.divide(others["sum"].to_numpy(), total, out=np.full(sample.size, np.nan), where=total > 0)
    return human, sample.numbers("advice_confidence")
