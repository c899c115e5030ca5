import gzip
import struct

import numpy as np
import pytest

from binome import contexts
from binome.contexts.images import fashion
from binome.contexts.images.views import see
from binome.core import BinomeError, UnknownNameError
from binome.testing import check_context


@pytest.fixture(scope="module")
def digits():
    return contexts.load("digits")


def test_digits_passes_the_check(digits):
    check_context(digits)
    assert digits.input_shape == (1, 8, 8)
    assert sum(len(digits.split(name).ids) for name in ("train", "calibration", "test")) == 1797


def test_views_differ_by_side():
    context = contexts.load("digits", operator_view={"blur": 1.0}, predictor_view={"crop": 0.5})
    plain = contexts.load("digits")
    item = context.split("test").ids[0]
    assert context.picture(item).tobytes() != plain.picture(item).tobytes()
    seen, whole = context.split("test").inputs[0, 0], plain.split("test").inputs[0, 0]
    assert (seen[2:6, 2:6] == whole[2:6, 2:6]).all()
    assert seen.sum() == seen[2:6, 2:6].sum()


def test_a_view_leaves_the_caller_alone_and_repeats_itself():
    image = np.random.default_rng(0).random((1, 8, 8), dtype=np.float32)
    kept = image.copy()
    view = {"noise": 0.1, "occlude": 0.5, "blur": 0.5}
    first = see(image, view, "a")
    np.testing.assert_array_equal(first, see(image, view, "a"))
    assert not np.array_equal(first, see(image, view, "b"))
    np.testing.assert_array_equal(image, kept)


@pytest.mark.parametrize(("view", "says"), [({"blurr": 1}, "did you mean 'blur'"), ({"crop": 2}, "from 0.05 to 1.0")])
def test_a_wrong_view_is_refused(view, says):
    with pytest.raises(BinomeError, match=says):
        contexts.load("digits", operator_view=view)


def test_an_unknown_context_names_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'digits'"):
        contexts.load("digit")


def write_idx(path, array):
    header = b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    data = header + array.tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def test_fashion_is_read_from_the_folder_that_is_named(tmp_path, monkeypatch):
    generator = np.random.default_rng(0)
    for images, labels, count in fashion.FILES.values():
        write_idx(tmp_path / f"{images}.gz", generator.integers(0, 256, (count, 28, 28), dtype=np.uint8))
        write_idx(tmp_path / labels, (np.arange(count) % 10).astype(np.uint8))
    monkeypatch.setenv(fashion.FOLDER_VARIABLE, str(tmp_path))
    context = contexts.load("fashion")
    sizes = [len(context.split(name).ids) for name in ("train", "calibration", "test")]
    assert sizes == [55_000, 5_000, 10_000]
    assert np.bincount(context.split("calibration").truths).tolist() == [500] * 10


def test_a_named_folder_that_lacks_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(fashion.FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(BinomeError, match="lacks train-images-idx3-ubyte"):
        fashion.find()


def test_nothing_found_says_what_was_tried(tmp_path, monkeypatch):
    def offline(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.delenv(fashion.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(fashion, "DEBIAN", tmp_path / "debian")
    monkeypatch.setattr("torchvision.datasets.FashionMNIST", offline)
    with pytest.raises(BinomeError, match="Install Debian's dataset-fashion-mnist") as caught:
        fashion.find(str(tmp_path))
    assert "no network" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x00\x00\x09\x01\x00\x00\x00\x01\x05", "not an idx file"),
        (b"\x00\x00\x08\x01\x00\x00\x00\x05\x05", "holds 1 bytes, its header says 5"),
        (b"\x00\x00\x08\x03\x00", "cut short"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, data, says):
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(BinomeError, match=says):
        fashion.read_idx(path)


@pytest.mark.slow
def test_real_fashion_passes_the_check():
    check_context(contexts.load("fashion"))
