"""`glmm`: mixed models by Laplace's approximation, linear ones by restricted maximum likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.linalg import block_diag

from binome.analysis.conform import conform
from binome.analysis.mixed.bayes import sampled
from binome.analysis.mixed.climbing import SINGULAR, Peak, climb
from binome.analysis.mixed.crossed import ordered
from binome.analysis.mixed.design import INTERCEPT, Design, make_design
from binome.analysis.mixed.fit import Fit
from binome.analysis.mixed.formula import parse_formula
from binome.analysis.mixed.kernels import bernoulli, cumulative, poisson
from binome.analysis.mixed.laplace import Laplace, order_jacobian
from binome.analysis.mixed.linear import Linear
from binome.analysis.mixed.tables import (
    Estimated,
    category_table,
    contrast_table,
    fixed_table,
    marginal_table,
    random_table,
    threshold_table,
)
from binome.analysis.resampling import used
from binome.analysis.sample import Floats
from binome.core import BinomeError, UnknownNameError
from binome.core.blas import one_thread

Route = Literal["likelihood", "bayes"]
KERNELS = {"binomial": bernoulli, "poisson": poisson, "ordinal": cumulative}
FIRST_DEVIATION = np.log(0.5)
FEW_LEVELS = 5
FAR = 10.0
"""On a logit or log scale nothing real has an error or a standard deviation as large as this."""
OVERDISPERSED = 1.2


@dataclass(frozen=True)
class Outcome:
    """Estimates, and what they are worth. `overdispersion` is None but for counts; `infinite`: some have no end."""

    estimated: Estimated
    log_likelihood: float
    arrived: bool
    overdispersion: float | None = None
    infinite: bool = False


def glmm(
    formula: str,
    trials: pl.DataFrame,
    *,
    family: str | None = None,
    reference: Mapping[str, str] | None = None,
    route: Route = "likelihood",
    restricted: bool = True,
    seed: int = 0,
) -> Fit:
    """Fit a mixed model.

    By maximum likelihood with Laplace's approximation, as lme4's `glmer` and ordinal's `clmm`; gaussian and lognormal
    models by restricted maximum likelihood, as lme4's `lmer`. Standard errors come from the curvature of the
    likelihood in fixed effects and variances together; in linear models they are given the variances.

    Args:
        formula: `response ~ a * b + x + (1|group) + (1 + x|group) + (1|a/b) + …`: text is categorical, coded against
            a reference level; numbers are linear. Slopes and intercepts of a group are taken as uncorrelated.
            `correct` is final = truth where the trials have no such column.
        trials: as `read_trials` gives them; practice, attention checks and excluded rows are left out.
        family: `binomial`; `gaussian`; `lognormal`, a normal distribution of the response's logarithm; `poisson`, of
            counts; `ordinal`, cumulative logits of ordered categories. By default binomial for a response of
            true and false (1 and 0), gaussian for other numbers.
        reference: by column, the level that others are compared with; the first in sorted order by default.
        route: `likelihood`, or `bayes`: a posterior sampled by bambi (`pip install 'binome[bayes]'`), the same tables.
        restricted: of gaussian and lognormal models; False for maximum likelihood, by which models with different
            fixed terms can be compared.
        seed: of the sampler.

    Raises:
        UnknownNameError: for a reference that is not a level, a family or a route that does not exist.
        BinomeError: for a formula that is not supported; a missing column; a response that is not of the family or
            does not vary; a term or a group with one level; terms that say the same thing twice; random effects that
            cannot be told apart.
    """
    if route not in get_args(Route):
        raise UnknownNameError("route", route, get_args(Route))
    parsed = parse_formula(formula)
    design = make_design(parsed, used(conform(trials)), reference or {}, family)
    if route == "bayes":
        return sampled(formula, design, seed)
    linear = design.family.name in ("gaussian", "lognormal")
    with one_thread():
        outcome = _linear(design, restricted) if linear else _generalised(design)
    found = outcome.estimated
    messages = list(design.messages)
    if outcome.infinite:
        messages.append(
            "Some effect or standard deviation has no finite estimate: terms or groups tell the responses apart "
            "without error (separation). Do not use these figures; leave a term out, or use route 'bayes'."
        )
    elif not outcome.arrived:
        messages.append("The optimiser did not arrive at a maximum: do not use these figures.")
    messages += _about_groups(design, found) + _about_counts(outcome.overdispersion)
    return Fit(
        formula=formula,
        fixed=fixed_table(design, found),
        random=random_table(design, found),
        marginal=marginal_table(design, found),
        contrasts=contrast_table(design, found),
        n=len(design.response),
        log_likelihood=outcome.log_likelihood if np.isfinite(outcome.log_likelihood) else None,
        converged=outcome.arrived,
        singular=bool(_vanished(design, found).any()),
        messages=tuple(messages),
        family=design.family.name,
        link=design.family.link,
        scale=design.family.scale,
        method=("REML" if restricted else "ML") if linear else "Laplace",
        residual=found.residual,
        thresholds=threshold_table(design, found),
        categories=category_table(design, found),
        parameters=len(found.thresholds) + len(found.fixed) + len(found.deviations) + int(linear),
        dispersion=outcome.overdispersion,
    )


def _generalised(design: Design) -> Outcome:
    place = ordered(design.blocks)
    blocks = [design.blocks[i] for i in place]
    scaled, back = whitened(design.matrix)
    count = max(0, len(design.categories) - 1)
    model = Laplace(design.response, scaled, blocks, KERNELS[design.family.name], count)
    spreads = np.full(len(blocks), FIRST_DEVIATION)
    start = np.concatenate([_first(design, scaled, back), spreads])
    peak = climb(model, start, len(blocks))
    ends, fixed, deviations = model.parts(peak.point)
    last = len(peak.point) - len(blocks)
    jacobian = block_diag(order_jacobian(peak.point[:count]), back) if count else back
    infinite = _without_end(peak, deviations, last)
    found = Estimated(
        ends, back @ fixed, jacobian @ peak.covariance[:last, :last] @ jacobian.T, _replaced(deviations, place, design),
        None,
    )  # fmt: skip
    over = _overdispersion(design, model.predictor(peak.point)) if design.family.name == "poisson" else None
    return Outcome(found, peak.value, peak.arrived and not infinite, over, infinite)


def _without_end(peak: Peak, deviations: Floats, last: int) -> bool:
    """Whether the likelihood still rises far out: an effect of a standardised column that is known to ±10 only."""
    errors = np.sqrt(np.diag(peak.covariance)[:last])
    return bool((errors > FAR).any() or (deviations > FAR).any())


def _linear(design: Design, restricted: bool) -> Outcome:
    place = ordered(design.blocks)
    blocks = [design.blocks[i] for i in place]
    scaled, back = whitened(design.matrix)
    left = design.response - scaled @ (scaled.T @ design.response) / len(scaled)
    if np.abs(left).max() < 1e-9 * np.abs(design.response).max():
        raise BinomeError("the fixed terms explain the response to its last digit: nothing is left to model")
    middle, unit = float(design.response.mean()), float(design.response.std())
    model = Linear((design.response - middle) / unit, scaled, blocks, restricted=restricted)
    peak: Peak = climb(model, np.full(len(blocks), FIRST_DEVIATION), len(blocks))
    fixed, covariance, residual = model.solved(peak.point)
    estimate = unit * (back @ fixed)
    estimate[0] += middle
    deviations = _replaced(unit * residual * np.exp(peak.point), place, design)
    found = Estimated(np.empty(0), estimate, unit**2 * back @ covariance @ back.T, deviations, unit * residual)
    # The likelihood depends on the response's unit, the restricted one on the columns' too.
    freedom = len(design.response) - len(fixed) * restricted
    value = peak.value - freedom * np.log(unit) + np.linalg.slogdet(back)[1] * restricted
    return Outcome(found, float(value), peak.arrived)


def whitened(matrix: Floats) -> tuple[Floats, Floats]:
    """Columns of unit mean square that are orthogonal, and what takes their coefficients back (k, k)."""
    root = np.sqrt(len(matrix))
    orthogonal, upper = np.linalg.qr(matrix)
    return orthogonal * root, np.linalg.inv(upper) * root


def _first(design: Design, scaled: Floats, back: Floats) -> Floats:
    """Where the search starts: thresholds or intercept as if there were nothing else, other effects zero."""
    if design.categories:
        shares = np.cumsum(np.bincount(design.response.astype(np.int64)))[:-1] / len(design.response)
        ends = np.log(shares) - np.log1p(-shares)
        return np.concatenate([ends[:1], np.log(np.diff(ends)), np.zeros(scaled.shape[1])])
    mean = design.response.mean()
    first = np.zeros(scaled.shape[1])
    first[0] = np.log(mean) - (np.log1p(-mean) if design.family.name == "binomial" else 0)
    return np.asarray(np.linalg.solve(back, first))


def _replaced(deviations: Floats, place: list[int], design: Design) -> Floats:
    """In the formula's order, in the columns' own units."""
    back = np.empty_like(deviations)
    back[place] = deviations
    units: Floats = np.array([effect.unit for effect in design.random])
    return np.asarray(back / units)


def _overdispersion(design: Design, predictor: Floats) -> float:
    """Pearson's χ² over its degrees of freedom, at the modes of the random effects."""
    mean = np.exp(predictor)
    freedom = len(mean) - design.matrix.shape[1] - len(design.random)
    return float(np.sum((design.response - mean) ** 2 / mean) / freedom)


def _about_counts(overdispersion: float | None) -> list[str]:
    if overdispersion is None or overdispersion < OVERDISPERSED:
        return []
    return [
        f"The counts vary {overdispersion:.1f} times as much as a Poisson distribution says (overdispersion): errors "
        "and p are too small. Number the trials in a column and add (1|that column)."
    ]


def _vanished(design: Design, found: Estimated) -> npt.NDArray[np.bool_]:
    units = np.array([effect.unit for effect in design.random])
    return np.asarray(found.deviations * units < SINGULAR * (found.residual or 1.0))


def _about_groups(design: Design, found: Estimated) -> list[str]:
    messages = []
    for effect, vanished in zip(design.random, _vanished(design, found), strict=True):
        what = "variation" if effect.effect == INTERCEPT else f"variation of the slope of {effect.effect!r}"
        if vanished:
            messages.append(f"The data show no {what} between {effect.group}s beyond chance: a singular fit.")
        if effect.block.levels < FEW_LEVELS:
            messages.append(
                f"There are only {effect.block.levels} of {effect.group!r}: the variation between them is hardly known."
            )
    return messages
