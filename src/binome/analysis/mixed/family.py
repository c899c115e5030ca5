"""Families of responses: their link, how a column of trials is read as one, and what has no finite estimate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit

from binome.analysis.sample import Floats
from binome.core import BinomeError, UnknownNameError

Name = Literal["binomial", "gaussian", "lognormal", "poisson", "ordinal"]
Scale = Literal["odds_ratio", "ratio", "difference"]
MOST_CATEGORIES = 50


@dataclass(frozen=True)
class Family:
    """How a response is distributed.

    Attributes:
        name: as in `glmm`.
        link: of the linear predictor.
        scale: what exp(estimate) is; `difference` where the estimate speaks for itself.
        linear: the column of the marginal table for the linear predictor; none where it is the mean itself.
        mean: the column for what a typical operator gives on a typical item.
    """

    name: Name
    link: str
    scale: Scale
    linear: str
    mean: str


FAMILIES: Mapping[str, Family] = {
    "binomial": Family("binomial", "logit", "odds_ratio", "logit", "probability"),
    "gaussian": Family("gaussian", "identity", "difference", "", "mean"),
    "lognormal": Family("lognormal", "log", "ratio", "log", "median"),
    "poisson": Family("poisson", "log", "ratio", "log", "mean"),
    "ordinal": Family("ordinal", "logit", "odds_ratio", "logit", "mean_category"),
}


def family_of(name: str | None, response: pl.Series) -> Family:
    """The family asked for; by default binomial for true and false (or 1 and 0), gaussian for other numbers.

    Raises:
        UnknownNameError: for a family that does not exist.
    """
    if name is None:
        binary = not response.dtype.is_numeric() or response.drop_nulls().cast(pl.Float64).is_in([0.0, 1.0]).all()
        return FAMILIES["binomial" if binary else "gaussian"]
    if name not in FAMILIES:
        raise UnknownNameError("family", name, FAMILIES)
    return FAMILIES[name]


def read_response(family: Family, values: pl.Series) -> tuple[Floats, tuple[str, ...]]:
    """The response (n,), log for log-normal, 0, 1, … for categories; and the categories' names.

    Raises:
        BinomeError: naming the column, for a response that is not of the family or does not vary.
    """
    if len(values) and values.n_unique() < 2:
        found = str(values[0]).lower() if values.dtype == pl.Boolean else f"{values[0]}"
        found = {"1": "true", "0": "false"}.get(found, found) if family.name == "binomial" else found
        raise BinomeError(f"{values.name!r} is {found} in every row: there is nothing to model")
    if not len(values):
        raise BinomeError(f"no trial has both {values.name!r} and every term of the model: there is nothing to model")
    if family.name == "ordinal":
        return _categories(values)
    return READERS[family.name](values), ()


def _binary(values: pl.Series) -> Floats:
    numbers = values.cast(pl.Float64, strict=False)
    if numbers.is_null().any() or not numbers.is_in([0.0, 1.0]).all():
        raise BinomeError(f"{values.name!r} must be true or false (1 or 0) in every row")
    return numbers.to_numpy()


def _numbers(values: pl.Series) -> Floats:
    if not (values.dtype.is_numeric() or values.dtype == pl.Boolean):
        raise BinomeError(f"{values.name!r} must hold numbers for this family; it holds text such as {values[0]!r}")
    numbers = values.cast(pl.Float64).to_numpy()
    _refuse(values, ~np.isfinite(numbers), "a finite number")
    return numbers


def _positive_log(values: pl.Series) -> Floats:
    numbers = _numbers(values)
    _refuse(values, numbers <= 0, "above zero, since the model is of its logarithm")
    return np.log(numbers)


def _counts(values: pl.Series) -> Floats:
    numbers = _numbers(values)
    _refuse(values, (numbers < 0) | (numbers != np.round(numbers)), "a count: 0, 1, 2, …")
    return numbers


READERS: Mapping[str, Callable[[pl.Series], Floats]] = {
    "binomial": _binary, "gaussian": _numbers, "lognormal": _positive_log, "poisson": _counts,
}  # fmt: skip


def _refuse(values: pl.Series, wrong: npt.NDArray[np.bool_], what: str) -> None:
    rows = np.flatnonzero(wrong)
    if rows.size:
        where = f"{rows.size} of {len(values)} trials are not, the first of them {values[int(rows[0])]!r}"
        raise BinomeError(f"{values.name!r} must be {what} in every row; {where}")


def _categories(values: pl.Series) -> tuple[Floats, tuple[str, ...]]:
    if not (values.dtype.is_numeric() or values.dtype in (pl.Enum, pl.Boolean)):
        raise BinomeError(
            f"{values.name!r} holds text such as {values[0]!r}, whose order is not known: "
            "make it numbers, or a polars Enum with its categories in order"
        )
    found = values.unique().sort()
    if len(found) > MOST_CATEGORIES:
        raise BinomeError(f"{values.name!r} has {len(found)} categories; for so many, use family 'gaussian'")
    return (values.rank("dense") - 1).cast(pl.Float64).to_numpy(), tuple(str(label) for label in found.to_list())


def without_estimate(family: Family, categories: int) -> tuple[float, ...]:
    """Responses that, alone in a level, put its effect at infinity."""
    ends = {"binomial": (0.0, 1.0), "poisson": (0.0,), "ordinal": (0.0, categories - 1.0)}
    return ends.get(family.name, ())


def mean_of(family: Family, linear: Floats, thresholds: Floats) -> Floats:
    """What a typical operator gives on a typical item, for linear predictors (n,)."""
    if family.name == "gaussian":
        return linear
    if family.name == "binomial":
        return np.asarray(expit(linear))
    if family.name == "ordinal":
        return 1 + np.asarray(expit(linear[:, None] - thresholds).sum(axis=1))
    return np.exp(linear)


def population_of(
    family: Family, linear: Floats, thresholds: Floats, deviation: float, residual: float | None
) -> Floats:
    """The mean over normal random effects of one standard deviation (Gauss–Hermite, 61 nodes; exact for log links)."""
    if family.link == "log":
        return np.exp(linear + (deviation**2 + (residual or 0.0) ** 2) / 2)
    if family.name == "gaussian":
        return linear
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    at = mean_of(family, (linear[:, None] + deviation * nodes).ravel(), thresholds).reshape(-1, len(nodes))
    return np.asarray(at @ (weights / weights.sum()))
