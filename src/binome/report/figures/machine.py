"""Figures of the machine: its explanations' scores and agreement, its recall and its reliability."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from binome.core.seeds import derive_seed
from binome.core.text import say
from binome.report.figures.canvas import COLOURS, INK, SOFT, Figure, canvas, decimals, finish
from binome.report.wording import Wording

RESAMPLES = 2000


def scores(table: pl.DataFrame, names: Sequence[str], controls: Collection[str], words: Wording) -> Figure | None:
    """Mean score by metric and explanation, with a bootstrap interval over items."""
    rows = score_rows(table, names)
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    if not metrics:
        return None
    with canvas(7.2, 0.9 + 0.36 * len(names), columns=len(metrics), sharey=True, squeeze=False) as (figure, grid):
        for axes, metric in zip(grid[0], metrics, strict=True):
            for row in rows:
                if row["metric"] != metric or row["value"] is None:
                    continue
                y, control = names.index(row["explanation"]), row["explanation"] in controls
                colour = SOFT if control else COLOURS[1]
                axes.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=2.2, solid_capstyle="round")
                axes.plot(
                    row["value"], y, "o", color=colour, markerfacecolor="white" if control else colour, markersize=7.5
                )
            axes.set_title(metric, fontsize=11, color=INK)
            axes.set_xlabel(words["score_axis"])
            axes.grid(axis="y", visible=False)
            decimals(axes.xaxis, words, 2)
        labels = [f"{name}*" if name in controls else name for name in names]
        grid[0][0].set_yticks(range(len(names)), labels, color=INK)
        grid[0][0].set_ylim(len(names) - 0.5, -0.5)
        return finish("explanation-scores", figure, pl.DataFrame(rows), words["explanations_text"].split(".")[0])


def score_rows(table: pl.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    """metric, explanation, value, low, high, n, undefined."""
    rows = []
    for metric in table["metric"].unique(maintain_order=True):
        for name in names:
            part = table.filter((pl.col("metric") == metric) & (pl.col("explanation") == name))["value"]
            values = part.drop_nulls().to_numpy()
            row: dict[str, Any] = {"metric": metric, "explanation": name, "value": None, "low": None, "high": None}
            if len(values):
                generator = np.random.default_rng(derive_seed(0, "report", metric, name))
                draws = generator.choice(values, (RESAMPLES, len(values))).mean(1)
                low, high = np.quantile(draws, [0.025, 0.975])
                row |= {"value": float(values.mean()), "low": float(low), "high": float(high)}
            rows.append({**row, "n": len(values), "undefined": part.null_count()})
    return rows


def agreement(
    table: pl.DataFrame, names: Sequence[str], controls: Collection[str], words: Wording, measure: str = "spearman"
) -> Figure | None:
    """Mean agreement of each pair of explanations as a matrix with its numbers."""
    means = (
        table.filter(pl.col("measure") == measure)
        .group_by("a", "b")
        .agg(pl.col("value").mean(), pl.col("value").count().alias("n"))
    )
    if means.is_empty():
        return None
    matrix = np.full((len(names), len(names)), np.nan)
    for a, b, value, _ in means.iter_rows():
        if value is not None:
            i, j = names.index(a), names.index(b)
            matrix[i, j] = matrix[j, i] = value
    np.fill_diagonal(matrix, 1)
    with canvas(4.9, 4.4) as (figure, axes):
        axes.imshow(matrix, cmap="cividis", vmin=-0.2, vmax=1)
        for i in range(len(names)):
            for j in range(len(names)):
                if not np.isnan(matrix[i, j]):
                    colour = "#111" if matrix[i, j] > 0.45 else "#fff"
                    axes.text(j, i, words.number(matrix[i, j], 2), ha="center", va="center", color=colour, fontsize=9.5)
        labels = [f"{name}*" if name in controls else name for name in names]
        axes.set_xticks(range(len(names)), labels, rotation=40, ha="right", color=INK)
        axes.set_yticks(range(len(names)), labels, color=INK)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        return finish("agreement", figure, means.sort("a", "b"), words["agreement_text"])


def recall(card: Mapping[str, Any], words: Wording) -> Figure:
    """Recall by class with its interval, the hardest class first."""
    rows = sorted(
        card["per_class"], key=lambda row: row["recall"]["value"] if row["recall"]["value"] is not None else 2
    )
    with canvas(4.6, 0.8 + 0.32 * len(rows)) as (figure, axes):
        for i, row in enumerate(rows):
            found = row["recall"]
            if found["value"] is not None:
                axes.plot(
                    [found["low"], found["high"]], [i, i], color=COLOURS[1], linewidth=2.2, solid_capstyle="round"
                )
                axes.plot(found["value"], i, "o", color=COLOURS[1], markersize=7)
        axes.set_yticks(range(len(rows)), [say(row["label"], words.language) for row in rows], color=INK)
        axes.set(xlabel=words["recall_axis"], ylim=(len(rows) - 0.5, -0.5))
        axes.set_xlim(right=1.0)
        axes.grid(axis="y", visible=False)
        decimals(axes.xaxis, words)
        data = pl.DataFrame([{"id": row["id"], "n": row["n"], **row["recall"]} for row in rows])
        return finish("recall", figure, data, words["recall_axis"])


def reliability(card: Mapping[str, Any], words: Wording) -> Figure:
    """Stated confidence against the share right; the area of a dot is its number of items."""
    bins = [row for row in card["calibration"]["bins"] if row["n"]]
    with canvas(4.6, 4.0) as (figure, axes):
        axes.plot([0, 1], [0, 1], color=SOFT, dashes=(5, 4), linewidth=1)
        axes.annotate(words["perfect"], (0.07, 0.1), rotation=41, color=SOFT, fontsize=9.5)
        most = max(row["n"] for row in bins)
        x, y = [row["confidence"] for row in bins], [row["accuracy"] for row in bins]
        axes.plot(x, y, color=COLOURS[1], alpha=0.5)
        axes.scatter(x, y, s=[18 + 130 * row["n"] / most for row in bins], color=COLOURS[1], zorder=3)
        axes.set(
            xlim=(0, 1.03), ylim=(0, 1.03), xlabel=words["reliability_x"], ylabel=words["reliability_y"], aspect="equal"
        )
        decimals(axes.xaxis, words)
        decimals(axes.yaxis, words)
        return finish("reliability", figure, pl.DataFrame(bins), words["reliability_y"])
