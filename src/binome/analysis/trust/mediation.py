"""`mediation`: how much of what an explanation does to reliance passes through trust."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from binome.analysis.bootstrap import draw_operators, interval, p_value
from binome.analysis.conform import conform
from binome.analysis.measure import measures
from binome.analysis.measuring import by_operator
from binome.analysis.outcomes import OUTCOMES, is_binary, outcome_of
from binome.analysis.resampling import require_columns, used
from binome.analysis.sample import Codes, Floats
from binome.analysis.trust.potential import Paths, acme_at, effects, rho_without_mediation
from binome.analysis.trust.regression import Link, coefficients, residual_deviation
from binome.core import BinomeError, UnknownNameError

RHOS = tuple(round(step / 10, 1) for step in range(-9, 10))
EFFECT = {
    "effect": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "p": pl.Float64,
}  # fmt: skip
PATH = {"path": pl.String, **{name: kind for name, kind in EFFECT.items() if name != "effect"}}
CURVE = {"rho": pl.Float64, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
LIMITS = dict.fromkeys(("value", "low", "high"), pl.Float64)
CAVEAT = "mediator_not_randomised"


@dataclass(frozen=True)
class Mediation:
    """What passes through a mediator, `first` against `second`.

    Attributes:
        effects: `effect, value, low, high, p`: acme (through the mediator), ade (beside it), each as the mean of the
            conditions and in `_first` and `_second`; total; proportion (acme / total). On the outcome's own scale:
            differences of probabilities where it is binary.
        paths: `path, value, low, high, p`: `a` (first − second in the mediator), `b` (the outcome's slope on the
            mediator, holding the condition), `direct` (first − second in the outcome, holding the mediator), and
            `both` with an interaction; b, direct and both on the link's scale.
        sensitivity: `rho, value, low, high`: acme if the errors of mediator and outcome were so correlated.
        rho_zero: `value, low, high` of the ρ at which acme is zero; one row, or none.
        link: logit for a binary outcome, identity for numbers.
        first, second, outcome: as asked.
        operators, trials, undefined: that enter; trials of the two conditions that do not, for want of the mediator or
            of the outcome.
        caveat: code of what a reader must know: trust is not randomised.
        reasons: by part (`effects`, `proportion`, `sensitivity`), the code of why it is empty or to be doubted.
    """

    effects: pl.DataFrame
    paths: pl.DataFrame
    sensitivity: pl.DataFrame
    rho_zero: pl.DataFrame
    link: Link
    first: str
    second: str
    outcome: str
    operators: int
    trials: int
    undefined: int
    caveat: str
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class _Cells:
    """One row an operator and condition: treated (0 or 1), mediator, mean outcome, trials, number of the operator."""

    treated: Floats
    mediator: Floats
    outcome: Floats
    trials: Floats
    operator: Codes
    operators: int


def mediation(
    trials: pl.DataFrame,
    mediator: pl.DataFrame,
    *,
    outcome: str = "followed",
    first: str,
    second: str,
    by: str = "condition",
    value: str = "value",
    interaction: bool = False,
    resamples: int = 2000,
    seed: int = 0,
) -> Mediation:
    """Causal mediation of `first` − `second` through a mediator of operators (Imai, Keele & Tingley 2010).

    The mediator is linear in the condition with normal errors; the outcome is logistic in condition and mediator where
    it is binary (every trial counts), linear where it is a number or a measure (every operator and condition counts).
    Effects are differences between mean potential outcomes, not products of coefficients. Limits: both models are
    fitted anew to operators drawn with replacement.

    Args:
        mediator: `operator`, the column `value`, and `by` where it was taken in each condition (`Trust.scores` of one
            scale is such a table); several values of one operator and condition are averaged.
        outcome: as `outcome_of` takes it, or the name of a measure.
        interaction: let the mediator's slope differ between the two conditions.

    Raises:
        UnknownNameError: for an outcome, or a level of `by`, that does not exist.
        BinomeError: naming a column that is missing.
        TrialsError: naming row and column of a value that cannot be used.
    """
    require_columns(trials, "mediation", ["operator", by])
    require_columns(mediator, "the mediator", ["operator", value])
    if resamples < 0:
        raise BinomeError(f"resamples must be zero or more, found {resamples}")
    kept = used(conform(trials)).with_columns(pl.col(by).cast(pl.String)).filter(pl.col("operator").is_not_null())
    levels = kept[by].drop_nulls().unique().sort().to_list()
    for name in (first, second):
        if name not in levels:
            raise UnknownNameError(by, name, levels)
    if first == second:
        raise BinomeError(f"mediation compares two levels of {by!r}, found {first!r} twice")
    pair = kept.filter(pl.col(by).is_in([first, second]))
    table, link, asked = _outcomes(pair, outcome, by)
    joined = _with_mediator(table, mediator, by, value)
    complete = joined.filter(pl.col("mediator").is_not_null() & pl.col("outcome").is_not_null())
    cells = _cells(complete.sort("operator", by), by, first)
    found = _Found(first, second, outcome, link, cells.operators, int(complete["trials"].sum()), asked)
    # One value for both conditions cannot differ between them: it says nothing of what passes through.
    repeated = complete.filter("once")["operator"].is_duplicated().any()
    reason = "mediator_taken_once" if repeated else _why_not(cells, link)
    return found.nothing(reason) if reason else _estimated(cells, found, interaction, resamples, seed)


@dataclass(frozen=True)
class _Found:
    """What is known before anything is estimated."""

    first: str
    second: str
    outcome: str
    link: Link
    operators: int
    trials: int
    asked: int

    def nothing(self, reason: str) -> Mediation:
        effects, paths, curve, zero = (pl.DataFrame(schema=pl.Schema(of)) for of in (EFFECT, PATH, CURVE, LIMITS))
        return self.made(effects, paths, curve, zero, {"effects": reason})

    def made(
        self,
        effects: pl.DataFrame,
        paths: pl.DataFrame,
        curve: pl.DataFrame,
        zero: pl.DataFrame,
        reasons: Mapping[str, str],
    ) -> Mediation:
        return Mediation(
            effects, paths, curve, zero, self.link, self.first, self.second, self.outcome, self.operators, self.trials,
            self.asked - self.trials, CAVEAT, reasons,
        )  # fmt: skip


def _outcomes(pair: pl.DataFrame, outcome: str, by: str) -> tuple[pl.DataFrame, Link, int]:
    """`operator, by, outcome` (mean), `trials`; the link; and how many trials there were to begin with."""
    if outcome not in OUTCOMES and outcome not in pair.columns and outcome in measures():
        table = by_operator(pair, outcome, by=[by])
        cells = table.select("operator", by, outcome="value", trials=pl.col("n"))
        return cells, "identity", int((table["n"] + table["undefined"]).sum())
    values = outcome_of(pair, outcome)
    binary = is_binary(values)
    table = pair.select("operator", by, outcome=values.cast(pl.Float64))
    cells = table.group_by("operator", by).agg(pl.col("outcome").mean(), trials=pl.col("outcome").count())
    return cells, "logit" if binary else "identity", pair.height


def _with_mediator(table: pl.DataFrame, mediator: pl.DataFrame, by: str, value: str) -> pl.DataFrame:
    """The mediator of each operator and condition; that of the operator where it was taken once for all."""
    known = mediator.select(
        pl.col("operator").cast(pl.String),
        (pl.col(by).cast(pl.String) if by in mediator.columns else pl.lit(None, dtype=pl.String)).alias(by),
        mediator=pl.col(value).cast(pl.Float64).fill_nan(None),
    )
    own = known.filter(pl.col(by).is_not_null()).group_by("operator", by).agg(pl.col("mediator").mean())
    whole = known.filter(pl.col(by).is_null()).group_by("operator").agg(whole=pl.col("mediator").mean())
    joined = table.join(own, on=["operator", by], how="left").join(whole, on="operator", how="left")
    once = pl.col("mediator").is_null() & pl.col("whole").is_not_null()
    return joined.with_columns(pl.col("mediator").fill_null(pl.col("whole")), once=once).drop("whole")


def _cells(complete: pl.DataFrame, by: str, first: str) -> _Cells:
    operator = complete["operator"].rank("dense").cast(pl.Int64).to_numpy() - 1
    return _Cells(
        treated=(complete[by] == first).cast(pl.Float64).to_numpy(),
        mediator=complete["mediator"].to_numpy(),
        outcome=complete["outcome"].cast(pl.Float64).to_numpy(),
        trials=complete["trials"].cast(pl.Float64).to_numpy(),
        operator=operator,
        operators=complete["operator"].n_unique(),
    )


def _why_not(cells: _Cells, link: Link) -> str | None:
    if len(np.unique(cells.treated)) < 2:
        return "one_side"
    if cells.operators < 5:
        return "few_operators"
    if np.ptp(cells.mediator) == 0:
        return "mediator_constant"
    same = np.ptp(cells.outcome) == 0 and (link == "identity" or cells.outcome[0] in (0.0, 1.0))
    return "outcome_constant" if same else None


def _estimated(cells: _Cells, found: _Found, interaction: bool, resamples: int, seed: int) -> Mediation:
    drawn = [np.ones((1, cells.operators)), *draw_operators(cells.operators, resamples, seed)]
    weights = np.concatenate(drawn)[:, cells.operator]
    paths = _paths(cells, weights, found.link, interaction)[0]
    if np.isnan(paths.b[0]) or np.isnan(paths.sigma[0]):
        return found.nothing("perfect_prediction")
    tables = {name: _row(draws) for name, draws in effects(paths, found.link).items()}
    reasons = {}
    total = tables["total"]
    if total[1] is None or total[2] is None or total[1] <= 0 <= total[2]:
        reasons["proportion"] = "total_unclear"
    curve, zero = pl.DataFrame(schema=CURVE), pl.DataFrame(schema=LIMITS)
    if interaction:
        reasons["sensitivity"] = "no_sensitivity_with_interaction"
    else:
        curve, zero = _sensitivity(cells, weights, found.link)
        if curve.is_empty():
            reasons["sensitivity"] = "perfect_prediction"
    shown = {"a": paths.a, "b": paths.b, "direct": paths.direct} | ({"both": paths.both} if interaction else {})
    return found.made(
        pl.DataFrame([(name, *row) for name, row in tables.items()], schema=EFFECT, orient="row"),
        pl.DataFrame([(name, *_row(draws)) for name, draws in shown.items()], schema=PATH, orient="row"),
        curve,
        zero,
        reasons,
    )


def _paths(cells: _Cells, weights: Floats, link: Link, interaction: bool) -> tuple[Paths, Floats]:
    """Both regressions in every resample, and the deviation that the outcome's leaves (1 for a binary outcome)."""
    ones = np.ones(len(cells.treated))
    simple = np.column_stack([ones, cells.treated])
    of_mediator = coefficients(simple, cells.mediator, weights, "identity")
    sigma = residual_deviation(simple, cells.mediator, weights, of_mediator)
    # Centred and scaled, so that the regression is as well conditioned as it can be.
    centre, scale = cells.mediator.mean(), cells.mediator.std()
    unit = (cells.mediator - centre) / scale
    columns = [ones, cells.treated, unit] + ([cells.treated * unit] if interaction else [])
    matrix = np.column_stack(columns)
    counts = weights if link == "identity" else weights * cells.trials
    fitted = coefficients(matrix, cells.outcome, counts, link)
    left = residual_deviation(matrix, cells.outcome, counts, fitted) if link == "identity" else np.ones(len(fitted))
    both = fitted[:, 3] / scale if interaction else np.zeros(len(fitted))
    b = fitted[:, 2] / scale
    paths = Paths(
        intercept=of_mediator[:, 0],
        a=of_mediator[:, 1],
        sigma=sigma,
        base=fitted[:, 0] - b * centre,
        direct=fitted[:, 1] - both * centre,
        b=b,
        both=both,
    )
    return paths, left


