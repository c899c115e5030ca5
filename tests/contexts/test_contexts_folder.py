import time

import numpy as np
import pytest
from PIL import Image

from binome import contexts
from binome.contexts.images import decoding, folder
from binome.core import BinomeError
from binome.testing import check_context


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def colour(name, number):
    base = {"red": (200, 30, 30), "green": (30, 180, 40), "blue": (20, 40, 210)}[name]
    return tuple(min(255, channel + number) for channel in base)


def fill(root, counts, size=(20, 10)):
    for name, count in counts.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            Image.new("RGB", size, colour(name, number)).save(root / name / f"{number:03d}.png")
    return root


@pytest.fixture
def photos(tmp_path):
    return fill(tmp_path / "paints", {"red": 12, "green": 8, "blue": 10})


def test_classes_are_folders_and_every_image_is_in_one_split(photos):
    context = contexts.load(photos, size=16)
    assert context.name == "paints"
    assert [decision.id for decision in context.task.decisions] == ["blue", "green", "red"]
    splits = {name: context.split(name) for name in ("train", "calibration", "test")}
    assert sum(map(len, splits.values())) == 30
    check_context(context)
    middle = np.concatenate([split.inputs[:, :, 8, 8].numpy() for split in splits.values()])
    truths = np.concatenate([split.truths.numpy() for split in splits.values()])
    for truth, name in enumerate(["blue", "green", "red"]):
        channel = {"red": 0, "green": 1, "blue": 2}[name]
        assert (middle[truths == truth].argmax(1) == channel).all()
    again = contexts.load(str(photos), size=16)
    assert again.split("test").ids == splits["test"].ids
    assert np.array_equal(again.split("test").inputs, splits["test"].inputs)


def test_nothing_of_a_picture_is_lost_by_padding_and_its_middle_is_kept_by_cropping(photos):
    padded, cropped = (contexts.load(photos, size=16, fit=fit).split("train").inputs[0] for fit in ("pad", "crop"))
    assert (padded[:, :3] == 1).all()  # white above a picture twice as wide as high
    assert (padded[:, 7:9].amax(0) < 1).all()
    assert (cropped.amax(0) < 1).all()


def test_the_operator_gets_the_same_picture_in_more_pixels_and_views_keep_their_size(photos):
    context = contexts.load(photos, size=16, operator_size=64)
    item = context.split("test").ids[0]
    large = np.asarray(context.picture(item)).transpose(2, 0, 1) / 255
    assert large.shape == (3, 64, 64)
    small = context.split("test").inputs[0].numpy()
    means = large.reshape(3, 16, 4, 16, 4).mean((2, 4))
    assert np.abs(means - small)[:, 6:10].max() < 0.02
    plain, blurred = (
        np.asarray(contexts.load(photos, size=16, operator_size=side, operator_view={"blur": 2.0}).picture(item))
        for side in (16, 64)
    )
    smaller = np.asarray(Image.fromarray(blurred).resize((16, 16), Image.Resampling.BOX)).astype(float)
    # A blur of 2 pixels of the predictor's is one of 8 of the operator's.
    assert np.abs(smaller - plain).max() < 30


def test_named_splits_are_kept_and_their_classes_must_agree(tmp_path):
    for split, count in (("train", 9), ("val", 3), ("test", 4)):
        fill(tmp_path / "set" / split, {"red": count, "blue": count})
    context = contexts.load(tmp_path / "set")
    assert [len(context.split(name)) for name in ("train", "calibration", "test")] == [18, 6, 8]
    fill(tmp_path / "set" / "test", {"green": 2})
    with pytest.raises(BinomeError, match=r"test has the class 'green', which .*val has not"):
        contexts.load(tmp_path / "set")


