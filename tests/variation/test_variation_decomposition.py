"""Variance components against published tables, design matrices, and simulated data with known components."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from binome.core import BinomeError
from binome.variation.components.anova import anova, contrasts
from binome.variation.components.dependability import decision_study, e_rho2, facet_shares, phi
from binome.variation.components.measurement import Design

# Brennan 2001, Generalizability Theory: synthetic data sets 1 (p × i), 3 (p × i × o, by occasion then item) and
# 4 (p × (r:t), by task then rater), with the components and coefficients printed there.
BRENNAN_1 = np.array([
    [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
    [1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0], [1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0],
    [1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0],
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
])  # fmt: skip
BRENNAN_3 = np.array([
    [2, 4, 5, 5, 4, 4, 2, 3, 0, 6], [6, 5, 5, 9, 3, 4, 6, 4, 5, 8], [7, 6, 4, 8, 5, 4, 6, 4, 4, 7],
    [5, 7, 6, 6, 6, 7, 5, 5, 5, 6], [2, 6, 5, 5, 4, 6, 2, 6, 5, 6], [5, 7, 4, 7, 5, 4, 7, 6, 5, 8],
    [5, 5, 5, 7, 6, 7, 7, 6, 5, 8], [5, 7, 5, 6, 4, 8, 5, 4, 3, 6],
]).T.reshape(10, 2, 4)  # fmt: skip
BRENNAN_4 = np.array([
    [5, 9, 3, 7, 9, 3, 7, 5, 9, 4], [6, 3, 4, 5, 2, 4, 3, 8, 9, 4], [5, 7, 3, 5, 9, 3, 7, 5, 8, 4],
    [5, 7, 3, 3, 7, 5, 7, 7, 8, 3], [5, 7, 5, 3, 7, 3, 7, 7, 6, 3], [3, 5, 3, 1, 7, 3, 5, 5, 6, 5],
    [4, 5, 3, 4, 3, 6, 5, 5, 6, 6], [5, 5, 5, 3, 7, 3, 7, 4, 5, 5], [6, 7, 6, 5, 2, 4, 5, 3, 5, 5],
    [7, 7, 5, 3, 7, 5, 5, 2, 8, 7], [3, 5, 1, 3, 5, 1, 5, 1, 1, 1], [3, 2, 6, 5, 3, 2, 4, 1, 1, 1],
]).T.reshape(10, 3, 4)  # fmt: skip
# Shrout & Fleiss 1979, Psychological Bulletin 86: six targets, four judges.
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])

P_I = Design("p", ("i",))
P_O_I = Design("p", ("o", "i"))
P_R_IN_T = Design("p", ("t", "r"), {"r": ("t",)})
DESIGNS = [
    P_I,
    P_O_I,
    P_R_IN_T,
    Design("p", ("a", "b", "c")),
    Design("p", ("a", "b", "c"), {"b": ("a",)}),
    Design("p", ("a", "b", "c"), {"b": ("a",), "c": ("b",)}),
    Design("p", ("a", "b", "c"), {"c": ("a", "b")}),
]


@pytest.mark.parametrize(
    ("values", "design", "published", "n", "generalizability", "dependability"),
    [
        (BRENNAN_1, P_I, {"p": 0.0574, "i": 0.0754, "p:i,error": 0.1269}, {"i": 12}, 0.844, 0.773),
        (
            BRENNAN_3, P_O_I,
            {"p": 0.5528, "i": 0.4417, "o": 0.0074, "p:i": 0.5750, "p:o": 0.1009, "o:i": 0.1565, "p:o:i,error": 0.9352},
            {"i": 4, "o": 2}, 0.64, 0.55,
        ),
        (
            BRENNAN_4, P_R_IN_T, {"p": 0.4731, "t": 0.3252, "t:r": 0.6475, "p:t": 0.5596, "p:t:r,error": 2.3802},
            {"t": 3, "r": 4}, 0.55, 0.46,
        ),
    ],
)  # fmt: skip
def test_brennans_tables(values, design, published, n, generalizability, dependability):
    components = anova(values, design)
    found = dict(zip(design.terms, components, strict=True))
    assert found == pytest.approx(published, abs=5.1e-5)
    assert e_rho2(components, design, n) == pytest.approx(generalizability, abs=0.005)
    assert phi(components, design, n) == pytest.approx(dependability, abs=0.005)


def test_intraclass_correlations_of_shrout_and_fleiss():
    components = anova(SHROUT_FLEISS, P_I)
    published = {phi: {1: 0.29, 4: 0.62}, e_rho2: {1: 0.71, 4: 0.91}}
    for coefficient, values in published.items():
        for n, value in values.items():
            assert coefficient(components, P_I, {"i": n}) == pytest.approx(value, abs=0.005)


def brute_force(values, design):
    """Sums of squares as lengths of projections, expectations as traces: matrices of all cells."""
    cells = np.indices(values.shape).reshape(values.ndim, -1).T
    y = values.astype(float).ravel()

    def indicator(members):
        columns = [place for place, name in enumerate(design.factors) if name in members]
        groups = [tuple(cell[columns]) for cell in cells]
        return np.array([[float(one == other) for other in sorted(set(groups))] for one in groups])

    def projector(matrices):
        joined = np.hstack([np.ones((len(y), 1)), *matrices])
        return joined @ np.linalg.pinv(joined)

    squares, expected = [], []
    for one in design.sources:
        below = [indicator(other) for other in design.sources if other < one]
        form = projector([*below, indicator(one)]) - projector(below)
        squares.append(y @ form @ y)
        expected.append([np.trace(form @ indicator(other) @ indicator(other).T) for other in design.sources])
    return np.linalg.solve(np.array(expected), squares)


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_expected_mean_squares_by_design_matrices(design):
    values = np.random.default_rng(3).normal(size=(4, 3, 2, 2)[: len(design.factors)])
    np.testing.assert_allclose(anova(values, design), brute_force(values, design), atol=1e-10)


def simulated(design, shape, components, rng):
    """Values with the components given by term; nested effects are drawn anew within each parent."""
    values = np.zeros(shape)
    for one in design.sources:
        size = [count if name in one else 1 for name, count in zip(design.factors, shape, strict=True)]
        values = values + np.sqrt(components[design.name(one)]) * rng.normal(size=size)
    return values


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_estimates_are_unbiased(design):
    rng = np.random.default_rng(5)
    components = {name: 0.5 + place % 3 for place, name in enumerate(design.terms)}
    shape = (5, 4, 3, 3)[: len(design.factors)]
    found = np.stack([anova(simulated(design, shape, components, rng), design) for _ in range(200)])
    error = found.std(0) / np.sqrt(len(found))
    assert (np.abs(found.mean(0) - list(components.values())) < 4 * error).all()


shapes = st.sampled_from(DESIGNS).flatmap(
    lambda design: st.tuples(st.just(design), st.lists(st.integers(2, 4), min_size=4, max_size=4), st.integers(0, 99))
)


@settings(max_examples=40, deadline=None)
@given(shapes, st.floats(0.01, 100), st.floats(-1000, 1000))
def test_shift_scale_and_order_of_levels(case, scale, shift):
    design, sizes, seed = case
    rng = np.random.default_rng(seed)
    values = rng.normal(size=sizes[: len(design.factors)])
    components = anova(values, design)
    np.testing.assert_allclose(
        anova(values * scale + shift, design), components * scale**2, rtol=1e-6, atol=1e-9 * scale**2
    )
    for axis, count in enumerate(values.shape):
        shuffled = values.take(rng.permutation(count), axis)
        np.testing.assert_allclose(anova(shuffled, design), components, atol=1e-10)


def test_levels_of_a_nested_facet_mean_something_within_their_parent_only():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(5, 3, 4))
    shuffled = np.stack([values[:, t, rng.permutation(4)] for t in range(3)], axis=1)
    np.testing.assert_allclose(anova(shuffled, P_R_IN_T), anova(values, P_R_IN_T), atol=1e-12)
    assert not np.allclose(anova(shuffled, P_O_I), anova(values, P_O_I))


def test_a_batch_is_each_by_itself_and_values_stay_as_they_are():
    values = np.random.default_rng(1).normal(size=(3, 5, 2, 4)).astype(np.float32)
    kept = values.copy()
    found = anova(values, P_O_I)
    np.testing.assert_array_equal(found, np.stack([anova(one, P_O_I) for one in values]))
    assert found.dtype == np.float64
    np.testing.assert_array_equal(values, kept)


def test_terms_of_nested_designs():
    design = Design("pixel", ("method", "setting", "seed"), {"setting": ("method",), "seed": ("setting",)})
    assert design.terms == (
        "pixel", "method", "pixel:method", "method:setting", "pixel:method:setting", "method:setting:seed",
        "pixel:method:setting:seed,error",
    )  # fmt: skip
    assert design.without(["setting"]).terms == (
        "pixel", "method", "pixel:method", "method:seed", "pixel:method:seed,error",
    )  # fmt: skip


def test_drawing_objects_with_replacement_is_corrected():
    """By hand for p × i: variances times n / (n − 1), and the means' noise counted twice."""
    rng = np.random.default_rng(2)
    values = rng.normal(size=(7, 3)) + rng.normal(size=(7, 1)) + rng.normal(size=3)
    drawn = rng.integers(0, 7, (4000, 7))
    counts = np.stack([np.bincount(one, minlength=7) for one in drawn]).astype(float)
    found = contrasts(values, P_I).resampled(counts)
    for draw, row in zip(drawn[:20], found[:20], strict=True):
        again = values[draw]
        of_items = 7 * again.mean(0).var(ddof=1)
        rest = again - again.mean(0) - again.mean(1, keepdims=True) + again.mean()
        error = (rest**2).sum() / 12 * 7 / 6
        of_objects = 3 * again.mean(1).var(ddof=1) * 7 / 6
        expected = [(of_objects - error) / 3, (of_items - error * 13 / 7) / 7, error]
        np.testing.assert_allclose(row, expected, atol=1e-12)
    spread = found.std(0) / np.sqrt(len(found))
    assert (np.abs(found.mean(0) - anova(values, P_I)) < 4 * spread).all()
    np.testing.assert_allclose(contrasts(values, P_I).components, anova(values, P_I))


