import pytest
import torch
from case_files import CaseFiles

from binome import contexts, models
from binome.models.corruption import PICTURES, corrupt, corruptions


@pytest.mark.parametrize("name", PICTURES)
def test_a_corruption_is_seeded_in_range_stronger_by_severity_and_leaves_the_callers(name):
    context = contexts.load("digits")
    inputs = torch.nn.functional.interpolate(context.split("test").inputs[:40], (32, 32), mode="bicubic").clamp(0, 1)
    before = inputs.clone()
    changed = [corrupt(inputs, name, severity, context, seed=1) for severity in (1, 2, 3)]
    assert torch.equal(inputs, before)
    assert torch.equal(changed[0], corrupt(inputs, name, 1, context, seed=1))
    for values in changed:
        assert values.shape == inputs.shape
        assert float(values.min()) >= -1e-6
        assert float(values.max()) <= 1 + 1e-6
    distances = [float((values - inputs).abs().mean()) for values in changed]
    assert 0 < distances[0] < distances[1] < distances[2]


def test_values_are_forgotten_as_often_as_stated():
    context = CaseFiles()
    inputs = context.split("test").inputs + 10  # no value is typical by itself
    shares = [float((corrupt(inputs, "forget", severity, context, 0) == 0).float().mean()) for severity in (1, 2, 3)]
    assert shares == pytest.approx([0.1, 0.25, 0.5], abs=0.02)


def test_what_makes_no_sense_is_not_tried():
    assert set(corruptions(CaseFiles())) == {"forget"}
    rows = models.evaluate(models.fit(CaseFiles(), "linear"), CaseFiles(), resamples=0).as_dict()["robustness"]
    assert [(row["corruption"], row["severity"]) for row in rows] == [("none", 0), *(("forget", s) for s in (1, 2, 3))]
    assert rows[0]["accuracy"]["value"] > rows[3]["accuracy"]["value"]
