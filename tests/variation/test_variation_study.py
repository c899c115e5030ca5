"""`study` against `attribute` and `score` called cell by cell; what is kept is found again, and nothing else."""

import multiprocessing
import os
import signal

import numpy as np
import polars as pl
import pytest
import torch
from grid_example import METHODS, network, pictures, run
from polars.testing import assert_frame_equal

from binome import explain, variation
from binome.core import BinomeError, Spec
from binome.variation.sweep.cells import Cells
from binome.variation.sweep.grid import fingerprint


@pytest.fixture
def passes(monkeypatch):
    """Inputs that go through the example's networks."""
    seen = []
    forward = torch.nn.Sequential.forward
    monkeypatch.setattr(torch.nn.Sequential, "forward", lambda self, x: (seen.append(len(x)), forward(self, x))[1])
    return seen


def test_every_cell_is_what_attribute_and_score_give():
    found = run().scores
    assert found.height == 2 * 2 * (2 + 2 * 2 + 1) * 6 * 2
    ids = [f"item {place}" for place in range(6)]
    x = pictures(6)
    targets = network(0)(x).argmax(1)
    module = network(1)
    for method, setting, seed, params in [("ig", 1, None, {"steps": 4}), ("smooth", 0, 1, {"samples": 3})]:
        name = METHODS[method]["method"]
        maps = explain.attribute(module, x, targets, name, seed or 0, keys=ids, **params)
        chosen = found.filter(
            pl.col("training") == 1, pl.col("method") == method, pl.col("setting") == setting,
            pl.col("seed").eq_missing(seed), pl.col("noise") == 0,
        )  # fmt: skip
        for metric in ("deletion", "gini"):
            label = variation.label(metric)
            expected = variation.score(module, x, targets, maps, metric=metric, keys=ids)
            rows = chosen.filter(pl.col("metric") == label)
            assert rows["item"].to_list() == ids
            np.testing.assert_allclose(rows["value"].to_numpy(), expected, rtol=1e-5)


def test_what_draws_nothing_is_run_once_and_noise_is_not_of_the_clean_inputs():
    configurations = run().tables["configurations"]
    assert configurations.filter(pl.col("method") != "smooth")["seed"].is_null().all()
    assert configurations.filter(pl.col("method") == "smooth")["seed"].n_unique() == 2
    scores = run().scores.filter(pl.col("metric") == "gini", pl.col("method") == "edges", pl.col("training") == 0)
    clean, noisy = (scores.filter(pl.col("noise") == level)["value"].to_numpy() for level in (0, 0.1))
    assert (clean != noisy).all()


def test_reading_costs_no_pass_and_more_costs_itself_alone(tmp_path, passes):
    first = run(tmp_path)
    assert sum(passes) > 0
    passes.clear()
    again = run(tmp_path)
    assert sum(passes) == 0
    assert_frame_equal(first.scores, again.scores)
    for name, table in first.tables.items():
        assert_frame_equal(table, again.tables[name], check_exact=name != "choice")
    passes.clear()
    run(tmp_path, methods={**METHODS, "saliency": "saliency"}, metrics=["gini"])
    # Tried with two seeds on four items, and once on one before; then a pass a map, and the predictions. Nobody asked
    # for an estimate, so that metrics are not tried.
    assert sum(passes) == (1 + 4 + 4) + 2 * 2 * 6 * 2
    passes.clear()
    more = run(tmp_path, items=range(7), metrics=["gini"])
    one_item = sum(passes)
    passes.clear()
    run(tmp_path, items=[7], metrics=["gini"])
    assert one_item == sum(passes)
    kept = more.scores.filter(pl.col("item") != "item 6")
    expected = first.scores.filter(pl.col("metric") == "gini")
    assert_frame_equal(kept, expected, check_row_order=False)


def test_other_targets_are_other_cells_and_do_not_count_as_other_decisions(tmp_path):
    run(tmp_path, metrics=["gini"])
    found = run(tmp_path, metrics=["gini"], targets=[0] * 6, noise=[0.0], same_prediction=True)
    assert found.tables["items"]["target"].to_list() == [0] * 6
    decisions = [network(seed)(pictures(6)).argmax(1) for seed in (0, 1)]
    alike = (decisions[0] == decisions[1]).tolist()
    assert found.tables["items"]["included"].to_list() == alike


def test_a_metric_more_explains_nothing_again(tmp_path, passes, monkeypatch):
    run(tmp_path, metrics=["gini"])
    monkeypatch.setattr("binome.variation.sweep.unit.attribute", lambda *args, **kwargs: pytest.fail("explained again"))
    passes.clear()
    found = run(tmp_path, metrics=["gini", "tied_pixels"])
    assert found.scores.filter(pl.col("metric") == "tied_pixels").height == 2 * 2 * 7 * 6


