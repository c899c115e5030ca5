"""Signs that advice was weighed: time, use of the explanation, decisions that depend on confidence."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from binome.analysis.sample import Codes, Floats, Mask, Sample

Signs = npt.NDArray[np.int8]
"""+1 for weighed, −1 for not, 0 where nothing tells."""


def time_sign(sample: Sample, operator: Codes, *, fast: float) -> Signs:
    """Whether the page with the advice took at least `fast` times the operator's usual time for a decision alone.

    Args:
        operator: int64 (trials,), the number of each trial's operator.
    """
    seconds, usual = _numbers(sample, "final_seconds"), own_seconds(sample, operator)[operator]
    known = (seconds > 0) & (usual > 0)
    return np.where(known, np.where(seconds >= fast * usual, 1, -1), 0).astype(np.int8)


def own_seconds(sample: Sample, operator: Codes) -> Floats:
    """Each operator's median seconds of decisions without any help, (operators,); NaN without one.

    These are initial decisions, and final ones with neither advice nor explanation shown.
    """
    first = _numbers(sample, "initial_seconds")
    alone = sample.decided & ~sample.advised & ~_known(sample, "explanation")
    last = np.where(alone, _numbers(sample, "final_seconds"), np.nan)
    table = pl.DataFrame({"operator": np.tile(operator, 2), "seconds": np.concatenate([first, last])})
    medians = (
        table.filter(pl.col("seconds").is_finite() & (pl.col("seconds") > 0))
        .group_by("operator")
        .agg(pl.col("seconds").median())
    )
    found = np.full(int(operator.max(initial=-1)) + 1, np.nan)
    found[medians["operator"].to_numpy()] = medians["seconds"].to_numpy()
    return found


def explanation_sign(sample: Sample, group: Codes) -> Signs:
    """Whether the explanation was visible at all; nothing of a group where it always was, as if nobody had a choice.

    Args:
        group: int64 (trials,), the number of each trial's group.
    """
    if "explanation_opened" not in sample.trials.columns:
        return np.zeros(sample.size, dtype=np.int8)
    opened = sample.flag("explanation_opened")
    closed = sample.known("explanation_opened") & ~opened
    chosen = np.bincount(group[closed], minlength=int(group.max(initial=-1)) + 1) > 0
    return np.where(closed, -1, np.where(opened & chosen[group], 1, 0)).astype(np.int8)


def confidence_sign(sample: Sample, cell: Codes, disputed: Mask, *, sensitive: float, least: int) -> Signs:
    """Whether an operator's answers to differing advice depended on confidence, in each of the operator's conditions.

    The area under the curve by which what speaks for the advice (its confidence less the own initial one; the own
    one alone where the other is not known of all trials) tells advice taken from advice left: at least
    `sensitive` for yes. One who took all of it, or none, did not ask confidence.

    Args:
        cell: int64 (trials,), numbers of operators in groups.
        disputed: trials with advice other than the initial decision that ended with one of the two.
        least: trials without which nothing is said.
    """
    own, model = _numbers(sample, "initial_confidence"), _numbers(sample, "advice_confidence")
    rows = disputed & np.isfinite(own)
    table = pl.DataFrame(
        {"cell": cell[rows], "own": own[rows], "model": model[rows], "taken": (sample.final == sample.advice)[rows]}
    )
    whole = pl.col("model").is_finite().all().over("cell")
    pull = pl.when(whole).then(pl.col("model") - pl.col("own")).otherwise(-pl.col("own"))
    # Rounded, so that 0.8 − 0.5 and 0.7 − 0.4 are the tie that they look like.
    table = table.with_columns(pull=pull.round(9)).with_columns(rank=pl.col("pull").rank("average").over("cell"))
    cells = table.group_by("cell").agg(
        n=pl.len().cast(pl.Float64),
        taken=pl.col("taken").sum().cast(pl.Float64),
        ranks=pl.col("rank").filter(pl.col("taken")).sum(),
        kinds=pl.col("pull").n_unique(),
    )
    left = pl.col("n") - pl.col("taken")
    area = (pl.col("ranks") - pl.col("taken") * (pl.col("taken") + 1) / 2) / (pl.col("taken") * left)
    one_sided = (pl.col("taken") == 0) | (left == 0)
    cells = cells.filter((pl.col("n") >= least) & (pl.col("kinds") > 1)).with_columns(
        sign=pl.when(~one_sided & (area >= sensitive)).then(1).otherwise(-1)
    )
    by_cell = np.zeros(int(cell.max(initial=-1)) + 1, dtype=np.int8)
    by_cell[cells["cell"].to_numpy()] = cells["sign"].to_numpy()
    return np.where(rows, by_cell[cell], 0).astype(np.int8)


def _numbers(sample: Sample, column: str) -> Floats:
    return sample.numbers(column) if column in sample.trials.columns else np.full(sample.size, np.nan)


def _known(sample: Sample, column: str) -> Mask:
    return sample.known(column) if column in sample.trials.columns else np.zeros(sample.size, dtype=np.bool_)
