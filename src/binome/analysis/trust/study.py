"""`trust`: what operators said of the machine, how well they said it, and whether it was deserved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from binome.analysis.conform import conform
from binome.analysis.resampling import require_columns, used
from binome.analysis.trust.answers import Answers, filled_in, read_answers
from binome.analysis.trust.calibration import (
    LEVEL,
    calibration_table,
    can_resolve,
    gap_table,
    resolution_table,
    targets,
    with_levels,
)
from binome.analysis.trust.clustered import clustered_means
from binome.analysis.trust.rated import ROW, rated_trials
from binome.analysis.trust.reliability import SCHEMA, reliability_row
from binome.analysis.trust.scales import Scale, read_scales
from binome.analysis.trust.trajectory import slope_table, steps, trajectory_table
from binome.core import BinomeError


@dataclass(frozen=True)
class Trust:
    """What the answers to scales of trust say; `<by>` stands for the column that was asked for.

    Attributes:
        scores: `scale, operator, <by>, block, trial, occasion, value, share`: one row a time that a scale was filled
            in. `<by>` is null where the answer is about the whole session.
        means: `scale, <by>, value, low, high, n, operators, undefined`.
        reliability: `scale, items, operators, undefined, alpha, alpha_low, alpha_high, omega, omega_low, omega_high,
            reason`.
        calibration: `scale, trust_level, from, to, trust, target, value, low, high, n, operators, undefined`; `target`
            is advice or team, `value` the share of it that was right, n trials.
        gaps: `scale, target, <by>, value, low, high, n, operators, undefined`: trust minus that share.
        resolution: `scale, <by>, trust_level, value, low, high, n, undefined`; by `<by>` with a null scale and level,
            by level of trust with a null `<by>`.
        trajectory: `scale, <by>, step, value, low, high, n, operators, undefined`; a null `<by>` is the whole session.
        slopes: `scale, <by>, value, low, high, operators, undefined`: change of the score a step.
        levels: how many equal parts of [0, 1] the levels of trust are.
        left_out: operators who answered and have no trial that counts.
        reasons: by scale and part (`scale: part`), or part, the code of why it is empty.
    """

    scores: pl.DataFrame
    means: pl.DataFrame
    reliability: pl.DataFrame
    calibration: pl.DataFrame
    gaps: pl.DataFrame
    resolution: pl.DataFrame
    trajectory: pl.DataFrame
    slopes: pl.DataFrame
    levels: int
    left_out: int
    reasons: Mapping[str, str]


def trust(
    trials: pl.DataFrame,
    answers: Answers,
    *,
    scales: Mapping[str, Mapping[str, Any]],
    by: str = "condition",
    levels: int = 5,
    resamples: int = 2000,
    seed: int = 0,
) -> Trust:
    """Scales of trust: scores, reliability, calibration, resolution and course, with intervals over operators.

    Answers of operators without a trial that counts are left out.

    Args:
        trials: as `read_trials` gives them.
        answers: the exported table of that name, or its rows.
        scales: as `read_scales` takes them; all are taken as scales of trust.
        by: a column of the answers, or one of the trials that does not vary within operators. Where an answer is
            about the whole session it belongs to the one level that its operator met, if it is one.
        levels: of trust, equal parts of its range.

    Raises:
        BinomeError: naming a column that is missing, a scale that cannot be read, an answer beyond its item's ends or
            given twice.
        TrialsError: naming row and column of a value that cannot be used.
    """
    require_columns(trials, "trust", ["operator"])
    if levels < 1 or resamples < 0:
        raise BinomeError(f"levels must be 1 or more and resamples 0 or more, found {levels} and {resamples}")
    read, table = read_scales(scales), read_answers(answers)
    if not read:
        raise BinomeError("trust needs at least one scale: its items and their ends")
    kept = used(conform(trials)).with_row_index(ROW)
    if by in kept.columns:
        kept = kept.with_columns(pl.col(by).cast(pl.String))
    counted = set(kept["operator"].drop_nulls())
    left_out = len(set(table["operator"].drop_nulls()) - counted)
    table = table.filter(pl.col("operator").is_in(list(counted)))
    parts: dict[str, list[pl.DataFrame]] = {}
    reasons: dict[str, str] = {}
    bootstrap = {"resamples": resamples, "seed": seed}
    if can_resolve(kept) and by in kept.columns:
        overall = resolution_table(None, kept, [by], bootstrap)
        parts["resolution"] = [overall.with_columns(pl.lit(None, dtype=pl.Int64).alias(LEVEL))]
    else:
        reasons["resolution"] = "no_advice_truth"
    for scale in read:
        filled = _by_level(filled_in(table, scale), kept, by)
        for name, part in _of_scale(scale, filled, kept, by, levels, bootstrap, reasons).items():
            parts.setdefault(name, []).append(part)
    return Trust(
        **{name: _stacked(name, parts.get(name, []), by) for name in _schemas(by)},
        levels=levels,
        left_out=left_out,
        reasons=reasons,
    )


def _of_scale(
    scale: Scale,
    filled: pl.DataFrame,
    kept: pl.DataFrame,
    by: str,
    levels: int,
    bootstrap: dict[str, int],
    reasons: dict[str, str],
) -> dict[str, pl.DataFrame]:
    parts = {"reliability": pl.DataFrame([reliability_row(scale, filled, **bootstrap)], schema=SCHEMA)}
    if filled["value"].is_null().all():
        reasons[scale.name] = "no_answers"
        return parts
    named = pl.lit(scale.name).alias("scale")
    stepped = steps(filled, by)
    parts["scores"] = filled.select(named, "operator", pl.exclude("operator"))
    parts["means"] = clustered_means(filled, "value", [by], bootstrap["resamples"], bootstrap["seed"]).select(
        named, pl.all()
    )
    if stepped["step"].max() == 0:
        reasons[f"{scale.name}: trajectory"] = "asked_once"
    else:
        parts["trajectory"] = trajectory_table(scale.name, stepped, by, **bootstrap)
        parts["slopes"] = slope_table(scale.name, stepped, by, **bootstrap)
    rated = with_levels(rated_trials(kept, filled, by), levels)
    if rated.is_empty():
        reasons[f"{scale.name}: calibration"] = "no_rated_trials"
        return parts
    if "advice" not in targets(rated):
        reasons[f"{scale.name}: calibration"] = "no_advice_truth"
    if not targets(rated):
        return parts
    parts["calibration"] = calibration_table(scale.name, rated, levels, **bootstrap)
    if by in rated.columns:
        parts["gaps"] = gap_table(scale.name, rated, by, **bootstrap)
    if can_resolve(rated):
        found = resolution_table(scale.name, rated, [LEVEL], dict(bootstrap))
        parts["resolution"] = found.with_columns(pl.lit(None, dtype=pl.String).alias(by))
    return parts


def _by_level(filled: pl.DataFrame, kept: pl.DataFrame, by: str) -> pl.DataFrame:
    """With the level of `by` that each answer is about; null where that is the whole of a session with several."""
    if by not in kept.columns:
        if by not in filled.columns:
            raise BinomeError(f"trust by {by!r}: neither the answers nor the trials have a column {by!r}")
        return filled.with_columns(pl.col(by).cast(pl.String))
    known = kept.filter(pl.col(by).is_not_null()).group_by("operator").agg(pl.col(by).unique())
    if by not in filled.columns and (known[by].list.len() > 1).any():
        raise BinomeError(
            f"trust by {by!r}: the answers have no such column, and it varies within operators in the trials; "
            "group by a column of the answers (condition, block), or by one that is an operator's own"
        )
    only = known.filter(pl.col(by).list.len() == 1).select("operator", pl.col(by).list.first().alias("_only"))
    joined = filled.join(only, on="operator", how="left", maintain_order="left")
    given = pl.col(by).cast(pl.String) if by in filled.columns else pl.lit(None, dtype=pl.String)
    return joined.with_columns(given.fill_null(pl.col("_only")).alias(by)).drop("_only")


def _stacked(name: str, parts: list[pl.DataFrame], by: str) -> pl.DataFrame:
    schema = _schemas(by)[name]
    return pl.concat([pl.DataFrame(schema=schema), *(part.select(*schema).cast(pl.Schema(schema)) for part in parts)])


def _schemas(by: str) -> dict[str, dict[str, Any]]:
    """Columns of each table, so that one without rows has them too."""
    text, number, whole = pl.String, pl.Float64, pl.Int64
    limits = {"value": number, "low": number, "high": number}
    counts = {"n": whole, "operators": whole, "undefined": whole}
    first = {"scale": text, by: text}
    return {
        "scores": {"scale": text, "operator": text, by: text}
        | {place: whole for place in ("block", "trial", "occasion") if place != by}
        | {"value": number, "share": number},
        "means": first | limits | counts,
        "reliability": dict(SCHEMA),
        "calibration": {"scale": text, LEVEL: whole, "from": number, "to": number, "trust": number, "target": text}
        | limits
        | counts,
        "gaps": {"scale": text, "target": text, by: text} | limits | counts,
        "resolution": first | {LEVEL: whole} | limits | {"n": whole, "undefined": whole},
        "trajectory": first | {"step": whole} | limits | counts,
        "slopes": first | limits | {"operators": whole, "undefined": whole},
    }
