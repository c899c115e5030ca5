"""`shapes`: drawn scenes in which the pixels that decide are known, for metrics of localisation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch

from binome.contexts.context import SplitName, context
from binome.contexts.images.pictures import ImageContext, Pictures
from binome.contexts.images.views import see
from binome.core import BinomeError, derive_seed
from binome.core.stimulus import Decision, Task

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Distance = Callable[[Floats, Floats], Floats]
"""`f(x, y)`: distance from the outline of a form of radius 1, negative inside."""

TASK = Task(
    context="shapes",
    title={"en": "Recognising shapes", "fr": "Reconnaître des formes"},
    question={
        "en": "Which shape is it? Stars, bars and rings do not count.",
        "fr": "Quelle est la forme\u202f? Les étoiles, les barres et les anneaux ne comptent pas.",
    },
    decisions=(
        Decision("disc", {"en": "Disc", "fr": "Disque"}),
        Decision("square", {"en": "Square", "fr": "Carré"}),
        Decision("triangle", {"en": "Triangle", "fr": "Triangle"}),
        Decision("cross", {"en": "Cross", "fr": "Croix"}),
    ),
)
SHARES: Mapping[SplitName, float] = {"train": 0.8, "calibration": 0.08, "test": 0.12}
LEAST_ITEMS, MOST_ITEMS, LEAST_SIZE, MOST_SIZE, MOST_OBJECTS, MOST_DISTRACTORS = 100, 100_000, 24, 224, 3, 4
REACH = 2 * math.sqrt(math.pi / (3 * math.sqrt(3)))
"""How far the widest form, a triangle of the area of a disc of radius 1, reaches from its centre."""
FILLED, WIDEST, SMALLEST = 0.4, 0.22, 0.75
"""Share of the picture that objects may take with the room they need; their greatest reach as a share of its side;
the smallest object as a share of the largest."""
TILT = 0.3
"""Shapes turn by up to so many radians: a square stays a square, no lozenge."""
GROUND, TINT = (0.15, 0.35), 0.05
"""The background's grey, and how far each channel is off it."""
SATURATION, VALUE = (0.2, 0.7), (0.75, 1.0)
"""Of an object's colour: the mean of its channels is .4 or more, so that it is lighter than the background."""
BLOTCHES, MOST_NOISE = 6, 0.5
DRAWS, CHUNK = 32, 64
HIDING = ("crop", "occlude")
"""Views that hide pixels; the others leave every pixel where it is."""


@dataclass(frozen=True, kw_only=True)
class MarkedPictures(Pictures):
    """Pictures of which it is known which pixels decide.

    Attributes:
        masks: bool (n, H, W), the pixels that decide.
        distractors: bool (n, H, W), the pixels of what stands beside them and never decides.
    """

    masks: Bools
    distractors: Bools


class MarkedContext(ImageContext):
    """An image context that knows which pixels decide.

    Args:
        splits: the pictures of each split.
        options: as for `ImageContext`.
    """

    def __init__(self, task: Task, splits: Mapping[SplitName, MarkedPictures], **options: Any) -> None:
        super().__init__(task, splits, **options)
        self._marked = splits
        self._hidden = {key: self.predictor_view[key] for key in HIDING if key in self.predictor_view}

    @cached_property
    def input_shape(self) -> tuple[int, ...]:
        return tuple(self._marked["test"].pixels.shape[1:])

    def mask(self, item: str) -> torch.Tensor:
        """The pixels that decide, bool (h, w), as far as the predictor's view shows them.

        What a crop or an occluding square hides is left out, so that a mask may be empty. A blur smears an outline
        over the pixels beside it; the mask stays where the shape is.

        Raises:
            BinomeError: when there is no such item.
        """
        pictures, index = self._place(item)
        return self._seen(pictures.masks[index], item)

    def masks(self, items: Sequence[str]) -> torch.Tensor:
        """`mask` of each item, bool (n, h, w)."""
        return torch.stack([self.mask(item) for item in items])

    def distractor_mask(self, item: str) -> torch.Tensor:
        """The pixels of what never decides, bool (h, w); as for `mask`."""
        pictures, index = self._place(item)
        return self._seen(pictures.distractors[index], item)

    def distractor_masks(self, items: Sequence[str]) -> torch.Tensor:
        """`distractor_mask` of each item, bool (n, h, w)."""
        return torch.stack([self.distractor_mask(item) for item in items])

    def _place(self, item: str) -> tuple[MarkedPictures, int]:
        self._pixels(item)  # refuses what is no item
        split, _, index = item.rpartition("-")
        return self._marked[cast(SplitName, split)], int(index)

    def _seen(self, mask: Bools, item: str) -> torch.Tensor:
        # Through a view that hides, white becomes black where it is cropped and grey where it is occluded.
        white = np.ones((1, *mask.shape), np.float32)
        return torch.from_numpy(mask & (see(white, self._hidden, item)[0] == 1))


