"""Trials from which the figures in `lme4/` were made: `python mixed_data.py > trials.csv`."""

import sys

import numpy as np
import polars as pl

OPERATORS, ITEMS = 30, 16


def mixed_trials(seed: int = 20260107) -> pl.DataFrame:
    """30 operators × 16 items; a response of each family, with crossed, nested and slope effects in each."""
    rng = np.random.default_rng(seed)
    operator, item = (axis.ravel() for axis in np.meshgrid(range(OPERATORS), range(ITEMS), indexing="ij"))
    size = operator.size
    session = item // (ITEMS // 4)
    condition = (operator + item) % 3
    expert = operator % 2
    x = rng.normal(0, 1, size).round(3)
    age = rng.normal(40, 12, OPERATORS).round()
    random = (
        rng.normal(0, 0.8, OPERATORS)[operator]
        + rng.normal(0, 0.5, (OPERATORS, 4))[operator, session]
        + rng.normal(0, 0.6, ITEMS)[item]
        + rng.normal(0, 0.4, OPERATORS)[operator] * x
    )
    effect = np.array([0.0, 0.5, 0.9])[condition] + 0.4 * expert + 0.3 * expert * (condition == 2) + 0.25 * x
    linear = effect + random
    latent = linear + rng.logistic(0, 1, size)
    return pl.DataFrame(
        {
            "operator": [f"o{i:02}" for i in operator],
            "item": [f"i{i:02}" for i in item],
            "session": [f"s{i}" for i in session],
            "condition": np.array(["alone", "advised", "explained"])[condition],
            "expertise": np.array(["novice", "expert"])[expert],
            "x": x,
            "age": age[operator],
            "number": np.arange(size),
            "correct": (latent > 0.3).astype(np.int64),
            "score": (50 + 10 * (linear + rng.normal(0, 1, size))).round(4),
            "seconds": np.exp(1 + 0.4 * linear + rng.normal(0, 0.5, size)).round(4),
            "count": rng.poisson(np.exp(0.3 + 0.5 * linear)),
            "opened": rng.poisson(np.exp(0.3 + 0.5 * linear + rng.normal(0, 0.6, size))),
            "rating": 1 + np.digitize(latent, [-1.0, 0.2, 1.2, 2.4]),
        }
    )


if __name__ == "__main__":
    mixed_trials().write_csv(sys.stdout.buffer)
