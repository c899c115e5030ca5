"""How the terms of a design split configurations into groups: the covariances that variance components stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Partition:
    """K groupings of C configurations. Term k's covariance K_k = Z_k Z_kᵀ is 1 within a group and 0 between groups.

    Attributes:
        labels: int64 (terms, configurations), the group of each, from 0.
    """

    labels: Ints

    @classmethod
    def of(cls, axes: Sequence[Sequence[int]], cells: Ints) -> Partition:
        """Groupings by some of the axes of an array.

        Args:
            axes: for each term, the axes whose levels make its groups; none puts all in one.
            cells: int64 (configurations, array axes), the levels of each configuration.
        """
        labels = np.zeros((len(axes), len(cells)), dtype=np.int64)
        for row, one in zip(labels, axes, strict=True):
            for axis in one:
                joint = row * (cells[:, axis].max() + 1) + cells[:, axis]
                row[:] = np.unique(joint, return_inverse=True)[1]
        return cls(labels)

    def only(self, terms: Sequence[int]) -> Partition:
        """Some of the terms."""
        return Partition(self.labels[list(terms)])

    @cached_property
    def starts(self) -> Ints:
        """(terms,), each term's first row in `indicator`."""
        return np.concatenate([[0], np.cumsum(self.labels.max(1) + 1)[:-1]]).astype(np.int64)

    @cached_property
    def indicator(self) -> csr_array:
        """0/1 (groups of all terms, configurations): Zᵀ."""
        terms, configurations = self.labels.shape
        rows = (self.labels + self.starts[:, None]).ravel()
        columns = np.tile(np.arange(configurations), terms)
        shape = (int(self.starts[-1] + self.labels[-1].max() + 1), configurations)
        return csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)

    def covariance(self, components: Floats) -> Floats:
        """Σ_k θ_k K_k, (configurations, configurations)."""
        found = np.zeros((self.labels.shape[1],) * 2)
        for labels, component in zip(self.labels, components, strict=True):
            if component:
                found += component * (labels[:, None] == labels)
        return found

    def squares(self, rows: Floats) -> Floats:
        """‖Z_kᵀ r‖² of each row r: (rows, configurations) to (rows, terms)."""
        return np.add.reduceat((self.indicator @ rows.T) ** 2, self.starts, axis=0).T

    def traces(self, matrix: Floats) -> Floats:
        """tr(M K_k) of a symmetric M: (terms,)."""
        of_groups = np.asarray(self.indicator.multiply(self.indicator @ matrix).sum(1)).ravel()
        return np.asarray(np.add.reduceat(of_groups, self.starts))

    def products(self, a: Floats, b: Floats) -> Floats:
        """tr(A K_k B K_l) of symmetric A and B: (terms, terms)."""
        half_a = self.indicator @ a
        half_b = half_a if b is a else self.indicator @ b
        ends = np.append(self.starts[1:], len(half_a))
        found = np.empty((len(self.starts),) * 2)
        for term, (start, end) in enumerate(zip(self.starts, ends, strict=True)):
            block_a = self.indicator @ half_a[start:end].T
            block_b = block_a if b is a else self.indicator @ half_b[start:end].T
            found[term] = np.add.reduceat(np.einsum("gh,gh->g", block_a, block_b), self.starts)
        return (found + found.T) / 2

    def sandwiches(self, matrix: Floats) -> Floats:
        """M K_k M of a symmetric M: (terms, configurations, configurations)."""
        half = self.indicator @ matrix
        ends = np.append(self.starts[1:], len(half))
        return np.stack([half[i:j].T @ half[i:j] for i, j in zip(self.starts, ends, strict=True)])
