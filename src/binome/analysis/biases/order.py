"""Order effects: reliance and accuracy by the place of a condition in the operator's order."""

from __future__ import annotations

import numpy as np
import polars as pl

from binome.analysis.biases.finding import Finding, Kind, cannot, found
from binome.analysis.biases.frame import Frame, pooled
from binome.analysis.biases.slope import moments, slope_over_groups
from binome.analysis.sample import Codes

RELIANCE = Kind("order_reliance", "counterbalancing", "difference_per_place")
ACCURACY = Kind("order_accuracy", "counterbalancing", "difference_per_place")


def order(frame: Frame) -> list[Finding]:
    """Slopes on the place, with an intercept for each group: what a condition is like when it comes later."""
    reason = _barred(frame)
    if reason is not None:
        return [cannot(kind, reason, undefined=frame.sample.size) for kind in (RELIANCE, ACCURACY)]
    sample, place = frame.sample, _places(frame)
    known = (place >= 0) & frame.own
    findings = []
    for kind, columns in ((RELIANCE, ("advice", "final")), (ACCURACY, ("truth", "final"))):
        if not frame.has(*columns):
            findings.append(cannot(kind, "no_advice" if "advice" in columns else "lacks_column", undefined=sample.size))
            continue
        among = known & sample.known(*columns)
        among &= sample.advised if kind is RELIANCE else True
        answer = frame.followed if kind is RELIANCE else sample.right("final")
        values = pooled(frame, moments(place, answer, among), among, slope_over_groups)
        number, n = int(values.operators[0]), int(values.n[0])
        reason = "order_fixed" if among.any() else "no_advice" if kind is RELIANCE else "too_few_trials"
        findings.append(
            found(kind, None, float(values.value[0]), values.draws[:, 0], number, n, sample.size - n, reason)
        )
    return findings


def _barred(frame: Frame) -> str | None:
    if frame.data.size < 2:
        return "one_condition"
    if not frame.has("position"):
        return "no_order"
    met = _met(frame)
    if not (met["groups"] > 1).any():
        return "one_condition_each"
    return None if (met["runs"] == met["groups"]).all() else "mixed_conditions"


def _met(frame: Frame) -> pl.DataFrame:
    """By operator: how many groups were met, and in how many runs of trials."""
    layout = frame.data.layout
    table = pl.DataFrame(
        {"operator": layout.operator, "group": layout.group, "position": frame.sample.trials["position"]}
    )
    changed = (pl.col("group") != pl.col("group").shift(1)).fill_null(True)
    table = table.filter(pl.col("position").is_not_null()).sort("operator", "position", "group")
    return table.group_by("operator").agg(groups=pl.col("group").n_unique(), runs=changed.sum())


def _places(frame: Frame) -> Codes:
    """The place of each trial's group in its operator's order, from 0; −1 where its position is unknown."""
    layout = frame.data.layout
    table = pl.DataFrame(
        {"operator": layout.operator, "group": layout.group, "position": frame.sample.trials["position"]}
    ).with_columns(begun=pl.col("position").min().over("operator", "group"))
    place = table.select((pl.col("begun").rank("dense").over("operator") - 1).cast(pl.Int64).fill_null(-1))
    return np.asarray(place.to_series().to_numpy(), dtype=np.int64)
