"""How good the methods are: means, ranks, concordance of the rankings, and which differences are more than chance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from binome.variation.concordance import kendall_w
from binome.variation.metric import registry
from binome.variation.sweep.findings.resampling import LEVEL, counts, limits, means, undefined, with_limits
from binome.variation.sweep.varied import Floats, Part, Varied

NUMBERS = {**dict.fromkeys(("value", "low", "high", "rank", "rank_low", "rank_high"), pl.Float64),
           "n": pl.Int64, "undefined": pl.Int64}  # fmt: skip


def method_scores(part: Part, by_condition: bool = False) -> Floats:
    """Scores of methods, averaged over their settings and seeds: float64 (architectures, trainings, methods, noise,
    items, metrics); or over all configurations: (methods, items, metrics)."""
    values = part.known.scores
    padded = np.concatenate([values, np.full((1, *values.shape[1:]), np.nan)])
    full = padded[part.places]  # architectures, trainings, methods, settings, seeds, noise, items, metrics
    return mean_of_defined(full, (3, 4)) if by_condition else mean_of_defined(full, (0, 1, 3, 4, 5))


def ranks(part: Part, scores: Floats) -> Floats:
    """Ranks of methods, 1 the best, along the first axis of scores (methods, …, metrics); average ranks for ties; NaN
    where any method has no score, since a rank among some is another thing."""
    better = np.array([-1.0 if _better(part, label) == "higher" else 1.0 for label in part.job.metrics])
    signed = scores * better
    complete = np.isfinite(signed).all(0)
    ranked = stats.rankdata(np.where(complete, signed, 0.0), axis=0)
    return np.where(complete, ranked, np.nan)


def summary(varied: Varied) -> pl.DataFrame:
    """One row a method and metric."""
    part = varied.part
    scores = method_scores(part)
    ranked, drawn = ranks(part, scores), counts(scores.shape[1], varied.resamples, varied.seed)
    rows = []
    for m, method in enumerate(part.grid.methods):
        for k, label in enumerate(part.job.metrics):
            rows.append({"method": method.name, "metric": label, **_row(scores[m, :, k], ranked[m, :, k], drawn)})
    return _table(rows, {"method": pl.String, "metric": pl.String, **NUMBERS})


def settings(varied: Varied) -> pl.DataFrame:
    """One row a method, setting and metric; ranks are among all methods' settings."""
    part = varied.part
    values = part.known.scores
    padded = np.concatenate([values, np.full((1, *values.shape[1:]), np.nan)])
    full = mean_of_defined(padded[part.places], (0, 1, 4, 5))  # methods, settings, items, metrics
    there = [(m, s) for m, method in enumerate(part.grid.methods) for s in range(len(method.settings))]
    scores = np.stack([full[m, s] for m, s in there])
    ranked, drawn = ranks(part, scores), counts(scores.shape[1], varied.resamples, varied.seed)
    rows = []
    for place, (m, s) in enumerate(there):
        method = part.grid.methods[m]
        for k, label in enumerate(part.job.metrics):
            head = {"method": method.name, "setting": s, "parameters": method.parameters(s), "metric": label}
            rows.append({**head, **_row(scores[place, :, k], ranked[place, :, k], drawn)})
    head = {"method": pl.String, "setting": pl.Int64, "parameters": pl.String, "metric": pl.String}
    return _table(rows, {**head, **NUMBERS})


def ranking(varied: Varied) -> pl.DataFrame:
    """Kendall's W of the methods' rankings: by metric over items, and over metrics on the mean ranks."""
    schema = {"scope": pl.String, "w": pl.Float64, "low": pl.Float64, "high": pl.Float64, "raters": pl.Int64,
              "methods": pl.Int64, "p": pl.Float64}  # fmt: skip
    part = varied.part
    methods = len(part.grid.methods)
    if methods < 2:
        return pl.DataFrame(schema=schema)
    ranked = ranks(part, method_scores(part))  # methods, items, metrics
    drawn = counts(ranked.shape[1], varied.resamples, varied.seed)
    rows = []
    mean, resampled = means(np.moveaxis(ranked, 1, -1), drawn)  # (methods, metrics), (methods, metrics, resamples)
    if ranked.shape[2] > 1:
        rows.append(_concordance("metrics", mean.T, np.moveaxis(resampled, (1, 2), (1, 0))))
    for k, label in enumerate(part.job.metrics):
        rows.append(_concordance(label, ranked[:, :, k].T, _resampled_w(ranked[:, :, k].T, drawn)))
    return _table([row for row in rows if row is not None], schema)


