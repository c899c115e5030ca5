"""Agreement of two maps, item by item: pure functions on arrays."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import kendalltau, rankdata

from binome.core import BinomeError
from binome.core.kinds import check_call
from binome.core.registry import Plugin, Registry
from binome.variation import together as fast
from binome.variation.features import Bools, Features, Floats, Ints, Stack

Measure = Callable[..., Floats]
"""`f(a: Features, b: Features, **params) -> values`: float64 (n,); NaN where undefined."""
Together = Callable[..., Floats | None]
"""`f(maps: Stack, **params) -> values`: float64 (n, methods, methods), what the measure gives for each pair; None where
there is no faster way with these parameters."""
Chosen = Sequence[int] | Literal["top"] | None

registry: Registry[Measure] = Registry("agreement measure", "binome.agreements")
_together: dict[str, Together] = {}
KRISHNA = "Krishna et al. 2022, arXiv 2202.01602"
HARNESS = frozenset({"a", "b"})
FEW = 64


def agreement_measure(
    name: str, *, paper: str, higher: str, together: Together | None = None
) -> Callable[[Measure], Measure]:
    """Register an agreement measure.

    Args:
        higher: what a high value means, in words.
        together: a faster form for all pairs of many methods, with the same parameters; without one,
            `agreement_tensor` goes pair by pair.
    """

    def decorate(measure: Measure) -> Measure:
        registered = registry.register(name, paper=paper, higher=higher)(measure)
        if together is not None:
            _together[name] = together
        return registered

    return decorate


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
    return agree(a, b, measure, **with_k(measure, params, k))


def agree(a: Features, b: Features, measure: str, **params: Any) -> Floats:
    """Agreement of maps that are features already; NaN for every item of which a map is constant."""
    plugin = registry.get(measure)
    check_call("agreement measure", measure, plugin.target, params, HARNESS)
    return np.where(a.constant | b.constant, np.nan, plugin.target(a, b, **params))


def agree_all(maps: Stack, measure: str, **params: Any) -> Floats:
    """Agreement of all pairs of methods, (n, methods, methods); what `agree` gives for each, to rounding."""
    check_call("agreement measure", measure, registry.get(measure).target, params, HARNESS)
    quick = _together[measure](maps, **params) if measure in _together else None
    if quick is not None:
        return np.where(maps.either(maps.constant), np.nan, quick)
    values = np.empty((len(maps.values) // maps.methods, maps.methods, maps.methods))
    for first in range(maps.methods):
        for second in range(first, maps.methods):
            found = agree(maps.one(first), maps.one(second), measure, **params)
            values[:, first, second] = values[:, second, first] = found
    return values


def with_k(measure: str, params: Mapping[str, Any], k: int) -> dict[str, Any]:
    """Parameters with `k`, for a measure that asks for it and was not given its own."""
    asks = "k" in inspect.signature(registry.get(measure).target).parameters
    return {"k": k, **params} if asks else dict(params)


def check_pair(a: Features, b: Features) -> None:
    """Refuse maps of different shapes."""
    if a.values.shape != b.values.shape:
        raise BinomeError(f"maps have {a.values.shape} and {b.values.shape} values; they must be alike")


@agreement_measure(
    "feature_agreement",
    paper=KRISHNA,
    higher="the same features are the k most important",
    together=fast.feature_agreements,
)
def feature_agreement(a: Features, b: Features, k: int = 10) -> Floats:
    """|S| / k: share of the k features of largest |value| that both maps have in common."""
    return _share(a, b, k, a.top(k) & b.top(k))


@agreement_measure(
    "rank_agreement", paper=KRISHNA, higher="the same features at the same ranks", together=fast.rank_agreements
)
def rank_agreement(a: Features, b: Features, k: int = 10) -> Floats:
    """#{s ∈ S: same rank in both} / k."""
    return _share(a, b, k, a.top(k) & (a.places == b.places))


@agreement_measure(
    "sign_agreement", paper=KRISHNA, higher="the same features with the same signs", together=fast.sign_agreements
)
def sign_agreement(a: Features, b: Features, k: int = 10) -> Floats:
    """#{s ∈ S: same sign in both} / k."""
    return _share(a, b, k, a.top(k) & b.top(k) & (np.sign(a.values) == np.sign(b.values)))


@agreement_measure(
    "signed_rank_agreement",
    paper=KRISHNA,
    higher="the same features, ranks and signs",
    together=fast.signed_rank_agreements,
)
def signed_rank_agreement(a: Features, b: Features, k: int = 10) -> Floats:
    """#{s ∈ S: same rank and sign in both} / k."""
    return _share(a, b, k, a.top(k) & (a.places == b.places) & (np.sign(a.values) == np.sign(b.values)))