def _sensitivity(cells: _Cells, weights: Floats, link: Link) -> tuple[pl.DataFrame, pl.DataFrame]:
    """For a binary outcome by probit, whose error is normal as the mediator's is: ρ has a meaning there."""
    normal: Link = "identity" if link == "identity" else "probit"
    paths, left = _paths(cells, weights, normal, interaction=False)
    if np.isnan(paths.b[0]):
        return pl.DataFrame(schema=CURVE), pl.DataFrame(schema=LIMITS)
    rows = [(rho, *_row(acme_at(paths, left, rho, normal))[:3]) for rho in RHOS]
    zero = _row(rho_without_mediation(paths, left))[:3]
    return pl.DataFrame(rows, schema=CURVE, orient="row"), pl.DataFrame([zero], schema=LIMITS, orient="row")


def _row(draws: Floats) -> tuple[float | None, float | None, float | None, float | None]:
    """`value, low, high, p` of an effect whose first number is the sample's and whose others are resamples."""
    value = float(draws[0])
    low, high = interval(value, draws[1:], None)
    p = float("nan") if np.isnan(low) else p_value(draws[1:])
    numbers = [None if np.isnan(number) else float(number) for number in (value, low, high, p)]
    return numbers[0], numbers[1], numbers[2], numbers[3]
