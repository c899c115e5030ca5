"""Mixed models of 50,000 trials, two crossed effects, beside lme4's `glmer` and `lmer` (Debian: r-cran-lme4).

Run it with `make bench BENCH=glmm`. Wall time, and the time that the process itself computed: on a machine that others
use as well, only the second one compares. lme4's are those of the fit alone, nAGQ = 1, its default optimisers.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from binome import analysis

OPERATORS, ITEMS, CONDITIONS = 500, 100, np.array(["advised", "alone", "explained", "placebo"])
MODELS = {
    "binomial": ("correct ~ condition + (1|operator) + (1|item)", None),
    "poisson": ("count ~ condition + (1|operator) + (1|item)", "poisson"),
    "gaussian": ("score ~ condition + (1|operator) + (1|item)", "gaussian"),
}
SCRIPT = """
suppressPackageStartupMessages(library(lme4))
d <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = TRUE)
cat(R.version.string, ", lme4 ", as.character(packageVersion("lme4")), "\\n", sep = "")
fits <- list(
  binomial = function() glmer(correct ~ condition + (1|operator) + (1|item), d, family = binomial),
  poisson = function() glmer(count ~ condition + (1|operator) + (1|item), d, family = poisson),
  gaussian = function() lmer(score ~ condition + (1|operator) + (1|item), d))
for (name in names(fits)) {
  used <- system.time(m <- fits[[name]]())
  cat(name, used["elapsed"], used["user.self"] + used["sys.self"], logLik(m), fixef(m), "\\n")
}
"""


def trials(seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    operator, item = (axis.ravel() for axis in np.meshgrid(range(OPERATORS), range(ITEMS), indexing="ij"))
    condition = (operator + item) % 4
    linear = 0.3 + np.array([0.6, 0.0, 0.9, 0.5])[condition]
    linear += rng.normal(0, 0.8, OPERATORS)[operator] + rng.normal(0, 0.6, ITEMS)[item]
    return pl.DataFrame(
        {
            "operator": [f"o{i}" for i in operator],
            "item": [f"i{i}" for i in item],
            "condition": CONDITIONS[condition],
            "correct": (rng.random(operator.size) < 1 / (1 + np.exp(-linear))).astype(np.int64),
            "count": rng.poisson(np.exp(0.5 * linear)),
            "score": linear + rng.normal(0, 1, operator.size),
        }
    )


def timed(function: Callable[[], Any], repeats: int = 3) -> tuple[float, float, Any]:
    """Wall seconds and the process's own, the best of some repeats."""
    walls, owns, result = [], [], None
    for _ in range(repeats):
        wall, own = time.perf_counter(), time.process_time()
        result = function()
        walls.append(time.perf_counter() - wall)
        owns.append(time.process_time() - own)
    return min(walls), min(owns), result


def lme4(table: pl.DataFrame) -> dict[str, list[float]]:
    """By model: seconds, the process's own, log-likelihood, coefficients; nothing where R or lme4 is not installed."""
    if shutil.which("Rscript") is None:
        print("Rscript is not installed: no comparison (Debian: apt install r-base-core r-cran-lme4)")
        return {}
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder) / "trials.csv", Path(folder) / "fit.R"
        table.write_csv(data)
        script.write_text(SCRIPT, "utf-8")
        run = subprocess.run(["Rscript", str(script), str(data)], capture_output=True, text=True, check=False)
    if run.returncode:
        print(f"lme4 could not be run: {run.stderr.strip()}")
        return {}
    version, *lines = run.stdout.strip().splitlines()
    print(version)
    return {name: [float(part) for part in rest] for name, *rest in map(str.split, lines)}


def main() -> None:
    table = trials()
    print(f"{table.height:,} trials of {OPERATORS} operators and {ITEMS} items")
    theirs = lme4(table)
    for name, (formula, family) in MODELS.items():
        wall, own, fit = timed(lambda f=formula, k=family: analysis.glmm(f, table, family=k))  # type: ignore[misc]
        print(f"{name:>9}: {wall:6.2f} s ({own:.2f} s of its own), log-likelihood {fit.log_likelihood:.4f}")
        if name in theirs:
            elapsed, used, likelihood, *fixed = theirs[name]
            gap = np.abs(np.array(fixed) - fit.fixed["estimate"].to_numpy()).max()
            print(f"     lme4: {elapsed:6.2f} s ({used:.2f} s of its own), log-likelihood {likelihood:.4f}")
            print(f"           {elapsed / wall:.1f} times as fast ({used / own:.1f}), estimates {gap:.1e} apart")


if __name__ == "__main__":
    main()
