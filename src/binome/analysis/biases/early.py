"""Early failure: whether operators who met wrong advice at the start rely less on it later."""

from __future__ import annotations

import numpy as np
import polars as pl

from binome.analysis.biases.finding import Finding, Kind, cannot, found, in_groups
from binome.analysis.biases.frame import Frame, estimated, pooled
from binome.analysis.biases.measured import one_sided
from binome.analysis.measure import Statistic
from binome.analysis.sample import Floats, Mask

NATURAL = Kind("early_failure", "error_schedule", against="no_early_failure", caveat="natural_variation")
DECLARED = Kind("early_failure", "error_schedule", against="no_early_failure", caveat="error_schedule")


def early_failure(frame: Frame) -> list[Finding]:
    """How much oftener later advice is followed after wrong advice among the first, than without; in each group.

    Right and wrong later advice weigh the same. Where it goes with the group whether an operator met such advice, as
    in a declared schedule of errors, all groups are taken together.
    """
    if not frame.has("advice", "truth", "final"):
        return [cannot(NATURAL, "lacks_column" if frame.has("advice") else "no_advice", undefined=frame.sample.size)]
    if not frame.has("position"):
        return [cannot(NATURAL, "no_order", undefined=frame.sample.size)]
    later, failed = _later(frame)
    terms = _terms(frame, later, failed)
    both = [(later & frame.rows(g) & failed).any() and (later & frame.rows(g) & ~failed).any() for g in _groups(frame)]
    if not any(both) and (later & failed).any() and (later & ~failed).any():
        values = pooled(frame, terms, later, lambda sums: _difference(sums.sum(axis=-2)))
        reason = one_sided(frame.sample, later) or "too_few_trials"
        number = int(values.operators[0])
        return [
            found(DECLARED, None, float(values.value[0]), values.draws[:, 0], number, int(values.n[0]),
                  int(values.undefined[0]), reason)
        ]  # fmt: skip

    def why(rows: Mask) -> str:
        mine = later & rows
        if not (rows & frame.sample.advised).any():
            return "no_advice"
        if not mine.any():
            return "too_few_trials"
        if not (mine & failed).any() or not (mine & ~failed).any():
            return "no_early_variation"
        return one_sided(frame.sample, mine) or "too_few_trials"

    return in_groups(frame, NATURAL, estimated(frame, Statistic(terms, _difference, later)), why)


def _groups(frame: Frame) -> range:
    return range(frame.data.size)


def _later(frame: Frame) -> tuple[Mask, Mask]:
    """Advised trials after the first ones, and whether any of these had wrong advice, by operator and group."""
    sample = frame.sample
    advised = sample.advised & frame.own & sample.known("position", "truth")
    table = pl.DataFrame(
        {
            "cell": frame.data.layout.cell,
            "position": sample.trials["position"],
            "advised": advised,
            "wrong": advised & ~sample.right("advice"),
        }
    ).with_columns(place=pl.when("advised").then("position").rank("ordinal").over("cell"))
    first = pl.col("place") <= frame.early
    table = table.with_columns(
        later=(pl.col("place") > frame.early).fill_null(False),
        failed=(pl.col("wrong") & first.fill_null(False)).any().over("cell"),
    )
    return table["later"].to_numpy() & sample.known("final"), table["failed"].to_numpy()


def _terms(frame: Frame, later: Mask, failed: Mask) -> Floats:
    right, columns = frame.sample.right("advice"), []
    for kind in (right, ~right):
        for met in (failed, ~failed):
            mine = later & kind & met
            columns += [mine & frame.followed, mine]
    return np.column_stack(columns).astype(np.float64)


def _difference(sums: Floats) -> Floats:
    pairs = sums.reshape(*sums.shape[:-1], 4, 2)
    below = pairs[..., 1]
    share = np.divide(pairs[..., 0], below, out=np.full(below.shape, np.nan), where=below > 0)
    return np.asarray((share[..., 0] - share[..., 1] + share[..., 2] - share[..., 3]) / 2)
