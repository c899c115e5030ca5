"""Agreement of two maps, item by item: pure functions on arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from binome.core import BinomeError
from binome.core.registry import Plugin, Registry, check_params

Floats = npt.NDArray[np.float64]
Measure = Callable[..., Floats]
"""`f(a, b, **params) -> values`: float64 (n, features) twice -> (n,); NaN where undefined."""

registry: Registry[Measure] = Registry("agreement measure", "binome.agreements")
KRISHNA = "Krishna et al. 2022, arXiv 2202.01602"


def agreement_measure(name: str, *, paper: str, higher: str) -> Callable[[Measure], Measure]:
    """Register an agreement measure; `higher` says in words what a high value means."""
    return registry.register(name, paper=paper, higher=higher)


def agreements() -> dict[str, Plugin[Measure]]:
    """All agreement measures by name."""
    return {plugin.name: plugin for plugin in registry}


def agreement(maps_a: Any, maps_b: Any, measure: str = "feature_agreement", **params: Any) -> Floats:
    """Agreement of two maps of each item, over all their features.

    Args:
        maps_a, maps_b: (n, …) of one shape; tensors, arrays or lists; left as they are.
        measure: a name of `agreements()`.
        params: the measure's own, e.g. `k` for those on the k most important features.

    Returns:
        float64 (n,); NaN where the measure is undefined (a constant map has no ranking).

    Raises:
        BinomeError: for shapes that differ, values that are not finite, or a parameter out of range.
    """
    plugin = registry.get(measure)
    check_params("agreement measure", measure, plugin.target, params, frozenset({"a", "b"}))
    a, b = as_features(maps_a, "maps_a"), as_features(maps_b, "maps_b")
    if np.shape(maps_a) != np.shape(maps_b):
        raise BinomeError(f"maps_a have shape {np.shape(maps_a)}, maps_b {np.shape(maps_b)}; they must be alike")
    return plugin.target(a, b, **params)


def as_features(maps: Any, name: str = "maps") -> Floats:
    """Maps (n, …) as float64 (n, features), a copy."""
    detached = maps.detach().cpu().numpy() if hasattr(maps, "detach") else maps
    array = np.array(detached, dtype=np.float64)
    if array.ndim < 2 or array.shape[0] == 0:
        raise BinomeError(f"{name} have shape {array.shape}; give (n, …) with at least one item")
    if not np.isfinite(array).all():
        raise BinomeError(f"{name} hold NaN or infinite values; mend or drop those items")
    return array.reshape(len(array), -1)


@agreement_measure("feature_agreement", paper=KRISHNA, higher="the same features are the k most important")
def feature_agreement(a: Floats, b: Floats, k: int = 10) -> Floats:
    """|S| / k: share of the k features of largest |value| that both maps have in common."""
    return np.asarray((top(a, k) & top(b, k)).sum(1) / k, dtype=np.float64)


@agreement_measure("rank_agreement", paper=KRISHNA, higher="the same features at the same ranks")
def rank_agreement(a: Floats, b: Floats, k: int = 10) -> Floats:
    """#{s ∈ S: same rank in both} / k."""
    return np.asarray((top(a, k) & (importance_rank(a) == importance_rank(b))).sum(1) / k, dtype=np.float64)


@agreement_measure("sign_agreement", paper=KRISHNA, higher="the same features with the same signs")
def sign_agreement(a: Floats, b: Floats, k: int = 10) -> Floats:
    """#{s ∈ S: same sign in both} / k."""
    return np.asarray((top(a, k) & top(b, k) & (np.sign(a) == np.sign(b))).sum(1) / k, dtype=np.float64)


@agreement_measure("signed_rank_agreement", paper=KRISHNA, higher="the same features, ranks and signs")
def signed_rank_agreement(a: Floats, b: Floats, k: int = 10) -> Floats:
    """#{s ∈ S: same rank and sign in both} / k."""
    same = (importance_rank(a) == importance_rank(b)) & (np.sign(a) == np.sign(b))
    return np.asarray((top(a, k) & same).sum(1) / k, dtype=np.float64)


@agreement_measure("topk_iou", paper="Jaccard 1901", higher="the same features are the k most important")
def topk_iou(a: Floats, b: Floats, k: int = 10) -> Floats:
    """Intersection over union of the k most important features."""
    common = (top(a, k) & top(b, k)).sum(1)
    return np.asarray(common / (2 * k - common), dtype=np.float64)


@agreement_measure("spearman", paper=KRISHNA, higher="features are ordered alike")
def spearman(a: Floats, b: Floats, absolute: bool = True) -> Floats:
    """Spearman's correlation of the features' importance; ties get average ranks.

    Args:
        absolute: rank |value| (importance) or the signed value.
    """
    return pearson(rankdata(_sized(a, absolute), axis=1), rankdata(_sized(b, absolute), axis=1))


@agreement_measure("pairwise_rank_agreement", paper=KRISHNA, higher="pairs of features are ordered alike")
def pairwise_rank_agreement(a: Floats, b: Floats, absolute: bool = True) -> Floats:
    """Share of the pairs of features that both maps order alike; a tie agrees with a tie only."""
    a, b = _sized(a, absolute), _sized(b, absolute)
    values = np.empty(len(a))
    upper = np.triu_indices(a.shape[1], 1)
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        values[i] = (
            (np.sign(x[:, None] - x)[upper] == np.sign(y[:, None] - y)[upper]).mean() if upper[0].size else np.nan
        )
    return _undefined_if_constant(values, a, b)


@agreement_measure("pearson", paper="Pearson 1895", higher="maps are proportional up to a constant")
def pearson(a: Floats, b: Floats) -> Floats:
    """Pearson's correlation over features."""
    x, y = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = (x * y).sum(1) / np.sqrt((x**2).sum(1) * (y**2).sum(1))
    return _undefined_if_constant(np.clip(values, -1, 1), a, b)


@agreement_measure("cosine", paper="standard", higher="maps point the same way")
def cosine(a: Floats, b: Floats) -> Floats:
    """Cosine of the angle between the maps; NaN when one is 0 everywhere."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((a * b).sum(1) / np.sqrt((a**2).sum(1) * (b**2).sum(1)))


def top(values: Floats, k: int) -> npt.NDArray[np.bool_]:
    """Mask of the k features of largest |value|; among equals, those that come first.

    Raises:
        BinomeError: when there are fewer than k features.
    """
    if not 1 <= k <= values.shape[1]:
        raise BinomeError(f"k is {k}; give 1 to {values.shape[1]}, the number of features")
    return importance_rank(values) < k


def importance_rank(values: Floats) -> npt.NDArray[np.int64]:
    """Rank of each feature by |value|, 0 the largest; among equals, the first comes first."""
    order = np.argsort(-np.abs(values), axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(values.shape[1])[None], axis=1)
    return ranks


def _sized(values: Floats, absolute: bool) -> Floats:
    return np.abs(values) if absolute else values


def _undefined_if_constant(values: Floats, a: Floats, b: Floats) -> Floats:
    constant = (np.ptp(a, axis=1) == 0) | (np.ptp(b, axis=1) == 0)
    return np.where(constant, np.nan, values)
