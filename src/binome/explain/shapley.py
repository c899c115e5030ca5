"""Shapley values of units: exact, and from sampled coalitions."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import torch

from binome.core import BinomeError
from binome.explain.coalition import Hidden, Output, by_regression, coalition_values, hidden_by
from binome.explain.explainer import Call, explainer
from binome.explain.units import Kind, make_units

MOST = 16
"""Units for which all coalitions are asked."""


@explainer(
    "exact_shapley", family="perturbation", forward="2^units × references", needs=f"{MOST} units or fewer",
    paper="Shapley 1953; Lundberg & Lee 2017, arXiv 1705.07874",
)  # fmt: skip
def exact_shapley(
    call: Call, units: Kind = None, size: int | None = None, baseline: Hidden = "zero", output: Output = "logit"
) -> torch.Tensor:
    """Shapley values of all units, from every coalition: they sum to f(x) − f(hidden).

    Args:
        units, size: what is switched together, see `units.Kind`; by default lines, or patches of a quarter of a side.
        baseline: what stands in for absent units: a baseline, or `background`, averaged over.
        output: the target's `logit` or `probability`.
    """
    parts = make_units(call, units, size, across=4)
    count = parts.count
    if count > MOST:
        raise BinomeError(
            f"exact_shapley asks 2^units coalitions and takes {MOST} units at most, found {count}; give larger units "
            "by `size`, or use kernel_shap"
        )
    codes = torch.arange(2**count, device=call.inputs.device)
    present = (codes[:, None] >> torch.arange(count, device=codes.device) & 1).bool()
    values = coalition_values(call, parts, hidden_by(call, baseline, "exact_shapley"), present[:, None], output)
    # Units that an item lacks change nothing: they get 0, and take nothing from the others.
    weights = torch.tensor(
        [math.factorial(s) * math.factorial(count - s - 1) / math.factorial(count) for s in range(count)],
        dtype=torch.float64, device=values.device,
    )  # fmt: skip
    sizes = present.sum(1)
    shares = []
    for unit in range(count):
        without = codes[~present[:, unit]]
        shares.append((weights[sizes[without], None] * (values[without | 1 << unit] - values[without])).sum(0))
    return parts.spread(torch.stack(shares, 1), call.inputs)


@explainer(
    "kernel_shap",
    family="perturbation",
    forward="samples × references + 2",
    paper="Lundberg & Lee 2017, arXiv 1705.07874",
)
def kernel_shap(
    call: Call,
    samples: int = 512,
    units: Kind = None,
    size: int | None = None,
    baseline: Hidden = "zero",
    output: Output = "logit",
) -> torch.Tensor:
    """Shapley values by weighted regression on coalitions; they sum to f(x) − f(hidden) exactly.

    Coalitions of the smallest and largest sizes are asked all, as far as `samples` go; the others are drawn by their
    weight, each with its complement (Covert & Lee 2021, arXiv 2012.01536). With all coalitions it is exact.

    Details: `seed_deviation` (of the maps' shape), the standard error over draws of coalitions: how much another seed
    changes a value.

    Args:
        samples: coalitions beside the empty and the full one.
        units, size, baseline, output: as for `exact_shapley`, with patches of an eighth of a side.
    """
    parts = make_units(call, units, size)
    plans = [_Plan.draw(parts.of(row), samples, call.generator(row, "coalitions")) for row in range(len(call.inputs))]
    # The empty coalition comes first, then the full one.
    coalitions = [torch.cat([torch.tensor([[False], [True]]).expand(2, p.units), p.present]) for p in plans]

    def solve(row: int, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return plans[row].solve(values[2:] - values[0], values[1] - values[0], errors=call.detailed)

    return by_regression(call, parts, hidden_by(call, baseline, "kernel_shap"), coalitions, output, solve)


@dataclass(frozen=True)
class _Plan:
    """The coalitions asked of one item beside the empty and the full one, and their weights in the regression.

    Attributes:
        present: bool (coalitions, units), drawn ones as pairs of complements at the end.
        weights: float64 (coalitions,).
        drawn: how many of the coalitions were drawn.
    """

    present: torch.Tensor
    weights: torch.Tensor
    drawn: int

    @property
    def units(self) -> int:
        return self.present.shape[1]

    @classmethod
    def draw(cls, units: int, samples: int, generator: torch.Generator) -> _Plan:
        """Enumerate sizes 1, units − 1, 2, units − 2 … as far as the samples go, and draw the rest."""
        if units == 1:
            return cls(torch.zeros(0, 1, dtype=torch.bool), torch.zeros(0, dtype=torch.float64), 0)
        if samples < min(units + 2, 2**units - 2):
            raise BinomeError(f"kernel_shap.samples is {samples} for {units} units; give {units + 2} or more")
        sizes = list(range(1, units // 2 + 1))
        # Both coalitions of a pair, of all pairs of a size, by Shapley's kernel.
        mass = [(units - 1) / (s * (units - s)) * (1 if 2 * s == units else 2) for s in sizes]
        whole, weights, left = list[torch.Tensor](), list[float](), samples
        while sizes:
            number = math.comb(units, sizes[0]) * (1 if 2 * sizes[0] == units else 2)
            if left * mass[0] / sum(mass) < number * (1 - 1e-9):
                break
            whole.append(_all_of(units, sizes[0]))
            weights += [mass[0] / number] * number
            left -= number
            sizes, mass = sizes[1:], mass[1:]
        pairs = left // 2 if sizes else 0
        if pairs:
            chosen = torch.multinomial(torch.tensor(mass), pairs, replacement=True, generator=generator)
            order = torch.rand(pairs, units, generator=generator).argsort(1).argsort(1)
            half = order < torch.tensor(sizes)[chosen][:, None]
            whole.append(torch.stack([half, ~half], 1).flatten(0, 1))
            weights += [sum(mass) / (2 * pairs)] * (2 * pairs)
        return cls(torch.cat(whole), torch.tensor(weights, dtype=torch.float64), 2 * pairs)

    def solve(self, gains: torch.Tensor, rise: torch.Tensor, *, errors: bool) -> tuple[torch.Tensor, torch.Tensor]:
        """Values of the units that fit the coalitions' gains best and sum to the whole rise, with standard errors.

        Raises:
            BinomeError: when too few different coalitions were drawn to tell the units apart.
        """
        z = self.present.double()
        if not len(z):
            return rise[None], torch.zeros(1, dtype=torch.float64)
        ones = torch.ones(z.shape[1], 1, dtype=torch.float64)
        cross = z.T @ (self.weights[:, None] * z)
        root, fault = torch.linalg.cholesky_ex(cross)
        if int(fault):
            raise BinomeError("kernel_shap: the coalitions drawn do not tell all units apart; give more samples")
        inverse_ones = torch.cholesky_solve(ones, root)
        free = torch.cholesky_solve((z.T @ (self.weights * gains))[:, None], root)
        total = inverse_ones.sum()
        found = (free - inverse_ones * (free.sum() - rise) / total)[:, 0]
        if not errors or self.drawn < 4:
            return found, torch.zeros_like(found)
        # A pair adds G · w · Σ z r to the estimate, G the inverse on the plane of constant sums; pairs are independent.
        # Residuals of what was fitted are too small: each pair's are enlarged by its leverage (Bell & McCaffrey 2002).
        plane = torch.cholesky_inverse(root)
        plane = plane - inverse_ones @ inverse_ones.T / total
        rows, weight = z[-self.drawn :].view(-1, 2, z.shape[1]), float(self.weights[-1])
        values, vectors = torch.linalg.eigh(torch.eye(2, dtype=z.dtype) - weight * rows @ plane @ rows.mT)
        left = (gains - z @ found)[-self.drawn :].view(-1, 2, 1)
        left = vectors @ (vectors.mT @ left / values.clamp_min(1e-3).sqrt()[:, :, None])
        moved = weight * (rows * left).sum(1) @ plane
        moved = moved - moved.mean(0)
        return found, (moved.square().sum(0) * len(moved) / (len(moved) - 1)).sqrt()


def _all_of(units: int, size: int) -> torch.Tensor:
    """All coalitions of a size and, unless they are of that size too, their complements."""
    chosen = torch.tensor(list(itertools.combinations(range(units), size)))
    found = torch.zeros(len(chosen), units, dtype=torch.bool).scatter_(1, chosen, True)
    return found if 2 * size == units else torch.cat([found, ~found])
