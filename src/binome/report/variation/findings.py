"""All that a variation study found, read from its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from binome.core import BinomeError, verify

COLUMNS = {
    "configurations": "configuration predictor architecture training method explainer setting parameters seed noise"
    " reference forward backward",
    "items": "item truth target kept included picture",
    "predictions": "predictor noise item decision probability kept reference",
    "metrics": "metric name family better paper parameters",
    "scores": "configuration item metric value",
    "maps": "configuration item map",
    "agreements": "reference facet a b measure value low high n undefined",
    "components": "reference of method term object estimate variance share low high levels estimator",
    "dependability": "reference of method phi phi_low phi_high generalizability generalizability_low"
    " generalizability_high n undefined",
    "decisions": "reference of method facet levels phi needed limit",
    "item_dependability": "item method phi",
    "facets": "reference of method facet share low high",
    "summary": "method metric value low high rank rank_low rank_high n undefined",
    "settings": "method setting parameters metric value low high rank rank_low rank_high n undefined",
    "ranking": "scope w low high raters methods p",
    "differences": "metric method rank critical group n",
    "choice": "method faithfulness dependability agreement complexity score best control seconds",
    "stability": "item method mean deviation dependability",
}
"""The columns of each table that the page needs (docs/reference/variation-tables.md)."""
LARGE = ("maps", "scores")
"""Tables with a row a configuration and item, which are read in parts only."""
FACETS = ("method", "setting", "seed", "training", "architecture", "noise")
"""In the order in which the page names them."""
REFERENCES = ("shuffled", "random_weights")


@dataclass(frozen=True)
class Findings:
    """The tables of a variation study, as docs/reference/variation-tables.md describes them.

    Undefined is null: NaN is made null on reading.

    Attributes:
        manifest: of the artefact: its spec, key, versions and summary.
        maps, scores: not yet read.
    """

    manifest: Mapping[str, Any]
    configurations: pl.DataFrame
    items: pl.DataFrame
    predictions: pl.DataFrame
    metrics: pl.DataFrame
    scores: pl.LazyFrame
    maps: pl.LazyFrame
    agreements: pl.DataFrame
    components: pl.DataFrame
    dependability: pl.DataFrame
    decisions: pl.DataFrame
    item_dependability: pl.DataFrame
    facets: pl.DataFrame
    summary: pl.DataFrame
    settings: pl.DataFrame
    ranking: pl.DataFrame
    differences: pl.DataFrame
    choice: pl.DataFrame
    stability: pl.DataFrame

    @property
    def about(self) -> Mapping[str, Any]:
        """The manifest's summary: `height`, `width` of the maps, and what else was noted."""
        summary: Mapping[str, Any] = self.manifest["summary"]
        return summary

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the maps."""
        return int(self.about["height"]), int(self.about["width"])

    @cached_property
    def own(self) -> pl.DataFrame:
        """The study's own configurations, without those of the references."""
        return self.configurations.filter(pl.col("reference") == "")

    @cached_property
    def methods(self) -> tuple[str, ...]:
        """The study's names, in its order."""
        return tuple(self.own["method"].unique(maintain_order=True))

    @cached_property
    def controls(self) -> frozenset[str]:
        """Methods that are placebos."""
        return frozenset(self.choice.filter(pl.col("control"))["method"])

    @cached_property
    def overall(self) -> str:
        """What stands for the whole study in tables by method: `""`, or its only method."""
        return self.methods[0] if len(self.methods) == 1 else ""

    @cached_property
    def included(self) -> tuple[str, ...]:
        """Items that all predictors and noise levels decide alike."""
        return tuple(self.items.filter(pl.col("included"))["item"])

    @property
    def same_prediction(self) -> bool:
        """Whether only such items enter components and agreements."""
        return bool(self.about.get("same_prediction", True))

    def meant(self, table: pl.DataFrame) -> pl.DataFrame:
        """A table by method and facet without the seed of methods that draw nothing: it is no choice of theirs."""
        still = [
            name for name, seed in self.own.group_by("method").agg(pl.col("seed").max()).iter_rows() if seed is None
        ]
        return table.filter(~((pl.col("facet") == "seed") & pl.col("method").is_in(still)))

    @cached_property
    def most_settings(self) -> int:
        """Settings of the method that has most."""
        return max((part["setting"].n_unique() for part in self.own.partition_by("method")), default=0)

    @cached_property
    def facets_varied(self) -> tuple[str, ...]:
        """Facets of which the study has two levels or more."""
        levels = {name: self.own[name].drop_nulls().n_unique() for name in FACETS if name != "setting"}
        levels["setting"] = self.most_settings
        return tuple(name for name in FACETS if levels[name] > 1)


def read_findings(folder: Path) -> Findings:
    """The findings in an artefact folder of `binome vary`.

    Raises:
        ArtefactError: when a file does not match its manifest.
        BinomeError: when a table, a column, or the size of the maps is missing.
    """
    manifest = verify(folder)
    if missing := {"height", "width"} - manifest["summary"].keys():
        raise BinomeError(
            f"{folder}: the manifest's summary lacks {', '.join(sorted(missing))}; run `binome vary` again"
        )
    tables = {name: _table(folder, name, columns.split()) for name, columns in COLUMNS.items()}
    read = {name: table if name in LARGE else table.collect() for name, table in tables.items()}
    return Findings(manifest, **read)  # type: ignore[arg-type]


def _table(folder: Path, name: str, columns: list[str]) -> pl.LazyFrame:
    path = folder / f"{name}.parquet"
    if not path.exists():
        raise BinomeError(
            f"{path} is missing; the page needs a table of that name, if without rows: run `binome vary` again"
        )
    table = pl.scan_parquet(path)
    schema = table.collect_schema()
    if lacking := [column for column in columns if column not in schema]:
        raise BinomeError(f"{path} lacks {', '.join(lacking)}; it has {', '.join(schema)}: run `binome vary` again")
    numbers = [pl.col(column).fill_nan(None) for column, kind in schema.items() if kind.is_float()]
    lists = [pl.col(column).cast(pl.List(pl.Float32)) for column, kind in schema.items() if kind.is_nested()]
    return table.with_columns(*numbers, *lists)
