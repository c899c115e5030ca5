"""What the mixed model says of the conditions, in one sentence."""

from __future__ import annotations

import polars as pl

from binome.analysis import Analysis, Fit
from binome.report.analysis.wording import Words
from binome.report.tables import Cell, Table, table

ALPHA = 0.05


def factorial(fit: Fit | None, words: Words) -> Table | None:
    """The terms of the model with the factors' interactions."""
    if fit is None:
        return None
    rows: list[list[Cell | str]] = [
        [
            row["term"],
            words.number(row["estimate"]),
            words.number(row["se"]),
            words.bare_p(row["p"]),
            words.number(row["odds_ratio"], 2),
        ]
        for row in fit.fixed.iter_rows(named=True)
    ]
    head = [words[key] for key in ("term", "estimate", "se", "p", "odds")]
    return table(words.say("factorial_title", formula=fit.formula), head, rows)


def finding(analysis: Analysis, words: Words) -> str:
    """How many pairs of conditions differ in their odds, and which most; empty without a model."""
    fit = analysis.model
    if fit is None:
        return ""
    tested = fit.contrasts.drop_nulls("p_holm")
    clear = tested.filter(pl.col("p_holm") < ALPHA)
    if clear.is_empty():
        return words["model_none"]
    row = clear.sort(pl.col("estimate").abs(), descending=True, maintain_order=True).row(0, named=True)
    return words.say(
        "model_one" if tested.height == 1 else "model_some",
        n=words.count(clear.height),
        total=words.count(tested.height),
        first=words.quoted(row["first"]),
        second=words.quoted(row["second"]),
        odds=words.number(row["odds_ratio"], 2),
    )
