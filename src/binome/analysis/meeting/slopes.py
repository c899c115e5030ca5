"""One metric: what a score within a method, and a method's mean score, do to the outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from binome.analysis.meeting.joining import Met
from binome.analysis.mixed import Fit, glmm
from binome.core import BinomeError, UnknownNameError

LEAST_ITEMS, LEAST_OPERATORS = 3, 2
LEAST_OWN = 0.01
"""Share of the within-method score that other terms must leave unexplained for its slope to be told apart from them."""
RANDOM = "(1|operator) + (1|item)"
NOTHING = 1e-12


@dataclass(frozen=True)
class Scored:
    """One metric's trials, ready for the model.

    Attributes:
        table: `operator, item, y` and the terms.
        terms: those in the model, of `within`, `between`, `real`, `item_score`.
        units: by effect, the standard deviation that one unit stands for, in the metric's own unit.
        reasons: by effect, why it cannot be told.
        methods, items: with a score.
    """

    table: pl.DataFrame
    terms: tuple[str, ...]
    units: dict[str, float]
    reasons: dict[str, str]
    methods: int
    items: int

    @property
    def adjusted(self) -> bool:
        """Whether what makes an item easy, as far as it goes with its mean score, is held constant."""
        return "item_score" in self.terms


def scored_trials(met: Met, joined: pl.DataFrame, sign: float) -> Scored:
    """Scores split into a method's mean and what is beside it, each in standard deviations.

    Args:
        joined: `operator, item, explanation, y, value`.
        sign: −1 where a lower value is better, so that above 0 is better everywhere.
    """
    cells = joined.select("item", "explanation", value=sign * pl.col("value")).unique(["item", "explanation"])
    cells = cells.sort("explanation", "item").with_columns(mean=pl.col("value").mean().over("explanation"))
    cells = cells.with_columns(own=pl.col("value") - pl.col("mean"))
    methods = cells.group_by("explanation").agg(pl.col("mean").first()).sort("explanation")
    own, means, free = cells["own"].to_numpy(), methods["mean"].to_numpy(), cells.height - methods.height
    units = {
        "within": float(np.sqrt(own @ own / free)) if free > 0 else 0.0,
        "between": float(means.std(ddof=1)) if len(means) > 1 else 0.0,
    }
    reasons = _reasons(units, len(means), float(np.abs(cells["value"].to_numpy()).max()))
    within = pl.col("own") / units["within"] if "within" not in reasons else pl.lit(0.0)
    between = (pl.col("mean") - means.mean()) / units["between"] if "between" not in reasons else pl.lit(0.0)
    cells = cells.with_columns(within=within, between=between)
    of_item = cells.group_by("item").agg(item_score=pl.col("within").mean())
    terms = ["within", "between"]
    shown = joined.join(cells.select("item", "explanation", *terms), on=["item", "explanation"], how="left")
    table = shown.with_columns(real=1.0).select("operator", "item", "y", *terms, "real")
    zero = met.zero.with_columns(within=0.0, between=0.0, real=0.0).select(table.columns)
    table = pl.concat([table, zero]).join(of_item, on="item", how="inner").sort("operator", "item", *terms, "real", "y")
    return Scored(table, _terms(table, reasons), units, reasons, len(means), of_item.height)


def fitted(scored: Scored) -> tuple[Fit | None, str, str]:
    """The model; or why there is none: a code, and what the model said."""
    table = scored.table
    if not {"within", "between"} & set(scored.terms):
        return None, "", ""
    if scored.items < LEAST_ITEMS:
        return None, "few_items", ""
    if table["operator"].n_unique() < LEAST_OPERATORS:
        return None, "few_operators", ""
    if table["y"].n_unique() < 2:
        return None, "no_variation", ""
    if any(table[name].n_unique() == table.height for name in ("operator", "item")):
        return None, "no_repeats", ""
    try:
        fit = glmm(f"y ~ {' + '.join(scored.terms)} + {RANDOM}", table, family="binomial")
    except UnknownNameError:
        raise
    except BinomeError as error:
        return None, "not_fitted", str(error)
    return (fit, "", "") if fit.converged else (None, "not_converged", " ".join(fit.messages))


def _reasons(units: dict[str, float], methods: int, size: float) -> dict[str, str]:
    reasons = {}
    if not units["within"] > NOTHING * size:
        reasons["within"] = "score_constant"
    if methods < 2:
        reasons["between"] = "one_method"
    elif not units["between"] > NOTHING * size:
        reasons["between"] = "means_equal"
    return reasons


def _terms(table: pl.DataFrame, reasons: dict[str, str]) -> tuple[str, ...]:
    """The item's mean score joins where it leaves the within-method score something of its own."""
    terms = [name for name in ("within", "between") if name not in reasons]
    if table["real"].n_unique() > 1:
        terms.append("real")
    if "within" not in terms:
        return tuple(terms)
    others = [name for name in terms if name != "within"] + ["item_score"]
    matrix = np.column_stack([np.ones(table.height), table.select(others).to_numpy()])
    own = table["within"].to_numpy()
    left = own - matrix @ np.linalg.lstsq(matrix, own)[0]
    if left @ left >= LEAST_OWN * (own @ own):
        terms.append("item_score")
    return tuple(terms)
