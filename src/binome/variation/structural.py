"""Structural similarity of two maps that are pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import correlate1d

from binome.core import BinomeError
from binome.variation.agreement import agreement_measure
from binome.variation.features import Features, Floats

WANG = "Wang, Bovik, Sheikh & Simoncelli 2004"
WINDOW, C1, C2 = 11, 0.01**2, 0.03**2


@dataclass(frozen=True)
class _Local:
    """What one map brings to every pair: maps (n, channels, height, width), scalars of an item (n, 1, 1, 1).

    A map is divided by its `scale` and has its `centre` taken away, so that squares neither leave the range of
    floating-point numbers nor lose a small contrast on a large level.
    """

    deviations: Floats
    means: Floats
    variances: Floats
    centre: Floats
    scale: Floats
    low: Floats
    high: Floats


@agreement_measure("ssim", paper=WANG, higher="maps have the same level, contrast and structure around each pixel")
def ssim(a: Features, b: Features, window: int | None = None, sigma: float = 1.5, span: float | None = None) -> Floats:
    """Structural similarity of maps (n, height, width) or (n, channels, height, width), averaged over the picture.

    Mean of (2μaμb + C1)(2σab + C2) / ((μa² + μb² + C1)(σa² + σb² + C2)) with C1 = (.01 L)², C2 = (.03 L)², over all
    places where the window lies within the map, and over channels. Signed values as they are: nothing is normalised.

    Args:
        window: odd side of the Gaussian window in pixels; None for 11, or the largest odd side that fits a smaller map.
        sigma: of the window, in pixels.
        span: L, how far apart values can be; None for the range of both maps of an item together.

    Raises:
        BinomeError: for maps that are no pictures, and a window or span that cannot be used.
    """
    weights = _weights(a, window, sigma)
    x, y = (_local_once(maps, weights, sigma) for maps in (a, b))
    if span is not None and not span > 0:
        raise BinomeError(f"span is {span}; give a number above 0, or None for the range of both maps")
    reach = np.maximum(x.high, y.high) - np.minimum(x.low, y.low) if span is None else span
    with np.errstate(divide="ignore", invalid="ignore"):  # a range of 0: both maps are constant
        of_x, of_y = x.scale / reach, y.scale / reach
        level_x, level_y = (x.means + x.centre) * of_x, (y.means + y.centre) * of_y
        shared = _blurred(x.deviations * y.deviations, weights) - x.means * y.means
        level = (2 * level_x * level_y + C1) / (level_x**2 + level_y**2 + C1)
        structure = (2 * shared * (of_x * of_y) + C2) / (x.variances * of_x**2 + y.variances * of_y**2 + C2)
    similarities: Floats = (level * structure).mean((1, 2, 3))
    return similarities


def _weights(maps: Features, window: int | None, sigma: float) -> Floats:
    if len(maps.shape) not in (2, 3):
        raise BinomeError(
            f"ssim compares maps (height, width) or (channels, height, width); these have shape {maps.shape}"
        )
    most = min(maps.shape[-2:])
    side = min(WINDOW, most - 1 + most % 2) if window is None else window
    if side < 3 or side % 2 == 0 or side > most:
        raise BinomeError(f"ssim's window is {side} pixels wide; give an odd number from 3 to the map's {most}")
    if not sigma > 0:
        raise BinomeError(f"sigma is {sigma}; give a number of pixels above 0")
    weights = np.exp(-0.5 * (np.arange(side) - side // 2) ** 2 / sigma**2)
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _local_once(maps: Features, weights: Floats, sigma: float) -> _Local:
    return maps.once(("ssim", len(weights), sigma), lambda: _local(maps, weights))


def _local(maps: Features, weights: Floats) -> _Local:
    count, *shape = len(maps.values), *maps.shape
    values = maps.values.reshape(count, -1, *shape[-2:])
    low, high = (side(values, axis=(1, 2, 3), keepdims=True) for side in (np.min, np.max))
    scale = np.maximum(np.abs(low), np.abs(high))
    scaled = values / np.where(scale > 0, scale, 1)
    centre = scaled.mean((1, 2, 3), keepdims=True)
    deviations = scaled - centre
    means = _blurred(deviations, weights)
    variances = np.maximum(_blurred(deviations**2, weights) - means**2, 0)
    return _Local(deviations, means, variances, centre, scale, low, high)


def _blurred(values: Floats, weights: Floats) -> Floats:
    """Weighted means of all windows within the picture."""
    edge = len(weights) // 2
    rows = correlate1d(values, weights, axis=2)[:, :, edge:-edge]
    return np.asarray(correlate1d(rows, weights, axis=3)[..., edge:-edge], dtype=np.float64)