@pytest.mark.parametrize(
    ("values", "design", "says"),
    [
        (np.zeros((1, 3)), P_I, "'p' has 1 level"),
        (np.zeros((3, 1)), P_I, "'i' has 1 level; one level carries no variance"),
        (np.full((3, 3), np.nan), P_I, "9 of 9 values are missing"),
        (np.zeros((3, 3, 3, 3, 3)), P_I, "give 2 axes: p, i"),
        (np.zeros((0, 3, 3)), P_I, "the batch is empty"),
    ],
)
def test_values_that_cannot_be_decomposed(values, design, says):
    with pytest.raises(BinomeError, match=says):
        anova(values, design)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("p", ()), "nothing to vary over"),
        (("p", ("a", "a")), "'a' comes twice"),
        (("p", ("a:b",)), "cannot name a factor"),
        (("p", ("seed",), {"sead": ("seed",)}), "did you mean 'seed'"),
        (("p", ("a", "b"), {"a": ("b",), "b": ("a",)}), "lies within itself"),
        (("p", ("a", "b"), {"a": ("p",)}), "unknown facet 'p'"),
    ],
)
def test_designs_that_mean_nothing(arguments, says):
    with pytest.raises(BinomeError, match=says):
        Design(*arguments)


def test_coefficients_by_hand():
    components = dict(zip(P_R_IN_T.terms, [4.0, 1.0, 2.0, 0.5, 6.0], strict=True))
    assert components == {"p": 4, "t": 1, "p:t": 2, "t:r": 0.5, "p:t:r,error": 6}
    values = np.array(list(components.values()))
    n = {"t": 2, "r": 3}
    assert e_rho2(values, P_R_IN_T, n) == pytest.approx(4 / (4 + 2 / 2 + 6 / 6))
    assert phi(values, P_R_IN_T, n) == pytest.approx(4 / (4 + 2 / 2 + 6 / 6 + 1 / 2 + 0.5 / 6))
    # A given task: what is to be known is the object on it, and the task's own level is no error.
    assert phi(values, P_R_IN_T, {"r": 3}, fixed=["t"]) == pytest.approx(6 / (6 + 0.5 / 3 + 6 / 3))
    assert e_rho2(values, P_R_IN_T, {"r": 3}, fixed=["t"]) == pytest.approx(6 / (6 + 6 / 3))
    np.testing.assert_allclose(facet_shares(values, P_R_IN_T), [8 / 12, 6 / 12])
    values[2] = -9
    assert phi(values, P_R_IN_T) == pytest.approx(4 / (4 + 1 + 0 + 0.5 + 6))
    assert phi(np.stack([values, values]), P_R_IN_T).shape == (2,)
    assert np.isnan(phi(np.zeros(5), P_R_IN_T))
    assert np.isnan(facet_shares(np.zeros(5), P_R_IN_T)).all()
    assert np.isnan(phi([np.nan, 1, 1, 1, 1], P_R_IN_T))


