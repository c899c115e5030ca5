"""Pixels from their neighbours: the linear imputation of ROAD, for many pictures at once."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional as F

from binome.core import BinomeError

TOLERANCE = 1e-5
"""How far a filled pixel may be from the mean of its neighbours, as a share of its channel's range in the item."""
MOST = 500
CELLS = 2**18
"""Values that are solved for together: more would leave the caches of a CPU."""
DAMPING = 0.8


def interpolate(inputs: torch.Tensor, gaps: torch.Tensor, tolerance: float = TOLERANCE) -> torch.Tensor:
    """Pictures whose gaps hold the weighted mean of the neighbours, which may be in the gap themselves.

    Weights are 1/6 for the four direct neighbours and 1/12 for the four diagonal ones; at a border, those outside are
    left out and the others weigh 1 together (Rong et al. 2022, arXiv 2202.00449, and its authors' code). The paper
    solves the sparse system by elimination; this is conjugate gradients, preconditioned by a multigrid cycle, which
    takes some ten rounds whatever the size of the gaps, on any device, for all channels and pictures at once.

    A picture that is a gap as a whole has nothing to go by: the system is singular, and its channels' means stand in.

    Args:
        inputs: float (n, channels, height, width), intact; left as they are.
        gaps: bool (n, height, width).
        tolerance: see `TOLERANCE`. In wide gaps the solution is some ten times as far off.

    Returns:
        (n, channels, height, width), of the inputs' type; pixels outside the gaps as they are.
    """
    rows = max(1, CELLS // inputs[0].numel())
    parts = zip(torch.split(inputs, rows), torch.split(gaps[:, None], rows), strict=True)
    return torch.cat([torch.where(gap, _solved(x.double(), gap, tolerance).to(x), x) for x, gap in parts])


@dataclass(frozen=True)
class _Grid:
    """The system on one level: degree · u − (neighbours' weighted sum), in the gaps; outside them u is 0.

    Attributes:
        gap: float64 (n, 1, h, w), 1 in the gaps.
        degree: float64 (1, 1, h, w), the weight of the neighbours that exist.
    """

    gap: torch.Tensor
    degree: torch.Tensor

    @classmethod
    def levels(cls, gap: torch.Tensor) -> list[_Grid]:
        """From the pictures' own grid to the coarsest; a coarse pixel is a gap when all that it covers is."""
        found = []
        while True:
            found.append(cls(gap, _around(torch.ones_like(gap[:1]))))
            if min(gap.shape[-2:]) <= 2 or not gap.any():
                return found
            gap = 1 - F.max_pool2d(_even(1 - gap), 2)

    def apply(self, u: torch.Tensor) -> torch.Tensor:
        return (self.degree * u - _around(u)) * self.gap

    def smooth(self, u: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """One damped Jacobi step towards A u = right."""
        return u + DAMPING * (right - self.apply(u)) / self.degree


def _solved(x: torch.Tensor, gap: torch.Tensor, tolerance: float) -> torch.Tensor:
    """Pictures with their gaps filled; each system is frozen as it converges, so that none knows the others."""
    levels = _Grid.levels(gap.double())
    known = ~gap
    count = known.sum((-2, -1), keepdim=True)
    mean = torch.where(count > 0, (x * known).sum((-2, -1), keepdim=True) / count.clamp_min(1), x.mean((-2, -1), True))
    u = torch.where(gap, mean, x)
    residual = -levels[0].apply(u - mean)
    low, high = x.amin((-2, -1), keepdim=True), x.amax((-2, -1), keepdim=True)
    # The second term is what rounding leaves of a channel that is constant.
    goal = torch.maximum(tolerance * (high - low), 1e-12 * torch.maximum(low.abs(), high.abs()))
    goal = goal.masked_fill(count == 0, float("inf"))
    direction, before = torch.zeros_like(u), torch.ones_like(goal)
    for _ in range(MOST):
        open_ = residual.abs().amax((-2, -1), keepdim=True) > goal
        if not open_.any():
            return u
        corrected = _cycle(residual, levels)
        now = (residual * corrected).sum((-2, -1), keepdim=True)
        direction = corrected + now / before * direction
        applied = levels[0].apply(direction)
        step = torch.where(open_, now / (direction * applied).sum((-2, -1), keepdim=True), 0.0)
        u = u + step * direction
        residual = residual - step * applied
        before = torch.where(now > 0, now, 1.0)
    raise BinomeError(f"the imputation of removed pixels did not settle in {MOST} rounds; inputs may be too large")


def _cycle(right: torch.Tensor, levels: list[_Grid]) -> torch.Tensor:
    """A symmetric multigrid cycle: an approximate solution of A u = right."""
    grid, coarser = levels[0], levels[1:]
    u = DAMPING * right / grid.degree
    if coarser:
        # Four times: on a grid of twice the spacing, the same weights make a quarter of the operator.
        rest = 4 * _down(right - grid.apply(u)) * coarser[0].gap
        u = u + _up(_cycle(rest, coarser), u.shape[-2:]) * grid.gap
    return grid.smooth(u, right)


def _around(u: torch.Tensor) -> torch.Tensor:
    """The neighbours' weighted sum: rows and columns by (1, 2, 1), less the pixel itself, over 12."""
    padded = F.pad(u, (1, 1, 1, 1))
    rows = 2 * padded[..., 1:-1] + padded[..., :-2] + padded[..., 2:]
    return (2 * rows[..., 1:-1, :] + rows[..., :-2, :] + rows[..., 2:, :] - 4 * u) / 12


def _down(u: torch.Tensor) -> torch.Tensor:
    """To half the size, a coarse pixel the mean of 4 × 4 by (1, 3, 3, 1) in both directions: the adjoint of `_up`."""
    u = _even(u)
    maps = F.conv2d(u.flatten(0, 1)[:, None], _kernel(u), stride=2, padding=1)
    return maps.view(*u.shape[:2], *maps.shape[-2:])


def _up(u: torch.Tensor, size: torch.Size) -> torch.Tensor:
    """To twice the size, bilinear."""
    maps = F.conv_transpose2d(u.flatten(0, 1)[:, None], 4 * _kernel(u), stride=2, padding=1)
    return maps.view(*u.shape[:2], *maps.shape[-2:])[..., : size[0], : size[1]]


def _kernel(like: torch.Tensor) -> torch.Tensor:
    line = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=like.dtype, device=like.device) / 8
    return (line[:, None] * line)[None, None]


def _even(u: torch.Tensor) -> torch.Tensor:
    height, width = u.shape[-2:]
    return F.pad(u, (0, width % 2, 0, height % 2))
