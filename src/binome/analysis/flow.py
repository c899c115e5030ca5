"""Who was left out of an analysis, at which step and why."""

from __future__ import annotations

import polars as pl

SCHEMA = {"step": pl.String, "reason": pl.String, "operators": pl.Int64, "trials": pl.Int64}
FLAGS = {"practice": "practice", "attention_check": "attention check", "excluded": "excluded"}
"""Columns of trials that leave a row out, in the order in which they are asked, and what they are called."""


def left_out(trials: pl.DataFrame, kept: pl.DataFrame) -> pl.DataFrame:
    """Which trials the measures leave out, each under the first reason that holds: exclusion, check, practice.

    Args:
        trials: all of them.
        kept: those that are used.

    Returns:
        `reason`, `operators` (who have no trial among `kept`), `trials`; sorted by reason.
    """
    reason = pl.lit(None, dtype=pl.String)
    for flag, label in FLAGS.items():
        if flag in trials.columns:
            named = pl.col("exclusion_reason") if flag == "excluded" and "exclusion_reason" in trials.columns else None
            text = pl.lit(label) if named is None else named.fill_null(label)
            reason = pl.when(pl.col(flag).fill_null(False)).then(text).otherwise(reason)
    gone = ~pl.col("operator").is_in(kept["operator"].unique().to_list())
    return (
        trials.with_columns(reason=reason)
        .filter(pl.col("reason").is_not_null())
        .group_by("reason")
        .agg(operators=pl.col("operator").filter(gone).n_unique().cast(pl.Int64), trials=pl.len().cast(pl.Int64))
        .sort("reason")
    )


def flow(trials: pl.DataFrame, kept: pl.DataFrame, sessions: pl.DataFrame | None = None) -> pl.DataFrame:
    """From everybody who began to what is analysed, one row a step.

    Args:
        trials, kept: as for `left_out`.
        sessions: one row an operator who consented (`operator`, `status`, `exclusion_reason`: the exported table
            `operators`); without it, those who have a trial are everybody.

    Returns:
        `step` (`began`, `left_out`, `analysed`), `reason` (null unless left out), `operators`, `trials`. Operators
        without any trial come first among those left out, under their exclusion's reason or their session's status;
        what `operators` of the rows left out add up to is the difference between those who began and those analysed.
    """
    acting = trials["operator"].drop_nulls().unique()
    silent = None if sessions is None else sessions.filter(~pl.col("operator").is_in(acting.to_list()))
    rows: list[tuple[str, str | None, int, int]] = []
    if silent is not None and silent.height:
        reasons = (
            silent.select(reason=pl.coalesce("exclusion_reason", "status")).group_by("reason").len().sort("reason")
        )
        rows += [("left_out", str(reason), int(count), 0) for reason, count in reasons.iter_rows()]
    table = left_out(trials, kept)
    labels = list(FLAGS.values())
    # Practice and checks belong to everybody and come first; declared exclusions follow.
    order = sorted(table.iter_rows(), key=lambda row: (labels.index(row[0]) if row[0] in labels[:2] else 2, row[0]))
    rows += [("left_out", reason, operators, count) for reason, operators, count in order]
    everybody = len(acting) + (0 if silent is None else silent.height)
    ends = kept["operator"].drop_nulls().n_unique()
    rows = [("began", None, everybody, trials.height), *rows, ("analysed", None, ends, kept.height)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
