import hashlib
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_erosion, label

from binome import contexts
from binome.contexts.images import shapes
from binome.contexts.images.views import TRANSFORMATIONS
from binome.core import BinomeError
from binome.testing import check_context

SPLITS = ("train", "calibration", "test")


def load(**params):
    return contexts.load("shapes", **{"items": 200, **params})


@pytest.fixture(scope="module")
def context():
    return load()


@pytest.mark.parametrize(
    "params", [{}, {"size": 24, "objects": 3, "distractors": 4}, {"objects": 1, "distractors": 0, "noise": 0.0}]
)
def test_passes_the_check(params):
    check_context(load(**params))


def test_splits_are_shared_out_and_every_kind_comes_as_often(context):
    assert [len(context.split(name)) for name in SPLITS] == [160, 16, 24]
    assert context.input_shape == (3, 32, 32)
    for name in SPLITS:
        counts = np.bincount(context.split(name).truths, minlength=4)
        assert np.ptp(counts) <= 1
    assert len(contexts.load("shapes").split("test")) == 1_800


def test_words_are_there_in_both_languages(context):
    task = context.task
    texts = [task.title, task.question, *(decision.label for decision in task.decisions)]
    assert [set(text) for text in texts] == [{"en", "fr"}] * len(texts)
    assert len(task.decisions) == len(shapes.SHAPES)


def digest(context):
    found = hashlib.sha256()
    for name in SPLITS:
        split = context.split(name)
        for array in (split.inputs, split.truths, context.masks(split.ids), context.distractor_masks(split.ids)):
            found.update(array.numpy().tobytes())
    return found.hexdigest()


def test_the_seed_decides_every_byte(context):
    assert digest(load()) == digest(context)
    assert digest(load(seed=1)) != digest(context)


def test_bytes_are_the_same_on_every_machine(context):
    assert digest(context)[:16] == "c2728a5bcc90afea"


@pytest.mark.parametrize("name", SPLITS)
def test_an_item_stays_the_same_when_there_are_more(context, name):
    few, many = context.split(name), load(items=500).split(name)
    assert torch.equal(many.inputs[: len(few)], few.inputs)
    assert torch.equal(many.truths[: len(few)], few.truths)


def test_splits_have_different_pictures(context):
    test, train = (context.split(name).inputs.flatten(1) for name in ("test", "train"))
    assert torch.cdist(test, train).min() > 1


@pytest.fixture
def other_kinds(monkeypatch, context):
    """The same items, had each been of the next kind."""
    labels = shapes._labels
    monkeypatch.setattr(shapes, "_labels", lambda *args: (labels(*args) + 1) % 4)
    return load()


def test_nothing_but_the_masked_pixels_hangs_on_the_kind(context, other_kinds):
    one, other = context.split("train"), other_kinds.split("train")
    assert torch.equal((one.truths + 1) % 4, other.truths)
    either = context.masks(one.ids) | other_kinds.masks(one.ids)
    differs = (one.inputs != other.inputs).any(1)
    assert not (differs & ~either).any()
    assert differs.flatten(1).any(1).all()
    assert torch.equal(context.distractor_masks(one.ids), other_kinds.distractor_masks(one.ids))


def test_masks_are_the_pixels_that_were_painted():
    plain = load(noise=0.0, distractors=0, objects=1, size=64)
    split = plain.split("test")
    for index, item in enumerate(split.ids):
        picture, mask = split.inputs[index], plain.mask(item).numpy()
        ground = picture[:, 0, 0]  # no shape reaches the corner
        painted = (picture != ground[:, None, None]).any(0).numpy()
        assert not (painted & ~mask).any()
        assert painted.sum() >= 0.9 * mask.sum()  # all but the faintest edges
        inside = picture.numpy()[:, binary_erosion(mask, np.ones((3, 3)), iterations=2)]
        assert inside.shape[1] >= 1
        assert np.ptp(inside, axis=1).max() == 0
        assert abs(inside[:, 0] - ground.numpy()).max() > 0.2


def test_each_object_is_one_piece_of_the_declared_area():
    single = load(distractors=1, objects=1, size=64)
    ids = single.split("train").ids
    everywhere = np.ones((3, 3))
    for masks in (single.masks(ids), single.distractor_masks(ids)):
        assert all(label(mask, everywhere)[1] == 1 for mask in masks.numpy())
    radius = 64 * shapes.WIDEST / shapes.REACH
    areas = single.masks(ids).flatten(1).sum(1)
    assert areas.max() < math.pi * (radius + 0.5) ** 2 * 1.3
    assert areas.min() > math.pi * (shapes.SMALLEST * radius) ** 2


@pytest.mark.parametrize("params", [{}, {"objects": 3, "distractors": 4}])
def test_objects_do_not_touch_each_other_or_the_border(params):
    crowded = load(**params)
    ids = crowded.split("train").ids
    masks, beside = crowded.masks(ids), crowded.distractor_masks(ids)
    assert masks.dtype == beside.dtype == torch.bool
    assert not (masks & beside).any()
    assert masks.flatten(1).any(1).all()
    assert beside.flatten(1).any(1).all()
    scenes = shapes._scenes(shapes._Draws(3), np.arange(200) % 4, 32, 2, 6)
    reach = scenes.radii * shapes.REACH
    assert ((scenes.centres - reach[..., None] > 0) & (scenes.centres + reach[..., None] < 32)).all()
    for one in range(6):
        for other in range(one):
            apart = np.hypot(*(scenes.centres[:, one] - scenes.centres[:, other]).T)
            assert (apart >= reach[:, one] + reach[:, other] + 1 - 1e-9).all()


