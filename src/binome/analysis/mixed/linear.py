"""Linear mixed models by (restricted) maximum likelihood, as lme4's `lmer` (Bates et al. 2015, equations 34–42)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from binome.analysis.mixed.crossed import Block, factor, gathered, products, solve, spread
from binome.analysis.sample import Floats

STEP = 1e-4


class Linear:
    """The log-likelihood of relative standard deviations: the residual's and the fixed effects profiled out.

    Args:
        response: (n,).
        matrix: (n, k), of full rank.
        blocks: random effects, the one with most levels first.
        restricted: the restricted likelihood, of what the fixed effects leave.
    """

    def __init__(self, response: Floats, matrix: Floats, blocks: Sequence[Block], *, restricted: bool = True) -> None:
        self._restricted = restricted
        self._blocks = blocks
        self._columns = matrix.shape[1]
        self._freedom = len(response) - matrix.shape[1] * restricted
        both = np.column_stack([matrix, response])
        self._products = products(blocks, np.ones(len(response)))
        self._gathered = gathered(blocks, both)
        self._squares = both.T @ both

    def __call__(self, point: Floats) -> tuple[float, Floats]:
        """The log-likelihood at log relative standard deviations (r,), and its gradient."""
        gradient, here = np.zeros_like(point), self._value(point)
        if not np.isfinite(here):
            return here, gradient
        for place in np.flatnonzero(np.isfinite(point)):
            move = np.zeros_like(point)
            move[place] = STEP
            near, far = (self._value(point + step) - self._value(point - step) for step in (move, 2 * move))
            gradient[place] = (8 * near - far) / (12 * STEP)
        return here, gradient

    def _value(self, point: Floats) -> float:
        try:
            log_determinant, lower, rest = self._reduced(point)
        except np.linalg.LinAlgError:
            # Nothing is left for the residual, as far as the digits reach.
            return -np.inf
        log_fixed = 2 * np.log(np.diag(lower)[:-1]).sum() * self._restricted
        residual = self._freedom * (1 + np.log(2 * np.pi * rest / self._freedom))
        return float(-(log_determinant + log_fixed + residual) / 2)

    def _reduced(self, point: Floats) -> tuple[float, Floats, float]:
        """Of M the log determinant, the Cholesky factor of what is left of [X y]'[X y], the residual sum of squares."""
        scale = spread(self._blocks, np.exp(point))
        factored = factor(self._products, scale)
        right = scale[:, None] * self._gathered
        lower = np.asarray(np.linalg.cholesky(self._squares - right.T @ solve(factored, right)), dtype=np.float64)
        return factored.log_determinant, lower, float(lower[-1, -1] ** 2)

    def solved(self, point: Floats) -> tuple[Floats, Floats, float]:
        """Fixed effects (k,), their covariance (k, k) given the standard deviations, and the residual's sd."""
        _, lower, rest = self._reduced(point)
        left = lower[: self._columns, : self._columns]
        inverse = np.linalg.inv(left)
        fixed = inverse.T @ lower[self._columns, : self._columns]
        variance = rest / self._freedom
        return fixed, variance * inverse.T @ inverse, float(np.sqrt(variance))
