"""Capture by what the map covers: whether answers follow what the map favours, where the advice says something else."""

from __future__ import annotations

import numpy as np
import polars as pl

from binome.analysis.biases.finding import Finding, Kind, cannot, found
from binome.analysis.biases.frame import Frame, estimated
from binome.analysis.biases.persuasion import pairs_of, sorts_of_help
from binome.analysis.measure import ratio
from binome.analysis.sample import Mask

COLUMN = "explanation_favours"
PAIRS = (
    (Kind("capture_favoured", "favours_and_advised", against="advised", caveat="presence_included"), "advised"),
    (Kind("capture_favoured_content", "favours_and_placebo", against="placebo"), "placebo"),
)


def favoured(frame: Frame) -> list[Finding]:
    """How much oftener the answer is what the map favours, with the map than on the same items without it.

    Of items whose map favours another decision than the advice. What the map of an item favours is what the column
    says in the explained group; items of which it says several things do not count.
    """
    if not frame.has("advice", "final", "item", COLUMN):
        reason = "no_advice" if not frame.has("advice") else "favoured_unknown"
        return [cannot(kind, reason, undefined=frame.sample.size) for kind, _ in PAIRS]
    sorts = sorts_of_help(frame)
    findings: list[Finding] = []
    for kind, control in PAIRS:
        pairs = list(pairs_of(sorts, "explained", control))
        if not pairs:
            lacking = "explained" if "explained" not in sorts else control
            findings.append(cannot(kind, f"no_{lacking}_condition", undefined=frame.sample.size))
        findings += [_compared(frame, kind, first, second) for first, second in pairs]
    return findings


def _compared(frame: Frame, kind: Kind, first: int, second: int) -> Finding:
    sample = frame.sample
    favours = _favours(frame, first)
    kept = sample.known("final") & sample.advised & frame.own & favours.is_not_null().to_numpy()
    apart = kept & (favours != _text(frame, "advice")).fill_null(False).to_numpy()
    items = sample.trials["item"]
    met = [set(items.filter(pl.Series(apart & frame.rows(group))).drop_nulls()) for group in (first, second)]
    among = apart & items.is_in(list(met[0] & met[1])).fill_null(False).to_numpy()
    followed = (favours == _text(frame, "final")).fill_null(False).to_numpy()
    values, both = estimated(frame, ratio(followed, among)), [first, second]
    return found(
        kind,
        f"{frame.labels[first]} − {frame.labels[second]}",
        float(values.value[first] - values.value[second]),
        values.draws[:, first] - values.draws[:, second],
        int(min(values.operators[both])),
        int(values.n[both].sum()),
        int(values.undefined[both].sum()),
        _why(kept & frame.rows(first), apart & frame.rows(first)),
    )


def _favours(frame: Frame, group: int) -> pl.Series:
    """What the map that a group saw of each trial's item favours, as text; null where there is none, or several."""
    said = pl.DataFrame(
        {
            "item": frame.sample.trials["item"],
            "favours": _text(frame, COLUMN),
            "shown": frame.rows(group) & frame.sample.known("explanation"),
        }
    )
    of_item = (
        said.filter(pl.col("shown") & pl.col("favours").is_not_null() & pl.col("item").is_not_null())
        .group_by("item")
        .agg(pl.col("favours").first(), several=pl.col("favours").n_unique())
        .filter(pl.col("several") == 1)
    )
    return said.select("item").join(of_item, on="item", how="left", maintain_order="left")["favours"]


def _text(frame: Frame, column: str) -> pl.Series:
    """A column of decisions as text, whole numbers without a point."""
    values = frame.sample.trials[column]
    if values.dtype.is_float() and (values.drop_nulls() % 1 == 0).all():
        values = values.cast(pl.Int64)
    return values.cast(pl.String)


def _why(kept: Mask, apart: Mask) -> str:
    if not np.any(kept):
        return "favoured_unknown"
    return "favours_advice" if not np.any(apart) else "too_few_trials"
