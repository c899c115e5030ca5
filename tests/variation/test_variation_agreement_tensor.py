import itertools
import tracemalloc

import numpy as np
import pytest
import torch

from binome import variation
from binome.core import BinomeError, Spec
from binome.variation import tensor
from binome.variation.agreement import registry

SPECS = [
    Spec("agreement measure", "spearman", {"absolute": False}),
    Spec("agreement measure", "spearman", {"features": "top", "k": 3}),
    Spec("agreement measure", "spearman", {"features": [1, 4, 5]}),
    Spec("agreement measure", "pairwise_rank_agreement", {"features": "top"}),
    Spec("agreement measure", "feature_agreement", {"k": 2}),
]


def some_maps(methods=4, items=5, shape=(4, 5), seed=0, kind=np.float32):
    """With ties, zeros, a constant map, one of equal sizes and two that are the same."""
    generator = np.random.default_rng(seed)
    maps = generator.normal(size=(methods, items, *shape)).astype(kind).round(1)
    maps[1, 0] = 2
    maps[2, 1] = np.where(generator.random(shape) < 0.5, -1, 1)
    maps[3, 2] = maps[0, 2]
    return maps


def pair_by_pair(maps, measure, k=10, **params):
    return np.array([[variation.agreement(a, b, measure=measure, **{"k": k, **params}) for b in maps] for a in maps])