@agreement_measure(
    "topk_iou", paper="Jaccard 1901", higher="the same features are the k most important", together=fast.topk_ious
)
def topk_iou(a: Features, b: Features, k: int = 10) -> Floats:
    """Intersection over union of the k most important features."""
    shared = _share(a, b, k, a.top(k) & b.top(k))
    return shared / (2 - shared)


@agreement_measure("spearman", paper=KRISHNA, higher="features are ordered alike", together=fast.spearmans)
def spearman(a: Features, b: Features, absolute: bool = True, features: Chosen = None, k: int = 10) -> Floats:
    """Spearman's correlation of the features' importance, or rank correlation; ties get average ranks.

    Args:
        absolute: rank |value| (importance) or the signed value.
        features: which features are ranked: indices into the flat map, all of them (None), or "top", those that either
            map has among its k most important. The paper leaves the choice to whoever asks.
        k: how many, for "top".
    """
    if features is None:
        return _correlation(*((a.size_ranks, b.size_ranks) if absolute else (a.value_ranks, b.value_ranks)))
    x, y = _chosen(a, b, absolute, features, k)
    return _correlation(_ranks(x), _ranks(y))


@agreement_measure("pairwise_rank_agreement", paper=KRISHNA, higher="pairs of features are ordered alike")
def pairwise_rank_agreement(
    a: Features, b: Features, absolute: bool = True, features: Chosen = None, k: int = 10
) -> Floats:
    """Share of the pairs of features that both maps order alike; a tie agrees with a tie only.

    Args: as for `spearman`.
    """
    rows = zip(*_chosen(a, b, absolute, features, k), strict=True)
    return np.array([_pairs_alike(x[~np.isnan(x)], y[~np.isnan(y)]) for x, y in rows])


@agreement_measure(
    "pearson", paper="Pearson 1895", higher="maps are proportional up to a constant", together=fast.pearsons
)
def pearson(a: Features, b: Features) -> Floats:
    """Pearson's correlation over features, of signed values."""
    return _correlation(a.values, b.values)


@agreement_measure("cosine", paper="standard", higher="maps point the same way", together=fast.cosines)
def cosine(a: Features, b: Features) -> Floats:
    """Cosine of the angle between the maps, of signed values."""
    return _cosine(a.values, b.values)


def _chosen(a: Features, b: Features, absolute: bool, features: Chosen, k: int) -> tuple[Floats, Floats]:
    """The chosen features of both maps (n, chosen); NaN fills up where an item has fewer than another."""
    x, y = (a.sizes, b.sizes) if absolute else (a.values, b.values)
    if features is None:
        return x, y
    if isinstance(features, str):
        if features != "top":
            raise BinomeError(f'features is {features!r}; give "top", or indices of features')
        return _of_either(a.leading(k), b.leading(k), x, y)
    indices = _indices(features, x.shape[1])
    return x[:, indices], y[:, indices]


def _of_either(first: Ints, second: Ints, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Values at the union of two sets of features."""
    union = np.sort(np.concatenate([first, second], axis=1), axis=1)
    again = np.zeros(union.shape, dtype=np.bool_)
    again[:, 1:] = union[:, 1:] == union[:, :-1]
    found_x, found_y = (np.where(again, np.nan, np.take_along_axis(values, union, axis=1)) for values in (x, y))
    return found_x, found_y


def _indices(features: Sequence[int], count: int) -> Ints:
    indices = np.asarray(features)
    whole = indices.ndim == 1 and indices.dtype.kind in "iu" and len(np.unique(indices)) == len(indices) > 1
    if not whole or indices.min() < 0 or indices.max() >= count:
        raise BinomeError(f"features are {features!r}; give two or more different indices from 0 to {count - 1}")
    return indices.astype(np.int64)


def _ranks(values: Floats) -> Floats:
    """Average ranks about their mean, 0 where there is no value."""
    ranks = np.asarray(rankdata(values, axis=1, nan_policy="omit"), dtype=np.float64)
    return np.asarray(np.nan_to_num(ranks - np.nanmean(ranks, axis=1, keepdims=True)), dtype=np.float64)


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
    """Share of pairs ordered alike; of many, from Kendall's tau-b: n log n steps where comparing all pairs takes n²."""
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    if len(x) <= FEW:
        above = (x[:, None] > x) == (y[:, None] > y)
        return float((np.count_nonzero(above & above.T) - len(x)) / (len(x) * (len(x) - 1)))
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
