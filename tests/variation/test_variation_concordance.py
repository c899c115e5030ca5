import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from binome import variation
from binome.core import BinomeError

NAN = np.nan

# Shrout & Fleiss 1979, table 2: six targets (columns here) rated by four judges (rows).
SHROUT = [[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]]

# Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section D: 4 observers, 12 units, 5 values.
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]


@pytest.mark.parametrize(("kind", "expected"), [("2,1", 0.29), ("2,k", 0.62)])
def test_icc_of_the_published_table(kind, expected):
    assert variation.icc(SHROUT, kind) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(("level", "expected"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_the_published_table(level, expected):
    assert variation.krippendorff_alpha(KRIPPENDORFF, level) == pytest.approx(expected, abs=0.0005)


ratings = st.integers(2, 5).flatmap(
    lambda raters: st.lists(st.lists(st.integers(0, 4), min_size=raters, max_size=raters), min_size=3, max_size=7).map(
        lambda rows: np.array(rows, dtype=float).T
    )
)


@settings(max_examples=80, deadline=None)
@given(ratings.filter(lambda table: table.shape[0] >= 3))
def test_w_is_friedman_s_statistic(scores):
    raters, objects = scores.shape
    found = variation.kendall_w(scores)
    if (np.ptp(scores, axis=1) == 0).all():
        assert np.isnan(found)
        return
    chi = stats.friedmanchisquare(*scores.T).statistic
    assert found == pytest.approx(chi / (raters * (objects - 1)), abs=1e-12)


@settings(max_examples=80, deadline=None)
@given(ratings)
def test_w_is_a_mean_of_spearman_correlations(scores):
    raters = len(scores)
    if (np.ptp(scores, axis=1) == 0).any() or (np.ptp(np.sort(scores, axis=1), axis=0) > 0).any():
        scores = scores.argsort(axis=1).argsort(axis=1).astype(float)  # without ties: the relation holds exactly
    pairs = [stats.spearmanr(a, b).statistic for a, b in itertools.combinations(scores, 2)]
    assert variation.kendall_w(scores) == pytest.approx((np.mean(pairs) * (raters - 1) + 1) / raters, abs=1e-12)


def test_w_of_agreement_opposition_and_missing_scores():
    up = [1.0, 2.0, 3.0]
    assert variation.kendall_w([up, up, [10, 20, 90]]) == pytest.approx(1)
    assert variation.kendall_w([up, up[::-1]]) == pytest.approx(0)
    assert variation.kendall_w([up, up, [3, NAN, 1]]) == pytest.approx(1)  # an incomplete rater is left out
    assert np.isnan(variation.kendall_w([up, [3, NAN, 1]]))
    assert np.isnan(variation.kendall_w([up]))
    assert np.isnan(variation.kendall_w([[1, 1, 1], [2, 2, 2]]))


def delta(level, c, k, values):
    if level == "nominal":
        return float(c != k)
    if level == "interval":
        return (c - k) ** 2
    low, high = min(c, k), max(c, k)
    between = sum(v for g, v in values.items() if low <= g <= high)
    return (between - (values[low] + values[high]) / 2) ** 2 if c != k else 0.0


def alpha_by_coincidences(table, level):
    """From the coincidence matrix, as Krippendorff computes it."""
    units = [[v for v in column if not np.isnan(v)] for column in np.array(table).T]
    units = [unit for unit in units if len(unit) > 1]
    seen = sorted({v for unit in units for v in unit})
    matrix = dict.fromkeys(itertools.product(seen, seen), 0.0)
    for unit in units:
        for (i, c), (j, k) in itertools.product(enumerate(unit), repeat=2):
            if i != j:
                matrix[c, k] += 1 / (len(unit) - 1)
    values = {c: sum(matrix[c, k] for k in seen) for c in seen}
    n = sum(values.values())
    observed = sum(o * delta(level, c, k, values) for (c, k), o in matrix.items())
    expected = sum(values[c] * (values[k] - (c == k)) * delta(level, c, k, values) for c in seen for k in seen)
    return 1 - (n - 1) * observed / expected if expected else NAN


@settings(max_examples=100, deadline=None)
@given(ratings, st.sampled_from(["nominal", "ordinal", "interval"]), st.randoms(use_true_random=False))
def test_alpha_with_missing_values_against_coincidences(table, level, random):
    for place in itertools.product(*map(range, table.shape)):
        if random.random() < 0.3:
            table[place] = NAN
    found = variation.krippendorff_alpha(table, level)
    assert found == pytest.approx(alpha_by_coincidences(table, level), abs=1e-10, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(ratings)
def test_icc_against_sums_of_squares(table):
    k, n = table.shape
    cells = table.T
    total = ((cells - cells.mean()) ** 2).sum()
    objects = k * ((cells.mean(1) - cells.mean()) ** 2).sum()
    judges = n * ((cells.mean(0) - cells.mean()) ** 2).sum()
    b, j, e = objects / (n - 1), judges / (k - 1), (total - objects - judges) / ((n - 1) * (k - 1))
    single, mean = b + (k - 1) * e + k * (j - e) / n, b + (j - e) / n
    for kind, below in (("2,1", single), ("2,k", mean)):
        if abs(below) > 1e-6:
            assert variation.icc(table, kind) == pytest.approx((b - e) / below, abs=1e-6)
    if np.ptp(table) == 0:
        assert np.isnan(variation.icc(table))


def test_icc_recovers_known_components():
    generator = np.random.default_rng(0)
    objects, raters, rest = generator.normal(size=4000) * 2, generator.normal(size=(60, 1)), 1.0
    scores = objects + raters + rest * generator.normal(size=(60, 4000))
    spread = raters.var(ddof=1)
    assert variation.icc(scores) == pytest.approx(4 / (4 + spread + 1), abs=0.02)
    assert variation.icc(scores, "2,k") == pytest.approx(4 / (4 + (spread + 1) / 60), abs=0.005)


def test_icc_leaves_out_objects_that_not_all_rated():
    holed = np.array(SHROUT, dtype=float)
    holed[2, 1] = NAN
    assert variation.icc(holed) == pytest.approx(variation.icc(np.delete(SHROUT, 1, axis=1)), abs=1e-12)
    assert np.isnan(variation.icc(np.full((3, 4), NAN)))
    assert np.isnan(variation.icc([[1, 2, 3]]))
    assert np.isnan(variation.icc([[1, NAN, 3], [1, 2, NAN]]))


FUNCTIONS = {
    "w": variation.kendall_w,
    "icc": variation.icc,
    "icc mean": lambda values: variation.icc(values, "2,k"),
    **{level: (lambda values, level=level: variation.krippendorff_alpha(values, level))
       for level in ("nominal", "ordinal", "interval")},
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_leading_axes_tensors_and_the_unit(name):
    function = FUNCTIONS[name]
    generator = np.random.default_rng(1)
    scores = generator.integers(0, 6, size=(2, 3, 4, 8)).astype(float)
    scores[0, 1, 2, 3] = scores[1, 1, 0, 0] = NAN
    scores[1, 2] = 0.1  # nothing varies, though its mean is not 0.1 in floating-point numbers
    kept = scores.copy()
    found = function(scores)
    assert found.shape == (2, 3)
    assert found.dtype == np.float64
    single = [[float(function(table)) for table in row] for row in scores]
    np.testing.assert_allclose(found, single, rtol=1e-12)
    assert np.isnan(found).tolist() == [[False] * 3, [False, False, True]]
    np.testing.assert_allclose(function(torch.tensor(scores)), found)
    np.testing.assert_allclose(function(scores * 1000 + 5e5), found, rtol=1e-9)
    np.testing.assert_allclose(function(scores[..., ::-1, ::-1]), found, rtol=1e-9)
    np.testing.assert_array_equal(scores, kept)


def test_alpha_of_a_long_continuous_table_needs_no_matrix_of_values():
    generator = np.random.default_rng(2)
    scores = generator.normal(size=(3, 20_000))
    assert variation.krippendorff_alpha(scores, "ordinal") == pytest.approx(0, abs=0.02)
    assert variation.krippendorff_alpha(scores, "interval") == pytest.approx(0, abs=0.02)
    ranks = stats.rankdata(scores).reshape(scores.shape)
    assert variation.krippendorff_alpha(scores, "ordinal") == pytest.approx(variation.krippendorff_alpha(ranks))


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize(
    ("values", "says"),
    [([1, 2, 3], "raters, objects"), (np.zeros((2, 0)), "objects or more"), ([[1, np.inf], [1, 2]], "infinite"),
     ([["a", "b"]], "cannot be read")],
)  # fmt: skip
def test_tables_that_are_not_are_refused(function, values, says):
    with pytest.raises(BinomeError, match=says):
        function(values)


def test_levels_and_kinds_that_are_not_are_refused():
    with pytest.raises(BinomeError, match="interval, ordinal or nominal"):
        variation.krippendorff_alpha(KRIPPENDORFF, "ratio")
    with pytest.raises(BinomeError, match="give 2,1 or 2,k"):
        variation.icc(SHROUT, "3,1")