@context("shapes")
def shapes(
    items: int = 15_000,
    size: int = 32,
    objects: int = 3,
    distractors: int = 2,
    noise: float = 0.05,
    seed: int = 0,
    operator_view: Mapping[str, float] | None = None,
    predictor_view: Mapping[str, float] | None = None,
) -> MarkedContext:
    """Discs, squares, triangles or crosses among stars, bars and rings, drawn on a blotchy background.

    All shapes of a picture are of one kind, and their outline alone decides: kinds have the same area, and places,
    sizes, turns, colours, distractors and background are drawn without regard to the kind. Nothing overlaps, and what
    stands there is lighter than the background. An item stays the same when there are more items.

    Args:
        items: pictures of all splits together; 80 % train, 8 % calibrate, 12 % test.
        size: side in pixels.
        objects: shapes in each picture, 1 to 3.
        distractors: things in each picture that never decide, 0 to 4.
        noise: standard deviation of the background's blotches, and of the grain over all of the picture; white is 1.
        seed: of all that is drawn.

    Raises:
        BinomeError: for a number out of its range.
    """
    _check("items", items, LEAST_ITEMS, MOST_ITEMS)
    _check("size", size, LEAST_SIZE, MOST_SIZE)
    _check("objects", objects, 1, MOST_OBJECTS)
    _check("distractors", distractors, 0, MOST_DISTRACTORS)
    _check("seed", seed, 0, 2**63 - 1)
    if isinstance(noise, bool) or not isinstance(noise, int | float) or not 0 <= noise <= MOST_NOISE:
        raise BinomeError(f"shapes.noise is {noise!r}; give a number from 0 to {MOST_NOISE}")
    splits = _Splits(
        lambda name: _draw(
            _Draws(derive_seed(seed, "shapes", name)), round(items * SHARES[name]), size, objects, distractors, noise
        )
    )
    return MarkedContext(TASK, splits, mirrors=True, operator_view=operator_view, predictor_view=predictor_view)


class _Splits(Mapping[SplitName, MarkedPictures]):
    """Splits that are drawn when they are asked for; the training items, which are the most, come last."""

    def __init__(self, draw: Callable[[SplitName], MarkedPictures]) -> None:
        self._draw = cache(draw)

    def __getitem__(self, name: SplitName) -> MarkedPictures:
        if name not in SHARES:
            raise KeyError(name)
        return self._draw(name)

    def __iter__(self) -> Iterator[SplitName]:
        return iter(("test", "calibration", "train"))

    def __len__(self) -> int:
        return len(SHARES)


