"""How the page was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import yaml

from binome.report.tables import Table, table
from binome.report.variation.findings import Findings
from binome.report.variation.sections.head import say_noise
from binome.report.variation.wording import Words


@dataclass(frozen=True)
class Making:
    """`seeds`, `noises`, `intervals` and `versions` are lines; `spec` is YAML."""

    commands: tuple[str, ...]
    seeds: str
    noises: str
    intervals: str
    artefact: Table
    versions: str
    spec: str
    papers: tuple[str, ...]


def making(findings: Findings, words: Words) -> Making:
    """What someone needs to make the same tables again."""
    manifest, about, own = findings.manifest, findings.about, findings.own
    versions: Mapping[str, Any] = manifest.get("versions", {})
    seeds = own["seed"].drop_nulls().unique().sort().to_list()
    resamples = about.get("resamples")
    return Making(
        commands=tuple(about.get("commands", ())) or ("binome vary STUDY",),
        seeds=words.say(
            "seeds_said",
            trainings=words.listed([str(seed) for seed in own["training"].unique().sort()]),
            seeds=words.listed([str(seed) for seed in seeds]) if seeds else words["seeds_none"],
        ),
        noises=words.say(
            "noises_said", noises=words.listed([say_noise(n, words) for n in own["noise"].unique().sort()])
        ),
        intervals=words["intervals_said"]
        if resamples is None
        else words.say("intervals_counted", n=words.count(resamples)),
        artefact=table(
            words["artefacts_caption"],
            [words["artefact"], words["key"], words["content"]],
            [[str(manifest.get("kind", "grid")), str(manifest["key"])[:16], str(manifest["content"])[:16]]],
            text=3,
        ),
        versions=" · ".join(f"{name} {version}" for name, version in versions.items()),
        spec=yaml.safe_dump(
            json.loads(json.dumps(manifest.get("spec", {}))), sort_keys=False, allow_unicode=True, width=88
        ),
        papers=_papers(findings, words),
    )


def _papers(findings: Findings, words: Words) -> tuple[str, ...]:
    """Each metric with its paper, as far as one is named."""
    rows = findings.metrics.filter(pl.col("paper").is_not_null() & (pl.col("paper") != ""))
    return tuple(
        words.say("paper_of", metric=words.labelled(row["metric"]), paper=row["paper"])
        for row in rows.iter_rows(named=True)
    )