def test_an_interrupted_run_goes_on_to_the_same_tables(tmp_path, monkeypatch):
    whole = run(tmp_path / "whole")
    from binome.variation.sweep import unit as units
    from binome.variation.sweep import workers

    original, left = units.run, [3]

    def failing(job, unit):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return original(job, unit)

    monkeypatch.setattr(workers, "run", failing)
    stops = 0
    while True:
        left[0] = 3
        try:
            found = run(tmp_path / "parts", items=range(6))
            break
        except KeyboardInterrupt:
            stops += 1
    assert stops
    assert_frame_equal(found.scores, whole.scores)
    for name, table in whole.tables.items():
        if name != "choice":  # it tells measured seconds
            assert_frame_equal(table, found.tables[name])


def _study(folder):
    torch.set_num_threads(1)
    run(folder, items=range(12))


@pytest.mark.parametrize("seed", [0, 1])
def test_a_run_that_is_killed_at_random_moments_gives_the_same_tables(tmp_path, seed):
    whole = run(tmp_path / "whole", items=range(12))
    chance = np.random.default_rng(seed)
    context = multiprocessing.get_context("fork")
    for _ in range(4):
        process = context.Process(target=_study, args=(tmp_path / "killed",))
        process.start()
        process.join(float(chance.uniform(0.1, 1.5)))
        if process.exitcode is None:
            os.kill(process.pid, signal.SIGKILL)
            process.join()
    found = run(tmp_path / "killed", items=range(12))
    assert_frame_equal(found.scores, whole.scores)
    assert_frame_equal(found.tables["components"], whole.tables["components"])


def test_two_processes_at_one_folder_are_refused(tmp_path):
    with Cells(tmp_path).owned(), pytest.raises(BinomeError, match="another process"):
        run(tmp_path)


def test_a_part_that_was_not_finished_is_not_read(tmp_path):
    first = run(tmp_path)
    (tmp_path / "scores" / ".half.part").write_bytes(b"PAR1 half a file")
    assert_frame_equal(run(tmp_path).scores, first.scores)
    assert not list((tmp_path / "scores").glob(".*"))


def test_many_parts_are_merged_and_keep_every_cell(tmp_path):
    cells = Cells(tmp_path)
    for place in range(70):
        cells.add("probes", pl.DataFrame({"key": [str(place)], "draws": [True]}))
    with cells.owned():
        pass
    assert len(list((tmp_path / "probes").glob("*.parquet"))) <= 32
    found = cells.read("probes")
    assert found is not None
    assert sorted(found["key"], key=int) == [str(place) for place in range(70)]


def test_a_changed_predictor_parameter_or_item_is_another_cell(tmp_path, passes):
    run(tmp_path)
    passes.clear()
    predictors = [variation.Trained(network(seed), "net", seed) for seed in (0, 2)]
    run(tmp_path, predictors=predictors)
    changed = sum(passes)
    assert changed > 100
    module = network(0)
    before = fingerprint(module)
    with torch.no_grad():
        next(module.parameters())[0, 0, 0, 0] += 1e-3
    assert fingerprint(module) != before
    smooth = network(0)
    smooth[1] = torch.nn.Tanh()  # the same weights, another function
    assert fingerprint(smooth) != before
    assert fingerprint(network(0)) == before


def test_fraction_keeps_every_pair_of_levels():
    found = run(fraction=2, methods={"smooth": {"method": "smooth_grad", "settings": [{"samples": 2}, {"samples": 3}]}})
    configurations = found.tables["configurations"]
    assert configurations.height == 8  # of 16
    for a, b in [("training", "setting"), ("training", "seed"), ("setting", "noise"), ("seed", "noise")]:
        assert configurations.group_by(a, b).len()["len"].to_list() == [2] * 4
    used = found.tables["components"].filter(pl.col("of") == "maps")["estimator"]
    assert used.unique().to_list() == ["reml"]


def test_the_budget_and_the_estimate(tmp_path):
    told = []
    with pytest.raises(
        BinomeError, match=r"over the budget of 0 s: .* about [1-9][0-9]* s with 1 worker, 1 MB on disk"
    ):
        run(tmp_path, budget="0s", on_estimate=told.append)
    assert told[0].missing == 2 * 2 * 7 * 6
    assert told[0].passes.forward > 0
    assert told[0].passes.backward > 0
    assert dict(told[0].dearest)
    run(tmp_path)
    told.clear()
    run(tmp_path, on_estimate=told.append)
    assert not told  # nothing is left to be estimated


