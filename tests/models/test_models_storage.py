import hashlib
import json

import pytest
import safetensors.torch
import torch

from binome import models
from binome.core import BinomeError
from binome.models.predictor import Predictor


@pytest.fixture
def predictor():
    torch.manual_seed(0)
    made = Predictor(
        models.build("vit_micro", models.Layout((3, 12, 8), 4)),
        architecture="vit_micro",
        decisions=("a", "b", "c", "d"),
        layout=models.Layout((3, 12, 8), 4),
        mean=torch.tensor([0.1, 0.2, 0.3]),
        deviation=torch.tensor([0.4, 0.5, 0.6]),
        training_record={"epochs": 1, "seed": 0},
    )
    made.temperature.fill_(1.7)
    return made.eval()


@pytest.fixture
def folder(predictor, tmp_path):
    models.save(predictor, tmp_path / "made")
    return tmp_path / "made"


def test_everything_comes_back(predictor, folder):
    loaded = models.load(folder)
    assert loaded.state_dict().keys() == predictor.state_dict().keys()
    for name, value in predictor.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[name]), name
    for name in ("architecture", "decisions", "input_shape", "training_record"):
        assert getattr(loaded, name) == getattr(predictor, name)
    inputs = torch.rand(5, 3, 12, 8)
    assert torch.equal(loaded.predict(inputs).probabilities, predictor.predict(inputs).probabilities)


def test_loading_leaves_the_callers_random_state(folder):
    before = torch.random.get_rng_state()
    models.load(folder)
    assert torch.equal(before, torch.random.get_rng_state())


def test_equal_predictors_give_equal_bytes(predictor, folder, tmp_path):
    models.save(models.load(folder), tmp_path / "again")
    for name in ("weights.safetensors", "predictor.json"):
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_one_changed_bit_is_noticed(folder):
    path = folder / "weights.safetensors"
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(bytes(data))
    safetensors.torch.load(bytes(data))  # which the format itself does not notice
    with pytest.raises(BinomeError, match="was changed after it was made"):
        models.load(folder)


@pytest.mark.parametrize("name", ["weights.safetensors", "predictor.json"])
def test_a_missing_file_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(BinomeError, match="no readable predictor"):
        models.load(folder)


def test_weights_that_are_no_safetensors_are_refused(folder):
    change(folder, weights_sha256=hashlib.sha256(b"pickle").hexdigest())
    (folder / "weights.safetensors").write_bytes(b"pickle")
    with pytest.raises(BinomeError, match="no readable predictor"):
        models.load(folder)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": 99}, "has format 99, this Binome reads 2"),
        ({"decisions": ["a", "b"]}, "does not fit vit_micro"),
        ({"decisions": None}, "no usable 'decisions'"),
        ({"architecture": "vit_makro"}, "unknown architecture 'vit_makro'"),
        ({"input_shape": [3, 24, 8]}, "does not fit vit_micro"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(folder, changes, says):
    change(folder, **changes)
    with pytest.raises(BinomeError, match=says):
        models.load(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}'])
def test_a_description_that_is_none_is_refused(folder, text):
    (folder / "predictor.json").write_text(text)
    with pytest.raises(BinomeError, match="train it again"):
        models.load(folder)


def change(folder, **changes):
    path = folder / "predictor.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
