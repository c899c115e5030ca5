"""Slopes of a share on a number: within operators, and within groups."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from binome.analysis.measure import Statistic
from binome.analysis.sample import Floats, Mask

FLAT = 1e-9
"""A spread below this share of the sum of squares is rounding, not variation."""


def within_slope(x: npt.ArrayLike, y: npt.ArrayLike, among: Mask) -> Statistic:
    """Slope of y on x by least squares, with an intercept for each operator in each group.

    Args:
        x: numbers (trials,); y: numbers or true and false (trials,).
        among: bool (trials,), the trials that enter.
    """
    return Statistic(moments(x, y, among), _ratio, among, each=spread)


def moments(x: npt.ArrayLike, y: npt.ArrayLike, among: Mask) -> Floats:
    """Terms (trials, 5): 1, x, x², y, xy where a trial enters; x from its mean, for exactness."""
    given = np.where(among, np.asarray(x, dtype=np.float64), 0.0)
    mean = given.sum() / max(int(among.sum()), 1)
    x = np.where(among, given - mean, 0.0)
    y = np.where(among, np.asarray(y, dtype=np.float64), 0.0)
    return np.column_stack([among.astype(np.float64), x, x**2, y, x * y])


def spread(sums: Floats) -> Floats:
    """From sums (…, 5) to the covariation of x and y and the variation of x about their own means, (…, 2)."""
    n, x, square, y, product = np.moveaxis(sums, -1, 0)
    divisor = np.maximum(n, 1)
    variation = square - x**2 / divisor
    varies = variation > FLAT * np.maximum(square, 1e-300)
    return np.stack([np.where(varies, product - x * y / divisor, 0.0), np.where(varies, variation, 0.0)], axis=-1)


def slope_over_groups(sums: Floats) -> Floats:
    """From sums (…, groups, 5) to one slope with an intercept for each group, (…)."""
    return _ratio(spread(sums).sum(axis=-2))


def _ratio(sums: Floats) -> Floats:
    below = sums[..., 1]
    slope: Floats = np.divide(sums[..., 0], below, out=np.full(below.shape, np.nan), where=below > 0)
    return slope
