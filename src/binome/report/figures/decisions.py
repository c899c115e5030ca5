"""Figures of decisions: accuracy, the RAIR–RSR plane, over- and under-reliance, the mixed model's odds ratios."""

from __future__ import annotations

import numpy as np
import polars as pl

from binome.analysis import Analysis, Fit
from binome.report.figures.canvas import COLOURS, INK, MARKS, SOFT, Figure, canvas, decimals, finish
from binome.report.wording import Wording


def accuracy(analysis: Analysis, chance: float, words: Wording) -> Figure:
    """Accuracy by condition with each operator's dot."""
    table = analysis.measures.filter(pl.col("measure") == "accuracy")
    machine = _machine(analysis)
    with canvas(7.2, 4.0) as (figure, axes):
        for i, row in enumerate(table.iter_rows(named=True)):
            own = (pl.col("condition") == row["condition"]) & (pl.col("measure") == "accuracy")
            dots = analysis.operators.filter(own)["value"].drop_nulls().to_numpy()
            # Dots of equal value stand side by side, so that none hides another.
            shift = np.empty(len(dots))
            for value in np.unique(dots):
                same = np.flatnonzero(dots == value)
                shift[same] = (np.arange(len(same)) - (len(same) - 1) / 2) * min(0.035, 0.5 / len(same))
            colour = COLOURS[i % len(COLOURS)]
            axes.scatter(i + 0.12 + shift * 0.9 + 0.1, dots, s=16, color=colour, alpha=0.28, linewidths=0)
            _interval(axes, i - 0.18, row, colour, MARKS[i % len(MARKS)])
            if row["value"] is not None:
                axes.annotate(
                    words.number(row["value"], 2),
                    (i - 0.26, row["value"]),
                    ha="right",
                    va="center",
                    color=INK,
                    fontweight="bold",
                )
        if machine is not None:
            axes.axhline(machine, color=SOFT, dashes=(5, 4), linewidth=1.1)
            axes.annotate(
                words["machine"], (len(table) - 0.42, machine), ha="right", va="bottom", color=SOFT, fontsize=9.5
            )
        axes.axhline(chance, color=SOFT, dashes=(1, 3), linewidth=1.1)
        axes.annotate(words["chance"], (len(table) - 0.42, chance), ha="right", va="bottom", color=SOFT, fontsize=9.5)
        axes.set(xlim=(-0.6, len(table) - 0.4), ylim=(0, 1.03), ylabel=words["accuracy_axis"])
        axes.set_xticks(range(len(table)), table["condition"].to_list(), color=INK)
        axes.grid(axis="x", visible=False)
        decimals(axes.yaxis, words)
        return finish("accuracy", figure, table, words["accuracy_title"])


def plane(analysis: Analysis, words: Wording) -> Figure | None:
    """RAIR against RSR, both defined; None where no condition has both."""
    wide = _wide(analysis, ("rair", "rsr"))
    if not len(wide):
        return None
    with canvas(4.6, 4.4) as (figure, axes):
        axes.plot([1], [1], marker="*", markersize=15, color="#b8860b", clip_on=False, linestyle="")
        axes.annotate(words["ideal"], (0.955, 0.985), ha="right", va="center", color=SOFT)
        for condition, rair, rsr in wide:
            colour, mark = COLOURS[_place(analysis, condition)], MARKS[_place(analysis, condition)]
            axes.plot([rair["low"], rair["high"]], [rsr["value"]] * 2, color=colour, alpha=0.55, linewidth=1.6)
            axes.plot([rair["value"]] * 2, [rsr["low"], rsr["high"]], color=colour, alpha=0.55, linewidth=1.6)
            axes.plot(
                rair["value"], rsr["value"], marker=mark, color=colour, markersize=8, linestyle="", label=condition
            )
        axes.legend(loc="lower right", fontsize=9.5)
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel=words["plane_x"], ylabel=words["plane_y"], aspect="equal")
        decimals(axes.xaxis, words)
        decimals(axes.yaxis, words)
        data = analysis.measures.filter(pl.col("measure").is_in(["rair", "rsr"]))
        return finish("reliance-plane", figure, data, words["plane_text"])