def test_a_note_is_for_the_operator_alone(photos):
    (photos / "notes.csv").write_text("file,en,fr\nred/000.png,Found in a shop,Trouvée en boutique\n", "utf-8")
    context = contexts.load(photos)
    notes = [context.show(item).note for name in ("train", "calibration", "test") for item in context.split(name).ids]
    assert [note for note in notes if note] == [{"en": "Found in a shop", "fr": "Trouvée en boutique"}]
    (photos / "notes.csv").write_text("file,en,fr\nred/999.png,Lost,\n", "utf-8")
    with pytest.raises(BinomeError, match=r"notes\.csv row 2: there is no file .*999\.png"):
        contexts.load(photos)


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "1"])
def test_modes_that_say_the_same_in_rgb_are_converted_over_white(tmp_path, mode):
    grey = Image.new("L", (10, 10), 255)
    grey.paste(0, (0, 0, 10, 5))
    picture = grey.convert("RGBA") if mode in ("LA", "RGBA") else grey.convert(mode)
    if mode in ("LA", "RGBA"):
        picture.putalpha(Image.new("L", (10, 10), 0))  # all transparent: all white
        picture = picture.convert(mode)
    picture.save(tmp_path / "x.png")
    small, _ = decoding.decode(tmp_path / "x.png", decoding.Shape(10, 10))
    assert small.shape == (3, 10, 10)
    assert small[:, 8].min() == 255
    assert small[:, 2].max() == (255 if mode in ("LA", "RGBA") else 0)


def broken(root):
    whole = (root / "red" / "000.png").read_bytes()
    (root / "red" / "000.png").write_bytes(whole[: len(whole) // 2])
    (root / "blue" / "001.png").write_text("no image")
    Image.new("I;16", (10, 10)).save(root / "green" / "002.png")


def test_images_that_cannot_be_used_are_all_named(photos):
    broken(photos)
    with pytest.raises(BinomeError) as caught:
        contexts.load(photos)
    said = str(caught.value)
    assert "3 images that cannot be used" in said
    assert "--skip-bad" in said
    for name in ("red/000.png", "blue/001.png", "green/002.png has the mode I;16; convert it"):
        assert name in said


def test_images_that_cannot_be_used_are_skipped_and_listed(photos):
    broken(photos)
    context = contexts.load(photos, skip_bad=True)
    assert sum(len(context.split(name)) for name in ("train", "calibration", "test")) == 27
    assert len(context.skipped) == 3
    assert "blue/001.png cannot be read as an image" in " ".join(context.skipped)


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ({"red": 5, "blue": 0}, "blue holds no image"),
        ({"red": 5}, "only the class 'red'"),
        ({"red": 5, "blue": 3}, "has 3 images of 'blue'; 4 are needed"),
        ({}, "has no folders"),
    ],
)
def test_folders_without_enough_are_refused(tmp_path, counts, says):
    root = fill(tmp_path / "few", counts)
    root.mkdir(exist_ok=True)
    with pytest.raises(BinomeError, match=says):
        contexts.load(root)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"size": 4}, "size is 4; give a whole number of pixels from 8"),
        ({"fit": "stretch"}, "fit is 'stretch'; give pad or crop"),
        ({"labels": {"pink": "Rose"}}, "labels names 'pink', which is no class"),
        ({"sizes": 3}, "did you mean 'size'"),
    ],
)
def test_parameters_that_cannot_be_used_are_refused(photos, params, says):
    with pytest.raises(BinomeError, match=says):
        contexts.load(photos, **params)


def test_pictures_are_decoded_once_and_again_when_a_file_changes(photos, monkeypatch):
    first = contexts.load(photos, size=16).split("train").inputs
    decoded = []
    monkeypatch.setattr(folder, "decode_all", lambda *given: decoded.append(1) or decoding.decode_all(*given))
    assert np.array_equal(contexts.load(photos, size=16).split("train").inputs, first)
    assert not decoded
    time.sleep(0.01)
    Image.new("RGB", (20, 10), (1, 2, 3)).save(photos / "red" / "000.png")
    contexts.load(photos, size=16)
    assert decoded == [1]
