"""One item at a time: all its maps side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from binome.report.tables import Cell, Table, table
from binome.report.variation.findings import Findings
from binome.report.variation.maps import map_picture, photo
from binome.report.variation.sections.head import say_noise
from binome.report.variation.sections.stability import grid, named
from binome.report.variation.wording import Words

MOST, BUDGET = 12, 4_500_000
"""Items, and bytes of their pictures: the second holds the page under some six megabytes, however large the grid."""
SIDE, THUMB = 112, 44
KEY = ("method", "setting", "predictor", "seed", "noise")


@dataclass(frozen=True)
class Shown:
    """One map: `picture` is a data URI, empty where the grid has none at this place."""

    picture: str
    alt: str
    text: str = ""


@dataclass(frozen=True)
class Rows:
    """Maps in rows and columns, each named."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Shown, ...]], ...]


@dataclass(frozen=True)
class Illustrated:
    """An item's pictures, the same in every language: data URIs, maps by the levels named in `KEY`."""

    item: str
    maps: Mapping[tuple[Any, ...], str]
    picture: str
    thumb: str

    @property
    def weight(self) -> int:
        """Bytes on the page: the picture is there twice, and so is a map that stands in both grids, at most."""
        return sum(map(len, self.maps.values())) * 2 + 2 * len(self.picture) + len(self.thumb)


@dataclass(frozen=True)
class Specimen:
    """An item with all its maps.

    Attributes:
        over: methods by settings.
        within: by method, a grid of predictors by seeds for each noise level.
        note: what is particular about it, e.g. that the prediction was not kept.
    """

    item: str
    truth: str
    phi: str
    picture: str
    thumb: str
    decided: str
    note: str
    over: Rows
    within: tuple[tuple[str, tuple[Rows, ...]], ...]
    scores: Table


def chosen(findings: Findings) -> list[str]:
    """Items to show: evenly from the least dependable to the most, of those that count; any, where none does."""
    candidates = findings.included or tuple(findings.items["item"])
    phis = dict(_phis(findings).iter_rows())
    order = sorted(candidates, key=lambda item: (phis.get(item) is None, phis.get(item) or 0.0, item))
    if len(order) <= MOST:
        return order
    return [order[round(i * (len(order) - 1) / (MOST - 1))] for i in range(MOST)]


def finding(findings: Findings, words: Words) -> str:
    """How much items differ in Φ."""
    phis = _phis(findings)["phi"].drop_nulls()
    if phis.is_empty():
        return words["items_undefined"]
    low, high = (float(phis.quantile(q, "linear") or 0.0) for q in (0.25, 0.75))
    ends = [words.number(float(end), 2) for end in (phis.min(), phis.max())]  # type: ignore[arg-type]
    return words.say(
        "items_said", low=words.number(low, 2), high=words.number(high, 2), least=ends[0], most=ends[1],
        n=words.counted("items", len(phis)),
    )  # fmt: skip


def _phis(findings: Findings) -> pl.DataFrame:
    """Φ of each item over all methods; where the study has none, the mean of those within methods."""
    known = findings.item_dependability
    over = known.filter(pl.col("method") == "").drop_nulls("phi")
    table = known.drop_nulls("phi") if over.is_empty() else over
    return table.group_by("item", maintain_order=True).agg(pl.col("phi").mean())


def illustrated(findings: Findings) -> tuple[Illustrated, ...]:
    """The chosen items that have maps, as many as the page has room for, at least one."""
    shown: list[Illustrated] = []
    used = 0
    for item in chosen(findings):
        found = _illustrated(item, findings)
        if not found.maps:
            continue
        used += found.weight
        if shown and used > BUDGET:
            break
        shown.append(found)
    return tuple(shown)


def _illustrated(item: str, findings: Findings) -> Illustrated:
    table = findings.maps.filter(pl.col("item") == item).select("configuration", "map").collect()
    rows = _shown(findings).join(table, on="configuration", maintain_order="left").drop_nulls("map")
    maps = {
        tuple(row[key] for key in KEY): map_picture(grid(row["map"], findings)) for row in rows.iter_rows(named=True)
    }
    picture = findings.items.row(by_predicate=pl.col("item") == item, named=True)["picture"]
    return Illustrated(item, maps, *((photo(picture, SIDE), photo(picture, THUMB)) if picture else ("", "")))


def _shown(findings: Findings) -> pl.DataFrame:
    """Configurations whose maps are shown: a method's first setting, and all settings at the first predictor without
    noise."""
    base = _base(findings)
    first = pl.col("setting") == pl.col("setting").min().over("method")
    return findings.own.filter(
        first | ((pl.col("predictor") == base["predictor"]) & (pl.col("noise") == base["noise"]))
    )


def specimens(shown: Sequence[Illustrated], findings: Findings, words: Words) -> tuple[Specimen, ...]:
    """The items in words, with their pictures."""
    return tuple(_specimen(one, findings, words) for one in shown)


