"""Likelihoods of mixed models against dense algebra, quadrature, differences, and gpboost."""

import warnings
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_data import mixed_trials
from scipy import stats
from scipy.special import expit, logsumexp

from binome import analysis
from binome.analysis.mixed import crossed
from binome.analysis.mixed.climbing import climb, curvature
from binome.analysis.mixed.crossed import Block
from binome.analysis.mixed.kernels import Kernel, bernoulli, cumulative, poisson
from binome.analysis.mixed.laplace import Laplace, in_order, order_jacobian
from binome.analysis.mixed.linear import Linear

ROWS = 60
KERNELS: dict[str, tuple[Kernel, int]] = {
    "bernoulli": (bernoulli, 0),
    "poisson": (poisson, 0),
    "ordinal": (cumulative, 3),
}


def blocks_of(rng: np.random.Generator, rows: int = ROWS) -> list[Block]:
    """Two groups, one of them with a slope; the largest first."""
    large, small = rng.integers(0, 9, rows), rng.integers(0, 4, rows)
    return [
        Block(large, np.ones(rows), 9), Block(large, rng.normal(0, 1, rows), 9), Block(small, np.ones(rows), 4),
    ]  # fmt: skip


def dense(blocks: list[Block]) -> np.ndarray:
    return np.hstack([np.eye(b.levels)[b.codes] * b.values[:, None] for b in blocks])


def model_of(name: str, seed: int) -> tuple[Laplace, np.ndarray]:
    rng = np.random.default_rng(seed)
    kernel, thresholds = KERNELS[name]
    response = rng.integers(0, {"bernoulli": 2, "poisson": 6, "ordinal": 4}[name], ROWS).astype(float)
    point = np.concatenate([rng.normal(-0.3, 0.2, thresholds), rng.normal(0, 0.3, 2), rng.normal(-0.5, 0.5, 3)])
    return Laplace(response, rng.normal(0, 1, (ROWS, 2)), blocks_of(rng), kernel, thresholds), point


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_normal_equations_like_dense_algebra(seed: int) -> None:
    rng = np.random.default_rng(seed)
    blocks, weights, deviations = blocks_of(rng), rng.random(ROWS), rng.random(3)
    z, scale = dense(blocks), crossed.spread(blocks, deviations)
    matrix = np.eye(z.shape[1]) + scale[:, None] * (z.T * weights @ z) * scale
    found = crossed.factor(crossed.products(blocks, weights), scale)
    right = rng.normal(0, 1, (z.shape[1], 2))
    assert found.log_determinant == pytest.approx(np.linalg.slogdet(matrix)[1])
    assert crossed.solve(found, right) == pytest.approx(np.linalg.solve(matrix, right))
    assert crossed.solve(found, right[:, 0]) == pytest.approx(np.linalg.solve(matrix, right[:, 0]))
    leverage, diagonal = crossed.inverse_entries(found, blocks, deviations)
    inverse = np.linalg.inv(matrix)
    assert diagonal == pytest.approx(np.diag(inverse))
    assert leverage == pytest.approx(np.diag(z * scale @ inverse @ (z * scale).T))
    rows = rng.normal(0, 1, ROWS)
    assert crossed.gathered(blocks, rows) == pytest.approx(z.T @ rows)
    assert sum(crossed.expanded(blocks, right[:, 0])) == pytest.approx(z @ right[:, 0])


