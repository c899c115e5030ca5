"""Normal equations of crossed random effects: the largest term is diagonal and eliminated, the rest is dense.

M = I + S Z'WZ S, where S holds the standard deviations. Every term has one entry in each row of Z, so that the block
of the term with most levels is diagonal, and everything follows from the Schur complement of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from binome.analysis.sample import Floats


@dataclass(frozen=True)
class Block:
    """One random effect: the level (n,) and the value (n,) of each row; values are 1 for an intercept."""

    codes: npt.NDArray[np.int64]
    values: Floats
    levels: int


@dataclass(frozen=True)
class Products:
    """Z'WZ: the diagonal (q,) of the first term, its block (q, r) with the others, and theirs (r, r)."""

    diagonal: Floats
    between: Floats
    rest: Floats


@dataclass(frozen=True)
class Factor:
    """M, factored: log determinant, diagonal (q,), D⁻¹B (q, r), Cholesky factor of the complement (r, r)."""

    log_determinant: float
    diagonal: Floats
    eliminated: Floats
    complement: Floats


def ordered(blocks: Sequence[Block]) -> list[int]:
    """Positions of the blocks, the one with most levels first."""
    return sorted(range(len(blocks)), key=lambda i: -blocks[i].levels)


def products(blocks: Sequence[Block], weights: Floats) -> Products:
    """Z'WZ of blocks with the largest first; `weights` is (n,)."""
    first, others = blocks[0], blocks[1:]
    diagonal = _totals(first.codes, weights * first.values**2, first.levels)
    between = [_cross(first, other, weights) for other in others]
    rest = [[_cross(one, other, weights) for other in others] for one in others]
    empty = np.zeros((first.levels, 0))
    return Products(diagonal, np.hstack([empty, *between]), np.block(rest) if rest else np.zeros((0, 0)))


def _cross(one: Block, other: Block, weights: Floats) -> Floats:
    size = one.levels * other.levels
    both = one.codes * other.levels + other.codes
    return _totals(both, weights * one.values * other.values, size).reshape(one.levels, other.levels)


def _totals(codes: npt.NDArray[np.int64], values: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(codes, values, size), dtype=np.float64)


def factor(found: Products, scale: Floats) -> Factor:
    """Factor M for standard deviations spread over the levels, (q + r,)."""
    own, others = np.split(scale, [len(found.diagonal)])
    diagonal = 1 + own**2 * found.diagonal
    between = own[:, None] * found.between * others
    eliminated = between / diagonal[:, None]
    complement = others[:, None] * found.rest * others - between.T @ eliminated
    complement[np.diag_indices_from(complement)] += 1
    lower = cho_factor(complement, lower=True)[0] if len(complement) else complement
    log_determinant = float(np.log(diagonal).sum() + 2 * np.log(np.diag(lower)).sum())
    return Factor(log_determinant, diagonal, eliminated, lower)


def solve(found: Factor, right: Floats) -> Floats:
    """M⁻¹ times `right`, (q + r,) or (q + r, m)."""
    own, others = np.split(right, [len(found.diagonal)])
    others = _inverse_times(found, others - found.eliminated.T @ own)
    diagonal = found.diagonal if right.ndim == 1 else found.diagonal[:, None]
    return np.concatenate([own / diagonal - found.eliminated @ others, others])


def _inverse_times(found: Factor, right: Floats) -> Floats:
    return np.asarray(cho_solve((found.complement, True), right)) if len(found.complement) else right


def inverse_entries(found: Factor, blocks: Sequence[Block], deviations: Floats) -> tuple[Floats, Floats]:
    """The diagonal (n,) of Z S M⁻¹ S Z', and that (q + r,) of M⁻¹."""
    inner = _inverse_times(found, np.eye(len(found.complement)))
    across = found.eliminated @ inner
    own = 1 / found.diagonal + np.einsum("ij,ij->i", across, found.eliminated)
    scaled = [block.values * deviation for block, deviation in zip(blocks, deviations, strict=True)]
    first = blocks[0]
    total = scaled[0] ** 2 * own[first.codes]
    starts = np.cumsum([0, *(block.levels for block in blocks[1:])])
    for i, one in enumerate(blocks[1:]):
        place = one.codes + starts[i]
        total -= 2 * scaled[0] * scaled[i + 1] * across[first.codes, place]
        total += scaled[i + 1] ** 2 * np.diag(inner)[place]
        for j, other in enumerate(blocks[1 : i + 1]):
            total += 2 * scaled[i + 1] * scaled[j + 1] * inner[place, other.codes + starts[j]]
    return total, np.concatenate([own, np.diag(inner)])


def spread(blocks: Sequence[Block], values: Floats) -> Floats:
    """One number a block, repeated over its levels: (q + r,)."""
    return np.repeat(values, [block.levels for block in blocks])


def expanded(blocks: Sequence[Block], effects: Floats) -> list[Floats]:
    """What each block adds to each row, (n,) each."""
    ends = np.cumsum([block.levels for block in blocks])[:-1]
    return [block.values * part[block.codes] for block, part in zip(blocks, np.split(effects, ends), strict=True)]


def gathered(blocks: Sequence[Block], rows: Floats) -> Floats:
    """Z' times rows, (n,) or (n, m)."""
    columns = rows[:, None] if rows.ndim == 1 else rows
    sums = [
        np.column_stack([_totals(block.codes, block.values * column, block.levels) for column in columns.T])
        for block in blocks
    ]
    stacked = np.vstack(sums)
    return stacked[:, 0] if rows.ndim == 1 else stacked
