import pytest

from binome import contexts
from binome.contexts.images import photos
from binome.core import BinomeError
from binome.testing import check_context

needs_stamps = pytest.mark.skipif(not photos.DEBIAN.is_dir(), reason="apt install tuxpaint-stamps-default")


@needs_stamps
def test_photographs_of_six_classes_without_drawings(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    context = contexts.load("photos", size=32)
    check_context(context)
    assert [decision.id for decision in context.task.decisions] == sorted(photos.LABELS)
    assert sum(len(context.split(name)) for name in ("train", "calibration", "test")) > 250
    assert context.input_shape == (3, 32, 32)
    shown = context.picture(context.split("test").ids[0])
    assert shown.size == (224, 224)
    assert shown.getpixel((0, 0)) == (255, 255, 255)


def test_without_the_package_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv(photos.FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(BinomeError, match="apt install tuxpaint-stamps-default"):
        contexts.load("photos")