@pytest.mark.parametrize("name", KERNELS)
def test_gradient_like_differences(name: str) -> None:
    for seed in range(5):
        model, point = model_of(name, seed)
        gradient = model(point)[1]
        moves = np.eye(len(point)) * 1e-5
        numeric = [(model(point + move)[0] - model(point - move)[0]) / 2e-5 for move in moves]
        assert gradient == pytest.approx(numeric, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_like_scipy(name: str) -> None:
    rng = np.random.default_rng(3)
    kernel, thresholds = KERNELS[name]
    ends, predictor = np.sort(rng.normal(0, 1, thresholds)), rng.normal(0, 2, 40)
    response = rng.integers(0, 2 if name == "bernoulli" else 4, 40).astype(float)
    padded = np.concatenate([[-np.inf], ends, [np.inf]])

    def log_density(at: np.ndarray) -> np.ndarray:
        if name == "bernoulli":
            return stats.bernoulli.logpmf(response, expit(at))
        if name == "poisson":
            return stats.poisson.logpmf(response, np.exp(at))
        category = response.astype(int)
        return np.log(stats.logistic.cdf(padded[category + 1] - at) - stats.logistic.cdf(padded[category] - at))

    curve = kernel(response, predictor, ends)
    h = 1e-4
    low, here, high = log_density(predictor - h), log_density(predictor), log_density(predictor + h)
    assert curve.value == pytest.approx(here.sum())
    assert curve.slope == pytest.approx((high - low) / (2 * h), abs=1e-6, rel=1e-6)
    assert curve.weight == pytest.approx(-(high - 2 * here + low) / h**2, abs=1e-5, rel=1e-5)
    near, far = (kernel(response, predictor + step, ends).weight for step in (-h, h))
    assert curve.weight_slope == pytest.approx((far - near) / (2 * h), abs=1e-6, rel=1e-6)


@pytest.mark.parametrize(("name", "within"), [("bernoulli", 0.05), ("poisson", 0.03), ("ordinal", 0.05)])
def test_close_to_the_exact_likelihood_of_one_group(name: str, within: float) -> None:
    """Gauss–Hermite quadrature is exact; Laplace's approximation errs by a known, small amount for 30 rows a level."""
    rng = np.random.default_rng(5)
    kernel, thresholds = KERNELS[name]
    codes = np.repeat(np.arange(8), 30)
    base, deviation = rng.normal(0, 0.5, codes.size), 0.7
    response = rng.integers(0, {"bernoulli": 2, "poisson": 4, "ordinal": 4}[name], codes.size).astype(float)
    free = np.array([-0.5, 0.0, 0.1])[:thresholds]
    model = Laplace(response, base[:, None], [Block(codes, np.ones(codes.size), 8)], kernel, thresholds)
    value = model(np.concatenate([free, [1.0, np.log(deviation)]]))[0]
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    exact = 0.0
    for level in range(8):
        rows = codes == level
        terms = [kernel(response[rows], base[rows] + deviation * node, in_order(free)).value for node in nodes]
        exact += logsumexp(np.array(terms) + np.log(weights / weights.sum()))
    assert value == pytest.approx(exact, abs=within)


def test_thresholds_in_order() -> None:
    free = np.array([-1.0, 0.2, -3.0])
    ends = in_order(free)
    assert (np.diff(ends) > 0).all()
    numeric = [(in_order(free + move) - in_order(free - move)) / 2e-6 for move in np.eye(3) * 1e-6]
    assert order_jacobian(free) == pytest.approx(np.array(numeric).T, abs=1e-8)


def test_restricted_likelihood_like_dense_algebra() -> None:
    rng = np.random.default_rng(2)
    blocks, matrix, response = blocks_of(rng), rng.normal(0, 1, (ROWS, 2)), rng.normal(0, 2, ROWS)
    relative = np.array([0.5, 0.3, 0.8])
    z = dense(blocks) * crossed.spread(blocks, relative)
    covariance = np.eye(ROWS) + z @ z.T
    inverse = np.linalg.inv(covariance)
    inner = matrix.T @ inverse @ matrix
    fixed = np.linalg.solve(inner, matrix.T @ inverse @ response)
    left = response - matrix @ fixed
    freedom = ROWS - 2
    variance = left @ inverse @ left / freedom
    logs = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(inner)[1]
    expected = -(logs + freedom * (1 + np.log(2 * np.pi * variance))) / 2
    model = Linear(response, matrix, blocks)
    assert model(np.log(relative))[0] == pytest.approx(expected)
    ours, errors, residual = model.solved(np.log(relative))
    assert ours == pytest.approx(fixed)
    assert errors == pytest.approx(variance * np.linalg.inv(inner))
    assert residual == pytest.approx(np.sqrt(variance))


def test_climbing_a_known_hill() -> None:
    shape = np.array([[2.0, 0.5], [0.5, 1.0]])

    def hill(point: np.ndarray) -> tuple[float, np.ndarray]:
        away = point - np.array([1.0, -0.5])
        return float(-away @ shape @ away / 2), -shape @ away

    peak = climb(hill, np.zeros(2), 1)
    assert peak.point == pytest.approx([1, -0.5], abs=1e-5)
    assert peak.covariance == pytest.approx(np.linalg.inv(shape), rel=1e-5)
    assert peak.arrived
    assert curvature(lambda at: hill(at)[1], np.zeros(2)) == pytest.approx(shape)


def test_a_plain_is_no_summit() -> None:
    def plain(point: np.ndarray) -> tuple[float, np.ndarray]:
        return 0.0, np.zeros_like(point)

    peak = climb(plain, np.zeros(2), 1)
    assert not peak.arrived
    assert np.isnan(peak.covariance).all()


def gpboost_likelihood(
    trials: pl.DataFrame, matrix: np.ndarray, estimate: np.ndarray, sd: np.ndarray, kind: str
) -> float:
    import gpboost

    groups = np.column_stack([trials[name].rank("dense").to_numpy() for name in ("operator", "item")])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        make: Callable[..., gpboost.GPModel] = gpboost.GPModel
        model = make(group_data=groups, likelihood=kind, matrix_inversion_method="cholesky")
        column = {"bernoulli_logit": "correct", "poisson": "count"}[kind]
        response = trials[column].cast(pl.Float64).to_numpy()
        return -float(model.neg_log_likelihood(cov_pars=sd**2, y=response, fixed_effects=matrix @ estimate))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind"), [("correct", "bernoulli_logit"), ("count", "poisson")])
def test_likelihood_like_gpboost(name: str, kind: str) -> None:
    trials = mixed_trials()
    family = "poisson" if name == "count" else None
    fit = analysis.glmm(f"{name} ~ x + (1|operator) + (1|item)", trials, family=family)
    matrix = np.column_stack([np.ones(trials.height), trials["x"]])
    estimate, sd = fit.fixed["estimate"].to_numpy(), fit.random["sd"].to_numpy()
    assert fit.log_likelihood == pytest.approx(gpboost_likelihood(trials, matrix, estimate, sd, kind), abs=1e-5)
    # And it is a maximum of gpboost's, too.
    for place in range(2):
        for step in (-0.05, 0.05):
            moved = estimate + step * np.eye(2)[place]
            assert gpboost_likelihood(trials, matrix, moved, sd, kind) < fit.log_likelihood
            changed = sd * np.exp(step * np.eye(2)[place])
            assert gpboost_likelihood(trials, matrix, estimate, changed, kind) < fit.log_likelihood
