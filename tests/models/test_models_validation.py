import numpy as np
import pytest
from case_files import CaseFiles
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score

from binome import contexts, models
from binome.core import BinomeError


def test_every_item_but_the_test_splits_is_held_out_once(monkeypatch):
    context, seen = CaseFiles(), []
    fit = models.validation.fit

    def recorded(part, *given, **settings):
        seen.append(
            {name: set(map(tuple, part.split(name).inputs.tolist())) for name in ("train", "calibration", "test")}
        )
        return fit(part, *given, **settings)

    monkeypatch.setattr(models.validation, "fit", recorded)
    found = models.cross_validate(context, "linear", folds=4)
    pool = {tuple(row) for name in ("train", "calibration") for row in context.split(name).inputs.tolist()}
    for part in seen:
        assert part["train"] | part["calibration"] | part["test"] == pool
        assert not part["train"] & part["test"]
        assert not part["train"] & part["calibration"]
        assert not part["calibration"] & part["test"]
    assert sum(len(part["test"]) for part in seen) == len(pool)
    assert [row["n"] for row in found["folds"]] == [288, 288, 287, 287]


def test_it_agrees_with_scikit_learns_cross_validation():
    context = CaseFiles()
    found = models.cross_validate(context, "linear", folds=5)
    inputs = np.concatenate([context.split(name).inputs.numpy() for name in ("train", "calibration")])
    truths = np.concatenate([context.split(name).truths.numpy() for name in ("train", "calibration")])
    columns = np.hstack([inputs[:, :4], np.eye(5)[inputs[:, 4].astype(int)], np.eye(3)[inputs[:, 5].astype(int)]])
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    theirs = cross_val_score(LogisticRegression(max_iter=1000), columns, truths, cv=folds)
    # Other folds, and calibration items left out of training: the means differ by the folds' own standard error.
    assert found["mean"]["accuracy"] == pytest.approx(theirs.mean(), abs=2 * theirs.std() / np.sqrt(5))
    values = [row["auroc"] for row in found["folds"]]
    assert found["mean"]["auroc"] == pytest.approx(np.mean(values))
    assert found["deviation"]["auroc"] == pytest.approx(np.std(values, ddof=1))


def test_estimates_are_validated_by_their_error():
    found = models.cross_validate(CaseFiles(classes=0), "linear", folds=3)
    assert set(found["mean"]) == {"accuracy", "error"}
    assert found["mean"]["error"] > 0


@pytest.mark.parametrize("folds", [1, 400])
def test_too_few_or_too_many_folds_are_refused(folds):
    with pytest.raises(BinomeError, match=r"give 2 to \d+, the items of the rarest class"):
        models.cross_validate(contexts.load("digits"), "linear", folds=folds)
