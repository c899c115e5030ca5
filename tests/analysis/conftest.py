"""Trials that the tests of the analysis share, made from fixed seeds."""

import numpy as np
import polars as pl
import pytest

CONDITIONS = np.array(["alone", "advised", "explained"])


def simulated_trials(seed: int, operators: int = 12, items: int = 8, classes: int = 3) -> pl.DataFrame:
    """Within-subject trials: no advice in `alone`, several classes, times, confidences, delegations, missing finals."""
    rng = np.random.default_rng(seed)
    operator, item, condition = (
        axis.ravel() for axis in np.meshgrid(range(operators), range(items), range(3), indexing="ij")
    )
    size = operator.size
    truth = rng.integers(0, classes, size)

    def answer(share: float) -> np.ndarray:
        return np.where(rng.random(size) < share, truth, rng.integers(0, classes, size))

    initial, advice = answer(0.5), answer(0.6)
    final = np.where(rng.random(size) < 0.5, advice, np.where(rng.random(size) < 0.8, initial, answer(0.3)))
    labels = np.array(["cat", "dog", "None", "owl"])
    alone = pl.Series(condition == 0)
    return pl.DataFrame(
        {
            "operator": [f"p{i:02}" for i in operator],
            "item": [f"i{i}" for i in item],
            "condition": CONDITIONS[condition],
            "position": item + items * condition,
            "truth": labels[truth],
            "advice": labels[advice],
            "advice_shown": ~alone,
            "initial": pl.Series(labels[initial]).set(alone, None),
            "final": pl.Series(labels[final]).set(pl.Series(rng.random(size) < 0.04), None),
            "final_confidence": rng.random(size),
            "initial_seconds": pl.Series(rng.lognormal(1, 0.5, size)).set(alone, None),
            "final_seconds": rng.lognormal(1, 0.5, size),
            "delegated": rng.random(size) < 0.2,
        }
    )


@pytest.fixture(scope="session")
def trials() -> pl.DataFrame:
    return simulated_trials(0)
