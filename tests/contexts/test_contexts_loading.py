import gzip
import struct

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from binome import contexts
from binome.contexts import Pictures
from binome.contexts.images import fashion
from binome.contexts.images.pictures import ImageContext
from binome.contexts.splitting import stratified
from binome.core import BinomeError, UnknownNameError
from binome.core.stimulus import Decision, Task
from binome.testing import check_context


def test_digits_are_scikit_learns_every_one_once():
    context = contexts.load("digits")
    ours = torch.cat([context.split(name).inputs for name in ("train", "calibration", "test")]).flatten(1)
    theirs = np.rint(load_digits().data * 255 / 16) / 255
    assert sorted(map(tuple, ours.double().mul(255).round().int().tolist())) == sorted(
        map(tuple, np.rint(theirs * 255).astype(int).tolist())
    )


def test_digits_labels_stay_with_their_pictures():
    by_picture = {}
    for image, label in zip(load_digits().images, load_digits().target, strict=True):
        by_picture.setdefault(np.rint(image * 255 / 16).astype(np.uint8).tobytes(), set()).add(int(label))
    test = contexts.load("digits").split("test")
    for image, truth in zip(test.inputs, test.truths.tolist(), strict=True):
        pixels = np.rint(image[0].numpy() * 255).astype(np.uint8)
        assert truth in by_picture[pixels.tobytes()]


def test_splits_are_the_same_every_time_and_stratified():
    one, other = contexts.load("digits"), contexts.load("digits")
    totals = np.bincount(load_digits().target)
    for name, count in (("calibration", 200), ("test", 500)):
        assert torch.equal(one.split(name).inputs, other.split(name).inputs)
        shares = np.bincount(one.split(name).truths) / totals
        assert np.abs(shares - count / 1797).max() < 0.01


def test_stratified_draws_the_same_share_of_every_class():
    labels = np.repeat([0, 1, 2], [100, 50, 10])
    chosen = stratified(labels, 32, np.random.default_rng(0))
    assert np.bincount(labels[chosen]).tolist() == [20, 10, 2]


def test_an_unknown_split_or_parameter_is_refused():
    context = contexts.load("digits")
    with pytest.raises(UnknownNameError, match="did you mean 'test'"):
        context.split("tests")
    with pytest.raises(BinomeError, match="no parameter 'roots'"):
        contexts.load("fashion", roots="/nowhere")


def colours(operator_view=None):
    """Two classes of 4 x 6 pictures in colour."""
    generator = np.random.default_rng(0)
    task = Task("colours", "Colours", "Which?", (Decision("a", "A"), Decision("b", "B")))
    labels = np.array([0, 1, 0, 1])
    splits = {
        name: Pictures(generator.integers(0, 256, (4, 3, 4, 6), dtype=np.uint8), labels)
        for name in ("train", "calibration", "test")
    }
    return ImageContext(task, splits, mirrors=False, operator_view=operator_view)


def test_pictures_in_colour_keep_their_channels_and_size():
    context = colours({"blur": 0.5})
    check_context(context)
    picture = context.picture("train-00002")
    assert (picture.mode, picture.size) == ("RGB", (6, 4))
    plain = np.asarray(colours().picture("train-00002")).transpose(2, 0, 1) / np.float32(255)
    np.testing.assert_array_equal(plain, colours().split("train").inputs[2].numpy())


def test_a_context_of_somebody_else_is_loaded_by_name(monkeypatch):
    monkeypatch.setattr(contexts.registry, "_plugins", dict(contexts.registry._plugins))
    contexts.context("test_colours")(lambda: colours())
    assert "test_colours" in contexts.names()
    check_context(contexts.load("test_colours", operator_view={}, predictor_view=None))
    with pytest.raises(BinomeError, match="no parameter 'operator_view'"):
        contexts.load("test_colours", operator_view={"blur": 1.0})


def write_idx(path, array):
    data = b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()
    path.write_bytes(gzip.compress(data, 1) if path.suffix == ".gz" else data)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A small Fashion-MNIST: 60 and 10 items, whose first pixel is their index."""
    files = {split: (images, labels, count // 1000) for split, (images, labels, count) in fashion.FILES.items()}
    monkeypatch.setattr(fashion, "FILES", files)
    monkeypatch.setattr(fashion, "CALIBRATION", 10)
    monkeypatch.delenv(fashion.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(fashion, "DEBIAN", tmp_path / "debian")
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for images, labels, count in files.values():
        pixels = np.zeros((count, 28, 28), dtype=np.uint8)
        pixels[:, 0, 0] = np.arange(count)
        write_idx(raw / f"{images}.gz", pixels)
        write_idx(raw / f"{labels}.gz", (np.arange(count) % 10).astype(np.uint8))
    return raw


def test_torchvisions_cache_is_used_and_its_test_items_keep_their_order(folder):
    context = contexts.load("fashion", root=str(folder.parents[1]))
    test = context.split("test")
    assert (test.inputs[:, 0, 0, 0] * 255).round().int().tolist() == list(range(10))
    assert test.truths.tolist() == list(range(10))
    firsts = torch.cat([context.split(name).inputs[:, 0, 0, 0] for name in ("train", "calibration")]) * 255
    assert sorted(firsts.round().int().tolist()) == list(range(60))


def test_places_are_tried_in_the_order_that_is_documented(folder, tmp_path, monkeypatch):
    cache = folder.parents[1]
    assert fashion.find(str(cache)) == folder
    (tmp_path / "debian").symlink_to(folder)
    assert fashion.find(str(cache)) == tmp_path / "debian"
    (tmp_path / "named").symlink_to(folder)
    monkeypatch.setenv(fashion.FOLDER_VARIABLE, str(tmp_path / "named"))
    assert fashion.find(str(cache)) == tmp_path / "named"


def test_what_torchvision_downloads_is_read(folder, tmp_path, monkeypatch):
    def download(root, train, download):
        (tmp_path / "fresh" / "FashionMNIST").mkdir(parents=True)
        (tmp_path / "fresh" / "FashionMNIST" / "raw").symlink_to(folder)

    monkeypatch.setattr("torchvision.datasets.FashionMNIST", download)
    assert fashion.find(str(tmp_path / "fresh")) == tmp_path / "fresh" / "FashionMNIST" / "raw"
    assert len(contexts.load("fashion", root=str(tmp_path / "fresh")).split("train").ids) == 50


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: data[:-9], "cannot be read"),
        (lambda data: data[:20] + b"\xff" * 20 + data[40:], "cannot be read"),
        (lambda data: gzip.compress(gzip.decompress(data)[:-1]), "its header says 47040"),
        (
            lambda data: gzip.compress(b"\x00\x00\x08\x01" + struct.pack(">I", 2) + b"\x01\x02"),
            "expected 60 of 28 × 28",
        ),
    ],
    ids=["cut", "flipped", "short", "labels for images"],
)
def test_damaged_images_are_refused(folder, damage, says):
    path = folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BinomeError, match=says):
        contexts.load("fashion", root=str(folder.parents[1]))


def test_a_label_out_of_range_is_refused(folder):
    write_idx(folder / "t10k-labels-idx1-ubyte.gz", np.arange(1, 11, dtype=np.uint8))
    with pytest.raises(BinomeError, match="holds the label 10, expected 0 to 9"):
        contexts.load("fashion", root=str(folder.parents[1]))
