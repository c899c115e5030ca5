"""Agreement of many raters at once (methods, seeds, metrics, …): pure functions on arrays (…, raters, objects)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from binome.core import BinomeError

Floats = npt.NDArray[np.float64]


def kendall_w(scores: Any) -> Floats:
    """Kendall's W: 0 when the raters' rankings of the objects have nothing in common, 1 when they are the same.

    W = 12 S / (m² (n³ − n) − m T), with m raters, n objects, S the sum of squares of the objects' rank sums about their
    mean, and T the sum of t³ − t over all groups of t ties (Kendall & Smith 1939; Siegel & Castellan 1988).

    Args:
        scores: (…, raters, objects), scores or ranks; only the order counts, ties get average ranks. A rater with a
            missing score (NaN) has no ranking of all objects and is left out.

    Returns:
        float64 (…); NaN for fewer than two raters, and where every rater finds all objects equal.

    Raises:
        BinomeError: for an array with fewer than two dimensions or objects, or an infinite score.
    """
    values = _ratings(scores)
    complete = np.asarray(~np.isnan(values).any(-1))
    ranks = rankdata(np.where(complete[..., None], values, 0), axis=-1)
    raters, objects = complete.sum(-1), values.shape[-1]
    middle = (objects + 1) / 2
    sums = np.where(complete[..., None], ranks - middle, 0).sum(-2)
    # Squares about the mean sum to (n³ − n − Σ(t³ − t)) / 12: ties correct themselves.
    squares = np.where(complete, ((ranks - middle) ** 2).sum(-1), 0).sum(-1)
    return _ratio((sums**2).sum(-1), np.where(raters >= 2, raters * squares, 0))


def krippendorff_alpha(values: Any, level: Literal["interval", "ordinal", "nominal"] = "interval") -> Floats:
    """Krippendorff's alpha: 1 for perfect agreement, 0 for what chance gives, below 0 for less.

    1 − observed / expected disagreement of pairs of values (Hayes & Krippendorff 2007; Krippendorff 2011). Objects with
    fewer than two values pair nothing and do not count.

    Args:
        values: (…, raters, objects), numbers or codes; NaN where a rater gave none.
        level: a pair's disagreement: its squared difference (interval), that of its average ranks among all values
            (ordinal), or 1 when it differs (nominal).

    Returns:
        float64 (…); NaN where nothing can be paired, or all paired values are equal.

    Raises:
        BinomeError: for a level that is not, an array with fewer than two dimensions or objects, or an infinite value.
    """
    ratings = _ratings(values, least=1)
    counts = (~np.isnan(ratings)).sum(-2, keepdims=True)
    paired = np.where(counts >= 2, ratings, np.nan)
    if level == "nominal":
        disagreements = _nominal(paired)
    elif level == "ordinal":
        flat = paired.reshape(*paired.shape[:-2], -1)
        disagreements = _interval(rankdata(flat, axis=-1, nan_policy="omit").reshape(paired.shape))
    elif level == "interval":
        disagreements = _interval(paired)
    else:
        raise BinomeError(f"level is {level!r}; give interval, ordinal or nominal")
    observed, expected = disagreements
    return 1 - _ratio(observed, expected)


def icc(values: Any, kind: Literal["2,1", "2,k"] = "2,1") -> Floats:
    """Intraclass correlation, two-way random effects, absolute agreement: of one rater or of the mean of k.

    ICC(2,1) = (B − E) / (B + (k − 1) E + k (J − E) / n), ICC(2,k) = (B − E) / (B + (J − E) / n), with the mean squares
    between objects B, between raters J and of the rest E (Shrout & Fleiss 1979).

    Args:
        values: (…, raters, objects). An object that some rater did not rate (NaN) is left out.
        kind: "2,1" or "2,k".

    Returns:
        float64 (…); NaN for fewer than two raters or objects, and where all values are equal. Below 0 when the objects
        differ less than chance makes them.

    Raises:
        BinomeError: for a kind that is not, an array with fewer than two dimensions or objects, or an infinite value.
    """
    if kind not in ("2,1", "2,k"):
        raise BinomeError(f"kind is {kind!r}; give 2,1 or 2,k")
    ratings = _ratings(values)
    raters = ratings.shape[-2]
    used = np.asarray(~np.isnan(ratings).any(-2, keepdims=True))
    objects = used.sum((-2, -1))
    if raters < 2:
        return np.full(ratings.shape[:-2], np.nan)
    between, judges, rest = _mean_squares(ratings, used, objects[..., None, None])
    spread = (judges - rest) / np.maximum(objects, 1)
    below = between + spread if kind == "2,k" else between + (raters - 1) * rest + raters * spread
    return _ratio(between - rest, np.where(objects >= 2, below, 0))


def _ratings(values: Any, least: int = 2) -> Floats:
    try:
        array = np.array(values.detach().cpu().numpy() if hasattr(values, "detach") else values, dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise BinomeError(f"ratings cannot be read as numbers (…, raters, objects): {error}") from error
    if array.ndim < 2 or array.shape[-1] < least or array.shape[-2] < 1:
        raise BinomeError(f"ratings have shape {array.shape}; give (…, raters, objects) with {least} objects or more")
    if np.isinf(array).any():
        raise BinomeError("ratings hold infinite values; mend them, or make them NaN where a rating is missing")
    return array


def _ratio(above: Floats, below: Floats) -> Floats:
    """NaN where nothing can be divided by."""
    ratio: Floats = np.asarray(above) / np.where(np.asarray(below) == 0, np.nan, below)
    return np.asarray(ratio)


def _interval(values: Floats) -> tuple[Floats, Floats]:
    """Observed and expected mean squared difference of pairs; NaN is missing."""
    present = ~np.isnan(values)
    total = present.sum((-2, -1), keepdims=True)
    centred = _centred(values, present, total)
    counts = np.maximum(present.sum(-2, keepdims=True), 2)
    # Σ over ordered pairs of (x − y)² is 2 m Σ (x − mean)², of which each object counts 1 / (m − 1).
    about = np.where(present, centred - centred.sum(-2, keepdims=True) / counts, 0)
    observed = (2 * counts / (counts - 1) * (about**2).sum(-2, keepdims=True)).sum((-2, -1))
    everything = total[..., 0, 0]
    expected = 2 * everything * (centred**2).sum((-2, -1)) / np.maximum(everything - 1, 1)
    return observed, expected


def _nominal(values: Floats) -> tuple[Floats, Floats]:
    """Observed and expected number of pairs that differ, each object's divided by its values less one."""
    batches = values.reshape(-1, *values.shape[-2:])
    observed, expected = np.zeros((2, len(batches)))
    for place, batch in enumerate(batches):
        present = ~np.isnan(batch)
        objects = np.broadcast_to(np.arange(batch.shape[1]), batch.shape)[present]
        if not len(objects):
            continue
        codes = np.unique(batch[present], return_inverse=True)[1]
        counts = present.sum(0)
        both, alike = np.unique(objects * (codes.max() + 1) + codes, return_counts=True)
        differing = counts * (counts - 1.0)
        np.subtract.at(differing, both // (codes.max() + 1), alike * (alike - 1.0))
        observed[place] = (differing / np.maximum(counts - 1, 1)).sum()
        of_code, total = np.bincount(codes), float(len(codes))
        expected[place] = (total * (total - 1) - (of_code * (of_code - 1.0)).sum()) / (total - 1)
    return observed.reshape(values.shape[:-2]), expected.reshape(values.shape[:-2])


def _centred(values: Floats, used: npt.NDArray[np.bool_], total: npt.NDArray[Any]) -> Floats:
    """Differences from the mean of the used values, 0 elsewhere; exactly 0 where all are equal."""
    lowest = np.min(values, axis=(-2, -1), keepdims=True, where=used, initial=np.inf)
    above = np.where(used, values - np.where(np.isfinite(lowest), lowest, 0), 0)
    return np.where(used, above - above.sum((-2, -1), keepdims=True) / np.maximum(total, 1), 0)


def _mean_squares(values: Floats, used: npt.NDArray[np.bool_], objects: npt.NDArray[Any]) -> tuple[Floats, ...]:
    """Between objects, between raters, and of the rest, over the objects that are used."""
    raters = values.shape[-2]
    enough = np.maximum(objects, 1)
    centred = _centred(values, used, raters * enough)
    of_object = centred.mean(-2, keepdims=True)
    of_rater = centred.sum(-1, keepdims=True) / enough
    rest = np.where(used, centred - of_object - of_rater, 0)
    freedom = np.maximum(objects[..., 0, 0] - 1, 1)
    return (
        raters * (of_object**2).sum((-2, -1)) / freedom,
        objects[..., 0, 0] * (of_rater**2).sum((-2, -1)) / (raters - 1),
        (rest**2).sum((-2, -1)) / (freedom * (raters - 1)),
    )