def _check(name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BinomeError(f"shapes.{name} is {value!r}; give a whole number from {low} to {high}")


# Forms: all have the area π and reach no further than REACH.


def disc(x: Floats, y: Floats) -> Floats:
    return np.asarray(np.sqrt(x**2 + y**2) - 1)


def square(x: Floats, y: Floats) -> Floats:
    return np.asarray(np.maximum(abs(x), abs(y)) - math.sqrt(math.pi) / 2)


def triangle(x: Floats, y: Floats) -> Floats:
    return np.maximum(y, (math.sqrt(3) * abs(x) - y) / 2) - REACH / 2


def cross(x: Floats, y: Floats) -> Floats:
    """Five squares: the middle and its four neighbours."""
    half, x, y = math.sqrt(math.pi / 20), abs(x), abs(y)
    return np.minimum(np.maximum(x - 3 * half, y - half), np.maximum(x - half, y - 3 * half))


def star(x: Floats, y: Floats) -> Floats:
    """Five points; one half of a point stands for all ten."""
    step, waist = math.pi / 5, 0.45
    outer = math.sqrt(math.pi / (5 * waist * math.sin(step)))
    angle = abs((np.arctan2(y, x) + step) % (2 * step) - step)
    radius = np.sqrt(x**2 + y**2)
    along, across = waist * outer * math.cos(step) - outer, waist * outer * math.sin(step)
    length = math.hypot(along, across)
    return np.asarray(((radius * np.cos(angle) - outer) * across - radius * np.sin(angle) * along) / length)


def bar(x: Floats, y: Floats) -> Floats:
    half = 1.45
    return np.maximum(abs(x) - half, abs(y) - math.pi / (4 * half))


def ring(x: Floats, y: Floats) -> Floats:
    return np.asarray(abs(np.sqrt(x**2 + y**2) - 1) - 1 / 4)


SHAPES: tuple[Distance, ...] = (disc, square, triangle, cross)
"""In the order of the task's decisions."""
DISTRACTORS: tuple[Distance, ...] = (star, bar, ring)
FORMS = SHAPES + DISTRACTORS


class _Draws:
    """A generator for each thing that is drawn, item after item: those of more items begin with those of fewer."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, what: str, *numbers: int) -> np.random.Generator:
        return np.random.default_rng(derive_seed(self._seed, what, *numbers))


@dataclass(frozen=True)
class _Scenes:
    """What stands where, in n pictures of m objects.

    Attributes:
        forms: int64 (n, m), places among `FORMS`.
        centres: (n, m, 2), x and y in pixels from the upper left corner.
        radii, turns: (n, m), in pixels and radians.
        colours: (n, m, 3).
    """

    forms: Ints
    centres: Floats
    radii: Floats
    turns: Floats
    colours: Floats

    def __getitem__(self, rows: slice) -> _Scenes:
        return _Scenes(
            self.forms[rows], self.centres[rows], self.radii[rows], self.turns[rows], self.colours[rows]
        )  # fmt: skip

    def windows(self, size: int) -> tuple[Ints, Ints]:
        """Rows (n, m, k, 1) and columns (n, m, 1, k) of pixels, outside which an object covers nothing."""
        side = min(size, math.ceil(2 * REACH * float(self.radii.max())) + 3)
        corners = np.rint(self.centres - side / 2).astype(np.int64).clip(0, size - side)
        steps = np.arange(side)
        return corners[..., 1, None, None] + steps[:, None], corners[..., 0, None, None] + steps

    def cover(self, rows: Ints, columns: Ints) -> Floats:
        """How much of each pixel an object covers, (n, m, k, k): 0 to 1 by the distance of its outline."""
        x = columns + 0.5 - self.centres[..., 0, None, None]
        y = rows + 0.5 - self.centres[..., 1, None, None]
        radii, cos, sin = (values[..., None, None] for values in (self.radii, np.cos(self.turns), np.sin(self.turns)))
        x, y = (x * cos + y * sin) / radii, (y * cos - x * sin) / radii
        # A corner is cut by the circle around it: distances from its sides alone would let it fade out too far.
        distance = np.sqrt(x**2 + y**2) - REACH
        for place, form in enumerate(FORMS):
            which = self.forms == place
            distance[which] = np.maximum(distance[which], form(x[which], y[which]))
        return np.asarray((0.5 - distance * radii).clip(0, 1))


def _draw(draws: _Draws, count: int, size: int, objects: int, distractors: int, noise: float) -> MarkedPictures:
    labels = _labels(draws.of("labels"), count)
    scenes = _scenes(draws, labels, size, objects, objects + distractors)
    pixels = np.empty((count, 3, size, size), np.uint8)
    masks, beside = np.zeros((2, count, size, size), bool)
    background = _Background(draws, size, noise)
    for first in range(0, count, CHUNK):
        chunk = slice(first, first + CHUNK)
        pixels[chunk] = background.under(scenes[chunk], masks[chunk], beside[chunk])
    return MarkedPictures(pixels, labels, masks=masks, distractors=beside)


class _Background:
    """Blotches of a sixth of the side, and grain; drawn picture after picture."""

    def __init__(self, draws: _Draws, size: int, noise: float) -> None:
        self._noise = noise
        self._ground, self._blotches, self._grain = (draws.of(what) for what in ("ground", "blotches", "grain"))
        places = np.linspace(0, BLOTCHES, size)[:, None]
        # Linear interpolation between the blotches' middles.
        self._spread = np.clip(1 - abs(places - np.arange(BLOTCHES + 1)), 0, None)

    def under(self, scenes: _Scenes, masks: Bools, beside: Bools) -> npt.NDArray[np.uint8]:
        """The next pictures, uint8 (n, 3, h, w), with scenes painted on them; their pixels are marked in the masks."""
        count = len(scenes.forms)
        draw = self._ground.random((count, 4))
        shade = GROUND[0] + (GROUND[1] - GROUND[0]) * draw[:, :1] + TINT * (2 * draw[:, 1:] - 1)
        knots = self._blotches.normal(0, self._noise, (count, BLOTCHES + 1, BLOTCHES + 1))
        picture = (self._spread @ knots @ self._spread.T)[..., None] + shade[:, None, None]
        _paint(picture, scenes, masks, beside)
        picture += self._grain.normal(0, self._noise, picture.shape)
        return np.asarray(np.rint(picture.clip(0, 1) * 255).transpose(0, 3, 1, 2), dtype=np.uint8)


def _paint(picture: Floats, scenes: _Scenes, masks: Bools, beside: Bools) -> None:
    """Lay the scenes' objects on pictures (n, h, w, 3), and mark their pixels in masks (n, h, w), all in place."""
    rows, columns = scenes.windows(picture.shape[1])
    cover = scenes.cover(rows, columns)
    item, thing, row, column = np.nonzero(cover)
    # No pixel comes twice, because objects stand apart.
    pixel = item, rows[item, thing, row, 0], columns[item, thing, 0, column]
    colour, share = scenes.colours[item, thing], cover[item, thing, row, column][:, None]
    picture[pixel] += share * (colour - picture[pixel])
    target = scenes.forms[item, thing] < len(SHAPES)
    masks[pixel], beside[pixel] = target, ~target


def _labels(generator: np.random.Generator, count: int) -> Ints:
    """All kinds in each run of four items, in random order."""
    runs = generator.random((-(-count // len(SHAPES)), len(SHAPES)))
    return runs.argsort(axis=1).ravel()[:count]


def _scenes(draws: _Draws, labels: Ints, size: int, objects: int, everything: int) -> _Scenes:
    shape = (len(labels), everything)
    widest = size * min(WIDEST, math.sqrt(FILLED / (math.pi * everything)))
    reach = widest * draws.of("sizes").uniform(SMALLEST, 1, shape)
    target = draws.of("roles").random(shape).argsort(1) < objects
    beside = len(SHAPES) + draws.of("distractors").integers(len(DISTRACTORS), size=shape)
    turns = draws.of("turns").uniform(-1, 1, shape)
    return _Scenes(
        forms=np.where(target, labels[:, None], beside),
        centres=_centres(draws, reach, size),
        radii=reach / REACH,
        turns=turns * np.where(target, TILT, math.pi),
        colours=_colours(draws.of("colours"), shape),
    )


def _centres(draws: _Draws, reach: Floats, size: int) -> Floats:
    """Centres (n, m, 2) such that no circle of that reach touches another or the border; a pixel is left for edges.

    Each object takes the first of its draws that fits; a picture in which one finds none starts anew.
    """
    centres = np.empty((*reach.shape, 2))
    for first in range(0, len(reach), CHUNK):
        pending, attempt = np.arange(first, min(first + CHUNK, len(reach))), 0
        while len(pending):
            # Drawn for the whole chunk: what a picture gets does not hang on which others are still to be done.
            draw = draws.of("places", first, attempt).random((CHUNK, reach.shape[1], DRAWS, 2))
            found, fits = _fit(draw[pending - first], reach[pending], size)
            centres[pending[fits]] = found[fits]
            pending, attempt = pending[~fits], attempt + 1
    return centres


def _fit(draw: Floats, reach: Floats, size: int) -> tuple[Floats, Bools]:
    """Of draws (n, m, draws, 2) in [0, 1), centres (n, m, 2), and in which pictures all objects fit."""
    margin = (reach + 0.5)[..., None, None]
    draw = margin + draw * (size - 2 * margin)
    centres, fits = np.empty((*reach.shape, 2)), np.ones(len(reach), bool)
    for place in range(reach.shape[1]):
        before = slice(0, place)
        gaps = draw[:, place, :, None] - centres[:, None, before]
        room = reach[:, place, None] + reach[:, before] + 1
        free = ((gaps**2).sum(-1) >= room[:, None] ** 2).all(-1)
        centres[:, place] = draw[np.arange(len(draw)), place, free.argmax(1)]
        fits &= free.any(1)
    return centres, fits


def _colours(generator: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Light colours (…, 3) of any hue: the formula of HSV for red, green and blue."""
    lows, highs = zip((0, 1), SATURATION, VALUE, strict=True)
    hue, saturation, value = np.moveaxis(generator.uniform(lows, highs, (*shape, 3)), -1, 0)[..., None]
    sector = (np.array([5, 3, 1]) + 6 * hue) % 6
    return np.asarray(value - value * saturation * np.clip(np.minimum(sector, 4 - sector), 0, 1))