def reliance(analysis: Analysis, words: Wording) -> Figure | None:
    """Over- and under-reliance side by side; None where no advice was shown."""
    wide = _wide(analysis, ("overreliance", "underreliance"))
    if not len(wide):
        return None
    with canvas(4.6, 4.4) as (figure, axes):
        for i, (condition, over, under) in enumerate(wide):
            colour = COLOURS[_place(analysis, condition)]
            for x, row in ((i - 0.13, over), (i + 0.13, under)):
                _interval(axes, x, row, colour, "o", hollow=row is under)
        axes.plot([], [], "o", color=SOFT, label=words["over"], markersize=8)
        axes.plot([], [], "o", color=SOFT, markerfacecolor="white", label=words["under"], markersize=8)
        axes.legend(loc="upper right", fontsize=9.5)
        top = max(row["high"] or 0 for _, a, b in wide for row in (a, b))
        axes.set(xlim=(-0.6, len(wide) - 0.4), ylim=(0, min(1.02, top + 0.22)), ylabel=words["share"])
        axes.set_xticks(range(len(wide)), [condition for condition, *_ in wide], color=INK)
        axes.grid(axis="x", visible=False)
        decimals(axes.yaxis, words)
        data = analysis.measures.filter(pl.col("measure").is_in(["overreliance", "underreliance"]))
        return finish("reliance", figure, data, words["reliance_text"])


def odds(fit: Fit, words: Wording) -> Figure | None:
    """Odds ratios of the mixed model's terms, without the intercept; None where none is finite."""
    table = fit.fixed.filter(pl.col("term").str.to_lowercase() != "(intercept)").drop_nulls("low")
    if table.is_empty():
        return None
    names = [term.partition("[")[2].rstrip("]") or term for term in table["term"]]
    with canvas(7.2, 0.6 + 0.5 * len(names)) as (figure, axes):
        axes.axvline(1, color=SOFT, linewidth=1)
        for i, row in enumerate(table.iter_rows(named=True)):
            axes.plot(
                np.exp([row["low"], row["high"]]), [i, i], color=COLOURS[1], linewidth=2.2, solid_capstyle="round"
            )
            axes.plot(row["odds_ratio"], i, "o", color=COLOURS[1], markersize=8)
        axes.set_xscale("log")
        low, high = np.exp(table["low"].min()), np.exp(table["high"].max())  # type: ignore[arg-type]
        ticks = [t for t in (0.1, 0.2, 0.33, 0.5, 0.67, 1, 1.5, 2, 3, 5, 10) if low * 0.9 <= t <= high * 1.1]
        axes.set_xticks(ticks, [words.number(tick, 2) for tick in ticks])
        axes.minorticks_off()
        axes.set(xlabel=words["odds_axis"], ylim=(len(names) - 0.5, -0.5))
        axes.set_yticks(range(len(names)), names, color=INK)
        axes.grid(axis="y", visible=False)
        return finish("odds", figure, table, words["model_title"])


def _interval(axes, x, row, colour: str, mark: str, *, hollow: bool = False) -> None:  # type: ignore[no-untyped-def]
    if row["value"] is None:
        return
    if row["low"] is not None:
        axes.plot([x, x], [row["low"], row["high"]], color=colour, linewidth=2.4, solid_capstyle="round")
    face = "white" if hollow else colour
    axes.plot(x, row["value"], mark, color=colour, markerfacecolor=face, markeredgewidth=1.8, markersize=8.5)


def _machine(analysis: Analysis) -> float | None:
    """Accuracy of the advice on the items shown."""
    trials = analysis.trials
    if not {"advice", "truth"} <= set(trials.columns):
        return None
    return float(trials.select((pl.col("advice") == pl.col("truth")).mean()).item())


def _place(analysis: Analysis, condition: str) -> int:
    return list(analysis.conditions).index(condition) % len(COLOURS)


def _wide(analysis: Analysis, names: tuple[str, str]) -> list[tuple[str, dict[str, float], dict[str, float]]]:
    """Conditions in which both measures are defined."""
    found = []
    for condition in analysis.conditions:
        part = analysis.measures.filter(pl.col("condition") == condition)
        rows = [part.filter(pl.col("measure") == name).to_dicts() for name in names]
        if all(row and row[0]["value"] is not None for row in rows):
            found.append((condition, rows[0][0], rows[1][0]))
    return found
