"""Laplace's approximation of a mixed model's likelihood, with its gradient.

L = ℓ(y | û) − ½ û'û − ½ log |M| at the mode û of the spherical random effects, M = I + S Z'WZ S (Bates et al. 2015).
The gradient follows û and W through the mode: with c = leverage × dW/dη and t = Z S M⁻¹ S Z'c, the log
determinant changes with a shift e of the linear predictor by e'(c − W t).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from binome.analysis.mixed.crossed import (
    Block,
    Factor,
    expanded,
    factor,
    gathered,
    inverse_entries,
    products,
    solve,
    spread,
)
from binome.analysis.mixed.kernels import Curve, Kernel, threshold_gradient
from binome.analysis.sample import Floats

MODE_STEPS, HALVINGS = 100, 30
AT_MODE = 1e-13
"""Newton's decrement at the mode: the likelihood is then known to about as many digits."""


@dataclass
class Laplace:
    """A mixed model's data, and the last mode, from which the next search starts.

    Attributes:
        response: (n,).
        matrix: (n, k).
        blocks: random effects, the one with most levels first; values of unit mean square.
        kernel: of a response.
        thresholds: how many, for ordered categories.
    """

    response: Floats
    matrix: Floats
    blocks: Sequence[Block]
    kernel: Kernel
    thresholds: int = 0
    _mode: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._mode = np.zeros(sum(block.levels for block in self.blocks))

    def __call__(self, point: Floats) -> tuple[float, Floats]:
        """The log-likelihood and its gradient at `point`: thresholds (first, then log gaps), fixed effects, log sd.

        −∞ with a gradient of zeros where no mode was found.
        """
        # Far from the maximum, probabilities and gaps reach 0 and 1; the value says so.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            ends, fixed, deviations = self.parts(point)
            found = self._at_mode(self.matrix @ fixed, deviations, ends)
            if found is None:
                return -np.inf, np.zeros_like(point)
            mode, predictor, curve, factored = found
            self._mode = mode
            value = curve.value - mode @ mode / 2 - factored.log_determinant / 2
            return float(value), self._gradient(point, ends, deviations, mode, predictor, curve, factored)

    def parts(self, point: Floats) -> tuple[Floats, Floats, Floats]:
        """Thresholds, fixed effects and standard deviations at a point."""
        first, last = self.thresholds, len(point) - len(self.blocks)
        return in_order(point[:first]), point[first:last], np.exp(point[last:])

    def predictor(self, point: Floats) -> Floats:
        """The linear predictor (n,) at the modes of the random effects."""
        ends, fixed, deviations = self.parts(point)
        found = self._at_mode(self.matrix @ fixed, deviations, ends)
        return np.full(len(self.response), np.nan) if found is None else found[1]

    def _at_mode(self, base: Floats, deviations: Floats, ends: Floats) -> tuple[Floats, Floats, Curve, Factor] | None:
        """The mode, the linear predictor, the kernel's curve and M, factored; None where the search fails."""
        scale = spread(self.blocks, deviations)
        mode = self._mode
        curve, predictor = self._curve(base, scale * mode, ends)
        if not np.isfinite(curve.value):
            mode = np.zeros_like(mode)
            curve, predictor = self._curve(base, mode, ends)
        for _ in range(MODE_STEPS):
            if not (np.isfinite(curve.value) and np.isfinite(curve.weight).all()):
                return None
            factored = factor(products(self.blocks, curve.weight), scale)
            ascent = scale * gathered(self.blocks, curve.slope) - mode
            step = solve(factored, ascent)
            if ascent @ step < AT_MODE * max(1.0, abs(curve.value) * 1e-3):
                return mode, predictor, curve, factored
            before = curve.value - mode @ mode / 2
            for halving in range(HALVINGS):
                tried = mode + step / 2**halving
                curve, predictor = self._curve(base, scale * tried, ends)
                if curve.value - tried @ tried / 2 >= before - 1e-12 * abs(before):
                    break
            mode = tried
        return None

    def _curve(self, base: Floats, effects: Floats, ends: Floats) -> tuple[Curve, Floats]:
        predictor = base + np.sum(expanded(self.blocks, effects), axis=0)
        return self.kernel(self.response, predictor, ends), predictor

    def _gradient(
        self,
        point: Floats,
        ends: Floats,
        deviations: Floats,
        mode: Floats,
        predictor: Floats,
        curve: Curve,
        factored: Factor,
    ) -> Floats:
        scale = spread(self.blocks, deviations)
        leverage, inverse = inverse_entries(factored, self.blocks, deviations)
        follows = leverage * curve.weight_slope
        inner = solve(factored, scale * gathered(self.blocks, follows))
        carried = np.sum(expanded(self.blocks, scale * inner), axis=0)
        shifted = follows - curve.weight * carried
        fixed = self.matrix.T @ (curve.slope - shifted / 2)
        own = np.split(np.arange(len(mode)), np.cumsum([block.levels for block in self.blocks])[:-1])
        rows = expanded(self.blocks, scale * mode)
        spreads = [
            mode[i] @ mode[i] - (2 * np.sum(1 - inverse[i]) + row @ shifted + inner[i] @ mode[i]) / 2
            for i, row in zip(own, rows, strict=True)
        ]
        if not self.thresholds:
            return np.concatenate([fixed, spreads])
        natural = threshold_gradient(self.response, predictor, ends, leverage, carried)
        return np.concatenate([order_jacobian(point[: self.thresholds]).T @ natural, fixed, spreads])


def in_order(free: Floats) -> Floats:
    """Thresholds of the first one and the logarithms of the gaps."""
    return np.cumsum(np.concatenate([free[:1], np.exp(free[1:])]))


def order_jacobian(free: Floats) -> Floats:
    """Derivatives (thresholds, free) of `in_order`."""
    steps = np.concatenate([np.ones(min(1, len(free))), np.exp(free[1:])])
    return np.asarray(np.tril(np.ones((len(free), len(free)))) * steps)
