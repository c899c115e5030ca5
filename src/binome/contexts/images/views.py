"""Views: what one side sees of an image, declared in the study file.

A view is a mapping such as `{blur: 1.2, noise: 0.05}`; its transformations are applied in the order
crop, occlude, blur, noise, whatever the order in the file. Images are float arrays (…, H, W) in [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from binome.core import BinomeError, derive_seed, did_you_mean

Images = npt.NDArray[np.float32]


def crop(images: Images, keep: float, item: str) -> Images:
    """Keep the central fraction `keep` of each side, and one pixel at least; the rest is background (0)."""
    height, width = images.shape[-2:]
    top, left = (min(round(side * (1 - keep) / 2), (side - 1) // 2) for side in (height, width))
    seen = np.zeros_like(images)
    window = np.s_[..., top : height - top, left : width - left]
    seen[window] = images[window]
    return seen


def occlude(images: Images, share: float, item: str) -> Images:
    """Hide a square whose side is `share` of the image's, at a place drawn once for each item."""
    height, width = images.shape[-2:]
    side_y, side_x = round(height * share), round(width * share)
    place = np.random.default_rng(derive_seed(0, "occlude", item))
    top, left = place.integers(0, height - side_y + 1), place.integers(0, width - side_x + 1)
    seen = images.copy()
    seen[..., top : top + side_y, left : left + side_x] = 0.5
    return seen


def blur(images: Images, sigma: float, item: str) -> Images:
    """Gaussian blur of standard deviation `sigma` pixels."""
    sigmas = (0.0,) * (images.ndim - 2) + (sigma, sigma)
    return np.asarray(gaussian_filter(images, sigmas, mode="nearest"), dtype=np.float32)


def noise(images: Images, deviation: float, item: str) -> Images:
    """Add normal noise, drawn once for each item, and clip to [0, 1]."""
    draw = np.random.default_rng(derive_seed(0, "noise", item)).normal(0, deviation, images.shape)
    return np.clip(images + draw, 0, 1).astype(np.float32)


TRANSFORMATIONS: Mapping[str, tuple[Callable[[Images, float, str], Images], float, float]] = {
    "crop": (crop, 0.05, 1.0),
    "occlude": (occlude, 0.0, 1.0),
    "blur": (blur, 0.0, 100.0),
    "noise": (noise, 0.0, 10.0),
}
"""By name: the transformation, and the least and greatest amount that makes sense."""
IN_PIXELS = frozenset({"blur"})
"""Transformations whose amount is in pixels of the predictor's picture."""


def check_view(view: Mapping[str, Any], side: str) -> None:
    """Refuse a view that names no transformation of ours, or an amount out of its range.

    Raises:
        BinomeError: naming the key and its mend.
    """
    for key, amount in view.items():
        if key not in TRANSFORMATIONS:
            near = did_you_mean(key, TRANSFORMATIONS)
            hint = f"{near} " if near else ""
            raise BinomeError(f"{side} has no transformation {key!r}; {hint}it takes: {', '.join(TRANSFORMATIONS)}")
        _, low, high = TRANSFORMATIONS[key]
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not low <= amount <= high:
            raise BinomeError(f"{side}.{key} is {amount!r}; give a number from {low} to {high}")


def see(image: Images, view: Mapping[str, float], item: str) -> Images:
    """The image of `item` through a view; the caller's array stays as it is."""
    for key, (transform, _, _) in TRANSFORMATIONS.items():
        if key in view:
            image = transform(image, float(view[key]), item)
    return image