def test_stability_is_the_correlation_of_observations_that_differ_in_one_facet():
    rng = np.random.default_rng(7)
    components = dict(zip(P_O_I.terms, [1.0, 0.3, 0.2, 0.7, 0.4, 0.1, 0.5], strict=True))
    values = simulated(P_O_I, (20000, 2, 2), components, rng)
    stability = 1 - facet_shares(list(components.values()), P_O_I)
    assert np.corrcoef(values[:, 0, 0], values[:, 1, 0])[0, 1] == pytest.approx(stability[0], abs=0.03)
    assert np.corrcoef(values[:, 0, 0], values[:, 0, 1])[0, 1] == pytest.approx(stability[1], abs=0.03)


numbers = st.floats(0, 10).map(lambda value: round(value, 2))


@settings(max_examples=150, deadline=None)
@given(st.lists(numbers, min_size=5, max_size=5), st.sampled_from(["t", "r"]), st.floats(0.05, 0.95), st.integers(1, 4))
def test_decision_study_counts_as_a_loop_does(components, facet, target, others):
    other = {"t": "r", "r": "t"}[facet]
    found = decision_study(components, P_R_IN_T, facet, target, most=60, n={other: others})
    values = [float(phi(components, P_R_IN_T, {other: others, facet: k})) for k in range(1, 61)]
    reached = [k for k, value in enumerate(values, 1) if value >= target]
    assert found.levels == (reached[0] if reached else None)
    assert found.phi == pytest.approx(values[(found.levels or 60) - 1], nan_ok=True)
    assert found.limit == pytest.approx(float(phi(components, P_R_IN_T, {other: others, facet: 10**15})), nan_ok=True)


