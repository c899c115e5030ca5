"""LIME: a linear model that stands for the module around one item."""

from __future__ import annotations

import torch

from binome.core import BinomeError
from binome.explain.coalition import Hidden, Output, by_regression, hidden_by
from binome.explain.explainer import Call, explainer
from binome.explain.units import Kind, make_units


@explainer(
    "lime",
    family="perturbation",
    forward="samples × references + 1",
    paper="Ribeiro, Singh & Guestrin 2016, arXiv 1602.04938",
)
def lime(
    call: Call,
    samples: int = 512,
    units: Kind = None,
    size: int | None = None,
    baseline: Hidden = "zero",
    output: Output = "logit",
    width: float = 0.25,
    penalty: float = 1.0,
) -> torch.Tensor:
    """Coefficients of a ridge regression of the score on which units are present, fitted near the whole item.

    Each unit is present by a coin toss; a sample weighs exp(−d² / 2 width²), d being its cosine distance from the whole
    item. (The authors' program has exp(−d² / width²) under a square root, which is the same.)

    Details: `seed_deviation` (of the maps' shape), the coefficients' standard error under other draws: how much another
    seed changes a value; `fit` (n,), the regression's weighted R², NaN where the score does not vary.

    Args:
        samples: perturbed copies of each item beside itself.
        units, size: what is switched together, see `units.Kind`.
        baseline: what stands in for absent units: a baseline, or `background`, averaged over.
        output: the target's `logit` or `probability`.
        width: of the kernel.
        penalty: on the coefficients' squares; the intercept has none.
    """
    if not width > 0 or penalty < 0:
        raise BinomeError(f"lime.width is {width} and lime.penalty {penalty}; give more than 0, and 0 or more")
    parts = make_units(call, units, size)
    if samples < parts.count + 2:
        raise BinomeError(f"lime.samples is {samples} for {parts.count} units; give {parts.count + 2} or more")
    coalitions = []
    for row in range(len(call.inputs)):
        known = parts.of(row)
        tossed = torch.rand(samples, known, generator=call.generator(row, "samples")) < 0.5
        coalitions.append(torch.cat([torch.ones(1, known, dtype=torch.bool), tossed]))  # the item itself comes first
    fits = torch.empty(len(coalitions), dtype=torch.float64)

    def solve(row: int, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        z = coalitions[row].double()
        far = 1 - z.mean(1).sqrt()  # the cosine of a binary vector and of ones is √(share of ones)
        found, deviation, fits[row] = ridge(z, values, torch.exp(-far.square() / (2 * width**2)), penalty)
        return found, deviation

    maps = by_regression(call, parts, hidden_by(call, baseline, "lime"), coalitions, output, solve)
    call.note("fit", fits)
    return maps


def ridge(
    z: torch.Tensor, values: torch.Tensor, weights: torch.Tensor, penalty: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Weighted ridge regression with a free intercept.

    Args:
        z: float64 (samples, units); values, weights: (samples,).

    Returns:
        Coefficients (units,); their standard errors over samples (sandwich estimator with White's HC1, 1980, since
        the true relation is not linear); weighted R², NaN when the values do not vary.

    Raises:
        BinomeError: when the samples do not tell the units apart and there is no penalty.
    """
    shares = weights / weights.sum()
    centred, gains = z - shares @ z, values - shares @ values
    cross = centred.T @ (weights[:, None] * centred) + penalty * torch.eye(z.shape[1], dtype=z.dtype)
    root, fault = torch.linalg.cholesky_ex(cross)
    if int(fault):
        raise BinomeError("lime: the samples do not tell all units apart; give more samples, or a penalty")
    found = torch.cholesky_solve((centred.T @ (weights * gains))[:, None], root)[:, 0]
    left = gains - centred @ found
    moved = torch.cholesky_solve((centred * (weights * left)[:, None]).T, root)
    freedom = max(1, len(z) - z.shape[1] - 1)
    deviation = (moved.square().sum(1) * len(z) / freedom).sqrt()
    varies = (weights * gains.square()).sum()
    fit = 1 - (weights * left.square()).sum() / varies if varies > 0 else torch.tensor(torch.nan, dtype=z.dtype)
    return found, deviation, fit
