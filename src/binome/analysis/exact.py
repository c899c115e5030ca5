"""Weighted sums that are the same to the last bit whatever the order, and so the number of threads, of their addition.

A float64 adds integers below 2⁵³ without rounding. Values are split into parts that are whole multiples of a
power of two, few enough of them that no weighted sum leaves that range; counts are one such part as they are.
"""

from __future__ import annotations

import numpy as np

from binome.analysis.sample import Floats

BITS = 52
SMALLEST = -1074
"""Of the powers of two that a float64 can hold, of which all others are multiples."""
PARTS = 2
"""The second part holds what the first one rounds off, to about 10⁻²⁸ of the largest value."""


def exact_parts(values: Floats, weight: float) -> list[Floats]:
    """Arrays of the shape of `values` (n, k) whose sum is `values` and whose weighted sums are exact.

    Args:
        weight: the most that whole, non-negative weights of the n rows add up to.
    """
    parts: list[Floats] = []
    rest = values
    largest = np.abs(values).max(axis=0, initial=0.0) * max(weight, 1.0)
    while len(parts) < PARTS and (not parts or rest.any()):
        exponent = np.ceil(np.log2(largest, out=np.zeros_like(largest), where=largest > 0)) - BITS
        quantum = np.exp2(np.maximum(exponent, SMALLEST))
        part = np.rint(rest / quantum) * quantum
        parts.append(part)
        rest = rest - part
        largest = np.abs(rest).max(axis=0, initial=0.0) * max(weight, 1.0)
    return parts


def weighted_sums(weights: Floats, parts: list[Floats]) -> Floats:
    """Sums (m, k) of the values that `parts` make, one for each row of whole weights (m, n)."""
    total: Floats = weights @ parts[0]
    for part in parts[1:]:
        total = total + weights @ part
    return total
