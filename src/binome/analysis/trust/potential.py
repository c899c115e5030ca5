"""What the outcome would be under a condition and a mediator's value: effects through the mediator and beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from binome.analysis.sample import Floats
from binome.analysis.trust.regression import Link, shares

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(41)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
EFFECTS = (
    "acme", "acme_second", "acme_first", "ade", "ade_second", "ade_first", "total", "proportion",
)  # fmt: skip


@dataclass(frozen=True)
class Paths:
    """Two regressions, each coefficient (m,): mediator ~ treated, and outcome ~ treated + mediator (+ their product).

    Attributes:
        intercept, a, sigma: of the mediator, and the deviation that it has beside.
        base, direct, b, both: of the outcome; `both` is that of the product, 0 without it.
    """

    intercept: Floats
    a: Floats
    sigma: Floats
    base: Floats
    direct: Floats
    b: Floats
    both: Floats


def outcome_at(paths: Paths, treated: float, through: float, link: Link) -> Floats:
    """Mean outcome (m,) with the condition at `treated` and the mediator as it would be at `through`.

    The mediator's distribution is integrated over (Gauss–Hermite; in closed form for identity and probit), which is
    what the simulation of Imai, Keele & Tingley 2010 does by drawing.
    """
    slope = paths.b + paths.both * treated
    centre = paths.base + paths.direct * treated + slope * (paths.intercept + paths.a * through)
    if link == "identity":
        return centre
    if link == "probit":
        return np.asarray(ndtr(centre / np.sqrt(1 + (slope * paths.sigma) ** 2)))
    spread = (slope * paths.sigma)[:, None] * NODES
    return np.asarray(np.sum(shares(centre[:, None] + spread, link) * WEIGHTS, axis=1))


def effects(paths: Paths, link: Link) -> dict[str, Floats]:
    """Each effect (m,): `first` is treated; those without a side are the mean of both sides."""
    y = {(t, m): outcome_at(paths, t, m, link) for t in (0.0, 1.0) for m in (0.0, 1.0)}
    through = {t: y[t, 1.0] - y[t, 0.0] for t in (0.0, 1.0)}
    beside = {m: y[1.0, m] - y[0.0, m] for m in (0.0, 1.0)}
    total = y[1.0, 1.0] - y[0.0, 0.0]
    acme, ade = (through[0.0] + through[1.0]) / 2, (beside[0.0] + beside[1.0]) / 2
    proportion = np.divide(acme, total, out=np.full(total.shape, np.nan), where=total != 0)
    values = (acme, through[0.0], through[1.0], ade, beside[0.0], beside[1.0], total, proportion)
    return dict(zip(EFFECTS, values, strict=True))


def acme_at(paths: Paths, left: Floats, rho: float, link: Link) -> Floats:
    """ACME (m,) if the errors of mediator and outcome had the correlation ρ (Imai, Keele & Yamamoto 2010).

    With ρ the regressions see γ* = (γ + ρ σ_Y / σ_M) where the outcome's own slope is γ; it is solved for here.

    Args:
        paths: without a product; identity or probit.
        left: (m,), deviation of the outcome that the regression leaves; 1 for probit.
    """
    keep = np.sqrt(1 - rho**2)
    if link == "identity":
        return np.asarray(paths.a * (paths.b - rho * left / (paths.sigma * keep)))
    b = paths.b * keep - rho / paths.sigma
    direct = paths.direct * keep + rho * paths.a / paths.sigma
    base = paths.base * keep + rho * paths.intercept / paths.sigma
    spread = np.sqrt(1 + (b * paths.sigma) ** 2 + 2 * rho * b * paths.sigma)

    def at(treated: float, through: float) -> Floats:
        return np.asarray(ndtr((base + direct * treated + b * (paths.intercept + paths.a * through)) / spread))

    return (at(0.0, 1.0) - at(0.0, 0.0) + at(1.0, 1.0) - at(1.0, 0.0)) / 2


def rho_without_mediation(paths: Paths, left: Floats) -> Floats:
    """The ρ at which ACME is zero, (m,): γ*σ_M / √(s² + γ*²σ_M²), s what the outcome's regression leaves."""
    pull = paths.b * paths.sigma
    return np.asarray(pull / np.sqrt(left**2 + pull**2))
