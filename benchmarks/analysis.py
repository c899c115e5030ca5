"""Measures with their bootstrap beside the loop that people write: resample operators, group, average, in pandas.

100,000 trials of 500 operators, 12 measures × 4 conditions × 2,000 resamples; then a million rows read and checked.
Run it with `make bench BENCH=analysis`. Wall time, and the time that the process itself computed: on a machine that
others use as well, only the second one compares.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from binome import analysis

OPERATORS, ITEMS, CONDITIONS = 500, 50, ("alone", "advised", "explained", "placebo")
MEASURES = (
    "accuracy", "accuracy_initial", "accuracy_advice", "gain_over_human", "gain_over_ai", "complementarity", "rair",
    "rsr", "overreliance", "underreliance", "agreement", "decision_time",
)  # fmt: skip
RESAMPLES, LOOPS = 2000, 4
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")


def trials(operators: int = OPERATORS, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    axes = np.meshgrid(range(operators), range(len(CONDITIONS)), range(ITEMS), indexing="ij")
    operator, condition, item = (axis.ravel() for axis in axes)
    size = operator.size
    truth = rng.integers(0, 2, size)
    initial, advice = (np.where(rng.random(size) < share, truth, 1 - truth) for share in (0.6, 0.7))
    final = np.where(rng.random(size) < 0.5, advice, initial)
    labels = np.array(["no", "yes"])
    return pl.DataFrame(
        {
            "operator": pl.Series(operator).cast(pl.String), "condition": np.array(CONDITIONS)[condition],
            "item": pl.Series(item).cast(pl.String), "position": condition * ITEMS + item, "truth": labels[truth],
            "advice": labels[advice], "initial": labels[initial], "final": labels[final],
            "final_confidence": rng.random(size).round(2), "final_seconds": rng.lognormal(1, 0.5, size),
            "initial_seconds": rng.lognormal(1, 0.5, size),
        }
    )  # fmt: skip


def timed(function: Callable[[], Any], repeats: int = 3) -> tuple[float, float, Any]:
    """Wall seconds and the process's own, the best of some repeats."""
    walls, owns, result = [], [], None
    for _ in range(repeats):
        wall, own = time.perf_counter(), time.process_time()
        result = function()
        walls.append(time.perf_counter() - wall)
        owns.append(time.process_time() - own)
    return min(walls), min(owns), result


def columns(table: pd.DataFrame) -> pd.DataFrame:
    """What the loop averages, worked out once; NaN where a trial does not enter."""
    right = {name: table[name] == table["truth"] for name in ("final", "initial", "advice")}
    followed = (table["final"] == table["advice"]).astype(float)
    seconds = table["final_seconds"] + table["initial_seconds"]
    return table[["operator", "condition"]].assign(
        final=right["final"].astype(float), initial=right["initial"].astype(float),
        advice=right["advice"].astype(float),
        rair=right["final"].astype(float).where(~right["initial"] & right["advice"]),
        rsr=right["final"].astype(float).where(right["initial"] & ~right["advice"]),
        overreliance=followed.where(~right["advice"]), underreliance=(1 - followed).where(right["advice"]),
        agreement=followed, log_seconds=np.log(seconds),
    )  # fmt: skip


def measured(table: pd.DataFrame) -> pd.DataFrame:
    means = table.drop(columns="operator").groupby("condition").mean()
    return pd.DataFrame(
        {
            "accuracy": means["final"], "accuracy_initial": means["initial"], "accuracy_advice": means["advice"],
            "gain_over_human": means["final"] - means["initial"], "gain_over_ai": means["final"] - means["advice"],
            "complementarity": means["final"] - means[["initial", "advice"]].max(axis=1),
            **{name: means[name] for name in ("rair", "rsr", "overreliance", "underreliance", "agreement")},
            "decision_time": np.exp(means["log_seconds"]),
        }
    )  # fmt: skip


def loop(table: pd.DataFrame, resamples: int, seed: int = 0) -> list[pd.DataFrame]:
    prepared = columns(table)
    rows = prepared.groupby("operator").indices
    operators = sorted(rows)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(resamples):
        drawn = rng.integers(0, len(operators), len(operators))
        found.append(measured(prepared.iloc[np.concatenate([rows[operators[who]] for who in drawn])]))
    return found


def bootstrap(table: pl.DataFrame, resamples: int = RESAMPLES, **options: Any) -> pl.DataFrame:
    return analysis.measure(table, MEASURES, by="condition", resamples=resamples, seed=0, **options)


def fingerprint() -> str:
    """Of both kinds of draw and both kinds of interval, on part of the trials."""
    part = trials(60)
    tables = [bootstrap(part, 400, **o) for o in ({}, {"interval": "bca"}, {"draw": "operators_and_items"})]
    return hashlib.sha256(repr([table.rows() for table in tables]).encode()).hexdigest()


def under(threads: int) -> str:
    variables = {**os.environ, **dict.fromkeys(THREADS, str(threads))}
    command = [sys.executable, __file__, "--fingerprint"]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    if "--fingerprint" in sys.argv:
        print(fingerprint())
        return
    table = trials()
    pandas_table = table.to_pandas()
    wall, own, _ = timed(lambda: bootstrap(table))
    print(f"measures, {table.height:,} trials, {RESAMPLES} resamples:  {wall:7.2f} s  ({own:.2f} s of its own)")
    loop_wall, loop_own, theirs = timed(lambda: loop(pandas_table, LOOPS), repeats=1)
    scale = RESAMPLES / LOOPS
    print(
        f"the loop, {LOOPS} resamples, scaled to {RESAMPLES}:  {loop_wall * scale:10.0f} s  ({loop_own * scale:.0f} s)"
    )
    print(f"times as fast: {loop_wall * scale / wall:.0f}  (of its own: {loop_own * scale / own:.0f})")
    few = bootstrap(table, LOOPS)
    ends = [few.filter(measure=name).select("low", "high").to_numpy() for name in MEASURES]
    quantiles = np.quantile(np.stack([frame.sort_index().to_numpy() for frame in theirs]), [0.025, 0.975], axis=0)
    gap = max(np.abs(ends[i] - quantiles[:, :, i].T).max() for i in range(len(MEASURES)))
    print(f"largest difference of their limits on the same draws: {gap:.1e}")
    for name, options in (("BCa", {"interval": "bca"}), ("operators × items", {"draw": "operators_and_items"})):
        wall, own, _ = timed(lambda o=options: bootstrap(table, **o), repeats=1)  # type: ignore[misc]
        print(f"{name:>20}:  {wall:7.2f} s  ({own:.2f} s of its own)")
    print("the same to the last digit with 1, 2 and 4 threads:", len({under(threads) for threads in (1, 2, 4)}) == 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trials.csv"
        trials(5000).write_csv(path)
        wall, own, read = timed(lambda: analysis.read_trials(path), repeats=1)
        print(f"{read.height:,} rows read and checked:  {wall:7.2f} s  ({own:.2f} s of its own)")


if __name__ == "__main__":
    main()
