"""`find`: everything that trials tell, what was declared first and all else marked exploratory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass
from typing import Any, TypeVar

import numpy as np
import polars as pl

from binome.analysis import curves
from binome.analysis.bayes_factor import bayes_factor
from binome.analysis.biases import biases
from binome.analysis.biases.measured import two_labels
from binome.analysis.bootstrap import Draw, Interval
from binome.analysis.equivalence import equivalence
from binome.analysis.flow import flow
from binome.analysis.measure import registry
from binome.analysis.measuring import measure
from binome.analysis.meeting import Meeting, meeting
from binome.analysis.mixed import Fit, glmm
from binome.analysis.relation import Relations, relations
from binome.analysis.resampling import estimate, grouped, used
from binome.analysis.sample import Label
from binome.analysis.study import Analysis, analyse, in_groups, possible, usual
from binome.analysis.trust import Mediation, Trust, mediation, trust
from binome.core import BinomeError, UnknownNameError
from binome.core.progress import bar

Made = TypeVar("Made")
SLOW = frozenset({"meta_d_prime", "m_ratio"})
"""Measures that fit a model in every resample: computed where they are asked for by name."""
OF_ESTIMATES = frozenset({"error", "weight of advice"})
"""Families of measures that say nothing more of two labels, although these be numbers."""
COURSE = ("accuracy", "agreement", "overreliance", "decision_time")
FACTOR = "factor_"


@dataclass(frozen=True)
class Findings:
    """What `binome analyse` found.

    Attributes:
        title: of the study, by language, or the file's name.
        source: the study's folder or the file that was read.
        analysis: what the study declares: its primary contrast is confirmatory, all else is exploratory.
        with_excluded: the same analysis with the rows that a declared rule excludes (practice and attention checks
            stay out); None when no row is excluded.
        flow: step ("began", "left_out", "analysed"), reason, operators, trials: who was left out and why.
        rejected: rows of the file that could not be used: row, column, found, expected, hint; None when all could.
        calibration: of `curves.calibration`; None without confidence.
        course: of `curves.course`; None without positions.
        factors: of `measure` by each factor of a factorial design: factor, level, measure, value, low, high, n,
            undefined; None without factors.
        factorial: the mixed model with the factors' main effects and interactions; None without factors.
        equivalence: of the primary contrast, where a margin is declared.
        bayes_factor: of the primary contrast.
        relations, biases, trust, mediation, meeting: of the functions of those names.
        reasons: by the name of an attribute that is None, why: a code (`report/words`) or a sentence.
    """

    title: str | Mapping[str, str]
    source: str
    analysis: Analysis
    with_excluded: Analysis | None
    flow: pl.DataFrame
    rejected: pl.DataFrame | None = None
    calibration: pl.DataFrame | None = None
    course: pl.DataFrame | None = None
    factors: pl.DataFrame | None = None
    factorial: Fit | None = None
    equivalence: pl.DataFrame | None = None
    bayes_factor: pl.DataFrame | None = None
    relations: Relations | None = None
    biases: pl.DataFrame | None = None
    trust: Trust | None = None
    mediation: Mediation | None = None
    meeting: Meeting | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        found: dict[str, Any] = self.analysis.as_dict()
        found["with_excluded"] = None if self.with_excluded is None else self.with_excluded.as_dict()
        for name in PARTS:
            found[name] = _plain(getattr(self, name))
        return {**found, "source": self.source, "reasons": dict(self.reasons)}


PARTS = (
    "flow", "rejected", "calibration", "course", "factors", "factorial", "equivalence", "bayes_factor", "relations",
    "biases", "trust", "mediation", "meeting",
)  # fmt: skip


def find(
    trials: pl.DataFrame,
    *,
    title: str | Mapping[str, str],
    source: str,
    measures: Sequence[str] = (),
    by: str = "condition",
    primary: Mapping[str, Any] | None = None,
    conditions: Sequence[str] = (),
    resamples: int = 2000,
    seed: int = 0,
    interval: Interval = "percentile",
    draw: Draw = "operators",
    positive: Label | None = None,
    margin: float | None = None,
    sessions: pl.DataFrame | None = None,
    answers: pl.DataFrame | None = None,
    scales: Mapping[str, Mapping[str, Any]] | None = None,
    scores: pl.DataFrame | None = None,
    better: Mapping[str, str] | None = None,
    placebo: Collection[str] | None = None,
    rejected: pl.DataFrame | None = None,
) -> Findings:
    """Analyse trials in every way that they allow; the declared primary contrast first.

    Args:
        trials: as `read_trials` gives them.
        title, source: see `Findings`.
        measures: declared ones; all others that the trials allow are computed after them.
        by, primary, conditions, resamples, seed, interval, draw, positive: as for `analyse`.
        margin: the largest difference of the primary measure that would not matter, for its equivalence.
        sessions: one row an operator who consented (the exported table `operators`).
        answers: to questionnaires (the exported table of that name).
        scales: of trust, as `trust` takes them.
        scores, better: of explanations by item, and which way each metric goes, as `meeting` takes them.
        placebo: explanations that hold nothing; None where nobody said.
        rejected: rows of the file that were left out.

    Raises:
        UnknownNameError: for a measure, or a positive label, that does not exist.
        BinomeError: when no trial is left, a declared measure lacks a column, or there is no column `by`. A part that
            cannot be computed is None instead, and `reasons` says why.
    """
    bootstrap: dict[str, Any] = {
        "resamples": resamples, "seed": seed, "interval": interval, "draw": draw, "positive": positive
    }  # fmt: skip
    drawn: dict[str, Any] = {"resamples": resamples, "seed": seed}
    declared: dict[str, Any] = {"by": by, "primary": primary, "conditions": conditions, **bootstrap}
    trials = in_groups(trials, by)
    reasons: dict[str, str] = {}

    def part(name: str, make: Callable[[], Made | None], absent: str = "") -> Made | None:
        """What `make` gives, or None and why."""
        try:
            made = make()
        except BinomeError as error:
            reasons[name] = str(error)
            return None
        finally:
            steps.advance(1)
        if made is None:
            reasons[name] = absent
        return made

    with bar("analyse", 13) as steps:
        names = suitable(trials, measures, by, positive)
        analysis = analyse(trials, measures=names, **declared)
        steps.advance(1)
        kept = used(trials)
        followed = [name for name in COURSE if name in names]
        trusted = part("trust", lambda: _trust(kept, answers, scales, by, drawn), "no_trust_scales")
        return Findings(
            title=title,
            source=source,
            analysis=analysis,
            with_excluded=part(
                "with_excluded", lambda: _with_excluded(trials, names, declared), "nobody_excluded"
            ),
            flow=flow(trials, kept, sessions),
            rejected=rejected,
            calibration=part("calibration", lambda: curves.calibration(kept, by, **bootstrap), "no_confidence"),
            course=part("course", lambda: curves.course(kept, followed, by, **bootstrap), "no_positions"),
            factors=part("factors", lambda: _factors(kept, names, bootstrap), "no_factors"),
            factorial=part("factorial", lambda: _factorial(kept), "no_factors"),
            equivalence=part("equivalence", lambda: _equivalence(kept, primary, margin, by, bootstrap), "no_margin"),
            bayes_factor=part("bayes_factor", lambda: _bayes_factor(kept, primary, by, positive), "no_primary"),
            relations=part("relations", lambda: relations(kept, by=by, **drawn)),
            biases=part(
                "biases",
                lambda: biases(kept, by=by, answers=answers, placebo=placebo, positive=positive, **drawn),
            ),
            trust=trusted,
            mediation=part(
                "mediation", lambda: _mediation(kept, trusted, primary, by, drawn), "no_primary_or_trust"
            ),
            meeting=part("meeting", lambda: _meeting(kept, scores, better, placebo), "no_scores"),
            reasons=reasons,
        )  # fmt: skip


def suitable(trials: pl.DataFrame, declared: Sequence[str], by: str, positive: Label | None = None) -> list[str]:
    """The declared measures, the usual ones that the trials allow, and others that are defined in some group."""
    data = grouped(trials, [by], positive)
    names = list(dict.fromkeys([*declared, *usual(trials)]))
    unfit = OF_ESTIMATES if two_labels(data.sample) else frozenset()
    for name in registry.names():
        if name in names or name in SLOW or not possible(name, trials):
            continue
        if registry.get(name).declared["family"] in unfit:
            continue
        try:
            found = estimate([name], data, resamples=0, seed=0)
        except UnknownNameError:
            raise  # a positive label that does not exist
        except BinomeError:
            continue  # not for trials of this kind: two labels, numbers, …
        if np.isfinite(found[name].value).any():
            names.append(name)
    return names


def _with_excluded(trials: pl.DataFrame, measures: Sequence[str], declared: Mapping[str, Any]) -> Analysis | None:
    if "excluded" not in trials.columns or not trials["excluded"].fill_null(False).any():
        return None
    return analyse(trials.with_columns(excluded=pl.lit(False)), measures=measures, **declared)


def _factors(trials: pl.DataFrame, measures: Sequence[str], bootstrap: Mapping[str, Any]) -> pl.DataFrame | None:
    """Every measure by each factor alone: what a factor does on the average of the others."""
    columns = [name for name in trials.columns if name.startswith(FACTOR)]
    tables = [
        measure(trials, list(measures), by=[name], **bootstrap)
        .rename({name: "level"})
        .with_columns(pl.col("level").cast(pl.String), factor=pl.lit(name.removeprefix(FACTOR)))
        for name in columns
    ]
    return pl.concat(tables).select("factor", "level", pl.exclude("factor", "level")) if tables else None


def _factorial(trials: pl.DataFrame) -> Fit | None:
    """Main effects and interactions of all factors on being right."""
    columns = [name for name in trials.columns if name.startswith(FACTOR)]
    random = [f"(1|{name})" for name in ("operator", "item") if name in trials.columns]
    return glmm(f"correct ~ {' * '.join(columns)} + {' + '.join(random)}", trials) if columns else None


def _equivalence(
    trials: pl.DataFrame,
    primary: Mapping[str, Any] | None,
    margin: float | None,
    by: str,
    bootstrap: Mapping[str, Any],
) -> pl.DataFrame | None:
    if primary is None or margin is None:
        return None
    first, second = primary["contrast"]
    options = {name: value for name, value in bootstrap.items() if name != "interval"}
    return equivalence(trials, primary["measure"], first, second, by, margin=margin, **options)


def _bayes_factor(
    trials: pl.DataFrame, primary: Mapping[str, Any] | None, by: str, positive: Label | None
) -> pl.DataFrame | None:
    if primary is None:
        return None
    first, second = primary["contrast"]
    return bayes_factor(trials, primary["measure"], first, second, by, positive=positive)


def _trust(
    trials: pl.DataFrame,
    answers: pl.DataFrame | None,
    scales: Mapping[str, Mapping[str, Any]] | None,
    by: str,
    drawn: Mapping[str, Any],
) -> Trust | None:
    if answers is None or not answers.height or not scales:
        return None
    return trust(trials, answers, scales=scales, by=by, **drawn)


def _mediation(
    trials: pl.DataFrame,
    trusted: Trust | None,
    primary: Mapping[str, Any] | None,
    by: str,
    drawn: Mapping[str, Any],
) -> Mediation | None:
    """Through the first scale of trust that was filled in, between the two conditions of the primary contrast."""
    if trusted is None or primary is None or not trusted.scores.height:
        return None
    first, second = primary["contrast"]
    scores = trusted.scores.filter(pl.col("scale") == trusted.scores["scale"][0])
    return mediation(trials, scores, first=first, second=second, by=by, **drawn)


def _meeting(
    trials: pl.DataFrame,
    scores: pl.DataFrame | None,
    better: Mapping[str, str] | None,
    placebo: Collection[str] | None,
) -> Meeting | None:
    if scores is None or not scores.height:
        return None
    return meeting(trials, scores, better=better, placebo=placebo)


def _plain(value: Any) -> Any:
    """Tables as lists of rows, dataclasses as mappings."""
    if isinstance(value, pl.DataFrame):
        return value.to_dicts()
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if hasattr(value, "as_dict"):
        return value.as_dict()
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(inner) for name, inner in value.__dict__.items()}
    return value
