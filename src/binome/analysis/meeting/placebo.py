"""Each explanation against one that looks like it and holds nothing."""

from __future__ import annotations

from typing import Any

import polars as pl

from binome.analysis.holm import holm
from binome.analysis.meeting.joining import Met
from binome.analysis.meeting.slopes import RANDOM
from binome.analysis.mixed import glmm
from binome.core import BinomeError, UnknownNameError

ESTIMATES = ("estimate", "se", "low", "high", "odds_ratio", "p")
OVER_PLACEBO = {
    "explanation": pl.String, **dict.fromkeys((*ESTIMATES, "p_holm"), pl.Float64), "n": pl.Int64,
    "n_placebo": pl.Int64, "items": pl.Int64, "reason": pl.String,
}  # fmt: skip
ZERO = "(placebo)"
"""All placebos together; no explanation's name, for those are words."""


def over_placebo(met: Met) -> tuple[pl.DataFrame, str]:
    """Log odds of the outcome with each explanation, against all placebos together; and what the model said."""
    names = met.shown["explanation"].unique().sort().to_list()
    placebos = met.zero if met.level == "placebo" else met.zero.clear()
    table = pl.concat([met.shown, placebos.with_columns(explanation=pl.lit(ZERO))])
    found, reason, said = _estimates(table, placebos)
    rows: list[dict[str, Any]] = []
    for name in names:
        own = met.shown.filter(pl.col("explanation") == name)
        items = own["item"].n_unique()
        row = {"explanation": name, "n": own.height, "n_placebo": placebos.height, "items": items, "reason": reason}
        rows.append(row | found.get(name, {}))
    result = pl.DataFrame(rows, schema=OVER_PLACEBO)
    return result.with_columns(p_holm=holm(result["p"])), said


def _estimates(table: pl.DataFrame, placebos: pl.DataFrame) -> tuple[dict[str, dict[str, Any]], str | None, str]:
    if placebos.is_empty():
        return {}, "no_placebo", ""
    if table["operator"].n_unique() < 2:
        return {}, "few_operators", ""
    if table["y"].n_unique() < 2:
        return {}, "no_variation", ""
    if any(table[name].n_unique() in (1, table.height) for name in ("operator", "item")):
        return {}, "no_repeats", ""
    try:
        fit = glmm(f"y ~ explanation + {RANDOM}", table, family="binomial", reference={"explanation": ZERO})
    except UnknownNameError:
        raise
    except BinomeError as error:
        return {}, "not_fitted", str(error)
    said, prefix = " ".join(fit.messages), "explanation["
    if not fit.converged:
        return {}, "not_converged", said
    estimates = {
        row["term"].removeprefix(prefix)[:-1]: {name: row[name] for name in ESTIMATES}
        for row in fit.fixed.iter_rows(named=True)
        if row["term"].startswith(prefix)
    }
    return estimates, None, said
