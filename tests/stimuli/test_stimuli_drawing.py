"""Contours and regions against distances and searches written by hand."""

import numpy as np
import pytest
from PIL import Image

from binome.core import BinomeError
from binome.core.stimulus import Rendering
from binome.stimuli.contour import contour
from binome.stimuli.drawing import DRAWN, draw
from binome.stimuli.region import VEIL, chosen, regions

SIDE = 200
Y, X = np.mgrid[:SIDE, :SIDE]
RADIUS = np.hypot(Y - 99.5, X - 99.5)
CONE = np.clip(1 - RADIUS / 80, 0, None).astype(np.float32)
"""1 in the middle, 0 from 80 pixels on: what reaches a share s of the scale lies within 80 (1 − s · top)."""


def test_a_contour_runs_where_the_map_reaches_its_share():
    top = np.percentile(CONE, 99)
    for level in (0.3, 0.8):
        line = np.asarray(contour(CONE, (SIDE, SIDE), [level]))[..., 3] > 250
        radius = 80 * (1 - level * top)
        assert np.abs(RADIUS[line] - radius).max() < 5
        angles = np.unique(np.rint(np.degrees(np.arctan2(Y - 99.5, X - 99.5)[line]) / 10))
        assert len(angles) == 37  # all the way round


def test_lines_of_higher_levels_are_wider_and_lighter():
    low, high = (np.asarray(contour(CONE, (SIDE, SIDE), [level])) for level in (0.2, 0.9))
    colours = [picture[np.abs(RADIUS - 80 * (1 - level * np.percentile(CONE, 99))) < 0.5][:, :3].mean(0)
               for picture, level in ((low, 0.2), (high, 0.9))]  # fmt: skip
    assert colours[1].sum() > colours[0].sum()

    def width(picture):
        row = picture[100, 100:]
        return int((row[:, 3] > 128).sum())

    assert width(high) > width(low)


def test_outside_the_lines_nothing_is_drawn_and_nothing_along_the_edge():
    picture = np.asarray(contour(CONE, (SIDE, SIDE), [0.5]))
    assert not picture[RADIUS > 75, 3].any()
    full = np.asarray(contour(np.ones((4, 4), np.float32), (40, 40), [0.5]))
    assert not full.any()
    assert not np.asarray(contour(np.zeros((4, 4), np.float32), (40, 40), [0.5])).any()


def by_flood(weight, share, count):
    """The strongest pixels one by one, then parts by flooding from each, the heaviest kept."""
    cells = sorted((-weight[y, x], y, x) for y in range(weight.shape[0]) for x in range(weight.shape[1]))
    inside = {(y, x) for value, y, x in cells[: round(share * weight.size)] if value < 0}
    parts = []
    while waiting := set(inside).difference(*parts):
        part, edge = set(), [min(waiting)]
        while edge:
            y, x = edge.pop()
            if (y, x) in inside and (y, x) not in part:
                part.add((y, x))
                edge += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
        parts.append(part)
    parts.sort(key=lambda part: -sum(float(weight[cell]) for cell in part))
    return set().union(*parts[:count])


@pytest.mark.parametrize("count", [1, 2, 5])
def test_regions_are_the_heaviest_parts_of_the_strongest_pixels(count):
    weight = np.random.default_rng(count).random((12, 9)).astype(np.float32) ** 3
    found = chosen(weight, (9, 12), 0.3, count)
    assert {tuple(cell) for cell in np.argwhere(found)} == by_flood(weight, 0.3, count)


def test_without_a_number_all_of_the_share_is_clear_and_pixels_that_did_not_weigh_never_are():
    weight = np.random.default_rng(0).random((10, 10)).astype(np.float32)
    assert chosen(weight, (10, 10), 0.25).sum() == 25
    weight[weight < 0.9] = 0
    assert chosen(weight, (10, 10), 0.5).sum() == (weight > 0).sum() < 50


def test_the_rest_is_veiled_and_the_regions_are_outlined():
    picture = np.asarray(regions(CONE, (SIDE, SIDE), 0.05))
    inside = chosen(CONE, (SIDE, SIDE), 0.05)
    assert not picture[inside].any()
    assert (picture[0, 0] == VEIL).all()
    edge = RADIUS[inside].max()
    ring = picture[np.abs(RADIUS - edge - 1.5) < 0.3]
    assert (ring == 255).all(1).mean() > 0.9
    assert not np.asarray(regions(np.zeros((4, 4), np.float32), (8, 8), 0.5)).any()


@pytest.mark.parametrize("kind", DRAWN)
def test_every_kind_has_the_pictures_size_and_refuses_what_has_no_place_on_the_scale(kind):
    params = {"contour": {"levels": [0.5]}, "regions": {"share": 0.2}}.get(kind, {})
    rendering = Rendering(kind, {**params, "text": True})
    assert draw(CONE[:50, :40], (80, 100), rendering).size == (80, 100)
    for bad in (-CONE, np.full((4, 4), np.nan, np.float32)):
        with pytest.raises(BinomeError, match="0 or more"):
            draw(bad, (80, 80), rendering)


def test_the_map_by_itself_has_the_overlays_colours():
    alone = np.asarray(draw(CONE, (SIDE, SIDE), Rendering("side_by_side")))
    over = np.asarray(draw(CONE, (SIDE, SIDE), Rendering("overlay")))
    assert alone.shape == (SIDE, SIDE, 3)
    assert (alone == over[..., :3]).all()
    grey = np.asarray(Image.fromarray(alone).convert("L")).astype(int)
    along = grey[100, 100:180]
    assert (np.diff(along) <= 0).all()  # order survives greyscale print
