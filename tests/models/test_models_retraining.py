import pytest
import torch
from case_files import CaseFiles

from binome import models
from binome.core import BinomeError


def test_several_seeds_are_as_many_fits(tmp_path):
    context, settings = CaseFiles(), {"epochs": 2}
    found = models.fit_seeds(context, "mlp_micro", [3, 5], folder=tmp_path, **settings)
    assert len(found) == 2
    alone = models.fit(context, "mlp_micro", 5, **settings)
    inputs = context.split("test").inputs
    torch.testing.assert_close(found[1].logits(inputs), alone.logits(inputs))
    assert not torch.equal(found[0].logits(inputs), found[1].logits(inputs))
    table = found.answers()
    assert table.columns == ["seed", "item", "truth", "advice", "confidence", "right"]
    assert table.height == 2 * len(inputs)
    assert table.filter(seed=5)["advice"].to_list() == [f"d{i}" for i in alone.predict(inputs).decisions]
    assert found.predict() is found.predict()


def test_what_is_there_is_not_trained_again(tmp_path, monkeypatch):
    context, trained = CaseFiles(), []
    fit = models.retraining.fit
    monkeypatch.setattr(models.retraining, "fit", lambda *a, **k: trained.append(a[2]) or fit(*a, **k))
    for seeds in ([0, 1], [1, 2]):
        models.fit_seeds(context, "linear", seeds, folder=tmp_path)
    assert trained == [0, 1, 2]
    models.fit_seeds(CaseFiles(noise=0.4), "linear", [0], folder=tmp_path)
    assert trained == [0, 1, 2, 0]  # other items


def test_agreement_is_the_share_of_the_commonest_decision():
    context = CaseFiles(classes=3)
    found = models.fit_seeds(context, "mlp_micro", [0, 1, 2], epochs=1)
    decisions = torch.stack([model.predict(context.split("test").inputs).decisions for model in found])
    expected = [max(column.tolist().count(v) for v in column.tolist()) / 3 for column in decisions.T]
    assert found.agreement().tolist() == pytest.approx(expected)
    with pytest.raises(BinomeError, match="compares decisions"):
        models.fit_seeds(CaseFiles(classes=0), "linear", [0]).agreement()


@pytest.mark.parametrize("seeds", [[], [1, 1]])
def test_no_seed_or_one_twice_is_refused(seeds):
    with pytest.raises(BinomeError, match="give one or more different whole numbers"):
        models.fit_seeds(CaseFiles(), "linear", seeds)