def _specimen(one: Illustrated, findings: Findings, words: Words) -> Specimen:
    row = findings.items.row(by_predicate=pl.col("item") == one.item, named=True)
    known = findings.item_dependability.filter(pl.col("item") == one.item)
    mean = dict(_phis(findings).iter_rows()).get(one.item)
    return Specimen(
        item=one.item,
        truth=named(row),
        phi="" if mean is None else words.number(mean, 2),
        picture=one.picture,
        thumb=one.thumb,
        decided=_decided(row, findings, words),
        note="" if row["included"] or not findings.same_prediction else words["item_not_kept"],
        over=_over(one.maps, findings, words),
        within=tuple((name, _within(name, one.maps, findings, words)) for name in findings.methods),
        scores=_scores(one.item, dict(known.select("method", "phi").iter_rows()), findings, words),
    )


def _decided(row: dict[str, Any], findings: Findings, words: Words) -> str:
    """What is explained, and what the predictors say without noise."""
    said = words.say("item_target", target=row["target"], truth=named(row))
    own = (pl.col("item") == row["item"]) & (pl.col("reference") == "")
    mine = findings.predictions.filter(own)
    mine = mine.filter(pl.col("noise") == mine["noise"].min())
    texts = [
        words.say(
            "item_predictor",
            predictor=p["predictor"],
            decision=p["decision"],
            probability=words.percent(p["probability"]),
        )
        for p in mine.iter_rows(named=True)
    ]
    kept = words.say("item_kept", share=words.percent(row["kept"]))
    return " ".join([said, words.say("item_predictors", list=words.listed(texts)), kept] if texts else [said, kept])


def _base(findings: Findings) -> dict[str, Any]:
    """Where the comparison of methods stands: first predictor, first seed, least noise."""
    own = findings.own
    return {"predictor": own["predictor"][0], "noise": own["noise"].min()}


def _over(maps: Mapping[tuple[Any, ...], str], findings: Findings, words: Words) -> Rows:
    base, own = _base(findings), findings.own
    most = findings.most_settings
    rows = []
    for name in findings.methods:
        mine = own.filter((pl.col("method") == name) & (pl.col("predictor") == base["predictor"]))
        mine = mine.filter(pl.col("noise") == base["noise"]).sort("setting", "seed", nulls_last=False)
        line = []
        for setting in range(most):
            here = mine.filter(pl.col("setting") == setting)
            if here.is_empty():
                line.append(Shown("", ""))
                continue
            first = here.row(0, named=True)
            text = first["parameters"] or words["default_setting"]
            picture = maps.get(tuple(first[key] for key in KEY), "")
            line.append(Shown(picture, f"{name}, {text}", text))
        rows.append((name, tuple(line)))
    columns = tuple(words.say("setting_number", n=i + 1) for i in range(most))
    caption = words.say("over_caption", predictor=base["predictor"], noise=say_noise(base["noise"], words))
    return Rows(caption, columns, tuple(rows))


def _within(name: str, maps: Mapping[tuple[Any, ...], str], findings: Findings, words: Words) -> tuple[Rows, ...]:
    mine = findings.own.filter(pl.col("method") == name)
    mine = mine.filter(pl.col("setting") == mine["setting"].min())
    setting = int(mine["setting"][0])
    seeds = mine["seed"].unique().sort().to_list()
    predictors = mine["predictor"].unique(maintain_order=True).to_list()
    columns = tuple(words["seed_any"] if seed is None else words.say("seed_number", seed=seed) for seed in seeds)
    found = []
    for noise in mine["noise"].unique().sort():
        said = say_noise(noise, words)
        rows = tuple(
            (
                predictor,
                tuple(
                    Shown(
                        maps.get((name, setting, predictor, seed, noise), ""), f"{name}, {predictor}, {column}, {said}"
                    )
                    for seed, column in zip(seeds, columns, strict=True)
                ),
            )
            for predictor in predictors
        )
        found.append(Rows(said, columns, rows))
    return tuple(found)


def _scores(item: str, phis: dict[str, float | None], findings: Findings, words: Words) -> Table:
    """Φ on this item's maps and its scores, each the mean over the method's configurations."""
    mine = findings.scores.filter(pl.col("item") == item).collect()
    means = (
        mine.join(findings.own.select("configuration", "method"), on="configuration")
        .group_by("method", "metric")
        .agg(pl.col("value").mean())
    )
    found = {(row["method"], row["metric"]): row["value"] for row in means.iter_rows(named=True)}
    rows: list[list[Cell | str]] = [
        [words["phi_here"], *(words.number(phis.get(name), 2) for name in findings.methods)]
    ]
    for metric in findings.metrics.iter_rows(named=True):
        line = [words.number(found.get((name, metric["metric"]))) for name in findings.methods]
        rows.append([Cell(words.labelled(metric["metric"]), (words[f"better_{metric['better']}"],)), *line])
    return table(words.say("item_scores_caption", item=item), [words["metric_head"], *findings.methods], rows)