@pytest.mark.parametrize("measure", [*sorted(variation.agreements()), *SPECS], ids=str)
@pytest.mark.parametrize(("k", "kind"), [(3, np.float32), (20, np.float64)])
def test_equals_agreement_of_each_pair(measure, k, kind):
    maps = some_maps(kind=kind)
    found = variation.agreement_tensor(maps, [measure], k=k)
    name, params = (measure, {}) if isinstance(measure, str) else (measure.name, measure.params)
    expected = pair_by_pair(maps, name, **{"k": k, **params})
    assert found.values.shape == (1, 4, 4, 5)
    assert found.values.dtype == np.float64
    np.testing.assert_allclose(found.values[0], expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(found.values, found.values.transpose(0, 2, 1, 3))
    np.testing.assert_array_equal(found.undefined[0], np.isnan(expected).sum(-1))
    assert np.isnan(found.values[0, 1, :, 0]).all()


@pytest.mark.parametrize("methods", [1, 31, 67])
def test_many_methods_and_features_go_in_blocks(methods):
    maps = np.random.default_rng(1).normal(size=(methods, 2, 300))
    found = variation.agreement_tensor(maps, ["pearson", "feature_agreement"])
    np.testing.assert_allclose(
        found.values[0].transpose(2, 0, 1), [np.corrcoef(maps[:, item]).reshape(methods, methods) for item in (0, 1)]
    )
    top = np.argsort(-np.abs(maps), axis=2)[..., :10].tolist()
    shared = [[[len(set(x) & set(y)) / 10 for x, y in zip(a, b, strict=True)] for b in top] for a in top]
    np.testing.assert_array_equal(found.values[1], shared)


def test_a_plug_in_without_a_fast_form_works_too(monkeypatch):
    monkeypatch.setattr(registry, "_plugins", dict(registry._plugins))
    seen = []

    @variation.agreement_measure("same_sum", paper="none", higher="sums are alike")
    def same_sum(a, b):
        """1 less the difference of the sums."""
        seen.append((id(a), id(b)))
        return 1 - np.abs(a.values.sum(1) - b.values.sum(1))

    maps = some_maps()
    found = variation.agreement_tensor(maps, ["same_sum"], threads=1)
    np.testing.assert_allclose(found.values[0], pair_by_pair(maps, "same_sum"), rtol=1e-12)
    assert len({place for pair in seen[:10] for place in pair}) == 4  # one object a method, not one a pair


MEASURES = ["feature_agreement", "sign_agreement", "spearman", "pearson", "ssim"]


def test_chunks_threads_and_kinds_of_arrays_change_nothing(tmp_path, monkeypatch):
    maps = some_maps(items=9)
    names = ["ig", "lrp", "rise", "lime"]
    expected = variation.agreement_tensor(dict(zip(names, maps, strict=True)), MEASURES, k=3, threads=1)
    assert (expected.measures, expected.methods) == (tuple(MEASURES), tuple(names))
    np.save(tmp_path / "maps.npy", maps)
    monkeypatch.setattr(tensor, "CHUNK", 1)  # item by item
    kinds = {
        "array": maps,
        "lists": maps.tolist(),
        "tensors": [torch.tensor(values, requires_grad=True) for values in maps],
        "file": np.load(tmp_path / "maps.npy", mmap_mode="r"),
        "rows": [Rows(values) for values in maps],
    }
    for kind, given in kinds.items():
        found = variation.agreement_tensor(given, MEASURES, k=3, threads=2)
        np.testing.assert_array_equal(found.values, expected.values, err_msg=kind)
    changed = np.load(tmp_path / "maps.npy", mmap_mode="c")
    changed += 1
    variation.agreement_tensor(changed, ["pearson"], k=3)
    np.testing.assert_array_equal(changed, maps + 1)  # what is not in the file is not lost with its pages


class Rows:
    """Gives slices of rows, and nothing else."""

    def __init__(self, values):
        self._values, self.shape = values, values.shape

    def __getitem__(self, rows):
        assert isinstance(rows, slice)
        return self._values[rows]


def test_rows_in_the_order_asked_for():
    maps = some_maps()
    whole = variation.agreement_tensor(maps, MEASURES, k=3)
    some = variation.agreement_tensor(torch.tensor(maps), MEASURES, k=3, items=[3, 0, 3])
    np.testing.assert_array_equal(some.values, whole.values[..., [3, 0, 3]])


def test_average_leaves_out_what_is_undefined_and_counts_it(monkeypatch):
    maps = some_maps(items=6)
    maps[1] = 7  # never defined
    whole = variation.agreement_tensor(maps, MEASURES, k=3)
    monkeypatch.setattr(tensor, "CHUNK", 1)
    found = variation.agreement_tensor(maps, MEASURES, k=3, average=True)
    defined = ~np.isnan(whole.values)
    for place in itertools.product(range(len(MEASURES)), range(4), range(4)):
        values = whole.values[place][defined[place]]
        assert found.values[place] == pytest.approx(values.mean() if len(values) else np.nan, nan_ok=True)
    np.testing.assert_array_equal(found.undefined, (~defined).sum(-1))
    assert (found.undefined[:, 1] == 6).all()


def test_one_pair_and_the_table():
    maps = dict(zip("abcd", some_maps(), strict=True))
    found = variation.agreement_tensor(maps, ["pearson", "ssim"])
    np.testing.assert_array_equal(found.of("ssim", "a", "c"), variation.agreement(maps["a"], maps["c"], measure="ssim"))
    ids = [f"item {row}" for row in range(5)]
    table = found.table(ids)
    assert table.columns == ["a", "b", "measure", "item", "value"]
    assert len(table) == 2 * 6 * 5
    for a, b, measure, item, value in table.iter_rows():
        expected = variation.agreement(maps[a], maps[b], measure=measure)[ids.index(item)]
        assert value == (None if np.isnan(expected) else pytest.approx(expected, abs=1e-12))
    with pytest.raises(BinomeError, match="4 ids"):
        found.table(ids[:4])
    with pytest.raises(BinomeError, match="one for each item"):
        variation.agreement_tensor(maps, ["pearson"], average=True).table(ids)


def test_memory_stays_within_what_is_allowed(tmp_path):
    shape, allowed = (6, 40, 100, 100), 16 * 2**20
    maps = np.lib.format.open_memmap(tmp_path / "maps.npy", "w+", np.float32, shape)
    maps[:] = np.random.default_rng(0).normal(size=shape)
    measures = sorted(set(variation.agreements()) - {"pairwise_rank_agreement"})
    variation.agreement_tensor(maps[:, :1], measures, memory=allowed)  # what is made once, such as threads
    tracemalloc.start()
    variation.agreement_tensor(maps, measures, memory=allowed, threads=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < allowed < 8 * maps.size


@pytest.mark.parametrize(
    ("maps", "measures", "params", "says"),
    [
        ([[[1, 2]], [[1, 2, 3]]], ["pearson"], {}, r"maps 1 have shape \(1, 3\), maps 0 \(1, 2\)"),
        ([], ["pearson"], {}, "no maps"),
        ([[1, 2]], ["pearson"], {}, "at least one item"),
        ({"ig": [[1, float("nan")]]}, ["pearson"], {}, "item 0 of maps ig holds NaN"),
        ([[[1, 2]]], [], {}, "no measure"),
        ([[[1, 2]]], "pearson", {}, "list of names"),
        ([[[1, 2]]], ["pearsn"], {}, "did you mean 'pearson'"),
        ([[[1, 2]]], ["pearson", "pearson"], {}, "twice"),
        ([[[1, 2]]], [Spec("agreement measure", "pearson", {"kk": 1})], {}, "no parameter 'kk'"),
        ([[[1, 2]]], ["feature_agreement"], {}, "k is 10; give 1 to 2"),
        ([[[1, 2]]], ["pearson"], {"items": [1]}, "from 0 to 0"),
        ([[[1, 2]]], ["pearson"], {"items": []}, "from 0 to 0"),
        ([[[1, 2]]], ["pearson"], {"threads": 0}, "threads is 0"),
        (np.ones((40, 1, 999)), ["pearson"], {"memory": "1MiB"}, "allow more, or give fewer methods"),
    ],
)
def test_bad_input_is_refused(maps, measures, params, says):
    with pytest.raises(BinomeError, match=says):
        variation.agreement_tensor(maps, measures, **params)