def test_without_distractors_their_masks_are_empty():
    assert not load(distractors=0).distractor_mask("test-00000").any()


def test_shapes_come_everywhere(context):
    covered = context.masks(context.split("train").ids).float().mean(0)
    assert covered[3:-3, 3:-3].min() > 0


def test_a_mask_is_the_callers_own(context):
    mask = context.mask("test-00003")
    mask[:] = True
    assert not context.mask("test-00003").all()


# Views: the mask is of what the predictor sees.


def test_the_mask_follows_a_crop(context):
    cropped, item = load(predictor_view={"crop": 0.5}), "test-00001"
    window = torch.zeros(32, 32, dtype=torch.bool)
    window[8:24, 8:24] = True
    assert torch.equal(cropped.mask(item), context.mask(item) & window)
    assert torch.equal(cropped.distractor_mask(item), context.distractor_mask(item) & window)


def test_the_mask_follows_an_occluding_square(context):
    occluded = load(predictor_view={"occlude": 0.5, "crop": 1})
    ids = context.split("test").ids
    # No colour of a picture is exactly the square's.
    visible = (occluded.split("test").inputs == context.split("test").inputs).all(1)
    assert (~visible).flatten(1).sum(1).tolist() == [256] * len(ids)
    assert torch.equal(occluded.masks(ids), context.masks(ids) & visible)


def test_the_mask_stays_under_a_blur_and_noise_and_whatever_the_operator_sees(context):
    ids = context.split("test").ids
    smeared = load(predictor_view={"blur": 1.0, "noise": 0.1}, operator_view={"crop": 0.3})
    assert torch.equal(smeared.masks(ids), context.masks(ids))


def test_every_view_is_known_to_hide_or_to_leave_pixels_in_place():
    assert set(TRANSFORMATIONS) == {*shapes.HIDING, "blur", "noise"}


def test_showing_an_item_draws_its_split_alone(monkeypatch):
    drawn, draw = [], shapes._draw
    monkeypatch.setattr(shapes, "_draw", lambda *args: drawn.append(args[1]) or draw(*args))
    fresh = load()
    assert drawn == []
    fresh.show("test-00000")
    fresh.mask("test-00001")
    assert fresh.input_shape == (3, 32, 32)
    assert drawn == [24]


@pytest.mark.parametrize("item", ["", "test", "test-00024", "test-0", "other-00000", "test-٠٠٠٠٠"])
@pytest.mark.parametrize("ask", ["mask", "distractor_mask"])
def test_an_item_that_does_not_exist_is_refused(context, item, ask):
    with pytest.raises(BinomeError, match="ids look like"):
        getattr(context, ask)(item)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"items": 99}, "shapes.items is 99; give a whole number from 100 to 100000"),
        ({"items": 200.0}, "shapes.items is 200.0"),
        ({"size": 16}, "shapes.size is 16; give a whole number from 24 to 224"),
        ({"objects": 0}, "shapes.objects is 0; give a whole number from 1 to 3"),
        ({"objects": True}, "shapes.objects is True"),
        ({"distractors": 5}, "shapes.distractors is 5; give a whole number from 0 to 4"),
        ({"seed": -1}, "shapes.seed is -1"),
        ({"noise": -0.1}, "shapes.noise is -0.1; give a number from 0 to 0.5"),
        ({"noise": float("nan")}, "shapes.noise is nan"),
        ({"noise": "much"}, "shapes.noise is 'much'"),
        ({"distractor": 1}, "did you mean 'distractors'"),
        ({"predictor_view": {"zoom": 2}}, "predictor_view has no transformation 'zoom'"),
    ],
)
def test_parameters_out_of_range_are_refused(params, says):
    with pytest.raises(BinomeError, match=says):
        load(**params)


# Forms: one area, so that nothing but the outline tells them apart.


@pytest.mark.parametrize("form", shapes.FORMS)
def test_every_form_has_the_area_of_a_disc_and_stays_within_reach(form):
    step = 0.0039
    axis = (np.arange(900) - 449.5) * step
    x, y = np.meshgrid(axis, axis)
    inside = form(x, y) < 0
    assert inside.sum() * step**2 == pytest.approx(math.pi, rel=5e-3)
    assert np.hypot(x, y)[inside].max() <= shapes.REACH + 1e-9
    # A mirrored form is the same form, turned.
    assert any(np.array_equal(inside, mirrored) for mirrored in (inside[:, ::-1], inside[::-1]))


@pytest.mark.parametrize(
    ("form", "corners"),
    [
        (shapes.square, [(math.sqrt(math.pi) / 2, math.sqrt(math.pi) / 2)]),
        (shapes.triangle, [(0, -shapes.REACH), (shapes.REACH * math.sqrt(3) / 2, shapes.REACH / 2)]),
        (shapes.cross, [(3 * math.sqrt(math.pi / 20), math.sqrt(math.pi / 20)), (math.sqrt(math.pi / 20),) * 2]),
        (shapes.ring, [(1.25, 0), (0, -0.75)]),
        (shapes.disc, [(0.6, 0.8)]),
    ],
)
def test_corners_are_on_the_outline(form, corners):
    for x, y in corners:
        assert form(np.array(x), np.array(y)) == pytest.approx(0, abs=1e-12)


place = st.floats(-2, 2)


@pytest.mark.parametrize("form", shapes.FORMS)
@settings(max_examples=50, deadline=None)
@given(a=st.tuples(place, place), b=st.tuples(place, place))
def test_a_distance_changes_no_faster_than_the_place(form, a, b):
    values = [float(form(np.array(x), np.array(y))) for x, y in (a, b)]
    assert abs(values[0] - values[1]) <= math.dist(a, b) + 1e-9
