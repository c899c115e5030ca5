"""Whether operators were as sure as they were right."""

from __future__ import annotations

import polars as pl

from binome.report.analysis.wording import Words

EVEN = 0.03
"""Confidence and accuracy nearer than this are called even."""


def finding(table: pl.DataFrame, words: Words) -> tuple[str, ...]:
    """Mean confidence beside the share right, over all conditions, and where they are furthest apart."""
    full = table.filter((pl.col("n") > 0) & pl.col("value").is_not_null())
    if full.is_empty():
        return (words["confidence_empty"],)
    gaps = (
        full.group_by("condition", maintain_order=True)
        .agg(sure=_mean("confidence"), right=_mean("value"))
        .with_columns(gap=pl.col("sure") - pl.col("right"))
    )
    whole = full.select(sure=_mean("confidence"), right=_mean("value")).row(0, named=True)
    said = [_said(whole["sure"], whole["right"], words)]
    if gaps.height > 1:
        far = gaps.sort(pl.col("gap").abs(), descending=True, maintain_order=True).row(0, named=True)
        said.append(
            words.say(
                "confidence_furthest",
                condition=words.quoted(far["condition"]),
                sure=words.percent(far["sure"]),
                right=words.percent(far["right"]),
            )
        )
    return tuple(said)


def _mean(column: str) -> pl.Expr:
    return (pl.col(column) * pl.col("n")).sum() / pl.col("n").sum()


def _said(sure: float, right: float, words: Words) -> str:
    gap = sure - right
    key = "confidence_even" if abs(gap) < EVEN else "confidence_over" if gap > 0 else "confidence_under"
    points = words.number(100 * abs(gap), 0)
    return words.say(key, sure=words.percent(sure), right=words.percent(right), points=points)
