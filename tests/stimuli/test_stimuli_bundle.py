import io

import numpy as np
import pytest
from PIL import Image

from binome import stimuli
from binome.contexts import Shown
from binome.core import ArtefactError, ArtefactStore, BinomeError, Recipe
from binome.core.stimulus import Decision, ExplanationCard, PredictorCard, Task, read_stimuli
from binome.stimuli.rendering import STOPS, enlarge, overlay, pad_alike, png

N = 5
PIXELS = np.random.default_rng(0).integers(0, 256, (N, 8, 8), dtype=np.uint8)
MAPS = np.random.default_rng(1).random((N, 8, 8), dtype=np.float32)


def build(folder, **changes):
    call = {
        "task": Task("digits", "t", "q?", (Decision("a", "A"), Decision("b", "B"))),
        "predictor": PredictorCard("vit_micro", 0.9, 0.8, 0.95, 100, 0.02),
        "roles": ["trial"] * 4 + ["practice"],
        "ids": [f"test-{i}" for i in range(N)],
        "truths": list("ababa"),
        "advice": list("abbba"),
        "confidence": [0.5, 0.6, 0.7, 0.8, 0.9],
        "show": lambda item: Shown(Image.fromarray(PIXELS[int(item[-1])])),
        "maps": {"ig": MAPS},
        "explanations": [ExplanationCard("ig", "integrated_gradients", "gradient", False, {"steps": 3})],
        "scores": {"ig": {"deletion": {"test-0": 0.25, "test-1": None}}},
        "seed": 3,
        **changes,
    }
    return stimuli.build(folder, **call)


def test_read_back_as_it_was_built_and_byte_for_byte_again(tmp_path):
    folders = [
        ArtefactStore(tmp_path / name).make(Recipe("stimuli", {}), lambda folder: build(folder) and None)
        for name in "xy"
    ]
    first, second = (sorted(p for p in folder.rglob("*") if p.is_file()) for folder in folders)
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    read = read_stimuli(folders[0])
    assert [item.role for item in read.items] == ["trial"] * 4 + ["practice"]
    assert read.items[0].scores == {"ig": {"deletion": 0.25}}
    assert read.items[1].scores == {"ig": {"deletion": None}}
    assert read.item(read.items[2].id).source == "test-2"


def test_a_changed_picture_is_found(tmp_path):
    folder = ArtefactStore(tmp_path).make(Recipe("stimuli", {}), lambda folder: build(folder) and None)
    picture = next((folder / "media").iterdir())
    picture.write_bytes(picture.read_bytes() + b"x")
    with pytest.raises(ArtefactError, match="was changed"):
        read_stimuli(folder)


def test_names_and_sizes_tell_nothing(tmp_path):
    built = build(tmp_path)
    assert {len(item.id) for item in built.items} == {13}
    assert not any(item.source in item.id for item in built.items)
    for files in ([item.image for item in built.items], [item.explanations["ig"] for item in built.items]):
        assert len({built.media(file).stat().st_size for file in files}) == 1


def test_padding_changes_no_pixel():
    pictures = [png(Image.fromarray(PIXELS[i])) for i in range(N)] + [png(Image.new("L", (8, 8)))]
    padded = pad_alike(pictures)
    assert len(set(map(len, pictures))) > 1
    assert len(set(map(len, padded))) == 1
    for before, after in zip(pictures, padded, strict=True):
        a, b = (Image.open(io.BytesIO(data)) for data in (before, after))
        a.load()
        b.load()
        assert a.tobytes() == b.tobytes()


def test_overlay_rises_in_colour_and_opacity():
    values = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (8, 1))
    row = np.asarray(overlay(values, (64, 8)))[4].astype(int)
    light = row[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert row[0, 3] == 0
    assert row[-1, 3] == 255
    assert (np.diff(row[:, 3]) >= 0).all()
    assert (np.diff(light) >= -1).all()
    assert (np.asarray(overlay(np.zeros((8, 8), np.float32), (8, 8)))[..., 3] == 0).all()
    with pytest.raises(BinomeError, match="0 or more"):
        overlay(-values, (64, 8))


def test_palette_is_matplotlibs_magma_evenly_in_lightness():
    from matplotlib import colormaps

    magma = (np.asarray(colormaps["magma"](np.linspace(0.2, 1, len(STOPS))))[:, :3] * 255).round()
    ours = np.array([[stop >> 16, stop >> 8 & 255, stop & 255] for stop in STOPS])
    assert np.abs(ours - magma).max() < 25


def test_pictures_are_enlarged_by_a_whole_factor():
    assert enlarge(Image.new("L", (28, 28)), 280).size == (280, 280)
    assert enlarge(Image.new("P", (8, 6)), 30).size == (24, 18)
    assert enlarge(Image.new("RGB", (500, 400)), 280).size == (500, 400)


def test_lists_of_other_lengths_are_refused(tmp_path):
    with pytest.raises(BinomeError, match="equally long"):
        build(tmp_path, truths=["a"])
