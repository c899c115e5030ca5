import numpy as np
import pytest

from binome import contexts
from binome.contexts.images.views import check_view, see
from binome.core import BinomeError


def blurred(image, sigma):
    """Gaussian blur written out: weights of a truncated Gaussian, the border repeated, no separability."""
    radius = int(4 * sigma + 0.5)
    offsets = np.arange(-radius, radius + 1)
    weights = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * sigma**2))
    weights /= weights.sum()
    padded = np.pad(image, radius, mode="edge")
    height, width = image.shape
    return np.array(
        [
            [(padded[y : y + 2 * radius + 1, x : x + 2 * radius + 1] * weights).sum() for x in range(width)]
            for y in range(height)
        ]
    )


@pytest.fixture
def image():
    return np.random.default_rng(0).random((2, 10, 7), dtype=np.float32)


def test_blur_against_a_direct_convolution_channel_by_channel(image):
    seen = see(image, {"blur": 1.2}, "a")
    for channel in range(2):
        np.testing.assert_allclose(seen[channel], blurred(image[channel].astype(float), 1.2), atol=1e-6)


@pytest.mark.parametrize(("keep", "rows", "columns"), [(1.0, 10, 7), (0.8, 8, 5), (0.5, 6, 3), (0.05, 2, 1)])
def test_crop_keeps_the_middle_and_something(image, keep, rows, columns):
    seen = see(image, {"crop": keep}, "a")
    kept = np.argwhere(seen[0] > 0)
    (top, left), (bottom, right) = kept.min(0), kept.max(0)
    assert (bottom - top + 1, right - left + 1) == (rows, columns)
    assert (top, left) == (9 - bottom, 6 - right)
    np.testing.assert_array_equal(
        seen[:, top : bottom + 1, left : right + 1], image[:, top : bottom + 1, left : right + 1]
    )


def test_occlusion_hides_one_square_at_a_place_that_depends_on_the_item(image):
    places = set()
    for item in "abcdefgh":
        hidden = see(image, {"occlude": 0.4}, item) != image
        ys, xs = np.nonzero(hidden[0])
        assert (np.ptp(ys) + 1, np.ptp(xs) + 1) == (4, 3)
        assert hidden.sum() == 2 * 4 * 3
        places.add((ys.min(), xs.min()))
    assert len(places) > 3


def test_noise_has_the_declared_deviation_and_stays_in_range():
    grey = np.full((1, 200, 200), 0.5, dtype=np.float32)
    mild = see(grey, {"noise": 0.05}, "a") - grey
    # Standard error of a standard deviation from 40,000 draws: 0.05 / sqrt(80,000) = 0.00018.
    assert mild.std() == pytest.approx(0.05, abs=0.0008)
    assert abs(mild.mean()) < 0.001
    strong = see(grey, {"noise": 2.0}, "a")
    assert (strong.min(), strong.max()) == (0, 1)


def test_the_order_in_the_file_does_not_matter(image):
    one = see(image, {"noise": 0.1, "blur": 1.0, "crop": 0.7}, "a")
    other = see(image, {"crop": 0.7, "blur": 1.0, "noise": 0.1}, "a")
    np.testing.assert_array_equal(one, other)
    assert one.dtype == np.float32


@pytest.mark.parametrize(
    ("view", "says"),
    [
        ({"blur": -1}, "operator_view.blur is -1; give a number from"),
        ({"blur": float("nan")}, "blur is nan"),
        ({"noise": True}, "noise is True"),
        ({"crop": "half"}, "crop is 'half'"),
        ({"zzz": 1}, "no transformation 'zzz'; it takes: crop, occlude, blur, noise"),
    ],
)
def test_amounts_out_of_range_are_refused(view, says):
    with pytest.raises(BinomeError, match=says):
        check_view(view, "operator_view")


def test_both_views_of_an_item_come_from_the_same_pixels():
    context = contexts.load("digits")
    test = context.split("test")
    for index in (0, 17, 499):
        shown = np.asarray(context.picture(test.ids[index]), dtype=np.float32) / 255
        np.testing.assert_array_equal(shown, test.inputs[index, 0].numpy())


@pytest.mark.parametrize("item", ["", "test", "test-", "test-0", "test-500", "test-00500", "tests-00000", "test-٠٠٠٠٠"])
def test_an_item_that_does_not_exist_is_refused(item):
    with pytest.raises(BinomeError, match="ids look like 'test-00000'"):
        contexts.load("digits").picture(item)
