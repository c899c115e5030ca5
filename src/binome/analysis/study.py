"""`analyse`: all that a study declares, computed from its trials; the primary contrast first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from binome.analysis.mixed import Fit, glmm
from binome.analysis.measure import registry
from binome.analysis.measuring import by_operator, contrast, contrasts, measure
from binome.analysis.resampling import used as measured
from binome.core import BinomeError

DEFAULT = ("accuracy", "complementarity", "rair", "rsr", "overreliance", "underreliance", "agreement")
MODEL = "correct ~ condition + (1|operator) + (1|item)"


@dataclass(frozen=True)
class Analysis:
    """What an analysis found.

    Attributes:
        trials: those that the measures use.
        measures: from `measure`, by condition.
        primary: from `contrast`: the one confirmatory result; None when none is declared.
        contrasts: accuracy between all pairs of conditions; exploratory.
        model: the mixed model; None with `model_reason` when it cannot be fitted.
        operators: accuracy of each operator by condition.
        left_out: reason, operators, trials.
        simulated: share of the trials that simulated operators made.
    """

    trials: pl.DataFrame
    measures: pl.DataFrame
    primary: pl.DataFrame | None
    contrasts: pl.DataFrame
    model: Fit | None
    model_reason: str
    operators: pl.DataFrame
    left_out: pl.DataFrame
    simulated: float

    @property
    def operator_count(self) -> int:
        return self.trials["operator"].n_unique()

    @property
    def conditions(self) -> list[str]:
        return self.measures["condition"].unique(maintain_order=True).to_list()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        model = self.model
        return {
            "operators": self.operator_count,
            "trials": self.trials.height,
            "simulated": self.simulated,
            "measures": self.measures.to_dicts(),
            "primary": self.primary.to_dicts()[0] if self.primary is not None else None,
            "contrasts": self.contrasts.to_dicts(),
            "left_out": self.left_out.to_dicts(),
            "model": None
            if model is None
            else {
                "formula": model.formula,
                "fixed": model.fixed.to_dicts(),
                "random": model.random.to_dicts(),
                "marginal": model.marginal.to_dicts(),
                "contrasts": model.contrasts.to_dicts(),
                "converged": model.converged,
                "singular": model.singular,
                "messages": list(model.messages),
            },
            "model_reason": self.model_reason,
        }


def analyse(
    trials: pl.DataFrame,
    *,
    measures: Sequence[str] = DEFAULT,
    primary: Mapping[str, Any] | None = None,
    conditions: Sequence[str] = (),
    resamples: int = 2000,
    seed: int = 0,
) -> Analysis:
    """Analyse trials by condition.

    Args:
        measures: names; one that needs a column the trials lack is left out when it was not asked for by name.
        primary: {measure, contrast: [first, second]}.
        conditions: in the order in which to show them; the first is the mixed model's reference.

    Raises:
        BinomeError: when no trial is left, or a declared measure cannot be computed.
    """
    used = measured(trials)
    if used.is_empty():
        raise BinomeError("no trial is left after practice, attention checks and exclusions; nothing can be analysed")
    if "condition" not in used.columns:
        used = used.with_columns(condition=pl.lit("all"))
        trials = trials.with_columns(condition=pl.lit("all"))
    found = used["condition"].unique(maintain_order=True).sort().to_list()
    order = [name for name in conditions if name in found] + [name for name in found if name not in conditions]
    used = used.sort(pl.col("condition").cast(pl.Enum(order)), maintain_order=True)
    names = [name for name in measures if _possible(name, used)] if measures is DEFAULT else list(measures)
    settings: dict[str, Any] = {"resamples": resamples, "seed": seed}
    pairs = [(first, second) for i, second in enumerate(order) for first in order[i + 1 :]]
    judged = "truth" in used.columns
    model, reason = _model(used, order)
    return Analysis(
        trials=used,
        measures=_ordered(measure(used, names, by=["condition"], **settings), order),
        primary=None if primary is None else contrast(used, primary["measure"], *primary["contrast"], **settings),
        contrasts=contrasts(used, "accuracy", pairs=pairs, **settings) if judged else pl.DataFrame(),
        model=model,
        model_reason=reason,
        operators=by_operator(used, "accuracy", "condition") if judged else pl.DataFrame(),
        left_out=_left_out(trials),
        simulated=float(used["simulated"].fill_null(False).mean() or 0) if "simulated" in used.columns else 0.0,  # type: ignore[arg-type]
    )


def _ordered(table: pl.DataFrame, order: Sequence[str]) -> pl.DataFrame:
    """Rows with conditions in the study's order within each measure."""
    places = {name: place for place, name in enumerate(table["measure"].unique(maintain_order=True))}
    ranks = {name: place for place, name in enumerate(order)}
    keys = pl.col("measure").replace_strict(places).alias("_m"), pl.col("condition").replace_strict(ranks).alias("_c")
    return table.with_columns(*keys).sort("_m", "_c").drop("_m", "_c")


def _possible(name: str, trials: pl.DataFrame) -> bool:
    return bool(registry.get(name).declared["needs"] <= set(trials.columns))


def _model(trials: pl.DataFrame, order: Sequence[str]) -> tuple[Fit | None, str]:
    """The declared mixed model, or why there is none."""
    if len(order) < 2:
        return None, "there is only one condition"
    try:
        return glmm(MODEL, trials, reference={"condition": order[0]}), ""
    except BinomeError as error:
        return None, str(error)


def _left_out(trials: pl.DataFrame) -> pl.DataFrame:
    """Who and what the measures leave out, and why."""
    rows = []
    kinds = {"practice": "practice", "attention_check": "attention check"}
    rest = trials
    for flag, reason in kinds.items():
        if flag in rest.columns:
            part = rest.filter(pl.col(flag).fill_null(False))
            rest = rest.filter(~pl.col(flag).fill_null(False))
            rows.append({"reason": reason, "operators": 0, "trials": part.height})
    if "excluded" in rest.columns:
        excluded = rest.filter(pl.col("excluded").fill_null(False))
        reasons = excluded["exclusion_reason"].fill_null("excluded") if "exclusion_reason" in rest.columns else None
        table = excluded.with_columns(reason=reasons if reasons is not None else pl.lit("excluded"))
        for (reason,), part in table.partition_by("reason", as_dict=True, maintain_order=True).items():
            rows.append({"reason": str(reason), "operators": part["operator"].n_unique(), "trials": part.height})
    return pl.DataFrame(rows, schema={"reason": pl.String, "operators": pl.Int64, "trials": pl.Int64})
