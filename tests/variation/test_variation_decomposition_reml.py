"""REML against ANOVA where both apply, against dense likelihoods maximised otherwise, and known components."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from binome.core import BinomeError
from binome.variation.components.anova import anova, contrasts
from binome.variation.components.measurement import Design
from binome.variation.components.reml import reml

CROSSED = Design("p", ("a", "b"))
NESTED = Design("p", ("a", "b"), {"b": ("a",)})
DEEP = Design("p", ("a", "b", "c"), {"b": ("a",), "c": ("b",)})
MIXED = Design("p", ("a", "b", "c"), {"b": ("a",)})
DESIGNS = [CROSSED, NESTED, DEEP, MIXED]


def simulated(design, shape, components, seed):
    rng = np.random.default_rng(seed)
    values = np.zeros(shape)
    for one in design.sources:
        size = [count if name in one else 1 for name, count in zip(design.factors, shape, strict=True)]
        values = values + np.sqrt(components.get(design.name(one), 1.0)) * rng.normal(size=size)
    return values


def positive(design, shape):
    """Simulated values with no negative ANOVA estimate."""
    for seed in range(200):
        values = simulated(design, shape, {}, seed)
        if (anova(values, design) > 0).all():
            return values
    raise AssertionError("no such values")


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_equals_anova_on_complete_values(design):
    values = positive(design, (8, 4, 3, 3)[: len(design.factors)])
    found = reml(values * 7 + 100, design)
    assert found.converged
    assert (found.missing, found.unidentified, dict(found.design.pooled)) == (0, (), {})
    np.testing.assert_allclose(found.components, anova(values * 7, design), rtol=1e-6)


@pytest.mark.parametrize("design", [NESTED, MIXED], ids=str)
def test_resamples_equal_those_of_anova_on_complete_values(design):
    values = positive(design, (20, 4, 3, 3)[: len(design.factors)])
    counts = np.random.default_rng(0).multinomial(20, np.full(20, 1 / 20), size=60).astype(float)
    expected = contrasts(values, design).resampled(counts)
    alike = (expected > 0).all(1)
    assert alike.sum() > 10
    np.testing.assert_allclose(reml(values, design).resampled(counts)[alike], expected[alike], rtol=1e-5)


def dense(values, design):
    """Both stages with matrices of all cells, maximised by differences of the likelihood: L-BFGS-B."""
    cells = np.argwhere(~np.isnan(values))
    y = values[tuple(cells.T)]
    axis = {name: place for place, name in enumerate(design.factors)}

    def same(members, rows):
        columns = rows[:, [axis[name] for name in members]]
        return (columns[:, None] == columns[None]).all(-1).astype(float)

    def highest(kernels, x, y, noise):
        def loss(log):
            v = noise + sum(np.exp(one) * kernel for one, kernel in zip(log, kernels, strict=True))
            inverse = np.linalg.inv(v)
            inner = x.T @ inverse @ x
            p = inverse - inverse @ x @ np.linalg.solve(inner, x.T @ inverse)
            return (np.linalg.slogdet(v)[1] + np.linalg.slogdet(inner)[1] + y @ p @ y) / 2

        start = np.zeros(len(kernels))
        bounds = [(-16, 8)] * len(kernels)
        return np.exp(minimize(loss, start, bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-7}).x)

    configurations = np.unique(cells[:, 1:], axis=0)
    x = (cells[:, None, 1:] == configurations[None]).all(-1).astype(float)
    related = [one for one in design.sources if design.object in one]
    within = highest([same(one, cells) for one in related], x, y, 0)
    v = sum(one * same(members, cells) for one, members in zip(within, related, strict=True))
    noise = np.linalg.inv(x.T @ np.linalg.solve(v, x))
    means = noise @ x.T @ np.linalg.solve(v, y)
    others = [one for one in design.sources if design.object not in one]
    rows = np.column_stack([np.zeros(len(configurations), int), configurations])
    between = highest([same(one, rows) for one in others], np.ones((len(means), 1)), means, noise)
    named = dict(zip(map(design.name, [*related, *others]), [*within, *between], strict=True))
    return np.array([named[name] for name in design.terms])


def scattered(values, share, seed):
    values = values.copy()
    values[np.random.default_rng(seed).random(values.shape) < share] = np.nan
    return values


def without_configurations(values):
    values = values.copy()
    values[:, 0, 1:] = np.nan
    values[:, 2, 0] = np.nan
    return values


@pytest.mark.parametrize("design", [CROSSED, NESTED], ids=str)
@pytest.mark.parametrize("gaps", [lambda v: scattered(v, 0.2, 1), without_configurations], ids=["cells", "columns"])
def test_equals_dense_likelihoods_where_values_are_missing(design, gaps):
    values = gaps(simulated(design, (7, 3, 3), {}, 4))
    found = reml(values, design)
    assert found.converged
    assert found.missing == np.isnan(values).sum()
    np.testing.assert_allclose(found.components, dense(values, design), rtol=2e-3, atol=1e-4)


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_recovers_known_components_with_missing_configurations_and_cells(design):
    components = {name: 0.4 + place % 3 for place, name in enumerate(design.terms)}
    shape = (60, 7, 6, 3)[: len(design.factors)]
    found = []
    for seed in range(8):
        values = simulated(design, shape, components, seed)
        values[:, 0, 2:] = np.nan  # a method with fewer settings
        values[3:5, 1] = np.nan  # a method that failed on two items
        found.append(reml(values, design).components)
    found = np.array(found)
    error = found.std(0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(0) - list(components.values())) < 5 * error + 0.02).all()


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 999), st.floats(1e-3, 1e3), st.floats(-100, 100))
def test_shift_scale_and_order(seed, scale, shift):
    rng = np.random.default_rng(seed)
    values = scattered(rng.normal(size=(9, 3, 3)) + rng.normal(size=(9, 1, 1)), 0.1, seed)
    components = reml(values, CROSSED).components
    np.testing.assert_allclose(
        reml(values * scale + shift, CROSSED).components, components * scale**2, rtol=1e-4, atol=1e-5 * scale**2
    )
    for axis, count in enumerate(values.shape):
        shuffled = values.take(rng.permutation(count), axis)
        np.testing.assert_allclose(reml(shuffled, CROSSED).components, components, rtol=1e-4, atol=1e-5)


def test_no_component_is_negative():
    values = np.random.default_rng(0).normal(size=(10, 4, 3))
    assert (anova(values, CROSSED) < 0).any()
    found = reml(values, CROSSED)
    assert found.converged
    assert (found.components >= 0).all()


def latin(seed=0):
    design = Design("p", ("a", "b", "c"))
    values = simulated(design, (40, 3, 3, 3), {"p:a": 2.0, "p:a:b": 0.5}, seed)
    a, b, c = np.indices((3, 3, 3))
    values[:, (a + b + c) % 3 != 0] = np.nan
    return values, design


def test_a_fraction_of_a_factorial_pools_what_it_cannot_tell_apart():
    """Nine of 27 configurations, a Latin square: every two-way interaction separates all of them, as the error does."""
    values, design = latin()
    found = reml(values, design)
    error = "p:a:b:c,error"
    assert dict(found.design.pooled) == {
        "p:a:b": error, "p:a:c": error, "p:b:c": error, "a:b": "a:b:c", "a:c": "a:b:c", "b:c": "a:b:c",
    }  # fmt: skip
    assert found.design.terms == ("p", "a", "b", "c", "p:a", "p:b", "p:c", "a:b:c", error)
    assert found.converged
    assert not found.unidentified
    pooled = np.mean([reml(*latin(seed)).components[[4, 8]] for seed in range(12)], axis=0)
    np.testing.assert_allclose(pooled, [2, 3.5], rtol=0.15)  # p:a; error, p:a:b, p:a:c and p:b:c together


def test_terms_that_cells_do_not_determine_are_named():
    """Two configurations of a 2 × 2: a, b and both change together."""
    values = np.random.default_rng(0).normal(size=(12, 2, 2))
    values[:, 0, 1] = values[:, 1, 0] = np.nan
    found = reml(values, CROSSED)
    assert dict(found.design.pooled) == {
        "p:a": "p:a:b,error", "p:b": "p:a:b,error", "a": "a:b", "b": "a:b",
    }  # fmt: skip
    # Each object in one configuration of its own pair: objects and their error cannot be told apart.
    values = np.full((8, 2, 2), np.nan)
    rng = np.random.default_rng(1)
    for row in range(8):
        values[row, row % 2, row // 2 % 2] = rng.normal()
    found = reml(values, CROSSED)
    assert dict(found.design.pooled) == dict.fromkeys(("p", "p:a", "p:b"), "p:a:b,error")


def test_terms_known_in_sums_only_are_lost():
    """Each object in one of two pairs of configurations: what p and the error share is what p:a and p:b share."""
    values = np.random.default_rng(0).normal(size=(20, 2, 2))
    values[:, 1, 1] = values[::2, 0, 1] = values[1::2, 1, 0] = np.nan
    found = reml(values, CROSSED)
    assert found.unidentified == ("p", "p:a", "p:b", "p:a:b,error")
    assert np.isnan(found.components).tolist() == [name in found.unidentified for name in CROSSED.terms]
    assert np.isnan(found.resampled(np.ones((2, 20)))[:, 0]).all()


def test_values_without_error_and_values_without_variance():
    rng = np.random.default_rng(0)
    additive = rng.normal(size=(9, 1, 1)) + rng.normal(size=(1, 4, 1)) + rng.normal(size=(1, 1, 3))
    additive[0, 0, 0] = np.nan
    found = dict(zip(CROSSED.terms, reml(additive, CROSSED).components, strict=True))
    assert found["p:a:b,error"] == pytest.approx(0, abs=1e-7)
    assert found["p"] > 0.1
    constant = np.ones((4, 3, 2))
    constant[0, 0, 0] = np.nan
    np.testing.assert_array_equal(reml(constant, CROSSED).components, 0)


def test_empty_objects_and_configurations_do_not_count():
    values = scattered(simulated(CROSSED, (8, 3, 3), {}, 2), 0.1, 3)
    wider = np.full((9, 3, 3), np.nan)
    wider[:8] = values
    found = reml(wider, CROSSED)
    assert (found.objects, found.configurations) == (8, 9)
    np.testing.assert_allclose(found.components, reml(values, CROSSED).components)


def one_seed_only(values):
    values[:, :, 1:] = np.nan
    return values


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.full((3, 2, 2), np.nan), "'p' has 0 of its 3 levels"),
        (one_seed_only(np.ones((3, 2, 2))), "'b' has 1 of its 2 levels observed; leave it out"),
        (np.full((3, 2, 2), np.inf), "infinite"),
        (np.ones((1, 2, 2)), "'p' has 1 level"),
        (np.where(np.eye(4).reshape(4, 2, 2) > 0, 1.0, np.nan), "no two levels of 'p' share a configuration"),
    ],
)
def test_values_that_cannot_be_decomposed(values, says):
    with pytest.raises(BinomeError, match=says):
        reml(values, CROSSED)
