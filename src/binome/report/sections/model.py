"""The mixed model: its tables, and aloud whether it can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass

from binome.analysis import Analysis, Fit
from binome.report.figures.odds import level
from binome.report.tables import Cell, Table, table
from binome.report.wording import Wording


@dataclass(frozen=True)
class Model:
    """`state` says whether the fit converged; `warnings` what else a reader must know (in English, from the fit)."""

    formula: str
    state: str
    sound: bool
    spread: str
    warnings: tuple[str, ...]
    fixed: Table
    marginal: Table
    pairs: Table


def model(analysis: Analysis, words: Wording) -> Model | None:
    """None where there is no fit."""
    fit = analysis.model
    if fit is None:
        return None
    state = words["model_converged" if fit.converged else "model_failed"]
    if fit.singular:
        state += " " + words["model_singular"]
    reference = analysis.conditions[0]
    return Model(
        formula=fit.formula,
        state=state,
        sound=fit.converged,
        spread=_spread(fit, words),
        warnings=fit.messages,
        fixed=_fixed(fit, reference, words),
        marginal=_marginal(fit, words),
        pairs=_pairs(fit, words),
    )


def _spread(fit: Fit, words: Wording) -> str:
    parts = [
        words.say("random_part", group=words.group(row["group"]), sd=words.number(row["sd"], 2), levels=row["levels"])
        for row in fit.random.iter_rows(named=True)
    ]
    likelihood = words.number(fit.log_likelihood, 1)
    return words.say("random_text", list=", ".join(parts), n=words.count(fit.n), likelihood=likelihood)


def _fixed(fit: Fit, reference: str, words: Wording) -> Table:
    rows: list[list[Cell | str]] = []
    for row in fit.fixed.iter_rows(named=True):
        first = "intercept" in row["term"].lower()
        name = words.say("intercept", reference=reference) if first else level(row["term"])
        limits = [None if row[end] is None else math.exp(row[end]) for end in ("low", "high")]
        rows.append(
            [
                Cell(name, condition="" if first else level(row["term"])),
                words.number(row["estimate"]),
                words.number(row["se"]),
                words.number(row["z"], 2),
                words.bare_p(row["p"]),
                words.number(row["odds_ratio"], 2),
                words.limits(limits[0], limits[1], 2) or words.undefined,
            ]
        )
    head = [words[key] for key in ("term", "estimate", "se", "z", "p", "odds", "odds_limits")]
    return table(words["fixed_caption"], head, rows)


def _marginal(fit: Fit, words: Wording) -> Table:
    rows: list[list[Cell | str]] = [
        [
            Cell(row["level"], condition=row["level"]),
            words.number(row["probability"]),
            words.limits(row["low"], row["high"]) or words.undefined,
            words.number(row["population"]),
        ]
        for row in fit.marginal.iter_rows(named=True)
    ]
    head = [words[key] for key in ("condition", "typical", "limits", "population")]
    return table(words["marginal_caption"], head, rows)


def _pairs(fit: Fit, words: Wording) -> Table:
    rows: list[list[Cell | str]] = []
    for row in fit.contrasts.iter_rows(named=True):
        limits = [None if row[end] is None else math.exp(row[end]) for end in ("low", "high")]
        rows.append(
            [
                words.say("minus", first=row["first"], second=row["second"]),
                words.number(row["odds_ratio"], 2),
                words.limits(limits[0], limits[1], 2) or words.undefined,
                words.bare_p(row["p"]),
                words.bare_p(row["p_holm"]),
            ]
        )
    head = [words[key] for key in ("pair", "odds", "odds_limits", "p", "p_holm")]
    return table(words["pairs_caption"], head, rows)
