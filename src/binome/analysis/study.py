"""`analyse`: all that a study declares, computed from its trials; the primary contrast first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import polars as pl

from binome.analysis import dictionary
from binome.analysis.bootstrap import Draw, Interval
from binome.analysis.conform import conform
from binome.analysis.contrasting import contrast, contrasts
from binome.analysis.flow import left_out
from binome.analysis.holm import holm
from binome.analysis.measure import registry
from binome.analysis.measuring import by_operator, measure
from binome.analysis.mixed import Fit, glmm
from binome.analysis.resampling import require_columns, used, with_condition
from binome.analysis.sample import Label, are_estimates
from binome.core import BinomeError, UnknownNameError

DEFAULT = (
    "accuracy", "accuracy_initial", "accuracy_advice", "gain_over_human", "gain_over_ai", "complementarity", "rair",
    "rsr", "overreliance", "underreliance", "agreement", "switch_fraction", "decision_time",
)  # fmt: skip
ESTIMATES = (
    "accuracy", "accuracy_initial", "accuracy_advice", "error", "error_initial", "error_advice", "gain_over_human",
    "gain_over_ai", "complementarity", "weight_of_advice", "weight_of_advice_clipped", "agreement", "decision_time",
)  # fmt: skip
NUMBERS = tuple(sorted(ESTIMATES, key=lambda name: not name.startswith(("error", "weight"))))
"""Those, but first how far decisions are from right."""
MOST_LABELS = 20
"""Numbers of more values than these, or with decimals, are estimates, not labels."""
MODEL = "correct ~ condition + (1|operator) + (1|item)"


@dataclass(frozen=True)
class Analysis:
    """What an analysis found. `condition` stands for the column that it was asked to compare.

    Attributes:
        trials: those that the measures use.
        conditions: in the order of every table.
        measures: from `measure`, by condition.
        primary: from `contrast`, with `confirmatory` true; None when none is declared or `primary_reason` says why.
        primary_reason: why the declared primary contrast could not be computed; empty otherwise.
        contrasts: from `contrasts`: accuracy between all pairs of conditions, later − earlier, with `p_holm`
            (Holm's adjustment over the pairs) and `confirmatory` false; no row where accuracy cannot be computed.
        model: correct ~ condition + (1|operator) + (1|item); None when `model_reason` says why.
        model_reason: why there is no model; empty otherwise.
        operators: from `by_operator`: accuracy of each operator by condition; no row where it cannot be computed.
        left_out: reason, operators (who have no other trial), trials.
        simulated: share of the trials that simulated operators made.
        resamples, seed, interval, draw: of the bootstrap.
    """

    trials: pl.DataFrame
    conditions: tuple[str, ...]
    measures: pl.DataFrame
    primary: pl.DataFrame | None
    primary_reason: str
    contrasts: pl.DataFrame
    model: Fit | None
    model_reason: str
    operators: pl.DataFrame
    left_out: pl.DataFrame
    simulated: float
    resamples: int
    seed: int
    interval: Interval
    draw: Draw = "operators"

    @property
    def operator_count(self) -> int:
        return self.trials["operator"].n_unique()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON; trials and operators as counts."""
        return {
            "operators": self.operator_count,
            "trials": self.trials.height,
            "simulated": self.simulated,
            "conditions": list(self.conditions),
            "bootstrap": {"resamples": self.resamples, "seed": self.seed, "interval": self.interval, "draw": self.draw},
            "measures": self.measures.to_dicts(),
            "primary": None if self.primary is None else self.primary.to_dicts()[0],
            "primary_reason": self.primary_reason,
            "contrasts": self.contrasts.to_dicts(),
            "model": None if self.model is None else self.model.as_dict(),
            "model_reason": self.model_reason,
            "left_out": self.left_out.to_dicts(),
        }


def analyse(
    trials: pl.DataFrame,
    *,
    measures: Sequence[str] | None = None,
    by: str = "condition",
    primary: Mapping[str, Any] | None = None,
    conditions: Sequence[str] = (),
    resamples: int = 2000,
    seed: int = 0,
    interval: Interval = "percentile",
    draw: Draw = "operators",
    positive: Label | None = None,
) -> Analysis:
    """Analyse trials by condition.

    Args:
        trials: as `read_trials` gives them. Without the column `condition` they are one, named "all".
        measures: names; by default those of a list of thirteen whose columns the trials have; another list for
            estimates, which are numbers with a tolerance.
        primary: `{"measure": …, "contrast": [first, second]}`: computed first, marked confirmatory.
        conditions: the order in which to show them, and the mixed model's reference first; sorted by default.
        resamples, seed, interval, draw, positive: as for `measure`.

    Raises:
        UnknownNameError: for a measure that does not exist.
        BinomeError: when no trial is left, or a measure lacks a column.
        TrialsError: naming row and column of a value that cannot be used.
    """
    require_columns(trials, "the analysis", ["operator"])
    trials = in_groups(trials, by)
    kept = used(trials)
    if kept.is_empty():
        raise BinomeError("no trial is left after practice, attention checks and exclusions; nothing can be analysed")
    order = _order(kept[by].unique().sort().to_list(), conditions)
    names = usual(kept) if measures is None else list(measures)
    if not names:
        listing = ", ".join(trials.columns)
        raise BinomeError(
            "no measure can be computed: being right needs the column 'truth', reliance 'advice', times "
            f"'final_seconds'; these trials have: {listing}"
        )
    bootstrap: dict[str, Any] = {
        "resamples": resamples, "seed": seed, "interval": interval, "draw": draw, "positive": positive
    }  # fmt: skip
    confirmatory, primary_reason = _primary(kept, primary, by, bootstrap)
    pairs = [(later, earlier) for earlier, later in combinations(order, 2)]
    model, model_reason = _model(kept, by, order)
    judged = kept if possible("accuracy", kept) else kept.clear().with_columns(truth=None, final=None)
    return Analysis(
        trials=kept,
        conditions=tuple(order),
        measures=_ordered(measure(kept, names, by=[by], **bootstrap), by, order),
        primary=confirmatory,
        primary_reason=primary_reason,
        contrasts=_contrasts(judged, by, pairs, bootstrap),
        model=model,
        model_reason=model_reason,
        operators=_ordered(by_operator(judged, "accuracy", by=[by]), by, order),
        left_out=left_out(trials, kept),
        simulated=_simulated(kept),
        resamples=resamples,
        seed=seed,
        interval=interval,
        draw=draw,
    )


def in_groups(trials: pl.DataFrame, by: str) -> pl.DataFrame:
    """Conformed trials whose column `by` is text, "(none)" where it is missing; all one group without a condition.

    Raises:
        BinomeError: naming a column that the trials lack, but for `condition`.
    """
    trials = conform(trials)
    trials = with_condition(trials, by)
    require_columns(trials, "a grouping", [by])
    return trials.with_columns(pl.col(by).cast(pl.String).fill_null("(none)"))


def usual(trials: pl.DataFrame) -> list[str]:
    """The measures of the usual list whose columns the trials have; another list for estimates.

    Numbers without a tolerance are estimates too where they are too many to be labels: being exactly right, which is
    then rare, comes after how far they are from right.
    """
    default = ESTIMATES if are_estimates(trials) else NUMBERS if _many_numbers(trials) else DEFAULT
    return [name for name in default if possible(name, trials)]


def _many_numbers(trials: pl.DataFrame) -> bool:
    columns = [trials[name].drop_nulls() for name in dictionary.DECISIONS if name in trials.columns]
    if not all(column.dtype.is_numeric() for column in columns if len(column)):
        return False
    return any(column.n_unique() > MOST_LABELS or (column % 1 != 0).any() for column in columns if len(column))


def possible(name: str, trials: pl.DataFrame) -> bool:
    """Whether the trials have all columns that a measure needs."""
    return bool(registry.get(name).declared["needs"] <= set(trials.columns))


def _order(found: Sequence[str], wanted: Sequence[str]) -> list[str]:
    return [name for name in wanted if name in found] + [name for name in found if name not in wanted]


def _primary(
    trials: pl.DataFrame, primary: Mapping[str, Any] | None, by: str, bootstrap: Mapping[str, Any]
) -> tuple[pl.DataFrame | None, str]:
    if primary is None:
        return None, ""
    first, second = primary["contrast"]
    missing = [name for name in (first, second) if name not in trials[by].to_list()]
    if missing:
        return None, f"the primary contrast needs trials with {by} {missing[0]!r}, and there are none"
    row = contrast(trials, primary["measure"], first, second, by, **bootstrap)
    return row.with_columns(confirmatory=pl.lit(True)), ""


def _contrasts(
    trials: pl.DataFrame, by: str, pairs: Sequence[tuple[str, str]], bootstrap: Mapping[str, Any]
) -> pl.DataFrame:
    table = contrasts(trials, "accuracy", by, pairs if trials.height else [], **bootstrap)
    return table.with_columns(p_holm=holm(table["p"]), confirmatory=pl.lit(False))


def _ordered(table: pl.DataFrame, by: str, order: Sequence[str]) -> pl.DataFrame:
    """Conditions in the given order within each measure, which keeps its place."""
    measures = pl.col("measure").cast(pl.Enum(table["measure"].unique(maintain_order=True)))
    return table.sort(measures, pl.col(by).cast(pl.Enum(order)), maintain_order=True)


def _model(trials: pl.DataFrame, by: str, order: Sequence[str]) -> tuple[Fit | None, str]:
    """The mixed model of correctness, or why there is none."""
    if len(order) < 2:
        return None, f"there is only one {by}"
    try:
        return glmm(MODEL.replace("condition", by), trials, reference={by: order[0]}), ""
    except UnknownNameError:
        raise
    except BinomeError as error:
        return None, str(error)


def _simulated(trials: pl.DataFrame) -> float:
    if "simulated" not in trials.columns:
        return 0.0
    return float(trials["simulated"].fill_null(False).to_numpy().mean())
