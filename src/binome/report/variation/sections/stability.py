"""Where on the picture explanations can be depended on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from binome.report.items import interval
from binome.report.variation.findings import Findings
from binome.report.variation.maps import Floats, map_picture, photo, share_picture, top_of
from binome.report.variation.wording import Words

SHOWN, SIDE = 2, 112
STRONG = 0.9
"""Quantile of a map's values above which its pixels are called important."""
STEADY = 0.8


@dataclass(frozen=True)
class Trio:
    """One method on one item: mean, deviation and dependability, each a data URI."""

    method: str
    control: bool
    mean: str
    deviation: str
    dependability: str


@dataclass(frozen=True)
class Place:
    """One item; `picture` is empty where there is none."""

    item: str
    truth: str
    picture: str
    trios: tuple[Trio, ...]


def places(findings: Findings) -> tuple[Place, ...]:
    """The first items that have stability maps."""
    known = {row["item"]: row for row in findings.items.iter_rows(named=True)}
    shown = [item for item in findings.stability["item"].unique(maintain_order=True) if item in known][:SHOWN]
    return tuple(
        Place(
            item,
            named(known[item]),
            photo(known[item]["picture"], SIDE) if known[item]["picture"] else "",
            tuple(
                _trio(row, findings)
                for row in findings.stability.filter(pl.col("item") == item).iter_rows(named=True)
                if row["mean"] is not None
            ),
        )
        for item in shown
    )


def named(row: Mapping[str, Any]) -> str:
    """What an item is called: its true answer, or its name where the truth is not known."""
    return str(row["item"] if row["truth"] is None else row["truth"])


def _trio(row: Mapping[str, Any], findings: Findings) -> Trio:
    mean, deviation, dependability = (grid(row[key], findings) for key in ("mean", "deviation", "dependability"))
    # The deviation on the mean's scale: as bright as the mean, it is as large.
    top = top_of(mean)
    name = str(row["method"])
    return Trio(
        name,
        name in findings.controls,
        map_picture(mean, top),
        map_picture(deviation, top),
        share_picture(dependability),
    )


def grid(values: Any, findings: Findings) -> Floats:
    """A stored list as a map (height, width); NaN where nothing is stored."""
    if values is None:
        return np.full(findings.shape, np.nan)
    return np.array(values, dtype=np.float64).reshape(findings.shape)


def finding(findings: Findings, words: Words) -> str:
    """Of the pixels that a mean map calls important, how many can be depended on: for the best and the worst method."""
    shares = steady(findings)
    if not shares:
        return words["where_missing"]
    # A placebo tells nothing of how far methods can be depended on, unless there is nothing else.
    shares = {name: values for name, values in shares.items() if name not in findings.controls} or shares
    order = sorted(shares, key=lambda name: -float(np.mean(shares[name])))
    said = {name: _share(shares[name], words) for name in order}
    n = len(findings.stability["item"].unique())
    if len(order) == 1:
        return words.say(
            "where_single", first=words.quoted(order[0]), share=said[order[0]], items=words.counted("items", n)
        )
    return words.say(
        "where", first=words.quoted(order[0]), share=said[order[0]], last=words.quoted(order[-1]),
        last_share=said[order[-1]], items=words.counted("items", n),
    )  # fmt: skip


def _share(values: list[float], words: Words) -> str:
    """The mean over items with its interval; without one for few items."""
    array = np.array(values)
    low, high = interval(array) if len(array) >= 5 else (None, None)
    return words.percents(float(array.mean()), low, high)


def steady(findings: Findings) -> dict[str, list[float]]:
    """By method, for each item, the share of the important pixels whose dependability is .8 or more."""
    found: dict[str, list[float]] = {}
    for row in findings.stability.iter_rows(named=True):
        mean, dependability = np.abs(grid(row["mean"], findings)), grid(row["dependability"], findings)
        known = np.isfinite(mean) & np.isfinite(dependability)
        if not (known & (mean > 0)).any():
            continue
        # What a map leaves at 0 it does not call important, even where fewer than a tenth of the pixels have a value.
        strong = known & (mean > 0) & (mean >= np.quantile(mean[known], STRONG))
        found.setdefault(row["method"], []).append(float((dependability[strong] >= STEADY).mean()))
    return found


def data(findings: Findings) -> pl.DataFrame:
    """The maps that are shown, a row a pixel: item, method, row, column, mean, deviation, dependability."""
    height, width = findings.shape
    shown = findings.stability["item"].unique(maintain_order=True)[:SHOWN]
    return (
        findings.stability.filter(pl.col("item").is_in(shown.to_list()))
        .with_columns(pixel=pl.int_ranges(0, height * width))
        .explode("mean", "deviation", "dependability", "pixel")
        .select(
            "item", "method", row=pl.col("pixel") // width, column=pl.col("pixel") % width, mean="mean",
            deviation="deviation", dependability="dependability",
        )
    )  # fmt: skip