def test_the_estimate_counts_the_passes_that_are_made(passes):
    told = []
    run(on_estimate=lambda found: (told.append(found), passes.clear()), metrics=["deletion"])
    predictions = 2 * 2 * 6
    assert told[0].passes.forward == pytest.approx(sum(passes) - predictions, rel=0.02)


def test_workers_give_the_same_tables_bit_for_bit():
    here, there = run(items=range(8)), run(items=range(8), workers=2)
    assert_frame_equal(here.scores, there.scores)
    for name, table in here.tables.items():
        if name != "choice":
            assert_frame_equal(table, there.tables[name])


def test_undefined_is_null_and_constant_maps_are_counted():
    found = run(methods={"blob": "centre_blob", "nothing": {"method": "centre_blob", "width": 1e9}})
    constant = found.scores.filter(pl.col("method") == "nothing", pl.col("metric") == "deletion (zero)")
    assert constant["value"].is_null().all()
    summary = found.tables["summary"].filter(pl.col("method") == "nothing", pl.col("metric") == "deletion (zero)")
    assert summary["undefined"].item() == summary["n"].item() == 6
    assert summary["value"].item() is None


def test_references_are_of_predictors_that_never_learnt_and_of_moved_pixels():
    found = run(references=3)
    assert set(found.tables["components"]["reference"]) == {"", "shuffled", "random_weights"}
    alike = found.tables["agreements"].filter(pl.col("facet") == "training")
    values = {row["reference"]: row["value"] for row in alike.iter_rows(named=True)}
    assert abs(values["shuffled"]) < 0.1
    assert set(values) == {"", "shuffled", "random_weights"}


def test_metrics_with_parameters_masks_and_methods_that_explain_again():
    masks = np.zeros((6, 8, 8), bool)
    masks[:, 2:6, 2:6] = True
    metrics = [
        Spec("metric", "deletion", {"imputer": "mean"}),
        Spec("metric", "deletion", {"imputer": "mixing", "donors": pictures(3)}),
        "pointing_game",
        Spec("metric", "max_sensitivity", {"draws": 2}),
    ]
    found = run(metrics=metrics, masks=masks, methods={"edges": "edges", "saliency": "saliency"})
    values = found.scores.group_by("metric").agg(pl.col("value").is_not_null().mean())
    assert dict(values.iter_rows())["pointing_game"] == 1
    assert "deletion (mean)" in values["metric"].to_list()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"methods": {}}, "no method is given"),
        ({"methods": {"a": "no_such_method"}}, "no_such_method"),
        ({"methods": {"a": {"method": "saliency", "stepz": 3}}}, "no parameter 'stepz'"),
        (
            {"methods": {"a": {"method": "integrated_gradients", "settings": [{"steps": 2}, {"steps": 2}]}}},
            "two settings",
        ),
        ({"methods": {"a": "other_item"}}, "must see all items"),
        ({"methods": {"a": "counterfactuals"}}, "gives counterfactuals"),
        ({"noise": [0.1, 0.1]}, "different standard deviations"),
        ({"noise": [-1]}, "different standard deviations"),
        ({"seeds": []}, "different whole numbers"),
        ({"fraction": 0}, "fraction is 0"),
        ({"budget": "soon"}, "budget is 'soon'"),
        ({"workers": 0}, "workers is 0"),
        ({"metrics": ["pointing_game"]}, "needs `masks`"),
        ({"predictors": []}, "give one or more"),
        ({"items": [0, 0]}, "give one each"),
    ],
)
def test_bad_input_is_refused(changes, says):
    with pytest.raises(BinomeError, match=says):
        run(**changes)


def test_a_method_that_fails_is_named_with_its_setting():
    class Detached(torch.nn.Module):
        def forward(self, x):
            return x.detach().flatten(1)[:, :3]

    with pytest.raises(BinomeError, match=r"method ig \(integrated_gradients\): .*logits have no gradient"):
        run(predictors=Detached(), methods={"ig": "integrated_gradients"})


def test_a_module_alone_and_one_method_give_sensible_tables():
    found = variation.study(network(0), pictures(3), methods={"ig": "saliency"}, references=0, resamples=20)
    assert found.components.filter(pl.col("of") == "maps").is_empty()  # nothing varies
    assert found.tables["choice"].height == 1
    assert found.tables["ranking"].is_empty()


def test_names_are_not_hidden_by_modules_of_the_same_name():
    for name in variation.__all__:
        assert callable(getattr(variation, name)), f"variation.{name} is a module"