def differences(varied: Varied) -> pl.DataFrame:
    """Mean ranks with the critical difference of Nemenyi's test (Demšar 2006, JMLR 7), for each metric and for all."""
    schema = {"metric": pl.String, "method": pl.String, "rank": pl.Float64, "critical": pl.Float64, "group": pl.String,
              "n": pl.Int64}  # fmt: skip
    part = varied.part
    if len(part.grid.methods) < 2:
        return pl.DataFrame(schema=schema)
    ranked = ranks(part, method_scores(part))
    blocks = {label: ranked[:, :, k] for k, label in enumerate(part.job.metrics)}
    if len(blocks) > 1:
        blocks = {"all": mean_of_defined(ranked, (2,), complete=True), **blocks}
    names = [method.name for method in part.grid.methods]
    rows = [row for label, block in blocks.items() for row in _differences(label, names, block)]
    return _table(rows, schema)


def _differences(label: str, names: list[str], block: Floats) -> Iterator[dict[str, Any]]:
    """Rows of one metric from ranks (methods, items)."""
    used = block[:, np.isfinite(block).all(0)]
    methods, items = used.shape
    if not items:
        return
    rank = used.mean(1)
    quantile = float(stats.studentized_range.ppf(LEVEL, methods, np.inf)) / math.sqrt(2)
    critical = quantile * math.sqrt(methods * (methods + 1) / (6 * items))
    letters = groups(rank, critical)
    for place, name in enumerate(names):
        yield {
            "metric": label, "method": name, "rank": float(rank[place]), "critical": critical, "group": letters[place],
            "n": items,
        }  # fmt: skip


def groups(rank: Floats, critical: float) -> list[str]:
    """Letters for methods by mean rank: two that share one do not differ by more than the critical difference."""
    order = np.argsort(rank, kind="stable")
    runs: list[tuple[int, int]] = []
    for first in range(len(order)):
        last = max(j for j in range(first, len(order)) if rank[order[j]] - rank[order[first]] <= critical)
        if not runs or last > runs[-1][1]:
            runs.append((first, last))
    found = [""] * len(order)
    for letter, (first, last) in enumerate(runs):
        for place in order[first : last + 1]:
            found[place] += chr(ord("a") + letter)
    return found


def _row(values: Floats, ranked: Floats, drawn: Floats) -> dict[str, float | int]:
    value, low, high = (float(one) for one in with_limits(values, drawn))
    rank, rank_low, rank_high = (float(one) for one in with_limits(ranked, drawn))
    return {
        "value": value, "low": low, "high": high, "rank": rank, "rank_low": rank_low, "rank_high": rank_high,
        "n": len(values), "undefined": int(undefined(values)),
    }  # fmt: skip


def _concordance(scope: str, raters: Floats, resampled: Floats) -> dict[str, Any] | None:
    """Kendall's W of raters (raters, methods); `resampled` is the same once a resample, or already W (resamples,)."""
    complete = raters[np.isfinite(raters).all(1)]
    count, methods = complete.shape
    if count < 2:
        return None
    w = float(kendall_w(complete))
    again = kendall_w(resampled) if resampled.ndim == 3 else resampled
    low, high = (float(one) for one in limits(np.asarray(again)))
    p = float(stats.chi2.sf(count * (methods - 1) * w, methods - 1))
    return {"scope": scope, "w": w, "low": low, "high": high, "raters": count, "methods": methods, "p": p}


def _resampled_w(raters: Floats, drawn: Floats) -> Floats:
    """Kendall's W (resamples,) of raters (items, methods) that are drawn; from sums, so that nothing is copied."""
    complete = np.isfinite(raters).all(1)
    used, times = raters[complete], drawn[:, complete]
    middle = (used.shape[1] + 1) / 2
    sums = times @ (used - middle)
    squares = times @ ((used - middle) ** 2).sum(1)
    count = times.sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((sums**2).sum(1) / (count * squares))


def mean_of_defined(values: Floats, axes: tuple[int, ...], complete: bool = False) -> Floats:
    """Mean of what is defined over some axes; of nothing it is NaN, and, where asked, of all that is not complete."""
    there = np.isfinite(values)
    count = there.sum(axes)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.where(there, values, 0.0).sum(axes) / count
    return np.where(there.all(axes), found, np.nan) if complete else found


def _better(part: Part, label: str) -> str:
    return str(registry.get(part.job.metrics[label][0]).declared.get("better", "higher"))


def _table(rows: Sequence[Mapping[str, Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema).with_columns(pl.col(pl.Float64).fill_nan(None))
