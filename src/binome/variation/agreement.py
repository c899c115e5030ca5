"""Agreement of two maps, item by item: pure functions on arrays."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import kendalltau, rankdata

from binome.core import BinomeError
from binome.core.registry import Plugin, Registry, check_params

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Measure = Callable[..., Floats]
"""`f(a: Features, b: Features, **params) -> values`: float64 (n,); NaN where undefined."""

registry: Registry[Measure] = Registry("agreement measure", "binome.agreements")
KRISHNA = "Krishna et al. 2022, arXiv 2202.01602"


@dataclass(frozen=True)
class Features:
    """Maps of n items with what measures read from them, each computed once however many pairs they are in.

    Attributes:
        values: float64 (n, features), signed.
    """

    values: Floats

    @classmethod
    def of(cls, maps: Any, name: str = "maps") -> Features:
        """Maps (n, …) of any kind, copied.

        Raises:
            BinomeError: for no item, no feature, or values that are not finite numbers.
        """
        try:
            array = np.array(maps.detach().cpu().double().numpy() if hasattr(maps, "detach") else maps, np.float64)
        except (ValueError, TypeError) as error:
            raise BinomeError(f"{name} cannot be read as numbers (n, …): {error}") from error
        if array.ndim < 2 or array.size == 0:
            raise BinomeError(f"{name} have shape {array.shape}; give (n, …) with at least one item")
        if not np.isfinite(array).all():
            raise BinomeError(f"{name} hold NaN or infinite values; mend or drop those items")
        return cls(array.reshape(len(array), -1))

    @cached_property
    def sizes(self) -> Floats:
        """Importance: |value|."""
        return np.abs(self.values)

    @cached_property
    def places(self) -> Ints:
        """Place of each feature by importance, 0 the most important; among equals, the first comes first."""
        order = np.argsort(-self.sizes, axis=1, kind="stable")
        places = np.empty_like(order)
        np.put_along_axis(places, order, np.arange(order.shape[1])[None], axis=1)
        return places

    @cached_property
    def size_ranks(self) -> Floats:
        """Average ranks of importance."""
        return np.asarray(rankdata(self.sizes, axis=1), dtype=np.float64)

    @cached_property
    def value_ranks(self) -> Floats:
        """Average ranks of the signed values."""
        return np.asarray(rankdata(self.values, axis=1), dtype=np.float64)

    @cached_property
    def constant(self) -> Bools:
        """Items whose map has one value everywhere: it says nothing, and has no ranking."""
        return np.asarray(np.ptp(self.values, axis=1) == 0)

    @cached_property
    def unranked(self) -> Bools:
        """Items all of whose features are equally important."""
        return np.asarray(np.ptp(self.sizes, axis=1) == 0)

    def top(self, k: int) -> Bools:
        """Mask of the k most important features.

        Raises:
            BinomeError: when there are fewer than k features.
        """
        if not 1 <= k <= self.values.shape[1]:
            raise BinomeError(f"k is {k}; give 1 to {self.values.shape[1]}, the number of features")
        return self.places < k


def agreement_measure(name: str, *, paper: str, higher: str) -> Callable[[Measure], Measure]:
    """Register an agreement measure; `higher` says in words what a high value means."""
    return registry.register(name, paper=paper, higher=higher)


def agreements() -> dict[str, Plugin[Measure]]:
    """All agreement measures by name."""
    return {plugin.name: plugin for plugin in registry}


def agreement(maps_a: Any, maps_b: Any, measure: str = "feature_agreement", k: int = 10, **params: Any) -> Floats:
    """Agreement of two maps of each item, over all their features.

    Args:
        maps_a, maps_b: (n, …) of one shape; tensors, arrays or lists; left as they are.
        measure: a name of `agreements()`.
        k: how many features count as the most important, for the measures that ask; the others ignore it.
        params: the measure's own.

    Returns:
        float64 (n,); NaN where the measure is undefined: a constant map says nothing to agree with.

    Raises:
        BinomeError: for shapes that differ, values that are not finite, or a parameter out of range.
    """
    a, b = Features.of(maps_a, "maps_a"), Features.of(maps_b, "maps_b")
    if np.shape(maps_a) != np.shape(maps_b):
        raise BinomeError(f"maps_a have shape {np.shape(maps_a)}, maps_b {np.shape(maps_b)}; they must be alike")
    if "k" in inspect.signature(registry.get(measure).target).parameters:
        params = {"k": k, **params}
    return agree(a, b, measure, **params)


def agree(a: Features, b: Features, measure: str, **params: Any) -> Floats:
    """Agreement of maps that are features already; NaN for every item of which a map is constant."""
    plugin = registry.get(measure)
    check_params("agreement measure", measure, plugin.target, params, frozenset({"a", "b"}))
    return np.where(a.constant | b.constant, np.nan, plugin.target(a, b, **params))


def check_pair(a: Features, b: Features) -> None:
    """Refuse maps of different shapes."""
    if a.values.shape != b.values.shape:
        raise BinomeError(f"maps have {a.values.shape} and {b.values.shape} values; they must be alike")


@agreement_measure("feature_agreement", paper=KRISHNA, higher="the same features are the k most important")
def feature_agreement(a: Features, b: Features, k: int = 10) -> Floats:
    """|S| / k: share of the k features of largest |value| that both maps have in common."""
    return _share(a, b, k, a.top(k) & b.top(k))


@agreement_measure("rank_agreement", paper=KRISHNA, higher="the same features at the same ranks")
def rank_agreement(a: Features, b: Features, k: int = 10) -> Floats:
    """#{s ∈ S: same rank in both} / k."""
    return _share(a, b, k, a.top(k) & (a.places == b.places))


