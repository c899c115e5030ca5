"""What was varied, what it took, and which items were left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from binome.report.tables import Cell, Table, table
from binome.report.variation.findings import Findings
from binome.report.variation.wording import Words


@dataclass(frozen=True)
class Count:
    """A number and what it counts."""

    number: str
    text: str


@dataclass(frozen=True)
class Head:
    """`who` and `left_out` are sentences; `references` says what stands beside the study."""

    who: str
    counts: tuple[Count, ...]
    effort: str
    left_out: str
    kept: Table | None
    methods: Table
    references: tuple[str, ...]


def head(findings: Findings, words: Words) -> Head:
    """The study in figures."""
    return Head(
        who=" · ".join(
            [
                words.counted("methods", len(findings.methods)),
                words.counted("predictors", findings.own["predictor"].n_unique()),
                words.counted("items", len(findings.items)),
            ]
        ),
        counts=_counts(findings, words),
        effort=_effort(findings, words),
        left_out=_left_out(findings, words),
        kept=_kept(findings, words),
        methods=_methods(findings, words),
        references=tuple(
            words.words["references_said"][name]
            for name in ("shuffled", "random_weights")
            if name in {*findings.dependability["reference"], *findings.agreements["reference"]}
        ),
    )


def _counts(findings: Findings, words: Words) -> tuple[Count, ...]:
    own = findings.own
    numbers = {
        "predictors": own["predictor"].n_unique(),
        "methods": len(findings.methods),
        "settings": own.select("method", "setting").n_unique(),
        "seeds": max(own["seed"].drop_nulls().n_unique(), 1),
        "noises": own["noise"].n_unique(),
        "items": len(findings.items),
    }
    return tuple(_count(words.counted(kind, number)) for kind, number in numbers.items())


def _count(text: str) -> Count:
    """The number is what stands before the first plain space."""
    number, _, rest = text.partition(" ")
    return Count(number, rest)


def _effort(findings: Findings, words: Words) -> str:
    maps = int(findings.maps.select(pl.len()).collect().item())
    # References may be explained on fewer items.
    items = findings.predictions.group_by("reference").agg(pl.col("item").n_unique().alias("items"))
    counted = findings.configurations.join(items, on="reference", how="left")
    forward, backward = (round((counted[key] * counted["items"]).sum() or 0) for key in ("forward", "backward"))
    text = words.say(
        "effort",
        maps=words.counted("maps", maps),
        configurations=words.counted("configurations", findings.own.height),
        forward=words.count(forward),
        backward=words.count(backward),
    )
    seconds = findings.about.get("seconds")
    return text if seconds is None else f"{text} {words.say('effort_time', minutes=words.number(seconds / 60, 0))}"


def _left_out(findings: Findings, words: Words) -> str:
    total, left = len(findings.items), len(findings.items) - len(findings.included)
    if not total:
        return words["items_none"]
    if not left:
        return words["left_out_nothing"]
    if not findings.same_prediction:
        return words.say("left_out_not_asked", n=words.count(left), total=words.count(total))
    if left == total:
        return words["left_out_all"]
    return words.say("left_out_some", n=words.count(left), total=words.count(total), rest=words.count(total - left))


def _kept(findings: Findings, words: Words) -> Table | None:
    """Of the items, the share whose explained decision a predictor keeps, by noise level."""
    own = findings.predictions.filter(pl.col("reference") == "")
    if own.is_empty():
        return None
    noises = own["noise"].unique().sort().to_list()
    shares = {
        (row["predictor"], row["noise"]): row["kept"]
        for row in own.group_by("predictor", "noise").agg(pl.col("kept").cast(pl.Float64).mean()).iter_rows(named=True)
    }
    rows: list[list[Cell | str]] = [
        [predictor, *(words.percent(shares.get((predictor, noise))) for noise in noises)]
        for predictor in own["predictor"].unique(maintain_order=True)
    ]
    return table(words["kept_caption"], [words["predictor"], *(say_noise(noise, words) for noise in noises)], rows)


def say_noise(noise: float, words: Words) -> str:
    """A noise level as a label."""
    if noise == 0:
        return words["noise_none"]
    text = f"{noise:.4f}".rstrip("0").replace(".", words["point"])
    return words.say("noise_some", noise=text)


def _methods(findings: Findings, words: Words) -> Table:
    rows: list[list[Cell | str]] = []
    own = findings.own
    for name in findings.methods:
        mine = own.filter(pl.col("method") == name)
        seeds = mine["seed"].drop_nulls().n_unique()
        control = name in findings.controls
        settings: Sequence[str] = mine.sort("setting")["parameters"].unique(maintain_order=True).to_list()
        rows.append(
            [
                Cell(name, (words["role_control"],) if control and name != words["role_control"] else ()),
                words.method(mine["explainer"][0]),
                Cell(settings[0] or words["default_setting"], tuple(settings[1:])),
                words.levels("seed", seeds) if seeds else words["draws_nothing"],
                _passes(mine, words),
            ]
        )
    keys = ("explanation", "method", "settings_head", "seeds_head", "passes_head")
    return table(words["methods_caption"], [words[key] for key in keys], rows, text=4)


def _passes(mine: pl.DataFrame, words: Words) -> str:
    """Forward and backward passes an item, from the cheapest setting to the dearest."""
    totals = (mine["forward"] + mine["backward"]).drop_nulls()
    if totals.is_empty():
        return words.undefined
    low, high = (words.count(round(float(end))) for end in (totals.min(), totals.max()))  # type: ignore[arg-type]
    return low if low == high else f"{low}–{high}"
