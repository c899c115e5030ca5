"""`meeting`: do explanations that score better help people more?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from binome.analysis.conform import conform
from binome.analysis.discovery import benjamini_hochberg
from binome.analysis.holm import holm
from binome.analysis.meeting.joining import MISSING, Met, meet, with_scores
from binome.analysis.meeting.placebo import OVER_PLACEBO, over_placebo
from binome.analysis.meeting.scores import read_scores
from binome.analysis.meeting.slopes import Scored, fitted, scored_trials
from binome.analysis.resampling import used
from binome.core import BinomeError, UnknownNameError

EFFECTS = ("within", "between")
ESTIMATES = ("estimate", "se", "low", "high", "odds_ratio", "p")
SLOPES = {
    "metric": pl.String, "effect": pl.String, **dict.fromkeys((*ESTIMATES, "p_holm", "p_bh"), pl.Float64),
    "n": pl.Int64, "items": pl.Int64, "operators": pl.Int64, "methods": pl.Int64, "undefined": pl.Int64,
    "unit": pl.Float64, "better": pl.String, "adjusted": pl.Boolean, "confirmatory": pl.Boolean, "reason": pl.String,
    "caution": pl.String,
}  # fmt: skip
POINTS = {
    "metric": pl.String, "explanation": pl.String, "item": pl.String, "score": pl.Float64, "value": pl.Float64,
    "n": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class Meeting:
    """Whether explanations that score better help more.

    Attributes:
        slopes: one row a metric and effect: `metric, effect, estimate, se, low, high, odds_ratio, p, p_holm, p_bh, n,
            items, operators, methods, undefined, unit, better, adjusted, confirmatory, reason, caution`. `effect` is
            `within` (a better explanation than the method's mean) or `between` (a method of a better mean); log odds
            of the outcome for one standard deviation, which is `unit` in the metric's own unit, better being upward
            whichever way the metric goes. `p_holm` and `p_bh` are over the declared metrics, and over the others.
            n: trials with an explanation that has a score; `undefined`: those whose has none, or that have no outcome.
            `adjusted`: the item's mean score is held constant, beside the items' random intercepts.
        over_placebo: `explanation, estimate, se, low, high, odds_ratio, p, p_holm, n, n_placebo, items, reason`: log
            odds of the outcome against the placebo.
        points: `metric, explanation, item, score, value, n`: the share of trials in which the outcome held.
        missing: `metric, explanation, items, items_scored, trials, trials_scored`.
        zero: trials that explanations are compared with in the model: `placebo`, `unexplained`, or None.
        outcome: as asked.
        messages: what the models said, by metric, and under `over_placebo`.
    """

    slopes: pl.DataFrame
    over_placebo: pl.DataFrame
    points: pl.DataFrame
    missing: pl.DataFrame
    zero: str | None
    outcome: str
    messages: Mapping[str, str]


def meeting(
    trials: pl.DataFrame,
    scores: pl.DataFrame,
    *,
    outcome: str = "correct",
    metrics: Sequence[str] | None = None,
    declared: Collection[str] = (),
    placebo: str | Collection[str] | None = None,
    better: Mapping[str, str] | None = None,
) -> Meeting:
    """Join the scores of explanations with the trials in which they were shown, and estimate what they do.

    A logistic mixed model with crossed random intercepts of operators and items, for each metric by itself:
    outcome ~ within + between (+ real + item's mean score). Trials with a placebo, or without one those with advice
    alone, are the zero level: they tell how hard the items are when the explanation is not there.

    Args:
        scores: `item, explanation, metric, value` under the trials' names (`stimulus_scores`, `grid_scores`,
            `agreement_scores`).
        outcome: `correct`, `appropriate`, `followed`, `followed_right`, `rejected_wrong`, or a column of true and
            false.
        metrics: all of the table by default, sorted.
        declared: metrics named before the data were seen: confirmatory; a family of tests by itself.
        placebo: the explanations that hold nothing.
        better: by metric, `lower` or `higher`; higher otherwise.

    Raises:
        UnknownNameError: for a metric or an outcome that does not exist.
        BinomeError: naming a column that is missing; for scores that are there twice.
        TrialsError: naming row and column of a value that cannot be used.
    """
    table, controls = read_scores(scores), [placebo] if isinstance(placebo, str) else list(placebo or ())
    known = table["metric"].unique().sort().to_list()
    names = known if metrics is None else list(dict.fromkeys(metrics))
    directions = _directions(better or {})
    for name in (*names, *declared):
        if name not in known:
            raise UnknownNameError("metric", name, known)
    met = meet(used(conform(trials)), outcome, controls)
    rows: list[dict[str, Any]] = []
    points, missing, messages = [pl.DataFrame(schema=POINTS)], [pl.DataFrame(schema=MISSING)], {}
    for name in names:
        joined, lost = with_scores(met, table, name)
        missing.append(lost)
        points.append(_points(name, joined))
        direction = directions.get(name, "higher")
        about, said = _of_metric(met, joined, direction)
        if said:
            messages[name] = said
        rows += [{"metric": name, "better": direction, "confirmatory": name in declared} | row for row in about]
    compared, said = over_placebo(met) if controls else (pl.DataFrame(schema=OVER_PLACEBO), "")
    if said:
        messages["over_placebo"] = said
    return Meeting(
        slopes=_corrected(pl.DataFrame(rows, schema=SLOPES)),
        over_placebo=compared,
        points=pl.concat(points),
        missing=pl.concat(missing),
        zero=met.level,
        outcome=outcome,
        messages=messages,
    )


def _of_metric(met: Met, joined: pl.DataFrame, direction: str) -> tuple[list[dict[str, Any]], str]:
    undefined = met.shown.height - joined.height + met.undefined
    counts = {"n": joined.height, "operators": joined["operator"].n_unique(), "undefined": undefined}
    if joined.is_empty():
        nothing = counts | {"items": 0, "methods": 0, "adjusted": False, "reason": "no_scored_trials"}
        return [nothing | {"effect": effect} for effect in EFFECTS], ""
    scored = scored_trials(met, joined, -1.0 if direction == "lower" else 1.0)
    fit, reason, said = fitted(scored)
    counts |= {"items": scored.items, "methods": scored.methods, "adjusted": scored.adjusted}
    rows = []
    for effect in EFFECTS:
        row: dict[str, Any] = counts | {"effect": effect, "reason": scored.reasons.get(effect) or reason or None}
        if effect not in scored.reasons:
            row["unit"] = scored.units[effect]
        if fit is not None and effect in scored.terms:
            found = fit.fixed.filter(pl.col("term") == effect).row(0, named=True)
            row |= {name: found[name] for name in ESTIMATES}
            row["caution"] = _caution(effect, scored)
        rows.append(row)
    return rows, said or (" ".join(fit.messages) if fit is not None else "")


def _caution(effect: str, scored: Scored) -> str | None:
    if effect == "between":
        return "two_methods" if scored.methods == 2 else None
    return None if scored.adjusted else "difficulty"


def _corrected(slopes: pl.DataFrame) -> pl.DataFrame:
    """Holm's and Benjamini and Hochberg's p, over the declared metrics and over the others."""
    parts = []
    for family in (True, False):
        part = slopes.with_row_index("_row").filter(pl.col("confirmatory") == family)
        parts.append(part.with_columns(p_holm=holm(part["p"]), p_bh=benjamini_hochberg(part["p"])))
    return pl.concat(parts).sort("_row").select(*SLOPES)


def _points(metric: str, joined: pl.DataFrame) -> pl.DataFrame:
    cells = joined.group_by("explanation", "item").agg(
        score=pl.col("value").first(), value=pl.col("y").mean(), n=pl.len()
    )
    return cells.sort("explanation", "item").with_columns(metric=pl.lit(metric)).select(*POINTS).cast(pl.Schema(POINTS))


def _directions(better: Mapping[str, str]) -> Mapping[str, str]:
    for metric, direction in better.items():
        if direction not in ("lower", "higher"):
            raise BinomeError(f"better[{metric!r}] must be 'lower' or 'higher', found {direction!r}")
    return better