@agreement_measure("sign_agreement", paper=KRISHNA, higher="the same features with the same signs")
def sign_agreement(a: Features, b: Features, k: int = 10) -> Floats:
    """#{s ∈ S: same sign in both} / k."""
    return _share(a, b, k, a.top(k) & b.top(k) & (np.sign(a.values) == np.sign(b.values)))


@agreement_measure("signed_rank_agreement", paper=KRISHNA, higher="the same features, ranks and signs")
def signed_rank_agreement(a: Features, b: Features, k: int = 10) -> Floats:
    """#{s ∈ S: same rank and sign in both} / k."""
    return _share(a, b, k, a.top(k) & (a.places == b.places) & (np.sign(a.values) == np.sign(b.values)))


@agreement_measure("topk_iou", paper="Jaccard 1901", higher="the same features are the k most important")
def topk_iou(a: Features, b: Features, k: int = 10) -> Floats:
    """Intersection over union of the k most important features."""
    shared = _share(a, b, k, a.top(k) & b.top(k))
    return shared / (2 - shared)


@agreement_measure("spearman", paper=KRISHNA, higher="features are ordered alike")
def spearman(a: Features, b: Features, absolute: bool = True) -> Floats:
    """Spearman's correlation of the features' importance; ties get average ranks.

    Args:
        absolute: rank |value| (importance) or the signed value.
    """
    return _correlation(*((a.size_ranks, b.size_ranks) if absolute else (a.value_ranks, b.value_ranks)))


@agreement_measure("pairwise_rank_agreement", paper=KRISHNA, higher="pairs of features are ordered alike")
def pairwise_rank_agreement(a: Features, b: Features, absolute: bool = True) -> Floats:
    """Share of the pairs of features that both maps order alike; a tie agrees with a tie only."""
    x, y = (a.sizes, b.sizes) if absolute else (a.values, b.values)
    return np.array([_pairs_alike(row_x, row_y) for row_x, row_y in zip(x, y, strict=True)])


@agreement_measure("pearson", paper="Pearson 1895", higher="maps are proportional up to a constant")
def pearson(a: Features, b: Features) -> Floats:
    """Pearson's correlation over features, of signed values."""
    return _correlation(a.values, b.values)


@agreement_measure("cosine", paper="standard", higher="maps point the same way")
def cosine(a: Features, b: Features) -> Floats:
    """Cosine of the angle between the maps, of signed values."""
    return _cosine(a.values, b.values)


def _share(a: Features, b: Features, k: int, common: Bools) -> Floats:
    """Features in common, over k; NaN where all features of a map are equally important, so that none is at the top."""
    return np.where(a.unranked | b.unranked, np.nan, common.sum(1) / k)


def _correlation(a: Floats, b: Floats) -> Floats:
    values = _cosine(a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True))
    return np.where((np.ptp(a, axis=1) == 0) | (np.ptp(b, axis=1) == 0), np.nan, values)


def _cosine(a: Floats, b: Floats) -> Floats:
    # Scaled to 1 first: squares of tiny or huge values would leave the range of floating-point numbers.
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = a / np.abs(a).max(1, keepdims=True), b / np.abs(b).max(1, keepdims=True)
        cosines: Floats = (a * b).sum(1) / np.sqrt((a**2).sum(1) * (b**2).sum(1))
    return cosines.clip(-1, 1)


def _pairs_alike(x: Floats, y: Floats) -> float:
    """Share of pairs ordered alike, from Kendall's tau-b: n log n steps where comparing all pairs takes n²."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    pairs = len(x) * (len(x) - 1) / 2
    ranks_x, ranks_y = np.unique(x, return_inverse=True)[1], np.unique(y, return_inverse=True)[1]
    tied_x, tied_y = _tied_pairs(ranks_x), _tied_pairs(ranks_y)
    tied_both = _tied_pairs(ranks_x.astype(np.int64) * len(x) + ranks_y)
    tau = float(kendalltau(ranks_x, ranks_y, method="asymptotic").statistic)
    difference = round(tau * np.sqrt((pairs - tied_x) * (pairs - tied_y)))  # concordant less discordant
    untied = pairs - tied_x - tied_y + tied_both  # concordant and discordant
    return float(((untied + difference) / 2 + tied_both) / pairs)


def _tied_pairs(ranks: npt.NDArray[np.int64]) -> float:
    counts = np.unique(ranks, return_counts=True)[1].astype(np.float64)
    return float((counts * (counts - 1) / 2).sum())
