"""Which explanation should I show? Faithfulness, dependability and agreement, and how sure the order is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import rankdata

from binome.variation.components.dependability import phi
from binome.variation.concordance import Floats
from binome.variation.metric import registry
from binome.variation.sweep.cost import cost_of
from binome.variation.sweep.findings.quality import mean_of_defined, method_scores, ranks
from binome.variation.sweep.findings.resampling import counts, means
from binome.variation.sweep.findings.sources import Sources
from binome.variation.sweep.varied import Varied
from binome.variation.tensor import agreement_tensor

SCHEMA = {
    "method": pl.String, "faithfulness": pl.Float64, "dependability": pl.Float64, "agreement": pl.Float64,
    "complexity": pl.Float64, "score": pl.Float64, "best": pl.Float64, "control": pl.Boolean, "seconds": pl.Float64,
}  # fmt: skip
Bools = npt.NDArray[np.bool_]
Criteria = dict[str, tuple[Floats, Floats]]
"""Each a value (methods,), and the same in each resample (methods, resamples)."""


def choice(varied: Varied, found: Sources) -> pl.DataFrame:
    """One row a method.

    A method's score is the mean of its ranks by faithfulness (mean rank over faithfulness metrics), by dependability (Φ
    within the method) and by agreement with the other methods that are no controls; criteria that no method has are
    left out. `best` is the share of resamples of the items in which its score is the lowest; ties are shared.
    """
    part = varied.part
    control = np.array([method.control for method in part.grid.methods])
    drawn = counts(len(part.job.items), varied.resamples, varied.seed)
    criteria = {
        "faithfulness": _faithfulness(varied, drawn),
        "dependability": _dependability(varied, found, drawn),
        "agreement": _agreement(varied, control, drawn),
    }
    score, resampled = _scores(
        {name: (-a, -b) if name != "faithfulness" else (a, b) for name, (a, b) in criteria.items()}
    )
    best = _best(np.where(control[:, None], np.nan, resampled))
    complexity = _complexity(varied)
    rows = [
        {
            "method": method.name,
            **{name: float(values[place]) for name, (values, _) in criteria.items()},
            "complexity": float(complexity[place]),
            "score": float(score[place]),
            "best": float(best[place]),
            "control": bool(control[place]),
            "seconds": float(
                np.mean([cost_of(part.job, number, varied.probes).seconds for number in part.of_method(place)])
            ),
        }
        for place, method in enumerate(part.grid.methods)
    ]
    return pl.DataFrame(rows, schema=SCHEMA).with_columns(pl.col(pl.Float64).fill_nan(None))


def _faithfulness(varied: Varied, drawn: Floats) -> tuple[Floats, Floats]:
    part = varied.part
    labels = part.job.metrics
    chosen = [
        place
        for place, (name, _) in enumerate(labels.values())
        if registry.get(name).declared.get("family") == "faithfulness"
    ]
    if not chosen:
        return _nothing(len(part.grid.methods), len(drawn))
    ranked = ranks(part, method_scores(part))[:, :, chosen]
    mean, resampled = means(np.moveaxis(ranked, 1, -1), drawn)
    return mean.mean(1), resampled.mean(1)


def _dependability(varied: Varied, found: Sources, drawn: Floats) -> tuple[Floats, Floats]:
    methods, included = varied.part.grid.methods, varied.included(varied.part)
    values, resampled = _nothing(len(methods), len(drawn))
    for place, method in enumerate(methods):
        one = found.decompositions.get(("", "maps", method.name))
        if one is None or one.per_item is None:
            continue
        terms = [term for term in one.design.terms if term in one.per_item.columns]
        if len(terms) < len(one.design.terms):
            continue
        components = one.per_item.select(terms).cast(pl.Float64).fill_null(np.nan).to_numpy().T  # terms, items
        _, again = means(components, drawn[:, included])
        values[place], resampled[place] = one.phi.value, phi(again.T, one.design)
    return values, resampled


def _agreement(varied: Varied, control: Bools, drawn: Floats) -> tuple[Floats, Floats]:
    """Mean Spearman correlation with the other methods, maps averaged over each method's configurations."""
    part, included = varied.part, varied.included(varied.part)
    methods = len(part.grid.methods)
    if methods - control.sum() < 2 or not len(included):
        return _nothing(methods, len(drawn))
    size = np.abs(part.maps[:, included])
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = np.nan_to_num(size / size.mean(-1, keepdims=True))
    averaged = np.stack([scaled[part.of_method(m)].mean(0) for m in range(methods)])
    alike = agreement_tensor(averaged, ["spearman"]).values[0]  # methods, methods, items
    own = np.eye(methods, dtype=bool)
    others = np.where((own | control[None])[:, :, None], np.nan, alike)
    there = np.isfinite(others)
    with np.errstate(invalid="ignore", divide="ignore"):
        each = np.where(there, others, 0).sum(1) / there.sum(1)
    return means(each, drawn[:, included])


def _complexity(varied: Varied) -> Floats:
    """Effective share of the pixels, exp(entropy) over their number, mean over a method's maps."""
    part = varied.part
    size = np.abs(part.maps.astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = size / size.sum(-1, keepdims=True)
        entropy = -np.where(share > 0, share * np.log(share), 0).sum(-1)
        effective = np.where(np.isfinite(share).all(-1), np.exp(entropy) / size.shape[-1], np.nan)
    return np.array([mean_of_defined(effective[part.of_method(m)], (0, 1)) for m in range(len(part.grid.methods))])


def _scores(criteria: Criteria) -> tuple[Floats, Floats]:
    """Mean rank over the criteria that some method has, lower the better; NaN where a method lacks one of them."""
    used = [pair for pair in criteria.values() if np.isfinite(pair[0]).any()]
    if not used:
        values, resampled = next(iter(criteria.values()))
        return values, resampled
    value, again = (np.stack([pair[place] for pair in used]) for place in (0, 1))
    return _mean_rank(value), _mean_rank(again)


def _mean_rank(values: Floats) -> Floats:
    """Ranks along axis 1 of (criteria, methods, …), averaged over criteria; NaN is last, and stays NaN."""
    ranked = rankdata(np.where(np.isfinite(values), values, np.inf), axis=1)
    return np.where(np.isfinite(values).all(0), ranked.mean(0), np.nan)


def _best(scores: Floats) -> Floats:
    """Share of the resamples in which each method (methods, resamples) has the lowest score; NaN without a score."""
    there = np.isfinite(scores)
    filled = np.where(there, scores, np.inf)
    first = (filled == filled.min(0)) & there
    with np.errstate(invalid="ignore", divide="ignore"):
        won = (first / first.sum(0)).mean(1)
    return np.where(there.any(1), won, np.nan)


def _nothing(methods: int, resamples: int) -> tuple[Floats, Floats]:
    return np.full(methods, np.nan), np.full((methods, resamples), np.nan)
