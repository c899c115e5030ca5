"""The Bayesian route: the same tables as by likelihood; bambi is not among the tests' own packages."""

import importlib.util

import numpy as np
import polars as pl
import pytest
from mixed_data import mixed_trials

from binome import analysis
from binome.analysis.mixed.bayes import Posterior, _about, _summed
from binome.core import BinomeError, UnknownNameError

INSTALLED = importlib.util.find_spec("bambi") is not None


@pytest.mark.skipif(INSTALLED, reason="bambi is installed")
def test_without_bambi() -> None:
    with pytest.raises(BinomeError, match=r"pip install 'binome\[bayes\]'"):
        analysis.glmm("score ~ condition + (1|operator)", mixed_trials(), route="bayes")


def test_a_route_that_does_not_exist() -> None:
    with pytest.raises(UnknownNameError, match="unknown route 'bayesian'; did you mean 'bayes'"):
        analysis.glmm("score ~ condition + (1|operator)", mixed_trials(), route="bayesian")  # type: ignore[arg-type]


def posterior(**changes: float) -> Posterior:
    draws = np.random.default_rng(0).normal(1, 2, (4000, 2))
    worth = {"r_hat": 1.0, "effective": 2000.0, "divergent": 0, **changes}
    return Posterior(np.empty((4000, 0)), draws, np.ones((4000, 1)), None, **worth)  # type: ignore[arg-type]


def test_limits_are_quantiles_and_there_is_no_p() -> None:
    table = pl.DataFrame(
        {"term": ["a", "lost", "b"], "estimate": [1.0, None, 1.0], "z": [1.0, None, 2.0], "p": [0.1, None, 0.2]}
    )
    found = posterior()
    summed = _summed(table, found.fixed)
    assert summed["low"].to_list() == pytest.approx([1 - 1.96 * 2, None, 1 - 1.96 * 2], abs=0.25)
    assert summed["high"][0] == pytest.approx(np.quantile(found.fixed[:, 0], 0.975))
    assert summed["low"][1] is None
    assert summed["p"].null_count() == summed["z"].null_count() == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "R-hat is 1.000 at most, the effective number of draws 2000 at least"),
        ({"r_hat": 1.2}, "did not mix"),
        ({"effective": 20.0}, "did not mix"),
        ({"divergent": 3}, "3 transitions of the sampler diverged"),
    ],
)
def test_convergence_is_said_aloud(changes: dict[str, float], said: str) -> None:
    messages = _about(posterior(**changes))
    assert any(said in message for message in messages)
    assert len(messages) == 1 + bool(changes)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("formula", "family"),
    [("score ~ condition + (1 + x|operator)", "gaussian"), ("rating ~ condition + (1|operator)", "ordinal")],
)
def test_like_the_likelihood(formula: str, family: str) -> None:
    pytest.importorskip("bambi")
    trials, reference = mixed_trials(), {"condition": "alone"}
    bayes = analysis.glmm(formula, trials, family=family, reference=reference, route="bayes", seed=1)
    known = analysis.glmm(formula, trials, family=family, reference=reference)
    assert bayes.converged
    assert bayes.method == "Bayes"
    for ours, theirs in ((bayes.fixed, known.fixed), (bayes.contrasts, known.contrasts)):
        assert ours.columns == theirs.columns
        away = (ours["estimate"].to_numpy() - theirs["estimate"].to_numpy()) / theirs["se"].to_numpy()
        assert np.abs(away).max() < 0.25
        assert ours["se"].to_list() == pytest.approx(theirs["se"].to_list(), rel=0.2)
    assert bayes.marginal.columns == known.marginal.columns
    assert bayes.random["sd"].to_list() == pytest.approx(known.random["sd"].to_list(), rel=0.35)
    assert bayes.thresholds["estimate"].to_list() == pytest.approx(known.thresholds["estimate"].to_list(), abs=0.15)
    if family == "gaussian":
        assert bayes.residual == pytest.approx(known.residual, rel=0.05)
