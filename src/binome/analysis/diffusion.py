"""Decision times as a drift-diffusion process (Ratcliff 1978), fitted by PyDDM to each operator and condition."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import minimize

from binome.analysis.bootstrap import draw_operators, interval, p_value
from binome.analysis.conform import conform
from binome.analysis.measuring import LEAST_OPERATORS
from binome.analysis.resampling import require_columns, used
from binome.analysis.sample import Floats, Mask, right
from binome.core import BinomeError

PARAMETERS = ("drift", "boundary", "nondecision")
BOUNDS = ((-8.0, 8.0), (0.1, 6.0))
STEP = 0.005
"""Seconds, and units of evidence: the grid on which PyDDM computes densities."""
CONTAMINANTS = 0.005
"""Share of decisions of any duration, so that one odd time does not decide the fit (Ratcliff & Tuerlinckx 2002)."""


@dataclass(frozen=True)
class Diffusion:
    """Drift-diffusion parameters, in units where the noise of the evidence is 1 a second.

    `drift` is towards the right answer, `boundary` the distance from the start to either boundary (half the separation
    a), `nondecision` what the time holds besides deciding, in seconds. The process starts halfway.

    Attributes:
        operators: `operator, <by>, drift, boundary, nondecision, n, log_likelihood, arrived`; parameters are null where
            an operator has fewer trials than asked for.
        groups: `<by>, parameter, value, low, high, operators, undefined`: means over operators with a defined fit,
            95 % limits from drawing operators.
        contrasts: `parameter, first, second, value, low, high, p, operators`: differences of these means, later −
            earlier; paired within operators where they are in both groups.
        undefined: trials without a right or wrong answer, or without a time up to the longest.
    """

    operators: pl.DataFrame
    groups: pl.DataFrame
    contrasts: pl.DataFrame
    undefined: int


def diffusion(
    trials: pl.DataFrame,
    *,
    by: str = "condition",
    seconds: str = "final_seconds",
    least: int = 40,
    longest: float = 30.0,
    resamples: int = 2000,
    seed: int = 0,
) -> Diffusion:
    """Fit drift, boundary and non-decision time to right and wrong answers and their times.

    Args:
        seconds: the column of the decision's time.
        least: trials that an operator must have in a group; fewer do not tell the three parameters apart.
        longest: times beyond it, in seconds, are left out: nobody accumulates evidence over a break.
        resamples, seed: of the bootstrap over operators.

    Raises:
        BinomeError: where PyDDM is not installed; naming a missing column, or times that are not above zero.
    """
    if find_spec("pyddm") is None:
        raise BinomeError("drift-diffusion models need PyDDM: pip install 'binome[times]'")
    require_columns(trials, "a drift-diffusion model", ["operator", by, "truth", "final", seconds])
    kept = used(conform(trials))
    table = kept.select("operator", pl.col(by).cast(pl.String), right=right(kept, "final"), seconds=seconds)
    known = table.drop_nulls()
    if not (known["seconds"].is_finite() & (known["seconds"] > 0)).all():
        wrong = known.filter(~(pl.col("seconds").is_finite() & (pl.col("seconds") > 0)))["seconds"]
        raise BinomeError(
            f"{seconds!r} must be above zero and finite; {len(wrong)} trials are not, such as {wrong[0]}; exclude them"
        )
    known = known.filter(pl.col("seconds") <= longest)
    operators = pl.DataFrame([_fitted(key, part, by, least) for key, part in _parts(known, by)], schema=_schema(by))
    groups = operators[by].unique().sort().to_list()
    values = _values(operators, by, groups)
    draws = _draws(values, resamples, seed)
    return Diffusion(
        operators, _group_table(values, draws, by, groups), _contrast_table(values, draws, groups),
        table.height - known.height,
    )  # fmt: skip


def _schema(by: str) -> dict[str, Any]:
    numbers = dict.fromkeys(PARAMETERS, pl.Float64)
    return {"operator": pl.String, by: pl.String, **numbers, "n": pl.Int64, "log_likelihood": pl.Float64,
            "arrived": pl.Boolean}  # fmt: skip


def _parts(table: pl.DataFrame, by: str) -> list[tuple[tuple[Any, ...], pl.DataFrame]]:
    return sorted(table.partition_by("operator", by, as_dict=True).items())


def _fitted(key: tuple[Any, ...], part: pl.DataFrame, by: str, least: int) -> dict[str, Any]:
    named = {"operator": str(key[0]), by: key[1], "n": part.height}
    if part.height < least:
        return {**named, **dict.fromkeys((*PARAMETERS, "log_likelihood", "arrived"))}
    answers = part["right"].to_numpy().astype(np.bool_)
    point, value, arrived = fit_times(part["seconds"].cast(pl.Float64).to_numpy(), answers)
    return {**named, **dict(zip(PARAMETERS, point, strict=True)), "log_likelihood": value, "arrived": arrived}


def fit_times(seconds: Floats, answers: Mask) -> tuple[list[float], float, bool]:
    """The likeliest drift, boundary and non-decision time; the log-likelihood; whether the search ended inside."""
    # Loading PyDDM takes a second: only who fits times pays for it.
    import pyddm

    with redirect_stdout(io.StringIO()):
        sample = pyddm.Sample(seconds[answers], seconds[~answers])
        model = pyddm.gddm(
            drift=lambda v: v, bound=lambda a: a, nondecision=lambda n: n,
            parameters={"v": BOUNDS[0], "a": BOUNDS[1], "n": (0.0, float(seconds.max()))},
            T_dur=float(seconds.max()) + 1.0, dt=STEP, dx=STEP, mixture_coef=CONTAMINANTS,
        )  # fmt: skip
        order = model.get_model_parameter_names()

        def loss(point: Floats) -> float:
            model.set_model_parameters([dict(zip("van", point, strict=True))[name] for name in order])
            return float(pyddm.get_model_loss(model, sample, lossfunction=pyddm.LossRobustLikelihood))

        limits = [*BOUNDS, (0.0, float(seconds.min()) + 0.1)]
        starts = [np.clip(start, *np.array(limits).T) for start in first_guesses(seconds, answers)]
        best = min(starts, key=loss)
        corners = np.array([best, *(best + np.diag([0.3, 0.15, -min(0.05, best[2] / 2 + STEP)]))])
        found = minimize(
            loss, best, method="Nelder-Mead", bounds=limits,
            options={"initial_simplex": np.clip(corners, *np.array(limits).T), "xatol": 1e-3, "fatol": 1e-3},
        )  # fmt: skip
    inside = all(low + 1e-3 < at < high - 1e-3 for at, (low, high) in zip(found.x[:2], limits[:2], strict=True))
    return [float(at) for at in found.x], -float(found.fun), bool(found.success and inside)


def first_guesses(seconds: Floats, answers: Mask) -> list[Floats]:
    """EZ-diffusion (Wagenmakers, van der Maas & Grasman 2007), and one with the non-decision time below all times."""
    n = len(answers)
    found = (np.count_nonzero(answers) + 0.5) / (n + 1)
    share = float(found) if abs(found - 0.5) > 1e-3 else 0.501
    logit = float(np.log(share / (1 - share)))
    times = seconds[answers] if answers.sum() > 1 else seconds
    variance = max(float(np.var(times)), 1e-4)
    drift = np.sign(logit) * (abs(logit * (share**2 * logit - share * logit + share - 0.5) / variance)) ** 0.25
    boundary = logit / drift / 2
    mean = boundary / drift * (1 - np.exp(-2 * drift * boundary)) / (1 + np.exp(-2 * drift * boundary))
    fastest = float(seconds.min())
    return [
        np.array([drift, boundary, np.clip(float(times.mean()) - mean, 0, fastest)]),
        np.array([drift, boundary, 0.9 * fastest]),
    ]


def _values(operators: pl.DataFrame, by: str, groups: Sequence[str]) -> Floats:
    """(operators, groups, parameters), NaN where there is no fit."""
    names = operators["operator"].unique().sort().to_list()
    values = np.full((len(names), len(groups), len(PARAMETERS)), np.nan)
    for row in operators.iter_rows(named=True):
        if row["drift"] is not None:
            place = names.index(row["operator"]), groups.index(row[by])
            values[place] = [row[name] for name in PARAMETERS]
    return values


def _draws(values: Floats, resamples: int, seed: int) -> Floats:
    """Means over drawn operators, (resamples, groups, parameters); NaN where none with a fit was drawn."""
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    parts = [np.empty((0, *values.shape[1:]))]
    for counts in draw_operators(len(values), resamples, seed):
        total = np.einsum("ro,ogp->rgp", counts, known.astype(np.float64))
        sums = np.einsum("ro,ogp->rgp", counts, filled)
        parts.append(np.divide(sums, total, out=np.full(sums.shape, np.nan), where=total > 0))
    return np.concatenate(parts)


def _limits(value: float, draws: Floats, operators: int) -> tuple[float, float]:
    return interval(value, draws, None) if operators >= LEAST_OPERATORS else (np.nan, np.nan)


def _means(values: Floats) -> Floats:
    """(groups, parameters) over operators."""
    count = (~np.isnan(values)).sum(axis=0)
    means: Floats = np.divide(np.nansum(values, axis=0), count, out=np.full(count.shape, np.nan), where=count > 0)
    return means


def _group_table(values: Floats, draws: Floats, by: str, groups: Sequence[str]) -> pl.DataFrame:
    means, rows = _means(values), []
    present = (~np.isnan(values[:, :, 0])).sum(axis=0)
    for g, group in enumerate(groups):
        for p, parameter in enumerate(PARAMETERS):
            numbers = (means[g, p], *_limits(float(means[g, p]), draws[:, g, p], int(present[g])))
            rows.append((group, parameter, *map(_null, numbers), int(present[g]), len(values) - int(present[g])))
    numeric = dict.fromkeys(("value", "low", "high"), pl.Float64)
    schema = {by: pl.String, "parameter": pl.String, **numeric, "operators": pl.Int64, "undefined": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _contrast_table(values: Floats, draws: Floats, groups: Sequence[str]) -> pl.DataFrame:
    means, rows = _means(values), []
    present = (~np.isnan(values[:, :, 0])).sum(axis=0)
    for p, parameter in enumerate(PARAMETERS):
        for earlier, later in combinations(range(len(groups)), 2):
            value = float(means[later, p] - means[earlier, p])
            difference = draws[:, later, p] - draws[:, earlier, p]
            least = int(min(present[later], present[earlier]))
            low, high = _limits(value, difference, least)
            numbers = (value, low, high, np.nan if np.isnan(low) else p_value(difference))
            rows.append((parameter, groups[later], groups[earlier], *map(_null, numbers), least))
    numeric = dict.fromkeys(("value", "low", "high", "p"), pl.Float64)
    schema = {**dict.fromkeys(("parameter", "first", "second"), pl.String), **numeric, "operators": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _null(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
