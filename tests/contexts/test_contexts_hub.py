import pickle
import sys
import types

import numpy as np
import pytest
from PIL import Image

from binome import contexts
from binome.core import BinomeError
from binome.testing import check_context


def cifar(root, count=60):
    """CIFAR-10's own files, small: torchvision's loader checks their hashes, which are put aside."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    draw = np.random.default_rng(0)

    def batch(name, number):
        data = {
            "data": draw.integers(0, 256, (number, 3072), dtype=np.uint8),
            "labels": [place % 10 for place in range(number)],
        }
        (folder / name).write_bytes(pickle.dumps(data))

    for part in range(1, 6):
        batch(f"data_batch_{part}", count)
    batch("test_batch", 20)
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": names}))


def test_a_data_set_of_torchvision_that_is_there(tmp_path, monkeypatch):
    from torchvision.datasets import CIFAR10

    cifar(tmp_path)
    monkeypatch.setattr(CIFAR10, "_check_integrity", lambda self: True)
    monkeypatch.setattr("torchvision.datasets.cifar.check_integrity", lambda *given: True)
    context = contexts.load(
        "torchvision:CIFAR10", root=str(tmp_path), labels={"cat": {"en": "Cat", "fr": "Chat"}}, operator_size=64
    )
    check_context(context)
    assert [len(context.split(name)) for name in ("train", "calibration", "test")] == [270, 30, 20]
    assert context.task.decisions[3].label == {"en": "Cat", "fr": "Chat"}
    first = CIFAR10(str(tmp_path), train=False)
    picture, label = first[0]
    test = context.split("test")
    np.testing.assert_array_equal(np.rint(test.inputs[0].numpy() * 255), np.asarray(picture).transpose(2, 0, 1))
    assert int(test.truths[0]) == label
    assert context.picture(test.ids[0]).size == (64, 64)


def test_one_that_is_not_there_and_cannot_be_downloaded_says_what_to_do(tmp_path):
    with pytest.raises(BinomeError, match=r"CIFAR10 is not in .* cannot be downloaded .* copy its files"):
        contexts.load("torchvision:CIFAR10", root=str(tmp_path))
    with pytest.raises(BinomeError, match="did you mean 'CIFAR10'"):
        contexts.load("torchvision:CIFAR11", root=str(tmp_path))


class ClassLabel:
    """Named as Hugging Face names its kind of column; the mock below uses it."""

    names = ("cat", "dog")


@pytest.fixture
def mock_datasets(monkeypatch):
    """A mock of the package `datasets`: no data set host can be reached from here."""

    class Rows(list):
        """A list of rows with columns that are named."""

    rows = Rows({"picture": Image.new("RGB", (9, 9), (i, 2 * i, 0)), "kind": i % 2} for i in range(100))
    rows.features = {"picture": type("Image", (), {})(), "kind": ClassLabel()}
    module = types.ModuleType("datasets")

    def load_dataset(name, config=None):
        if name != "pets":
            raise ConnectionError("no network\nand more")
        return {"train": rows}

    module.load_dataset = load_dataset
    monkeypatch.setitem(sys.modules, "datasets", module)


def test_a_data_set_of_hugging_face_by_a_mock(mock_datasets):
    context = contexts.load("huggingface:pets", size=16)
    check_context(context)
    assert [decision.id for decision in context.task.decisions] == ["cat", "dog"]
    assert [len(context.split(name)) for name in ("train", "calibration", "test")] == [72, 8, 20]


def test_one_that_hugging_face_cannot_give(mock_datasets):
    with pytest.raises(BinomeError, match=r"'beans' cannot be had \(ConnectionError: no network\); fetch it once"):
        contexts.load("huggingface:beans")


def test_without_the_package_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(BinomeError, match=r"binome\[hub\]"):
        contexts.load("huggingface:beans")