def test_decision_study_that_reaches_its_target_exactly_and_one_that_cannot():
    assert decision_study([1, 0, 2], P_I, "i", target=0.8).levels == 8
    unreachable = decision_study([1, 0, 1, 0, 1], P_R_IN_T, "r", target=0.8)
    assert (unreachable.levels, unreachable.limit) == (None, 0.5)
    assert decision_study([1, 0, 1, 0, 1], P_R_IN_T, "r", target=0.8, fixed=["t"]).levels == 2
    for arguments, says in [
        (("p",), "unknown facet"),
        (("r", 1.0), "between 0 and 1"),
        (("r", 0.8, 0), "give 1 or more"),
    ]:
        with pytest.raises(BinomeError, match=says):
            decision_study([1, 0, 1, 0, 1], P_R_IN_T, *arguments)
    with pytest.raises(BinomeError, match="is fixed"):
        decision_study([1, 0, 1, 0, 1], P_R_IN_T, "r", fixed=["r"])
    with pytest.raises(BinomeError, match="give 5, one a term"):
        phi([1, 2], P_R_IN_T)
    with pytest.raises(BinomeError, match="n of 'r' is 0"):
        phi([1, 0, 1, 0, 1], P_R_IN_T, {"r": 0})


def test_every_cell_is_in_one_term():
    for design in DESIGNS:
        closed = [
            set(one)
            for size in range(1, len(design.factors) + 1)
            for one in itertools.combinations(design.factors, size)
            if all(design.parents(name) <= set(one) for name in one)
        ]
        assert len(closed) == len(design.terms) == len(set(design.terms))
